"""Dates and date ranges in UK prose, headlines, date lines, ISO and RFC 822 forms.

Day first: 05/03/2025 is 5 March. What is not printed stays unknown: a missing year is XXXX, never this year; a month
alone is a Day to the month; a time of 00:00 is no time. Impossible dates (31 April, month 13) are not dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from inspections.days import Day
from scraper.printed_dates import SPACE, Printed, printed

LONDON = ZoneInfo("Europe/London")
LIST_GAP = timedelta(days=31)  # "31 October and 4 November 2016" is one visit; days further apart are two

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), " ")
_RANGE = re.compile(
    rf"{SPACE}(?:to|until|till|through|[-\u2010-\u2015\u2212\u2500]){SPACE}(?:the\s|on\s)?", re.IGNORECASE
)
_LIST = re.compile(rf"{SPACE}(?:,?{SPACE}(?:and|&)|,){SPACE}(?:the\s|on\s|from\s|between\s)?", re.IGNORECASE)
_BEFORE_MONTH = re.compile(
    r"(?:\b(?:in|during|since|until|till|last|this|next|early|mid|late|before|after)\b\s*|\bmid-|\()\Z", re.IGNORECASE
)
_BEFORE_NAME = re.compile(r"\b(?:of|by|from|to|and|between|for)\b\s*\Z", re.IGNORECASE)  # "and June Jones"
_NAME = re.compile(r"\s+[A-Z]")


class Span(Struct, frozen=True):
    """A date or a range of dates as printed: `text` stands at [start:end]; a single day has first == last.

    `weekday` is the printed one of the first day, 0 for Monday. `time` is as printed, with its zone where one is.
    """

    first: Day
    last: Day
    start: int
    end: int
    text: str
    weekday: int | None = None
    time: time | None = None

    @property
    def at(self) -> datetime | None:
        """The moment in UTC, where a day, its year and a time are printed; London time unless a zone is."""
        day = self.first.date
        if day is None or self.time is None:
            return None
        return datetime.combine(day, self.time, self.time.tzinfo or LONDON).astimezone(UTC)


def spans(text: str) -> list[Span]:
    """Every date and range in order. A month or year left out is filled from the right: "23 and 24 April 2024".

    Two ranges joined by "and" are two spans. A word that is also a month needs a day, a year or, with its capital,
    a preposition before it.
    """
    clean = text.translate(_INVISIBLE)
    found: list[Span] = []
    for atoms, joins in _groups(clean, list(printed(clean))):
        atoms, joins = _filled(atoms, joins)
        found += _joined(text, clean, atoms, joins)
    return found


def one(text: str) -> Day | None:
    """The date that the text holds, where it holds exactly one; else None."""
    found = spans(text)
    return found[0].first if len(found) == 1 and found[0].first == found[0].last else None


def whole(text: str) -> Span | None:
    """From the first day to the last over all ranges of the text; None where it holds no date."""
    found = spans(text)
    if len(found) < 2:
        return found[0] if found else None
    start, end = found[0].start, found[-1].end
    first = min((span.first for span in found), key=_order)
    last = max((span.last for span in found), key=_order)
    return Span(first, last, start, end, text[start:end])


def resolve_year(span: Span, latest: date) -> Span:
    """The span with its missing year: the newest in which it begins on or before `latest` and its weekday fits.

    Itself where it has a year, and where no year of the last twelve fits.
    """
    if span.first.year:
        return span
    for year in range(latest.year, latest.year - 12, -1):
        try:
            first = Day.of(year, span.first.month, span.first.day)
        except ValueError:  # 29 February
            continue
        begins = first.first
        if begins is None or begins > latest:
            continue
        if span.weekday is not None and first.day and begins.weekday() != span.weekday:
            continue
        later = (span.last.month, span.last.day or 0) < (span.first.month, span.first.day or 0)
        try:
            last = Day.of(year + 1 if later else year, span.last.month, span.last.day)
        except ValueError:
            continue
        return replace(span, first=first, last=last)
    return span


def plausible_length(first: Day | None, last: Day | None, longest: int) -> bool:
    """Whether it is 1 to `longest` days from first to last, both counted. True where either is not a whole date."""
    if first is None or last is None or first.date is None or last.date is None:
        return True
    return 0 <= (last.date - first.date).days < longest


def _order(day: Day) -> str:
    return day.replace("XXXX", "9999")


def _groups(text: str, atoms: list[Printed]) -> Iterator[tuple[list[Printed], list[bool]]]:
    """Runs of atoms with nothing but joining words between them; a join is True for a range, False for a list."""
    group: list[Printed] = []
    joins: list[bool] = []
    for atom in atoms:
        if group:
            between = text[group[-1].end : atom.start]
            ranged = bool(_RANGE.fullmatch(between))
            if ranged or _LIST.fullmatch(between):
                joins.append(ranged)
            else:
                yield group, joins
                group, joins = [], []
        group.append(atom)
    if group:
        yield group, joins


def _filled(atoms: list[Printed], joins: list[bool]) -> tuple[list[Printed], list[bool]]:
    """Month and year from the right, a year across a range from the left; numbers that cannot be days are left out."""
    kept: list[Printed] = []
    kept_joins: list[bool] = []
    for index in range(len(atoms) - 1, -1, -1):
        atom, after = atoms[index], kept[0] if kept else None
        if atom.month is None:
            if after is None or after.day is None or after.month is None or (atom.day or 99) >= after.day:
                if kept:
                    break
                continue
            atom.year, atom.month = after.year, after.month
        elif atom.year is None and after is not None and after.year and after.month:
            wraps = (atom.month, atom.day or 0) > (after.month, after.day or 31)
            atom.year = after.year - 1 if wraps else after.year
        elif after is not None and after.year is None and atom.year and joins[index] and after.month:
            wraps = (atom.month, atom.day or 0) > (after.month, after.day or 31)
            after.year = atom.year + 1 if wraps else atom.year
        if not atom.possible():
            break
        if kept:
            kept_joins.insert(0, joins[index])
        kept.insert(0, atom)
    return kept, kept_joins


def _joined(text: str, clean: str, atoms: list[Printed], joins: list[bool]) -> Iterator[Span]:
    """The spans of one group."""
    index = 0
    while index < len(atoms):
        head = tail = atoms[index]
        index += 1
        if index < len(atoms) and joins[index - 1] and _in_order(head, atoms[index]):
            tail = atoms[index]
            index += 1
        else:
            while index < len(atoms) and not joins[index - 1] and _one_visit(tail, atoms[index]):
                if index < len(joins) and joins[index]:
                    break  # it begins a range of its own
                tail = atoms[index]
                index += 1
        if head.day is None and head.year is None and not _is_month(clean, head.start, tail.end):
            continue
        last = tail.when()
        if tail.until is not None:
            ending = Printed(tail.year, tail.month, tail.until, 0, 0)
            last = ending.when() if ending.possible() and _in_order(tail, ending) else last
        yield Span(head.when(), last, head.start, tail.end, text[head.start : tail.end], head.weekday, head.time)


def _is_month(text: str, start: int, end: int) -> bool:
    """Whether a month that stands alone is one, and neither a verb nor a first name."""
    before = text[max(0, start - 12) : start]
    return bool(_BEFORE_MONTH.search(before) or (_BEFORE_NAME.search(before) and not _NAME.match(text, end)))


def _in_order(one: Printed, other: Printed) -> bool:
    if one.year and other.year:
        return (one.year, one.month, one.day or 0) <= (other.year, other.month, other.day or 31)
    return one.year is None and other.year is None


def _one_visit(one: Printed, other: Printed) -> bool:
    """Whether two dates in a list are days of one visit rather than two events."""
    first, second = one.when(), other.when()
    if (first.day is None) != (second.day is None):
        return False
    if first.date and second.date:
        return timedelta(0) <= second.date - first.date <= LIST_GAP
    months = second.month - first.month + 12 * ((second.year or 0) - (first.year or 0))
    return _in_order(one, other) and 0 <= months <= 1
