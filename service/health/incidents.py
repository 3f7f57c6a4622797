"""What must not go unnoticed: a source that cannot be read, reads empty or has gone quiet; told once, and once over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from msgspec import Struct

from alerts.wording import notice
from archive import Archive
from archive.model import Incident, MessageRow, Poll, SourceState
from archive.sources import READ
from archive.store import ROLLED_BACK
from inspections.model import to_json
from scraper.model import Source
from service.assembly import Watch
from service.health.rhythm import Habits, History, newsroom, ofsted, too_long
from service.health.vitals import free_megabytes
from service.poll import queue_events
from service.polling import drift
from service.timetable import LONDON

OFSTED = "ofsted"  # the subject of what concerns all of Ofsted's pages together
EVERYTHING = "all"  # the subject of what concerns every source

_UNREAD = timedelta(hours=24)
_REMINDED = timedelta(days=7)
_OFFLINE = timedelta(hours=1)  # shorter breaks of the line nobody has to know of
_UNSENT = timedelta(hours=6)
_UNSENT_TRIES = 3
_TOGETHER = 3  # sources of one host that fail alike are one fault
_SHRUNK = 0.25
_FEW_ITEMS = 4  # a listing that never had more may well have one
_LAST_READINGS = 22


class Fault(Struct, frozen=True, kw_only=True):
    """Something that a person must know of: what it is, what was not lost, what to do."""

    code: str  # a row of the table in docs/operations.md
    subject: str  # a source's id, a host, a recipient, or "all"
    text: str
    covers: frozenset[str] = frozenset()  # further subjects whose own faults it stands for


def look_after(
    watch: Watch, now: datetime, *, own: Iterable[Fault] = (), free: Callable[[Path], int] = free_megabytes
) -> list[Fault]:  # fmt: skip
    """What time alone changes: reports that are overdue, faults that have begun or are over. Returns what stands.

    own: faults that only the caller can know of.
    """
    with watch.archive.writing():
        queue_events(watch, watch.archive.reconsider(now), now)
    settings = watch.settings
    stale_after = settings.poll.stale_after_days
    faults = [*own, *find(watch.archive, watch.sources, now, stale_after=stale_after)]
    left = free(watch.archive.folder)
    if left < max(settings.health.free_space, settings.poll.free_space):
        faults.append(_disk(watch, left))
    faults += _of_the_log(watch.archive)
    for fault in faults:
        watch.archive.open_incident(fault.code, fault.subject, fault.text, now=now)
    standing = {(fault.code, fault.subject) for fault in faults}
    covered = frozenset[str]().union(*(fault.covers for fault in faults))
    watched = {source.id for source in watch.sources}
    for incident in watch.archive.incidents(limit=10_000):
        if (incident.code, incident.subject) in standing:
            if incident.told_at is None or now - incident.told_at >= _REMINDED:
                _remind(watch, incident, now)
        elif incident.subject not in covered:
            _close(watch, incident, now, watched)
    return faults


def find(archive: Archive, sources: Sequence[Source], now: datetime, *, stale_after: int) -> Iterator[Fault]:
    """Every fault that the archive shows now; one for all where every source fails, one for a host where all of it do.

    stale_after: days without anything new that are never too many.
    """
    yield from _of_events_and_messages(archive, now)
    states = {state.id: state for state in archive.source_states()}
    watched = [(source, states[source.id]) for source in sources if source.id in states]
    unread = {source.id: (source, state) for source, state in watched if _unread(archive, source, state, now)}
    offline = _offline(watched, now)
    if offline:
        yield offline
        return
    for fault in _of_hosts(watched, unread, now):
        unread = {name: pair for name, pair in unread.items() if name not in fault.covers}
        yield fault
    for source, state in unread.values():
        yield _not_read(source, state, _reads_empty(archive, state))
    for source, state in watched:  # what it has lost is not found again by failing
        for code, text in drift.faults(source, state, now):
            yield Fault(code=code, subject=source.id, text=text)
    well = [(source, state) for source, state in watched if not state.fail_streak]
    for source, state in well:
        shrunk = _shrunk(source, archive.polls(source.id, limit=_LAST_READINGS, outcome=READ))
        if shrunk:
            yield shrunk
        elif not source.official:
            yield from _quiet(archive, [(source, state)], now, newsroom(stale_after))
    official = [(source, state) for source, state in well if source.official]
    if official:
        yield from _quiet(archive, official, now, ofsted(stale_after))


def _of_events_and_messages(archive: Archive, now: datetime) -> Iterator[Fault]:
    held = archive.held_events()
    if held:
        yield Fault(
            code="held", subject="events", text=f"{len(held)} events are held and nobody was told of them: "
            f"{held[0].held}. See `ofsted-watch alerts list`; `alerts release` tells, `alerts dismiss` does not.",
        )  # fmt: skip
    dead = archive.messages(state="dead", limit=1000)
    if dead:
        yield Fault(
            code="undeliverable", subject="alerts", text=f"{len(dead)} messages could not be delivered and are kept, "
            f"the last to {dead[0].recipient}: {dead[0].error}. `ofsted-watch alerts list --state dead` shows them, "
            "`alerts retry --all` sends them again under the same keys, `alerts drop KEY` gives one up.",
        )  # fmt: skip
    waiting: dict[str, list[MessageRow]] = defaultdict(list)
    for row in archive.messages(state="pending", limit=10_000):
        if row.attempts >= _UNSENT_TRIES and now - row.created_at > _UNSENT:
            waiting[row.recipient].append(row)
    for recipient, rows in waiting.items():
        yield Fault(
            code="not-accepted", subject=recipient, text=f"{len(rows)} messages to {recipient} have waited since "
            f"{rows[-1].created_at:%d %B %H:%M} UTC: {rows[-1].error}. Nothing is lost; they are tried again, under "
            "the same keys, until their schedule ends.",
        )  # fmt: skip


def _of_the_log(archive: Archive) -> Iterator[Fault]:
    """The write-ahead log, cut here where it is too long; and whether it was lost."""
    size = archive.log_bytes()
    if size > archive.log_limit and (size := archive.shorten_log()) > archive.log_limit:
        yield Fault(
            code="log", subject="archive", text=f"{archive.path}-wal has grown to {size // 1_000_000} MB, since some "
            "program reads an old state of the archive and does not end. Nothing is lost, but it fills the disk. "
            f"`fuser -v {archive.path}` names the program: end it, and the log is cut by itself.",
        )  # fmt: skip
    lost = next((state.hold for state in archive.source_states() if (state.hold or "").startswith(ROLLED_BACK)), None)
    if lost:
        yield Fault(
            code="rolled-back", subject="archive", text=f"When it was opened, {lost}: was {archive.path}-wal deleted, "
            "or archive.db copied without it? What the sites still show is read again; its events are held, since "
            "some were told of, until each source was read: `ofsted-watch alerts list`. If there is a newer backup, "
            "`restore` it.",
        )  # fmt: skip


def _disk(watch: Watch, free: int) -> Fault:
    return Fault(
        code="disk", subject="archive", text=f"Only {free} MB are free on the disk of {watch.archive.folder}; "
        f"{watch.settings.health.free_space} MB are wanted ([health] free_space). With fewer than "
        f"{watch.settings.poll.free_space} ([poll] free_space) polling pauses, messages are still sent, and it goes on "
        "by itself. Nothing is lost: what is not read now is read later. Make room, or move the archive.",
    )  # fmt: skip


def _offline(watched: Sequence[tuple[Source, SourceState]], now: datetime) -> Fault | None:
    polled = [state for _, state in watched if state.last_polled]
    if len(polled) < 2 or not all(state.fail_streak for state in polled):
        return None
    last = max((state.last_ok for state in polled if state.last_ok), default=None)
    if last and now - last <= _OFFLINE:
        return None
    since = f"since {last:%d %B %Y %H:%M} UTC" if last else "since the beginning"
    return Fault(
        code="offline", subject=EVERYTHING, covers=frozenset(source.id for source, _ in watched) | _hosts(watched),
        text=f"{len(polled)} of {len(polled)} sources cannot be read {since}. Nothing was lost; polling goes on. "
        f"The last fault: {polled[-1].note or polled[-1].outcome}. Is this machine connected?",
    )  # fmt: skip


def _hosts(watched: Iterable[tuple[Source, SourceState]]) -> frozenset[str]:
    return frozenset(_host(source) for source, _ in watched) | {OFSTED}


def _host(source: Source) -> str:
    return urlsplit(source.url).hostname or source.url


def _of_hosts(
    watched: Sequence[tuple[Source, SourceState]], unread: dict[str, tuple[Source, SourceState]], now: datetime
) -> Iterator[Fault]:
    by_host: dict[str, list[tuple[Source, SourceState]]] = defaultdict(list)
    for source, state in watched:
        by_host[_host(source)].append((source, state))
    for host, pairs in by_host.items():
        failing = [state for source, state in pairs if source.id in unread]
        polled = [state for _, state in pairs if state.last_polled]
        if not failing or len(pairs) < _TOGETHER or len(failing) < len(polled):
            continue
        last = max((state.last_ok for state in failing if state.last_ok), default=None)
        since = f"since {last:%d %B %Y %H:%M} UTC" if last else "at all so far"
        yield Fault(
            code="not-read", subject=host, covers=frozenset(source.id for source, _ in pairs),
            text=f"None of the {len(pairs)} pages of {host} could be read {since}: "
            f"{failing[0].note or failing[0].outcome}. Nothing that was stored is lost; they are tried again at least "
            "once a day.",
        )  # fmt: skip


def _unread(archive: Archive, source: Source, state: SourceState, now: datetime) -> bool:
    """Not read for a day or three intervals; what answers with an empty page is noticed at its second poll."""
    if not state.fail_streak or not state.last_polled:
        return False
    if _reads_empty(archive, state):
        return True
    last = state.last_ok or archive.polls(source.id, limit=1000)[-1].at
    return now - last > max(_UNREAD, 3 * source.every)


def _reads_empty(archive: Archive, state: SourceState) -> bool:
    """Whether it has answered twice with an empty page since it was last read, whatever else failed in between."""
    if state.fail_streak < 2:
        return False
    polls = archive.polls(state.id, limit=min(state.fail_streak, 100))
    return sum(poll.outcome == "zero-items" for poll in polls) >= 2


def _not_read(source: Source, state: SourceState, empty: bool) -> Fault:
    since = f"since {state.last_ok:%d %B %Y %H:%M} UTC" if state.last_ok else "at all so far"
    return Fault(
        code="reads-empty" if empty else "not-read", subject=source.id,
        text=f"{source.name} ({source.url}) could not be read {since}: {state.note or state.outcome}. Nothing that "
        "was stored is lost; it is tried again at least once a day. If the site has moved or changed, "
        f"`ofsted-watch check {source.id}` says what is wrong.",
    )  # fmt: skip


def _shrunk(source: Source, readings: Sequence[Poll]) -> Fault | None:
    """A listing that shows a quarter or less of what it used to, twice running. Newest readings first."""
    seen = [reading.seen for reading in readings]
    before = median(seen[2:]) if len(seen) > 4 else 0
    if before < _FEW_ITEMS or max(seen[:2]) > _SHRUNK * before:
        return None
    return Fault(
        code="reads-empty", subject=source.id, text=f"{source.name} ({source.url}) lists {seen[0]} items where it used "
        f"to list {before:.0f}. What it lists is read, and nothing is lost. Was the site redesigned? "
        f"`ofsted-watch check {source.id}` shows what is found.",
    )  # fmt: skip


def _quiet(
    archive: Archive, together: Sequence[tuple[Source, SourceState]], now: datetime, habits: Habits
) -> Iterator[Fault]:
    """Read without a fault, and nothing new for longer than is usual. Days on which it was not read do not count."""
    last = max((state.last_new for _, state in together if state.last_new), default=None)
    today = now.astimezone(LONDON).date()
    if last is None or (today - last.astimezone(LONDON).date()).days <= habits.least:
        return
    first = together[0][0]
    silence = too_long(_history(archive, [source for source, _ in together], today), last.date(), today, habits)
    if silence is None:
        return
    name, subject = (f"{first.name} ({first.url})", first.id) if not first.official else ("Ofsted's site", OFSTED)
    yield Fault(
        code="quiet", subject=subject, text=f"{name} is read without a fault and has shown nothing new since "
        f"{last:%d %B %Y}: {silence.days} days, where {silence.expected} are the most to be expected. Has its news "
        f"moved? `ofsted-watch check {first.id}` shows what is found.",
    )  # fmt: skip


def _history(archive: Archive, sources: Sequence[Source], today: date) -> History:
    """What all of these have shown together, and the days on which the first of them was not read.

    Of a source that is read once a week, a reading sees all seven days. Before the oldest reading that is kept, none is
    missing.
    """
    days = [archive.days_of(source.id) for source in sources]
    every = sources[0].every.days
    read = {day - timedelta(days=before) for day in days[0].read for before in range(every + 1)}
    oldest = min(read, default=today)
    span = {oldest + timedelta(days=number) for number in range((today - oldest).days + 1)}
    return History(
        news=frozenset[date]().union(*(one.news for one in days)), unread=span - read,
        began=min(one.began for one in days),
    )  # fmt: skip


def _close(watch: Watch, incident: Incident, now: datetime, watched: set[str]) -> None:
    with watch.archive.writing():
        watch.archive.close_incident(incident.code, incident.subject, now=now)
        if incident.told_at and incident.code != "gap":  # what may have been missed does not come back
            gone = (
                incident.code in ("not-read", "reads-empty", "fields-lost", "quiet") and incident.subject not in watched
            )
            gone &= "." not in incident.subject and incident.subject != OFSTED
            how = "is watched no longer" if gone else "is well again"
            text = f"{incident.subject} {how}. It began at {incident.opened_at:%d %B %Y %H:%M} UTC."
            _tell(watch, f"Over: {incident.code}, {incident.subject}", text, f"incident-{incident.id}-over", now)


def _remind(watch: Watch, incident: Incident, now: datetime) -> None:
    key = f"incident-{incident.id}" if incident.told_at is None else f"incident-{incident.id}-{now:%Y-%m-%d}"
    with watch.archive.writing():
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
