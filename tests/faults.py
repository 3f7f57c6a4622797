"""The fault matrix: each row of docs/faults.md, the tests that carry it, and with `--fault-matrix` how they ended.

    python -m pytest -p tests.faults -m fault --fault-matrix

A test may carry a row that is not in the table: that is an error, and so is a failed test. Rows without a test are listed.
`make docs` writes the names of the tests into the table, from the marks in their source text.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"
_ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
_PROPERTY = "fault"
_WORST = ("failed", "skipped", "passed")


_LEFT_OUT = "left out: "


def rows() -> dict[str, tuple[str, str]]:
    """Row id → the fault, and why no test is asked for ("" where one is)."""
    found = {id: (fault, last.strip()) for id, fault, last in _ROW.findall(PAGE.read_text("utf-8"))}
    return {
        id: (fault, last.removeprefix(_LEFT_OUT) if last.startswith(_LEFT_OUT) else "")
        for id, (fault, last) in found.items()
    }


def carried() -> dict[str, list[str]]:
    """Row id → the tests that carry it, as "room/file: the sentence that the test is named by", in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        where = str(path.relative_to(ROOT / "tests").with_suffix("")).replace("test_", "")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for row in dict.fromkeys(_marks(node)):
                    found[row].append(f"{where}: {node.name.removeprefix('test_').replace('_', ' ')}")
    return found


def page() -> str:
    """docs/faults.md as it should be: with the tests of each row, read from their source text."""
    tests = carried()

    def filled(row: re.Match[str]) -> str:
        last = "<br>".join(tests[row[1]]) if row[1] in tests else row[3].strip()
        return f"| {row[1]} | {row[2]} | {last} |"

    return _ROW.sub(filled, PAGE.read_text("utf-8"))


def _marks(test: ast.FunctionDef) -> Iterator[str]:
    """The rows in the marks of a test, those of single parameters too."""
    for decorator in test.decorator_list:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
                yield ast.literal_eval(node.args[0])


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
