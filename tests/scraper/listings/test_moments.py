"""List and article spellings of one instant are one, and no time is made up."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from scraper.listings import moments

NINE_THIRTY_SEVEN = datetime(2024, 5, 24, 8, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Published Friday 24 May 2024 at 9:37",
        "Published on  Friday 24 May 2024 at 9:37 am",
        "Published at: Friday 24 May 2024 at 9:37am",
        "24 May 2024 09:37 BST",
        "09:37AM, Friday 24 May 2024",
    ],
)
def test_the_spellings_of_one_instant_are_one(text: str) -> None:
    assert moments.line(text, None) == ("2024-05-24", NINE_THIRTY_SEVEN)


@pytest.mark.parametrize(
    "text",
    ["2024-05-24T09:37:00+01:00", "2024-05-24T08:37:00Z", "Fri, 24 May 2024 08:37:00 +0000", "2024-05-24T09:37:00"],
)
def test_what_machines_write_is_the_same_instant(text: str) -> None:
    assert moments.stamp(text) == ("2024-05-24", NINE_THIRTY_SEVEN)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-05-24T00:00:00+01:00", "2024-05-24"),
        ("2024-05-23T23:00:00Z", "2024-05-24"),
        ("2024-05-24T00:00:00Z", "2024-05-24"),
        ("Norfolk, 13 January 2023 00:00", "2023-01-13"),
        ("2024-05-24", "2024-05-24"),
    ],
)
def test_midnight_is_how_systems_write_a_date_without_a_time(text: str, day: str) -> None:
    assert moments.stamp(text) == (day, None)


def test_late_at_night_the_day_is_londons() -> None:
    assert moments.stamp("2024-05-23T23:30:00Z")[0] == "2024-05-24"
    assert moments.stamp("2024-12-23T23:30:00Z")[0] == "2024-12-23"


@pytest.mark.fault("P11")
@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Published: 19 Nov 2018", "2018-11-19"),
        ("Released: 10 December, 2020", "2020-12-10"),
        ("24/02/2022 - Permalink", "2022-02-24"),
        ("Date Released - 25/03/2025", "2025-03-25"),
        ("Published on: 14 Mar, 2022 Updated on: 15 Mar, 2022", "2022-03-14"),
        ("Updated on: 15 Mar, 2022 Published on: 14 Mar, 2022", "2022-03-14"),
        ("yesterday", "2025-09-18"),
        ("Today", "2025-09-19"),
        ("3 days ago", "2025-09-16"),
        ("a day ago", "2025-09-18"),
        ("29th August", "2025-08-29"),
        ("24 December", "2024-12-24"),
        ("22 hours ago", None),
        ("Last updated: 15 March 2022", None),
        ("Published date", None),
        ("In its letter the council answers what inspectors said on 23 April 2024", None),
    ],
)
def test_a_date_line_is_read_as_a_person_reads_it(text: str, day: str | None) -> None:
    assert moments.line(text, date(2025, 9, 19))[0] == day


def test_without_the_day_of_reading_nothing_is_added_to_what_is_printed() -> None:
    assert moments.line("29th August", None)[0] == "XXXX-08-29"
    assert moments.line("yesterday", None)[0] is None


def test_words_that_are_no_more_than_a_date_are_a_date_line() -> None:
    assert moments.is_line("Published: 19 Nov 2018 |")
    assert moments.is_line("Friday 24 May 2024 at 9:37")
    assert not moments.is_line("The visit took place on 23 April 2024")
    assert not moments.is_line("Published date")


def test_one_time_of_day_for_all_is_a_default_and_not_a_time() -> None:
    noon = [moments.stamp(f"2025-07-{day:02d}T12:00:00Z") for day in (1, 2, 3)]
    assert [at for _, at in moments.without_shared_time(noon)] == [None, None, None]
    chosen = [*noon[:2], moments.stamp("2025-07-03T09:37:00Z")]
    assert moments.without_shared_time(chosen) == chosen
    assert moments.without_shared_time(noon[:2]) == noon[:2]
