"""The days on which nobody expects anything new."""

from __future__ import annotations

from datetime import date

import pytest

from service.health.seasons import closed, easter, weight, working


@pytest.mark.parametrize(
    ("year", "day"), [(2024, "03-31"), (2025, "04-20"), (2026, "04-05"), (2027, "03-28"), (2038, "04-25")]
)
def test_easter_is_where_the_calendar_has_it(year: int, day: str) -> None:
    assert easter(year) == date.fromisoformat(f"{year}-{day}")


def test_bank_holidays_and_weekends_are_no_working_days() -> None:
    holidays = ["2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2027-05-31", "2027-08-30"]
    assert not [day for day in holidays if working(date.fromisoformat(day))]
    assert not working(date(2026, 6, 6))
    assert [working(date(2026, 5, day)) for day in (1, 5, 11, 26)] == [True] * 4


def test_christmas_is_longer_for_ofsted_and_goes_over_the_new_year() -> None:
    days = [date(2026, 12, 15), date(2026, 12, 16), date(2026, 12, 24), date(2027, 1, 1), date(2027, 1, 12)]
    assert [closed("ofsted", day) for day in days] == [False, True, True, True, True]
    assert [closed("newsroom", day) for day in days] == [False, False, True, True, False]
    assert not closed("ofsted", date(2027, 1, 13))


def test_before_local_elections_a_silence_of_ofsted_s_says_nothing_and_of_a_newsroom_s_all() -> None:
    # The first Thursday in May is the 2nd in 2030, the 6th in 2027.
    assert [weight("ofsted", date(2030, 3, day)) for day in (6, 7)] == [1, 0]
    assert [weight("ofsted", date(2027, 5, day)) for day in (6, 7)] == [0, 1]
    assert weight("newsroom", date(2027, 4, 20)) == 1


def test_a_general_election_that_was_called_is_known() -> None:
    assert weight("ofsted", date(2024, 6, 20)) == 0


def test_august_counts_for_less_in_a_newsroom() -> None:
    assert 0 < weight("newsroom", date(2026, 8, 3)) < weight("newsroom", date(2026, 9, 1)) == 1
    assert weight("ofsted", date(2026, 8, 3)) == 1
