"""docs/guarantees.md names tests that exist, for each of ten promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SECTIONS = re.split(r"^## ", (ROOT / "docs" / "guarantees.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
PROMISES = {match[0]: section for section in SECTIONS if (match := re.match(r"G\d+", section))}
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_there_are_ten_promises_and_what_is_not_promised() -> None:
    assert list(PROMISES) == [f"G{n}" for n in range(1, 11)]
    assert any(section.startswith("Not promised") for section in SECTIONS)


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_names_tests_that_exist(promise: str) -> None:
    named = TEST.findall(PROMISES[promise])
    assert len(named) >= 2, f"{promise} is proven by nothing"
    for path, name in named:
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), f"{path} has no {name}"


def test_every_sabotage_breaks_a_promise_that_is_made() -> None:
    broken = re.findall(r'^guarantee = "(G\d+)"', (ROOT / "tests/proof/sabotage.toml").read_text("utf-8"), re.MULTILINE)
    assert set(broken) <= set(PROMISES)
    assert len(broken) >= 13
