"""The real announcements: no false alarm, at most one miss, no wrong grade and no wrong authority."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.corpus
def test_real_announcements_are_read_to_the_bar(corpus: Path) -> None:
    specification = importlib.util.spec_from_file_location("announcements_bench", ROOT / "bench" / "announcements.py")
    assert specification
    assert specification.loader
    bench = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = bench  # dataclasses look themselves up
    specification.loader.exec_module(bench)
    score = bench.score(corpus / "announcements")
    assert score.false_alarms == []
    assert len(score.missed) <= 1
    assert score.wrong("grades") == []
    assert score.wrong("authority") == []
    assert score.wrong("kind") == []
    assert score.precision >= 0.98
    assert score.recall >= 0.95
