"""Days that are counted: the bank holidays of England, as gov.uk has published them."""

from __future__ import annotations

from datetime import date

import pytest

from inspections.days import Day
from scraper.reports.deadlines import after_months, after_working_days

HOLIDAYS = [
    "2018-01-01", "2018-03-30", "2018-04-02", "2018-05-07", "2018-05-28", "2018-08-27", "2018-12-25", "2018-12-26",
    "2020-04-10", "2020-05-08", "2020-12-25", "2020-12-28", "2021-12-27", "2021-12-28", "2022-01-03", "2022-06-02",
    "2022-06-03", "2022-09-19", "2022-12-26", "2022-12-27", "2023-01-02", "2023-05-08", "2023-05-29", "2024-04-01",
    "2025-04-18", "2025-04-21", "2026-12-28", "2027-12-27", "2027-12-28",
]  # fmt: skip
WORKING = ["2020-05-04", "2022-05-30", "2021-12-29", "2022-12-28", "2018-12-27", "2023-01-03", "2016-01-04"]


@pytest.mark.parametrize("holiday", HOLIDAYS)
def test_a_bank_holiday_is_no_working_day(holiday: str) -> None:
    day = date.fromisoformat(holiday)
    assert after_working_days(date.fromordinal(day.toordinal() - 1), 1) > day


@pytest.mark.parametrize("working", WORKING)
def test_every_other_weekday_is_one(working: str) -> None:
    day = date.fromisoformat(working)
    assert after_working_days(date.fromordinal(day.toordinal() - 1), 1) == day


def test_weekends_are_not_counted() -> None:
    assert after_working_days(date(2024, 6, 14), 1) == date(2024, 6, 17)
    assert after_working_days(date(2024, 6, 14), 70) == date(2024, 9, 23)  # one bank holiday, on 26 August


def test_months_run_over_the_end_of_a_year() -> None:
    assert after_months(Day("2023-12-08"), 18) == "2025-06"
    assert after_months(Day("2023-12-08"), 36) == "2026-12"
    assert after_months(Day("XXXX-12-08"), 36) is None
