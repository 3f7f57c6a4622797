"""Whether a source has been silent for too long: by the odds, learned from the days on which it had something new.

A source that lives has something new on a working day with a chance that its past shows, and with another one on other
days. The chance of a whole silence is the product over its days. It is too long when that chance is so small that such
a silence would come once in a million years of one source. Silences are counted, not looks at them: all looks at one
silence are one trial. Where little is known the chance of nothing is nearly one, so a young rhythm is waited for.

The odds take each day for itself. A newsroom that writes in bursts, or pauses, is more irregular than that; therefore
three times the longest silence of the past year must be over as well. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import inf, log
from typing import NamedTuple

from service.health.seasons import Whose, closed, weight, working

YEAR = timedelta(days=366)
_RARE = 1e6  # years of one source, in which one silence is called too long that was none
_TIMES = 3  # so often the longest silence of a year is to be expected
_TIMES_AT_MOST = 6  # so often it is not, whatever the odds of a rhythm of which little is known
_OFSTED_LEAST = 63  # days: before an election that nobody foresaw Ofsted is silent for up to eight weeks


class Habits(NamedTuple):
    """What is known beforehand of a kind of source."""

    of: Whose
    least: int  # days of silence that are never too many
    unknown: int | None  # days that are too many even where nothing is known of its rhythm; None: there are none


def newsroom(least: int) -> Habits:
    return Habits("newsroom", least, 90)


def ofsted(least: int) -> Habits:
    """Its pages for one authority may have nothing new for years."""
    return Habits("ofsted", max(least, _OFSTED_LEAST), None)


class History(NamedTuple):
    """What was seen of a source, by days."""

    news: Collection[date]  # it had something new; before it was watched: by the dates of its items
    unread: Collection[date] = ()  # nobody read it: no silence
    began: date = date.min  # it is watched since


class Silence(NamedTuple):
    """A silence that is too long."""

    days: int  # that count
    expected: int  # the most of them that were to be expected


def too_long(history: History, last: date, today: date, habits: Habits) -> Silence | None:
    """The silence since the last news, where it is beyond what is to be expected; None: it is not.

    Of the history, only what was before `last` is learned from: what is to be expected does not move while the silence
    lasts.
    """
    silent = _counting(last, today, history.unread, habits)
    if len(silent) <= habits.least:
        return None
    rhythm = _Rhythm(history, last, habits)
    end = rhythm.end(silent, rhythm.patience())
    return Silence(len(silent), end - 1) if end else None


class _Rhythm:
    """What the year up to the last news shows, and the news before it: how often there is news, and how regularly."""

    def __init__(self, history: History, last: date, habits: Habits) -> None:
        self._habits = habits
        # By whether it is a working day.
        self._news: dict[bool, float] = {True: 0, False: 0}
        self._none: dict[bool, float] = {True: 0, False: 0}
        self._longest = self._strange = 0.0
        days = sorted({last, *(day for day in history.news if day <= last)})
        inside = [day for day in days if day > last - YEAR]
        days = [*days[: -len(inside)][-1:], *inside]
        self._a_year = max(1.0, (len(days) - 1) * YEAR.days / max(1, (last - days[0]).days))
        gaps = [(after, _counting(before, after, history.unread, habits)) for before, after in pairwise(days)]
        # The shortest first: what is beyond all odds by the shorter ones was a fault, or a long holiday. It may last as
        # long once more, and not three times that. What lies before we watched may only be missing from the listing.
        for after, gap in sorted(gaps, key=lambda pair: self._length(pair[1])):
            if not self.end([day for day in gap if day != after]):
                self._learn(gap, after)
            elif gap[0] >= history.began:
                self._strange = max(self._strange, self._length(gap))

    def _length(self, days: Sequence[date]) -> float:
        return sum(weight(self._habits.of, day) for day in days)

    def _learn(self, gap: Sequence[date], news: date) -> None:
        """gap: the days up to the one that brought news, and with it, where it is one that counts."""
        self._longest = max(self._longest, self._length(gap))
        for day in gap:
            if weight(self._habits.of, day):
                (self._news if day == news else self._none)[working(day)] += 1

    def patience(self) -> float:
        """Days that are too many whatever the odds, because little is known or the source is slow; at most a year."""
        if self._habits.unknown is None:
            return inf
        return min(max(self._habits.unknown, _TIMES_AT_MOST * self._longest), YEAR.days)

    def end(self, silent: Sequence[date], patience: float = inf) -> int | None:
        """After how many of these days the silence is too long; None: it is not yet.

        Each day's chance of bringing nothing is what it was before, the silent days up to it among them.
        """
        bar = log(_RARE * self._a_year)
        least, regular = max(self._habits.least, self._strange), _TIMES * self._longest
        none, length, surprise = dict(self._none), 0.0, 0.0
        for number, day in enumerate(silent, start=1):
            counts, kind = weight(self._habits.of, day), working(day)
            surprise += counts * log(1 + self._news[kind] / (none[kind] + 1))
            none[kind] += counts
            length += counts
            if number > least and length > regular and (surprise >= bar or length > patience):
                return number
        return None


def _counting(after: date, until: date, unread: Collection[date], habits: Habits) -> list[date]:
    """The days that count, after the first and up to the last."""
    days = (after + timedelta(days=number) for number in range(1, (until - after).days + 1))
    return [day for day in days if day not in unread and not closed(habits.of, day)]
