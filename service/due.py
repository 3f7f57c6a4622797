"""The case clock as a list: cases whose outcome is not out, and inspections that are likely next."""

from __future__ import annotations

from archive import Archive, Filters
from inspections import clock
from inspections.model import Inspection

_ALL = 100_000


def open_cases(archive: Archive, authorities: tuple[str, ...] = ()) -> list[Inspection]:
    """Under way, due, overdue, or announced without a report; newest first. authorities: only of these."""
    states = ("under_way", "due", "overdue", "announced")
    return archive.inspections(Filters(states=states, authorities=authorities), limit=_ALL)


def expected(archive: Archive, authorities: tuple[str, ...] = ()) -> list[tuple[clock.Next, Inspection]]:
    """What the framework's rules make likely next, with the inspection that it follows; soonest first."""
    return list(clock.expected(archive.inspections(Filters(official=True, authorities=authorities), limit=_ALL)))
