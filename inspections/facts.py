"""From the claims on one inspection to its facts: official ones rule, announced ones stand where they agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec.structs import replace

from inspections import clock, compare
from inspections.days import Day
from inspections.model import (
    ALL,
    CARE_LEAVERS,
    IN_CARE,
    IN_CARE_AND_CARE_LEAVERS,
    Authority,
    Certainty,
    Claim,
    Evidence,
    Finding,
    Grade,
    Inspection,
    Kind,
    State,
)  # fmt: skip

# Kinds whose grades are set side by side as one history.
HISTORIES = ({Kind.ILACS, Kind.SIF},)

PROVIDER_PAGE = "provider page"  # where Ofsted's dates are read, as findings and publications name it
_OUT = (Certainty.ANNOUNCED, Certainty.PUBLISHED)
_SINGLE = (
    "provider", "urn", "inspected_from", "inspected_to", "lead_inspector", "theme", "outcome", "priority_action",
)  # fmt: skip
_LISTS = ("priority_actions", "improvements")


def inspection_of(cluster: Sequence[Claim], on: date, usual: Callable[[Kind], timedelta] = clock.usual) -> Inspection:
    """The inspection that these claims tell of. Its id is that of the claim which was stored first."""
    by_age = sorted(cluster, key=lambda claim: claim.seq)
    official = sorted((claim for claim in cluster if claim.official), key=_authority_of_document, reverse=True)
    told = official or _unofficial(cluster)
    facts = _official_facts(official) if official else _agreed_facts(told)
    published_on, origin = _published(told, official=bool(official))
    certainty = Certainty.PUBLISHED if official else told[0].finding.certainty
    inspection = Inspection(
        id=by_age[0].id,
        state=_state_of_outcome(official, certainty),
        kind=told[0].finding.kind,
        authority=next((claim.finding.authority for claim in told if claim.finding.authority), None),
        certainty=certainty,
        published_on=published_on if certainty in _OUT else None,
        published_origin=origin if certainty in _OUT else None,
        notes=tuple(dict.fromkeys(note for claim in told for note in claim.finding.notes)) + facts.pop("disputed"),
        claims=tuple(claim.id for claim in by_age),
        **facts,
    )
    if certainty in _OUT:
        return inspection
    known_on = min((claim.published_on and claim.published_on.first) or claim.seen_on for claim in cluster)
    return replace(inspection, state=clock.state(inspection, on, known_on, usual(inspection.kind)))


def with_previous(inspections: Iterable[Inspection], authorities: Iterable[Authority] = ()) -> list[Inspection]:
    """The same inspections, oldest first, each with the grades that its areas had before, by this very history.

    Where the history has none, the grades that a publication names as earlier ones stay.
    authorities: where two of one name followed each other, grades do not carry over from the one to the other.
    """
    rows = list(authorities)
    done: list[Inspection] = []
    for inspection in sorted(inspections, key=_when):
        graded = next(
            (
                one
                for one in reversed(done)
                if (_grades(one) or one.outcome) and _precedes(one, inspection) and _one_body(one, inspection, rows)
            ),
            None,
        )
        if graded is not None:
            before = {area: grade for area in compare.stated(inspection) if (grade := grade_before(area, graded))}
            inspection = replace(
                inspection,
                previous={**inspection.previous, **before},
                previous_outcome=graded.outcome if inspection.outcome else None,
            )
        done.append(inspection)
    return done


def grade_before(area: str, earlier: Inspection) -> Grade | None:
    """The grade of this area in an earlier inspection, across frameworks.

    The joint grade of 2018 to 2022 stands for both of its areas; the looked-after grade of a SIF covered care leavers;
    what an announcement says of every area stands for each.
    """
    grades = _grades(earlier)
    others: tuple[str, ...] = ()
    if area in (IN_CARE, CARE_LEAVERS):
        others = (IN_CARE_AND_CARE_LEAVERS,)
    if area == IN_CARE_AND_CARE_LEAVERS or (area == CARE_LEAVERS and earlier.kind == Kind.SIF):
        others += (IN_CARE,)
    return next((grades[name] for name in (area, *others, ALL) if name in grades), None)


def is_document(claim: Claim) -> bool:
    """Whether it was read from a document, not only from a listing of it, a provider's page or a table."""
    return claim.official and any(evidence.page for evidence in claim.finding.evidence.values())


def judged_otherwise(earlier: Finding, later: Finding) -> bool:
    """Whether two readings of one document give another grade, outcome or priority action, where both give any."""
    if (earlier.kind, earlier.inspected_from) != (later.kind, later.inspected_from):
        return False
    grades = [(earlier.judgements.get(area), grade) for area, grade in later.judgements.items()]
    pairs: list[tuple[object, object]] = [*grades, (earlier.outcome, later.outcome)]
    actions = earlier.priority_action, later.priority_action
    return any(a and b and a != b for a, b in pairs) or (None not in actions and actions[0] != actions[1])


def _unofficial(cluster: Sequence[Claim]) -> list[Claim]:
    """The pages that tell most: announcements, else those from before the outcome; in an order that lasts."""
    for certainty in (Certainty.ANNOUNCED, Certainty.BEFORE, Certainty.AFTER):
        theirs = [claim for claim in cluster if claim.finding.certainty == certainty]
        if theirs:
            return sorted(theirs, key=lambda claim: (claim.source, claim.ref, claim.id))
    return sorted(cluster, key=lambda claim: claim.id)


def _grades(inspection: Inspection) -> dict[str, Grade]:
    return {area: grade for area, grade in inspection.judgements.items() if grade and grade != Grade.NOT_JUDGED}


def _precedes(earlier: Inspection, later: Inspection) -> bool:
    one_history = any(earlier.kind in kinds and later.kind in kinds for kinds in HISTORIES) or (
        earlier.kind == later.kind != Kind.OTHER
    )
    return one_history and _when(earlier) < _when(later)


def _one_body(earlier: Inspection, later: Inspection, authorities: Sequence[Authority]) -> bool:
    """Whether both are of the same authority, not of two that bore its name one after the other."""
    named = [row for row in authorities if row.name == later.authority]
    days = [_first_day(one) for one in (earlier, later)]
    if len(named) < 2 or None in days:
        return True
    return any(all((row.valid_from or date.min) <= day <= (row.valid_to or date.max) for day in days if day)
               for row in named)  # fmt: skip


def _first_day(inspection: Inspection) -> date | None:
    stated = inspection.inspected_from or inspection.published_on
    return stated.first if stated else None


def _when(inspection: Inspection) -> tuple[str, str]:
    return (str(inspection.inspected_from or inspection.published_on or "9999"), str(inspection.published_on or "9999"))


def _authority_of_document(claim: Claim) -> tuple[bool, bool, str, int, str, str]:
    """A document rules over a page, a page over a mere listing; of two the later; of one day the higher file number."""
    number = int(claim.ref) if claim.ref.isdigit() else 0
    published = str(claim.published_on or "")
    return (is_document(claim), bool(claim.finding.evidence), published, number, claim.source, claim.id)


def _official_facts(official: Sequence[Claim]) -> dict[str, Any]:
    facts: dict[str, Any] = {name: _first(getattr(claim.finding, name) for claim in official) for name in _SINGLE}
    facts |= {
        name: next((items for claim in official if (items := getattr(claim.finding, name))), ()) for name in _LISTS
    }
    for name in ("judgements", "previous", "deadlines", "evidence"):
        facts[name] = dict(next((found for claim in official if (found := getattr(claim.finding, name))), {}))
    facts["disputed"] = tuple(_shown_otherwise(official, facts["judgements"]))
    return facts


def _shown_otherwise(official: Sequence[Claim], ruling: dict[str, Grade | None]) -> Iterable[str]:
    """Where a page or table of Ofsted's shows another grade than the document, which rules: both readings."""
    for claim in official:
        for area, shown in claim.finding.judgements.items():
            if not is_document(claim) and shown and ruling.get(area) and shown != ruling[area]:
                yield f"{claim.title} shows {shown} for {area}; the document says {ruling[area]}"


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


def official_day(claim: Claim) -> Day | None:
    """When Ofsted published it: as its own page says of this very inspection, else of the document, else as printed."""
    if claim.finding.published_origin == PROVIDER_PAGE and claim.finding.published_on:
        return claim.finding.published_on
    return claim.published_on or claim.finding.published_on


def _published(told: Sequence[Claim], *, official: bool) -> tuple[Day | None, str | None]:
    """Ofsted's own page is trusted over the date that a document prints; of announcements the earliest day stated."""
    if official:
        for claim in told:
            if day := official_day(claim):
                printed = claim.published_on is None and claim.finding.published_origin
                return day, printed or PROVIDER_PAGE
        return None, None
    stated = [(day, claim.finding.published_origin) for claim in told if (day := _dated(claim, "published_on"))]
    if stated:
        return min(stated, key=lambda found: (-len(found[0]), found[0]))
    dated = sorted(claim.published_on for claim in told if claim.published_on)
    return (dated[0], "page") if dated else (None, None)


def _dated(claim: Claim, name: str) -> Day | None:
    day: Day | None = getattr(claim.finding, name)
    base = (claim.published_on.date if claim.published_on else None) or claim.seen_on
    return day.within_year_before(base) if day else None


def _state_of_outcome(official: Sequence[Claim], certainty: Certainty) -> State:
    if not official:
        return State.ANNOUNCED if certainty == Certainty.ANNOUNCED else State.UNDER_WAY
    said = {repr(_judged(claim)) for claim in official if is_document(claim) and any(_judged(claim))}
    reissued = len(said) > 1 or any(claim.corrected for claim in official)
    return State.CORRECTED if reissued else State.PUBLISHED


def _judged(claim: Claim) -> tuple[object, ...]:
    """What a corrected document would say otherwise."""
    finding = claim.finding
    return (sorted(finding.judgements.items()), finding.outcome, finding.priority_action)


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)
