"""Councils side by side: each one's latest graded inspection."""

from __future__ import annotations

from collections.abc import Sequence

from inspections.model import Inspection, Kind
from service.assembly import UnknownName, Watch

_GRADED = (Kind.ILACS, Kind.SIF)


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
        graded = [one for one in watch.archive.history(authority.name) if one.kind in _GRADED and one.judgements]
        found[authority.name] = graded[-1] if graded else None
    return found
