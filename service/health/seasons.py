"""The days on which nobody expects anything new, or less: weekends, bank holidays, Christmas, August, elections. Pure.

They stand in seasons.toml, with where each comes from; elections that were called, in inspections/clock.toml.
"""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from inspections.clock import SILENCES

Whose = Literal["newsroom", "ofsted"]

_KNOWN: dict[str, Any] = tomllib.loads((files("service.health") / "seasons.toml").read_text(encoding="utf-8"))
_REMEMBERED = 10_000  # days: five years of both kinds


@lru_cache(_REMEMBERED)
def closed(of: Whose, day: date) -> bool:
    """Whether such a day does not even count as a day of silence."""
    return any(season.get("closed", False) for season in _seasons(of, day))


@lru_cache(_REMEMBERED)
def weight(of: Whose, day: date) -> float:
    """What a day without anything new says, of what it says at other times: 0 to 1."""
    said = [float(season.get("counts", 0)) for season in _seasons(of, day)]
    for row in _KNOWN["before"]:
        last = _movable(row["day"], day.year)
        if row["of"] == of and last - timedelta(weeks=row["weeks"]) <= day <= last:
            said.append(float(row["counts"]))
    if of == "ofsted" and any(silence.first <= day <= silence.last for silence in SILENCES):
        said.append(0.0)
    return min(said, default=1.0)


@lru_cache(_REMEMBERED)
def working(day: date) -> bool:
    """Monday to Friday, and no bank holiday."""
    return day.isoweekday() <= 5 and all(_movable(row, day.year) != day for row in _KNOWN["holiday"])


def _seasons(of: Whose, day: date) -> list[dict[str, Any]]:
    at = f"{day:%m-%d}"
    return [row for row in _KNOWN["season"] if row["of"] == of and _within(at, row["from"], row["to"])]


def _within(at: str, first: str, last: str) -> bool:
    return first <= at <= last if first <= last else at >= first or at <= last


def _movable(row: Mapping[str, Any], year: int) -> date:
    """A day that the table gives by Easter, or as the nth of a weekday in a month; -1 is the last."""
    if "easter" in row:
        return easter(year) + timedelta(days=row["easter"])
    month, weekday, nth = row["month"], row["weekday"], row["nth"]
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (nth - 1))
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta(days=(last.isoweekday() - weekday) % 7 + 7 * (-nth - 1))


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the rule of Meeus, Jones and Butcher."""
    century, of_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    moon = (19 * (year % 19) + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * rest + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (year % 19 + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
