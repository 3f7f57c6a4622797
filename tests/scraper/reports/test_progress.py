"""Visits that judge the progress of a college or training provider, theme by theme."""

from __future__ import annotations

from pathlib import Path

from inspections.authorities import Authorities
from inspections.model import Finding, Kind, Outcome
from scraper.reports import progress
from scraper.reports.text import Document

FIXTURE = Path(__file__).parents[3] / "fixtures" / "reports" / "monitoring-visit-of-progress-2023.txt"


def read(*changes: tuple[str, str]) -> Finding:
    words = FIXTURE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in words
        words = words.replace(old, new)
    document = Document.of(words.split("\f"))
    assert progress.recognises(document)
    return progress.read(document, Authorities([]), None)


def test_a_visit_is_read_with_its_provider_and_days() -> None:
    finding = read()
    assert (finding.kind, finding.provider, finding.urn) == (Kind.FURTHER_EDUCATION, "Skills Shire Training", "2600001")
    assert (finding.inspected_from, finding.inspected_to) == ("2023-03-08", "2023-03-09")
    assert finding.lead_inspector == "Saul Pope"


def test_themes_that_differ_are_no_outcome_of_the_whole() -> None:
    finding = read()
    assert finding.outcome is None
    assert any("significant progress, reasonable progress, reasonable progress" in note for note in finding.notes)


def test_one_progress_for_every_theme_is_the_outcome() -> None:
    finding = read(("Significant progress", "Reasonable progress"))
    assert finding.outcome is Outcome.REASONABLE_PROGRESS
    assert finding.evidence["outcome"].text == "Reasonable progress"


def test_a_letter_on_a_visit_to_an_authority_is_none_of_these() -> None:
    letter = (FIXTURE.parent / "monitoring-visit-2022.txt").read_text(encoding="utf-8")
    assert not progress.recognises(Document.of(letter.split("\f")))
