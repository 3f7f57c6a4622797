"""Which areas and grades an inspection of a kind has, by the day on which it began; and how they are written.

The facts stand in frameworks.toml; this module only answers from it.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from importlib.resources import files
from typing import Any

from msgspec import Struct, field

from inspections.model import Grade, Kind, Outcome

_FACTS: dict[str, Any] = tomllib.loads((files("inspections") / "frameworks.toml").read_text(encoding="utf-8"))


class Framework(Struct, frozen=True, kw_only=True):
    """What a report on an inspection of this kind holds, where the inspection began in this time."""

    kind: Kind
    began: date | None = None  # the first and the last day on which such an inspection could begin
    ended: date | None = None
    areas: tuple[str, ...] = ()  # expected, in printed order
    optional: tuple[str, ...] = ()  # only where they apply
    by_provision: tuple[str, ...] = ()  # once for each type of provision: "apprenticeships/achievement"
    scale: str | None = None  # a key of SCALES; None: no grades
    other: dict[str, str] = field(default_factory=dict)  # areas with a scale of their own
    outcomes: tuple[Outcome, ...] = ()

    @property
    def overall(self) -> bool:
        """Whether every report has an overall grade."""
        return "overall" in self.areas

    @property
    def graded(self) -> bool:
        return self.scale is not None

    def grades(self, area: str) -> tuple[Grade, ...]:
        """The grades that this area can have, worst first; none for an area that is not of this framework."""
        last = area.rpartition("/")[2]
        known = area in (*self.areas, *self.optional) or (last != area and last in self.by_provision)
        scale = self.other.get(area, self.scale)
        return tuple(Grade(grade) for grade in SCALES[scale]) if known and scale else ()


SCALES: dict[str, tuple[str, ...]] = {name: tuple(grades) for name, grades in _FACTS["scales"].items()}
GRADES: dict[str, Grade] = {word: Grade(key) for key, words in _FACTS["grades"].items() for word in words}
KIND_NAMES: dict[Kind, str] = {Kind(key): name for key, name in _FACTS["kinds"].items()}
_TONES = {2: ("bad", "good"), 3: ("bad", "weak", "good"), 4: ("bad", "weak", "good", "best"),
          5: ("bad", "weak", "good", "good", "best")}  # fmt: skip
_RANKS = {grade: rank for grades in SCALES.values() for rank, grade in enumerate(grades, start=1)}


def _tables() -> dict[Kind, list[Framework]]:
    found: dict[Kind, list[Framework]] = {}
    for table in _FACTS["framework"]:
        row = Framework(
            kind=Kind(table["kind"]),
            began=table.get("from"),
            ended=table.get("to"),
            areas=tuple(table.get("areas", ())),
            optional=tuple(table.get("optional", ())),
            by_provision=tuple(table.get("by_provision", ())),
            scale=table.get("scale"),
            other=table.get("other", {}),
            outcomes=tuple(Outcome(outcome) for outcome in table.get("outcomes", ())),
        )
        found.setdefault(row.kind, []).append(row)
    return found


_FRAMEWORKS = _tables()


def framework(kind: Kind, started: date | None) -> Framework | None:
    """The framework of an inspection that began on that day.

    None where none is known: before the first, for `other`, and without a day where the kind has had several.
    """
    rows = _FRAMEWORKS.get(kind, [])
    if started is None:
        return rows[0] if len(rows) == 1 else None
    return next((row for row in rows if (row.began or started) <= started <= (row.ended or started)), None)


def frameworks(kind: Kind) -> list[Framework]:
    """All frameworks that the kind has had, oldest first."""
    return list(_FRAMEWORKS.get(kind, ()))


def is_graded(kind: Kind) -> bool:
    """Whether such an inspection ends in grades. False for visits, JTAI, area SEND and `other`."""
    return any(row.graded for row in _FRAMEWORKS.get(kind, ()))


def has_outcome(kind: Kind) -> bool:
    """Whether such an inspection can end in an outcome sentence."""
    return any(row.outcomes for row in _FRAMEWORKS.get(kind, ()))


def rank(grade: Grade | Outcome) -> int | None:
    """Its place in its scale: 1 is the worst, more is better. None for one outside every scale, as "not judged"."""
    return _RANKS.get(grade)


def one_scale(first: Grade | Outcome, second: Grade | Outcome) -> bool:
    """Whether some scale holds both, so that their ranks can be compared."""
    return any(first in grades and second in grades for grades in SCALES.values())


def tone(grade: Grade | Outcome) -> str:
    """ "best", "good", "weak" or "bad", by its place on its scale; "none" for one outside every scale."""
    scale = next((grades for grades in SCALES.values() if grade in grades), None)
    return _TONES[len(scale)][scale.index(grade)] if scale else "none"


def grade(printed: str) -> Grade | None:
    """The grade that exactly these printed words name: "Requires improvement to be good." None for any other text."""
    return GRADES.get(" ".join(re.sub(r"[^\w]+", " ", printed).casefold().split()))


def words(value: Grade | Outcome) -> str:
    """How it is written in a sentence: "requires improvement", "widespread or systemic failings"."""
    if isinstance(value, Outcome):
        return str(_FACTS["outcomes"][value])
    return str(_FACTS["grades"][value][0])


def label(area: str, kind: Kind | None = None) -> str:
    """How an area is written for people: "Help and protection"; "Apprenticeships: Achievement"."""
    provision, _, key = area.rpartition("/")
    own = _FACTS["areas_of"].get(kind or "", {})
    written = str(own.get(key) or _FACTS["areas"].get(key) or _sentence(key))
    return f"{_sentence(provision)}: {written}" if provision else written


def _sentence(key: str) -> str:
    text = key.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
