"""How long a source is usually silent, learned from the days on which it had something new. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from typing import NamedTuple

# Days of the year, first and last, on which nobody expects anything and which therefore are not counted.
Closed = tuple[tuple[int, int], tuple[int, int]]
CHRISTMAS: Closed = ((12, 24), (1, 1))  # newsrooms
OFSTED_CHRISTMAS: Closed = ((12, 16), (1, 12))
OFSTED_SILENCE = 63  # days: Ofsted publishes nothing for up to eight weeks before some elections

YEAR = timedelta(days=366)
_TIMES_MEAN = 12
_FEWEST = 6  # days with news, without which there is no rhythm to speak of


class Habits(NamedTuple):
    """What is known beforehand of a kind of source."""

    closed: Closed
    least: int  # days of silence that are never too many
    times: float  # so often the longest silence of a year is too long


def newsroom(least: int) -> Habits:
    return Habits(CHRISTMAS, least, 3)


def ofsted(least: int) -> Habits:
    """Its long silences are those before elections, which are known of: three times as long would be half a year."""
    return Habits(OFSTED_CHRISTMAS, max(least, OFSTED_SILENCE), 1.5)


def usual(news: Collection[date], last: date, habits: Habits) -> int | None:
    """After how many days without anything new a source is quiet beyond its own rhythm; None: it has none yet.

    news: the days on which it had something new; those of the year up to `last`, the last of them, count.
    """
    days = sorted(day for day in set(news) if last - YEAR <= day <= last)
    if len(days) < _FEWEST:
        return None
    longest = strange = total = 0
    for number, (before, after) in enumerate(pairwise(days), start=1):
        gap = sum(1 for _ in open_days(before, after, habits.closed))
        expected = max(habits.least, habits.times * longest, _TIMES_MEAN * total / number)
        if number > _FEWEST and gap > expected:
            # It was reported then: a fault, or a long holiday. It may last as long once more, and not three times that.
            strange = max(strange, gap)
        else:
            longest = max(longest, gap)
        total += gap
    return ceil(max(habits.least, habits.times * longest, strange, _TIMES_MEAN * total / (len(days) - 1)))


def open_days(after: date, until: date, closed: Closed) -> Iterator[date]:
    """The days that count, after the first and up to the last."""
    (first, last) = closed
    for number in range(1, (until - after).days + 1):
        day = after + timedelta(days=number)
        at = (day.month, day.day)
        if not (first <= at or at <= last if first > last else first <= at <= last):
            yield day
