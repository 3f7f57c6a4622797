"""A message that is really sent, through the same path as an alert, to see what each server says."""

from __future__ import annotations

from datetime import datetime

from alerts.wording import notice
from inspections.model import to_json
from service.assembly import UnknownName, Watch
from service.deliver import Sent, deliver_due

_TEXT = """This is a test. Had Ofsted published something that you follow, you would have read it here.

Nothing has to be done."""


def tried(watch: Watch, subscription: str | None, now: datetime) -> list[Sent]:
    """Send a notice to every recipient of the subscription, of all without a name. Raises UnknownName."""
    chosen = [one for one in watch.subscriptions if subscription in (None, one.id)]
    if not chosen:
        known = ", ".join(one.id for one in watch.subscriptions)
        raise UnknownName(f"there is no subscription {subscription!r}; there are {known or 'none'}.")
    keys = set()
    for recipient in dict.fromkeys(channel.id for one in chosen for channel in one.to):
        names = [one.id for one in chosen if recipient in [channel.id for channel in one.to]]
        with watch.archive.writing():
            watch.archive.resume_recipient(recipient)  # what made it wait may have been put right: this shows it
            key = watch.archive.next_key(recipient, "test")
            worded = notice(key, "a test message", _TEXT, settings=watch.sending, now=now, subscriptions=names)
            watch.archive.freeze(key, recipient, to_json(worded), told={}, rows=[], now=now)
            keys.add(key)
    return [sent for sent in deliver_due(watch, now) if sent.key in keys]
