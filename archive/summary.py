"""A workbook like the sector's own summaries: each council's latest grades, visits, grades over time, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO

from msgspec import Struct

from archive.export import day, read_me, table
from archive.sheets import Cell, Sheet, write_book
from archive.whole import Whole
from inspections import frameworks
from inspections.authorities import stood
from inspections.compare import changes
from inspections.model import (
    CARE_LEAVERS,
    HELP_PROTECTION,
    IN_CARE,
    IN_CARE_AND_CARE_LEAVERS,
    LEADERS,
    OVERALL,
    Authority,
    Certainty,
    Change,
    Grade,
    Inspection,
    Kind,
    Outcome,
)  # fmt: skip

GRADED = (Kind.ILACS, Kind.SIF)  # those that grade a council's children's services
_SEND = (Kind.AREA_SEND, Kind.AREA_SEND_2016)
_VISITS = (Kind.FOCUSED_VISIT, Kind.MONITORING_VISIT, Kind.JTAI, Kind.AREA_SEND_MONITORING)
_AREAS = (OVERALL, LEADERS, HELP_PROTECTION, IN_CARE, CARE_LEAVERS, IN_CARE_AND_CARE_LEAVERS)
_WAYS = {"up": "better", "down": "worse", "same": "unchanged", None: None}
_COUNTED = (Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE)
_ENGLAND = "England"


class Council(Struct, frozen=True, kw_only=True):
    """A council with what is known of its own inspections; oldest first."""

    authority: Authority
    history: tuple[Inspection, ...]

    @property
    def grades(self) -> dict[str, Change]:
        found = latest_graded(self.history, official=True)
        return {change.area: change for change in changes(found)} if found else {}


def latest_graded(history: Sequence[Inspection], *, official: bool = False) -> Inspection | None:
    """The newest inspection of a council that has a grade; of a council's history, oldest first.

    official: only one whose report was read.
    """
    graded = [one for one in history if one.kind in GRADED and any(one.judgements.values())]
    known = [one for one in graded if one.certainty == Certainty.PUBLISHED or not official]
    return known[-1] if known else None


def write_summary(
    archive: Whole, authorities: Iterable[Authority], to: Path | IO[bytes], *, today: date, made: datetime
) -> dict[str, int]:
    """Write the workbook and return how many rows each sheet has. today: councils that stand then have a row.

    Raises sheets.TooLong where the archive holds more inspections than a sheet has rows.
    """
    every = list(authorities)
    with archive.reading():
        standing = sorted((row for row in every if stood(row, today)), key=lambda row: (row.region or "", row.name))
        councils = [Council(authority=row, history=tuple(archive.history(row.name))) for row in standing]
        publications, inspections = archive.counted()

        def about() -> Iterator[tuple[str, Cell]]:
            yield from _SHEETS
            yield "Holds", f"{inspections:,} inspections, read in {publications:,} pages and documents."

        return write_book(
            [
                _summary(councils), _counts(councils), _visits(councils), _over_time(councils),
                table(archive.every_inspection(), every, archive.areas()), read_me(made, about),
            ],
            to, made=made,
        )  # fmt: skip


_SHEETS = (
    ("Summary", "One row for each council that stands: its latest published graded inspection of children's services, "
                "each area's grade, the grade before and its direction; its newest visit; its area SEND outcome. "
                "“Announced since” is what somebody says, while the report was not seen."),
    ("Counts", "How many councils have each grade, by area and region, from the sheet Summary."),
    ("Visits", "Focused, monitoring and joint visits of councils, newest first. Such visits end without a grade."),
    ("Grades over time", "One row for each area of each inspection of a council, newest first: made to be pivoted."),
    ("Inspections", "Every inspection that is known, of providers too, newest first; grades and kinds by their keys, "
                    "in the columns of `ofsted-watch inspections --csv`."),
)  # fmt: skip


def _summary(councils: Sequence[Council]) -> Sheet:
    graded = [
        head for area in _AREAS for head in (frameworks.label(area), f"{frameworks.label(area)}: before",
                                             f"{frameworks.label(area)}: direction")
    ]  # fmt: skip
    heads = ("Local authority", "Region", "LA code", "GSS code", "Ofsted URN", "Kind", "Inspected from",
             "Inspected to", "Published", *graded, "Lead inspector", "Announced since", "Newest visit",
             "Visit published", "Priority action", "Area SEND", "Area SEND: before",
             "Area SEND published", "Inspection id")  # fmt: skip
    return Sheet(name="Summary", heads=heads, rows=map(_council, councils))


def _council(council: Council) -> list[Cell]:
    place, found = council.authority, latest_graded(council.history, official=True)
    newest = latest_graded(council.history)
    announced = newest if newest is not None and newest is not found else None
    visit = _newest(council.history, _VISITS[:2])
    send = _newest(council.history, _SEND)
    row: list[Cell] = [place.name, place.region, place.code, place.gss, place.urn]
    row += [_kind(found), *(_days(found) if found else (None, None, None))]
    for area in _AREAS:
        change = council.grades.get(area)
        row += [change.after, change.before, _WAYS[change.direction]] if change else [None, None, None]
    row += [found.lead_inspector if found else None, _announcement(announced), _kind(visit)]
    row += [day(visit.published_on) if visit else None, visit.priority_action if visit else None]
    row += [send.outcome, send.previous_outcome, day(send.published_on)] if send else [None, None, None]
    return [*row, found.id if found else None]


def _visits(councils: Sequence[Council]) -> Sheet:
    def rows() -> Iterator[Sequence[Cell]]:
        for council, one in _newest_first(councils):
            if one.kind in _VISITS and one.certainty == Certainty.PUBLISHED:
                wanted = "\n".join(one.improvements)
                yield [council.authority.name, council.authority.region, _kind(one), *_days(one), one.theme,
                       one.priority_action, one.outcome, wanted, one.lead_inspector, one.id]  # fmt: skip

    heads = ("Local authority", "Region", "Kind", "Inspected from", "Inspected to", "Published", "Theme",
             "Priority action", "Outcome", "What needs to improve", "Lead inspector", "Inspection id")  # fmt: skip
    return Sheet(name="Visits", heads=heads, rows=rows())


def _over_time(councils: Sequence[Council]) -> Sheet:
    def rows() -> Iterator[Sequence[Cell]]:
        for council, one in _newest_first(councils):
            for change in changes(one):
                area = "Outcome" if change.area == "outcome" else frameworks.label(change.area, one.kind)
                yield [council.authority.name, council.authority.region, _kind(one), *_days(one), one.certainty.value,
                       area, change.after, change.before, _WAYS[change.direction], one.id]  # fmt: skip

    heads = ("Local authority", "Region", "Kind", "Inspected from", "Inspected to", "Published", "Certainty", "Area",
             "Grade", "Before", "Direction", "Inspection id")  # fmt: skip
    return Sheet(name="Grades over time", heads=heads, rows=rows())


def _counts(councils: Sequence[Council]) -> Sheet:
    regions = list(
        dict.fromkeys(council.authority.region or _ENGLAND for council in councils if council.authority.region)
    )

    def rows() -> Iterator[Sequence[Cell]]:
        for region in (_ENGLAND, *regions):
            among = [one for one in councils if region in (_ENGLAND, one.authority.region)]
            for area in _AREAS:
                found = Counter(change.after for one in among if (change := one.grades.get(area)))
                known = [found[grade] for grade in _COUNTED]
                yield [region, frameworks.label(area), *known, len(among) - sum(known), len(among)]

    heads = ("Region", "Area", *(_capital(frameworks.words(grade)) for grade in _COUNTED),
             "Other or not known", "Councils")  # fmt: skip
    return Sheet(name="Counts", heads=heads, rows=rows(), frozen=2)


def _newest_first(councils: Sequence[Council]) -> list[tuple[Council, Inspection]]:
    pairs = [(council, one) for council in councils for one in council.history]
    return sorted(pairs, key=lambda pair: ("".join(pair[1].published_on or pair[1].inspected_to or ""), pair[1].id),
                  reverse=True)  # fmt: skip


def _newest(history: Sequence[Inspection], kinds: Sequence[Kind]) -> Inspection | None:
    return next((one for one in reversed(history) if one.kind in kinds and one.certainty == Certainty.PUBLISHED), None)


def _days(inspection: Inspection) -> tuple[Cell, Cell, Cell]:
    return day(inspection.inspected_from), day(inspection.inspected_to), day(inspection.published_on)


def _kind(inspection: Inspection | None) -> str | None:
    return _capital(frameworks.KIND_NAMES[inspection.kind]) if inspection else None


def _announcement(inspection: Inspection | None) -> str | None:
    if inspection is None:
        return None
    grades: dict[str, Grade | Outcome | None] = {change.area: change.after for change in changes(inspection)}
    first = grades.get(OVERALL) or next(iter(grades.values()))
    return f"{frameworks.words(first) if first else 'grade not stated'} ({inspection.published_on or 'no date'})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
