"""Inspections as files for other programs: CSV, JSON Lines, Excel. One row is one inspection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from archive import sheets
from archive.model import Hit
from archive.sheets import Cell, Sheet
from inspections.compare import stated
from inspections.contract import inspected
from inspections.days import Day
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
    Authority,
    Inspection,
    to_json,
    to_plain,
)  # fmt: skip
from inspections.said import one_line

ATTRIBUTION = "Contains public sector information from Ofsted, licensed under the Open Government Licence v3.0."

FACTS = (
    "id", "state", "kind", "authority", "authority_code", "region", "provider", "urn", "certainty", "inspected_from",
    "inspected_to", "published_on", "published_origin", "lead_inspector", "theme", "outcome", "priority_action",
)  # fmt: skip
_AREAS = (
    OVERALL, LEADERS, HELP_PROTECTION, IN_CARE, CARE_LEAVERS, IN_CARE_AND_CARE_LEAVERS, ADOPTION_AREA, LSCB,
    SAFEGUARDING,
)  # fmt: skip
_LISTS = ("priority_actions", "improvements", "notes")
_UNKNOWN_PLACE = Authority(code="", name="")


def table(
    inspections: Iterable[Inspection], authorities: Iterable[Authority], areas: Collection[str] | None = None
) -> Sheet:
    """The inspections as a table: the facts, each area's grade and what it was before, the lists, the licence.

    areas: those that occur, where the inspections are too many to be looked through first. Those of children's
    services always stand there, in this order; others follow. Several items stand on a line each. Of publishers other
    than Ofsted no cell holds more than 300 characters.
    """
    if areas is None:
        inspections = list(inspections)
        areas = {area for one in inspections for area in (*stated(one), *one.previous)}
    every = [*_AREAS, *sorted(set(areas) - set(_AREAS))]
    places = {row.name: row for row in authorities}
    return Sheet(
        name="Inspections",
        wrapped=False,
        heads=(*FACTS, *(name for area in every for name in (area, f"{area} before")), *_LISTS, "attribution"),
        rows=(_row(one, places.get(one.authority or "", _UNKNOWN_PLACE), every) for one in inspections),
    )


def table_of_hits(hits: Iterable[Hit]) -> Sheet:
    """What a search has found: a publication a row, with the words around the first match."""
    return Sheet(
        name="Publications",
        heads=("published_on", "source", "official", "title", "page", "snippet", "url", "inspections"),
        rows=([
            day(hit.publication.publication.published_on), hit.publication.publication.source,
            hit.publication.publication.official, one_line(hit.publication.publication.title), hit.page,
            one_line("".join(text for text, _ in hit.snippet)), hit.publication.publication.url,
            " ".join(hit.inspections),
        ] for hit in hits),
    )  # fmt: skip


def write_csv(
    inspections: Iterable[Inspection],
    to: IO[str],
    authorities: Iterable[Authority],
    areas: Collection[str] | None = None,
) -> int:
    """Write `table` as `sheets.write_csv` does; open `to` with newline="". Returns how many inspections."""
    return sheets.write_csv(table(inspections, authorities, areas), to)


def write_json_lines(inspections: Iterable[Inspection], to: IO[str]) -> int:
    """Write one JSON object a line, with all keys of the record, of others' text no more than the table. Returns how
    many."""
    return sum(to.write(to_json(to_plain(one) | inspected(one)).decode("utf-8") + "\n") > 0 for one in inspections)


def write_excel(
    inspections: Iterable[Inspection], to: Path | IO[bytes], authorities: Iterable[Authority], *, made: datetime
) -> int:
    """Write a workbook: the inspections, and a sheet that says where they come from. Returns how many."""
    listed = table(inspections, authorities)
    return sheets.write_book([listed, read_me(made)], to, made=made)[listed.name]


def read_me(made: datetime, about: Callable[[], Iterable[tuple[str, Cell]]] = lambda: ()) -> Sheet:
    """How a workbook was made, from what, when, and under which licence. about: what else stands there first."""

    def rows() -> Iterator[tuple[str, Cell]]:
        yield from about()
        yield "Made", f"{made:%Y-%m-%d %H:%M} UTC by Ofsted Watch, from its archive; nobody at Ofsted has checked it."
        yield from _READ_ME

    return Sheet(name="Read me", heads=("About this file", ""), rows=rows(), filters=False)


_READ_ME: tuple[tuple[str, str], ...] = (
    ("Sources", "Ofsted's published reports, letters and pages, read by a program; councils' and newspapers' "
                "announcements, of which no more than a short quotation is kept here."),
    ("Proof", "`ofsted-watch show ID`, or the web page of the inspection, gives the words and the page from which each "
              "fact was read, with a link to Ofsted's own document. Quote that, not this file."),
    ("Empty cells", "Empty is unknown or not applicable; it never means “none” or “no change”. A grade that could not "
                    "be read for certain is left empty."),
    ("Certainty", "“published”: read in a document of Ofsted's. “announced”: somebody says so, and the report was not "
                  "seen. “before”: the inspection is known, its outcome is not."),
    ("“before”", "The grade of the same area at the graded inspection before; where an area was split or joined "
                 "between frameworks, that of the area that held it."),
    ("Dates", "Real dates. A day of which only the month is known is text, such as 2022-01."),
    ("Overall", "Inspections of children's services that began in April 2026 or later have no overall grade."),
    ("Licence", ATTRIBUTION + " https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"),
)  # fmt: skip


def day(stated_on: Day | str | None) -> Cell:
    """A date where year, month and day are known; else as it is written."""
    if not stated_on:
        return None
    return Day(stated_on).date or "".join(stated_on)


def _row(inspection: Inspection, place: Authority, areas: Iterable[str]) -> list[Cell]:
    told: dict[str, Any] = inspected(inspection)  # no more of others' text than may be quoted
    facts = told | {"authority_code": place.code or None, "region": place.region}
    facts["published_origin"] = inspection.published_origin
    facts |= {name: day(told[name]) for name in ("inspected_from", "inspected_to", "published_on")}
    grades = stated(inspection)
    pairs = [
        grade.value if grade else None for area in areas for grade in (grades.get(area), inspection.previous.get(area))
    ]
    return [*(facts[name] for name in FACTS), *pairs, *("\n".join(told[name]) for name in _LISTS), ATTRIBUTION]
