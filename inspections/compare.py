"""Old against new, the announcement against the report, and what was known against what is known now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from inspections import frameworks
from inspections.model import ALL, Certainty, Change, Claim, Event, Evidence, Grade, Inspection, Outcome, State

_OUT = (Certainty.ANNOUNCED, Certainty.PUBLISHED)


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
        found.append(Change(area="outcome", after=inspection.outcome))
    return found


def stated(inspection: Inspection) -> dict[str, Grade | None]:
    """The grades by area, in the framework's order, "all" written out for every area that has no grade of its own."""
    grades = dict(inspection.judgements)
    every = grades.pop(ALL, None)
    start = inspection.inspected_from or inspection.published_on
    framework = frameworks.framework(inspection.kind, start.first if start else None)
    order = [area for area in framework.areas] if framework else []
    if every:
        grades = {area: every for area in order} | {area: grade for area, grade in grades.items() if grade}
    return dict(sorted(grades.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)))


def direction(before: Grade | None, after: Grade | None) -> str | None:
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
    left = {inspection.id: inspection for inspection in before}
    for now in after:
        earlier = _counterpart(now, before)
        if earlier is not None:
            left.pop(earlier.id, None)
        kind, why = _step(earlier, now)
        if kind:
            found.append(Event(type=kind, inspection=now, earlier=earlier, why=why))
    kept = {claim for inspection in after for claim in inspection.claims}
    for gone in left.values():
        if gone.certainty in _OUT and not kept.intersection(gone.claims):
            found.append(Event(type="withdrawn", inspection=gone, earlier=gone, why="no publication says it any more"))
    return found


def _said(claim: Claim, inspection: Inspection) -> list[tuple[str, Grade | Outcome, str]]:
    finding = claim.finding
    said: list[tuple[str, Grade | Outcome, str]] = [
        (area, grade, f"judgements.{area}") for area, grade in finding.judgements.items() if grade and area != ALL
    ]
    every = finding.judgements.get(ALL)
    if every:
        said += [(area, every, f"judgements.{ALL}") for area in inspection.judgements if area not in finding.judgements]
    if finding.outcome:
        said.append(("outcome", finding.outcome, "outcome"))
    return said


def _counterpart(now: Inspection, before: Sequence[Inspection]) -> Inspection | None:
    """What was known of this inspection: of several that have become one, the one that was known best."""
    shared = [one for one in before if one.id == now.id or set(one.claims) & set(now.claims)]
    return max(shared, key=lambda one: (_weight(one), one.id == now.id), default=None)


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
    if now.state == State.OVERDUE != earlier.state:
        return "overdue", "the usual time to publication has passed"
    if now.certainty == was and now.certainty in _OUT:
        against = _contradicted(earlier, now)
        if against:
            return "corrected", against
        if _facts(earlier) != _facts(now):
            return "updated", "more is known"
    return None, ""


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
    )  # fmt: skip
