"""Hear once, and again only when what you were told changes: the rule of telling."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from alerts.model import Told
from inspections import frameworks
from inspections.model import (
    ALL,
    CARE_LEAVERS,
    IN_CARE,
    IN_CARE_AND_CARE_LEAVERS,
    Certainty,
    Grade,
    Inspection,
    Outcome,
    State,
)

_OUTCOME_IS_OUT = (Certainty.ANNOUNCED, Certainty.PUBLISHED)
_OFFICIAL_STAGES = (State.PUBLISHED, State.CORRECTED)
_STAGES_WITH_AN_OUTCOME = (State.ANNOUNCED, *_OFFICIAL_STAGES)
_PARTS = {IN_CARE_AND_CARE_LEAVERS: (IN_CARE, CARE_LEAVERS)}  # a joint area, and what it was before and after
PRIORITY_ACTION = "priority_action"

ANNOUNCED, PUBLISHED = "inspection.announced", "inspection.published"
CORRECTED, CONTRADICTED, OVERDUE = "inspection.corrected", "inspection.contradicted", "inspection.overdue"

# Why it is news, as the reader is told.
REASONS = {
    "first": "This is the first word of this outcome.",
    "changed": "What you were told of this inspection has changed.",
    "withdrawn": "What you were told of this inspection no longer stands.",
    "graded": "You were told of this inspection without a grade; now there is one.",
    "worse": "The report holds a grade that is worse than any you were told.",
    PRIORITY_ACTION: "The report sets areas for priority action, of which you were not told.",
    "contradicted": "The report says other than what was announced.",
    "overdue": "The usual time from an inspection to its report has passed.",
    "stage": "You asked to hear of every stage.",
}


# The same to somebody who was never told: the report is older than their subscription.
_REASONS_TO_OTHERS = {
    "changed": "What Ofsted had published of this inspection has changed.",
    "withdrawn": "What was known of this inspection no longer stands.",
}


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that was told and is now another, or (None) stands no longer."""

    area: str  # of the inspection as it is known now; "outcome", "priority_action"
    told: Grade | Outcome | bool
    now: Grade | Outcome | bool | None


class News(Struct, frozen=True, kw_only=True):
    """Why a recipient hears of an inspection now."""

    type: str  # of the webhook: "inspection.announced", …
    reason: str  # a key of REASONS
    differences: tuple[Difference, ...] = ()
    told: Told | None = None  # what the recipient had been told

    @property
    def was_told(self) -> bool:
        """Whether a message told them before; if not, `told` is what stood before the change."""
        return self.told is not None and bool(self.told.message)

    @property
    def why(self) -> str:
        words = REASONS if self.was_told else REASONS | _REASONS_TO_OTHERS
        return words[self.reason]


def news(told: Told | None, inspection: Inspection, *, every_stage: bool = False) -> News | None:
    """What is new in this inspection to somebody who was told that much; None: nothing that they should hear."""
    if told is None or told.stage not in _STAGES_WITH_AN_OUTCOME:
        found = _first(told, inspection, every_stage=every_stage)
    else:
        found = _further(told, inspection)
        if found is None and every_stage and _stage_of(inspection) and _is_more(told, inspection):
            found = (_stage_of(inspection), "stage", ())
    return News(type=found[0], reason=found[1], differences=found[2], told=told) if found else None


def told_after(inspection: Inspection, found: News | None = None, key: str = "") -> Told:
    """What a recipient has been told once the message of that key is sent."""
    earlier = found.told if found else None
    return Told(
        stage=inspection.state,
        judgements=dict(inspection.judgements),
        outcome=inspection.outcome,
        priority_action=inspection.priority_action,
        message=(earlier.message if earlier else "") or key,
        claims=inspection.claims,
    )


_Found = tuple[str, str, tuple[Difference, ...]]


def _first(told: Told | None, inspection: Inspection, *, every_stage: bool) -> _Found | None:
    if inspection.certainty in _OUTCOME_IS_OUT:
        return _stage_of(inspection), "first", ()
    if inspection.certainty == Certainty.UNDECIDED or (told and told.stage == inspection.state):
        return None
    if inspection.state == State.OVERDUE and inspection.certainty == Certainty.BEFORE:
        return OVERDUE, "overdue", ()
    return (ANNOUNCED, "stage", ()) if every_stage else None


def _further(told: Told, inspection: Inspection) -> _Found | None:
    official = inspection.certainty == Certainty.PUBLISHED
    differences = tuple(_differences(told, inspection))
    if differences and official and told.stage not in _OFFICIAL_STAGES:
        return CONTRADICTED, "contradicted", differences
    if differences:
        gone = all(each.now is None for each in differences)
        return CORRECTED, "withdrawn" if gone else "changed", differences
    if inspection.certainty not in _OUTCOME_IS_OUT:
        return None
    told_grades = [grade for grade in told.judgements.values() if grade]
    if not told_grades and not told.outcome and (inspection.outcome or any(inspection.judgements.values())):
        return _stage_of(inspection), "graded", ()
    if official and any(_is_worse_than_all(grade, told_grades) for grade in inspection.judgements.values() if grade):
        return PUBLISHED, "worse", ()
    if official and inspection.priority_action and not told.priority_action:
        return PUBLISHED, PRIORITY_ACTION, ()
    return None


def _differences(told: Told, inspection: Inspection) -> Iterator[Difference]:
    """Each grade, outcome and priority action that was told and is no longer so.

    A report that leaves open what was announced contradicts nothing; what the same kind of source no longer says is
    withdrawn.
    """
    out = inspection.certainty in _OUTCOME_IS_OUT
    official = inspection.certainty == Certainty.PUBLISHED
    of_one_kind = not out or official == (told.stage in _OFFICIAL_STAGES)
    found = inspection.judgements if out else {}
    for area, grade in told.judgements.items():
        if grade is None:
            continue
        areas = [each for each in _areas_meant(area, found, told) if found[each]]
        yield from (
            Difference(area=each, told=grade, now=found[each])
            for each in areas
            if found[each] != grade and (area != ALL or frameworks.one_scale(grade, found[each] or grade))
        )
        if not areas and of_one_kind:
            yield Difference(area=area, told=grade, now=None)
    outcome = inspection.outcome if out else None
    if told.outcome and told.outcome != outcome and (outcome or of_one_kind):
        yield Difference(area="outcome", told=Outcome(told.outcome), now=outcome)
    action = inspection.priority_action if out else None
    if told.priority_action is not None and action is not None and action != told.priority_action:
        yield Difference(area=PRIORITY_ACTION, told=told.priority_action, now=action)


def _areas_meant(area: str, found: dict[str, Grade | None], told: Told) -> list[str]:
    """The areas of `found` for which the grade of that area was told, across the change of frameworks."""
    if area in found:
        return [area]
    if area == ALL:
        return [each for each in found if not told.judgements.get(each)]
    parts = [each for each in _PARTS.get(area, ()) if each in found]
    whole = [each for each, of in _PARTS.items() if area in of and each in found]
    return parts or whole or [each for each in (ALL,) if each in found]


def _is_worse_than_all(grade: Grade, told: list[Grade]) -> bool:
    """Worse than every grade of its scale that was told, of which there is one at least."""
    rank = frameworks.rank(grade)
    ranks = [frameworks.rank(each) for each in told if frameworks.one_scale(each, grade)]
    return rank is not None and bool(ranks) and all(each is not None and rank < each for each in ranks)


def _stage_of(inspection: Inspection) -> str:
    """The type of a message on this stage; "" where there is no outcome to tell of."""
    return {Certainty.PUBLISHED: PUBLISHED, Certainty.ANNOUNCED: ANNOUNCED}.get(inspection.certainty, "")


def _is_more(told: Told, inspection: Inspection) -> bool:
    """Whether anything has been added since: a stage, a source, a grade."""
    return (
        told.stage != inspection.state
        or bool(set(inspection.claims) - set(told.claims))
        or told_after(inspection).judgements != told.judgements
    )
