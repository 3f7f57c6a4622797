"""When a message may go: digests, quiet hours and working days, all by London's clock and in UTC afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.model import DeliverySettings, QuietHours, Subscription
from inspections.model import Grade, Inspection, Outcome

LONDON = ZoneInfo("Europe/London")
_SATURDAY = 5

# What passes quiet hours, unless a subscription says otherwise.
WORST_GRADES = frozenset({Grade.INADEQUATE, Grade.URGENT_IMPROVEMENT, Grade.NOT_MET, Grade.NOT_EFFECTIVE})
WORST_OUTCOMES = frozenset({Outcome.SYSTEMIC_FAILINGS, Outcome.SERIOUS_WEAKNESSES})


def is_worst_news(inspection: Inspection) -> bool:
    return (
        inspection.priority_action is True
        or inspection.outcome in WORST_OUTCOMES
        or any(grade in WORST_GRADES for grade in inspection.judgements.values())
    )


def due_at(subscription: Subscription, now: datetime, *, worst: bool = False) -> datetime:
    """When news that came now is due by this subscription, in UTC.

    worst: the news is of the worst kind, and passes quiet hours where the subscription lets it; a digest stays one.
    """
    at = now if subscription.when == "instant" else next_digest(subscription, now)
    if worst and subscription.worst_news_at_once:
        return at
    return after_quiet_hours(subscription.quiet, at)


def next_digest(subscription: Subscription, now: datetime) -> datetime:
    """The first time after now at which the digest goes out, in UTC.

    A time that the clock skips in March is an hour later by the clock; of one that comes twice in October, the first.
    """
    day = now.astimezone(LONDON).date()
    while True:
        at = datetime.combine(day, subscription.at, LONDON).astimezone(UTC)
        if at > now and (subscription.when == "daily" or day.weekday() == subscription.weekday):
            return at
        day += timedelta(days=1)


def after_quiet_hours(quiet: QuietHours, at: datetime) -> datetime:
    """The first time, from `at` on, that is neither in quiet hours nor on a weekend that is kept; in UTC."""
    moved = True
    while moved:
        local = at.astimezone(LONDON)
        moved = True
        if quiet.weekends and local.weekday() >= _SATURDAY:
            monday = local.date() + timedelta(days=7 - local.weekday())
            at = datetime.combine(monday, time(), LONDON).astimezone(UTC)
        elif quiet.start and quiet.end and _within(local.time(), quiet.start, quiet.end):
            day = local.date() if local.time() < quiet.end else local.date() + timedelta(days=1)
            # The hour that comes twice in October: what is in the second one ends in the second one.
            fold = local.fold if day == local.date() else 0
            at = datetime.combine(day, quiet.end.replace(fold=fold), LONDON).astimezone(UTC)
        else:
            moved = False
    return at.astimezone(UTC)


def one_by_one(waiting: int, sent_in_last_hour: int, settings: DeliverySettings) -> bool:
    """Whether what waits for a recipient goes as single messages; else it goes as one together, nothing dropped."""
    return waiting < settings.single_messages and waiting + sent_in_last_hour <= settings.single_messages


def _within(now: time, start: time, end: time) -> bool:
    return start <= now < end if start <= end else now >= start or now < end
