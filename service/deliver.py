"""What is due to be told is worded, frozen and sent; each attempt sends the same bytes under the same key."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from itertools import chain

from msgspec import Struct

from alerts.model import DeliveryError, Message
from alerts.transports import TRANSPORTS, retry_at
from archive.model import MessageRow
from inspections.model import from_json
from service.assembly import Watch
from service.telling.compose import NOBODY, compose
from service.telling.successors import tell_of_successors
from service.telling.unseen import tell_of_unseen

log = logging.getLogger("ofsted_watch")

# Twice as long as any attempt may take, and more: a message whose sender was killed is due again then.
LEASE = timedelta(minutes=10)
SENDERS = 16
_OF_ONE_KIND = SENDERS // 2  # a mail server that hangs leaves the other half to everybody else
_TRIED_ENOUGH = 3
_AFTER_THE_FIRST = timedelta(minutes=2)


class Sent(Struct, frozen=True, kw_only=True):
    """What became of one attempt."""

    key: str
    recipient: str
    subject: str
    outcome: str  # "sent", "failed", "dead", or "dropped" where nobody is to be told any more
    answer: str  # the server's words, or why not


def deliver_due(
    watch: Watch, now: datetime, *, report: Callable[[Sent], None] = lambda sent: None, moment: float = 0.2
) -> list[Sent]:  # fmt: skip
    """Word what is due and send it: to one recipient in order, to different ones side by side.

    A channel that fails or hangs leaves the others alone: what becomes due for them meanwhile goes out meanwhile, and
    what is worded goes out while the rest is. A message that has failed is left for the next call. Returns when nothing
    else is due any more. moment: seconds of wording before what is worded is sent.
    """
    began, attempts = time.monotonic(), list[Sent]()
    wording: Iterator[str] = chain(compose(watch, now), tell_of_unseen(watch, now))  # silence after its digest
    under_way: dict[Future[Sent], str] = {}
    failed: set[str] = set()
    tell_of_successors(watch, now)
    with ThreadPoolExecutor(max_workers=SENDERS, thread_name_prefix="send") as pool:
        while True:
            at = now + timedelta(seconds=int(time.monotonic() - began))
            worded = _worded(wording, moment)
            if worded:
                wording = compose(watch, at)
                worded = _worded(wording, moment)
            while (row := _claimed(watch, at, under_way.values(), failed)) is not None:
                under_way[pool.submit(_attempt, watch, row, at)] = row.recipient
            if not under_way and worded:
                return attempts
            for done in wait(under_way, timeout=1 if worded else 0, return_when=FIRST_COMPLETED).done:
                del under_way[done]
                attempts.append(done.result())
                if attempts[-1].outcome == "failed":
                    failed.add(attempts[-1].key)
                report(attempts[-1])


def _worded(wording: Iterator[str], moment: float) -> bool:
    """Go on with the wording for a moment; whether it is at its end."""
    until = time.monotonic() + moment
    return all(time.monotonic() < until for _ in wording)


def _claimed(watch: Watch, at: datetime, under_way: Iterable[str], failed: set[str]) -> MessageRow | None:
    """The next message, booked to be tried again when its lease has run out; None: none is due, or all are at work."""
    busy = list(under_way)
    kinds = [recipient.partition(":")[0] for recipient in busy]
    crowded = {kind for kind in kinds if kinds.count(kind) >= _OF_ONE_KIND}
    if len(busy) >= SENDERS or (crowded and crowded >= watch.kinds):
        return None
    return watch.archive.claim_message(at, at + LEASE, busy=busy, crowded=crowded, tried=failed)


def _attempt(watch: Watch, row: MessageRow, at: datetime) -> Sent:
    """Send once and note what came of it. The note is made after the sending: a kill in between sends again."""
    worded = from_json(row.content, Message)
    outcome, answer = "sent", ""
    try:
        if row.recipient not in watch.channels:
            watch.archive.drop(row.key, NOBODY, at)
            outcome, answer = "dropped", NOBODY
        else:
            answer = _send(watch, row, worded)
            watch.archive.sent(row.key, at)
    except DeliveryError as error:
        outcome, answer = _refused(watch, row, at, error), str(error)
    return Sent(key=row.key, recipient=row.recipient, subject=worded.subject, outcome=outcome, answer=answer)


def _send(watch: Watch, row: MessageRow, worded: Message) -> str:
    channel = watch.channels[row.recipient]
    try:
        return TRANSPORTS[channel.kind](worded, channel, watch.sending)
    except DeliveryError:
        raise
    except Exception as error:  # a fault of ours at one message holds up no other
        log.exception("the message %s could not be sent", row.key)
        raise DeliveryError(f"a fault of this program: {type(error).__name__}: {error}", permanent=False) from error


def _refused(watch: Watch, row: MessageRow, at: datetime, error: DeliveryError) -> str:
    """Note it, and when it is tried again. A fault of the whole channel makes all that waits for it wait, in order."""
    again = _again(watch, row, at, error)
    if error.disable or error.whole_channel:
        until = None if error.disable else again or at + watch.sending.pause
        # All letters have one mail server: this recipient's shows that it is well again, then come the others'.
        with watch.archive.writing():
            if until and not error.counts and row.recipient.startswith("email:"):
                for other in [each for each in watch.channels if each.startswith("email:")]:
                    watch.archive.pause_recipient(other, until=until + _AFTER_THE_FIRST, reason=str(error))
            watch.archive.pause_recipient(row.recipient, until=until, reason=str(error))
    watch.archive.failed(row.key, at, str(error), again, counts=error.counts)
    return "failed" if again else "dead"


def _again(watch: Watch, row: MessageRow, at: datetime, error: DeliveryError) -> datetime | None:
    """When to try again; None: never."""
    if error.permanent:
        return None
    if not error.counts:
        return at + (error.retry_after or watch.sending.pause)
    kind = row.recipient.partition(":")[0]
    again = retry_at(kind, row.attempts, at, watch.sending, key=row.key, retry_after=error.retry_after)
    if not error.whole_channel:
        return again
    # What waited behind another message was not tried, and its time has passed all the same.
    lifetime = watch.sending.schedules[kind].lifetime
    oldest = at - lifetime
    if again and row.created_at > oldest:
        return min(again, row.created_at + lifetime)
    if again and row.attempts < _TRIED_ENOUGH:
        return again
    for other in watch.archive.messages(state="pending", recipient=row.recipient, limit=100_000):
        if other.key != row.key and other.created_at <= oldest:
            watch.archive.failed(other.key, at, str(error), None)
    return None
