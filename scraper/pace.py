"""How often one host is asked: one request at a time, a gap between them, what it asks for itself, a daily budget."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT = timedelta(hours=24)  # a Retry-After beyond it is taken as it
LONGEST_GAP = timedelta(minutes=2)  # a Crawl-delay beyond it is taken as it


class Stopping(Exception):
    """The service is stopping; nothing more is sent."""


class Pace:
    """Turns at hosts, for all threads of a process. Times are of the monotonic clock given.

    `sleep` may return True to say that the service is stopping, as `threading.Event.wait` does.
    """

    def __init__(self, *, monotonic: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self._monotonic, self._sleep = monotonic, sleep
        self._guard = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._free_at: dict[str, float] = {}
        self._held_until: dict[str, float] = {}

    @contextmanager
    def turn(self, place: str) -> Iterator[None]:
        """Only one thread at a time is within this block for one host."""
        with self._guard:
            lock = self._turns.setdefault(place, threading.Lock())
        with lock:
            yield

    def wait(self, place: str) -> None:
        """Sleep until the gap after the last request to this host is over. Raises Stopping."""
        left = max(self._free_at.get(place, 0.0), self._held_until.get(place, 0.0)) - self._monotonic()
        if left > 0:
            self.pause(left)

    def resume(self, place: str, gap: timedelta, since: Callable[[str], timedelta | None]) -> None:
        """Before the first request of this process: the gap after the last one of the process before it.

        since(place): how long ago that was; None where nobody knows.
        """
        if place not in self._free_at:
            ago = since(place)
            known = ago is not None and ago >= timedelta(0)  # the clock may have been put back
            left = min(gap, LONGEST_GAP) - ago if known and ago is not None else timedelta(0)
            self._free_at[place] = self._monotonic() + left.total_seconds()

    def pause(self, seconds: float) -> None:
        """Sleep. Raises Stopping."""
        if self._sleep(seconds) is True:
            raise Stopping

    def asked(self, place: str, gap: timedelta) -> None:
        """A request to this host has just ended; the next one comes after the gap."""
        self._free_at[place] = self._monotonic() + min(gap, LONGEST_GAP).total_seconds()

    def hold(self, place: str, wait: timedelta) -> None:
        """The host asked to be left alone (Retry-After)."""
        until = self._monotonic() + min(wait, LONGEST_WAIT).total_seconds()
        self._held_until[place] = max(until, self._held_until.get(place, 0.0))

    def held(self, place: str) -> timedelta:
        """How long the host still wants to be left alone; zero or less: it may be asked."""
        return timedelta(seconds=self._held_until.get(place, 0.0) - self._monotonic())


class DailyCount:
    """Requests to each host on a day, counted in memory: what a fetcher uses where no archive stands behind it."""

    def __init__(self) -> None:
        self._lock, self._day, self._counts = threading.Lock(), date.min, dict[str, int]()

    def __call__(self, place: str, day: date) -> int:
        with self._lock:
            if day != self._day:
                self._day, self._counts = day, {}
            self._counts[place] = self._counts.get(place, 0) + 1
            return self._counts[place]


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for, at most 24 hours; None where it is absent, past or nonsense (RFC 9110)."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:12]), 10**8))
    else:
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return min(wait, LONGEST_WAIT) if wait > timedelta(0) else None
