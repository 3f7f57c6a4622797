"""Digests, quiet hours and working days by London's clock, across both changes of it and the year's end."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import when
from alerts.model import Channel, DeliverySettings, QuietHours, Subscription

LOG = (Channel(kind="log", address=""),)


def at(text: str) -> datetime:
    """A time by London's clock, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=when.LONDON).astimezone(UTC)


def digest(**facts) -> Subscription:
    return Subscription(id="d", to=LOG, **{"when": "daily", **facts})


NIGHT = QuietHours(start=time(22), end=time(7))
WORKING_DAYS = QuietHours(start=time(18), end=time(8), weekends=True)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2025-04-23 07:29", "2025-04-23 07:30"),
        ("2025-04-23 07:30", "2025-04-24 07:30"),
        ("2025-03-29 12:00", "2025-03-30 07:30"),  # the clock goes forward in between
        ("2025-10-25 12:00", "2025-10-26 07:30"),  # and back
        ("2025-12-31 09:41", "2026-01-01 07:30"),
    ],
)
def test_a_daily_digest_goes_out_at_its_time_by_londons_clock(now, due):
    assert when.next_digest(digest(), at(now)) == at(due)


def test_a_digest_in_the_hour_that_is_skipped_goes_out_all_the_same():
    assert when.next_digest(digest(at=time(1, 30)), at("2025-03-29 12:00")) == datetime(2025, 3, 30, 1, 30, tzinfo=UTC)


def test_a_weekly_digest_goes_out_on_its_day():
    friday = digest(when="weekly", weekday=4)
    assert when.next_digest(friday, at("2025-12-31 12:00")) == at("2026-01-02 07:30")
    assert when.next_digest(friday, at("2026-01-02 07:30")) == at("2026-01-09 07:30")


@pytest.mark.parametrize("daily", [True, False])
def test_over_a_whole_year_every_hour_belongs_to_exactly_one_digest_and_none_waits_longer_than_its_period(daily):
    one = digest() if daily else digest(when="weekly")
    now, found = datetime(2025, 1, 1, tzinfo=UTC), set()
    for _ in range(365 * 24):
        due = when.next_digest(one, now)
        assert now < due <= now + timedelta(days=1 if daily else 7, hours=1)
        found.add(due)
        now += timedelta(hours=1)
    assert len(found) in ((365, 366) if daily else (52, 53))


@pytest.mark.parametrize(
    ("quiet", "now", "due"),
    [
        (NIGHT, "2025-04-23 21:59", "2025-04-23 21:59"),
        (NIGHT, "2025-04-23 22:00", "2025-04-24 07:00"),
        (NIGHT, "2025-04-24 06:59", "2025-04-24 07:00"),
        (NIGHT, "2025-03-29 23:00", "2025-03-30 07:00"),
        (NIGHT, "2025-10-25 23:00", "2025-10-26 07:00"),
        (WORKING_DAYS, "2025-04-25 17:59", "2025-04-25 17:59"),
        (WORKING_DAYS, "2025-04-25 18:00", "2025-04-28 08:00"),
        (WORKING_DAYS, "2025-04-26 12:00", "2025-04-28 08:00"),
        (QuietHours(start=time(12), end=time(13)), "2025-04-23 12:30", "2025-04-23 13:00"),
        (QuietHours(start=time(7), end=time(7)), "2025-04-23 07:00", "2025-04-23 07:00"),
        (QuietHours(start=time(7)), "2025-04-23 12:00", "2025-04-23 12:00"),
    ],
)
def test_quiet_hours_and_weekends_delay(quiet, now, due):
    assert when.after_quiet_hours(quiet, at(now)) == at(due)


times = st.times().map(lambda t: t.replace(microsecond=0, tzinfo=None))


@given(
    start=times, end=times, weekends=st.booleans(),
    now=st.integers(0, 800 * 24 * 60).map(lambda minutes: datetime(2024, 12, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
)  # fmt: skip
def test_what_is_delayed_is_never_early_never_more_than_four_days_late_and_then_not_quiet(start, end, weekends, now):
    quiet = QuietHours(start=start, end=end, weekends=weekends)
    due = when.after_quiet_hours(quiet, now)
    assert now <= due <= now + timedelta(days=4)
    assert when.after_quiet_hours(quiet, due) == due
    assert not (weekends and due.astimezone(when.LONDON).weekday() >= 5)


def test_the_worst_news_passes_quiet_hours_unless_told_otherwise():
    now, morning = at("2025-04-23 23:00"), at("2025-04-24 07:00")
    one = Subscription(id="s", to=LOG, quiet=NIGHT)
    assert when.due_at(one, now) == morning
    assert when.due_at(one, now, worst=True) == now
    patient = Subscription(id="s", to=LOG, quiet=NIGHT, worst_news_at_once=False)
    assert when.due_at(patient, now, worst=True) == morning


def test_a_digest_on_a_quiet_weekend_waits_for_monday():
    one = digest(quiet=QuietHours(weekends=True), at=time(7, 30))
    assert when.due_at(one, at("2025-04-25 12:00")) == at("2025-04-28 00:00")


def test_which_news_is_the_worst(invented):
    grades, one = invented.grades, invented.inspection
    assert when.is_worst_news(one(judgements=grades(overall="good", in_care="inadequate")))
    assert when.is_worst_news(one(priority_action=True))
    assert when.is_worst_news(one(outcome="systemic_failings"))
    assert not when.is_worst_news(one(judgements=grades(overall="requires_improvement"), outcome="inconsistent"))


@pytest.mark.fault("M20")
def test_ten_at_once_or_in_an_hour_go_together():
    settings = DeliverySettings()
    assert when.one_by_one(9, 0, settings) and when.one_by_one(1, 9, settings)
    assert not when.one_by_one(10, 0, settings)
    assert not when.one_by_one(300, 0, settings)
    assert not when.one_by_one(1, 10, settings)
