"""Many pages, one event in the world: which findings speak of the same inspection.

Pure, and run anew over all claims of a group whenever one comes, so the result cannot depend on the order of arrival.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from inspections.facts import inspection_of, with_previous
from inspections.model import Certainty, Claim, Finding, Inspection, Kind, Overrule

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
_CALLED_INSPECTION = {Kind.ILACS, Kind.SIF, Kind.FOCUSED_VISIT, Kind.MONITORING_VISIT, Kind.ASSURANCE_VISIT}

# Days from the official publication to the page that speaks of it: newsrooms 0 to 5, the press up to 17 in 22 measured.
_WINDOWS = {
    Certainty.ANNOUNCED: (-7, 28),
    Certainty.AFTER: (-7, 400),
    Certainty.BEFORE: (-200, 7),
}
_NEAR = timedelta(days=3)  # how far a page's inspection dates may be from the report's


def group_of(finding: Finding) -> str:
    """Whose claims are resolved together: one authority's, or one provider's that is not an authority."""
    if finding.kind in OF_AUTHORITIES and finding.authority:
        return f"authority:{finding.authority}"
    if finding.urn:
        return f"urn:{finding.urn}"
    if finding.provider:
        return f"provider:{_plain(finding.provider)}"
    return f"authority:{finding.authority or ''}"


def resolve(claims: Sequence[Claim], overrules: Sequence[Overrule], on: date) -> list[Inspection]:
    """The inspections of one group, oldest first; `on` is London's date, by which a report is due or overdue.

    Official documents rule; announcements open provisional inspections, which merge when the report comes. Claims
    that are undecided, or that only recall an outcome which nothing else tells, open none.
    """
    verdicts = {rule.claim: rule.kind for rule in overrules if rule.kind in ("accept", "reject")}
    decided = (_decided(claim, verdicts) for claim in claims)
    standing = [claim for claim in decided if claim.finding.certainty != Certainty.UNDECIDED]
    clusters = _official(claim for claim in standing if claim.official)
    for certainty in (Certainty.ANNOUNCED, Certainty.BEFORE, Certainty.AFTER):
        theirs = [claim for claim in standing if not claim.official and claim.finding.certainty == certainty]
        for claim in sorted(theirs, key=_canonical):
            cluster = _nearest(claim, clusters)
            if cluster is not None:
                cluster.append(claim)
            elif certainty != Certainty.AFTER:
                clusters.append([claim])
    for rule in overrules:
        clusters = _overruled(rule, clusters)
    return with_previous([inspection_of(cluster, on) for cluster in clusters if cluster])


def outcome_on(claim: Claim) -> date:
    """When the outcome was out, by this claim: as it says, else the page's own date, else when we first read it."""
    page = claim.published_on.date if claim.published_on else None
    said = claim.finding.published_on
    if claim.official or not said:
        return page or (said.date if said else None) or claim.seen_on
    return said.within_year_before(page or claim.seen_on).date or page or claim.seen_on


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
        for cluster in clusters:
            if any(_same_official(claim, other) for other in cluster):
                cluster.append(claim)
                break
        else:
            clusters.append([claim])
    return clusters


def _same_official(one: Claim, other: Claim) -> bool:
    if one.finding.kind != other.finding.kind or not _same_subject(one, other):
        return False
    if one.ref == other.ref:
        return True
    a, b = inspected(one), inspected(other)
    if a and b:
        return a[0] <= b[1] and b[0] <= a[1]
    return bool(one.published_on) and one.published_on == other.published_on


def _nearest(claim: Claim, clusters: list[list[Claim]]) -> list[Claim] | None:
    fits = [(fit, cluster) for cluster in clusters if (fit := _fit(claim, cluster)) is not None]
    return min(fits, key=lambda found: found[0])[1] if fits else None


def _fit(claim: Claim, cluster: list[Claim]) -> tuple[int, int] | None:
    """How well the claim fits: agreeing dates of inspection first, then days between publications; None: not at all."""
    head = cluster[0]
    if not _same_subject(claim, head) or not _kinds_meet(claim, cluster):
        return None
    gap = (outcome_on(claim) - outcome_on(head)).days
    said, known = inspected(claim), next((days for other in cluster if (days := inspected(other))), None)
    if said and known:
        agree = said[0] <= known[1] + _NEAR and known[0] <= said[1] + _NEAR
        return (0, abs(gap)) if agree else None
    first, last = _WINDOWS[claim.finding.certainty]
    if not head.official and claim.finding.certainty == Certainty.ANNOUNCED:
        first = -last
    return (1, abs(gap)) if first <= gap <= last else None


def _kinds_meet(claim: Claim, cluster: list[Claim]) -> bool:
    kind, other = claim.finding.kind, cluster[0].finding.kind
    if kind == other or any(kind in alike and other in alike for alike in _ALIKE):
        return True
    # "Inspectors praise …": to a newsroom a visit is an inspection, as long as it names no grade.
    graded = any(one.finding.judgements for one in (claim, *cluster) if not one.official)
    return {kind, other} <= _CALLED_INSPECTION and not graded and cluster[0].official


def _same_subject(one: Claim, other: Claim) -> bool:
    a, b = one.finding, other.finding
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


def _canonical(claim: Claim) -> tuple[date, str, str, str]:
    return (outcome_on(claim), claim.source, claim.ref, claim.id)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower().replace("&", "and").replace("’", "").replace("'", "")).strip()
