"""Education: report cards (from November 2025), the framework of 2019 with and without an overall grade, and section 5.

A card prints all five bands as a legend: an area's grade is only the one that stands on the area's own line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from inspections import frameworks
from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Evidence, Finding, Grade, Kind, Outcome
from scraper import dates
from scraper.reports import card_rows, passage
from scraper.reports.passage import Passage
from scraper.reports.text import Document, Line, evidence, straight

LONGEST = 31  # days

_CARD_DATE = re.compile(r"Inspection report\s*:\s*(?P<when>\d{1,2} \w+ \d{4})")
_DATES = re.compile(r"Inspection dates?\s*:?\s+(?P<when>\d.{3,80})", re.IGNORECASE)
_URN = re.compile(r"(?:Unique reference number(?: \(URN\))?|URN)\s*:?\s*(?P<urn>EY\d{6}|\d{5,7})", re.IGNORECASE)
_LEGEND = ("Exceptional", "Strong standard", "Expected standard", "Needs attention", "Urgent improvement")
_SECTION = re.compile(
    r"(?:School|Inspection|Further education and skills(?: inspection)?|Childminder|Nursery|Early years"
    r" provision)\s+report\b.*",
    re.IGNORECASE,
)
_ENOUGH_ROWS = 3  # of the older table, where no title says what the document is
_INSPECTION_OF = re.compile(r"Inspection of (?P<name>.+)")
_LEAD = re.compile(
    r"(?P<name>[^\W\d_a-z][\w.'’-]*(?: [^\W\d_a-z][\w.'’-]*){1,4}),?\s+(?:lead inspector|\(lead"
    r" inspector\)).*"
)
_AUTHORITY = re.compile(r"Local authority\s*:?\s+(?P<name>[A-Z].{2,60})")
_OF_TEACHERS = re.compile(r"Initial teacher education\b", re.IGNORECASE)  # a kind that is not read here
_OF_EARLY_YEARS = re.compile(
    r"childminder|nursery report|what is it like to attend this early years setting"
    r"|standards of the early years provision this inspection|findings for parents (?:this|the) provision is"
)
_IMPROVE = re.compile(r"what does the .{3,60} need to do to improve\s?\??", re.IGNORECASE)
_IMPROVE_ENDS = re.compile(
    r"how can I feed back.*|further information.*|school details|.{3,40} details"
    r"|background|full report",
    re.IGNORECASE,
)
_NO_JUDGEMENT = (
    (
        re.compile(r"Academy conversion and predecessor schools", re.IGNORECASE),
        "a notice on the conversion to"
        r" an academy",
    ),
    (re.compile(r"Progress monitoring", re.IGNORECASE), "a progress monitoring inspection of an independent school"),
    (
        re.compile(r"Pre-registration inspection", re.IGNORECASE),
        "a pre-registration inspection of an"
        r" independent school",
    ),
    (
        re.compile(r"Material change inspection", re.IGNORECASE),
        "a material change inspection of an independent"
        r" school",
    ),
)
_SCHOOL_MONITORED = re.compile(
    r"(?:(?:special measures|serious weaknesses|requires improvement)\s*:?\s*)?monitoring (?:inspection(?: visit)?"
    r"|visit)"
    r" (?:of|to) (?!.*(?:children's services|local area)).{4,}",
    re.IGNORECASE,
)
_OVERALL_OUTCOME = re.compile(
    r"Overall outcome\s+(?P<said>.{10,220}?)(?=\s+(?:The purpose|At its|This"
    r" inspection|During|Part \d)|\Z)"
)
_UNGRADED = (
    (re.compile(r"\bcontinues to be a good school\b|\bremains good\b", re.IGNORECASE), Outcome.REMAINS_GOOD),
    (
        re.compile(
            r"\bcontinues to be an outstanding school\b|\bremains"
            r" outstanding\b",
            re.IGNORECASE,
        ),
        Outcome.REMAINS_OUTSTANDING,
    ),
    (re.compile(r"taken effective action to maintain the standards", re.IGNORECASE), Outcome.STANDARDS_MAINTAINED),
    (re.compile(r"work has improved significantly", re.IGNORECASE), Outcome.IMPROVED_SIGNIFICANTLY),
    (re.compile(r"may not be as strong", re.IGNORECASE), Outcome.NOT_AS_STRONG),
)


def recognises(document: Document) -> bool:
    return _is_card(document) or _no_judgement(document) is not None or _is_older(document)


def title(document: Document) -> str | None:
    name = _name(document)
    return f"Inspection report: {name}" if name and not _no_judgement(document) else name


def read(document: Document, authorities: Authorities, fetched_on: date | None) -> Finding | str:
    """The finding; where the document is no judgement, why."""
    none = _no_judgement(document)
    if none:
        said = _OVERALL_OUTCOME.search(document.opening)
        return f"{none}: no judgement" + (f"; it says: {said['said']}" if said else "")
    notes: list[str] = []
    shown: dict[str, Evidence] = {}
    card = _is_card(document)
    first, last = _inspected(document, card, shown, notes)
    kind = _kind(document)
    started = first.date if first else None
    rows = card_rows.card if card else card_rows.older
    judgements, previous = rows(document, shown, notes)
    outcome = None if card else _outcome(document, judgements, shown)
    _check(kind, started, card, judgements, notes)
    authority = _authority(document.lines, authorities, shown)
    urn = _urn(document.lines, shown)
    name = _name(document)
    shown["kind"] = evidence(1, document.front[0].text)
    if name:
        shown["provider"] = evidence(document.page_of(name) or 1, name)
    lead, improvements = _lead(document.lines, shown), _improvements(document.lines, shown)
    return replace(
        passage.finding(document, kind, (first, last), shown, notes, authority=authority, provider=name),
        urn=urn,
        lead_inspector=lead,
        judgements=judgements,
        previous=previous,
        outcome=outcome,
        improvements=improvements,
    )


def _is_card(document: Document) -> bool:
    texts = [line.text for line in document.front]
    return any(_CARD_DATE.fullmatch(text) for text in texts) and all(band in texts for band in _LEGEND)


def _is_older(document: Document) -> bool:
    texts = [line.text for line in document.front[:40]]
    if any(_OF_TEACHERS.match(text) for text in texts[:6]):
        return False
    titled = any(_SECTION.fullmatch(text) for text in texts[:6])
    rows = card_rows.older_rows(document.front)
    judged = rows >= _ENOUGH_ROWS or (titled and (rows > 0 or "Outcome" in texts))
    return judged and any(_DATES.fullmatch(text) for text in texts)


def _no_judgement(document: Document) -> str | None:
    """What such a document is. The title of an independent school's wraps around its date."""
    front = document.front[:25]
    named = any(line.text == "Overall outcome" or line.text.startswith("Overall outcome ") for line in front)
    for number, (pattern, meant) in enumerate(_NO_JUDGEMENT):
        if (named or not number) and any(pattern.match(line.text) for line in front):
            return meant
    monitored = any(_SCHOOL_MONITORED.fullmatch(straight(line.text)) for line in front)
    if monitored and re.search(r"\bsection 8 of the education act\b", document.opening, re.IGNORECASE):
        return "a monitoring inspection of a school"
    return None


def _kind(document: Document) -> Kind:
    """Early years and further education have areas, or titles, that schools do not have."""
    words = straight(document.text).lower()
    front = straight(document.opening).lower()
    if _is_card(document):
        if "establishing routines" in words or re.search(r"children's welfare and well-?being", words):
            return Kind.EARLY_YEARS
        skills = "participation and development" in words or "meeting skills needs" in words
        return Kind.FURTHER_EDUCATION if skills else Kind.SCHOOL
    if re.search(r"further education and skills|\blearners\b.{0,200}\bapprenticeships", front):
        return Kind.FURTHER_EDUCATION
    if _OF_EARLY_YEARS.search(front):
        return Kind.EARLY_YEARS
    return Kind.SCHOOL


def _name(document: Document) -> str | None:
    """The provider's printed name: above the address, after "Inspection of" where that stands before it."""
    front = [line.text for line in document.front[:12]]
    at = next((at for at, text in enumerate(front) if _INSPECTION_OF.fullmatch(text)), None)
    if at is None:
        above = [text for text in front if not _SECTION.fullmatch(text)]
        return above[0].removeprefix("Existing academy: ") if above else None
    words = [front[at].split("of ", 1)[1]]
    for text in front[at + 1 :]:
        if "," in text or _DATES.match(text) or re.search(r"\b[A-Z]{1,2}\d", text):
            break
        words.append(text)
    return re.sub(r"^an? \w+ (?:school|college): ", "", " ".join(words))


def _inspected(
    document: Document, card: bool, shown: dict[str, Evidence], notes: list[str]
) -> tuple[Day | None, Day | None]:
    for line in document.front:
        found = (_CARD_DATE if card else _DATES).fullmatch(line.text)
        span = dates.whole(found["when"]) if found else None
        if span is None:
            continue
        shown["inspected_to"] = evidence(line.page, line.text)
        if card:
            notes.append("a report card prints one day, taken as the last; the first is unknown")
            return None, span.last
        if not dates.plausible_length(span.first, span.last, LONGEST):
            notes.append(
                f"the inspection is printed as {span.text!r}, longer than {LONGEST} days; its first day is unknown"
            )
            return None, span.last
        shown["inspected_from"] = shown["inspected_to"]
        return span.first, span.last
    notes.append("no inspection date was read")
    return None, None


def _check(kind: Kind, started: date | None, card: bool, judgements: dict[str, Grade | None], notes: list[str]) -> None:
    """Adds what is expected and was not read, as unknown; notes what was read and is not expected."""
    row = frameworks.frameworks(kind)[-1] if card else frameworks.framework(kind, started)
    if row is None or not judgements:
        return
    missing = [area for area in row.areas if area not in judgements]
    judgements.update(dict.fromkeys(missing))
    if missing:
        notes.append(f"expected and not read: {', '.join(missing)}")
    known = {*row.areas, *row.optional}
    odd = [area for area in judgements if area not in known and area.rpartition("/")[2] not in row.by_provision]
    if odd:
        notes.append(f"read and not expected of an inspection of that day: {', '.join(odd)}")


def _outcome(document: Document, judgements: dict[str, Grade | None], shown: dict[str, Evidence]) -> Outcome | None:
    """Of an ungraded inspection: the sentence under "Outcome"."""
    at = next((at for at, line in enumerate(document.front) if line.text == "Outcome"), None)
    if at is None or judgements:
        return None
    said = Passage(document.front[at + 1 : at + 5])
    for pattern, outcome in _UNGRADED:
        found = said.search(pattern)
        if found:
            shown["outcome"] = said.quote(found)
            return outcome
    return None


def _authority(lines: Sequence[Line], authorities: Authorities, shown: dict[str, Evidence]) -> str | None:
    for line in lines:
        found = _AUTHORITY.fullmatch(line.text)
        known = authorities.find(found["name"]) if found else None
        if known:
            shown["authority"] = evidence(line.page, line.text)
            return known.name
    return None


def _urn(lines: Sequence[Line], shown: dict[str, Evidence]) -> str | None:
    for line in lines:
        found = _URN.fullmatch(line.text)
        if found:
            shown["urn"] = evidence(line.page, line.text)
            return found["urn"].upper()
    return None


def _lead(lines: Sequence[Line], shown: dict[str, Evidence]) -> str | None:
    for line in lines:
        found = _LEAD.fullmatch(line.text)
        if found:
            shown["lead_inspector"] = evidence(line.page, line.text)
            return found["name"]
    return None


def _improvements(lines: Sequence[Line], shown: dict[str, Evidence]) -> tuple[str, ...]:
    at = passage.heading_at(lines, _IMPROVE)
    if at is None:
        return ()
    shown["improvements"] = evidence(lines[at].page, lines[at].text)
    return tuple(item.text for item in passage.items(passage.below(lines, at, _IMPROVE_ENDS)))
