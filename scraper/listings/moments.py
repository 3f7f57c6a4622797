"""When a listing says that an item was published: list and article spellings of one instant are one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from inspections.days import Day
from scraper import dates

_UPDATED = re.compile(r"\b(?:updated|modified|amended|reviewed|edited)\b(?:\s+on)?\s*:?\s*\Z", re.IGNORECASE)
_AGO = re.compile(r"\b(?P<count>\d+|an?|one)\s+days?\s+ago\b|\b(?P<word>today|yesterday)\b", re.IGNORECASE)
_NEAR = 40  # characters; a date further from the start of a date line belongs to a sentence

Moment = tuple[Day | None, datetime | None]


def stamp(text: str) -> Moment:
    """A date that a machine wrote (ISO 8601, RFC 822): London's day, and the instant in UTC where a time is stated.

    Midnight, London's or UTC's, is how a system writes a date that has no time.
    """
    found = dates.spans(text)
    if not found:
        return None, None
    at = found[0].at
    if at is None:
        return found[0].first, None
    local = at.astimezone(dates.LONDON)
    day = Day(local.date().isoformat())
    return (day, None) if local.time() == time.min or at.time() == time.min else (day, at)


def line(text: str, read_on: date | None) -> Moment:
    """A date line as a person reads it: "Published: 19 Nov 2018", "Friday 24 May 2024 at 9:37", "yesterday".

    read_on: when the page was fetched; a year that is not printed and "2 days ago" follow from it. "22 hours ago" gives
    nothing: it may be either of two days. A date that is said to be of an update is none of publication.
    """
    for span in dates.spans(text):
        if _UPDATED.search(text[: span.start]):
            continue
        if span.start > _NEAR:
            break
        known = dates.resolve_year(span, read_on) if read_on else span
        at = known.at
        return (Day(at.astimezone(dates.LONDON).date().isoformat()) if at else known.first), at
    return _relative(text, read_on), None


def is_line(text: str) -> bool:
    """Whether the words are a date line and nothing else."""
    rest = re.sub(r"(?i)\b(?:date|published|posted|released|on|at|the)\b|[\s:|•·–,-]+", "", _without_first(text))
    return bool(dates.spans(text)) and not rest


def without_shared_time(moments: list[Moment]) -> list[Moment]:
    """The moments without their times where all of at least three state one time of day: a default, nobody's choice."""
    instants = [at for _, at in moments if at]
    if len(instants) < 3:
        return moments
    clocks = ({at.astimezone(zone).time() for at in instants} for zone in (UTC, dates.LONDON))
    return [(day, None) for day, _ in moments] if any(len(each) == 1 for each in clocks) else moments


def _without_first(text: str) -> str:
    span = next(iter(dates.spans(text)), None)
    return text[: span.start] + text[span.end :] if span else text


def _relative(text: str, read_on: date | None) -> Day | None:
    found = _AGO.search(text[:_NEAR])
    if not found or not read_on:
        return None
    if found["word"]:
        back = 0 if found["word"].lower() == "today" else 1
    else:
        back = int(found["count"]) if found["count"].isdigit() else 1
    return Day((read_on - timedelta(days=min(back, 3660))).isoformat())
