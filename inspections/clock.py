"""The case clock: how long a report usually takes, when it is overdue, and when the next inspection is likely.

The figures stand in clock.toml, with where each comes from; docs/clock.md has the rules in plain words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from msgspec import Struct

from inspections.days import Day
from inspections.model import Certainty, Inspection, Kind, State

_FACTS: dict[str, Any] = tomllib.loads((files("inspections") / "clock.toml").read_text(encoding="utf-8"))
_USUAL = {kind: timedelta(days=days) for kind, days in _FACTS["usual_days"].items()}
_LASTS = timedelta(days=14)  # an inspection of which no day is stated, from the first word of it
OPEN = (State.UNDER_WAY, State.DUE, State.OVERDUE, State.ANNOUNCED)  # of a case: its report is not out
FORETELLING = frozenset(Kind(rule["after"]) for rule in _FACTS["next"])  # kinds from which a rule says what is next
_ENOUGH = 5  # reports of a kind from which an archive's own history is worth more than the measured table


class Silence(Struct, frozen=True, kw_only=True):
    """A time before an election, in which Ofsted publishes nothing on the councils that hold one."""

    first: date
    last: date
    name: str


class Next(Struct, frozen=True, kw_only=True):
    """What is likely to come next, by the rules of the framework."""

    kind: Kind
    on: date  # about then
    why: str


SILENCES = tuple(Silence(first=row["from"], last=row["to"], name=row["name"]) for row in _FACTS["silence"])


def usual(kind: Kind) -> timedelta:
    """From the last day of an inspection to its report: what nine in ten do not exceed, as measured."""
    return _USUAL.get(kind, _USUAL["others"])


def usual_from(kind: Kind, days: Iterable[int]) -> timedelta:
    """The same by an archive's own history: days from last day to report. The measured figure where there are few."""
    known = sorted(days)
    if len(known) < _ENOUGH:
        return usual(kind)
    return timedelta(days=known[min(len(known) - 1, len(known) * 9 // 10)])


def due_on(last_day: date, wait: timedelta) -> date:
    """The day after which the report is overdue. Days of silence before an election do not count."""
    due = last_day + wait
    for silence in SILENCES:
        if last_day <= silence.last and silence.first <= due:
            due += silence.last - max(silence.first, last_day) + timedelta(days=1)
    return due


def state(inspection: Inspection, on: date, known_on: date, wait: timedelta) -> State:
    """Where an inspection without an outcome stands. known_on: the first word of it."""
    stated = inspection.inspected_to or inspection.inspected_from
    last = (stated.last if stated else None) or known_on + _LASTS
    if on <= last:
        return State.UNDER_WAY
    return State.OVERDUE if on > due_on(last, wait) else State.DUE


def next_due(inspection: Inspection) -> Next | None:
    """What follows this inspection, and about when; None where no rule says, or before its outcome is published."""
    if inspection.certainty != Certainty.PUBLISHED:
        return None
    stated = inspection.deadlines.get("next_inspection")
    if stated is not None and stated.first:
        return Next(kind=inspection.kind, on=stated.first, why="as its report says")
    base = inspection.inspected_to or inspection.inspected_from or inspection.published_on
    published = inspection.published_on or base
    if base is None or base.last is None or published is None or published.last is None:
        return None
    return next((found for rule in _FACTS["next"] if (found := _applied(rule, inspection, base, published))), None)


def expected(inspections: Iterable[Inspection]) -> list[tuple[Next, Inspection]]:
    """What is likely to come next for each body, soonest first, with the inspection that it follows.

    Of those of one line, as children's services with their monitoring visits, only the newest foretells; and nothing
    is foretold of a line of which a case is open.
    """
    found: dict[tuple[str | None, str | None, str], tuple[Next, Inspection]] = {}
    when = sorted(inspections, key=lambda one: str(one.published_on or one.inspected_from or ""))
    for inspection in sorted(when, key=lambda one: one.state in OPEN):
        line = _FACTS["lines"].get(inspection.kind, inspection.kind)
        body = (inspection.authority, inspection.urn if inspection.provider else None, line)
        if inspection.state in OPEN:
            found.pop(body, None)
        elif following := next_due(inspection):
            found[body] = (following, inspection)
    return sorted(found.values(), key=lambda pair: (pair[0].on, pair[1].id))


def _applied(rule: dict[str, Any], inspection: Inspection, base: Day, published: Day) -> Next | None:
    if inspection.kind != rule["after"]:
        return None
    wanted = rule.get("outcome")
    if wanted and wanted not in (inspection.outcome, *inspection.judgements.values()):
        return None
    since = (published if rule.get("since") == "publication" else base).last
    assert since is not None
    return Next(kind=Kind(rule["kind"]), on=_months_after(since, rule["months"]), why=rule["why"])


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))
