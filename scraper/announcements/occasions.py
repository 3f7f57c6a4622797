"""When the inspection was and when its outcome came out, as far as the text says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct

from inspections.days import Day
from scraper import dates
from scraper.announcements.cues import Sentence, phrase

LONGEST_AGO = timedelta(days=500)  # an inspection longer ago than this is not the one announced

_INSPECTED = phrase(
    r"\b(?:inspection|inspections|inspected|inspectors?(?! found| said| noted| praised)|ofsted (?:team|visited"
    r"|inspected)|(?:re-?)?visit(?:ed|s)?|assessment|review|fieldwork|took place|taken place|takes place|carried out"
    r"|conducted|undertaken|held|was in|returned to)\b"
)
_PUBLISHED = phrase(
    r"\b(?:publish\w+|releas\w+|issued|unveiled|made public|announced|today|this morning|yesterday|this week|report"
    r" (?:of|from|dated)|letter (?:of|from|dated)|dated)\b"
)
_OTHER = phrase(
    r"\b(?:since (?:[\w'-]+ ){0,5}?(?:inspections?|inspected|visit|report|judge?ment|review)|since|judged|rated"
    r"|graded|deemed|awarded|found (?:to be|it)|(?:last|previous|earlier|first|wider|next"
    r"|annual|another)(?: \w+){0,3} (?:inspection|inspected|visit|visited|report)\b(?: (?:was|took place))?"
    r"|previously|last inspected|began|begin\w*|created|formed|joined|became|appointed|returns?|returning"
    r"|deadline|by (?:the end|then|next)|until|will|meeting|cabinet|committee|due|expected|elections?|born|opened"
    r"|launched|covid|compared|dating|back|started)\b"
)
_FIRST = phrase(r"\bfirst(?: full| ever)?(?: \w+){0,3} inspection\b")
_AFTERWARDS = phrase(
    r"^[\s,)]*(?:(?:this|last) year,? ?)?(?:(?:saw|when|as|the|an?|two|three|five|four|six|\d|ofsted'?s?|cqc|care"
    r" quality commission|team|of|and|hm|his|her|majesty's|government|education|their|senior)\s)*"
    r"(?:inspectors?(?: from \w+)?|ofsted|watchdog|inspection|area)\b[^.;]{0,30}\b(?:visit\w*|inspect\w*|spent|came"
    r"|carried out|conducted|arrived|took place|looked|met|undertook|was in|were in|began)"
    r"|^[\s,)]*(?:(?:this|last) year,? )?(?:ofsted|inspectors|the watchdog)[^.;]{0,20} (?:visited|inspected|carried"
    r" out|spent)"
    r"|^[\s,)]*(?:\w+ ){0,3}(?:visit|inspection)\b|^ saw ofsted|^[\s,)]*the (?:area|council|authority|service|city"
    r"|borough|county)[\w\s]{0,20} was (?:inspected|visited)"
)
_OLD_REPORT = phrase(
    r"\b(?:previous|last|earlier|prior) (?:\w+ )?(?:report|letter|judge?ment|inspection),?(?: \w+){0,2} (?:publish\w*"
    r"|releas\w+|issued)\b"
)
_WILL_BE = phrase(
    r"\b(?:will|would|should|to|can|may)(?: \w+)? be (?:\w+ )?(?:publish\w*|releas\w+|issued|unveiled|made public"
    r"|announced)\b[^.;]*\Z"
)
_LAST_YEAR = phrase(r"^[\s,)]*(?:of )?last year\b")
_LOOKS_BACK = phrase(
    r"\b(?:previous(?:ly)?|last (?:full )?inspect\w+|years? (?:ago|earlier)|(?:previous|earlier) (?:inspection"
    r"|visit))\b"
)
_TODAY = phrase(
    r"\b(?:publish\w+|releas\w+|issued|out|report|letter|findings|judge?ment|rated|rating|announced"
    r"|said)\b[^.;]{0,60}\b(today|this morning|this afternoon)\b|\b(today|this morning|this"
    r" afternoon)\b[^.;]{0,60}\b(?:publish\w+|releas\w+|issued|report)\b"
)
_TOMORROW = phrase(r"\b(?:will be|to be|expected|due)\b")
_YESTERDAY = phrase(
    r"\b(?:publish\w+|releas\w+|issued)\b[^.;]{0,60}\byesterday\b|\byesterday\b[^.;]{0,60}\b(?:publish\w+|releas\w+"
    r"|issued)\b"
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ON_WEEKDAY = phrase(
    r"\b(?:publish\w+|releas\w+|issued|made public|came out|(?:report|letter|findings|is|are),? out)\b"
    r"[^.;]{0,40}\b(?:on |last )(mon|tues|wednes|thurs|fri|satur|sun)day\b(?!,?"
    r" \(?\d|,? (?:the )?\d|,? (?-i:[A-Z][a-z]+ \d))"
)


# Words by which a page itself says that a day is long past, or in which year it was written.
_PAST = phrase(
    r"\blast year\b|\b(?:an?|one|two|three|four|five|six|\d+) years? (?:ago|earlier|before|on from|later)\b"
    r"|\bthe year before\b|\bthat year\b|\bat the time\b|\byears ago\b"
)
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_YEARS_AGO = phrase(r"\b(a|one|two|three|four|five|six|seven|eight|\d{1,2}) years? (?:ago|after|on|earlier)\b")
_YEAR = re.compile(r"\b20\d\d\b")
_THIS_YEAR = phrase(r"\bthis year,? \(?(20\d\d)\b")


class Occasion(Struct, frozen=True, kw_only=True):
    """A day or period, and the sentence that says it."""

    first: Day
    last: Day
    sentence: Sentence


class Occasions(Struct, frozen=True, kw_only=True):
    inspected: Occasion | None = None
    published: Occasion | None = None


def occasions(read: Sequence[Sentence], own: date | None, fetched_on: date | None) -> Occasions:
    """The inspection's days and the outcome's. own: the page's own date; fetched_on: when it was read, for years."""
    latest = own or fetched_on
    told = None if own else _year_of_telling(read)
    found = [row for sentence in read for row in _spans(sentence, latest, own, told)]
    published = [row for role, row in found if role == "published"]
    if not published:
        published = [row for sentence in read if (row := _relative(sentence, own))]
    out = published[0].first.date if published else None
    if out and own is None:  # "on Wednesday 22 November": its weekday says the year, and the inspection was before
        found = [row for sentence in read for row in _spans(sentence, out, own, told)]
    inspected = [row for role, row in found if role == "inspected" and _recent(row, own, latest)]
    return Occasions(inspected=_finest(inspected), published=published[0] if published else None)


def _long_past(sentence: Sentence, year: int | None, told: int | None) -> bool:
    """Whether a day of fetching says nothing of this year: sentence or text tells of the past in other words."""
    outside = told is not None and year is not None and year not in (told - 1, told)
    return outside or bool(_PAST.search(sentence.plain))


def _year_of_telling(read: Sequence[Sentence]) -> int | None:
    """The year to which "four years ago" and the one year that the text names lead; None where it is not plain."""
    text = " ".join(sentence.plain for sentence in read)
    if stated := _THIS_YEAR.search(text):
        return int(stated[1])
    ago = {_NUMBERS.get(match[1].lower()) or int(match[1]) for match in _YEARS_AGO.finditer(text)}
    named = {int(year) for year in _YEAR.findall(text)}
    return named.pop() + ago.pop() if len(ago) == len(named) == 1 else None


def _finest(rows: Sequence[Occasion]) -> Occasion | None:
    """The first named; its days, where a later sentence gives days within the same month."""
    if not rows:
        return None
    first = rows[0]
    if first.first.day:
        return first
    return next((row for row in rows if row.first.day and row.first[5:7] == first.first[5:7]), first)


def _recent(row: Occasion, own: date | None, latest: date | None) -> bool:
    """Not after the page was read, and not long before it was written: a day of fetching says nothing of that."""
    if latest and row.last.first and row.last.first > latest:
        return False
    return not (own and row.last.last and own - row.last.last > LONGEST_AGO)


def _spans(
    sentence: Sentence, latest: date | None, own: date | None, told: int | None
) -> Iterator[tuple[str, Occasion]]:
    for span in dates.spans(sentence.plain):
        role = _role(sentence.plain, span)
        if role is None:
            continue
        after = sentence.plain[span.end :]
        if span.first.year is None and _LAST_YEAR.match(after):
            span = _in_year(span, own.year - 1) if own else span
        elif latest:
            dated = dates.resolve_year(span, latest)
            span = span if own is None and _long_past(sentence, dated.first.year, told) else dated
        yield role, Occasion(first=span.first, last=span.last, sentence=sentence)


def _in_year(span: dates.Span, year: int) -> dates.Span:
    return dates.resolve_year(span, date(year, 12, 31))


def _role(text: str, span: dates.Span) -> str | None:
    """Whether the date is the inspection's or the publication's: by the nearest word before it, else what follows."""
    left = text[max(0, span.start - 110) : span.start]
    left = left[max(left.rfind(";"), left.rfind(". ")) + 1 :]
    ends = {
        role: _last(pattern, left)
        for role, pattern in (("inspected", _INSPECTED), ("published", _PUBLISHED), ("other", _OTHER))
    }
    if (first := _last(_FIRST, left)) >= ends["other"] > 0 and first == ends["inspected"]:
        ends["other"] = -1
    best = max(ends.values())
    if best > 0:
        role = next(role for role in ("other", "published", "inspected") if ends[role] == best)
        if role == "published" and (_OLD_REPORT.search(left) or _WILL_BE.search(left)):
            return None
        return None if role == "other" else role
    if _AFTERWARDS.search(text[span.end : span.end + 90]) and not _LOOKS_BACK.search(text):
        return "inspected"
    return None


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def _relative(sentence: Sentence, own: date | None) -> Occasion | None:
    """ "published today", "yesterday" and "on Thursday", counted from the page's own date."""
    if own is None or _TOMORROW.search(sentence.plain):
        return None
    day = None
    if _TODAY.search(sentence.plain):
        day = own
    elif _YESTERDAY.search(sentence.plain):
        day = own - timedelta(days=1)
    elif found := _ON_WEEKDAY.search(sentence.plain):
        day = own - timedelta(days=(own.weekday() - _WEEKDAYS.index(found[1][:3].lower())) % 7)
    if day is None:
        return None
    stated = Day.of(day.year, day.month, day.day)
    return Occasion(first=stated, last=stated, sentence=sentence)
