"""`--fault-matrix`: each row of docs/faults.md, the tests that carry it, and how they ended.

    python -m pytest -p tests.faults -m fault --fault-matrix

A test may carry a row that is not in the table: that is an error, and so is a failed test. Rows without a test are listed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"
_ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
_PROPERTY = "fault"
_WORST = ("failed", "skipped", "passed")


def rows() -> dict[str, tuple[str, str]]:
    """Row id → the fault, and why no test is asked for ("" where one is)."""
    return {id: (fault, reason.strip()) for id, fault, reason in _ROW.findall(PAGE.read_text("utf-8"))}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault-matrix", action="store_true", help="Print each row of docs/faults.md with its tests.")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--fault-matrix") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Matrix(config), "fault-matrix")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:  # properties travel from the workers of xdist, marks do not
        item.user_properties += [(_PROPERTY, mark.args[0]) for mark in item.iter_markers("fault")]


class _Matrix:
    """Gathers what each test that carries a row came to."""

    def __init__(self, config: pytest.Config) -> None:
        self.known = rows()
        self.found: dict[str, dict[str, str]] = defaultdict(dict)  # row → test → its worst outcome

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        test = report.nodeid.partition("[")[0]
        for name, row in report.user_properties:
            if name == _PROPERTY:
                before = self.found[str(row)].get(test, "passed")
                self.found[str(row)][test] = min(before, report.outcome, key=_WORST.index)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        terminalreporter.section("fault matrix")
        for row, (fault, _) in self.known.items():
            for number, (test, outcome) in enumerate(sorted(self.found.get(row, {}).items())):
                write(
                    f"{'' if number else row:4} {'' if number else fault:58.58} {outcome:8}{test.removeprefix('tests/')}"
                )
        bare = [row for row in self.known if row not in self.found]
        left = [row for row in bare if self.known[row][1]]
        if left:
            terminalreporter.section("rows left out")
            for row in left:
                write(f"{row:4} {self.known[row][0]}: {self.known[row][1]}")
        without = [row for row in bare if row not in left]
        if without:
            terminalreporter.section("rows without a test")
            for row in without:
                write(f"{row:4} {self.known[row][0]}")
        unknown = sorted(set(self.found) - set(self.known))
        if unknown:
            terminalreporter.section("rows that are not in docs/faults.md", red=True)
            write(", ".join(unknown))
        carried = len(self.known) - len(bare)
        write(f"{carried} of {len(self.known)} rows have a test, {len(left)} are left out, {len(without)} have none")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if set(self.found) - set(self.known) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
