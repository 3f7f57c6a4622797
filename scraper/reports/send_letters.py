"""Letters on joint area SEND inspections of 2016 to 2022, and on revisits. Built without a real one at hand.

A first letter asks for a written statement of action or says nothing of it; a revisit says whether there was progress.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Evidence, Finding, Kind, Outcome
from scraper import dates
from scraper.reports import named, passage
from scraper.reports.letters import letter_date, signatory
from scraper.reports.passage import Passage
from scraper.reports.text import Document, straight

_TITLE = re.compile(
    r"Joint (?:local )?area SEND (?:inspection|revisit|re-visit) (?:in|of) (?P<area>.{2,80})", re.IGNORECASE
)
_DAYS = (
    r"(?-i:\b(?:Between|From|On))\s+(?P<when>(?:(?!Ofsted).){4,90}?),?\s+Ofsted\s+and\s+(?:the\s+)?"
    r"(?:Care\s+Quality\s+Commission(?:\s*\(CQC\))?|CQC),?\s+"
)
_FIRST = re.compile(
    _DAYS + r"(?:conducted|carried out"
    r"|undertook)\s+a\s+joint\s+inspection\s+of\s+(?:the\s+)?(?:local\s+area\s+of\s+)?(?P<area>.{2,80}?)\s+"
    r"to\s+judge\s+the\s+effectiveness",
    re.IGNORECASE,
)
_REVISIT = re.compile(
    _DAYS + r"(?:re-?visited|conducted a re-?visit (?:to"
    r"|of))\s+(?:the\s+)?(?:local\s+area\s+of\s+)?(?P<area>.{2,80}?)\s+to\s+decide\s+whether",
    re.IGNORECASE,
)
_REQUIRED = re.compile(
    r"determined\s+that\s+a\s+written\s+statement\s+of\s+action\s+(?:\(WSoA\)\s+)?(?:is|was|has\s+been)\s+"
    r"(?P<not>not\s+)?required|area\s+is\s+required\s+to\s+produce\s+(?:and\s+submit\s+)?a\s+written\s+statement",
    re.IGNORECASE,
)
_SOME = r"(?P<some>\w+)\s+(?:out\s+)?of\s+the\s+(?P<of>\w+)"
_PROGRESS = re.compile(
    rf"The\s+(?:local\s+)?area\s+has\s+(?P<not>not\s+)?made\s+sufficient\s+progress\s+in\s+(?:addressing"
    rf"|improving|tackling)\s+"
    rf"(?:(?P<all>all|each|both|the)\b|(?P<none>none|any)\b|{_SOME}\b|\w+)",
    re.IGNORECASE,
)
_COMPLETE = re.compile(
    r"The\s+effectiveness\s+of\s+the\s+local\s+area\s+in\s+(?:identifying|assessing|meeting|improving)", re.IGNORECASE
)
_SIGNED = re.compile(r"Yours?\s+(?:sincerely|faithfully)")
_LONGEST = 31  # days


def recognises(document: Document) -> bool:
    words = straight(document.opening)
    return bool(_FIRST.search(words) or _REVISIT.search(words))


def title(document: Document) -> str | None:
    return next((line.text.rstrip(".") for line in document.front if _TITLE.fullmatch(line.text)), None)


def read(document: Document, authorities: Authorities) -> Finding | list[Finding]:
    """One finding; for a joint area, one for each of its authorities."""
    lines = passage.without_sender(document.lines)
    front = Passage(line for line in lines if line.page <= 2)
    words = straight(front.text)
    revisit = _REVISIT.search(words)
    opening = revisit or _FIRST.search(words)
    notes: list[str] = ["this form was never checked on a real document"]
    assert opening is not None, "read() is asked only of documents that recognises() knows"
    shown: dict[str, Evidence] = {"kind": front.quote(opening), "authority": front.quote(opening, "area")}
    written = letter_date(lines, shown, notes)
    area = front.text[slice(*opening.span("area"))]
    joint = named.joint(area, authorities, written)
    name = area if joint else named.authority(area, authorities, written, notes)[0]
    inspected = _inspected(front, opening, written, shown, notes)
    whole = Passage(lines)
    outcome = _revisited(whole, shown, notes) if revisit else _required(whole, shown, notes)
    lead = signatory(lines, shown, notes)
    finding = passage.finding(document, Kind.AREA_SEND_2016, inspected, shown, notes, authority=name, written=written)
    finding = replace(finding, lead_inspector=lead, outcome=outcome)
    return named.shared(finding, joint, area)


def _inspected(
    front: Passage, opening: re.Match[str], written: Day | None, shown: dict[str, Evidence], notes: list[str]
) -> tuple[Day | None, Day | None]:
    span = dates.whole(front.text[slice(*opening.span("when"))])
    if span is None:
        notes.append("the opening sentence holds no date")
        return None, None
    if not span.first.year and written and written.date:
        span = dates.resolve_year(span, written.date)
    shown["inspected_from"] = shown["inspected_to"] = front.quote(opening, "when")
    if not dates.plausible_length(span.first, span.last, _LONGEST):
        notes.append(
            f"the inspection is printed as {span.text!r}, longer than {_LONGEST} days: the first day is unknown"
        )
        return None, span.last
    return span.first, span.last


def _required(whole: Passage, shown: dict[str, Evidence], notes: list[str]) -> Outcome | None:
    """There is no sentence for "not required": it is meant where the whole letter is there and does not ask for one."""
    found = whole.search(_REQUIRED)
    if found:
        shown["outcome"] = whole.quote(found)
        return Outcome.WRITTEN_STATEMENT_NOT_REQUIRED if found["not"] else Outcome.WRITTEN_STATEMENT_REQUIRED
    complete = whole.search(_COMPLETE)
    if complete and whole.search(_SIGNED) and "statement of action" not in whole.text.lower():
        shown["outcome"] = whole.quote(complete)
        notes.append("the whole letter is there and asks for no written statement of action")
        return Outcome.WRITTEN_STATEMENT_NOT_REQUIRED
    notes.append(
        "whether a written statement of action is required is unknown: no sentence says so, and the letter may be cut"
    )
    return None


def _revisited(whole: Passage, shown: dict[str, Evidence], notes: list[str]) -> Outcome | None:
    """Sufficient only where it is so for every weakness. The first decision, which it quotes, is not meant."""
    found = list(_PROGRESS.finditer(whole.text))
    if not found:
        notes.append("the outcome of the revisit is unknown: no sentence says whether progress was sufficient")
        return None
    shown["outcome"] = whole.quote(found[0])
    notes += [f"of the weaknesses: {each[0]}" for each in found]
    if any(each["not"] or each["none"] for each in found):
        return Outcome.INSUFFICIENT_PROGRESS
    shares = [_every(each) for each in found]
    if None in shares:
        notes.append("whether that is every weakness is not said: the outcome is unknown")
        shown.pop("outcome")
        return None
    return Outcome.SUFFICIENT_PROGRESS if all(shares) else Outcome.INSUFFICIENT_PROGRESS


def _every(found: re.Match[str]) -> bool | None:
    """Whether the sentence speaks of every weakness; None where it gives a number and no total."""
    if found["some"]:
        return found["some"].lower() == found["of"].lower()
    return True if found["all"] else None
