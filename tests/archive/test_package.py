"""The archive as open data: complete, described, valid by its own description, and without what is nobody's business."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, Busy
from archive.locks import FileLock
from archive.opendata import FORMS, TABLES, dictionary, path_of
from archive.package import write_package
from inspections.days import Day
from inspections.model import Authority, Certainty, Evidence, Grade, Kind, Outcome, Publication

COUNCILS = (
    Authority(code="990", name="Northmoor", gss="E06999990", urn="80990", region="North West"),
    Authority(
        code="989", name="Eastmere", region="South West", valid_from=date(2019, 4, 1), predecessors=("988", "987")
    ),
)
ROOT = Path(__file__).parent.parent.parent
FORMULA = "=HYPERLINK(1)"


class Source:
    def __init__(self, id: str, url: str, authority: str | None = None) -> None:
        self.id, self.url, self.authority = id, url, authority


@pytest.fixture
def filled(archive: Archive, report: Callable[..., Publication], article: Callable[..., Publication], now: datetime) -> Archive:  # fmt: skip
    """A little of everything that a table can hold."""
    archive.watch(
        [Source("ofsted", "https://reports.example/search?q=1"), Source("gazette", "https://news.example/")], now
    )
    archive.polled("ofsted", outcome="ok", now=now, next_due=now + timedelta(hours=1), seen=1)
    archive.record(report(ref="1", day="2022-03-21"), now=now, baseline=True)
    archive.record(article(day="2025-03-20", evidence={"judgements.all": Evidence(text="good across the board")}),
                   now=now, baseline=True)  # fmt: skip
    page = report(
        ref="2", day="2025-03-20", judgements={"overall": Grade.INADEQUATE, "early_help": None}, theme=FORMULA,
        improvements=("One.", "Two."), priority_actions=("Act.",), priority_action=True, notes=("A note.",),
        deadlines={"action_plan": Day("2025-06-01")},
        evidence={"judgements.overall": Evidence(text="Overall effectiveness: inadequate", page=1)},
    )  # fmt: skip
    archive.record(page, now=now, baseline=True)
    archive.record(report(ref="3", authority="Eastmere", kind=Kind.AREA_SEND, judgements={}, day="2024-05-02",
                          outcome=Outcome.INCONSISTENT), now=now, baseline=True)  # fmt: skip
    return archive


def rows(folder: Path, table: str, form: str) -> list[dict[str, Any]]:
    with (folder / path_of(table, form)).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)) if form == "csv" else [json.loads(line) for line in file]


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_columns_that_are_written_are_those_that_the_description_names(filled: Archive, tmp_path: Path) -> None:
    counts = write_package(filled, COUNCILS, tmp_path / "open")
    for name, table in TABLES.items():
        with (tmp_path / "open" / path_of(name, "csv")).open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == list(table.columns), name
        assert counts[name], f"{name} has no row here, and so nothing compares its columns"
        for row in rows(tmp_path / "open", name, "jsonl"):
            assert list(row) == list(table.columns), name


def test_every_file_is_valid_by_the_description_that_lies_beside_it(filled: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    write_package(filled, COUNCILS, folder)
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    resources = {each["name"]: each for each in package["resources"]}
    assert len(resources) == len(TABLES) * len(FORMS)
    for resource in resources.values():
        body = (folder / resource["path"]).read_bytes()
        assert (len(body), f"sha256:{hashlib.sha256(body).hexdigest()}") == (resource["bytes"], resource["hash"])
        table, form = Path(resource["path"]).stem, resource["format"]
        found = [{name: _typed(row[name], fields[name], form) for name in row}
                 for fields in [{each["name"]: each for each in resource["schema"]["fields"]}]
                 for row in rows(folder, table, form)]  # fmt: skip
        keys = [tuple(row[name] for name in resource["schema"]["primaryKey"]) for row in found]
        assert len(keys) == len(set(keys)), f"{table}: a key is there twice"
        for foreign in resource["schema"]["foreignKeys"]:
            other = resources[foreign["reference"]["resource"]]
            known = {tuple(row[name] for name in foreign["reference"]["fields"])
                     for row in rows(folder, Path(other["path"]).stem, form)}  # fmt: skip
            assert {tuple(row[name] for name in foreign["fields"]) for row in found} <= known, f"{table}: {foreign}"


def _typed(cell: Any, field: dict[str, Any], form: str) -> Any:
    """The value, checked against its description."""
    limits = field.get("constraints", {})
    if cell in ("", None):
        assert not limits.get("required"), f"{field['name']} is missing"
        return None
    if form == "csv":
        cell = {"integer": int, "boolean": {"true": True, "false": False}.__getitem__}.get(field["type"], str)(cell)
    assert isinstance(cell, {"integer": int, "boolean": bool}.get(field["type"], str)), field["name"]
    if field["type"] == "datetime":
        datetime.strptime(cell, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if field["type"] == "date":
        date.fromisoformat(cell)
    assert cell in limits.get("enum", [cell]), f"{field['name']} is {cell}"
    assert re.search(limits.get("pattern", ""), str(cell)), f"{field['name']} is {cell}"
    assert len(str(cell)) <= limits.get("maxLength", 10**9), field["name"]
    return cell


def test_both_forms_hold_the_same_rows_but_for_the_guard_against_formulas(filled: Archive, tmp_path: Path) -> None:
    write_package(filled, COUNCILS, tmp_path / "open")
    (as_csv,) = [row for row in rows(tmp_path / "open", "inspections", "csv") if row["theme"]]
    (as_line,) = [row for row in rows(tmp_path / "open", "inspections", "jsonl") if row["theme"]]
    assert (as_csv["theme"], as_line["theme"]) == (f"'{FORMULA}", FORMULA)
    for name in TABLES:
        assert len(rows(tmp_path / "open", name, "csv")) == len(rows(tmp_path / "open", name, "jsonl"))


def test_grades_old_and_new_and_the_announcement_beside_the_report_can_be_joined(
    filled: Archive, tmp_path: Path
) -> None:
    write_package(filled, COUNCILS, tmp_path / "open")
    grades = {(row["grade"], row["before"], row["direction"]) for row in rows(tmp_path / "open", "judgements", "jsonl")}
    assert ("inadequate", "good", "down") in grades
    (said,) = rows(tmp_path / "open", "contrasts", "jsonl")
    (announced,) = rows(tmp_path / "open", "announcements", "jsonl")
    assert said == {"announcement": announced["id"], "area": "overall", "said": "good", "found": "inadequate"}
    north = next(row for row in rows(tmp_path / "open", "inspections", "csv") if row["authority"] == "Northmoor")
    assert (north["authority_code"], north["region"]) == ("990", "North West")


def test_what_is_others_text_or_nobodys_business_is_in_no_file(
    archive: Archive, report: Callable[..., Publication], article: Callable[..., Publication], alert: Callable[..., Any],
    now: datetime, tmp_path: Path,
) -> None:  # fmt: skip
    """Canaries wherever the archive keeps what must not leave it."""
    long = "Council text that is quoted in part only. " * 20
    archive.watch([Source("gazette", "https://user:CANARY-password@news.example/feed"),
                   Source("herald", "https://herald.example/feed?key=CANARY-token#CANARY-fragment")], now)  # fmt: skip
    archive.polled(
        "gazette", outcome="ok", now=now, next_due=now, learned={"token": "CANARY-learned"}, note="CANARY-note"
    )
    digest = archive.captures.put(b"CANARY-original")
    page = article(text=f"{long}CANARY-body", evidence={"judgements.all": Evidence(text=f"{long}CANARY-quotation")},
                   improvements=(f"{long}CANARY-improvement",), theme=f"{long}CANARY-theme")  # fmt: skip
    noted = {"document_sha256": digest, "notes": ("CANARY-publication-note",), "title": f"{long}CANARY-title"}
    page = Publication(**{name: getattr(page, name) for name in page.__struct_fields__} | noted)
    archive.record(page, now=now, baseline=True)
    (event,) = archive.record(report(authority="Eastmere", ref="9", text="Ofsted's own text.\fPage two."), now=now,
                              baseline=False)  # fmt: skip
    archive.queue(
        [alert(recipient="email:CANARY-reader@example.org", inspection=event.inspection.id, event=event.type)], now
    )
    archive.open_incident("delivery", "email:CANARY-operator@example.org", "CANARY-incident", now=now)
    archive.pause_recipient("email:CANARY-paused@example.org", until=now, reason="CANARY-reason")
    archive.keep_note("CANARY-key", "CANARY-value")
    undecided = article(ref="https://news.example/2", authority="Westfold", certainty=Certainty.UNDECIDED,
                        evidence={"judgements.all": Evidence(text="CANARY-undecided")})  # fmt: skip
    archive.record(undecided, now=now, baseline=True)
    write_package(archive, COUNCILS, tmp_path / "open")
    everything = b"".join(bytes_of(tmp_path / "open").values())
    assert re.findall(rb"CANARY-[\w-]+", everything) == []
    assert digest.encode() not in everything
    assert {row["id"]: row["url"] for row in rows(tmp_path / "open", "sources", "csv")} == {
        "gazette": "", "herald": "https://herald.example/feed",
    }  # fmt: skip
    assert [row["text"] for row in rows(tmp_path / "open", "pages", "jsonl")] == ["Ofsted's own text.", "Page two."]


def test_the_same_archive_gives_the_same_bytes(filled: Archive, tmp_path: Path) -> None:
    write_package(filled, COUNCILS, tmp_path / "one")
    write_package(filled, tuple(reversed(COUNCILS)), tmp_path / "two")
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_a_kill_in_the_middle_leaves_no_folder_and_the_next_call_begins_anew(filled: Archive, tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(filled.folder), str(tmp_path / "open")], cwd=ROOT, check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "open").exists()
    assert (tmp_path / ".open.part" / "data").is_dir()
    write_package(filled, COUNCILS, tmp_path / "open")
    write_package(filled, COUNCILS, tmp_path / "fresh")
    assert bytes_of(tmp_path / "open") == bytes_of(tmp_path / "fresh")
    assert not (tmp_path / ".open.part").exists()


_KILLED = """
import os, signal, sys
from pathlib import Path
from archive import Archive
from archive.package import write_package
with Archive.open(sys.argv[1], readonly=True) as archive:
    write_package(archive, (), Path(sys.argv[2]), step=lambda done: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_an_error_in_the_middle_leaves_nothing(filled: Archive, tmp_path: Path) -> None:
    def full(done: int) -> None:
        raise OSError("no space left on the disk")

    with pytest.raises(OSError, match="no space"):
        write_package(filled, COUNCILS, tmp_path / "open", step=full)
    assert [path.name for path in tmp_path.iterdir() if "open" in path.name] == []


def test_what_a_daemon_records_meanwhile_is_left_to_the_next_export(
    filled: Archive, report: Callable[..., Publication], now: datetime, tmp_path: Path
) -> None:
    left = [report(ref="90", authority="Eastmere", day="2030-01-02"), report(ref="91", day="2014-01-02")]

    def meanwhile(done: int) -> None:
        if left:
            filled.record(left.pop(), now=now, baseline=True)

    before = write_package(filled, COUNCILS, tmp_path / "before", step=meanwhile)
    after = write_package(filled, COUNCILS, tmp_path / "after")
    assert (after["publications"], after["inspections"]) == (before["publications"] + 2, before["inspections"] + 2)
    reports = {row["inspection"] for row in rows(tmp_path / "before", "reports", "csv")}
    assert reports <= {row["id"] for row in rows(tmp_path / "before", "inspections", "csv")}


def test_two_at_a_time_do_not_write_into_each_other(filled: Archive, tmp_path: Path) -> None:
    (tmp_path / ".open.part").mkdir()
    lock = FileLock(tmp_path / ".open.part" / "lock")
    with lock.held(wait=0), pytest.raises(Busy):
        write_package(filled, COUNCILS, tmp_path / "open")
    lock.close()
    write_package(filled, COUNCILS, tmp_path / "open")
    with pytest.raises(FileExistsError, match="already"):
        write_package(filled, COUNCILS, tmp_path / "open")


def test_memory_does_not_grow_with_the_archive(
    archive: Archive, report: Callable[..., Publication], now: datetime, tmp_path: Path
) -> None:
    text = "Children are seen regularly. " * 1_000
    for n in range(300):
        day = (date(2015, 1, 1) + timedelta(days=n)).isoformat()
        home = {"kind": Kind.CHILDRENS_HOME, "provider": f"Home {n}", "urn": f"SC{n:06}"}
        archive.record(report(ref=str(n), day=day, text=text, **home), now=now, baseline=True)
    steps: list[int] = []
    tracemalloc.start()
    try:
        write_package(archive, COUNCILS, tmp_path / "open", step=steps.append)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(steps) == 600 == sum(archive.counted())
    assert (tmp_path / "open" / path_of("pages", "csv")).stat().st_size > 8_000_000
    assert peak < 4_000_000


def test_the_page_in_the_documentation_is_the_dictionary() -> None:
    page = (ROOT / "docs" / "open-data.md").read_text("utf-8")
    assert page.endswith(dictionary().partition("\n\n")[2]), "run `make docs`"
