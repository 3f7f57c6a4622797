"""Inspections of local authority children's services (ILACS), since January 2018."""

from __future__ import annotations

import re
from datetime import date

from msgspec.structs import replace

from inspections.authorities import Authorities
from inspections.model import Finding, Kind
from scraper.reports import front as fronts
from scraper.reports.earlier import read_previous
from scraper.reports.front import Front, title_lines
from scraper.reports.grades import compare_headings, headings, outside, read_table
from scraper.reports.passage import Item, below, heading_at, items
from scraper.reports.text import Document, evidence, joined, straight, without_footnotes

LABELS = {
    "the impact of leaders on social work practice with children and families": "leaders",
    "the experiences and progress of children who need help and protection": "help_protection",
    "the experiences and progress of children in need of help and protection": "help_protection",
    "the experiences and progress of children in care and care leavers": "in_care_and_care_leavers",
    "the experiences and progress of children in care": "in_care",
    "the experiences and progress of care leavers": "care_leavers",
    "the experiences and progress of children care leavers": "care_leavers",  # so misprinted in several of 2025
    "overall effectiveness": "overall",
}
LONGEST = 31  # days of one period on site

_OLD_TITLE = re.compile(
    r"(?P<who>.+?)\s+Inspection of (?:children's social care services|local authority children's services)\.?",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"(?:.*\b)?Inspection of (?P<who>.+?)(?:\s+(?:local authority|children's (?:social care )?services))*\.?",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"joint targeted|area send|focused visit|monitoring visit|need of help and protection"
    r"|looked after children services|children's home|\bschool\b|\bfostering\b|\badoption\b",
    re.IGNORECASE,
)
_IMPROVE = re.compile(r"What (?:does the .+ )?needs? to improve(?: in this area.*)?\s*[?:.]?\s*\d?", re.IGNORECASE)
_PRIORITY = re.compile(r"Areas? for priority actions?\s*:?", re.IGNORECASE)
_SECTION = re.compile(
    r"(?:The experiences and progress of|The impact of leaders|Overall effectiveness|Areas? for priority action).*",
    re.IGNORECASE,
)
_AFTER_PRIORITY = re.compile(rf"{_SECTION.pattern}|{_IMPROVE.pattern}", re.IGNORECASE)
_NONE_SET = re.compile(r"\b(?:there (?:are|were) no|did not (?:find|identify) any|none)\b", re.IGNORECASE)


def recognises(document: Document) -> bool:
    """An inspection of children's services by its title, with the first label of the ILACS table or its dates."""
    above = straight(joined(title_lines(document)))
    if not re.search(r"\binspection of\b", above, re.IGNORECASE) or _OF_OTHERS.search(above):
        return False
    front = straight(document.opening).lower()
    judged = (
        "the impact of leaders on social work" in front or "the experiences and progress of children in care" in front
    )
    return judged or bool(re.search(r"children's (?:social care )?services", above, re.IGNORECASE))


def title(document: Document) -> str | None:
    return joined(title_lines(document)) or None


def read(document: Document, authorities: Authorities, fetched_on: date | None) -> Finding:
    """One finding. The publication date is on the web page only; short or standard is not printed."""
    front = Front()
    fronts.read_dates(document, front, LONGEST)
    fronts.read_lead(document.front, front)
    _read_authority(document, authorities, front)
    table = read_table(document.front, LABELS)
    compare_headings(table, headings(outside(table, document.lines), LABELS))
    judgements, notes = fronts.settle(Kind.ILACS, front.inspected_from.first if front.inspected_from else None, table)
    previous = read_previous(fronts.narrative(document, table), front.inspected_from)
    improvements, about = _improvements(document)
    priority, actions = _priority(document)
    finding = fronts.finding(Kind.ILACS, document, front, table, judgements)
    return replace(
        finding,
        previous=previous.grades,
        priority_action=priority,
        priority_actions=tuple(line.text for line in actions),
        improvements=tuple(line.text for line in improvements),
        notes=(*finding.notes, *notes, *about, *previous.notes),
        evidence={
            **finding.evidence,
            **({"improvements": evidence(improvements[0].page, improvements[0].text)} if improvements else {}),
            **({"priority_action": evidence(actions[0].page, actions[0].text)} if actions else {}),
            **previous.evidence,
        },
    )


def _read_authority(document: Document, authorities: Authorities, front: Front) -> None:
    """The name in the title: before "Inspection of" in the forms of 2018 to 2021, since then behind it."""
    lines = [line for line in title_lines(document) if line.text != "Ofsted"]
    printed = joined(lines)
    found = _OLD_TITLE.fullmatch(straight(printed)) or _TITLE.fullmatch(straight(printed))
    if found is None:
        front.notes.append(f"no authority can be read from the title {printed!r}")
        return
    fronts.read_authority(printed[slice(*found.span("who"))].strip(), document, authorities, front)


def _improvements(document: Document) -> tuple[tuple[Item, ...], list[str]]:
    """The items under "What needs to improve"; prose in their place is a note."""
    lines = without_footnotes(document.lines)
    at = heading_at(lines, _IMPROVE)
    if at is None:
        return (), ['there is no heading "What needs to improve"']
    section = below(lines, at, _SECTION)
    numbered = next((n for n, line in enumerate(section) if n and re.match(r"1\.\s", line.text)), len(section))
    section = section[:numbered]
    found = items(section)
    if not found and section:
        return (), [f"what needs to improve is said in prose: {joined(section)[:200]!r}"]
    return found, []


def _priority(document: Document) -> tuple[bool, tuple[Item, ...]]:
    """Actions set by this inspection stand under a whole-line heading; running text names those of earlier visits."""
    lines = without_footnotes(document.lines)
    at = heading_at(lines, _PRIORITY)
    if at is None:
        return False, ()
    section = below(lines, at, _AFTER_PRIORITY)
    found = items(section)
    return bool(found) or not _NONE_SET.search(joined(section[:3])), found
