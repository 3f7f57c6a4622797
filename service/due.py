"""The case clock as a list: cases whose outcome is not out, and inspections that are likely next."""

from __future__ import annotations

from archive import Archive, Filters
from inspections import clock
from inspections.model import Inspection

_ALL = 100_000


def open_cases(archive: Archive) -> list[Inspection]:
    """Under way, due, overdue, or announced without a report; newest first."""
    return archive.inspections(Filters(states=("under_way", "due", "overdue", "announced")), limit=_ALL)


def expected(archive: Archive) -> list[tuple[clock.Next, Inspection]]:
    """What the framework's rules make likely next, with the inspection that it follows; soonest first."""
    return list(clock.expected(archive.inspections(Filters(official=True), limit=_ALL)))
