"""The real announcements: no false alarm, at most one miss, no wrong grade and no wrong authority."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.corpus
def test_real_announcements_are_read_to_the_bar(corpus: Path) -> None:
    from bench import announcements

    score = announcements.score(corpus / "announcements")
    assert score.false_alarms == []
    assert len(score.missed) <= 1
    assert score.wrong("grades") == []
    assert score.wrong("authority") == []
    assert score.wrong("kind") == []
    assert score.precision >= 0.98
    assert score.recall >= 0.95
