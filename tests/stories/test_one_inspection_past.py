"""The past: histories read without alerts, and Ofsted's own tables beside what was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import Reply
from tests.stories.conftest import Report, Town

NOW = "2026-01-01T09:00:00Z"
HEADER = "Local authority code,Area name,Inspection start date,Inspection publication date,"
HEADER += "Inspection outcome: written statement of action required?,Revisit start date,Revisit publication date,"
HEADER += "Revisit outcome: sufficient progress in addressing all significant weaknesses?\n"


@pytest.fixture
def town_with_a_past(town: Town, corpus: Path) -> Town:
    """Six documents of one council, on Ofsted's page of it."""
    reports = sorted((corpus / "reports").glob("*--blackburn-with-darwen*.pdf"), key=lambda path: path.stem[-10:])
    labels = {"sif": "Single inspection of LA children's services as pdf", "jtai": "Joint area child protection inspection",
              "ilacs": "Children's services inspection", "focused-visit": "Children's services focused visit"}  # fmt: skip
    for number, path in enumerate(reports):
        year, month, day = path.stem[-10:].split("-")
        town.reports.append(
            Report(str(50100000 + number), labels[path.stem.split("--")[0]], f"01 January {year}",
                   f"{day} {MONTHS[int(month) - 1]} {year}", path.read_bytes())
        )  # fmt: skip
    assert len(reports) == 6
    return town


MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def documents_a_round(town: Town, number: int) -> None:
    settings = town.folder / "ofsted-watch.toml"
    settings.write_text(settings.read_text("utf-8") + f"[poll]\ndocuments = {number}\n", "utf-8")


@pytest.mark.corpus
def test_backfill_reads_the_whole_history_and_tells_nobody(town_with_a_past: Town) -> None:
    documents_a_round(town_with_a_past, 2)
    said = town_with_a_past.run("backfill", now=NOW).stdout
    assert "1 histories read" in said
    found = town_with_a_past.ask("inspections")
    assert [one["kind"] for one in found] == ["ilacs", "focused_visit", "jtai", "ilacs", "focused_visit", "sif"]
    town_with_a_past.poll("2026-01-01T10:00:00Z")
    assert town_with_a_past.mail() == []


@pytest.mark.corpus
def test_a_backfill_that_was_interrupted_goes_on_where_it_stopped(town_with_a_past: Town) -> None:
    documents_a_round(town_with_a_past, 2)
    town_with_a_past.poll(NOW)
    assert len(town_with_a_past.ask("inspections")) == 2
    before = len([asked for asked in town_with_a_past.site.requests if "/v1/file/" in asked.path])
    town_with_a_past.run("backfill", "Blackburn with Darwen", now="2026-01-01T10:00:00Z")
    after = len([asked for asked in town_with_a_past.site.requests if "/v1/file/" in asked.path])
    assert len(town_with_a_past.ask("inspections")) == 6
    assert after - before <= 6
    assert "1 were read before" in town_with_a_past.run("backfill", now="2026-01-01T11:00:00Z").stdout
    assert town_with_a_past.mail() == []


def test_a_history_that_cannot_be_read_is_said_and_kept_for_another_day(town: Town) -> None:
    town.site[f"/provider/44/{town.urn}"] = lambda asked: Reply(status=503)
    result = town.run("backfill", now=NOW, code=1)
    assert "ofsted-80430" in result.stderr
    assert "call it again" in result.stderr


@pytest.mark.corpus
def test_a_history_of_years_prints_as_a_timeline_with_the_right_direction(town_with_a_past: Town) -> None:
    town_with_a_past.run("backfill", now=NOW)
    said = town_with_a_past.run("history", "Blackburn with Darwen", now=NOW).stdout
    latest = town_with_a_past.ask("history", "Blackburn with Darwen")[-1]
    assert latest["previous"]["care_leavers"] == "requires_improvement"
    assert latest["judgements"]["care_leavers"] == "requires_improvement"
    assert latest["previous"]["in_care"] == "requires_improvement"
    assert "equires improvement" in said


@pytest.mark.corpus
def test_the_official_table_of_send_outcomes_is_a_baseline_and_importing_it_again_adds_nothing(
    town: Town, corpus: Path
) -> None:
    (table,) = (corpus / "tables").glob("*.ods")
    said = town.run("import", str(table), now=NOW).stdout
    assert "195 inspections added" in said
    assert "0 differences" in said
    assert "0 inspections added, 195 were held already" in town.run("import", str(table), now=NOW).stdout
    (found,) = town.ask("inspections", "--authority", "Bedford")[1:]
    assert found["kind"] == "area_send_2016"
    assert found["outcome"] == "written_statement_required"
    assert town.mail() == []


def test_where_a_table_says_other_than_what_was_read_both_are_named(town: Town, tmp_path: Path) -> None:
    table = tmp_path / "outcomes.csv"
    table.write_text(
        HEADER + "E06000008,Blackburn with Darwen,17/06/2019,09/08/2019,No,,,\nE99,Nowhere,17/06/2019,,No,,,\n", "utf-8"
    )
    result = town.run("import", str(table), now=NOW)
    assert "Nowhere is in no table of authorities" in result.stdout
    assert "1 inspections added" in result.stdout


@pytest.mark.corpus
def test_a_table_of_grades_is_set_beside_the_reports(town_with_a_past: Town, tmp_path: Path) -> None:
    town_with_a_past.run("backfill", now=NOW)
    table = tmp_path / "la.csv"
    table.write_text(
        "Remarks above the table\nLocal authority,Inspection date,Overall effectiveness,"
        "The experiences and progress of children who need help and protection,"
        "The experiences and progress of children in care,The experiences and progress of care leavers\n"
        "Blackburn with Darwen,03/03/2025,Good,Good,Good,Good\n",
        "utf-8",
    )
    result = town_with_a_past.run("import", str(table), now=NOW, code=1)
    assert "Care leavers is good in the table, requires improvement as read" in " ".join(result.stdout.split())
    assert len(town_with_a_past.ask("inspections")) == 6
    latest = town_with_a_past.ask("inspections")[0]
    assert (latest["state"], latest["judgements"]["care_leavers"]) == ("published", "requires_improvement")


def test_a_file_that_is_no_known_table_is_refused_in_a_sentence(town: Town, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("Name,Colour\nA,blue\n", "utf-8")
    assert "Nothing was stored" in town.run("import", str(other), now=NOW, code=1).stderr
