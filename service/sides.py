"""Councils side by side: each one's latest graded inspection."""

from __future__ import annotations

from collections.abc import Sequence

from archive.summary import latest_graded
from inspections.model import Inspection
from service.assembly import UnknownName, Watch


def latest(watch: Watch, places: Sequence[str]) -> dict[str, Inspection | None]:
    """Each council that the names and regions mean, with its latest graded inspection; None where there is none.

    Raises UnknownName with the nearest name.
    """
    try:
        chosen = watch.authorities.select(list(places), watch.today)
    except LookupError as error:
        raise UnknownName(str(error.args[0])) from None
    found: dict[str, Inspection | None] = {}
    for authority in chosen:
        found[authority.name] = latest_graded(watch.archive.history(authority.name))
    return found


def meant(watch: Watch, said: str) -> Inspection | None:
    """The inspection of this id, else the latest graded one of the council of this name."""
    found = watch.archive.inspection(said)
    authority = None if found else watch.authorities.find(said, watch.today)
    return latest_graded(watch.archive.history(authority.name)) if authority else found
