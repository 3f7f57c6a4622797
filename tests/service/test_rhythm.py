"""How long a silence is believed: by the odds of a source's own past, patiently where little of it is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.health.rhythm import Habits, History, newsroom, ofsted, too_long

FIRST = date(2026, 1, 12)  # a Monday
NEWSROOM = newsroom(14)
DAY = timedelta(days=1)


def every(number: int, days: int, start: date = FIRST) -> list[date]:
    """News on every so manieth day, for so many days."""
    return [start + timedelta(days=n) for n in range(0, days, number)]


def noticed(news: Sequence[date], habits: Habits = NEWSROOM, **more: object) -> int | None:
    """How many days after the last news the silence is too long; None: not within three years."""
    history = History(news, **more)
    quiet = (n for n in range(1100) if too_long(history, news[-1], news[-1] + n * DAY, habits))
    return next(quiet, None)


def days_of_news(draw: st.DrawFn) -> list[date]:
    gaps = draw(st.lists(st.integers(1, 40), min_size=0, max_size=60))
    days = [FIRST]
    for gap in gaps:
        days.append(days[-1] + gap * DAY)
    return days


histories = st.composite(days_of_news)()


@given(histories, st.integers(0, 500), st.integers(0, 100))
@settings(max_examples=150, deadline=None)
def test_a_longer_silence_is_never_less_suspicious(news: list[date], days: int, more: int) -> None:
    sooner = too_long(History(news), news[-1], news[-1] + days * DAY, NEWSROOM)
    later = too_long(History(news), news[-1], news[-1] + (days + more) * DAY, NEWSROOM)
    assert sooner is None or later is not None
    if sooner and later:
        assert (later.expected, later.days >= sooner.days) == (sooner.expected, True)


@given(histories, st.integers(15, 400), st.sets(st.integers(1, 400), max_size=60))
@settings(max_examples=150, deadline=None)
def test_a_day_that_nobody_read_makes_no_silence_more_suspicious(news: list[date], days: int, missed: set[int]) -> None:
    unread = {news[-1] + n * DAY for n in missed}
    if too_long(History(news, unread), news[-1], news[-1] + days * DAY, NEWSROOM):
        assert too_long(History(news), news[-1], news[-1] + days * DAY, NEWSROOM)


def test_days_that_nobody_read_are_no_silence() -> None:
    news = every(1, 60)
    unread = {news[-1] + n * DAY for n in range(5, 25)}
    assert (noticed(news), noticed(news, unread=unread)) == (15, 35)


@given(st.integers(1, 15), st.integers(8, 12), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_the_same_rhythm_for_longer_is_never_noticed_later_by_more_than_its_weekends(
    gap: int, times: int, longer: int
) -> None:
    end = date(2027, 3, 1)
    short, long = (sorted(end - n * gap * DAY for n in range(number)) for number in (times, times * (1 + longer)))
    sooner, later = noticed(long), noticed(short)
    assert sooner is not None
    assert later is not None
    assert sooner <= later + 7


@given(histories)
@settings(max_examples=60, deadline=None)
def test_no_newsroom_is_silent_for_ever_and_none_is_told_of_before_its_least(news: list[date]) -> None:
    days = noticed(news)
    assert days is not None
    assert 14 < days <= 366 + 61 + 14  # a year, but for August and Christmas


@pytest.mark.parametrize(
    ("news", "least", "most"),
    [
        (every(1, 1), 91, 91),  # silent since it was added
        (every(1, 8), 20, 91),  # daily, for a week
        (every(1, 60), 15, 15),  # daily
        (every(7, 200), 90, 200),  # once a week
        (every(30, 360), 180, 366),  # once a month, regularly
    ],
)
def test_a_slow_or_a_young_rhythm_is_waited_for_and_not_for_ever(news: list[date], least: int, most: int) -> None:
    days = noticed(news)
    assert days is not None
    assert least <= days <= most


def test_one_item_a_month_is_believed_for_three_times_its_longest_silence() -> None:
    gaps = [20, 45, 12, 30, 61, 25, 8, 40, 33, 19, 50, 22]
    days = [FIRST + sum(gaps[:n]) * DAY for n in range(len(gaps) + 1)]
    found = noticed(days)
    assert found is not None
    assert found > 3 * 61


def test_weekends_on_which_it_never_writes_say_nothing() -> None:
    weekdays = [day for day in every(1, 300) if day.isoweekday() <= 5 and day.toordinal() % 2]
    daily = every(2, 300)
    slow, fast = noticed(weekdays), noticed(daily)
    assert slow is not None
    assert fast is not None
    assert slow >= fast


def test_a_silence_in_august_says_less_than_one_in_may() -> None:
    seldom = [day for day in every(2, 540) if day.isoweekday() <= 5]
    may = [day for day in seldom if day <= date(2027, 5, 4)]
    july = [day for day in (n * DAY + date(2026, 4, 1) for n in range(0, 487, 2)) if day.isoweekday() <= 5]
    assert july[-1] >= date(2027, 7, 28)
    assert (noticed(july) or 0) > (noticed(may) or 0)


def test_a_silence_that_was_told_of_may_last_as_long_once_more_and_not_three_times_that() -> None:
    before, after = every(1, 120), every(1, 120, FIRST + 160 * DAY)
    assert noticed([*before, *after]) == 42
    pauses = [*every(1, 120), *every(1, 120, FIRST + 131 * DAY)]  # twelve days: an ordinary pause
    assert noticed(pauses) == 37


def test_what_only_a_listing_lacks_from_before_it_was_watched_teaches_no_patience() -> None:
    pinned = [FIRST - 300 * DAY, *every(1, 90)]
    assert noticed(pinned, began=FIRST + 60 * DAY) == 15
    assert noticed(pinned) == 280  # one that was seen counts, once


def test_ofsted_s_silences_before_elections_and_at_christmas_are_no_faults() -> None:
    weekdays = [day for day in every(1, 420) if day.isoweekday() <= 5 and day.toordinal() % 3]
    spring = [day for day in weekdays if day <= date(2027, 3, 8)]
    assert (noticed(spring, ofsted(14)) or 0) > 63
    assert not too_long(History(spring), spring[-1], date(2027, 5, 9), ofsted(14))
    winter = [day for day in weekdays if day <= date(2026, 12, 11)]
    assert not too_long(History(winter), winter[-1], date(2027, 2, 1), ofsted(14))
    assert noticed(winter, ofsted(14)) is not None


def test_one_authority_s_page_with_a_few_reports_is_never_called_silent() -> None:
    assert noticed([date(2024, 3, 1), *every(50, 300)], ofsted(14)) is None


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    from bench import rhythm

    return rhythm


@pytest.mark.parametrize("seed", [1, 2, 20250203])
def test_in_five_simulated_years_no_death_is_missed_and_no_living_source_called_dead(
    bench: ModuleType, seed: int
) -> None:
    figures = bench.simulate(None, years=5, number=150, deaths=50, seed=seed)
    assert (figures["missed"], figures["false"], figures["deaths"]) == (0, 0, 50), f"seed {seed}: {figures}"
    assert figures["median"] <= 18.5
