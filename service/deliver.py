"""What is due to be told is worded, frozen and sent; each attempt sends the same bytes under the same key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from msgspec import Struct

from alerts.model import Channel, DeliveryError, Message, Told
from alerts.news import News, news, told_after
from alerts.transports import TRANSPORTS, retry_at
from alerts.when import one_by_one
from alerts.wording import Story, digest, message
from archive.model import MessageRow, OutboxRow
from inspections.compare import contrasts
from inspections.model import from_json, to_json
from service.assembly import Watch

# Longer than any attempt may take: a message whose sender was killed is due again then.
LEASE = timedelta(minutes=10)
SENDERS = 8


class Sent(Struct, frozen=True, kw_only=True):
    """What became of one attempt."""

    key: str
    recipient: str
    subject: str
    outcome: str  # "sent", "failed" or "dead"
    answer: str  # the server's words, or why not
    message: Message


def deliver_due(watch: Watch, now: datetime, *, report: Callable[[Sent], None] = lambda sent: None) -> list[Sent]:
    """Word what is due, then send what is due: to one recipient in order, to different ones side by side.

    A fault of one channel leaves the others alone, and is tried again when its schedule says.
    """
    compose(watch, now)
    waiting: dict[str, list[MessageRow]] = defaultdict(list)
    while (row := watch.archive.claim_message(now, now + LEASE)) is not None:
        waiting[row.recipient].append(row)
    if not waiting:
        return []
    with ThreadPoolExecutor(max_workers=SENDERS, thread_name_prefix="send") as pool:
        batches = pool.map(lambda rows: [_attempt(watch, row, now, report) for row in rows], waiting.values())
        return [sent for batch in batches for sent in batch]


def compose(watch: Watch, now: datetime) -> None:
    """Work out for each recipient what is new to them, and freeze it as messages."""
    for recipient in watch.archive.due_recipients(now):
        stories: list[tuple[OutboxRow, Story]] = []
        stale: list[OutboxRow] = []
        for row in watch.archive.open_rows(recipient, now):
            told = _known_to(watch, row)
            found = news(told, row.inspection, every_stage=row.every_stage)
            if found is None:
                stale.append(row)
            else:
                stories.append((row, _story(watch, row, found, told)))
        with watch.archive.writing():
            watch.archive.drop_rows(stale, "nothing new to this recipient")
            for batch in _batches(watch, recipient, stories, now):
                _freeze(watch, recipient, batch, now)


def _known_to(watch: Watch, row: OutboxRow) -> Told | None:
    """What the recipient was told; of an inspection that was never told to them, what stood before its correction.

    So that a correction to a report of before their time reads as one.
    """
    if row.told:
        return from_json(row.told, Told)
    if row.events[0] not in ("corrected", "withdrawn"):
        return None
    kept = watch.archive.events(inspection=row.inspection.id)
    first = next((one.event for one in reversed(kept) if one.type == row.events[0] and one.event), None)
    return told_after(first.earlier) if first and first.earlier else None


def _batches(
    watch: Watch, recipient: str, stories: Sequence[tuple[OutboxRow, Story]], now: datetime
) -> list[list[tuple[OutboxRow, Story]]]:
    """Each inspection in a message of its own; a digest, or a storm, in one."""
    alone = [pair for pair in stories if not pair[0].digest]
    together = [pair for pair in stories if pair[0].digest]
    lately = [row for row in watch.archive.messages(recipient=recipient) if now - row.created_at < timedelta(hours=1)]
    if not one_by_one(len(alone), len(lately), watch.sending):
        alone, together = [], list(stories)
    return [[pair] for pair in alone] + ([together] if together else [])


def _freeze(watch: Watch, recipient: str, batch: Sequence[tuple[OutboxRow, Story]], now: datetime) -> None:
    single = len(batch) == 1 and not batch[0][0].digest
    key = watch.archive.next_key(recipient, batch[0][0].inspection.id if single else "digest")
    if single:
        worded = message(key, batch[0][1], settings=watch.sending, now=now)
    else:
        worded = digest(key, [story for _, story in batch], settings=watch.sending, now=now)
    told = {row.inspection.id: to_json(told_after(row.inspection, story.news, key)) for row, story in batch}
    watch.archive.freeze(key, recipient, to_json(worded), told=told, rows=[row for row, _ in batch], now=now)


def _story(watch: Watch, row: OutboxRow, found: News, told: Told | None) -> Story:
    claims = watch.archive.claims_of(row.inspection.id)
    return Story(
        inspection=row.inspection,
        news=found,
        told=told,
        claims=tuple(claims),
        contrasts=tuple(contrasts(claims, row.inspection)),
        subscriptions=(row.subscription,) if row.subscription else (),
        publishers={source.id: source.publisher for source in watch.sources},
    )


def _attempt(watch: Watch, row: MessageRow, now: datetime, report: Callable[[Sent], None]) -> Sent:
    """Send once and note what came of it. The note is made after the sending: a kill in between sends again."""
    worded = from_json(row.content, Message)
    outcome, answer = "sent", ""
    try:
        answer = _send(watch, row, worded)
        watch.archive.sent(row.key, now)
    except DeliveryError as error:
        again = _again(watch, row, now, error)
        watch.archive.failed(row.key, now, str(error), again)
        outcome, answer = "failed" if again else "dead", str(error)
    sent = Sent(
        key=row.key, recipient=row.recipient, subject=worded.subject, outcome=outcome, answer=answer, message=worded
    )
    report(sent)
    return sent


def _send(watch: Watch, row: MessageRow, worded: Message) -> str:
    channel: Channel | None = watch.channels.get(row.recipient)
    if channel is None:
        raise DeliveryError("no subscription names this recipient any more", permanent=True)
    return TRANSPORTS[channel.kind](worded, channel, watch.sending)


def _again(watch: Watch, row: MessageRow, now: datetime, error: DeliveryError) -> datetime | None:
    """When to try again; None: never. A fault of the whole channel makes all that waits for it wait."""
    if error.disable or error.whole_channel:
        until = None if error.disable else now + (error.retry_after or watch.sending.pause)
        watch.archive.pause_recipient(row.recipient, until=until, reason=str(error))
    if error.permanent:
        return None
    if not error.counts:
        return now + (error.retry_after or watch.sending.pause)
    kind = row.recipient.partition(":")[0]
    return retry_at(kind, row.attempts, now, watch.sending, key=row.key, retry_after=error.retry_after)
