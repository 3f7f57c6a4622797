"""When a source is read again. Pure: the answer is a column in the archive, so a restart changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from scraper.model import Source

LONDON = ZoneInfo("Europe/London")
_LONGEST = timedelta(hours=24)
_SPREAD = 0.1  # of an interval, so that sources do not come due together


def next_due(
    source: Source,
    now: datetime,
    *,
    failures: int = 0,
    retry_after: timedelta | None = None,
    again_in: timedelta | None = None,
    times: Sequence[time] = (),
) -> datetime:
    """When to read the source next.

    After `failures` polls in a row without an answer the interval doubles each time, to a day; Retry-After is kept
    where it asks for more, to a day. `again_in` asks for less: there is more to read than one poll may. `times` are
    London's, on weekdays, at which Ofsted publishes: the source is read then too.
    """
    interval = source.every * (1 + _SPREAD * _share(source.id))
    if failures:
        wait: timedelta = min(interval * 2 ** min(failures, 20), max(_LONGEST, interval))
        return now + max(wait, min(retry_after or timedelta(), _LONGEST))
    if again_in is not None:
        return now + again_in
    due = now + interval
    return min([due, *(at for clock in times if (at := _next(clock, now)) is not None)])


def longest_wait(sources: Iterable[Source]) -> timedelta:
    """Beyond this no source is ever due, nor a message tried again, unless the clock was wrong."""
    longest: timedelta = max((source.every for source in sources), default=_LONGEST)
    return max(longest, _LONGEST) * (1 + _SPREAD) + timedelta(hours=1)


def _next(clock: time, now: datetime) -> datetime | None:
    """The next weekday moment at which London's clocks show this time, strictly after `now`."""
    today = now.astimezone(LONDON).date()
    for ahead in range(5):
        day = today + timedelta(days=ahead)
        at: datetime = datetime.combine(day, clock, LONDON).astimezone(now.tzinfo)
        if at > now and day.weekday() < 5:
            return at
    return None


def _share(name: str) -> float:
    """A fixed fraction from 0 to 1 for each name."""
    return int.from_bytes(sha256(name.encode()).digest()[:4]) / 2**32
