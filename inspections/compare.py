"""Old against new, the announcement against the report, and what was known against what is known now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from inspections import frameworks
from inspections.model import (
    ALL,
    CARE_LEAVERS,
    IN_CARE,
    IN_CARE_AND_CARE_LEAVERS,
    Certainty,
    Change,
    Claim,
    Event,
    Evidence,
    Grade,
    Inspection,
    Outcome,
    State,
)

_OUT = (Certainty.ANNOUNCED, Certainty.PUBLISHED)
_PARTS = {IN_CARE_AND_CARE_LEAVERS: (IN_CARE, CARE_LEAVERS)}  # a joint area, and what it was before and after


class Contrast(Struct, frozen=True, kw_only=True):
    """Where a publication says other than the report: both readings, in neutral words, with both quotations."""

    claim: str  # the id of the claim that says so
    title: str
    url: str
    area: str
    said: Grade | Outcome
    found: Grade | Outcome
    quotation: Evidence | None
    report: Evidence | None


def changes(inspection: Inspection) -> list[Change]:
    """Each area's grade, old → new, in the order in which the framework prints the areas.

    Where an announcement says "every area", its grade stands for each area that the framework has.
    """
    grades = stated(inspection)
    found = [
        Change(
            area=area,
            before=inspection.previous.get(area),
            after=grade,
            direction=direction(inspection.previous.get(area), grade),
        )
        for area, grade in grades.items()
    ]
    if inspection.outcome:
        before = inspection.previous_outcome
        way = direction(before, inspection.outcome)
        found.append(Change(area="outcome", before=before, after=inspection.outcome, direction=way))
    return found


def stated(inspection: Inspection) -> dict[str, Grade | None]:
    """The grades by area, in the framework's order, "all" written out for every area that has no grade of its own."""
    grades = dict(inspection.judgements)
    every = grades.pop(ALL, None)
    start = inspection.inspected_from or inspection.published_on
    framework = frameworks.framework(inspection.kind, start.first if start else None)
    order = list(framework.areas) if framework else []
    if every:
        grades = {**dict.fromkeys(order, every), **{area: grade for area, grade in grades.items() if grade}}
    return dict(sorted(grades.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)))


def direction(before: Grade | Outcome | None, after: Grade | Outcome | None) -> str | None:
    """ "up", "down" or "same"; None where either is unknown or the two are of different scales."""
    if before is None or after is None:
        return None
    old, new = frameworks.rank(before), frameworks.rank(after)
    if before == after:
        return "same"
    if old is None or new is None or not frameworks.one_scale(before, after):
        return None
    return "up" if new > old else "down"


def contrasts(claims: Iterable[Claim], inspection: Inspection) -> list[Contrast]:
    """What publications say of this inspection that its report does not say; none while there is no report."""
    if inspection.certainty != Certainty.PUBLISHED:
        return []
    found = []
    for claim in claims:
        if claim.official or claim.finding.certainty not in _OUT:
            continue
        for area, said, at in _said(claim, inspection):
            real = inspection.outcome if area == "outcome" else inspection.judgements.get(area)
            if real and said != real:
                found.append(
                    Contrast(
                        claim=claim.id, title=claim.title, url=claim.url, area=area, said=said, found=real,
                        quotation=claim.finding.evidence.get(at),
                        report=inspection.evidence.get("outcome" if area == "outcome" else f"judgements.{area}"),
                    )
                )  # fmt: skip
    return found


def events(before: Sequence[Inspection], after: Sequence[Inspection]) -> list[Event]:
    """What came to be known between two resolutions of one group, in the order of `after`."""
    found = []
    pairs = _counterparts(before, after)
    for now in after:
        earlier = pairs.get(now.id)
        kind, why = _step(earlier, now)
        if kind in (None, "updated"):
            absorbed = [one for one in before if one is not earlier and set(one.claims) & set(now.claims)]
            earlier, kind, why = _unlike(absorbed, now) or (earlier, kind, why)
        if kind:
            found.append(Event(type=kind, inspection=now, earlier=earlier, why=why))
    kept = {claim for inspection in after for claim in inspection.claims}
    paired = {earlier.id for earlier in pairs.values()}
    for gone in before:
        if gone.id not in paired and gone.certainty in _OUT and not kept.intersection(gone.claims):
            found.append(Event(type="withdrawn", inspection=gone, earlier=gone, why="no publication says it any more"))
    return found


def _said(claim: Claim, inspection: Inspection) -> list[tuple[str, Grade | Outcome, str]]:
    """(area of the inspection, what the claim says of it, where its evidence stands)."""
    finding = claim.finding
    named: dict[str, tuple[str, Grade | Outcome, str]] = {}
    for area, grade in finding.judgements.items():
        joint = _PARTS.get(area, ())
        whole = [each for each, parts in _PARTS.items() if area in parts]
        areas = [area] if area in inspection.judgements else [*joint, *whole]
        if grade and area != ALL:
            named |= {each: (each, grade, f"judgements.{area}") for each in areas if each in inspection.judgements}
    every = finding.judgements.get(ALL)
    if every:
        named = {area: (area, every, f"judgements.{ALL}") for area in inspection.judgements} | named
    said = list(named.values())
    if finding.outcome:
        said.append(("outcome", finding.outcome, "outcome"))
    return said


def _counterparts(before: Sequence[Inspection], after: Sequence[Inspection]) -> dict[str, Inspection]:
    """What was known of each inspection, by its id now.

    Of several that have become one, that which was known best; of one that has become several, the one whose outcome
    stays as certain goes on, and the others are new.
    """
    shared = [
        (_weight(then), then.certainty == now.certainty, then.id == now.id, place, then, now)
        for place, now in enumerate(after)
        for then in before
        if then.id == now.id or set(then.claims) & set(now.claims)
    ]
    pairs: dict[str, Inspection] = {}
    taken: set[str] = set()
    for *_, then, now in sorted(shared, key=lambda pair: (pair[:3], -pair[3]), reverse=True):
        if now.id not in pairs and then.id not in taken:
            pairs[now.id] = then
            taken.add(then.id)
    return pairs


def _weight(inspection: Inspection) -> int:
    return {Certainty.PUBLISHED: 2, Certainty.ANNOUNCED: 1}.get(inspection.certainty, 0)


def _step(earlier: Inspection | None, now: Inspection) -> tuple[str | None, str]:
    was = earlier.certainty if earlier else None
    if now.certainty == Certainty.PUBLISHED and was != Certainty.PUBLISHED:
        against = _contradicted(earlier, now) if earlier and was == Certainty.ANNOUNCED else ""
        return ("contradicted", against) if against else ("published", "an official document is out")
    if now.certainty == Certainty.ANNOUNCED and was not in _OUT:
        return "announced", "a publication says that the outcome is out"
    if earlier is None:
        return None, ""
    if was in _OUT and _weight(now) < _weight(earlier):
        gone = "official document" if was == Certainty.PUBLISHED else "announcement"
        return "withdrawn", f"the {gone} is not shown any more"
    if now.state == State.OVERDUE != earlier.state:
        return "overdue", "the usual time to publication has passed"
    if now.certainty == was and now.certainty in _OUT:
        against = _contradicted(earlier, now)
        if against:
            return "corrected", against
        if _facts(earlier) != _facts(now):
            return "updated", "more is known"
    return None, ""


def _unlike(absorbed: Sequence[Inspection], now: Inspection) -> tuple[Inspection, str, str] | None:
    """Another inspection has turned out to be this one, and what was told of it does not hold."""
    for one in absorbed:
        against = _contradicted(one, now) if one.certainty in _OUT and now.certainty in _OUT else ""
        if against:
            return one, "corrected" if one.certainty == now.certainty else "contradicted", against
    return None


def _contradicted(earlier: Inspection, now: Inspection) -> str:
    """The first grade, outcome or priority action that was known and is now another; "" where there is none."""
    known, found = stated(earlier), stated(now)
    for area, grade in known.items():
        if grade and area in found and found[area] != grade:
            return f"{area} was {grade} and is {found[area] or 'not known'}"
        if grade and area not in found and earlier.certainty == now.certainty:
            return f"{area} was {grade} and is withdrawn"
    if earlier.outcome and earlier.outcome != now.outcome:
        return f"the outcome was {earlier.outcome} and is {now.outcome or 'not known'}"
    if earlier.priority_action is not None and now.priority_action not in (None, earlier.priority_action):
        return f"areas for priority action: {'set' if now.priority_action else 'none'}, other than before"
    return ""


def _facts(inspection: Inspection) -> tuple[object, ...]:
    return (
        inspection.judgements, inspection.outcome, inspection.priority_action, inspection.inspected_from,
        inspection.inspected_to, inspection.published_on, inspection.improvements, inspection.previous,
        inspection.previous_outcome,
    )  # fmt: skip
