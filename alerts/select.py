"""Which recipients may have to be told of what came to be known, and when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from alerts import when
from alerts.model import Channel, Delivery, Subscription
from inspections import authorities as table
from inspections.authorities import Authorities
from inspections.compare import changes, stated
from inspections.model import Authority, Certainty, Claim, Event, Inspection
from inspections.names import plain

# Events at which what was known before counts too: who was told of an inadequate grade hears that it was none.
_OF_WHAT_WAS_TOLD = ("corrected", "contradicted", "withdrawn")
_NO_CLAIMS: Mapping[str, Claim] = {}


def select(
    events: Iterable[Event],
    subscriptions: Sequence[Subscription],
    now: datetime,
    authorities: Authorities | None = None,
    claims: Mapping[str, Claim] = _NO_CLAIMS,
) -> list[Delivery]:
    """One delivery for each recipient and inspection, in the order of the events; the quickest subscription decides.

    Whether it is news to the recipient is found out at its first attempt, by `alerts.news`.
    authorities: for regions, and for the successors of abolished councils. claims: by id, for titles and sources.
    """
    found: dict[tuple[str, str], Delivery] = {}
    for event in events:
        worst = when.is_worst_news(event.inspection)
        for subscription in subscriptions:
            if not matches(subscription, event, now.date(), authorities=authorities, claims=claims):
                continue
            for channel in subscription.to:
                delivery = _delivery(subscription, channel, event, now, worst=worst)
                key = (delivery.recipient, delivery.inspection)
                found[key] = _quicker(found[key], delivery) if key in found else delivery
    return list(found.values())


def matches(
    subscription: Subscription,
    event: Event,
    on: date,
    *,
    authorities: Authorities | None = None,
    claims: Mapping[str, Claim] = _NO_CLAIMS,
) -> bool:
    """Whether the subscription asks for this. Who is inspected: any of its authorities, regions and providers.

    Every other filter that is set has to fit too; within one filter, any of its values.
    """
    known = [event.inspection]
    if event.earlier is not None and event.type in _OF_WHAT_WAS_TOLD:
        known.append(event.earlier)
    return any(_fits(subscription, each, on, authorities, claims) for each in known)


def depends_on(
    subscription: Subscription,
    source: str,
    authority: str | None,
    on: date,
    *,
    official: bool,
    authorities: Authorities,
) -> bool:
    """Whether what this subscription asks for could be published there: a source by its id, and whose newsroom it is.

    A newsroom of nobody's, such as a newspaper's, may tell of everybody.
    """
    if subscription.sources and source not in subscription.sources:
        return False
    if official:
        return True
    if subscription.official_only:
        return False
    if authority is None or not (subscription.authorities or subscription.regions or subscription.providers):
        return True
    return _is_of(subscription, authority, on, on, authorities)


def successors(subscription: Subscription, authorities: Authorities, on: date) -> dict[str, list[str]]:
    """The subscription's authorities that are abolished by that day, each with those that it goes on with."""
    rows = [row for name in subscription.authorities if (row := authorities.find(name, on))]
    return {
        row.name: [each.name for each in authorities.standing(row, on)]
        for row in rows
        if row.valid_to is not None and row.valid_to < on
    }


def _delivery(
    subscription: Subscription, channel: Channel, event: Event, now: datetime, *, worst: bool
) -> Delivery:  # fmt: skip
    return Delivery(
        recipient=channel.id,
        inspection=event.inspection.id,
        event=event.type,
        due_at=when.due_at(subscription, now, worst=worst),
        digest=subscription.when != "instant",
        every_stage=subscription.every_stage,
        subscription=subscription.id,
    )


def _quicker(one: Delivery, other: Delivery) -> Delivery:
    """The one that is due first, of two at the same time the one that is no digest; every stage if either asks."""
    first = min((one, other), key=lambda each: (each.due_at, each.digest))
    return Delivery(
        recipient=first.recipient, inspection=first.inspection, event=first.event, due_at=first.due_at,
        digest=first.digest, every_stage=one.every_stage or other.every_stage, subscription=first.subscription,
    )  # fmt: skip


def _fits(
    subscription: Subscription,
    inspection: Inspection,
    on: date,
    authorities: Authorities | None,
    claims: Mapping[str, Claim],
) -> bool:
    told = [claims[each] for each in inspection.claims if each in claims]
    grades = {grade for grade in stated(inspection).values() if grade}
    return (
        _is_about(subscription, inspection, on, authorities)
        and (not subscription.kinds or inspection.kind in subscription.kinds)
        and (not subscription.grades or bool(grades.intersection(subscription.grades)))
        and (not subscription.directions or _moved(subscription.directions, inspection))
        and (not subscription.keywords or _speaks_of(subscription.keywords, inspection, told))
        and (not subscription.sources or any(each.source in subscription.sources for each in told))
        and (not subscription.priority_action or inspection.priority_action is True)
        and (not subscription.official_only or inspection.certainty == Certainty.PUBLISHED)
    )  # fmt: skip


def _is_about(
    subscription: Subscription, inspection: Inspection, on: date, authorities: Authorities | None
) -> bool:  # fmt: skip
    if not (subscription.authorities or subscription.regions or subscription.providers):
        return True
    if inspection.urn and inspection.urn.casefold() in {urn.casefold() for urn in subscription.providers}:
        return True
    if inspection.authority is None:
        return False
    return _is_of(subscription, inspection.authority, _when(inspection) or on, on, authorities)


def _is_of(subscription: Subscription, name: str, then: date, on: date, authorities: Authorities | None) -> bool:
    """Whether the authority that had this name then is one of the subscription's, by name, region or succession."""
    return _is_among(subscription.authorities, subscription.regions, name, then, on, authorities)


@lru_cache(maxsize=4096)  # thousands of subscriptions ask for the same councils
def _is_among(
    names: tuple[str, ...], regions: tuple[str, ...], name: str, then: date, on: date, authorities: Authorities | None
) -> bool:
    inspected = authorities.find(name, then) if authorities else None
    if authorities is None or inspected is None:
        return plain(name) in {plain(each) for each in names}
    within = {table.slug(region) for region in regions}
    return bool(inspected.region and table.slug(inspected.region) in within) or any(
        inspected in _line(row, authorities)
        for each in names
        for row in (authorities.find(each, on), authorities.find(each))
        if row
    )


def _line(row: Authority, authorities: Authorities) -> list[Authority]:
    """The authority and all that came after it."""
    return [row, *(each for heir in authorities.successors(row) for each in _line(heir, authorities))]


def _when(inspection: Inspection) -> date | None:
    day = inspection.inspected_from or inspection.published_on
    return day.first if day else None


def _speaks_of(keywords: Sequence[str], inspection: Inspection, claims: Sequence[Claim]) -> bool:
    """Whether any of the words stands in theme, improvements, priority actions or titles. "neglect*" is a beginning."""
    titles = [claim.title for claim in claims]
    text = "\n".join([inspection.theme or "", *inspection.improvements, *inspection.priority_actions, *titles])
    return any(re.search(_word(keyword), text, re.IGNORECASE) for keyword in keywords)


def _word(keyword: str) -> str:
    end = "" if keyword.endswith("*") else r"(?!\w)"
    return rf"(?<!\w){re.escape(keyword.rstrip('*'))}{end}"


def _moved(directions: Sequence[str], inspection: Inspection) -> bool:
    return any(each.direction in directions for each in changes(inspection))
