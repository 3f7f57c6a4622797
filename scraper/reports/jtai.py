"""Joint targeted area inspections: letters of Ofsted, CQC, the police and (often) probation inspectorates. No grade.

2016 to 2020: "Between … Ofsted, …"; from 2022: "This inspection took place from …". No lead inspector is printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Evidence, Finding, Kind
from scraper import dates
from scraper.reports import named, passage, priorities
from scraper.reports.letters import letter_date
from scraper.reports.passage import Passage
from scraper.reports.text import Document, Line, evidence, straight

LONGEST = 31  # days

_TITLE = re.compile(r"Joint targeted area inspections?(?: \(JTAI\))?(?: (?:of|in)\b.*)?", re.IGNORECASE)
_LETTER = re.compile(r"(?:\A|(?<=\s))(?:This (?:letter|inspection)\b|(?:Between|From|On) \d|Context\Z|Headline)")
_TOOK_PLACE = re.compile(
    r"(?:This|The) (?:\w+ )?inspection (?:took place|was (?:carried out|conducted|undertaken))\s+(?:from"
    r"|between|on|during)\s+(?P<when>.{4,80}?)\."
    r"(?=\s+[A-Z]|\s*\Z)"
)
_BETWEEN = re.compile(r"(?:Between|From|On)\s+(?P<when>(?:(?!Ofsted).){4,80}?),?\s+Ofsted\b")
_AGENCIES = re.compile(
    r"effectiveness of partnership working and (?:of |about )?(?:of )?the work of (?:the )?individual agencies"
    r" in\s+(?P<name>.{2,80}?)\s*(?<!\bSt)\.(?=\s|\Z)"
)
_THEME = re.compile(r"multi-?\s?agency response to\s+(?P<theme>.{3,300}?)(?<!\bSt)\.(?=\s+[A-Z\d]|\s*\Z)", re.DOTALL)
_TITLE_THEME = re.compile(r"multi-?\s?agency response to\s+(?P<theme>.{3,300})\Z")
_GENERAL = re.compile(r"(?:child )?abuse and neglect\b")
_DEEP_DIVE = re.compile(
    r"'deep\s+dive'\s+focus\s+on\s+(?:the\s+response\s+to\s+)?(?P<theme>.{3,300}?)(?<!\bSt)\.(?=\s+[A-Z\d]|\s*\Z)",
    re.DOTALL,
)
_STATEMENT = re.compile(
    r"written\s+statement\s+of\s+(?:proposed\s+)?actions?\b(?:(?!written"
    r" statement).){0,120}?\bby\s+(?P<day>\d{1,2}\s+\w+\s+\d{4})"
)


def recognises(document: Document) -> bool:
    """A letter with that title on a line of its own; other kinds only speak of such inspections."""
    at = _title_at(document.front)
    if at is None:
        return False
    words = straight(document.opening)
    return bool(_TOOK_PLACE.search(words) or _BETWEEN.search(words) or _AGENCIES.search(words))


def title(document: Document) -> str | None:
    at = _title_at(document.front)
    return _titled(document.front, at).text.rstrip(" .") if at is not None else None


def read(document: Document, authorities: Authorities, fetched_on: date | None) -> Finding | list[Finding]:
    """One finding; for a joint area, one for each of its authorities."""
    lines = passage.without_sender(document.lines)
    front = Passage(line for line in lines if line.page <= 2)
    notes: list[str] = []
    shown: dict[str, Evidence] = {}
    at = _title_at(lines)
    if at is not None:
        shown["kind"] = evidence(lines[at].page, lines[at].text)
    written = letter_date(lines, shown, notes)
    printed = _area(front, authorities, shown)
    joint = named.joint(printed, authorities, written)
    name, _ = (printed, None) if joint else named.authority(printed, authorities, written, notes)
    inspected = _inspected(front, written, shown, notes)
    new, actions = priorities.actions(lines, shown, notes)
    improvements = priorities.improvements(lines, shown, notes)
    theme, due = _theme(front, name or printed, printed, shown), _deadline(lines, shown)
    finding = replace(
        passage.finding(document, Kind.JTAI, inspected, shown, notes, authority=name, written=written),
        theme=theme,
        priority_action=new,
        priority_actions=actions,
        improvements=improvements,
        deadlines=due,
    )
    return named.shared(finding, joint, printed)


def _title_at(lines: Sequence[Line]) -> int | None:
    return next((at for at, line in enumerate(lines) if _TITLE.fullmatch(line.text) and line.text[0] == "J"), None)


def _titled(lines: Sequence[Line], at: int) -> Passage:
    """The title with the lines into which it wraps, up to where the letter begins."""
    parts: list[Line] = []
    for line in lines[at : at + 6]:
        begins = _LETTER.search(line.text)
        parts.append(Line(line.text[: begins.start()].strip() if begins else line.text, line.page))
        if begins:
            break
    return Passage(part for part in parts if part.text)


def _area(front: Passage, authorities: Authorities, shown: dict[str, Evidence]) -> str:
    """The area as printed: in the sentence on the agencies' work, else what the title names last."""
    words = straight(front.text)
    found = _AGENCIES.search(words)
    if found:
        shown["authority"] = front.quote(found, "name")
        return front.text[slice(*found.span("name"))]
    at = _title_at(front.lines)
    if at is None:
        return ""
    printed = _titled(front.lines, at).text.rstrip(" .")
    shown["authority"] = evidence(front.lines[at].page, printed)
    named_last = re.sub(r".*?inspections?(?: \(JTAI\))? (?:of|in) ", "", printed, count=1, flags=re.IGNORECASE)
    if "response to" not in named_last:
        return named_last
    for start in (found.end() for found in re.finditer(r"\bin (?:the )?", named_last)):
        if authorities.find(named_last[start:]) or named.joint(named_last[start:], authorities, None):
            return named_last[start:]
    return named_last.rsplit(" in ", 1)[-1]


def _inspected(
    front: Passage, written: Day | None, shown: dict[str, Evidence], notes: list[str]
) -> tuple[Day | None, Day | None]:
    found = front.search(_TOOK_PLACE) or front.search(_BETWEEN)
    span = dates.whole(found["when"]) if found else None
    if found is None or span is None:
        notes.append("no sentence says when the inspection took place")
        return None, None
    shown["inspected_from"] = shown["inspected_to"] = front.quote(found, "when")
    if not span.first.year and written and written.date:
        span = dates.resolve_year(span, written.date)
        notes.append("the year of the inspection is not printed; it is that of the letter")
    if not dates.plausible_length(span.first, span.last, LONGEST):
        notes.append(
            f"the inspection is printed as {span.text!r}, longer than {LONGEST} days: the first day is unknown"
        )
        shown.pop("inspected_from")
        return None, span.last
    if written and written.date and span.last.date and written.date <= span.last.date:
        notes.append(f"the letter is dated {written}, but the inspection ended on {span.last}: one is a misprint")
    return span.first, span.last


def _theme(front: Passage, name: str, printed: str, shown: dict[str, Evidence]) -> str | None:
    """What is examined in depth, without the area's name: the title's theme, where it is not "abuse and neglect"."""
    at = _title_at(front.lines)
    titled = _titled(front.lines, at) if at is not None else Passage(())
    own = _TITLE_THEME.search(straight(titled.text))
    if own and not _GENERAL.match(own["theme"]):
        shown["theme"] = titled.quote(own)
        return _without_area(titled.text[slice(*own.span("theme"))].rstrip(" ."), name, printed)
    words = straight(front.text)
    found = _DEEP_DIVE.search(words) or _THEME.search(words)
    if found is None:
        return None
    shown["theme"] = front.quote(found, "theme")
    return _without_area(front.text[slice(*found.span("theme"))], name, printed)


def _without_area(theme: str, name: str, printed: str) -> str:
    for area in sorted({name, printed, name.split(",")[0]}, key=len, reverse=True):
        theme = re.sub(rf"\s+in\s+(?:the )?(?:London Borough of )?{re.escape(area)}\Z", "", theme)
    return theme


def _deadline(lines: Sequence[Line], shown: dict[str, Evidence]) -> dict[str, Day]:
    """When the written statement of action is due."""
    whole = Passage(lines)
    found = whole.search(_STATEMENT)
    day = dates.one(found["day"]) if found else None
    if found is None or day is None:
        return {}
    shown["deadlines.written_statement"] = whole.quote(found)
    return {"written_statement": day}
