"""What is due to be told is worded, frozen and sent; each attempt sends the same bytes under the same key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from alerts.model import Channel, DeliveryError, Message, Told
from alerts.news import News, news, told_after
from alerts.transports import TRANSPORTS, retry_at
from alerts.wording import Story, digest, message
from archive.outbox import MessageRow, OpenRow
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


def deliver_due(watch: Watch, now: datetime, *, report: Callable[[Sent], None] = lambda sent: None) -> list[Sent]:
    """Word what is due, then send what is due: to each recipient in order, to different ones side by side.

    A fault of one channel leaves the others alone, and is tried again when its schedule says.
    """
    compose(watch, now)
    waiting: dict[str, list[MessageRow]] = defaultdict(list)
    while (row := watch.archive.claim_message(now, now + LEASE)) is not None:
        waiting[row.recipient].append(row)
    with ThreadPoolExecutor(max_workers=SENDERS, thread_name_prefix="send") as pool:
        batches = pool.map(lambda rows: [_attempt(watch, row, now, report) for row in rows], waiting.values())
        return [sent for batch in batches for sent in batch]


def compose(watch: Watch, now: datetime) -> None:
    """Work out for each recipient what is new to them, and freeze it as messages."""
    for recipient in watch.archive.due_recipients(now):
        rows = watch.archive.open_rows(recipient, now)
        fresh: list[tuple[OpenRow, News]] = []
        stale: list[OpenRow] = []
        for row in rows:
            found = news(row.told and from_json(row.told, Told), row.inspection, every_stage=row.every_stage)
            if found is None:
                stale.append(row)
            else:
                fresh.append((row, found))
        with watch.archive.writing():
            watch.archive.drop_rows(stale, "nothing new to this recipient")
            for batch in _batches(fresh, watch.settings.delivery.storm):
                _freeze(watch, recipient, batch, now)


def _batches(fresh: Sequence[tuple[OpenRow, News]], storm: int) -> list[list[tuple[OpenRow, News]]]:
    """Each inspection in a message of its own, but a digest, or a storm, in one."""
    together = [pair for pair in fresh if pair[0].digest]
    alone = [pair for pair in fresh if not pair[0].digest]
    if len(alone) >= storm:
        together, alone = together + alone, []
    return [[pair] for pair in alone] + ([together] if together else [])


def _freeze(watch: Watch, recipient: str, batch: Sequence[tuple[OpenRow, News]], now: datetime) -> None:
    key = watch.archive.next_key(recipient, [row.inspection.id for row, _ in batch])
    stories = [_story(watch, row, found) for row, found in batch]
    if len(stories) == 1 and not batch[0][0].digest:
        worded = message(key, stories[0], settings=watch.wording, now=now)
    else:
        worded = digest(key, stories, settings=watch.wording, now=now)
    told = {row.inspection.id: to_json(told_after(row.inspection, found, key)) for row, found in batch}
    watch.archive.freeze(key, recipient, to_json(worded), told=told, rows=[row for row, _ in batch], now=now)


def _story(watch: Watch, row: OpenRow, found: News) -> Story:
    claims = watch.archive.claims_of(row.inspection.id)
    told = row.told and from_json(row.told, Told)
    return Story(
        inspection=row.inspection,
        news=found,
        told=told,
        claims=tuple(claims),
        contrasts=tuple(contrasts(claims, row.inspection)),
        subscriptions=row.subscriptions,
    )


def _attempt(watch: Watch, row: MessageRow, now: datetime, report: Callable[[Sent], None]) -> Sent:
    worded = from_json(row.content, Message)
    channel = watch.channels.get(row.recipient)
    if channel is None:
        why = "no subscription names this recipient any more"
        watch.archive.failed(row.key, now=now, error=why, next_at=None)
        return _told(report, row, worded, "dead", why)
    try:
        answer = _send(channel, worded, watch)
    except DeliveryError as error:
        again = None if error.permanent else _again(watch, channel, row, now, error)
        watch.archive.failed(row.key, now=now, error=str(error), next_at=again)
        if error.disable:
            watch.archive.pause_recipient(row.recipient, until=None)
        return _told(report, row, worded, "failed" if again else "dead", str(error))
    watch.archive.sent(row.key, now=now, answer=answer)
    return _told(report, row, worded, "sent", answer)


def _send(channel: Channel, worded: Message, watch: Watch) -> str:
    transport: Any = TRANSPORTS[channel.kind]
    return str(transport(worded, channel, watch.sending))


def _again(watch: Watch, channel: Channel, row: MessageRow, now: datetime, error: DeliveryError) -> datetime | None:
    return retry_at(channel.kind, row.attempt, now, watch.sending, key=row.key, retry_after=error.retry_after)


def _told(report: Callable[[Sent], None], row: MessageRow, worded: Message, outcome: str, answer: str) -> Sent:
    sent = Sent(key=row.key, recipient=row.recipient, subject=worded.subject, outcome=outcome, answer=answer)
    report(sent)
    return sent
