"""Many pages, one event in the world: which findings speak of the same inspection.

Pure, and run anew over all claims of a group whenever one comes, so the result cannot depend on the order of arrival.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from inspections import clock
from inspections.facts import inspection_of, is_document, official_day, with_previous
from inspections.model import Authority, Certainty, Claim, Finding, Inspection, Kind, Overrule

# Kinds of which the subject is an authority; of all others it is a provider with a URN of its own.
OF_AUTHORITIES = frozenset(
    {
        Kind.ILACS, Kind.SIF, Kind.FOCUSED_VISIT, Kind.MONITORING_VISIT, Kind.ASSURANCE_VISIT, Kind.JTAI,
        Kind.AREA_SEND, Kind.AREA_SEND_MONITORING, Kind.AREA_SEND_2016, Kind.OTHER,
    }
)  # fmt: skip

# Kinds that newsrooms mistake for one another.
_ALIKE = (
    {Kind.ILACS, Kind.SIF},
    {Kind.FOCUSED_VISIT, Kind.MONITORING_VISIT, Kind.ASSURANCE_VISIT},
    {Kind.AREA_SEND, Kind.AREA_SEND_2016},
)
_INSPECTIONS, _VISITS = _ALIKE[0], _ALIKE[1]

# Days from the first word of an outcome to the page that speaks of it: newsrooms 0 to 5, the press up to 17 in 22
# measured. A page that comes before the outcome may be as old as the inspection, or as its being expected.
_WINDOWS = {
    Certainty.ANNOUNCED: (-7, 28),
    Certainty.AFTER: (-7, 400),
    Certainty.BEFORE: (-200, 7),
}
_EXPECTED = timedelta(days=60)  # how long before its first day an inspection is spoken of as coming
_NEAR = timedelta(days=3)  # how far a page's inspection dates may be from the report's

Fit = tuple[int, int, int]


def group_of(finding: Finding) -> str:
    """Whose claims are resolved together: one authority's, or one provider's that is not an authority."""
    if finding.kind in OF_AUTHORITIES and finding.authority:
        return f"authority:{finding.authority}"
    if finding.urn:
        return f"urn:{finding.urn}"
    if finding.provider:
        return f"provider:{_plain(finding.provider)}"
    return f"authority:{finding.authority or ''}"


def resolve(
    claims: Sequence[Claim], overrules: Sequence[Overrule], on: date, *,
    authorities: Iterable[Authority] = (), usual: Callable[[Kind], timedelta] = clock.usual,
) -> list[Inspection]:  # fmt: skip
    """The inspections of one group, oldest first; `on` is London's date, by which a report is due or overdue.

    Official documents rule; announcements open provisional inspections, which merge when the report comes. Claims
    that are undecided, or that only recall an outcome which nothing else tells, open none. `docs/resolution.md` has
    every rule in plain words.
    authorities: where two of one name followed each other, the grades of the first are not the second's.
    usual: from the last day of an inspection to its report, by kind.
    """
    verdicts = {rule.claim: rule.kind for rule in overrules if rule.kind in ("accept", "reject")}
    decided = (_decided(claim, verdicts) for claim in claims)
    standing = [claim for claim in decided if claim.finding.certainty != Certainty.UNDECIDED]
    clusters = _official(claim for claim in standing if claim.official)
    for certainty in (Certainty.ANNOUNCED, Certainty.BEFORE, Certainty.AFTER):
        theirs = [claim for claim in standing if not claim.official and claim.finding.certainty == certainty]
        for claim in sorted(theirs, key=_most_telling):
            cluster = _nearest(claim, clusters)
            if cluster is not None:
                cluster.append(claim)
            elif certainty != Certainty.AFTER:
                clusters.append([claim])
    for rule in overrules:
        clusters = _overruled(rule, clusters)
    found = [inspection_of(cluster, on, usual) for cluster in clusters if cluster]
    return with_previous(found, authorities)


def outcome_on(claim: Claim) -> date:
    """When the outcome was out, by this claim: as it says, else the page's own date, else when we first read it."""
    if claim.official:
        day = official_day(claim)
        return (day.date if day else None) or claim.seen_on
    page = claim.published_on.date if claim.published_on else None
    said = claim.finding.published_on
    return (said.within_year_before(page or claim.seen_on).date if said else None) or page or claim.seen_on


def inspected(claim: Claim) -> tuple[date, date] | None:
    """First and last day of the inspection as far as stated: a month stands for all its days."""
    start = claim.finding.inspected_from or claim.finding.inspected_to
    end = claim.finding.inspected_to or claim.finding.inspected_from
    if start is None or end is None:
        return None
    latest = outcome_on(claim)
    first, last = start.within_year_before(latest).first, end.within_year_before(latest).last
    return (first, max(first, last)) if first and last else None


def _decided(claim: Claim, verdicts: dict[str, str]) -> Claim:
    """An undecided claim that a person has accepted is an announcement."""
    if claim.finding.certainty != Certainty.UNDECIDED or verdicts.get(claim.id) != "accept":
        return claim
    return replace(claim, finding=replace(claim.finding, certainty=Certainty.ANNOUNCED))


def _official(claims: Iterable[Claim]) -> list[list[Claim]]:
    """One cluster for each inspection that official documents tell of: same kind and provider, dates that overlap."""
    clusters: list[list[Claim]] = []
    for claim in sorted(claims, key=_canonical):
        home: list[Claim] = []
        for cluster in [one for one in clusters if any(_same_official(claim, other) for other in one)]:
            home += cluster
            clusters.remove(cluster)
        clusters.append([*home, claim])
    return clusters


def _same_official(one: Claim, other: Claim) -> bool:
    if one.finding.kind != other.finding.kind or not _same_subject(one, other):
        return False
    a, b = inspected(one), inspected(other)
    if a and b:
        # A provider's page and a table print one day, which need not be the first of those that the document prints.
        near = timedelta() if is_document(one) and is_document(other) else _NEAR
        return a[0] <= b[1] + near and b[0] <= a[1] + near
    if one.ref == other.ref and one.source != other.source:
        return True
    return bool(one.published_on) and one.published_on == other.published_on


def _nearest(claim: Claim, clusters: list[list[Claim]]) -> list[Claim] | None:
    fits = [(fit, cluster) for cluster in clusters if (fit := _fit(claim, cluster)) is not None]
    return min(fits, key=lambda found: found[0])[1] if fits else None


def _fit(claim: Claim, cluster: list[Claim]) -> Fit | None:
    """How well the claim fits, least is best: agreeing days of inspection, the kind itself, days between publications.

    None: not at all.
    """
    certainty = claim.finding.certainty
    told = [one for one in cluster if one.official or one.finding.certainty == Certainty.ANNOUNCED]
    if (certainty == Certainty.AFTER and not told) or not any(_same_subject(claim, one) for one in cluster[:1]):
        return None
    head = min(told or cluster, key=lambda one: (not one.official, outcome_on(one)))
    if not _kinds_meet(claim, head, cluster):
        return None
    gap = (outcome_on(claim) - outcome_on(head)).days
    unlike = int(claim.finding.kind != head.finding.kind)
    said, known = inspected(claim), _days_of(cluster)
    if said and known:
        agree = said[0] <= known[1] + _NEAR and known[0] <= said[1] + _NEAR
        return (0, unlike, abs(gap)) if agree else None
    first, last = _WINDOWS[certainty]
    if not head.official and certainty == Certainty.ANNOUNCED:
        first = -last
    if not told:
        last = -first
    if certainty == Certainty.BEFORE and told and known and gap < 0:
        first = (known[0] - _EXPECTED - outcome_on(head)).days
    return (1, unlike, abs(gap)) if first <= gap <= last else None


def _days_of(cluster: Sequence[Claim]) -> tuple[date, date] | None:
    """First and last day as an official document states them, else as the most precise page does."""
    stated = [(not one.official, not is_document(one), days[1] - days[0], days) for one in cluster
              if (days := inspected(one))]  # fmt: skip
    return min(stated)[3] if stated else None


def _kinds_meet(claim: Claim, head: Claim, cluster: Sequence[Claim]) -> bool:
    kind, other = claim.finding.kind, head.finding.kind
    if kind == other or any(kind in alike and other in alike for alike in _ALIKE):
        return True
    # "Inspectors praise …": to a newsroom a visit is an inspection, as long as it names no grade.
    # Before the outcome it may take the visit of last year for the one that is coming.
    if claim.finding.certainty == Certainty.BEFORE and head.finding.certainty != Certainty.BEFORE:
        return {kind, other} <= _INSPECTIONS | _VISITS
    graded = any(one.finding.judgements for one in (claim, *cluster) if not one.official)
    return kind in _INSPECTIONS and other in _VISITS and head.official and not graded


def _same_subject(one: Claim, other: Claim) -> bool:
    a, b = one.finding, other.finding
    if not (a.authority or a.provider or a.urn) or not (b.authority or b.provider or b.urn):
        return False  # nobody is named: that two pages mean the same would be a guess
    if a.urn and b.urn:
        return a.urn == b.urn
    if a.kind in OF_AUTHORITIES or not (a.provider and b.provider):
        return True
    return _plain(a.provider) == _plain(b.provider)


def _overruled(rule: Overrule, clusters: list[list[Claim]]) -> list[list[Claim]]:
    home = next((cluster for cluster in clusters if any(claim.id == rule.claim for claim in cluster)), None)
    if home is None:
        return clusters
    if rule.kind == "merge":
        other = next((cluster for cluster in clusters if any(claim.id == rule.other for claim in cluster)), home)
        if other is not home:
            home.extend(other)
            clusters.remove(other)
    elif rule.kind == "split":
        apart = [claim for claim in home if f"{claim.source}/{claim.ref}" == rule.other]
        if apart and len(apart) < len(home):
            home[:] = [claim for claim in home if claim not in apart]
            clusters.append(apart)
    return clusters


def _most_telling(claim: Claim) -> tuple[bool, date, str, str, str]:
    """Pages that state the days of the inspection choose first: those without join the nearest of them."""
    return (inspected(claim) is None, *_canonical(claim))


def _canonical(claim: Claim) -> tuple[date, str, str, str]:
    return (outcome_on(claim), claim.source, claim.ref, claim.id)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower().replace("&", "and").replace("’", "").replace("'", "")).strip()
