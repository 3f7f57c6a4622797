"""The tables "Areas for priority action" and "Areas for improvement" of an area SEND report, row by row.

Their rules are drawn, not written, so that a row is told by where its words begin and end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from inspections.model import Evidence
from scraper.reports import passage
from scraper.reports.passage import Item
from scraper.reports.text import Line, evidence

_IMPROVE = re.compile(r"areas? for improvement\s?:?", re.IGNORECASE)
_PRIORITY = re.compile(r"areas? for priority actions?\s?:?", re.IGNORECASE)
_HEADS = re.compile(
    r"(?:responsible body )?areas? for (?:improvement|priority actions?)\s?:?|responsible bod(?:y|ies)", re.IGNORECASE
)
_ENDS = re.compile(
    r"areas? for (?:improvement|priority actions?)\s?:?|local area partnership details|information about this"
    r" inspection"
    r"|inspection team|local authority integrated care boards?",
    re.IGNORECASE,
)
_NONE = re.compile(r"\b(?:there are )?no areas? for priority action", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,2}[.)]\s+")
_SAME_ROW = re.compile(
    r"(?:In particular|This|These|They|Their|Those|It|Its|Such|Specifically|Including|For example|Also|In"
    r" addition|Additionally"
    r"|However|Where|As a result|As part|Consequently|Therefore)\b"
)
_SUBJECT = re.compile(
    r"(?:[\w’'-]+,? ){0,5}?(?:leaders|partnership|partners|ICBs?|board|authority|council|commissioners"
    r"|providers|services|LAP)\b"
    r".{0,160}?\b(?:should|must|needs?|ought)\b(?! (?:to )?also)",
    re.IGNORECASE,
)
_DEMAND = re.compile(r"\b(?:should|must|needs?|ought)\b")
_NARROW, _WIDE = frozenset("ijlft.,;:'’ !()"), frozenset("mwMW")
_FITS = 0.97  # of the widest line: the next word would have stood in the line above, had the paragraph gone on
_FULL = 0.87  # of the longest line: a sentence that ends there may go on in the same paragraph
_BODY = 0.62  # of the longest line: the column of responsible bodies is narrower


def demands(
    lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]
) -> tuple[bool | None, tuple[str, ...], tuple[str, ...]]:
    """Whether there are areas for priority action, which, and the areas for improvement."""
    section = _table(lines, _PRIORITY)
    new: bool | None = bool(section)
    actions: list[Item] = []
    if section:
        shown["priority_action"] = evidence(section[0].page, section[0].text)
        actions = _rows(_without_bodies(section[1:]))
        if _NONE.search(" ".join(line.text for line in section[1:4])):
            new, actions = False, []
            notes.append("under the heading on priority action it says that there are none")
        elif actions:
            shown["priority_actions"] = evidence(actions[0].page, actions[0].text)
    listed: list[Item] = []
    section = _table(lines, _IMPROVE)
    if section:
        listed = _rows(section[1:])
        shown["improvements"] = evidence(section[0].page, section[0].text)
        shown.setdefault("priority_action", shown["improvements"])  # the heading before which the other would stand
    else:
        notes.append("no table of areas for improvement was found")
        new = new or None
    return new, tuple(item.text for item in actions), tuple(item.text for item in listed)


def _table(lines: Sequence[Line], heading: re.Pattern[str]) -> tuple[Line, ...]:
    """The heading and the lines of its table, without the heads of columns."""
    at = passage.heading_at(lines, heading)
    if at is None:
        return ()
    start = at + 1
    while start < len(lines) and _HEADS.fullmatch(lines[start].text):
        start += 1
    return (lines[at], *passage.below(lines, start - 1, _ENDS))


def _rows(lines: Sequence[Line]) -> list[Item]:
    """A new row begins with a capital after a sentence that ends early; a numbered table goes by its numbers."""
    numbered = bool(lines) and _NUMBER.match(lines[0].text) is not None
    widest = max((_width(line.text) for line in lines), default=0.0)
    rows: list[list[Line]] = []
    for index, line in enumerate(lines):
        if not index or (_NUMBER.match(line.text) if numbered else _begins(lines, index, rows[-1], widest)):
            rows.append([])
        rows[-1].append(line)
    items = [Item(_worded(row, numbered), row[0].page) for row in rows]
    return [item for item in items if item.text]


def _worded(row: Sequence[Line], numbered: bool) -> str:
    """A row's words, without its number and without a bullet that has no words."""
    words = " ".join(line.text for line in row if any(letter.isalpha() for letter in line.text))
    return _NUMBER.sub("", words, count=1) if numbered else words


def _begins(lines: Sequence[Line], index: int, row: Sequence[Line], widest: float) -> bool:
    text, before = lines[index].text, lines[index - 1].text
    if not text[:1].isupper() or _SAME_ROW.match(text) or not re.search(r"[.!?][’”')]?\Z", before):
        return False
    if _width(f"{before} {text.split()[0]}") <= widest * _FITS:
        return True
    following = " ".join(line.text for line in lines[index : index + 3])
    demanded = any(_DEMAND.search(line.text) for line in row)
    return demanded and _SUBJECT.match(following) is not None


def _width(text: str) -> float:
    """How wide the text stands in print, roughly, in letters of common width."""
    return sum(0.5 if letter in _NARROW else 1.4 if letter in _WIDE else 1.0 for letter in text)


def _without_bodies(lines: Sequence[Line]) -> list[Line]:
    """The lines without the first column, read before the second: short lines, no sentence, where a row begins."""
    longest = max((len(line.text) for line in lines), default=0)
    kept: list[Line] = []
    between = True
    for line in lines:
        narrow = len(line.text) < longest * _BODY and not line.text.endswith((".", ":", ";"))
        if between and narrow and not _NUMBER.match(line.text):
            continue
        between = line.text.endswith(".") and len(line.text) < longest * _FULL
        kept.append(line)
    return kept
