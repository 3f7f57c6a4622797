"""Every form in which a date is printed, and the words that only look like one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from inspections.days import Day
from scraper import dates

FORMS = {
    "3rd Sept '24": ["2024-09-03"],
    "12th June ’25": ["2025-06-12"],
    "12 Jun 25 | News": ["2025-06-12"],
    "On 12 June 25 children left": ["XXXX-06-12"],
    "12.6.2025": ["2025-06-12"],
    "23 and 24 April 2024": ["2024-04-23/2024-04-24"],
    "6 to 10 February 2023": ["2023-02-06/2023-02-10"],
    "4-22 July": ["XXXX-07-04/XXXX-07-22"],
    "24 January to 4 February 2022": ["2022-01-24/2022-02-04"],
    "19 November–30 November 2018": ["2018-11-19/2018-11-30"],
    "19 November─30 November 2018": ["2018-11-19/2018-11-30"],
    "14 January 2014- 5 February 2014": ["2014-01-14/2014-02-05"],
    "16 – 17 May 2023": ["2023-05-16/2023-05-17"],
    "12/09/2016 – 06/10/2016": ["2016-09-12/2016-10-06"],
    "23 April 2018 to 04 May 2018": ["2018-04-23/2018-05-04"],
    "8 October 2018 and 12 October 2018": ["2018-10-08/2018-10-12"],
    "31 October and 4 November 2016": ["2016-10-31/2016-11-04"],
    "the 23rd and 24th of April": ["XXXX-04-23/XXXX-04-24"],
    "1, 2 and 9 May 2019": ["2019-05-01/2019-05-09"],
    "25 and 26 March, and 9 April 2020": ["2020-03-25/2020-04-09"],
    "18 December to 5 January 2014": ["2013-12-18/2014-01-05"],
    "28 November 2019 to 6 December": ["2019-11-28/2019-12-06"],
    "Monday 6 to Friday 10 February 2023": ["2023-02-06/2023-02-10"],
    "March 18-22, 2022": ["2022-03-18/2022-03-22"],
    "8 July 2019 to 12 July 2019 and 7 August 2019 to 8 August 2019": [
        "2019-07-08/2019-07-12", "2019-08-07/2019-08-08",
    ],
    "5 to 9 December 2022 and 14 to 15 February 2023": ["2022-12-05/2022-12-09", "2023-02-14/2023-02-15"],
    "19 November-11 December 2013 and 28 – 30 January 2014": ["2013-11-19/2013-12-11", "2014-01-28/2014-01-30"],
    "05/03/2025": ["2025-03-05"],
    "1/06/2015": ["2015-06-01"],
    "12.05.24": ["2024-05-12"],
    "18 Feb 2014": ["2014-02-18"],
    "March 18, 2022": ["2022-03-18"],
    "published today (April 23)": ["XXXX-04-23"],
    "Sept. 2021": ["2021-09"],
    "in January 2022": ["2022-01"],
    "In March, inspectors came": ["XXXX-03"],
    "1 st April 2013": ["2013-04-01"],
    "12\u00a0May\u00a02024": ["2024-05-12"],
    "24\nMay 2024": ["2024-05-24"],
    "2024-05-24": ["2024-05-24"],
    "/news/2025/12/05/ofsted": ["2025-12-05"],
    "10 December, 2020": ["2020-12-10"],
    "3 March 20205": ["XXXX-03-03"],
    "14 Mar, 2022 Updated on: 15 Mar, 2022": ["2022-03-14", "2022-03-15"],
    "24/02/2022 - Permalink": ["2022-02-24"],
}  # fmt: skip


def written(span: dates.Span) -> str:
    return span.first if span.first == span.last else f"{span.first}/{span.last}"


@pytest.mark.fault("P11")
@pytest.mark.parametrize("text", FORMS)
def test_every_printed_form_is_read(text: str) -> None:
    assert [written(span) for span in dates.spans(text)] == FORMS[text]


@pytest.mark.fault("P11")
@pytest.mark.parametrize(
    "text",
    [
        "you may march on", "12 may need help", "In April 12 inspectors came", "and June Jones said", "May Smith",
        "16- and 17-year-olds", "24 Mai 2024", "31 April 2024", "13/13/2024", "section 1.2.13", "2021-22",
        "from the 16th", "£5 May", "10 children", "0 May 2024", "1/2/3/4", "",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert dates.spans(text) == []


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Friday 24 May 2024 at 9:37", "2024-05-24T08:37"),
        ("Friday 30 June 2017 at 2:57 pm", "2017-06-30T13:57"),
        ("1:58 PM September 29, 2021", "2021-09-29T12:58"),
        ("09:30AM, Monday 01 December 2025", "2025-12-01T09:30"),
        ("Fri, 24 May 2024 08:37:00 +0100", "2024-05-24T07:37"),
        ("2024-05-24T08:37:00Z", "2024-05-24T08:37"),
        ("28th November 2022 09:06", "2022-11-28T09:06"),
        ("6 February 2023, 12.30am", "2023-02-06T00:30"),
    ],
)
def test_a_printed_time_gives_the_moment_in_utc(text: str, at: str) -> None:
    assert dates.spans(text)[0].at == datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.mark.fault("P11")
@pytest.mark.parametrize("text", ["13 January 2023 00:00", "13 January 2023", "13 January 2023 at 25:10"])
def test_a_time_that_is_not_said_is_not_invented(text: str) -> None:
    (span,) = dates.spans(text)
    assert (span.first, span.time, span.at) == ("2023-01-13", None, None)


def test_a_span_knows_its_words_its_place_and_its_weekday() -> None:
    (span,) = dates.spans("published on Wednesday 22 November at 10am today")
    assert span.text == "Wednesday 22 November at 10am"
    assert (span.start, span.end, span.weekday, span.time) == (13, 42, 2, time(10))


def test_the_newest_year_in_which_the_weekday_fits_is_taken() -> None:
    (span,) = dates.spans("Wednesday 22 November")
    assert dates.resolve_year(span, date(2025, 3, 1)).first == "2023-11-22"


def test_without_a_weekday_the_newest_year_that_is_not_ahead_is_taken() -> None:
    (span,) = dates.spans("18 December to 5 January")
    read = dates.resolve_year(span, date(2024, 12, 1))
    assert (read.first, read.last) == ("2023-12-18", "2024-01-05")


def test_a_year_that_is_printed_stays() -> None:
    (span,) = dates.spans("3 May 2019")
    assert dates.resolve_year(span, date(2024, 1, 1)) == span


def test_29_february_resolves_to_a_leap_year() -> None:
    (span,) = dates.spans("on 29 February")
    assert dates.resolve_year(span, date(2023, 6, 1)).first == "2020-02-29"


def test_the_whole_runs_from_the_first_day_to_the_last_over_all_ranges() -> None:
    span = dates.whole("30 September to 11 October 2024 and 13 to 16 January 2025")
    assert span is not None
    assert (span.first, span.last) == ("2024-09-30", "2025-01-16")
    assert dates.whole("no date at all") is None


def test_one_date_is_one_only() -> None:
    assert dates.one("Report published: 7 July 2017") == "2017-07-07"
    assert dates.one("7 July 2017 and 9 July 2018") is None
    assert dates.one("7 to 9 July 2017") is None


def test_a_length_is_plausible_up_to_its_limit() -> None:
    assert dates.plausible_length(Day("2024-05-06"), Day("2024-05-17"), 12)
    assert not dates.plausible_length(Day("2024-05-06"), Day("2024-05-17"), 11)
    assert not dates.plausible_length(Day("2024-05-06"), Day("2024-05-05"), 11)
    assert dates.plausible_length(Day("2024-05"), None, 1)


@settings(max_examples=60, deadline=None)
@given(
    some.dates(date(1990, 1, 1), date(2090, 12, 31)),
    some.sampled_from(["%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%A %d %B %Y", "%B %d, %Y", "%Y-%m-%d"]),
)
def test_any_day_in_any_form_reads_back(day: date, form: str) -> None:
    assert dates.one(f"Published: {day.strftime(form)} by the council") == day.isoformat()


@settings(max_examples=60, deadline=None)
@given(some.text(max_size=80))
def test_no_text_breaks_the_grammar(text: str) -> None:
    for span in dates.spans(text):
        assert text[span.start : span.end] == span.text


@pytest.mark.parametrize("unit", ["1 ", " ", "12 May ", "1 and ", "\n", "Friday ", "12/", "May 1, "])
def test_long_repeated_text_is_read_in_linear_time(unit: str) -> None:
    long = dates.spans(unit * 20_000)
    assert len(long) <= 20_000


@pytest.mark.corpus
def test_every_label_of_the_corpus_is_read(corpus) -> None:  # type: ignore[no-untyped-def]
    import csv

    with (corpus / "reports" / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            span = dates.whole(row["inspection_dates_raw"])
            assert span is not None
            if span.first.year:
                assert (span.first, span.last) == (row["inspection_start"], row["inspection_end"])
