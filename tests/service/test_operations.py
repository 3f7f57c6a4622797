"""docs/operations.md and deploy/ say what is: every outcome, every incident, every part of the unit."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from scraper.model import Code
from scraper.outcomes import OUTCOMES
from service.commands import EXIT_ARCHIVE, EXIT_BUSY, EXIT_USAGE
from service.daemon import LAST_WORDS
from tests.faults import rows

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
SERVICE = "".join((ROOT / "service" / name).read_text("utf-8") for name in ("health/incidents.py", "daemon.py"))
DRIFT = (ROOT / "service" / "polling" / "drift.py").read_text("utf-8")
INCIDENTS = set(re.findall(r'code="([a-z-]+)"', SERVICE)) | {"reads-empty", "not-read"}
INCIDENTS |= set(re.findall(r'yield "([a-z-]+)", \(', DRIFT))


@pytest.mark.parametrize("outcome", sorted(OUTCOMES | {"ok", "unchanged", "zero-items", "suspect"}))
def test_every_outcome_of_a_poll_is_explained(outcome: str) -> None:
    assert re.search(rf"^\| .*`{outcome}`", PAGE, re.MULTILINE)


@pytest.mark.parametrize("incident", sorted(INCIDENTS))
def test_every_incident_is_explained(incident: str) -> None:
    assert re.search(rf"^\| `{incident}` \|", PAGE, re.MULTILINE)


def test_no_incident_is_explained_that_cannot_happen() -> None:
    table = PAGE.split("## Incidents", 1)[1].split("\n## ", 1)[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == INCIDENTS


@pytest.mark.parametrize("code", sorted(Code))
def test_every_reason_of_an_unread_document_is_named(code: str) -> None:
    assert f"`{code}`" in PAGE


@pytest.fixture
def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(ROOT / "deploy" / "ofsted-watch.service", "utf-8")
    return read


def test_the_unit_gives_the_daemon_the_time_that_it_needs(unit: configparser.ConfigParser) -> None:
    service = unit["Service"]
    assert int(service["TimeoutStopSec"].removesuffix("s")) > LAST_WORDS + 3
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"].removesuffix("s")) >= 60
    assert {int(code) for code in service["RestartPreventExitStatus"].split()} == {EXIT_USAGE, EXIT_ARCHIVE, EXIT_BUSY}


@pytest.mark.parametrize(
    "line",
    [
        "NoNewPrivileges",
        "ProtectSystem",
        "PrivateTmp",
        "DynamicUser",
        "CapabilityBoundingSet",
        "SystemCallFilter",
        "RestrictAddressFamilies",
        "UMask",
    ],
)
def test_the_unit_is_hardened(unit: configparser.ConfigParser, line: str) -> None:
    assert line in unit["Service"]


def test_the_container_runs_as_nobody_in_particular_and_copies_every_room() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
    assert text.count("\nFROM ") == 2
    assert re.search(r"^USER 10001", text, re.MULTILINE)
    assert "HEALTHCHECK" in text
    for room in ("inspections", "scraper", "archive", "alerts", "web", "config", "service"):
        assert f"COPY {room} {room}\n" in text


def test_the_fault_matrix_lists_every_row_once() -> None:
    counts = {"N": 12, "H": 21, "P": 12, "D": 11, "X": 9, "R": 10, "T": 9, "S": 19, "M": 25, "O": 15, "C": 12, "K": 24}
    assert set(rows()) == {f"{letter}{n}" for letter, count in counts.items() for n in range(1, count + 1)}


def test_every_test_that_carries_a_row_names_one_that_exists() -> None:
    named = set()
    for path in (ROOT / "tests").rglob("*.py"):
        named |= set(re.findall(r'mark\.fault\("([A-Z]\d+)"\)', path.read_text("utf-8")))
    assert named <= set(rows())
