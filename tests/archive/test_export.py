from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from archive import Archive
from archive.export import ATTRIBUTION, write_csv, write_excel, write_json_lines
from archive.sheets import guarded
from inspections.model import Authority, Evidence, Grade, Inspection, Publication, from_json

FORMULAS = ['=HYPERLINK("http://evil.example")', "=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]


@pytest.fixture
def found(archive: Archive, report: Callable[..., Publication], now: datetime) -> list[Inspection]:
    archive.record(report(ref="1", day="2022-03-21"), now=now, baseline=True)
    page = report(ref="2", day="2025-03-20", judgements={"overall": Grade.INADEQUATE, "early_help": None, FORMULAS[1]: None},
                  theme=FORMULAS[0], improvements=("One.", "Two."))  # fmt: skip
    archive.record(page, now=now, baseline=True)
    return archive.inspections()


def test_csv_has_a_row_each_with_grades_old_and_new(found: list[Inspection]) -> None:
    text = io.StringIO(newline="")
    assert write_csv(found, text, []) == 2
    new, old = csv.DictReader(io.StringIO(text.getvalue(), newline=""))
    assert (new["overall before"], new["overall"], new["early_help"]) == ("good", "inadequate", "")
    assert (old["overall"], old["care_leavers"], old["overall before"]) == ("good", "requires_improvement", "")
    assert (new["improvements"], new["attribution"]) == ("One.\nTwo.", ATTRIBUTION)


@pytest.mark.fault("K17")
@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert guarded(f"a{text}") == f"a{text}"


@pytest.mark.fault("K17")
def test_excel_has_text_and_never_a_formula(found: list[Inspection], tmp_path: Path, now: datetime) -> None:
    assert write_excel(found, tmp_path / "found.xlsx", [], made=now) == 2
    book = CalamineWorkbook.from_path(tmp_path / "found.xlsx")
    header, *rows = book.get_sheet_by_name("Inspections").to_python()
    assert dict(zip(header, rows[0], strict=True))["theme"] == FORMULAS[0]
    with zipfile.ZipFile(tmp_path / "found.xlsx") as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
        assert not [name for name in parts.namelist() if "_rels/sheet" in name]  # no link either
    assert ATTRIBUTION in str(book.get_sheet_by_name("Read me").to_python())


def test_csv_guards_every_cell(found: list[Inspection]) -> None:
    text = io.StringIO(newline="")
    write_csv(found, text, [])
    cells = [cell for row in csv.reader(io.StringIO(text.getvalue(), newline="")) for cell in row]
    assert {f"'{FORMULAS[0]}", f"'{FORMULAS[1]}"} <= set(cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_json_lines_come_back_as_the_same_records(found: list[Inspection]) -> None:
    text = io.StringIO()
    assert write_json_lines(found, text) == 2
    lines = text.getvalue().splitlines()
    assert [from_json(line, Inspection) for line in lines] == found
    assert json.loads(lines[0])["judgements"]["overall"] == "inadequate"


def test_of_others_text_no_more_leaves_than_a_quotation(
    archive: Archive, article: Callable[..., Publication], now: datetime, tmp_path: Path
) -> None:
    long = "Council text that is quoted in part only. " * 20 + "CANARY"
    page = article(theme=long, improvements=(long, long), notes=(long,), lead_inspector=long,
                   evidence={"judgements.all": Evidence(text=long)})  # fmt: skip
    archive.record(page, now=now, baseline=True)
    lines, cells = io.StringIO(), io.StringIO(newline="")
    write_csv(archive.inspections(), cells, [])
    write_json_lines(archive.inspections(), lines)
    write_excel(archive.inspections(), tmp_path / "found.xlsx", [], made=now)
    sheet = CalamineWorkbook.from_path(tmp_path / "found.xlsx").get_sheet_by_name("Inspections").to_python()
    for told in (cells.getvalue(), lines.getvalue(), str(sheet)):
        assert "quoted in part only" in told
        assert "CANARY" not in told
    assert all(len(str(cell)) <= 300 for row in sheet for cell in row)


def test_a_row_says_where_the_council_lies(found: list[Inspection]) -> None:
    text = io.StringIO(newline="")
    write_csv(found, text, [Authority(code="990", name="Northmoor", region="North West")])
    row, _ = csv.DictReader(io.StringIO(text.getvalue(), newline=""))
    assert (row["authority_code"], row["region"]) == ("990", "North West")
