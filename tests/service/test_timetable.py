"""When a source is read again: over 34 changes of London's clock, after failures, and by the times of Ofsted."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from scraper.model import Source
from service.timetable import LONDON, longest_wait, next_due

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIMES = (time(9, 40), time(10, 20), time(12, 30), time(17, 0))
NIGHT_TIMES = (time(0, 30), time(1, 0), time(1, 30), time(2, 0))  # those that the changes repeat or leave out
NOW = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)


def source(name: str = "theshuttle", every: timedelta = HOUR) -> Source:
    return Source(id=name, name=name, url="https://news.example/news", parser="feed", every=every)


def clock_changes() -> list[datetime]:
    """Every moment from 2024 to 2040 at which London's offset changes."""
    found, at = [], datetime(2024, 1, 1, tzinfo=UTC)
    while at.year < 2041:
        if at.astimezone(LONDON).utcoffset() != (at + HOUR).astimezone(LONDON).utcoffset():
            found.append(at + HOUR)
        at += HOUR
    return found


CHANGES = clock_changes()


def runs(begin: datetime, end: datetime, every: timedelta, times: tuple[time, ...]) -> list[datetime]:
    """What a poller does that looks once a minute, each poll setting the next."""
    due, found, now = begin, [], begin
    one = source(every=every)
    while now < end:
        if now >= due:
            found.append(now)
            due = next_due(one, now, times=times)
        now += timedelta(minutes=1)
    return found


def test_there_are_34_changes() -> None:
    assert len(CHANGES) == 34


@pytest.mark.fault("T1")
@pytest.mark.fault("T2")
@pytest.mark.parametrize("change", CHANGES, ids=lambda one: f"{one:%Y-%m-%d}")
@pytest.mark.parametrize("times", [TIMES, NIGHT_TIMES], ids=["day", "night"])
def test_across_a_change_of_the_clock_each_due_poll_is_made_exactly_once(
    change: datetime, times: tuple[time, ...]
) -> None:
    begin, end = change - timedelta(days=2), change + timedelta(days=2)
    polled = runs(begin, end, 7 * DAY, times)[1:]
    wanted = []
    day = (begin - DAY).astimezone(LONDON).date()
    while day <= (end + DAY).astimezone(LONDON).date():
        wanted += [datetime.combine(day, at, LONDON).astimezone(UTC) for at in times if day.weekday() < 5]
        day += DAY
    assert polled == sorted(at for at in set(wanted) if begin < at < end)


@pytest.mark.fault("T1")
@pytest.mark.parametrize("change", CHANGES, ids=lambda one: f"{one:%Y-%m-%d}")
def test_an_hourly_source_is_read_as_often_on_the_night_of_a_change_as_on_any(change: datetime) -> None:
    polled = runs(change - 6 * HOUR, change + 6 * HOUR, HOUR, ())
    gaps = {after - before for before, after in pairwise(polled)}
    assert all(HOUR <= gap <= HOUR * 1.1 + timedelta(minutes=1) for gap in gaps)
    assert len(polled) in (11, 12)


@pytest.mark.fault("T6")
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "UTC"])
def test_the_machine_s_own_zone_changes_nothing(zone: str) -> None:
    from zoneinfo import ZoneInfo

    there = NOW.astimezone(ZoneInfo(zone))
    assert next_due(source(every=DAY), there, times=TIMES) == datetime(2026, 3, 11, 9, 40, tzinfo=UTC)


def test_on_friday_evening_the_next_time_is_monday_s() -> None:
    friday = datetime(2026, 3, 13, 17, 0, tzinfo=UTC)
    assert next_due(source(every=7 * DAY), friday, times=TIMES) == datetime(2026, 3, 16, 9, 40, tzinfo=UTC)


def test_failures_double_the_wait_to_a_day_and_never_give_up() -> None:
    waits = [next_due(source(), NOW, failures=n) - NOW for n in (1, 2, 3, 4, 5, 10, 1000)]
    assert 2 * HOUR <= waits[0] <= 2.2 * HOUR
    assert waits == sorted(waits)
    assert waits[-1] == waits[-2] == DAY


@pytest.mark.fault("H8")
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [(5 * HOUR, 5 * HOUR, 5 * HOUR), (3650 * DAY, DAY, DAY), (timedelta(), 2 * HOUR, 2.2 * HOUR)],
)
def test_retry_after_is_kept_where_it_asks_for_more_to_a_day(
    asked: timedelta, least: timedelta, most: timedelta
) -> None:
    assert least <= next_due(source(), NOW, failures=1, retry_after=asked) - NOW <= most


def test_sources_with_one_interval_do_not_come_due_together() -> None:
    assert len({next_due(source(f"news-{n}"), NOW) for n in range(100)}) > 90


def test_no_source_ever_waits_longer_than_the_longest_wait() -> None:
    slow = source(every=3 * DAY)
    waits = [next_due(slow, NOW, failures=n, retry_after=9 * DAY) - NOW for n in range(30)]
    assert max(waits) < longest_wait([slow, source()])
