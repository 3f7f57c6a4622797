"""What must not go unnoticed: a source that cannot be read, reads empty or has gone quiet; told once, and once over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from alerts.wording import notice
from archive.model import Incident, SourceState
from inspections.model import to_json
from scraper.model import Source
from service.assembly import Watch
from service.poll import queue_events

_UNREAD = timedelta(hours=24)
_REMINDED = timedelta(days=7)


class Fault(Struct, frozen=True, kw_only=True):
    """Something that a person must know of: what it is, what was not lost, what to do."""

    code: str  # "not-read", "reads-empty", "quiet", "offline", "held"
    subject: str  # a source's id, or "all"
    text: str


def look_after(watch: Watch, now: datetime) -> list[Fault]:
    """What time alone changes: reports that are overdue, faults that have begun or are over. Returns what stands."""
    with watch.archive.writing():
        queue_events(watch, watch.archive.reconsider(now), now)
    faults = list(find(watch, now))
    standing = {(fault.code, fault.subject) for fault in faults}
    for fault in faults:
        watch.archive.open_incident(fault.code, fault.subject, fault.text, now=now)
    for incident in watch.archive.incidents():
        if (incident.code, incident.subject) not in standing:
            watch.archive.close_incident(incident.code, incident.subject, now=now)
            if incident.told_at:
                text = f"{incident.subject} is well again. It began at {incident.opened_at:%d %B %Y %H:%M} UTC."
                _tell(watch, f"Over: {incident.code}, {incident.subject}", text, f"incident-{incident.id}-over", now)
        elif incident.told_at is None or now - incident.told_at >= _REMINDED:
            _remind(watch, incident, now)
    return faults


def find(watch: Watch, now: datetime) -> Iterator[Fault]:
    """Every fault that stands now; one for all where every source fails."""
    states = {state.id: state for state in watch.archive.source_states()}
    watched = [(source, states[source.id]) for source in watch.sources if source.id in states]
    polled = [state for _, state in watched if state.last_polled]
    held = watch.archive.held_events()
    if held:
        yield Fault(
            code="held", subject="events", text=f"{len(held)} events are held and nobody was told of them: "
            f"{held[0].held}. See `ofsted-watch alerts list`; `alerts release` tells, `alerts dismiss` does not.",
        )  # fmt: skip
    if len(polled) > 1 and all(state.fail_streak for state in polled):
        since = min((state.last_ok for state in polled if state.last_ok), default=None)
        when = f", the last since {since:%d %B %H:%M} UTC" if since else ""
        text = f"{len(polled)} of {len(polled)} sources cannot be read{when}. Nothing was lost; polling goes on."
        yield Fault(code="offline", subject="all", text=f"{text} Is this machine connected?")
        return
    for source, state in watched:
        yield from _of(source, state, now, timedelta(days=watch.settings.poll.stale_after_days))


def _of(source: Source, state: SourceState, now: datetime, stale_after: timedelta) -> Iterator[Fault]:
    limit = max(_UNREAD, 3 * source.every)
    read = state.last_ok
    if state.fail_streak and (read is None or now - read > limit) and state.last_polled:
        since = f"since {read:%d %B %Y %H:%M} UTC" if read else "at all so far"
        yield Fault(
            code="reads-empty" if state.outcome == "zero-items" else "not-read", subject=source.id,
            text=f"{source.name} ({source.url}) could not be read {since}: {state.note or state.outcome}. Nothing that "
            "was stored is lost; it is tried again at least once a day. If the site has moved or changed, "
            f"`ofsted-watch check {source.id}` says what is wrong.",
        )  # fmt: skip
    quiet = state.last_new
    if not source.official and not state.fail_streak and quiet and now - quiet > stale_after:
        yield Fault(
            code="quiet", subject=source.id, text=f"{source.name} ({source.url}) is read without a fault and has shown "
            f"nothing new since {quiet:%d %B %Y}. Has its news moved elsewhere?",
        )  # fmt: skip


def _remind(watch: Watch, incident: Incident, now: datetime) -> None:
    key = f"incident-{incident.id}" if incident.told_at is None else f"incident-{incident.id}-{now:%Y-%m-%d}"
    _tell(watch, f"{incident.code}: {incident.subject}", incident.text, key, now)
    watch.archive.incident_told(incident.id, now=now)


def _tell(watch: Watch, title: str, text: str, key: str, now: datetime) -> None:
    """A notice to the operator, through the same outbox as every alert; without one it stands in `status`."""
    operator = watch.settings.operator
    if operator is None:
        return
    full = f"{key}.1.operator"
    if watch.archive.message(full) is None:
        worded = notice(full, title, text, settings=watch.sending, now=now)
        watch.archive.freeze(full, operator.id, to_json(worded), told={}, rows=[], now=now)
