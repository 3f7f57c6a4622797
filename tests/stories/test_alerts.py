"""Digests, quiet hours, abolished councils: what a reader gets, by London's clock, over months."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from alerts.when import LONDON
from inspections.model import Certainty
from tests.service.desk import Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(text: str) -> datetime:
    """A time of London's clock, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "config", at("2025-04-22 10:00"))


def box(desk: Desk, name: str = "mail") -> str:
    return f'maildir = "{desk.folder / name}"'


def letters(desk: Desk, name: str = "mail") -> list[Any]:
    folder = desk.folder / name / "new"
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*"))]
    return sorted(found, key=lambda one: one["Date"].datetime)


def text(letter: Any) -> str:
    return " ".join(letter.get_body(("plain",)).get_content().split())


@pytest.mark.fault("T1")
@pytest.mark.fault("T2")
@pytest.mark.fault("T9")
@pytest.mark.parametrize("when", ["daily", "weekly"])
@pytest.mark.parametrize(
    ("first", "days"), [("2025-03-26", 12), ("2025-10-22", 12), ("2025-12-26", 14), ("2024-02-26", 6)]
)
@pytest.mark.parametrize("time", ["01:30", "07:30"])
def test_each_event_is_in_exactly_one_digest_over_changes_of_the_clock_and_the_years_end(
    desk: Desk, when: str, first: str, days: int, time: str
) -> None:
    desk.now = at(f"{first} 00:10")
    desk.subscribe("desk", box(desk), rules=f'when = "{when}"\nat = "{time}"\nweekday = "wednesday"')
    names = []
    with desk.open():
        for n in range(days * 6):
            names.append(f"House {n:03}")
            desk.publish(provider=names[-1])
            desk.run(desk.now + 4 * HOUR, HOUR)
        desk.run(desk.now + 8 * DAY, HOUR)
        due = {row.created_at for row in desk.watch.archive.messages(limit=1000)}
    digests = letters(desk)
    assert Counter(name for one in digests for name in names if f"{name}:" in text(one)) == Counter(names)
    local = [moment.astimezone(LONDON) for moment in due]
    assert len({day.date() for day in local}) == len(local) == len(digests), "never two on one day"
    if when == "weekly":
        assert {day.weekday() for day in local} == {2}


def test_what_was_told_at_once_stands_in_the_digest_as_one_line_and_never_as_news(desk: Desk) -> None:
    desk.subscribe("homes", box(desk), rules='when = "daily"\nat = "07:30"\nkinds = ["childrens_home"]')
    desk.subscribe("worst", box(desk), rules='grades = ["inadequate"]')
    with desk.open():
        desk.publish(provider="Bad House", grade="inadequate")
        desk.deliver()
        desk.publish(provider="Good House")
        desk.run(desk.now + DAY, HOUR)
    at_once, digest = letters(desk)
    assert "Bad House" in at_once["Subject"] and "Bad House" not in digest["Subject"]
    said, known = text(digest).split("ALREADY TOLD, OR NO CHANGE")
    assert "Good House" in said and "Bad House" not in said
    assert known.count("Bad House") == 1 and "Good House" not in known


def test_a_second_publication_that_confirms_is_a_line_of_the_next_digest(desk: Desk) -> None:
    desk.subscribe("homes", box(desk), rules='when = "daily"\nat = "07:30"')
    facts = {"provider": "Elm House", "urn": "SC900001"}
    with desk.open():
        desk.publish(certainty=Certainty.ANNOUNCED, **facts)
        desk.run(desk.now + DAY, HOUR)
        desk.publish(**facts, inspected_from=None, inspected_to=None)
        desk.publish(provider="Good House")
        desk.run(desk.now + DAY, HOUR)
    first, second = letters(desk)
    assert "Elm House" in first["Subject"]
    said, known = text(second).split("ALREADY TOLD, OR NO CHANGE")
    assert "Elm House" in known and "Elm House" not in said and "Good House" in said


def test_ten_reports_in_one_morning_are_one_message_a_reader(desk: Desk) -> None:
    desk.subscribe("one", box(desk, "one"))
    desk.subscribe("two", box(desk, "two"))
    with desk.open():
        for n in range(10):
            desk.publish(provider=f"House {n}")
        desk.deliver()
    for reader in ("one", "two"):
        (letter,) = letters(desk, reader)
        assert letter["Subject"].startswith("10 Ofsted outcomes")
        assert all(f"House {n}:" in text(letter) for n in range(10))


def test_quiet_hours_delay_delivery_and_never_recording_and_the_worst_news_passes(desk: Desk) -> None:
    desk.now = at("2025-10-25 23:00")  # a Saturday; the clock goes back in this night
    quiet = '[quiet]\nstart = "22:00"\nend = "07:00"\nweekends = true'
    desk.subscribe("desk", box(desk), rules=quiet)
    with desk.open():
        desk.publish(provider="Good House")
        desk.publish(provider="Bad House", grade="inadequate")
        assert len(desk.watch.archive.inspections()) == 2
        desk.deliver()
        assert [one["Subject"].split(":")[0] for one in letters(desk)] == ["Bad House"]
        desk.run(at("2025-10-27 06:00"), HOUR)
        assert len(letters(desk)) == 1
        desk.run(at("2025-10-27 07:00"), HOUR)
        assert len(letters(desk)) == 2


def test_patience_with_the_worst_news_is_kept_too(desk: Desk) -> None:
    desk.now = at("2025-04-22 23:00")
    rules = 'worst_news_at_once = false\n[quiet]\nstart = "22:00"\nend = "07:00"'
    desk.subscribe("desk", box(desk), rules=rules)
    with desk.open():
        desk.publish(grade="inadequate")
        desk.run(at("2025-04-23 06:00"), HOUR)
        assert letters(desk) == []
        desk.run(at("2025-04-23 07:00"), HOUR)
        assert len(letters(desk)) == 1


def test_a_subscription_to_an_abolished_council_goes_on_with_its_successors_and_says_so_once(desk: Desk) -> None:
    desk.subscribe("north", box(desk), rules='authorities = ["Cumbria"]')
    desk.subscribe("again", box(desk), rules='authorities = ["Cumbria", "Leeds"]')
    with desk.open():
        for _ in range(3):
            desk.deliver()
            desk.now += DAY
        (notice,) = letters(desk)
        assert "Cumbria is now" in notice["Subject"] and "Westmorland and Furness" in notice["Subject"]
        assert "because of your subscription" in text(notice) and "operator" not in text(notice).split("--")[-1]
        desk.publish("Westmorland and Furness", provider="Fell House")
        desk.deliver()
    with desk.open():
        desk.deliver()
        assert len(letters(desk)) == 2
        assert "Fell House" in letters(desk)[-1]["Subject"]
