"""The grades of one authority over the years, as the geometry of a drawing; templates/chart.svg draws it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from inspections import compare, frameworks
from inspections.model import (
    ADOPTION_AREA,
    CARE_LEAVERS,
    HELP_PROTECTION,
    IN_CARE,
    IN_CARE_AND_CARE_LEAVERS,
    LEADERS,
    LSCB,
    OVERALL,
    Certainty,
    Grade,
    Inspection,
    Kind,
)  # fmt: skip
from web import words
from web.site import GRADED

_LANES = (OVERALL, LEADERS, HELP_PROTECTION, IN_CARE, CARE_LEAVERS, ADOPTION_AREA, LSCB)
_JOINT = {IN_CARE_AND_CARE_LEAVERS: (IN_CARE, CARE_LEAVERS)}  # drawn across both lanes
_LETTER = 7.4  # units that a letter of a bar takes
_MARKS = {
    Kind.FOCUSED_VISIT: "diamond", Kind.MONITORING_VISIT: "triangle", Kind.ASSURANCE_VISIT: "square",
    Kind.JTAI: "ring", Kind.AREA_SEND: "circle", Kind.AREA_SEND_MONITORING: "circle", Kind.AREA_SEND_2016: "circle",
}  # fmt: skip


class Bar(Struct, frozen=True, kw_only=True):
    """A grade, from its publication until the next one."""

    x: float
    y: float
    width: float
    height: float
    text: str
    tone: str
    announced: bool


class Mark(Struct, frozen=True, kw_only=True):
    """A visit or review without a grade."""

    x: float
    y: float
    shape: str


class Lane(Struct, frozen=True, kw_only=True):
    label: str
    y: float  # of its label's baseline


class Chart(Struct, frozen=True, kw_only=True):
    """A drawing of `width` by `height` units."""

    width: float
    height: float
    left: float
    lanes: tuple[Lane, ...]
    years: tuple[tuple[str, float], ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    bottom: float  # of the lanes


class _Frame(Struct, frozen=True, kw_only=True):
    """Where things stand: `x` by day, `y` by lane."""

    left: float
    right: float
    first: date
    last: date
    step: float
    bar: float
    top: float
    above: float  # room in a lane over its bar

    def x(self, day: date) -> float:
        part = (min(max(day, self.first), self.last) - self.first).days / max(1, (self.last - self.first).days)
        return round(self.left + part * (self.right - self.left), 1)

    def y(self, lane: int) -> float:
        return self.top + lane * self.step + self.above


def timeline(history: Sequence[Inspection], today: date, *, narrow: bool = False) -> Chart | None:
    """The chart of an authority's history, oldest first; None where it was never graded.

    narrow: for a telephone, with labels over the bars.
    """
    graded = [each for each in history if each.kind in GRADED and _day(each) and any(each.judgements.values())]
    if not graded:
        return None
    areas = {part for each in graded for area in compare.stated(each) for part in _JOINT.get(area, (area,))}
    lanes = [area for area in _LANES if area in areas]
    others = [each for each in history if each.kind in _MARKS and _day(each)]
    first = min(day for each in (*graded, *others) if (day := _day(each)))
    newest = max(day for each in graded if (day := _day(each)))
    last = max(today, newest + (newest - first) * (0.16 if narrow else 0.055))  # room for the newest grade's letters
    frame = _Frame(
        left=0 if narrow else 218, right=330 if narrow else 860, first=date(first.year, 1, 1), last=last,
        step=46 if narrow else 34, bar=24 if narrow else 26, top=8, above=18 if narrow else 4,
    )  # fmt: skip
    bottom = frame.top + len(lanes) * frame.step
    mark_y = bottom + (28 if narrow else 17)
    height = bottom + (64 if narrow else 58 if others else 28)
    labels = [Lane(label=_label(area), y=frame.y(n) + (-5 if narrow else 18)) for n, area in enumerate(lanes)]
    if others:
        labels.append(Lane(label="Visits and reviews", y=mark_y + (-12 if narrow else 5)))
    return Chart(
        width=frame.right + (2 if narrow else 4), height=height, left=frame.left, lanes=tuple(labels),
        years=_years(frame, narrow), bars=tuple(_bars(graded, lanes, frame, narrow)),
        marks=tuple(
            Mark(x=frame.x(day), y=mark_y, shape=_MARKS[each.kind]) for each in others if (day := _day(each))
        ),
        bottom=height - 20,
    )  # fmt: skip


def _bars(graded: Sequence[Inspection], lanes: Sequence[str], frame: _Frame, narrow: bool) -> list[Bar]:
    found = []
    for n, each in enumerate(graded):
        start = _day(each)
        assert start is not None
        for area, grade in compare.stated(each).items():
            drawn = [lanes.index(part) for part in _JOINT.get(area, (area,)) if part in lanes]
            if not drawn or grade is None:
                continue
            end = next((day for later in graded[n + 1 :] if _replaces(later, area) and (day := _day(later))), None)
            x, until = frame.x(start), frame.x(end or frame.last)
            found.append(
                Bar(
                    x=x, y=frame.y(drawn[0]), width=round(max(3.0, until - x - 2), 1),
                    height=frame.bar if len(drawn) == 1 else frame.step * (len(drawn) - 1) + frame.bar,
                    text=_fitting(grade, until - x - 2), tone=words.chip(grade).tone,
                    announced=each.certainty != Certainty.PUBLISHED,
                )
            )  # fmt: skip
    return found


def _replaces(later: Inspection, area: str) -> bool:
    """Whether a grade of this area stands no longer: a report regrades everything, an announcement what it names."""
    named = {part for each in compare.stated(later) for part in _JOINT.get(each, (each,))}
    return later.certainty == Certainty.PUBLISHED or bool(named.intersection(_JOINT.get(area, (area,))))


def _fitting(grade: Grade, width: float) -> str:
    chip = words.chip(grade)
    if len(chip.words) * _LETTER + 10 <= width:
        return chip.words[:1].upper() + chip.words[1:]
    return chip.short if len(chip.short) * 9 + 4 <= width else ""


def _years(frame: _Frame, narrow: bool) -> tuple[tuple[str, float], ...]:
    every = 3 if narrow else 1
    years = range(frame.first.year, frame.last.year + 1)
    shown = [(year, frame.x(date(year, 1, 1))) for year in years if (year - frame.first.year) % every == 0]
    return tuple((str(year), x) for year, x in shown if x < frame.right - 24)


def _label(area: str) -> str:
    return {LEADERS: "Leaders", OVERALL: "Overall", LSCB: "Safeguarding board"}.get(area) or frameworks.label(area)


def _day(inspection: Inspection) -> date | None:
    stated = inspection.published_on or inspection.inspected_to or inspection.inspected_from
    return stated.first if stated else None
