"""What is new to each recipient, worked out when it is due, and frozen as messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alerts.model import Message, Told
from alerts.news import PUBLISHED, News, news, told_after
from alerts.select import matches
from alerts.subject import subject
from alerts.when import is_worst_news, one_by_one
from alerts.wording import Story, digest, message
from archive.model import OutboxRow
from inspections.compare import contrasts
from inspections.model import Event, from_json, to_json
from service.assembly import Watch
from service.telling.unseen import digests_of, unseen

NOBODY = "no subscription names this recipient any more"
_HOUR = timedelta(hours=1)
_LONGEST_DIGEST = timedelta(days=8)

_Pair = tuple[OutboxRow, Story]


def compose(watch: Watch, now: datetime) -> Iterator[str]:
    """Work out for each recipient what is new to them, and freeze it as messages: the recipients, one after the other.

    What is no news is settled without one; beside news, a digest names it in a line, and what nobody can see just now.
    """
    for recipient in watch.archive.due_recipients(now):
        yield recipient
        rows = watch.archive.open_rows(recipient, now)
        if recipient not in watch.channels:
            watch.archive.drop_rows(rows, NOBODY)
            continue
        fresh: list[_Pair] = []
        stale: list[OutboxRow] = []
        for row in rows:
            told = _known_to(watch, row)
            found = news(told, row.inspection, every_stage=row.every_stage)
            if found is None:
                stale.append(row)
            else:
                fresh.append((row, _story(watch, row, found, told, now)))
        batches = _batches(watch, recipient, fresh, now)
        with watch.archive.writing():
            watch.archive.drop_rows(stale, "nothing new to this recipient")
            for batch in batches:
                _freeze(watch, recipient, batch, stale, now)


def _known_to(watch: Watch, row: OutboxRow) -> Told | None:
    """What the recipient was told; of an inspection that was never told to them, what stood before its correction.

    So that a correction to a report of before their time reads as one.
    """
    if row.told:
        return from_json(row.told, Told)
    if row.events[0] not in ("corrected", "withdrawn"):
        return None
    first = _event(watch, row, row.events[0])
    return told_after(first.earlier) if first and first.earlier else None


def _event(watch: Watch, row: OutboxRow, type: str) -> Event | None:
    """The first event of that type that the archive keeps of this inspection."""
    kept = watch.archive.events(inspection=row.inspection.id)
    return next((one.event for one in reversed(kept) if one.type == type and one.event), None)


def _story(watch: Watch, row: OutboxRow, found: News, told: Told | None, now: datetime) -> Story:
    claims = watch.archive.claims_of(row.inspection.id)
    return Story(
        inspection=row.inspection,
        news=found,
        told=told,
        claims=tuple(claims),
        contrasts=tuple(contrasts(claims, row.inspection)),
        subscriptions=_whose(watch, row, now),
        publishers=watch.publishers,
    )


def _whose(watch: Watch, row: OutboxRow, now: datetime) -> tuple[str, ...]:
    """Every subscription of this recipient that asks for it, the one that decided when first."""
    claims = {claim.id: claim for claim in watch.archive.claims_of(row.inspection.id)}
    kept = [_event(watch, row, type) or Event(type=type, inspection=row.inspection) for type in row.events]
    asking = [
        one.id
        for one in watch.subscribed.get(row.recipient, ())
        if any(matches(one, each, now.date(), authorities=watch.authorities, claims=claims) for each in kept)
    ]
    return tuple(dict.fromkeys([row.subscription, *asking] if row.subscription else asking))


def _batches(watch: Watch, recipient: str, fresh: Sequence[_Pair], now: datetime) -> list[list[_Pair]]:
    """Each inspection in a message of its own; a digest, or a storm, in one.

    After a storm's worth of messages the rest waits until an hour has passed since the first of them, so that it is
    one message and not many; the worst news waits for nothing.
    """
    alone = [pair for pair in fresh if not pair[0].digest]
    together = [pair for pair in fresh if pair[0].digest]
    lately = [row for row in watch.archive.messages(recipient=recipient) if now - row.created_at < _HOUR]
    if not one_by_one(len(alone), len(lately), watch.sending):
        spent = len(lately) >= watch.sending.single_messages
        if spent and not together and not any(is_worst_news(story.inspection) for _, story in alone):
            return []
        alone, together = [], list(fresh)
    return [[pair] for pair in alone] + ([together] if together else [])


def _freeze(watch: Watch, recipient: str, batch: Sequence[_Pair], stale: Sequence[OutboxRow], now: datetime) -> None:
    single = len(batch) == 1 and not batch[0][0].digest
    key = watch.archive.next_key(recipient, batch[0][0].inspection.id if single else "digest")
    if single:
        worded = message(key, batch[0][1], settings=watch.sending, now=now)
    else:
        periodical = any(row.digest for row, _ in batch)  # and no storm that was joined
        worded = digest(
            key, [story for _, story in batch], settings=watch.sending, now=now,
            also=_also(watch, recipient, stale, now) if periodical else (),
            unseen=unseen(watch, digests_of(watch, recipient), now) if periodical else (),
        )  # fmt: skip
    told = {row.inspection.id: to_json(told_after(row.inspection, story.news, key)) for row, story in batch}
    watch.archive.freeze(key, recipient, to_json(worded), told=told, rows=[row for row, _ in batch], now=now)


def _also(watch: Watch, recipient: str, stale: Sequence[OutboxRow], now: datetime) -> list[str]:
    """A line for each inspection of which this recipient was told at once since the last digest, or nothing new."""
    lines: dict[str, str] = {}
    for row in watch.archive.messages(recipient=recipient):
        about = row.key.partition(".")[0]
        if about == "digest" or now - row.created_at > _LONGEST_DIGEST:
            break
        if row.state != "dropped" and from_json(row.content, Message).type.startswith("inspection."):
            lines.setdefault(about, from_json(row.content, Message).subject)
    for pair in stale:
        if pair.digest and pair.inspection.id not in lines:
            nothing = News(type=PUBLISHED, reason="stage")
            lines[pair.inspection.id] = subject(_story(watch, pair, nothing, None, now))
    return list(lines.values())
