"""The workbook: a sheet for each question that the sector's own summaries answer."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from archive import Archive
from archive.sheets import Sheet, TooLong, write_book
from archive.summary import latest_graded, write_summary
from inspections.model import Authority, Grade, Kind, Outcome, Publication

COUNCILS = (
    Authority(code="990", name="Northmoor", gss="E06999990", urn="80990", region="North West"),
    Authority(code="989", name="Eastmere", region="South West"),
    Authority(code="988", name="Oldshire", region="South West", valid_to=date(2020, 3, 31)),
)
FORMULA = '=HYPERLINK("http://evil.example")'
Book = dict[str, list[dict[str, Any]]]


@pytest.fixture
def filled(archive: Archive, report: Callable[..., Publication], article: Callable[..., Publication], now: datetime) -> Archive:  # fmt: skip
    pages = (
        report(ref="1", day="2022-03-21"),
        report(ref="2", day="2025-03-20", judgements={"overall": Grade.INADEQUATE, "care_leavers": Grade.GOOD, "leaders": None}),
        report(ref="3", kind=Kind.FOCUSED_VISIT, judgements={}, day="2023-09-05", theme=FORMULA, improvements=("One.", "Two."),
               priority_action=True),
        report(ref="4", kind=Kind.AREA_SEND, judgements={}, day="2024-05-02", outcome=Outcome.INCONSISTENT),
        report(ref="5", kind=Kind.CHILDRENS_HOME, provider="=1+1", urn="SC000001", day="2024-01-02"),
        article(ref="https://news.example/7", authority="Eastmere", day="2025-04-22"),
    )  # fmt: skip
    for page in pages:
        archive.record(page, now=now, baseline=True)
    return archive


@pytest.fixture
def written(filled: Archive, tmp_path: Path, now: datetime) -> Path:
    write_summary(filled, COUNCILS, tmp_path / "all.xlsx", today=now.date(), made=now)
    return tmp_path / "all.xlsx"


@pytest.fixture
def book(written: Path) -> Book:
    opened = CalamineWorkbook.from_path(written)
    found = {}
    for name in opened.sheet_names:
        heads, *rows = opened.get_sheet_by_name(name).to_python()
        found[name] = [dict(zip(map(str, heads), row, strict=True)) for row in rows]
    return found


def test_the_sheets_stand_in_the_order_in_which_they_are_wanted(book: Book) -> None:
    assert list(book) == ["Summary", "Counts", "Visits", "Grades over time", "Inspections", "Read me"]


def test_the_summary_has_a_row_for_each_council_that_stands(book: Book) -> None:
    assert [row["Local authority"] for row in book["Summary"]] == ["Northmoor", "Eastmere"]


def test_the_summary_has_the_latest_grades_with_what_they_were_and_how_they_moved(book: Book) -> None:
    north = book["Summary"][0]
    assert (north["Overall effectiveness"], north["Overall effectiveness: before"]) == ("Inadequate", "Good")
    assert north["Overall effectiveness: direction"] == "worse"
    assert (north["Care leavers"], north["Care leavers: direction"]) == ("Good", "better")
    assert (north["LA code"], north["GSS code"], north["Published"]) == ("990", "E06999990", date(2025, 3, 20))
    assert (north["Newest visit"], north["Visit published"]) == (
        "Focused visit to children's services",
        date(2023, 9, 5),
    )
    assert (north["Area SEND"], north["Priority action"]) == ("Inconsistent experiences and outcomes", True)
    assert north["Impact of leaders on social work practice"] == ""  # judged, but not read for certain


def test_what_is_only_announced_is_no_grade(book: Book) -> None:
    east = book["Summary"][1]
    assert (east["Overall effectiveness"], east["Published"]) == ("", "")
    assert east["Announced since"] == "good (2025-04-22)"


def test_counts_are_numbers_by_grade_area_and_region(book: Book) -> None:
    rows = {(row["Region"], row["Area"]): row for row in book["Counts"]}
    england, north = rows["England", "Overall effectiveness"], rows["North West", "Overall effectiveness"]
    assert (england["Inadequate"], england["Good"], england["Other or not known"], england["Councils"]) == (1, 0, 1, 2)
    assert (north["Inadequate"], north["Councils"]) == (1, 1)
    assert len(rows) == 3 * 6


def test_visits_and_grades_over_time_have_a_row_each(book: Book) -> None:
    (visit,) = book["Visits"]
    assert (visit["Theme"], visit["What needs to improve"]) == (FORMULA, "One.\nTwo.")
    grades = [(row["Published"], row["Area"], row["Grade"], row["Before"]) for row in book["Grades over time"]]
    assert (date(2022, 3, 21), "Overall effectiveness", "Good", "") in grades
    assert (date(2025, 3, 20), "Overall effectiveness", "Inadequate", "Good") in grades
    assert (date(2024, 5, 2), "Outcome", "Inconsistent experiences and outcomes", "") in grades


def test_every_inspection_is_there_of_providers_too(book: Book, filled: Archive) -> None:
    assert len(book["Inspections"]) == len(filled.inspections()) == 6
    home = next(row for row in book["Inspections"] if row["kind"] == "childrens_home")
    assert (home["provider"], home["region"], home["published_on"]) == ("=1+1", "North West", date(2024, 1, 2))


def test_the_last_sheet_says_how_it_was_made_and_under_which_licence(book: Book) -> None:
    (title, text), *_ = [tuple(row) for row in book["Read me"][0:1]]
    about = {row[title]: row[text] for row in book["Read me"]}
    assert "2025-04-24 09:00 UTC" in about["Made"]
    assert "Open Government Licence" in about["Licence"]
    assert "6 inspections" in about["Holds"]
    assert set(book) - {"Read me"} <= set(about)


@pytest.mark.fault("K17")
def test_no_sheet_has_a_formula_or_a_link(written: Path) -> None:
    with zipfile.ZipFile(written) as parts:
        pages = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(pages) == 6
        assert not [
            page
            for page in pages
            if b"<f>" in page or b"<f " in page or b"hyperlink" in page.lower().replace(b"=hyperlink(", b"")
        ]


def test_headers_stay_in_sight_can_be_filtered_and_columns_are_wide_enough(written: Path) -> None:
    with zipfile.ZipFile(written) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode("utf-8")
    assert 'state="frozen"' in page and 'topLeftCell="B2"' in page
    assert re.search(r'<autoFilter ref="A1:[A-Z]+3"/>', page)
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', page)]
    assert min(widths) >= 8 and max(widths) <= 62


def test_the_same_archive_gives_the_same_workbook(filled: Archive, written: Path, now: datetime) -> None:
    again = io.BytesIO()
    write_summary(filled, COUNCILS, again, today=now.date(), made=now)
    assert again.getvalue() == written.read_bytes()


def test_more_rows_than_excel_holds_are_refused_with_a_sentence(now: datetime) -> None:
    rows = ([n] for n in range(4))
    with pytest.raises(TooLong, match="more than 3 rows"):
        write_book([Sheet(name="Long", heads=("n",), rows=rows)], io.BytesIO(), made=now, most_rows=3)


def test_a_grade_that_is_announced_counts_unless_only_reports_are_asked_for(filled: Archive) -> None:
    history = filled.history("Eastmere")
    found = latest_graded(history)
    assert found is not None and found.certainty == "announced"
    assert latest_graded(history, official=True) is None
