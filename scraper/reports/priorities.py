"""What a document demands: areas for improvement and areas for priority action, from under their headings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inspections.model import Evidence
from scraper.reports import passage
from scraper.reports.passage import Passage
from scraper.reports.text import Line, evidence

MARK = r"\s?[:?.]?\s?\d{0,2}"  # a heading's punctuation and the number of a footnote
NEEDS = (
    r"what (?:needs to (?:improve|change)|(?:does|do) .{3,40} need to (?:improve|do better))"
    r"(?: in this area(?: of(?: social(?: work(?: practice)?)?)?| of practice)?)?"
)
FINDINGS = r"(?:headline |main |key )?findings(?: and evaluation of progress)?"
_AREAS = r"area(?:s|\(s\))?"
HEADINGS = re.compile(
    rf"(?:overview|context|background|summary|{FINDINGS}|{NEEDS}|{_AREAS} for priority actions?"
    rf"|{_AREAS} (?:for|of) improvements?|{_AREAS} of strengths?|(?:key )?strengths|next steps|conclusion"
    rf"|areas? covered by the visit|(?:case|practice) stud(?:y|ies)\b.{{0,60}}){MARK}"
    r"|Ofsted will (?:take|consider).*|We have notified the (?:DfE|Department).*|I am copying this letter.*"
    r"|Yours? (?:sincerely|faithfully).*|(?:Her|His) Majesty['’]s (?:Senior )?Inspector",
    re.IGNORECASE,
)
_NEEDS = re.compile(NEEDS + MARK, re.IGNORECASE)
_IMPROVE = re.compile(rf"{_AREAS} for improvements?{MARK}", re.IGNORECASE)
_PRIORITY = re.compile(rf"{_AREAS} for priority actions?{MARK}", re.IGNORECASE)
_STUDY = re.compile(r"(?:case|practice) stud(?:y|ies)\b", re.IGNORECASE)
_NONE = re.compile(
    r"\bno (?:new |further |additional )?(?:areas? for )?priority actions?\b"
    r"|\bno (?:such )?areas? (?:were|have been|was) identified",
    re.IGNORECASE,
)
_EARLIER = r"\b(?:last|previous|earlier) (?:focused |monitoring )?(?:visit|inspection)\b"
_SET = (
    r"\b(?:set|identified|issued|made|given) (?:at|in|during|following|after) (?:the|our) .{0,60}(?:visit|inspection)\b"
)
_OLD = re.compile(
    rf"(?:{_EARLIER}|{_SET}).*\b(?:remains?|continues?|still)\b|\b(?:remains?|continues?|still)\b.*{_EARLIER}"
    r"|\bexisting areas? for priority actions?\b",
    re.IGNORECASE,
)
_NEW = re.compile(r"\bin addition to\b|\bneeds? to (?:take swift|urgently)\b", re.IGNORECASE)
_NOTIFIED = re.compile(r"[Ww]e have notified .{3,60} of the areas?(?:\(s\))? for priority action")


def improvements(lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]) -> tuple[str, ...]:
    """The listed items under "What needs to improve", else "Areas for improvement". Prose is noted, not listed."""
    at = passage.heading_at(lines, _NEEDS)
    if at is None:
        at = passage.heading_at(lines, _IMPROVE)
    if at is None:
        notes.append("no heading says what needs to improve")
        return ()
    section = passage.below(lines, at, HEADINGS)
    listed = passage.items(section)
    shown["improvements"] = evidence(lines[at].page, _quoted(lines[at], section))
    ended = lines[at + 1 + len(section)].text if at + 1 + len(section) < len(lines) else ""
    if listed and _STUDY.match(ended) and listed[-1].text[-1:].isalpha():
        notes.append(f"a box stands inside the list, which may go on below it: {ended!r}")
    if not listed and section:
        notes.append(f"what needs to improve is prose, not a list: {_prose(section)}")
    return tuple(item.text for item in listed)


def actions(lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]) -> tuple[bool | None, tuple[str, ...]]:
    """Whether areas for priority action are set anew, and which.

    The heading alone misleads: under it may stand that there are none, or that earlier ones remain. Both are False,
    with a note. None where the document contradicts itself.
    """
    at = passage.heading_at(lines, _PRIORITY)
    if at is None:
        return _without_heading(lines, shown, notes), ()
    section = passage.below(lines, at, HEADINGS)
    listed = passage.items(section)
    lead = passage.lead_in(section)
    words = _prose(section)
    shown["priority_action"] = evidence(lines[at].page, _quoted(lines[at], section))
    if _NONE.search(lead) or (len(listed) <= 1 and _NONE.search(words)):
        notes.append(f"under the heading on priority action it says that there are none: {words}")
        return False, ()
    if _OLD.search(lead) and not _NEW.search(lead):
        notes.append(f"priority actions of an earlier visit are carried over, none is new: {words}")
        return False, ()
    if not words:
        notes.append("nothing stands under the heading on priority action; whether there are any is unknown")
        return None, ()
    if listed:
        shown["priority_actions"] = evidence(listed[0].page, listed[0].text)
    else:
        notes.append(f"priority action is set in prose, not as a list: {words}")
    return True, tuple(item.text for item in listed)


def _without_heading(lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]) -> bool | None:
    whole = Passage(lines)
    notified = whole.search(_NOTIFIED)
    none = whole.search(_NONE)
    if notified and not none:
        shown["priority_action"] = whole.quote(notified)
        notes.append("it tells of areas for priority action, but no heading names them; unknown")
        return None
    if none:
        shown["priority_action"] = whole.quote(none)
        notes.append(f"it says that there are no areas for priority action: {none[0]}")
        return False
    old = re.search(r"\bexisting areas? for priority actions?\b", whole.text, re.IGNORECASE)
    if old:
        shown["priority_action"] = whole.quote(old)
        notes.append("it speaks of existing areas for priority action only; none is new")
        return False
    heading = passage.heading_at(lines, _NEEDS)
    heading = passage.heading_at(lines, HEADINGS) if heading is None else heading
    if heading is None:
        notes.append("no heading was recognised; whether it sets priority actions is unknown")
        return None
    shown["priority_action"] = evidence(lines[heading].page, lines[heading].text)  # where the heading would stand
    return False


def _quoted(heading: Line, section: Sequence[Line]) -> str:
    return " ".join([heading.text, *(line.text for line in section if line.page == heading.page)])


def _prose(section: Sequence[Line]) -> str:
    return " ".join(line.text for line in section)[:200]
