"""What the documentation says is there: steps, commands, files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.commands import COMMANDS
from tests import faults

ROOT = Path(__file__).parent.parent
STEPS = re.findall(r"\| `([\w/]+\.py)` `(\w+)` \|", (ROOT / "docs" / "architecture.md").read_text("utf-8"))


def test_the_way_of_a_report_has_its_steps() -> None:
    assert len(STEPS) >= 15


@pytest.mark.parametrize(("file", "function"), STEPS)
def test_every_step_of_a_report_names_a_function_that_exists(file: str, function: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert function in names


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").glob("**/*.md")), ROOT / "README.md"], ids=lambda one: one.name
)
def test_every_link_to_a_file_of_ours_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command(name: str) -> None:
    assert re.search(rf"\b{name}\b", (ROOT / "README.md").read_text("utf-8")), f"README does not speak of {name}"


def test_every_row_of_the_fault_matrix_names_the_tests_that_carry_it_and_none_is_left_out() -> None:
    assert faults.PAGE.read_text("utf-8") == faults.page(), "run `make docs`"
    known = faults.rows()
    assert len(known) == 179
    assert set(faults.carried()) == set(known), "a row without a test, or a test with a row that is not there"
    assert [id for id, (_, left_out) in known.items() if left_out] == []


def test_the_reference_of_the_commands_is_what_they_say_of_themselves() -> None:
    told = subprocess.run(
        [sys.executable, "docs/make.py", "--show"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == told.stdout, "run `make docs`"
