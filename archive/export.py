"""Inspections as files for other programs: CSV, JSON Lines, Excel. One row is one inspection."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from inspections.compare import stated
from inspections.model import (
    ADOPTION_AREA,
    CARE_LEAVERS,
    HELP_PROTECTION,
    IN_CARE,
    IN_CARE_AND_CARE_LEAVERS,
    LEADERS,
    LSCB,
    OVERALL,
    SAFEGUARDING,
    Inspection,
    to_json,
    to_plain,
)  # fmt: skip

ATTRIBUTION = "Contains public sector information from Ofsted, licensed under the Open Government Licence v3.0."

FACTS = (
    "id", "state", "kind", "authority", "provider", "urn", "certainty", "inspected_from", "inspected_to",
    "published_on", "published_origin", "lead_inspector", "theme", "outcome", "priority_action",
)  # fmt: skip
_AREAS = (
    OVERALL, LEADERS, HELP_PROTECTION, IN_CARE, CARE_LEAVERS, IN_CARE_AND_CARE_LEAVERS, ADOPTION_AREA, LSCB,
    SAFEGUARDING,
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet would calculate a cell that begins so
_TEXT_LIMIT = 32_767  # characters of one cell in Excel


def columns(inspections: Sequence[Inspection]) -> list[str]:
    """The names of the columns: the facts, each area's grade and what it was before, the lists, the licence.

    The areas of children's services always stand there, in this order; those of other kinds follow where they occur.
    """
    found = {area for one in inspections for area in (*stated(one), *one.previous)}
    areas = [*_AREAS, *sorted(found - set(_AREAS))]
    grades = [name for area in areas for name in (area, f"{area} before")]
    return [*FACTS, *grades, "priority_actions", "improvements", "notes", "attribution"]


def row(inspection: Inspection) -> dict[str, str]:
    """The inspection by column, as text; "" is unknown. Several items stand on a line each."""
    plain: dict[str, Any] = to_plain(inspection)
    found = {name: plain[name] for name in FACTS}
    found |= {area: grade.value if grade else None for area, grade in stated(inspection).items()}
    found |= {f"{area} before": grade.value for area, grade in inspection.previous.items()}
    found |= {name: "\n".join(plain[name]) for name in ("priority_actions", "improvements", "notes")}
    return {name: _text(value) for name, value in (found | {"attribution": ATTRIBUTION}).items()}


def write_csv(inspections: Iterable[Inspection], to: IO[str]) -> int:
    """Write a header and a row each; open `to` with newline="". A cell that begins like a formula gets an apostrophe
    before it. Returns how many inspections were written."""
    chosen = list(inspections)
    writer = csv.DictWriter(to, columns(chosen), restval="")
    writer.writerow({name: guarded(name) for name in writer.fieldnames})
    writer.writerows({name: guarded(text) for name, text in row(one).items()} for one in chosen)
    return len(chosen)


def write_json_lines(inspections: Iterable[Inspection], to: IO[str]) -> int:
    """Write one JSON object a line, with all keys of the record. Returns how many."""
    return sum(to.write(to_json(one).decode("utf-8") + "\n") > 0 for one in inspections)


def write_excel(inspections: Iterable[Inspection], to: Path | IO[bytes]) -> int:
    """Write a workbook: the inspections, and a sheet that says where they come from. Returns how many.

    Every cell is text, never a formula or a link.
    """
    from xlsxwriter import Workbook

    chosen = list(inspections)
    names = columns(chosen)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(to if not isinstance(to, Path) else str(to), options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("Inspections")
        sheet.write_row(0, 0, names, bold)
        for line, one in enumerate(chosen, start=1):
            cells = row(one)
            for column, name in enumerate(names):
                sheet.write_string(line, column, cells.get(name, "")[:_TEXT_LIMIT])
        sheet.freeze_panes(1, 1)
        if chosen:
            sheet.autofilter(0, 0, len(chosen), len(names) - 1)
        about = book.add_worksheet("About")
        for line, text in enumerate((ATTRIBUTION, "Read by machine. An empty cell is unknown, never “none”.")):
            about.write_string(line, 0, text)
    return len(chosen)


def guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
