"""Monitoring visits to providers of further education and skills: how much progress they made, theme by theme."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Certainty, Evidence, Finding, Kind, Outcome
from scraper import dates
from scraper.reports import passage
from scraper.reports.text import Document, Line, evidence, straight

LONGEST = 31  # days

_TITLE = re.compile(r"(?:New provider )?monitoring visit report", re.IGNORECASE)
_URN = re.compile(r"(?:Unique reference number(?: \(URN\))?|URN)\s*:?\s*(?P<urn>\d{5,7})", re.IGNORECASE)
_LABEL = re.compile(r"[A-Z][\w ()]{2,40}:.*")
_DATES = re.compile(r"(?:Inspection|Visit) dates?(?:\(s\))?\s*:?\s*(?P<when>\d.{3,80})", re.IGNORECASE)
_LEAD = re.compile(r"Name of lead inspector\s*:?\s*(?P<name>[^,]{4,60}?)(?:,.*| HMI)?", re.IGNORECASE)
_PROGRESS = re.compile(r"(?P<how>significant|reasonable|insufficient) progress", re.IGNORECASE)


def recognises(document: Document) -> bool:
    return _title_line(document) is not None and bool(_themes(document.lines))


def title(document: Document) -> str | None:
    return "Monitoring visit report"


def read(document: Document, authorities: Authorities, fetched_on: date | None) -> Finding:
    """The finding, with the outcome that all themes share; where they differ, the notes say which and it is unknown."""
    shown: dict[str, Evidence] = {}
    notes = ["this form was never checked on a real document"]
    first, last = _inspected(document.front, shown, notes)
    found = _themes(document.lines)
    said = {line.text.lower() for line in found}
    outcome = None
    if len(said) == 1:
        outcome = Outcome(said.pop().replace(" ", "_"))
        shown["outcome"] = evidence(found[0].page, found[0].text)
    else:
        listed = ", ".join(line.text.lower() for line in found)
        notes.append(f"the themes differ ({listed}), so that no outcome is taken for the whole")
    heading = _title_line(document)
    if heading:
        shown["kind"] = evidence(heading.page, heading.text)
    provider = _provider(document)
    if provider:
        shown["provider"] = evidence(provider.page, provider.text)
    return Finding(
        kind=Kind.FURTHER_EDUCATION,
        authority=None,
        provider=provider.text if provider else None,
        urn=_labelled(document.front, _URN, "urn", shown),
        certainty=Certainty.PUBLISHED,
        inspected_from=first,
        inspected_to=last,
        lead_inspector=_labelled(document.front, _LEAD, "name", shown, "lead_inspector"),
        outcome=outcome,
        notes=tuple(notes),
        evidence=passage.proven(document, shown),
    )


def _title_line(document: Document) -> Line | None:
    return next((line for line in document.front[:6] if _TITLE.fullmatch(line.text)), None)


def _themes(lines: Sequence[Line]) -> list[Line]:
    """The lines that are a progress and no more: one below each theme."""
    return [line for line in lines if _PROGRESS.fullmatch(straight(line.text))]


def _provider(document: Document) -> Line | None:
    """The first line above the findings that is neither the title nor a label with its value."""
    for line in document.front[:14]:
        if line.text.lower().startswith(("monitoring visit: main findings", "context and focus")):
            return None
        if not _TITLE.fullmatch(line.text) and not _LABEL.fullmatch(line.text):
            return line
    return None


def _labelled(
    lines: Sequence[Line], pattern: re.Pattern[str], group: str, shown: dict[str, Evidence], field: str = ""
) -> str | None:
    for line in lines:
        if found := pattern.fullmatch(line.text):
            shown[field or group] = evidence(line.page, line.text)
            return found[group]
    return None


def _inspected(lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]) -> tuple[Day | None, Day | None]:
    for line in lines:
        found = _DATES.fullmatch(line.text)
        span = dates.whole(found["when"]) if found else None
        if span and dates.plausible_length(span.first, span.last, LONGEST):
            shown["inspected_from"] = shown["inspected_to"] = evidence(line.page, line.text)
            return span.first, span.last
    notes.append("no inspection dates were read")
    return None, None
