"""What should be there and is not: alerts that were never queued, and messages that nobody would send again."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from alerts.model import Subscription
from alerts.select import select
from inspections.model import to_json
from service.assembly import Watch

_NOTE = "subscriptions known since"
_LOOKED_BACK = timedelta(days=8)
_LONGEST_WAIT = timedelta(hours=30)  # beyond every pause of every schedule


def lost_work(watch: Watch, now: datetime) -> list[str]:
    """Look for it, put it right, and say in a sentence each what was wrong: a fault of ours. Nothing, if all is well.

    Every event that is to be told has its outbox rows: of each subscription from when this first saw it, for a new one
    is not told of what was before it. Every message that waits is due within the longest pause.
    """
    since = _known_since(watch, now)
    found = []
    with watch.archive.writing():
        for at, event in watch.archive.to_be_told(now - _LOOKED_BACK):
            asking = [one for one in watch.subscriptions if since[_mark(one)] < at]
            claims = {claim.id: claim for claim in watch.archive.claims_of(event.inspection.id)}
            queued = watch.archive.asked_for(event.inspection.id)
            for one in select([event], asking, at, watch.authorities, claims):
                if (one.recipient, one.event) not in queued:
                    watch.archive.queue([one], now)
                    found.append(
                        f"{one.recipient} was not to be told that {one.inspection} was {one.event}; now it is."
                    )
    for key, at in watch.archive.due_after(now + _LONGEST_WAIT):
        watch.archive.retry(key, now)
        found.append(f"{key} was to be sent on {at:%d %B %Y}, which no schedule says; now it is due.")
    return found


def take_back(watch: Watch, now: datetime) -> int:
    """At the start of whoever polls: what was being sent when the last one was killed is due at once; how many.

    Without it they are due when their lease has run out.
    """
    return sum(watch.archive.retry(key, now) for key in watch.archive.cut_off())


def _known_since(watch: Watch, now: datetime) -> dict[str, datetime]:
    kept = json.loads(watch.archive.note(_NOTE) or "{}")
    known = {mark: kept.get(mark, now.isoformat()) for mark in map(_mark, watch.subscriptions)}
    if known != kept:
        watch.archive.keep_note(_NOTE, json.dumps(known))
    return {mark: datetime.fromisoformat(at) for mark, at in known.items()}


def _mark(subscription: Subscription) -> str:
    """Stands for what a subscription asks for and to whom it goes; another one after any change of it."""
    to = [channel.id for channel in subscription.to]
    asked = to_json({"to": to} | {name: getattr(subscription, name) for name in _ASKED})
    return hashlib.sha256(asked).hexdigest()[:16]


_ASKED = [name for name in Subscription.__struct_fields__ if name not in ("to", "when", "at", "weekday", "quiet")]
