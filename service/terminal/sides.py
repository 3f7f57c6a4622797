"""Councils side by side: each one's latest graded inspection."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from archive.summary import latest_graded
from inspections.model import Inspection
from service.assembly import UnknownName, Watch


class Side(Struct, frozen=True, kw_only=True):
    """A council's latest graded inspection whose report was read, and a newer one that is only announced."""

    published: Inspection | None
    announced: Inspection | None


def latest(watch: Watch, places: Sequence[str]) -> dict[str, Side]:
    """Each council that the names and regions mean. Raises UnknownName with the nearest name."""
    try:
        chosen = watch.authorities.select(list(places), watch.today)
    except LookupError as error:
        raise UnknownName(str(error.args[0])) from None
    found: dict[str, Side] = {}
    for authority in chosen:
        history = watch.archive.history(authority.name)
        published, newest = latest_graded(history, official=True), latest_graded(history)
        found[authority.name] = Side(published=published, announced=None if newest is published else newest)
    return found


def meant(watch: Watch, said: str) -> Inspection | None:
    """The inspection of this id, else the latest graded one of the council of this name."""
    found = watch.archive.inspection(said)
    authority = None if found else watch.authorities.find(said, watch.today)
    return latest_graded(watch.archive.history(authority.name)) if authority else found
