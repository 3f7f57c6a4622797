"""Delivery by the service's clock, to real servers on loopback: outages, refusals, leases, and what is nobody's."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner

from inspections.model import Kind
from service.commands import cli
from service.deliver import LEASE, deliver_due
from service.telling.compose import compose
from service.telling.lost import lost_work, take_back
from tests.alerts.conftest import (  # noqa: F401
    PASSWORD,
    Postbox,
    Receiver,
    certificate,
    mail_server,
    postbox,
    receiver,
    scripted_server,
)
from tests.service.desk import SECRET, Desk

START = datetime(2025, 4, 22, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("HOOK", SECRET)
    return Desk(tmp_path / "config", START)


def hook_of(to: Receiver, path: str = "hook") -> str:
    url = to.url.replace("/hook?token=hidden-token", f"/{path}")
    return f'webhook = "{url}"\nsecret_env = "HOOK"\nallow_private = true'


@pytest.fixture
def mail(
    mail_server: Callable[..., object],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., str]:
    """Starts a mail server with STARTTLS and login, and gives the [smtp] table that reaches it."""

    def start(password: str = PASSWORD) -> str:
        smtp = mail_server().smtp  # type: ignore[attr-defined]
        monkeypatch.setenv("SMTP_PASSWORD", password)
        return (
            f'[smtp]\nhost = "127.0.0.1"\nport = {smtp.port}\nuser = "ada"\npassword_env = "SMTP_PASSWORD"\n'
            f'sender = "Ofsted Watch <watch@northbridge.example>"\nca_file = "{smtp.ca_file}"\n'
        )

    return start


def told_in(receiver: Receiver) -> list[tuple[str, list[str]]]:  # noqa: F811
    """Of every request, the key and the inspections that it tells of."""
    found = []
    for _, headers, body in receiver.requests:
        data = json.loads(body)["data"]
        items = data["items"] or [data]
        found.append((headers["webhook-id"], [one["inspection"]["id"] for one in items if one["inspection"]]))
    return found


def keys_by_inspection(told: list[tuple[str, list[str]]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, inspections in told:
        for one in inspections:
            found.setdefault(one, set()).add(key)
    return found


@pytest.mark.fault("M15")
@pytest.mark.fault("M17")
def test_a_day_without_one_channel_loses_nothing_repeats_nothing_and_delays_no_other(
    desk: Desk,
    receiver: Receiver,  # noqa: F811
    postbox: Postbox,  # noqa: F811
    mail: Callable[..., str],
) -> None:
    down, up = Receiver(), receiver
    desk.configure(mail())
    desk.subscribe("desk", hook_of(down), hook_of(up), 'email = "ada@readers.example"')
    down.answer(503)
    sent, known, moments = [], [], {}
    with desk.open():
        for _ in range(200):
            known += [event.inspection.id for event in desk.publish()]
            moments[known[-1]] = desk.now
            began = time.monotonic()
            sent += desk.deliver()
            assert time.monotonic() - began < 5
            desk.now += timedelta(minutes=7, seconds=12)
        refused = len(down.requests)
        assert refused < 40, "a channel that is down is asked by its schedule, not once an event"
        down.requests.clear()
        down.answer(204)
        sent += desk.run(desk.now + 20 * HOUR, 15 * MINUTE)
        late = [
            one.sent_at - moments[one.key.partition(".")[0]]
            for one in desk.watch.archive.messages(recipient=f"webhook:{up.url.replace('/hook?token=hidden-token', '/hook')}", limit=1000)
            if one.key.partition(".")[0] in moments and one.sent_at
        ]  # fmt: skip
        assert set(desk.states()) == {"sent"}
    assert len(late) == 200 and max(late) <= timedelta(seconds=5)
    back = keys_by_inspection(told_in(down))
    assert set(back) == set(known), "0 lost"
    assert all(len(keys) == 1 for keys in back.values()), "0 duplicates under another key"
    assert [one for _, told in told_in(down) for one in told][:1] == known[:1]
    order = [key for key, _ in told_in(down)]
    assert len(order) == len(set(order))
    firsts = [known.index(told[0]) for _, told in told_in(down)]
    assert firsts == sorted(firsts), "the order is kept"
    assert len(postbox.letters) == 200
    down.server.shutdown()
    down.server.server_close()


@pytest.mark.fault("M16")
def test_a_webhook_that_is_down_for_eighty_hours_and_one_command_that_sends_all_again(
    desk: Desk,
    receiver: Receiver,  # noqa: F811
) -> None:
    from click.testing import CliRunner

    from service.commands import cli

    desk.subscribe("desk", hook_of(receiver))
    receiver.answer(503)
    with desk.open():
        known = []
        for _ in range(200):
            known += [event.inspection.id for event in desk.publish(grade="inadequate")]
            desk.deliver()
        desk.run(START + 80 * HOUR, 10 * MINUTE)
        assert set(desk.states()) == {"dead"}
        dead = {row.key for row in desk.watch.archive.messages(limit=10_000)}
    receiver.requests.clear()
    receiver.answer(204)
    now = (desk.now + HOUR).isoformat()
    result = CliRunner().invoke(cli, ["alerts", "retry", "--all", "--config", str(desk.folder), "--now", now])
    assert result.exit_code == 0, result.output
    told = told_in(receiver)
    assert {key for key, _ in told} == dead and len(told) == len(dead)
    assert Counter(one for _, ids in told for one in ids) == Counter(known)


@pytest.mark.fault("M17")
def test_a_receiver_that_hangs_delays_neither_what_is_due_nor_what_becomes_due_meanwhile(
    desk: Desk,
    receiver: Receiver,  # noqa: F811
    scripted_server: Callable[..., int],  # noqa: F811
) -> None:
    over = threading.Event()
    port = scripted_server(lambda connection: over.wait(30))
    desk.configure('[delivery]\nwebhook_timeout = "3s"\n')
    desk.subscribe("slow", f'webhook = "http://127.0.0.1:{port}/x"\nsecret_env = "HOOK"\nallow_private = true',
                   rules='authorities = ["Leeds"]')  # fmt: skip
    desk.subscribe("quick", hook_of(receiver))
    with desk.open():
        desk.publish("Leeds")
        began, ended = time.monotonic(), []
        thread = threading.Thread(target=lambda: (desk.deliver(), ended.append(time.monotonic())))
        thread.start()
        try:
            _until(lambda: len(receiver.requests) == 1)
            first = time.monotonic() - began
            desk.publish("Hull")
            _until(lambda: len(receiver.requests) == 2)
            second = time.monotonic() - began
        finally:
            over.wait(0.01)
            thread.join(20)
            over.set()
        assert first < 1 and second < 2.9
        assert ended[0] - began >= 2.9, "the other was hanging all the while"
        assert desk.states() == {"sent": 2, "pending": 1}


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


@pytest.mark.fault("M1")
def test_sixty_alerts_due_while_the_mail_server_is_away_all_come_when_it_is_back(
    desk: Desk,
    postbox: Postbox,  # noqa: F811
    mail: Callable[..., str],
) -> None:
    table = mail()
    away = table.replace(f"port = {_port(table)}", "port = 1")
    readers = [f'email = "reader{n}@readers.example"' for n in range(60)]
    desk.configure(away)
    desk.subscribe("desk", *readers)
    with desk.open():
        desk.publish()
        assert {one.outcome for one in desk.deliver()} == {"failed"}
        desk.run(START + HOUR, 10 * MINUTE)
        assert desk.states() == {"pending": 60}
        before = {row.key for row in desk.watch.archive.messages(limit=1000)}
        desk.configure(table)
        desk.reload()
        desk.run(START + 6 * HOUR, HOUR)
        assert desk.states() == {"sent": 60}
        assert {row.key for row in desk.watch.archive.messages(limit=1000)} == before
    assert sorted(to for _, recipients, _ in postbox.letters for to in recipients) == sorted(
        f"reader{n}@readers.example" for n in range(60)
    )


def _port(table: str) -> str:
    return next(line.split(" = ")[1] for line in table.splitlines() if line.startswith("port"))


@pytest.mark.fault("M3")
def test_a_refused_login_is_tried_once_an_hour_for_all_and_nothing_dies(
    desk: Desk,
    postbox: Postbox,  # noqa: F811
    mail: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk.configure(mail("wrong"))
    desk.subscribe("desk", *(f'email = "reader{n}@readers.example"' for n in range(4)))
    with desk.open():
        desk.publish()
        desk.deliver()
        at_first = len(postbox.logins)
        desk.run(START + 1 * DAY, 20 * MINUTE)
        assert len(postbox.logins) - at_first <= 2 * 24, "one try an hour, of two ways to log in, however many wait"
        assert desk.states() == {"pending": 4}
        assert all(row.attempts == 0 for row in desk.watch.archive.messages())
        monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
        desk.reload()
        desk.run(desk.now + 2 * HOUR, 10 * MINUTE)
        assert desk.states() == {"sent": 4}


@pytest.mark.fault("M12")
def test_a_webhook_that_is_gone_waits_for_a_person_and_loses_nothing(desk: Desk, receiver: Receiver) -> None:  # noqa: F811
    desk.subscribe("desk", hook_of(receiver))
    receiver.answer(410)
    with desk.open():
        desk.publish()
        desk.deliver()
        desk.run(START + 10 * DAY, HOUR)
        assert len(receiver.requests) == 1 and desk.states() == {"pending": 1}
        (row,) = desk.watch.archive.messages()
        receiver.answer(204)
        desk.watch.archive.resume_recipient(row.recipient)
        desk.deliver()
        assert desk.states() == {"sent": 1}
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 1


@pytest.mark.fault("M20")
def test_a_storm_is_ten_single_messages_an_hour_and_the_rest_in_one(desk: Desk, receiver: Receiver) -> None:  # noqa: F811
    desk.subscribe("desk", hook_of(receiver))
    with desk.open():
        known = []
        for _ in range(60):
            known += [event.inspection.id for event in desk.publish()]
            desk.deliver()
            desk.now += timedelta(seconds=30)
        desk.run(START + 2 * HOUR, MINUTE)
    told = told_in(receiver)
    assert len(told) <= 12
    assert Counter(one for _, ids in told for one in ids) == Counter(known)


@pytest.mark.fault("K23")
@pytest.mark.fault("M20")
def test_three_hundred_events_at_once_are_one_message(desk: Desk, receiver: Receiver) -> None:  # noqa: F811
    desk.subscribe("desk", hook_of(receiver))
    with desk.open():
        known = [event.inspection.id for _ in range(300) for event in desk.publish()]
        desk.deliver()
    ((_, ids),) = told_in(receiver)
    assert Counter(ids) == Counter(known)


def test_the_worst_news_does_not_wait_in_a_storm(desk: Desk, receiver: Receiver) -> None:  # noqa: F811
    desk.subscribe("desk", hook_of(receiver))
    with desk.open():
        for _ in range(12):
            desk.publish()
            desk.deliver()
        before = len(receiver.requests)
        (event,) = desk.publish(grade="inadequate")
        desk.deliver()
    assert before == 10
    assert event.inspection.id in told_in(receiver)[-1][1]


@pytest.mark.fault("M25")
def test_what_was_being_sent_when_we_were_killed_is_sent_again_under_its_key_when_its_lease_is_over(
    desk: Desk,
    receiver: Receiver,  # noqa: F811
) -> None:
    desk.subscribe("desk", hook_of(receiver))
    with desk.open():
        desk.publish()
        receiver.answer(500)
        (failed,) = desk.deliver()
        desk.now += MINUTE
        taken = desk.watch.archive.claim_message(desk.now, desk.now + LEASE)
        assert taken is not None
        receiver.answer(204)
        assert desk.deliver() == [], "another may be sending it at this moment"
        desk.now += LEASE
        (sent,) = desk.deliver()
        assert sent.outcome == "sent" and sent.key == taken.key == failed.key


@pytest.mark.fault("M25")
def test_a_daemon_that_starts_takes_back_what_the_last_one_had_in_hand(desk: Desk, receiver: Receiver) -> None:  # noqa: F811
    desk.subscribe("desk", hook_of(receiver), hook_of(receiver, "other"))
    with desk.open():
        desk.publish()
        receiver.answers = [(204, {}, b""), (500, {}, b"")]
        desk.deliver()
        desk.now += MINUTE
        desk.publish()
        assert take_back(desk.watch, desk.now) == 0, "what waits by its schedule goes on waiting"
        receiver.answer(204)
        assert len(list(compose(desk.watch, desk.now))) > 0
        while desk.watch.archive.claim_message(desk.now, desk.now + LEASE):
            pass
        assert desk.deliver() == []
        assert take_back(desk.watch, desk.now) == 3
        assert {one.outcome for one in desk.deliver()} == {"sent"}
        assert desk.states() == {"sent": 4}


def test_a_poll_by_hand_takes_back_what_a_killed_one_had_in_hand(desk: Desk, receiver: Receiver) -> None:  # noqa: F811
    desk.subscribe("desk", hook_of(receiver))
    with desk.open():
        desk.publish()
        assert len(list(compose(desk.watch, desk.now))) == 1
        assert desk.watch.archive.claim_message(desk.now, desk.now + LEASE), "a sender that is killed now"
    done = CliRunner().invoke(cli, ["poll", "--config", str(desk.folder), "--now", f"{desk.now + MINUTE:%FT%TZ}"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("sent: ")


@pytest.mark.fault("M23")
def test_a_new_recipient_is_told_only_of_what_comes_after_them(desk: Desk, receiver: Receiver) -> None:  # noqa: F811
    desk.subscribe("first", hook_of(receiver, "first"))
    with desk.open():
        desk.publish()
        desk.deliver()
        assert lost_work(desk.watch, desk.now) == []
        desk.subscribe("second", hook_of(receiver, "second"))
        desk.now += HOUR
        desk.reload()
        assert lost_work(desk.watch, desk.now) == []
        desk.deliver()
        assert [path for path, _, _ in receiver.requests] == ["/first"]
        desk.now += HOUR
        (event,) = desk.publish()
        desk.deliver()
    assert sorted(path for path, _, _ in receiver.requests) == ["/first", "/first", "/second"]
    assert keys_by_inspection(told_in(receiver))[event.inspection.id] != set()


@pytest.mark.fault("M24")
def test_what_waits_for_a_recipient_whom_no_subscription_names_is_set_aside_with_its_reason(
    desk: Desk,
    receiver: Receiver,  # noqa: F811
) -> None:
    desk.subscribe("desk", hook_of(receiver))
    desk.subscribe("digest", hook_of(receiver, "daily"), rules='when = "daily"')
    receiver.answer(500)
    with desk.open():
        desk.publish()
        desk.deliver()
        desk.unsubscribe("desk")
        desk.unsubscribe("digest")
        desk.subscribe("other", "log = true")
        desk.reload()
        receiver.requests.clear()
        desk.run(START + 2 * DAY, HOUR)
        (row,) = desk.watch.archive.messages()
        assert row.state == "dropped" and "no subscription names this recipient" in (row.error or "")
        desk.subscribe("desk", hook_of(receiver))
        desk.subscribe("digest", hook_of(receiver, "daily"), rules='when = "daily"')
        desk.reload()
        receiver.answer(204)
        desk.run(START + 4 * DAY, HOUR)
        assert receiver.requests == [], "who comes back is not sent old news"


@pytest.mark.fault("M21")
@pytest.mark.fault("M22")
def test_the_first_reading_queues_nothing_and_is_no_lost_work(desk: Desk, receiver: Receiver) -> None:  # noqa: F811
    desk.subscribe("desk", hook_of(receiver))
    with desk.open():
        assert lost_work(desk.watch, desk.now) == []
        desk.now += HOUR
        for _ in range(5):
            desk.publish(baseline=True)
        assert lost_work(desk.watch, desk.now) == []
        assert desk.deliver() == [] and receiver.requests == []


def test_an_event_that_was_never_queued_is_found_told_once_and_said(desk: Desk, receiver: Receiver) -> None:  # noqa: F811
    desk.subscribe("desk", hook_of(receiver), rules='kinds = ["childrens_home"]')
    with desk.open():
        assert lost_work(desk.watch, desk.now) == []
        desk.now += HOUR
        desk.publish()
        (lost,) = desk.publish(queue=False)
        desk.publish(queue=False, kind=Kind.SCHOOL)
        (said,) = lost_work(desk.watch, desk.now)
        assert lost.inspection.id in said
        assert lost_work(desk.watch, desk.now) == []
        desk.deliver()
        assert lost_work(desk.watch, desk.now) == []
    assert lost.inspection.id in keys_by_inspection(told_in(receiver)) and len(told_in(receiver)) == 2


def test_events_that_are_held_or_dismissed_are_no_lost_work(desk: Desk, receiver: Receiver) -> None:  # noqa: F811
    desk.subscribe("desk", hook_of(receiver))
    with desk.open():
        assert lost_work(desk.watch, desk.now) == []
        desk.now += HOUR
        desk.watch.archive.watch([], desk.now)
        desk.publish(queue=False)
        with desk.watch.archive.writing():
            desk.watch.archive._write("UPDATE events SET held = 'a redesign'")
        assert lost_work(desk.watch, desk.now) == []
        desk.watch.archive.dismiss(None, now=desk.now)
        assert lost_work(desk.watch, desk.now) == []
        assert desk.deliver() == []


@pytest.mark.fault("M18")
def test_a_message_at_which_our_own_code_breaks_holds_up_no_other(
    desk: Desk,
    receiver: Receiver,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from alerts.transports import TRANSPORTS

    real = TRANSPORTS["webhook"]

    def breaks(worded: object, channel: object, settings: object) -> str:
        if "Home 1:" in worded.subject:  # type: ignore[attr-defined]
            raise KeyError("odd")
        return real(worded, channel, settings)  # type: ignore[arg-type]

    monkeypatch.setitem(TRANSPORTS, "webhook", breaks)
    desk.subscribe("desk", hook_of(receiver))
    with desk.open():
        desk.publish()
        desk.publish()
        assert Counter(one.outcome for one in desk.deliver()) == {"failed": 1, "sent": 1}
        desk.run(START + 5 * DAY, HOUR)
        assert desk.states() == {"dead": 1, "sent": 1}
        assert "KeyError" in desk.watch.archive.messages(state="dead")[0].error


@pytest.mark.fault("M6")
def test_each_recipient_has_an_envelope_of_their_own(
    desk: Desk,
    postbox: Postbox,  # noqa: F811
    mail: Callable[..., str],
) -> None:
    desk.configure(mail())
    desk.subscribe("desk", *(f'email = "r{n}@readers.example"' for n in range(5)))
    postbox.answers = {"RCPT r1@readers.example": ["450 later"], "RCPT r2@readers.example": ["550 unknown"]}
    with desk.open():
        desk.publish()
        outcomes = Counter(one.outcome for one in desk.deliver())
        assert outcomes == {"sent": 3, "failed": 1, "dead": 1}
        desk.run(START + HOUR, MINUTE)
        assert desk.states() == {"sent": 4, "dead": 1}
    assert sorted(recipients for _, recipients, _ in postbox.letters) == [
        [f"r{n}@readers.example"] for n in (0, 1, 3, 4)
    ]


def test_two_subscriptions_of_one_address_make_one_message_that_names_both(
    desk: Desk,
    postbox: Postbox,  # noqa: F811
    mail: Callable[..., str],
) -> None:
    desk.configure(mail())
    desk.subscribe("leeds", 'email = "ada@readers.example"', rules='authorities = ["Leeds"]')
    desk.subscribe("homes", 'email = "ada@readers.example"', rules='kinds = ["childrens_home"]')
    desk.subscribe("schools", 'email = "ada@readers.example"', rules='kinds = ["school"]')
    with desk.open():
        desk.publish("Leeds")
        desk.deliver()
    ((_, _, content),) = postbox.letters
    letter = message_from_bytes(content, policy=policy.default)
    text = " ".join(letter.get_body(("plain",)).get_content().split())
    assert "because of your subscription homes, leeds." in text or "because of your subscription leeds, homes." in text


def test_deliver_due_is_quiet_when_nothing_is_due(desk: Desk) -> None:
    desk.subscribe("desk", "log = true")
    with desk.open():
        assert deliver_due(desk.watch, desk.now) == []


def test_what_is_worded_goes_out_while_the_rest_is_being_worded(desk: Desk) -> None:
    worded: list[int] = []
    for n in range(12):
        desk.subscribe(f"desk-{n}", f'maildir = "{desk.folder.parent / f"post-{n}"}"')
    with desk.open():
        desk.publish()
        told = deliver_due(
            desk.watch, desk.now, report=lambda one: worded.append(len(desk.watch.archive.messages())), moment=0
        )
        assert desk.states() == {"sent": 12}
    assert len(told) == 12
    assert worded[0] < 12, "the first was sent only when all were worded"


def test_the_subscriptions_of_a_recipient_are_those_of_the_settings_now(desk: Desk) -> None:
    desk.subscribe("homes", "log = true", rules='kinds = ["childrens_home"]')
    desk.subscribe("both", "log = true")
    with desk.open():
        (recipient,) = desk.watch.channels
        assert [one.id for one in desk.watch.subscribed[recipient]] == ["both", "homes"]
        desk.unsubscribe("both")
        desk.reload()
        assert [one.id for one in desk.watch.subscribed[recipient]] == ["homes"]
