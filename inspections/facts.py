"""From the claims on one inspection to its facts: official ones rule, announced ones stand where they agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec.structs import replace

from inspections.days import Day
from inspections.model import (
    ALL,
    CARE_LEAVERS,
    IN_CARE,
    IN_CARE_AND_CARE_LEAVERS,
    Certainty,
    Claim,
    Evidence,
    Grade,
    Inspection,
    Kind,
    State,
)  # fmt: skip

# Days from the last day of an inspection to its report, which nine in ten do not exceed (measured, see docs/clock.md).
USUAL_DAYS = {
    Kind.ILACS: 74, Kind.FOCUSED_VISIT: 49, Kind.MONITORING_VISIT: 49, Kind.JTAI: 77, Kind.AREA_SEND: 147,
    Kind.AREA_SEND_MONITORING: 147,
}  # fmt: skip
_USUAL_DAYS_OF_OTHERS = 60

# Kinds whose grades are set side by side as one history.
HISTORIES = ({Kind.ILACS, Kind.SIF},)

_SINGLE = (
    "provider", "urn", "inspected_from", "inspected_to", "lead_inspector", "theme", "outcome", "priority_action",
)  # fmt: skip
_LISTS = ("priority_actions", "improvements")


def inspection_of(cluster: Sequence[Claim], on: date) -> Inspection:
    """The inspection that these claims tell of. Its id is that of the claim which was stored first."""
    by_age = sorted(cluster, key=lambda claim: claim.seq)
    official = sorted((claim for claim in cluster if claim.official), key=_authority_of_document, reverse=True)
    announced = [claim for claim in cluster if not claim.official and claim.finding.certainty == Certainty.ANNOUNCED]
    told = official or sorted(announced, key=lambda claim: (claim.source, claim.ref)) or by_age
    facts = _official_facts(official) if official else _agreed_facts(told)
    published_on, origin = _published(told, official=bool(official))
    certainty = Certainty.PUBLISHED if official else told[0].finding.certainty
    return Inspection(
        id=by_age[0].id,
        state=_state(cluster, official, certainty, facts, on),
        kind=told[0].finding.kind,
        authority=next((claim.finding.authority for claim in told if claim.finding.authority), None),
        certainty=certainty,
        published_on=published_on,
        published_origin=origin,
        notes=tuple(dict.fromkeys(note for claim in told for note in claim.finding.notes)) + facts.pop("disputed"),
        claims=tuple(claim.id for claim in by_age),
        **facts,
    )


def with_previous(inspections: Iterable[Inspection]) -> list[Inspection]:
    """The same inspections, oldest first, each with the grades that its areas had before, by this very history.

    Where the history has none, the grades that a publication names as earlier ones stay.
    """
    done: list[Inspection] = []
    for inspection in sorted(inspections, key=_when):
        graded = next((one for one in reversed(done) if _grades(one) and _precedes(one, inspection)), None)
        if graded is not None:
            areas = [*inspection.judgements, *(_grades(graded) if ALL in inspection.judgements else ())]
            before = {area: grade for area in areas if (grade := grade_before(area, graded))}
            inspection = replace(inspection, previous={**inspection.previous, **before})
        done.append(inspection)
    return done


def grade_before(area: str, earlier: Inspection) -> Grade | None:
    """The grade of this area in an earlier inspection, across frameworks.

    The joint grade of 2018 to 2022 stands for both of its areas; the looked-after grade of a SIF covered care leavers.
    """
    grades = _grades(earlier)
    if area in grades:
        return grades[area]
    if area in (IN_CARE, CARE_LEAVERS):
        return grades.get(IN_CARE_AND_CARE_LEAVERS)
    if area == IN_CARE_AND_CARE_LEAVERS:
        return grades.get(IN_CARE)
    return None


def _grades(inspection: Inspection) -> dict[str, Grade]:
    return {area: grade for area, grade in inspection.judgements.items() if grade and grade != Grade.NOT_JUDGED}


def _precedes(earlier: Inspection, later: Inspection) -> bool:
    one_history = any(earlier.kind in kinds and later.kind in kinds for kinds in HISTORIES) or (
        earlier.kind == later.kind != Kind.OTHER
    )
    return one_history and _when(earlier) < _when(later)


def _when(inspection: Inspection) -> tuple[str, str]:
    return (str(inspection.inspected_from or inspection.published_on or "9999"), str(inspection.published_on or "9999"))


def _authority_of_document(claim: Claim) -> tuple[bool, str, int, str]:
    """A document that was read rules over a mere listing; of two, the later; of one day, the higher file number."""
    read = bool(claim.finding.evidence)
    return (read, str(claim.published_on or ""), int(claim.ref) if claim.ref.isdigit() else 0, claim.ref)


def _official_facts(official: Sequence[Claim]) -> dict[str, Any]:
    facts: dict[str, Any] = {name: _first(getattr(claim.finding, name) for claim in official) for name in _SINGLE}
    facts |= {
        name: next((items for claim in official if (items := getattr(claim.finding, name))), ()) for name in _LISTS
    }
    for name in ("judgements", "previous", "deadlines", "evidence"):
        facts[name] = dict(next((found for claim in official if (found := getattr(claim.finding, name))), {}))
    facts["disputed"] = ()
    return facts


def _agreed_facts(claims: Sequence[Claim]) -> dict[str, Any]:
    """What announcements say where none of them says otherwise; of dates the most precise."""
    facts: dict[str, Any] = {name: _first(getattr(claim.finding, name) for claim in claims) for name in _SINGLE}
    for name in ("inspected_from", "inspected_to"):
        stated = sorted((day for claim in claims if (day := _dated(claim, name))), key=lambda day: (-len(day), day))
        facts[name] = stated[0] if stated else None
    for name in _LISTS:
        facts[name] = _first(getattr(claim.finding, name) or None for claim in claims) or ()
    disputed: list[str] = []
    for name in ("judgements", "previous"):
        facts[name], conflicts = _unanimous([getattr(claim.finding, name) for claim in claims])
        disputed += [f"publications differ on {name} {area}: {', '.join(said)}" for area, said in conflicts]
    outcomes = {claim.finding.outcome for claim in claims if claim.finding.outcome}
    if len(outcomes) > 1:
        facts["outcome"] = None
        disputed.append(f"publications differ on the outcome: {', '.join(sorted(outcomes))}")
    facts["deadlines"] = dict(_first(claim.finding.deadlines or None for claim in claims) or {})
    evidence: dict[str, Evidence] = {}
    for claim in reversed(claims):
        evidence |= claim.finding.evidence
    return facts | {"evidence": evidence, "disputed": tuple(disputed)}


def _unanimous(stated: Sequence[dict[str, Grade | None]]) -> tuple[dict[str, Any], list[tuple[str, list[str]]]]:
    agreed: dict[str, Any] = {}
    conflicts = []
    for area in dict.fromkeys(area for grades in stated for area in grades):
        said = {grades[area] for grades in stated if grades.get(area)}
        agreed[area] = next(iter(said)) if len(said) == 1 else None
        if len(said) > 1:
            conflicts.append((area, sorted(str(grade) for grade in said)))
    return agreed, conflicts


def _published(told: Sequence[Claim], *, official: bool) -> tuple[Day | None, str | None]:
    """Ofsted's own page is trusted over the date that a document prints."""
    for claim in told:
        if official and claim.published_on:
            return claim.published_on, "provider page"
        if claim.finding.published_on:
            base = (claim.published_on.date if claim.published_on else None) or claim.seen_on
            return claim.finding.published_on.within_year_before(base), claim.finding.published_origin
    dated = sorted(claim.published_on for claim in told if claim.published_on)
    return (dated[0], "page") if dated else (None, None)


def _dated(claim: Claim, name: str) -> Day | None:
    day: Day | None = getattr(claim.finding, name)
    base = (claim.published_on.date if claim.published_on else None) or claim.seen_on
    return day.within_year_before(base) if day else None


def _state(
    cluster: Sequence[Claim], official: Sequence[Claim], certainty: Certainty, facts: dict[str, Any], on: date
) -> State:
    if official:
        read = [claim.finding.judgements for claim in official if claim.finding.evidence]
        reissued = any(grades != read[0] for grades in read if grades)
        return State.CORRECTED if reissued or any(claim.corrected for claim in official) else State.PUBLISHED
    if certainty == Certainty.ANNOUNCED:
        return State.ANNOUNCED
    last = (facts["inspected_to"] or facts["inspected_from"] or Day(f"{min(c.seen_on for c in cluster)}")).last or on
    usual = timedelta(days=USUAL_DAYS.get(cluster[0].finding.kind, _USUAL_DAYS_OF_OTHERS))
    if on <= last:
        return State.UNDER_WAY
    return State.OVERDUE if on > last + usual else State.DUE


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)
