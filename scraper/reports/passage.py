"""Parts of a document: runs of words that know their page, sections under a heading, and the items listed there."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from inspections.days import Day
from inspections.model import Certainty, Evidence, Finding, Kind
from scraper.reports.text import Document, Line, evidence

# The sender's address stands beside or below the first page's text and is read in between it.
_SENDER = re.compile(
    r"Ofsted|Aviation House|125 Kingsway|London WC2B 6SE|Piccadilly Gate|Store Street|(?:Manchester )?M1 2WD"
    r"|Manchester"
    r"|T(?:el)?:?\s*0?3\d\d\d?[\d ]+|Textphone:?[\d ]*|E?:? ?enquiries@ofsted\.gov\.uk|W?:?"
    r" ?(?:https?://)?www\.(?:gov\.uk/)?ofsted\S*"
    r"|Insert LA Address",
    re.IGNORECASE,
)
_BULLET = re.compile(
    r"([\u25a0-\u25ff\u2022\u2023\u2043\u2219\u00b7\u2794\u27a2\uf000-\uf0ff*>–−-])\s*(?=\S|$)|(o)\s+(?=\S)"
)
_NUMBERED = re.compile(r"\d{1,2}[.)]\s+(?=[A-Z‘“])")
_ENDED = re.compile(r"[.!?:;][’”')]?\d?\Z")
_SHORT = 0.75  # of the longest line: where a sentence ends so early, its paragraph ends too


@dataclass(frozen=True)
class Item:
    """One listed item, its lines joined, without its bullet."""

    text: str
    page: int


class Passage:
    """Lines as one run of words. Evidence can be cut from it by position."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = tuple(lines)
        self.text = " ".join(line.text for line in self.lines)
        self._starts = [0, *accumulate(len(line.text) + 1 for line in self.lines)]

    def index(self, at: int) -> int:
        """Which of the lines holds that position."""
        return max(min(bisect_right(self._starts, at) - 1, len(self.lines) - 1), 0)

    def page(self, at: int) -> int | None:
        """The page of the word at that position."""
        return self.lines[self.index(at)].page if self.lines else None

    def evidence(self, start: int, end: int) -> Evidence:
        return evidence(self.page(start), self.text[start:end])

    def search(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.search(self.text)

    def quote(self, found: re.Match[str], group: int | str = 0) -> Evidence:
        """The matched words as evidence."""
        return self.evidence(*found.span(group))


def without_sender(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines without Ofsted's own address. The end of a telephone number may stand on a line of its own."""
    kept: list[Line] = []
    before = False
    for line in lines:
        before = is_sender(line.text) or (before and line.text.replace(" ", "").isdigit())
        if not before:
            kept.append(line)
    return tuple(kept)


def is_sender(text: str) -> bool:
    """Whether the words are a line of Ofsted's own address."""
    return _SENDER.fullmatch(text) is not None


def heading_at(lines: Sequence[Line], heading: re.Pattern[str], start: int = 0) -> int | None:
    """Where a line begins with a capital and is, as a whole, such a heading."""
    for index in range(start, len(lines)):
        if is_heading(lines[index].text, heading):
            return index
    return None


def is_heading(text: str, heading: re.Pattern[str]) -> bool:
    return text[:1].isupper() and heading.fullmatch(text) is not None


def below(lines: Sequence[Line], at: int, ends: re.Pattern[str]) -> tuple[Line, ...]:
    """The lines below the heading at that index, up to the next line that `ends` matches."""
    kept = []
    for line in lines[at + 1 :]:
        if is_heading(line.text, ends):
            break
        kept.append(line)
    return tuple(kept)


def lead_in(lines: Sequence[Line]) -> str:
    """The words before the first listed item."""
    words = []
    for line in lines:
        if _glyph(line.text):
            break
        words.append(line.text)
    return " ".join(words)


def items(lines: Sequence[Line]) -> tuple[Item, ...]:
    """The listed items, in order. Bullets of another sort than the first are part of the item above them.

    Prose between and after the items is left out, where it is told by a paragraph that ends early.
    """
    glyphs = [_glyph(line.text) for line in lines]
    top = next((glyph for glyph in glyphs if glyph), None)
    longest = max((len(line.text) for line in lines), default=0)
    found: list[list[Line]] = []
    inside = False

    def titles(index: int) -> bool:
        """Whether the line is a heading between items: no sentence, after one, and with an item next."""
        following = glyphs[index + 1] if index + 1 < len(lines) else None
        text, before = lines[index].text, lines[index - 1].text
        return following == top and text[:1].isupper() and not _ENDED.search(text) and bool(_ENDED.search(before))

    for index, (line, glyph) in enumerate(zip(lines, glyphs, strict=True)):
        if top and glyph == top:
            found.append([Line(_bare(line.text), line.page)])
            inside = True
        elif inside and (glyph or not (_paragraph_ends(lines[index - 1].text, line.text, longest) or titles(index))):
            found[-1].append(line)
        else:
            inside = False
    read = [Item(" ".join(part.text for part in parts if part.text), parts[0].page) for parts in found]
    return tuple(item for item in read if item.text)


def paragraphs(lines: Sequence[Line]) -> tuple[Passage, ...]:
    """The lines divided where a sentence ends early and the next line begins with a capital."""
    longest = max((len(line.text) for line in lines), default=0)
    parts: list[list[Line]] = []
    for index, line in enumerate(lines):
        if not index or _paragraph_ends(lines[index - 1].text, line.text, longest):
            parts.append([])
        parts[-1].append(line)
    return tuple(Passage(part) for part in parts)


def finding(
    document: Document,
    kind: Kind,
    inspected: tuple[Day | None, Day | None],
    shown: Mapping[str, Evidence],
    notes: Sequence[str],
    *,
    authority: str | None,
    provider: str | None = None,
    written: Day | None = None,
) -> Finding:
    """What every form read by its sentences gives. written: the date that a letter bears, and that is its own."""
    return Finding(
        kind=kind,
        authority=authority,
        provider=provider,
        certainty=Certainty.PUBLISHED,
        inspected_from=inspected[0],
        inspected_to=inspected[1],
        published_on=written,
        published_origin="document" if written else None,
        notes=tuple(notes),
        evidence=proven(document, shown),
    )


def proven(document: Document, shown: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """The evidence, each cut to the words that stand together on its page; without what stands there not at all.

    A page number or a footnote between two lines ends the quotation.
    """
    kept = {}
    for field, words in shown.items():
        text = _together(document, words)
        if text:
            kept[field] = evidence(words.page, text)
    return kept


def _together(document: Document, words: Evidence) -> str:
    if words.page is None or not 1 <= words.page <= len(document.pages):
        return ""
    page = " ".join(document.pages[words.page - 1].split())
    parts = words.text.split()
    ends = range(1, len(parts) + 1)
    return " ".join(parts[: bisect_left(ends, True, key=lambda end: " ".join(parts[:end]) not in page)])


def _paragraph_ends(text: str, after: str, longest: int) -> bool:
    ended = _ENDED.search(text) and not text.endswith((":", ";"))
    return bool(ended) and after[:1].isupper() and len(text) < longest * _SHORT


def _glyph(text: str) -> str | None:
    """The sort of bullet with which a line begins; "1" stands for any number."""
    if _NUMBERED.match(text):
        return "1"
    found = _BULLET.match(text)
    return (found[1] or found[2]) if found else None


def _bare(text: str) -> str:
    found = _NUMBERED.match(text) or _BULLET.match(text)
    return text[found.end() :] if found else text
