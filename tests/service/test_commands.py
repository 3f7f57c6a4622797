"""The commands that answer, on the archive that the demo leaves."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.commands import COMMANDS, cli
from service.demo.play import play

Run = Callable[..., Result]
NOW = "2026-02-01T09:00:00Z"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo") / "demo"
    assert play(made, lambda line: None)
    return made


@pytest.fixture
def run(folder: Path) -> Run:
    def call(*words: str, code: int = 0, columns: int = 80) -> Result:
        environ = {"COLUMNS": str(columns), "OFSTED_WATCH_CONFIG": str(folder / "config"), "OFSTED_WATCH_NOW": NOW}
        result = CliRunner().invoke(cli, list(words), env=environ)
        assert result.exit_code == code, result.output + repr(result.exception)
        return result

    return call


def latest(run: Run, council: str) -> str:
    found = json.loads(run("inspections", "--json", "--authority", council).stdout.splitlines()[0])
    return str(found["id"])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_help_with_an_example(run: Run, name: str) -> None:
    told = run(name, "--help").stdout
    assert "Example: ofsted-watch" in told or "Commands:" in told


def test_lines_fit_a_terminal_of_eighty_columns(run: Run) -> None:
    for words in (("status",), ("inspections",), ("show", latest(run, "Marlshire")), ("history", "Eastmere"),
                  ("compare", "Marlshire", "Eastmere", "Westfold"), ("alerts", "list"), ("subscriptions",)):  # fmt: skip
        long = [line for line in run(*words).stdout.splitlines() if len(line) > 80 and "http" not in line]
        assert not long, f"{words}: {long[0]}"


def test_inspections_as_json_have_the_keys_of_the_contract(run: Run) -> None:
    lines = [json.loads(line) for line in run("inspections", "--json").stdout.splitlines()]
    keys = ["kind", "authority", "provider", "urn", "certainty", "inspected_from", "inspected_to", "published_on",
            "lead_inspector", "theme", "judgements", "previous", "outcome", "priority_action", "priority_actions",
            "improvements", "notes", "evidence"]  # fmt: skip
    assert len(lines) == 7
    assert all(list(line)[:2] == ["id", "state"] and not set(keys) - set(line) for line in lines)


def test_the_csv_has_a_row_for_each_inspection(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("inspections", "--csv").stdout)))
    assert {row["authority"] for row in rows} == {"Marlshire", "Eastmere", "Westfold"}


def test_filters_choose(run: Run) -> None:
    assert len(run("inspections", "--json", "--authority", "Eastmere", "--kind", "ilacs").stdout.splitlines()) == 2
    assert len(run("inspections", "--json", "--direction", "down").stdout.splitlines()) == 0
    assert len(run("inspections", "--json", "--since", "2026-01-22").stdout.splitlines()) == 1


def test_a_council_that_is_no_council_is_answered_with_the_nearest(run: Run) -> None:
    assert "Marlshire" in run("inspections", "--authority", "Marshire", code=2).output


def test_show_gives_each_field_with_its_words(run: Run) -> None:
    told = run("show", latest(run, "Marlshire")).stdout
    assert "judgements.care_leavers (page 1)" in told
    assert "requires improvement" in told


def test_an_unknown_id_is_a_sentence(run: Run) -> None:
    assert "No inspection has the id" in run("show", "nothing", code=1).output


def test_search_finds_the_page_of_a_document(run: Run) -> None:
    told = run("search", "pathway", "plans").stdout
    assert "page 1" in told


def test_sql_answers_and_cannot_write(run: Run) -> None:
    assert run("sql", "select count(*) as n from inspections", "--json").stdout == '{"n":7}\n'
    run("sql", "delete from inspections", code=2)
    assert run("sql", "select count(*) as n from inspections", "--json").stdout == '{"n":7}\n'


def test_export_writes_what_its_name_says_and_replaces_nothing(run: Run, tmp_path: Path) -> None:
    for name in ("all.csv", "all.jsonl", "all.xlsx"):
        run("export", str(tmp_path / name))
        run("export", str(tmp_path / name), code=2)
    assert len((tmp_path / "all.jsonl").read_text("utf-8").splitlines()) == 7
    run("export", str(tmp_path / "all.doc"), code=2)


def test_councils_stand_side_by_side(run: Run) -> None:
    told = run("compare", "Marlshire", "Eastmere").stdout
    assert "good ▲" in told and "Overall effectiveness" in told


def test_reading_is_a_line_a_file_in_order_also_for_bad_ones(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "page.txt").write_text("Bins\n\nCollections change on Monday.", "utf-8")
    names = [str(tmp_path / "missing.pdf"), str(tmp_path / "page.txt"), str(tmp_path / "empty.pdf")]
    lines = [json.loads(line) for line in run("read", "--json", *names, code=1).stdout.splitlines()]
    assert [line["file"] for line in lines] == names
    assert [line["error"] and line["error"]["code"] for line in lines] == ["not_found", None, "empty"]
    assert lines[1]["type"] == "article"
    assert lines[1]["findings"] == []


def test_the_archive_is_backed_up_and_put_back_without_alerts(run: Run, folder: Path, tmp_path: Path) -> None:
    run("backup", str(tmp_path / "copy"))
    before = run("inspections", "--json").stdout
    run("restore", str(tmp_path / "copy"), "--yes")
    assert run("inspections", "--json").stdout == before


def test_what_probing_found_out_is_printed_on_demand(run: Run) -> None:
    told = run("check", "--write", "marlshire-news", code=1).stdout
    assert told == "# marlshire-news: nothing was found out; its declaration stands as it is.\n"
