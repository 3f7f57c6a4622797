"""The latest grades of several councils side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from inspections import compare
from inspections.frameworks import framework
from inspections.model import (
    CARE_LEAVERS,
    HELP_PROTECTION,
    IN_CARE,
    IN_CARE_AND_CARE_LEAVERS,
    LEADERS,
    OVERALL,
    Authority,
    Change,
    Inspection,
)  # fmt: skip
from web import words
from web.site import GRADED, SEND, Site

COLUMNS = (
    (OVERALL, "Overall"), (LEADERS, "Leaders"), (HELP_PROTECTION, "Help and protection"),
    (IN_CARE, "Children in care"), (CARE_LEAVERS, "Care leavers"), ("outcome", "Area SEND"),
)  # fmt: skip
_JOINT = (IN_CARE, CARE_LEAVERS)
_TRIED = 3  # newest of a kind, until one has a grade


class Cell(Struct, frozen=True, kw_only=True):
    chip: words.Chip | None  # None: no such grade; `reason` says why
    direction: str | None = None
    reason: str = ""
    path: str = ""  # of the inspection
    across: int = 1  # columns that one joint grade takes


class Row(Struct, frozen=True, kw_only=True):
    authority: Authority
    published_on: str
    path: str
    cells: tuple[Cell, ...]


def grid(site: Site, authorities: Sequence[Authority]) -> list[Row]:
    """A row for each council, in the order given, also for one of which nothing is known."""
    names = [row.name for row in authorities]
    known: dict[str | None, list[Inspection]] = {}
    for each in site.archive.newest((*GRADED, *SEND), authorities=names, each=_TRIED):
        if not each.provider:
            known.setdefault(each.authority, []).append(each)
    return [_row(authority, known.get(authority.name, [])) for authority in authorities]


def _row(authority: Authority, newest: Sequence[Inspection]) -> Row:
    graded = next((each for each in newest if each.kind in GRADED and any(each.judgements.values())), None)
    send = next((each for each in newest if each.kind in SEND), None)
    if graded is None and send is None:
        nothing = Cell(chip=None, reason="no graded inspection known", across=len(COLUMNS))
        return Row(authority=authority, cells=(nothing,), path="", published_on="")
    cells = _graded(graded) if graded else [Cell(chip=None, reason="none known") for _ in COLUMNS[:-1]]
    outcome = [each for each in compare.changes(send) if each.area == "outcome"] if send else []
    cells.append(_cell(outcome[0], send) if outcome and send else Cell(chip=None, reason="none known"))
    return Row(
        authority=authority, cells=tuple(cells), path=f"/inspections/{graded.id}" if graded else "",
        published_on=words.day(graded.published_on) if graded else "",
    )  # fmt: skip


def _graded(inspection: Inspection) -> list[Cell]:
    changes = {each.area: each for each in compare.changes(inspection)}
    joint = changes.get(IN_CARE_AND_CARE_LEAVERS)
    cells = []
    for area, _ in COLUMNS[:-1]:
        if joint and area in _JOINT:
            if area == _JOINT[0]:
                cells.append(_cell(joint, inspection, across=2))
        elif area in changes:
            cells.append(_cell(changes[area], inspection))
        else:
            cells.append(
                Cell(chip=None, reason="no overall grade is given" if _abolished(inspection, area) else "none")
            )
    return cells


def _cell(change: Change, inspection: Inspection, across: int = 1) -> Cell:
    return Cell(
        chip=words.chip(change.after), direction=change.direction, path=f"/inspections/{inspection.id}", across=across
    )


def _abolished(inspection: Inspection, area: str) -> bool:
    """Inspections that began in April 2026 or later give no overall grade."""
    if area != OVERALL:
        return False
    start = inspection.inspected_from or inspection.published_on
    found = framework(inspection.kind, start.first if start else date.max)
    return found is not None and not found.overall
