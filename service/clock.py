"""The wall clock beside one that never jumps: a machine that slept, or whose time was put right, is noticed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_NOTICED = timedelta(minutes=2)
_CATCH_UP = timedelta(minutes=10)  # over which many sources that came due together are spread
_MANY = 20


class Clock:
    """Compares two clocks, each time it is asked. Sleep of the machine shows as a jump forward."""

    def __init__(self, wall: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._last = (wall(), monotonic())
        self.jump = timedelta()
        self._credit = 1.0  # the first tick reads at once
        self._spread_until = monotonic() + _CATCH_UP.total_seconds()  # a start may come after a long stop

    def jumped(self) -> bool:
        """Whether the wall clock has moved by more than two minutes otherwise than time has passed since last asked."""
        now, ticks = self._wall(), self._monotonic()
        before, ticked = self._last
        self._last = (now, ticks)
        self.jump = now - before - timedelta(seconds=ticks - ticked)
        if abs(self.jump) <= _NOTICED:
            return False
        self._credit, self._spread_until = 1.0, ticks + _CATCH_UP.total_seconds()
        return True

    def allowance(self, sources: int, usual: int, tick: timedelta) -> int:
        """How many sources may be polled in this tick: the usual number, and few in the minutes after a jump.

        Of many sources that are all due at once, each then waits its turn within ten minutes.
        """
        if sources <= _MANY or self._monotonic() >= self._spread_until:
            return usual
        self._credit += sources * tick / _CATCH_UP
        whole = int(self._credit)
        self._credit -= whole
        return min(whole, usual)


def from_now(now: datetime | None) -> Callable[[], datetime]:
    """The machine's clock; or one that shows `now` at this moment and goes on from there."""
    if now is None:
        return lambda: datetime.now(UTC)
    began = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - began)
