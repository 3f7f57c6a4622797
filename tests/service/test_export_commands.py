"""Lists as files, and the archive as a workbook and as open data, from the command line."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from archive import Archive
from inspections.days import Day
from inspections.model import Certainty, Finding, Grade, Kind, Publication
from service.commands import cli
from service.commands.lists import new_file, progress

Run = Callable[..., Result]
NOW = "2026-02-01T09:00:00Z"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with an archive of two councils, one of which fell."""
    made = tmp_path_factory.mktemp("desk")
    (made / "ofsted-watch.toml").write_text(f'contact = "desk@example.org"\narchive = "{made / "archive"}"\n', "utf-8")
    (made / "authorities.csv").write_text(
        "code,name,region\n991,Northmoor,North West\n992,Eastmere,South West\n", "utf-8"
    )
    with Archive.open(made / "archive") as archive:
        for n, (name, day, grade) in enumerate((("Northmoor", "2022-03-21", Grade.GOOD),
                                                ("Northmoor", "2025-04-23", Grade.INADEQUATE),
                                                ("Eastmere", "2024-04-23", Grade.GOOD))):  # fmt: skip
            finding = Finding(kind=Kind.ILACS, authority=name, certainty=Certainty.PUBLISHED, published_on=Day(day),
                              inspected_from=Day(f"{day[:4]}-02-03"), judgements={"overall": grade})  # fmt: skip
            page = Publication(source="ofsted", ref=str(n), url=f"https://files.example/{n}", title=f"Report on {name}",
                               published_on=Day(day), official=True, text="Pathway plans are late.", findings=(finding,))  # fmt: skip
            archive.record(page, now=_moment(), baseline=True)
    return made


def _moment() -> datetime:
    return datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


@pytest.fixture
def run(folder: Path) -> Run:
    def call(*words: str, code: int = 0) -> Result:
        environ = {"COLUMNS": "80", "OFSTED_WATCH_CONFIG": str(folder), "OFSTED_WATCH_NOW": NOW}
        result = CliRunner().invoke(cli, list(words), env=environ)
        assert result.exit_code == code, result.output + repr(result.exception)
        return result

    return call


@pytest.mark.parametrize(
    ("words", "rows"),
    [(("inspections",), 3), (("inspections", "--direction", "down"), 1), (("history", "Northmoor"), 2),
     (("compare", "Northmoor", "Eastmere"), 2), (("search", "pathway"), 3)],
    ids=lambda one: one[0] if isinstance(one, tuple) else "",
)  # fmt: skip
def test_every_list_is_written_as_csv_and_as_a_workbook_of_the_same_rows(
    run: Run, tmp_path: Path, words: tuple[str, ...], rows: int
) -> None:
    told = list(csv.reader(io.StringIO(run(*words, "--csv").stdout)))
    run(*words, "--xlsx", str(tmp_path / "list.xlsx"))
    book = CalamineWorkbook.from_path(tmp_path / "list.xlsx")
    first, last = book.sheet_names
    table = book.get_sheet_by_name(first).to_python()
    assert last == "Read me"
    assert len(told) == len(table) == rows + 1
    assert told[0] == table[0]
    assert [path.name for path in tmp_path.iterdir()] == ["list.xlsx"]


def test_a_workbook_that_is_there_is_not_replaced(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.xlsx").write_text("mine", "utf-8")
    for words in (("inspections", "--xlsx"), ("export",)):
        assert "already" in run(*words, str(tmp_path / "mine.xlsx"), code=2).output
    assert (tmp_path / "mine.xlsx").read_text("utf-8") == "mine"


def test_the_export_has_every_inspection_in_every_form(run: Run, tmp_path: Path) -> None:
    for name in ("all.csv", "all.jsonl", "all.xlsx"):
        assert "3 inspections" in run("export", str(tmp_path / name)).output
    assert len(list(csv.DictReader((tmp_path / "all.csv").open(encoding="utf-8", newline="")))) == 3
    assert {json.loads(line)["authority"] for line in (tmp_path / "all.jsonl").read_text("utf-8").splitlines()} == {
        "Northmoor", "Eastmere",
    }  # fmt: skip
    assert CalamineWorkbook.from_path(tmp_path / "all.xlsx").sheet_names[0] == "Summary"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.csv", "all.jsonl", "all.xlsx"]


def test_the_archive_becomes_a_folder_of_open_data_quietly(run: Run, tmp_path: Path) -> None:
    told = run("export", str(tmp_path / "open"), "--open-data")
    assert told.stderr == ""
    assert {path.name for path in (tmp_path / "open").iterdir()} == {
        "README.md", "LICENCE.md", "DICTIONARY.md", "datapackage.json", "data",
    }  # fmt: skip
    assert len((tmp_path / "open" / "data" / "inspections.jsonl").read_text("utf-8").splitlines()) == 3
    assert "already" in run("export", str(tmp_path / "open"), "--open-data", code=2).output


def test_an_export_that_cannot_be_is_a_sentence(run: Run, tmp_path: Path) -> None:
    assert "must end in" in run("export", str(tmp_path / "all.doc"), code=2).output
    assert "folder is not there" in run("export", str(tmp_path / "nowhere" / "all.csv"), code=2).output


@pytest.mark.parametrize(
    ("option", "value"), [("--kind", "ilac"), ("--grade", "poor"), ("--state", "late"), ("--region", "atlantis")]
)
@pytest.mark.parametrize("command", [("inspections",), ("search", "plans")])
def test_a_value_that_no_table_has_is_a_mistake_and_no_empty_list(
    run: Run, command: tuple[str, ...], option: str, value: str
) -> None:
    assert value in run(*command, option, value, code=2).output


def test_lists_and_searches_take_the_same_filters(run: Run) -> None:
    for command in (("inspections",), ("search", "plans")):
        assert len(run(*command, "--json", "--area", "overall", "--direction", "down").stdout.splitlines()) == 1
        assert len(run(*command, "--json", "--until", "2024-12-31", "--official").stdout.splitlines()) == 2
    assert run("inspections", "--json", "--area", "leaders", "--direction", "down").stdout == ""


def test_a_list_that_is_cut_says_so(run: Run) -> None:
    assert "there are more" in run("inspections", "--csv", "--limit", "2").stderr
    assert run("inspections", "--csv", "--limit", "3").stderr == ""


def test_a_council_s_name_shows_its_latest_graded_inspection(run: Run) -> None:
    assert "inadequate" in run("show", "Northmoor").stdout
    assert "no council of that name" in run("show", "Atlantis", code=1).output


def test_what_is_due_can_be_asked_for_one_place(run: Run) -> None:
    assert {json.loads(line)["expected"]["kind"] for line in run("due", "--json").stdout.splitlines()} >= {"ilacs"}
    told = run("due", "--authority", "Eastmere").stdout
    assert "Eastmere" in told and "Northmoor" not in told
    assert "Northmoor" in run("due", "--region", "north-west").stdout


def test_a_region_has_no_history(run: Run) -> None:
    assert "expected one council" in run("history", "north-west", code=2).output


def test_a_disk_that_is_full_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    def fill() -> None:
        with new_file(tmp_path / "all.csv") as part:
            part.write_text("half", "utf-8")
            raise OSError(28, "No space left on device")

    with pytest.raises(click.ClickException, match="No space left") as said:
        fill()
    assert said.value.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_progress_is_shown_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress(3, "Writing") as step:
        step(3)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress(3, "Writing") as step:
        step(3)
    assert "Writing" in capsys.readouterr().err
