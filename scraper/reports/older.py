"""Papers on councils that are neither SIF nor later: looked-after children inspections of 2009 to 2013, reviews of the
safeguarding board alone, and joint area reviews. All are of kind `other`; their grades are read all the same.

Only the looked-after form of 2013 was ever checked on a real document.
"""

from __future__ import annotations

import re
from datetime import date

from inspections.authorities import Authorities
from inspections.model import LEADERS, LSCB, OVERALL, Finding, Kind
from scraper.reports import front as fronts
from scraper.reports.front import Front, title_lines
from scraper.reports.grades import Table, compare_headings, headings, read_table
from scraper.reports.passage import heading_at
from scraper.reports.sif import read_board, read_published
from scraper.reports.text import Document, joined, straight

LABELS = {
    "overall effectiveness": OVERALL,
    "overall effectiveness of services for looked after children and young people": OVERALL,
    "capacity to improve": "capacity_to_improve",
    "capacity for improvement": "capacity_to_improve",
    "outcomes for looked after children and young people": "outcomes_for_looked_after_children_and_young_people",
    "safeguarding outcomes for children and young people": "safeguarding_outcomes",
    "children and young people are safe and feel safe": "children_and_young_people_are_safe",
    "being healthy": "being_healthy",
    "staying safe": "staying_safe",
    "enjoying and achieving": "enjoying_and_achieving",
    "making a positive contribution": "making_a_positive_contribution",
    "making a positive contribution including user engagement": "making_a_positive_contribution",
    "economic well-being": "economic_well_being",
    "quality of provision": "quality_of_provision",
    "quality of services": "quality_of_services",
    "ambition and prioritisation": "ambition_and_prioritisation",
    "leadership and management": LEADERS,
    "performance management and quality assurance": "performance_management",
    "partnership working": "partnership_working",
    "equality and diversity": "equality_and_diversity",
    "value for money": "value_for_money",
}
LONGEST = 31

_TITLES = (
    r"Inspection of (?:safeguarding and )?looked after children(?:'s)? services",
    r"(?:Inspection|Review) of (?:the )?(?:effectiveness of the )?Local Safeguarding Children Board",
    r"Joint area review\b",
)
_CHECKED = re.compile(r"Inspection of looked after children(?:'s)? services", re.IGNORECASE)
_TITLE = re.compile("|".join(rf"(?:{title})" for title in _TITLES), re.IGNORECASE)
_SIF = re.compile(r"children in need of help and protection", re.IGNORECASE)
_RECORD = re.compile(r"Record of main findings:?", re.IGNORECASE)
_AROUND = re.compile(r"\b(?:progress report|report|services|authority area|children'?s)\b|[:,]", re.IGNORECASE)


def recognises(document: Document) -> bool:
    above = straight(joined(title_lines(document)))
    return bool(_TITLE.search(above)) and not _SIF.search(above)


def title(document: Document) -> str | None:
    return joined(title_lines(document)) or None


def read(document: Document, authorities: Authorities, fetched_on: date | None) -> Finding:
    """One finding. The grades stand in the record of main findings at the end, or in the board's heading."""
    front = Front()
    if not _CHECKED.search(straight(joined(title_lines(document)))):
        front.notes.append("this form was never checked on a real document")
    fronts.read_dates(document, front, LONGEST)
    fronts.read_lead(document.lines, front)
    _read_authority(document, authorities, front)
    table = _table(document)
    read_published(document, front)
    return fronts.finding(Kind.OTHER, document, front, table, table.judgements)


def _table(document: Document) -> Table:
    at = heading_at(document.lines, _RECORD)
    if at is not None:
        table = read_table(document.lines[at + 1 :], LABELS)
        compare_headings(table, headings(document.lines[:at], LABELS))
        return table
    table = Table()
    read_board(document.lines, table, expected=True)
    if table.judgements.get(LSCB) is None:
        table.problems.append("the document has no record of main findings")
    return table


def _read_authority(document: Document, authorities: Authorities, front: Front) -> None:
    """The line of the title block that is neither the title nor about it."""
    above = _TITLE.sub("\n", straight(joined(title_lines(document))))
    parts = [" ".join(_AROUND.sub(" ", part).split()) for part in above.split("\n")]
    printed = next((part for part in parts if part), None)
    if printed is None:
        front.notes.append("no authority stands beside the title")
        return
    fronts.read_authority(printed, document, authorities, front)
