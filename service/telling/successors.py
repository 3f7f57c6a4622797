"""A subscription to an abolished council goes on with its successors, and says so once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts.select import successors
from alerts.wording import notice
from archive.outbox import recipient_mark
from inspections.authorities import slug
from inspections.model import to_json
from service.assembly import Watch
from service.timetable import LONDON


def tell_of_successors(watch: Watch, now: datetime) -> None:
    """A notice to each recipient for each council, through the outbox; its key in the archive remembers it."""
    today = now.astimezone(LONDON).date()
    for subscription in watch.subscriptions:
        for gone, heirs in successors(subscription, watch.authorities, today).items():
            for recipient in dict.fromkeys(channel.id for channel in subscription.to):
                key = f"abolished-{slug(gone)}.1.{recipient_mark(recipient)}"
                if watch.archive.message(key) is None:
                    title, text = _said(gone, heirs)
                    worded = notice(
                        key, title, text, settings=watch.sending, now=now, subscriptions=(subscription.id,)
                    )  # fmt: skip
                    watch.archive.freeze(key, recipient, to_json(worded), told={}, rows=[], now=now)


def _said(gone: str, heirs: Sequence[str]) -> tuple[str, str]:
    if not heirs:
        title = f"{gone} is no more"
        goes_on = "No council is known to have taken its place: name the one that you want in the subscription."
    else:
        names = heirs[0] if len(heirs) == 1 else f"{', '.join(heirs[:-1])} and {heirs[-1]}"
        title = f"{gone} is now {names}"
        goes_on = f"Your subscription goes on with {names}. Nothing has to be done."
    text = f"{gone} was abolished. {goes_on}\n\nWhat is still published of {gone} itself is told as before."
    return title, text
