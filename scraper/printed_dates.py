"""One printed date, of which year, month or day may be missing: the forms that `scraper.dates` joins to spans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, time, timedelta, timezone

from msgspec import Struct

from inspections.days import Day

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_ZONES = {"z": 0, "gmt": 0, "utc": 0, "bst": 60}

SPACE = r"[^\S\n]{0,4}\n?[^\S\n]{0,4}"  # bounded space with one line break at most
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
    (?: (?P<early>{_CLOCK}) ,? {SPACE} (?:on\s)? )?
    (?: (?P<weekday>{_WEEKDAY})\b \.? ,? {SPACE} \(? (?:the\s)? )?
    (?: (?P<iso>(?P<iso_year>(?:19|20)\d\d) (?P<iso_mark>[-/]) (?P<iso_month>\d\d) (?P=iso_mark) (?P<iso_day>\d\d))
        (?!\d) T?
      | (?P<number_day>\d\d?) (?P<mark>[-/.]) (?P<number_month>\d\d?) (?P=mark) (?P<number_year>{_YEAR}|\d\d)
        (?![\d/.-]\d|\d)
      | (?P<day>\d\d?) (?P<ordinal>{_ORDINAL}) (?:{SPACE} (?:of\s)? | -) (?P<month>{_MONTH})
        (?: (?:,?{SPACE}|-) (?P<year>{_YEAR}) | {SPACE} ['’] (?P<short>\d\d)\b
          | [ -] (?P<last>[12]\d) (?={SPACE} (?:[|,)]|\Z)) )?
      | (?P<us_month>{_MONTH}) {SPACE} (?P<us_day>\d\d?) (?!\d|[:/]\d) (?P<us_ordinal>{_ORDINAL})
        (?: {SPACE} (?:[-–]|to\b|and\b) {SPACE} (?P<us_until>\d\d?) (?!\d) {_ORDINAL} (?!\s+{_MONTH}) )?
        (?: ,?{SPACE} (?P<us_year>{_YEAR}) | (?P<us_end>(?={SPACE}(?:[),.;:–-]|at\b|and\b|to\b|\Z))) | (?P<us_open>) )
      | (?P<only_month>{_MONTH}) (?: ,?{SPACE} (?P<only_year>{_YEAR}))? (?! {SPACE} \d\d?(?:st|nd|rd|th)\b)
      | (?P<bare>(?<![-/.:,]) (?P<bare_day>\d\d?) {_ORDINAL}) (?![\d%/:]) (?!\.\d)
    )
    (?: (?:,?{SPACE}(?:at\b|@|\||[-–])?{SPACE}) (?P<late>{_CLOCK}) (?: \s? (?P<zone>{_ZONE}))? )?""",
    re.VERBOSE | re.IGNORECASE,
)
_PARTS = (
    "us_year",
    "us_until",
    "us_ordinal",
    "us_day",
    "iso_day",
    "number_year",
    "year",
    "short",
    "last",
    "month",
    "only_year",
    "only_month",
    "bare",
)
_MONTH_WORDS = ("may", "march", "mar", "dec", "jan", "jun", "sep")  # lower case, they are other words too


class Printed(Struct):
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


def printed(text: str) -> Iterator[Printed]:
    """The dates and parts of dates of a text, in order; numbers that may be days are among them."""
    for found in _DATE.finditer(text):
        atom = _atom(found)
        if atom is not None and atom.possible():
            yield atom


def _atom(found: re.Match[str]) -> Printed | None:
    weekday = _WEEKDAYS.index(found["weekday"][:3].lower()) if found["weekday"] else None
    year = month = day = until = None
    if found["iso"]:
        year, month, day = (int(found[part]) for part in ("iso_year", "iso_month", "iso_day"))
    elif found["number_day"]:
        short = min(len(found["number_day"]), len(found["number_month"])) < 2
        if found["mark"] != "/" and short and len(found["number_year"]) < 4:
            return None  # 1.2.13 is a section
        year, month, day = (int(found[part]) for part in ("number_year", "number_month", "number_day"))
        year = year + 2000 if year < 100 else year
    elif found["day"]:
        year = _number(found["year"]) or _century(found["short"] or found["last"])
        if _is_word(found["month"]) and not year:
            return None
        month, day = _month(found["month"]), int(found["day"])
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
    said = found["late"] or found["early"] if day and month else None
    clock = _clock(said, found["zone"] if found["late"] else None) if said else None
    return Printed(year, month, day, *_edges(found, day is not None and month is not None), weekday, clock, until)


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


def _century(text: str | None) -> int | None:
    """ "'24" and "12 Jun 25" are of this century."""
    return 2000 + int(text) if text else None


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


def _zone(printed: str) -> timezone | None:
    minutes = _ZONES.get(printed.lower())
    if minutes is None:
        hours, rest = int(printed[1:3]), int(printed[-2:])
        minutes = (hours * 60 + rest) * (-1 if printed[0] == "-" else 1)
    if abs(minutes) >= 24 * 60:  # no zone of this world
        return None
    return timezone(timedelta(minutes=minutes)) if minutes else UTC
