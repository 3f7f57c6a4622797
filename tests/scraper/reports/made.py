"""The invented reports of `fixtures/reports`, as documents; with changes, where a test needs another wording."""

from __future__ import annotations

from pathlib import Path

from scraper.reports.text import Document

FIXTURES = Path(__file__).parents[3] / "fixtures" / "reports"


def printed(name: str, *changes: tuple[str, str]) -> Document:
    words = (FIXTURES / f"{name}.txt").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in words, f"{old!r} does not stand in {name}"
        words = words.replace(old, new)
    return Document.of(words.split("\f"))
