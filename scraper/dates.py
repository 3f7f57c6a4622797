"""Dates and date ranges in UK prose, headlines, date lines, ISO and RFC 822 forms.

Day first: 05/03/2025 is 5 March. What is not printed stays unknown: a missing year is XXXX, never this year; a month
alone is a Day to the month; a time of 00:00 is no time. Impossible dates (31 April, month 13) are not dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from inspections.days import Day

LONDON = ZoneInfo("Europe/London")
LIST_GAP = timedelta(days=31)  # "31 October and 4 November 2016" is one visit; days further apart are two

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_ZONES = {"z": 0, "gmt": 0, "utc": 0, "bst": 60}

_S = r"[^\S\n]{0,4}\n?[^\S\n]{0,4}"  # bounded space with one line break at most
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?![^\W\d_])\.?"
)
_WEEKDAY = r"(?:Mon(?:day)?|Tue(?:s(?:day)?)?|Wed(?:nesday)?|Thu(?:rs?(?:day)?)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)"
_YEAR = r"(?:19|20)\d\d(?!\d)"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s?[ap]\.?m\b\.?)?|\d{1,2}(?:\.\d\d)?\s?[ap]\.?m\b\.?"
_ZONE = r"Z\b|GMT\b|UTC\b|BST\b|[+-]\d\d:?\d\d\b"
_ORDINAL = r"(?:\s?(?:st|nd|rd|th)\b)?"

_DATE = re.compile(
    rf"""(?<![\w£$]) (?<!\d[.,:/]) (?<!ovid-)
    (?: (?P<early>{_CLOCK}) ,? {_S} (?:on\s)? )?
    (?: (?P<weekday>{_WEEKDAY})\b \.? ,? {_S} \(? (?:the\s)? )?
    (?: (?P<iso>(?P<iso_year>(?:19|20)\d\d) (?P<iso_mark>[-/]) (?P<iso_month>\d\d) (?P=iso_mark) (?P<iso_day>\d\d))
        (?!\d) T?
      | (?P<number_day>\d\d?) (?P<mark>[-/.]) (?P<number_month>\d\d?) (?P=mark) (?P<number_year>{_YEAR}|\d\d)
        (?![\d/.-]\d|\d)
      | (?P<day>\d\d?) (?P<ordinal>{_ORDINAL}) (?:{_S} (?:of\s)? | -) (?P<month>{_MONTH})
        (?: (?:,?{_S}|-) (?P<year>{_YEAR}))?
      | (?P<us_month>{_MONTH}) {_S} (?P<us_day>\d\d?) (?!\d|[:/]\d) (?P<us_ordinal>{_ORDINAL})
        (?: {_S} (?:[-–]|to\b|and\b) {_S} (?P<us_until>\d\d?) (?!\d) {_ORDINAL} (?!\s+{_MONTH}) )?
        (?: ,?{_S} (?P<us_year>{_YEAR}) | (?P<us_end>(?={_S}(?:[),.;:–-]|at\b|and\b|to\b|\Z))) | (?P<us_open>) )
      | (?P<only_month>{_MONTH}) (?: ,?{_S} (?P<only_year>{_YEAR}))? (?! {_S} \d\d?(?:st|nd|rd|th)\b)
      | (?P<bare>(?<![-/.:,]) (?P<bare_day>\d\d?) {_ORDINAL}) (?![\d%/:]) (?!\.\d)
    )
    (?: (?:,?{_S}(?:at\b|@|\||[-–])?{_S}) (?P<late>{_CLOCK}) (?: \s? (?P<zone>{_ZONE}))? )?""",
    re.VERBOSE | re.IGNORECASE,
)
_RANGE = re.compile(rf"{_S}(?:to|until|till|through|[-\u2010-\u2015\u2212\u2500]){_S}(?:the\s|on\s)?", re.IGNORECASE)
_LIST = re.compile(rf"{_S}(?:,?{_S}(?:and|&)|,){_S}(?:the\s|on\s|from\s|between\s)?", re.IGNORECASE)
_BEFORE_MONTH = re.compile(
    r"(?:\b(?:in|during|since|until|till|last|this|next|early|mid|late|before|after)\b\s*|\bmid-|\()\Z", re.IGNORECASE
)
_BEFORE_NAME = re.compile(r"\b(?:of|by|from|to|and|between|for)\b\s*\Z", re.IGNORECASE)  # "and June Jones"
_NAME = re.compile(r"\s+[A-Z]")
_PARTS = (
    "us_year",
    "us_until",
    "us_ordinal",
    "us_day",
    "iso_day",
    "number_year",
    "year",
    "month",
    "only_year",
    "only_month",
    "bare",
)
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), " ")
_MONTH_WORDS = ("may", "march", "mar", "dec", "jan", "jun", "sep")  # lower case, they are other words too


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


class _Atom(Struct):
    """One printed date, of which year, month or day may be missing."""

    year: int | None
    month: int | None
    day: int | None
    start: int
    end: int
    weekday: int | None = None
    time: time | None = None
    until: int | None = None  # the second day of "March 18-22, 2022"

    def when(self) -> Day:
        return Day.of(self.year, self.month or 0, self.day)

    def possible(self) -> bool:
        if self.month is None:
            return True
        try:
            self.when()
        except ValueError:
            return False
        return True


def spans(text: str) -> list[Span]:
    """Every date and range in order. A month or year left out is filled from the right: "23 and 24 April 2024".

    Two ranges joined by "and" are two spans. A word that is also a month needs a day, a year or, with its capital,
    a preposition before it.
    """
    clean = text.translate(_INVISIBLE)
    found: list[Span] = []
    for atoms, joins in _groups(clean, list(_atoms(clean))):
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


def _atoms(text: str) -> Iterator[_Atom]:
    for found in _DATE.finditer(text):
        atom = _atom(found)
        if atom is not None and atom.possible():
            yield atom


def _atom(found: re.Match[str]) -> _Atom | None:
    weekday = _WEEKDAYS.index(found["weekday"][:3].lower()) if found["weekday"] else None
    year = month = day = until = None
    if found["iso"]:
        year, month, day = (int(found[part]) for part in ("iso_year", "iso_month", "iso_day"))
    elif found["number_day"]:
        if found["mark"] != "/" and min(len(found["number_day"]), len(found["number_month"])) < 2:
            return None  # 1.2.13 is a section
        year, month, day = (int(found[part]) for part in ("number_year", "number_month", "number_day"))
        year = year + 2000 if year < 100 else year
    elif found["day"]:
        if _is_word(found["month"]) and not found["year"]:
            return None
        year, month, day = _number(found["year"]), _month(found["month"]), int(found["day"])
    elif found["us_day"]:
        said = found["us_year"] or found["us_ordinal"] or found["us_end"] is not None or weekday is not None
        if _is_word(found["us_month"]) or not said:
            return None  # "In April 12 inspectors came"
        year, month, day = _number(found["us_year"]), _month(found["us_month"]), int(found["us_day"])
        until = _number(found["us_until"])
    elif found["only_month"]:
        if weekday is not None or not (found["only_year"] or found["only_month"][0].isupper()):
            return None
        year, month = _number(found["only_year"]), _month(found["only_month"])
    else:
        day = int(found["bare_day"])
        if not 1 <= day <= 31:
            return None
    printed = found["late"] or found["early"] if day and month else None
    clock = _clock(printed, found["zone"] if found["late"] else None) if printed else None
    return _Atom(year, month, day, *_edges(found, day is not None and month is not None), weekday, clock, until)


def _edges(found: re.Match[str], dated: bool) -> tuple[int, int]:
    """Where the date itself stands: a time belongs to a whole date only."""
    if dated and found["late"]:
        return found.start(), found.end()
    ends = max(found.end(name) for name in _PARTS)
    starts = [found.start(name) for name in ("weekday", "bare", "only_month") if found[name]]
    return (found.start() if dated else min(starts)), ends


def _is_word(month: str) -> bool:
    return month.lower() in _MONTH_WORDS and month[0].islower()


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _clock(printed: str, zone: str | None) -> time | None:
    digits = [int(part) for part in re.findall(r"\d+", printed)[:3]] + [0, 0]
    hour, half = digits[0], re.search(r"([ap])\.?m", printed, re.IGNORECASE)
    if half and hour <= 12:
        hour = hour % 12 + (12 if half[1].lower() == "p" else 0)
    if hour > 23 or digits[1] > 59 or digits[2] > 59 or (hour, digits[1], digits[2]) == (0, 0, 0):
        return None
    return time(hour, digits[1], digits[2], tzinfo=_zone(zone) if zone else None)


def _zone(printed: str) -> timezone:
    minutes = _ZONES.get(printed.lower())
    if minutes is None:
        hours, rest = int(printed[1:3]), int(printed[-2:])
        minutes = (hours * 60 + rest) * (-1 if printed[0] == "-" else 1)
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


def _groups(text: str, atoms: list[_Atom]) -> Iterator[tuple[list[_Atom], list[bool]]]:
    """Runs of atoms with nothing but joining words between them; a join is True for a range, False for a list."""
    group: list[_Atom] = []
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


def _filled(atoms: list[_Atom], joins: list[bool]) -> tuple[list[_Atom], list[bool]]:
    """Month and year from the right, a year across a range from the left; numbers that cannot be days are left out."""
    kept: list[_Atom] = []
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


def _joined(text: str, clean: str, atoms: list[_Atom], joins: list[bool]) -> Iterator[Span]:
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
            ending = _Atom(tail.year, tail.month, tail.until, 0, 0)
            last = ending.when() if ending.possible() and _in_order(tail, ending) else last
        yield Span(head.when(), last, head.start, tail.end, text[head.start : tail.end], head.weekday, head.time)


def _is_month(text: str, start: int, end: int) -> bool:
    """Whether a month that stands alone is one, and neither a verb nor a first name."""
    before = text[max(0, start - 12) : start]
    return bool(_BEFORE_MONTH.search(before) or (_BEFORE_NAME.search(before) and not _NAME.match(text, end)))


def _in_order(one: _Atom, other: _Atom) -> bool:
    if one.year and other.year:
        return (one.year, one.month, one.day or 0) <= (other.year, other.month, other.day or 31)
    return one.year is None and other.year is None


def _one_visit(one: _Atom, other: _Atom) -> bool:
    """Whether two dates in a list are days of one visit rather than two events."""
    first, second = one.when(), other.when()
    if (first.day is None) != (second.day is None):
        return False
    if first.date and second.date:
        return timedelta(0) <= second.date - first.date <= LIST_GAP
    months = second.month - first.month + 12 * ((second.year or 0) - (first.year or 0))
    return _in_order(one, other) and 0 <= months <= 1
