from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from archive import Archive
from archive.outbox import recipient_mark
from inspections.model import Overrule, Publication

Make = Callable[..., Publication]
A, B = "email:a@example.org", "webhook:https://b.example/hook"
HOUR = timedelta(hours=1)


@pytest.fixture
def told_of(archive: Archive, report: Make, now: datetime) -> str:
    """The id of an inspection that is known."""
    (event,) = archive.record(report(), now=now, baseline=False)
    return event.inspection.id


def send(archive: Archive, recipient: str, now: datetime, facts: bytes = b'{"stage":"published"}') -> str:
    """Freeze what is open for the recipient as one message, and return its key."""
    rows = archive.open_rows(recipient, now)
    key = archive.next_key(recipient, rows[0].inspection.id)
    archive.freeze(key, recipient, b"the bytes", {row.inspection.id: facts for row in rows}, rows, now)
    return key


def test_a_pair_has_one_open_row_and_the_quickest_subscription_decides_when(
    archive: Archive, told_of: str, alert: Callable[..., object], now: datetime
) -> None:
    later = alert(inspection=told_of, due_at=now + 8 * HOUR, digest=True, subscription="daily", event="announced")
    archive.queue([later, alert(inspection=told_of, every_stage=True), later], now)
    (row,) = archive.open_rows(A, now)
    assert (row.due_at, row.digest, row.every_stage, row.subscription) == (now, False, True, "north")
    assert (row.events, row.told, row.inspection.id) == (("announced", "published"), None, told_of)


def test_nothing_is_due_before_its_time(
    archive: Archive, told_of: str, alert: Callable[..., object], now: datetime
) -> None:
    archive.queue([alert(inspection=told_of, due_at=now + HOUR), alert(inspection=told_of, recipient=B)], now)
    assert archive.due_recipients(now) == [B]
    assert archive.open_rows(A, now) == []
    assert archive.due_recipients(now + HOUR) == [B, A]


def test_facts_that_come_while_a_message_is_on_its_way_wait_and_make_the_next(
    archive: Archive, told_of: str, alert: Callable[..., object], now: datetime
) -> None:
    archive.queue([alert(inspection=told_of)], now)
    key = send(archive, A, now)
    archive.queue([alert(inspection=told_of, event="corrected")], now)
    assert archive.due_recipients(now) == []
    assert archive.open_rows(A, now) == []
    archive.claim_message(now, now + HOUR)
    archive.sent(key, now)
    (row,) = archive.open_rows(A, now)
    assert (row.events, row.told) == (("corrected",), b'{"stage":"published"}')
    assert archive.next_key(A, told_of) == f"{told_of}.2.{recipient_mark(A)}"


def test_keys_are_the_same_after_a_restart_and_never_used_twice(
    archive: Archive, told_of: str, alert: Callable[..., object], now: datetime
) -> None:
    archive.queue([alert(inspection=told_of)], now)
    rows = archive.open_rows(A, now)
    first = ""
    with suppress(LookupError), archive.writing():
        first = send(archive, A, now)
        raise LookupError
    assert archive.open_rows(A, now) == rows
    assert send(archive, A, now) == first == f"{told_of}.1.{recipient_mark(A)}"
    with pytest.raises(sqlite3.IntegrityError):
        archive.freeze(first, A, b"other bytes", {}, [], now)
    assert archive.next_key(B, told_of) == f"{told_of}.1.{recipient_mark(B)}"


@pytest.mark.fault("S2")
def test_a_message_is_claimed_once_and_again_with_the_same_bytes_when_its_sender_was_killed(
    archive: Archive, told_of: str, alert: Callable[..., object], now: datetime
) -> None:
    archive.queue([alert(inspection=told_of)], now)
    key = send(archive, A, now)
    first = archive.claim_message(now, now + HOUR)
    assert archive.claim_message(now, now + HOUR) is None
    again = archive.claim_message(now + HOUR, now + 2 * HOUR)
    assert first is not None
    assert again is not None
    assert (first.key, first.content, first.attempts) == (key, b"the bytes", 1)
    assert (again.key, again.content, again.attempts) == (key, b"the bytes", 2)


def test_what_was_told_is_written_when_it_is_accepted_and_not_before(
    archive: Archive, told_of: str, alert: Callable[..., object], now: datetime
) -> None:
    archive.queue([alert(inspection=told_of)], now)
    key = send(archive, A, now)
    archive.claim_message(now, now + HOUR)
    assert archive.told(A, told_of) is None
    archive.failed(key, now, "421 try later", now + HOUR)
    assert archive.told(A, told_of) is None
    archive.claim_message(now + HOUR, now + 2 * HOUR)
    archive.sent(key, now + HOUR)
    archive.sent(key, now + 2 * HOUR, {told_of: b'"never"'})
    assert archive.told(A, told_of) == b'{"stage":"published"}'
    assert [(one.n, one.error) for one in archive.attempts(key)] == [(1, "421 try later"), (2, None)]
    assert archive.claim_message(now + 9 * HOUR, now + 10 * HOUR) is None


def test_a_dead_message_waits_for_a_person_who_retries_or_drops_it(
    archive: Archive, told_of: str, alert: Callable[..., object], now: datetime
) -> None:
    archive.queue([alert(inspection=told_of)], now)
    key = send(archive, A, now)
    archive.claim_message(now, now + HOUR)
    archive.failed(key, now, "550 no such user", None)
    archive.queue([alert(inspection=told_of, event="corrected")], now)
    assert archive.status().dead == 1
    assert archive.due_recipients(now) == [A], "a dead message keeps nothing back"
    assert archive.retry(key, now)
    assert archive.due_recipients(now) == []
    claimed = archive.claim_message(now, now + HOUR)
    assert claimed is not None
    assert claimed.key == key
    archive.failed(key, now, "550 no such user", None)
    assert archive.drop(key, "moved away", now)
    assert not archive.retry(key, now)
    assert [(one.state, one.error) for one in archive.messages()] == [
        ("dropped", "dropped 2025-04-24T09:00:00.000Z: moved away")
    ]


def test_a_paused_recipient_waits_and_holds_up_nobody(
    archive: Archive, told_of: str, alert: Callable[..., object], now: datetime
) -> None:
    archive.queue([alert(inspection=told_of), alert(inspection=told_of, recipient=B)], now)
    send(archive, A, now)
    archive.pause_recipient(A, until=None, reason="535 login refused")
    archive.pause_recipient(B, until=now + HOUR, reason="429")
    assert archive.claim_message(now, now + HOUR) is None
    assert archive.due_recipients(now) == []
    assert archive.due_recipients(now + HOUR) == [B]
    assert archive.resume_recipient(A)
    assert archive.claim_message(now, now + HOUR, busy=[A]) is None
    assert archive.claim_message(now, now + HOUR) is not None


def test_rows_of_which_nothing_has_to_be_told_are_closed_with_the_reason(
    archive: Archive, told_of: str, alert: Callable[..., object], now: datetime
) -> None:
    archive.queue([alert(inspection=told_of)], now)
    archive.drop_rows(archive.open_rows(A, now), "nothing new to them")
    assert archive.due_recipients(now) == []
    assert archive.sql("SELECT state, reason FROM outbox").rows == (("dropped", "nothing new to them"),)


def test_what_was_told_of_merged_inspections_holds_for_the_survivor(
    archive: Archive, report: Make, article: Make, alert: Callable[..., object], now: datetime
) -> None:
    archive.record(report(), now=now, baseline=False)
    (event,) = archive.record(article(day="2025-08-01"), now=now, baseline=False)
    (survivor,) = [one.id for one in archive.inspections() if one.id != event.inspection.id]
    for id in (survivor, event.inspection.id):
        archive.queue([alert(inspection=id)], now)
        archive.claim_message(now, now + HOUR)
        archive.sent(send(archive, A, now, b'"of %s"' % id.encode()), now + (HOUR if id == survivor else 2 * HOUR))
    archive.queue([alert(inspection=survivor, recipient=B), alert(inspection=event.inspection.id, recipient=B)], now)
    archive.overrule(Overrule(kind="merge", claim=survivor, other=event.inspection.id), now=now)
    assert archive.told(A, survivor) == b'"of %s"' % event.inspection.id.encode(), "the later message counts"
    assert [row.inspection.id for row in archive.open_rows(B, now)] == [survivor]
    archive.queue([alert(inspection=event.inspection.id, recipient=B, event="held")], now)
    (row,) = archive.open_rows(B, now)
    assert row.events == ("published", "held"), "an old id queues for the survivor"


def test_a_message_of_the_service_itself_needs_no_inspection(archive: Archive, now: datetime) -> None:
    key = archive.next_key(A, "operator")
    archive.freeze(key, A, b"the disk is full", {}, [], now)
    claimed = archive.claim_message(now, now + HOUR)
    assert claimed is not None
    assert (claimed.key, claimed.content) == (key, b"the disk is full")
    assert archive.message(key) == claimed
