"""A test that has never failed proves nothing: each guarantee is broken once, and its tests must go red.

    make sabotage      tries every change of sabotage.toml and prints a table

A change is made in a copy of the tree; only the tests that it names are run there. Here, three of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SABOTAGES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("sabotage.toml").read_text("utf-8"))[
    "sabotage"
]
SAMPLE = ("deferred begin", "zero items is success", "told facts before sent")
WANTED = [one for one in SABOTAGES if os.environ.get("SABOTAGE") == "all" or one["name"] in SAMPLE]
PARTS = ("inspections", "scraper", "archive", "alerts", "web", "config", "service", "fixtures", "tests", "docs",
         "pyproject.toml", "README.md", "constraints.txt")  # fmt: skip
_GREEN: dict[tuple[str, ...], bool] = {}  # whether these tests pass in an unbroken copy


def copied(to: Path) -> Path:
    """The tree without what is not needed, its .venv least of all: the copy's own rooms come first in its own runs."""
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__", ".*", "screenshots"))
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, to / name)
    return to


def ran(tree: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", "--timeout", "120", *tests],
        cwd=tree, capture_output=True, text=True, timeout=400,
        env=os.environ | {"CRASH_EVERY": "1000000", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda one: one["name"])
def test_every_sabotage_still_fits_the_code_that_it_breaks(sabotage: dict[str, Any]) -> None:
    text = (ROOT / sabotage["file"]).read_text("utf-8")
    assert text.count(sabotage["old"]) == 1, f"write {sabotage['name']!r} anew for the code as it is"
    for test in sabotage["tests"]:
        path, _, name = test.partition("::")
        assert (ROOT / path).is_file()
        assert f"def {name}(" in (ROOT / path).read_text("utf-8") or not name


@pytest.mark.timeout(500)
@pytest.mark.parametrize("sabotage", WANTED, ids=lambda one: one["name"])
def test_a_broken_guarantee_turns_its_tests_red(
    sabotage: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = copied(tmp_path)
    tests = tuple(sabotage["tests"])
    if sabotage["name"] not in SAMPLE and tests not in _GREEN:  # those of the sample are in the suite anyway
        _GREEN[tests] = ran(tree, list(tests)).returncode == 0
    assert _GREEN.get(tests, True), f"{tests} fail in an unbroken copy, so that their failing proves nothing"
    broken = tree / sabotage["file"]
    broken.write_text(broken.read_text("utf-8").replace(sabotage["old"], sabotage["new"]), "utf-8")
    compile(broken.read_text("utf-8"), str(broken), "exec")
    began = time.monotonic()
    run = ran(tree, sabotage["tests"])
    with capsys.disabled():
        said = next(
            (line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))), "nothing failed"
        )
        red = "red" if run.returncode == 1 else "GREEN"
        print(
            f"\n| {sabotage['name']} | {sabotage['guarantee']} | {red} | {time.monotonic() - began:.0f} s | {said[:120]} |"
        )
    assert run.returncode == 1, f"{sabotage['name']}: its tests did not notice.\n{run.stdout[-2000:]}"
