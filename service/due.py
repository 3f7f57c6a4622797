"""The case clock as a list: cases whose outcome is not out, and inspections that are likely next."""

from __future__ import annotations

from archive import Archive, Filters
from inspections import clock
from inspections.model import Inspection

_ALL = 100_000


def open_cases(archive: Archive, authorities: tuple[str, ...] = ()) -> list[Inspection]:
    """Under way, due, overdue, or announced without a report; newest first. authorities: only of these."""
    return archive.inspections(Filters(states=clock.OPEN, authorities=authorities), limit=_ALL)


def expected(archive: Archive, authorities: tuple[str, ...] = ()) -> list[tuple[clock.Next, Inspection]]:
    """What the framework's rules make likely next, with the inspection that it follows; soonest first."""
    newest = archive.newest(clock.FORETELLING, authorities=authorities)
    return clock.expected([*newest, *open_cases(archive, authorities)])
