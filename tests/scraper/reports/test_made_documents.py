"""Made PDFs of letters, SEND reports, homes and cards, through pdfium and the dispatch, read as their texts are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fixtures import make_reports
from inspections.authorities import Authorities
from inspections.model import Authority, Kind
from scraper.model import Reading
from scraper.reports import read_report, text

FIXTURES = Path(__file__).parents[3] / "fixtures" / "reports"
COUNCILS = Authorities([Authority(code="990", name="Westmere"), Authority(code="991", name="Norhaven")])
KINDS = {
    "area-send-2024": Kind.AREA_SEND,
    "area-send-letter-2018": Kind.AREA_SEND_2016,
    "area-send-monitoring-2025": Kind.AREA_SEND_MONITORING,
    "area-send-revisit-2020": Kind.AREA_SEND_2016,
    "childrens-home-2024": Kind.CHILDRENS_HOME,
    "early-years-2018": Kind.EARLY_YEARS,
    "early-years-2023": Kind.EARLY_YEARS,
    "focused-visit-2024": Kind.FOCUSED_VISIT,
    "focused-visit-covid-2021": Kind.FOCUSED_VISIT,
    "focused-visit-priority-2021": Kind.FOCUSED_VISIT,
    "fostering-agency-2023": Kind.FOSTERING,
    "further-education-2024": Kind.FURTHER_EDUCATION,
    "jtai-2017": Kind.JTAI,
    "jtai-2024": Kind.JTAI,
    "monitoring-visit-2022": Kind.MONITORING_VISIT,
    "monitoring-visit-of-progress-2023": Kind.FURTHER_EDUCATION,
    "report-card-2026": Kind.SCHOOL,
    "report-card-college-2026": Kind.FURTHER_EDUCATION,
    "school-2022": Kind.SCHOOL,
    "section-5-2016": Kind.SCHOOL,
    "secure-home-2022": Kind.CHILDRENS_HOME,
    "supported-accommodation-2025": Kind.SUPPORTED_ACCOMMODATION,
}


def made(name: str) -> tuple[Reading, Reading]:
    """The readings of a fixture's text and of a PDF made of it."""
    words = re.sub("[◼▪]", make_reports.BULLET, (FIXTURES / f"{name}.txt").read_text(encoding="utf-8"))
    words = words.replace("\ufffe", "-")
    pages = words.split("\f")
    body = make_reports.pdf([page.split("\n") for page in pages])
    return read_report(pages, COUNCILS), read_report(text.pages(body), COUNCILS)


def test_every_text_is_listed_here() -> None:
    assert {path.stem for path in FIXTURES.glob("*.txt")} >= {*KINDS, "independent-school-monitoring-2026"}


@pytest.mark.parametrize("name", KINDS)
def test_a_pdf_is_read_as_its_text_is(name: str) -> None:
    told, printed = made(name)
    (expected,), (finding,) = told.findings, printed.findings
    assert finding.kind is KINDS[name]
    for field in ("authority", "provider", "urn", "inspected_from", "inspected_to", "published_on", "lead_inspector", "theme",
                  "judgements", "previous", "outcome", "priority_action", "priority_actions", "improvements", "deadlines"):  # fmt: skip
        assert getattr(finding, field) == getattr(expected, field), field


@pytest.mark.parametrize("name", KINDS)
def test_every_evidence_stands_on_its_page(name: str) -> None:
    _, printed = made(name)
    pages = [" ".join(page.split()) for page in printed.text.split("\f")]
    (finding,) = printed.findings
    assert finding.evidence
    for field, words in finding.evidence.items():
        assert words.page is not None and words.text in pages[words.page - 1], field
        assert 0 < len(words.text) <= 300


def test_a_document_that_judges_nothing_gives_its_reason_in_the_notes() -> None:
    _, printed = made("independent-school-monitoring-2026")
    assert printed.findings == ()
    assert len(printed.notes) == 1 and "progress monitoring inspection" in printed.notes[0]


def test_a_letter_on_a_monitored_school_judges_nothing() -> None:
    told, printed = made("school-monitoring-2023")
    assert told.findings == printed.findings == ()
    assert "a monitoring inspection of a school" in printed.notes[0]


def test_a_homes_people_are_not_in_the_text_that_is_kept() -> None:
    _, printed = made("childrens-home-2024")
    assert "Gideon" not in printed.text and "Leaders are new." in printed.text
