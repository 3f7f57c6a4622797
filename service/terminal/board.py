"""How the service stands, as text for a terminal: polls, sources, subscriptions, messages, what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.model import Message
from inspections.model import Claim, from_json
from inspections.said import day
from service.terminal.screen import hung, subject, table

if TYPE_CHECKING:
    from alerts.model import Subscription
    from archive.model import Attempt, KeptEvent, MessageRow, Status
    from service.poll import Polled


def polled(one: Polled) -> str:
    """What one source's poll came to."""
    counts = f"{one.seen} listed, {one.new} new" if one.outcome == "ok" else ""
    events = ", ".join(f"{event.type}: {subject(event.inspection)}" for event in one.events)
    return hung(f"{one.source}: {one.outcome}" + "".join(f"; {part}" for part in (counts, one.note, events) if part))


def status(found: Status, now: datetime) -> str:
    """The sources as a table, then what waits and what is wrong."""
    rows = []
    for source in found.sources:
        state = source.outcome or "not read yet"
        rows.append(
            [source.id, _ago(source.last_ok, now), _ago(source.last_new, now), _in(source.next_due, now), state]
        )
    lines = [table(rows, ["Source", "Last read", "Last new", "Next try", "State"], flexible=(0, 4))] if rows else []
    lines.append(f"{found.publications} publications, {found.inspections} inspections")
    waiting = f"{found.waiting} to be told, {found.dead} undeliverable, {found.held} held, {found.undecided} to review"
    lines.append(waiting)
    lines += [hung(f"! {one.code}: {one.text}") for one in found.incidents]
    lines += [hung(f"! paused {recipient}: {reason}") for recipient, reason in found.paused.items()]
    return "\n".join(lines)


def subscription(one: Subscription) -> str:
    """A subscription in one line: to whom, of what, when."""
    filters = [
        f"{name}: {', '.join(map(str, values))}"
        for name in ("authorities", "regions", "providers", "kinds", "grades", "directions", "keywords", "sources")
        if (values := getattr(one, name))
    ]
    filters += [name for name in ("priority_action", "official_only", "every_stage") if getattr(one, name)]
    to = ", ".join(channel.id for channel in one.to)
    return hung(f"{one.id} ({one.when}) → {to}: {'; '.join(filters) or 'everything'}")


def message_line(row: MessageRow) -> str:
    title = from_json(row.content, Message).subject
    return hung(f"{row.key} {row.state}, {row.attempts} tried, {row.recipient}: {title}" + _because(row.error))


def event_line(event: KeptEvent) -> str:
    whom = subject(event.event.inspection) if event.event else event.inspection
    return hung(f"{event.id} held, {event.type}: {whom}" + _because(event.held))


def message(row: MessageRow, attempts: Sequence[Attempt]) -> str:
    """A message as it is sent, and every attempt."""
    worded = from_json(row.content, Message)
    lines = [f"Key: {row.key}", f"To: {row.recipient}", f"State: {row.state}", f"Subject: {worded.subject}", ""]
    lines += [
        worded.text,
        "",
        *(f"{one.n}. {one.at:%d %b %Y %H:%M:%S} UTC: {one.error or 'accepted'}" for one in attempts),
    ]
    return "\n".join(lines)


def undecided(claim: Claim) -> str:
    """A finding that waits for a person."""
    finding = claim.finding
    about = f"{finding.authority or finding.provider or 'nobody named'}, {finding.kind.replace('_', ' ')}"
    notes = " ".join(f"{note}." for note in finding.notes)
    return "\n".join(
        [hung(f"{claim.id} {day(claim.published_on) or 'no date'}: {claim.title} ({about}) {notes}"), f"  {claim.url}"]
    )


def _because(reason: str | None) -> str:
    return f" ({reason})" if reason else ""


def _ago(at: datetime | None, now: datetime) -> str:
    return f"{_length((now - at).total_seconds())} ago" if at else "never"


def _in(at: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    return f"in {_length((at - now).total_seconds())}" if at > now else "now"


def _length(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"
