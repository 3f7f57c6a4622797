"""What the first pages of every report on a council say: title, dates, lead inspector, whom it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from inspections import frameworks
from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Certainty, Evidence, Finding, Grade, Kind
from scraper import dates
from scraper.reports import named
from scraper.reports.grades import Table
from scraper.reports.text import Document, Line, evidence, joined

DATES = re.compile(r"(?:inspection|review)\s+dates?\b\s*:?", re.IGNORECASE)
LEAD = re.compile(r"(?:lead|reporting)\s+inspector(?:\s+on[- ]site)?\b\s*:?", re.IGNORECASE)
_TITLE = re.compile(r"(?:re-?)?inspection of|review of|joint area review", re.IGNORECASE)
_TITLE_LINES = 6
_AFTER_TITLE = re.compile(rf"{DATES.pattern}|{LEAD.pattern}|judgement|(?:report )?published", re.IGNORECASE)
_AFTER_DATES = re.compile(
    r"(?:lead|reporting)\s+inspector|(?:report\s+)?published|judgement|the\s|children.?s\s|age group|\d\.\s",
    re.IGNORECASE,
)
_HONOURS = re.compile(
    r"[,;–-]?\s*\(?\b(?:Senior\b|(?:Her|His)\s+Majesty.?s?\b|HMI\b|Ofsted\s+Inspector|Social\s+Care|Regional\b|AI\b).*",
    re.DOTALL,
)
_NAME = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Professor)\.?\s+)?(?P<name>[A-ZÀ-Þ][\w'’.-]*(?:\s+(?:(?:de|der|van|von|la|le|al|bin)\s+)*[A-ZÀ-Þ][\w'’.-]*){1,4})\.?"
)
_COUNTY = re.compile(r"\b(?:the\s+)?(?:local authority|children.?s services)\b", re.IGNORECASE)


@dataclass
class Front:
    """What was read, each field with its evidence."""

    authority: str | None = None
    provider: str | None = None
    inspected_from: Day | None = None
    inspected_to: Day | None = None
    published_on: Day | None = None
    lead_inspector: str | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def title_lines(document: Document) -> tuple[Line, ...]:
    """The lines above the dates; where those say nothing of an inspection, the lines from "Inspection of" on."""
    front = document.front
    dated = next((n for n, line in enumerate(front) if DATES.match(line.text)), None)
    above = front[: _TITLE_LINES if dated is None else dated]
    if any(_TITLE.search(line.text) for line in above) or dated is None:
        return above
    begins = next((n for n, line in enumerate(front) if _TITLE.match(line.text)), None)
    if begins is None:
        return above
    ends = next(n for n in range(begins, len(front) + 1) if n == len(front) or _AFTER_TITLE.match(front[n].text))
    return front[begins : min(ends, begins + _TITLE_LINES)]


def titled(document: Document) -> Evidence:
    """The title, as evidence of the kind."""
    lines = title_lines(document)
    return evidence(lines[0].page if lines else 1, joined(lines))


def read_dates(document: Document, front: Front, longest: int) -> None:
    """The inspection's first and last day; over all ranges where several are printed.

    longest: days that one range can plausibly take. A range that cannot be is noted and not taken.
    """
    lines = document.front
    at = next((n for n, line in enumerate(lines) if DATES.match(line.text)), None)
    if at is None:
        front.notes.append("no inspection dates are printed under their label")
        return
    printed = [lines[at].text]
    for line in lines[at + 1 : at + 4]:
        if _AFTER_DATES.match(line.text):
            break
        printed.append(line.text)
    words = " ".join(printed)
    ranges, span = dates.spans(words), dates.whole(words)
    if span is None:
        front.notes.append(f"the inspection dates cannot be read: {words!r}")
        return
    if not (span.first.date and span.last.date):
        front.notes.append(f"the inspection dates are not whole and are not taken: {words!r}")
        return
    if not all(dates.plausible_length(each.first, each.last, longest) for each in ranges):
        front.notes.append(f"the inspection dates cannot be right and are not taken: {words!r}")
        return
    if len(ranges) > 1:
        front.notes.append(f"the inspection took place in {len(ranges)} parts: {span.text}")
    front.inspected_from, front.inspected_to = span.first, span.last
    front.evidence["inspected_from"] = front.evidence["inspected_to"] = evidence(lines[at].page, words)
    _compare_feet(document, front, span)


def _compare_feet(document: Document, front: Front, cover: dates.Span) -> None:
    """Notes a running foot whose dates differ from the cover's, which is right."""
    for line in document.running:
        foot = dates.whole(re.sub(r"\s\d{1,3}$", "", line.text))
        if foot and foot.first.day and (foot.first, foot.last) != (cover.first, cover.last):
            parts = {cover.first, cover.last} & {foot.first, foot.last}
            if len(parts) < 2:
                said = f"the foot of page {line.page} has other inspection dates, {foot.text!r}; the cover's are taken"
                front.notes.append(said)
                return


def read_lead(lines: Sequence[Line], front: Front) -> None:
    """The lead inspector of the first such label."""
    for index, line in enumerate(lines):
        label = LEAD.match(line.text)
        if not label:
            continue
        rest, after = line.text[label.end() :], lines[index + 1].text if index + 1 < len(lines) else ""
        name = inspector(rest) or inspector(f"{rest} {after}")
        if name:
            front.lead_inspector = name
            front.evidence["lead_inspector"] = evidence(line.page, line.text)
            return
    front.notes.append("no lead inspector is printed under that label")


def inspector(words: str) -> str | None:
    """The name with which the words begin, without "HMI" and "His Majesty's Inspector"."""
    name = _NAME.fullmatch(_HONOURS.sub("", words).strip(" ,;:"))
    return " ".join(name["name"].split()) if name else None


def read_authority(printed: str, document: Document, authorities: Authorities, front: Front) -> None:
    """Whose services they are: the table's name, else as printed. A trust is the provider, for its authority."""
    said = named.authority(printed, authorities, front.inspected_from, front.notes, document.opening)
    front.authority, front.provider = said
    shown = evidence(document.page_of(printed) or 1, printed)
    front.evidence |= {"authority": shown, "provider": shown} if front.provider else {"authority": shown}


def finding(kind: Kind, document: Document, front: Front, table: Table, judged: Mapping[str, Grade | None]) -> Finding:
    """What these pages and the table of grades say; `judged` are the grades that are taken."""
    return Finding(
        kind=kind,
        authority=front.authority,
        provider=front.provider,
        certainty=Certainty.PUBLISHED,
        inspected_from=front.inspected_from,
        inspected_to=front.inspected_to,
        published_on=front.published_on,
        published_origin="text" if front.published_on else None,
        lead_inspector=front.lead_inspector,
        judgements=dict(judged),
        notes=(*front.notes, *table.problems),
        evidence={
            "kind": titled(document),
            **front.evidence,
            **{f"judgements.{area}": table.evidence[area] for area, grade in judged.items() if grade},
        },
    )


def narrative(document: Document, table: Table) -> tuple[Line, ...]:
    """The lines of the first two pages below the table of judgements."""
    front = document.front
    last = max((n for n, line in enumerate(front) if any(line is each for each in table.lines)), default=-1)
    return front[last + 1 :]


def settle(kind: Kind, started: date | None, table: Table) -> tuple[dict[str, Grade | None], list[str]]:
    """The judgements in the order of their framework, and what does not fit it.

    An area that is expected and not printed is None. One that is printed and not expected is left out and noted,
    unless the printed areas are those of another time of the same kind: then the day is the likelier misprint.
    """
    notes: list[str] = []
    known = frameworks.framework(kind, started)
    printed = set(table.judgements)
    if known is None or not set(known.areas) <= printed <= {*known.areas, *known.optional}:
        other = next((row for row in frameworks.frameworks(kind) if set(row.areas) == printed), None)
        if other:
            notes.append(f"the areas printed are those of inspections {_time(other)}; this one began on {started}")
            known = other
    if known is None:
        notes.append(f"which areas were judged is not known for an inspection that began on {started}")
        return dict(table.judgements), notes
    judgements = {area: table.judgements.get(area) for area in known.areas}
    judgements |= {area: table.judgements[area] for area in known.optional if area in printed}
    missing = [area for area in known.areas if area not in printed]
    if missing:
        notes.append(f"expected and not printed in the table of judgements: {', '.join(missing)}")
    for area in table.judgements:
        if area not in judgements:
            grade = table.judgements[area]
            said = frameworks.words(grade) if grade else "not read"
            notes.append(f"printed and not expected of an inspection that began on {started}: {area} ({said})")
    return judgements, notes


def _time(row: frameworks.Framework) -> str:
    return f"that began from {row.began or 'the beginning'} to {row.ended or 'now'}"
