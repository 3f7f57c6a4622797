"""A round of polling: every source is read, what is new is recorded, and what must be told is queued."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from threading import Event as Flag
from threading import Semaphore
from typing import Any

from msgspec import Struct

from alerts.select import select
from archive.model import SourceState
from inspections.model import Event
from scraper.model import STOPPED, NotModified, Page, Source, Validators
from service.assembly import Watch
from service.polling.drift import noted
from service.polling.known import Held, Round
from service.polling.probing import read_or_probe
from service.polling.rounds import PAGE_ITSELF, Done, Listed, Read
from service.polling.streams import Step, streams
from service.timetable import LONDON, next_due

_MORE_TO_READ = timedelta(minutes=1)
_SOON = timedelta(minutes=10)
_TRY_DOCUMENT_AGAIN = (timedelta(hours=1), timedelta(hours=6), *[timedelta(days=1)] * 7)
_THEN_WEEKLY = timedelta(days=7)  # Ofsted's; a newsroom takes down what it has withdrawn
_BELIEVED = timedelta(hours=24)  # how long a server is believed that a listing is unchanged
_OLD_NEWS = timedelta(days=90)


class Polled(Struct, frozen=True, kw_only=True):
    """What one source's poll came to."""

    source: str
    outcome: str
    seen: int = 0
    new: int = 0
    note: str = ""
    events: tuple[Event, ...] = ()

    @property
    def failed(self) -> bool:
        return self.outcome not in ("ok", "unchanged", STOPPED)


def poll(
    watch: Watch, sources: Sequence[Source], *, now: datetime, report: Callable[[Polled], None] = lambda polled: None,
    stop: Flag | None = None,
) -> list[Polled]:  # fmt: skip
    """Read each source, record what is new with its events and alerts in one transaction each, in the order given.

    Searches come first, since they say which provider pages have something new. A fault of one source becomes its
    outcome; a fault of ours propagates. `stop` ends the round between two publications; what it left unread is due.
    """
    searches = [source for source in sources if source.parser == "ofsted_search"]
    others = [source for source in sources if source.parser != "ofsted_search"]
    stop, polled, found = stop or Flag(), list[Polled](), list[Source]()
    try:
        polled += _round(watch, searches, now, report, stop)
        found = [source for source in watch.found(now) if source.id not in {other.id for other in others}]
        polled += _round(watch, found + others, now, report, stop)
    finally:
        if stop.is_set():  # they were booked for the end of their lease
            read = {one.source for one in polled if one.outcome != STOPPED}
            for source in searches + found + others:
                if source.id not in read:
                    watch.archive.make_due(source.id, now)
    return polled


def _round(
    watch: Watch, sources: Sequence[Source], now: datetime, report: Callable[[Polled], None], stop: Flag
) -> Iterator[Polled]:
    """Sources are fetched and parsed side by side, and recorded one after the other, in the same order at every run."""
    asked = Semaphore(watch.settings.fetch.workers)
    for source, steps in streams(sources, lambda source: _read(watch, source, now, asked), stop):
        polled = record(watch, source, steps, now)
        report(polled)
        yield polled


def record(watch: Watch, source: Source, steps: Iterable[Step], now: datetime) -> Polled:
    """Keep what a source's round gives. One transaction a publication, with its events and alerts; validators last."""
    archive, state = watch.archive, watch.state(source)
    events: list[Event] = []
    listed = Listed(items={})
    validators: dict[str, Validators] = {}
    known: Collection[str] | None = None  # of this source, before anything of this round is recorded
    new, done = 0, Done(outcome=STOPPED, complete=False)
    for step in steps:
        if isinstance(step, Listed):
            listed = step
            if step.redesigned:
                archive.hold_source(source.id, f"every item of {source.id} looks new at once: a redesign?")
        elif isinstance(step, Read):
            known = archive.known(source.id) if known is None else known
            if step.body is not None:
                archive.captures.put(step.body)
                validators[step.publication.ref] = step.validators
            with archive.writing():
                fresh = archive.record(
                    step.publication, now=now, baseline=_is_baseline(state, step.publication.ref), body=step.body,
                    hold=partial(_reason_to_hold, newest=listed.newest, now=now),
                )  # fmt: skip
                queue_events(watch, fresh, now)
                _follow_up(watch, source, step, fresh, now)
            new += step.publication.ref not in known
            events += fresh
        else:
            done = step
    _settle(watch, source, state, done, listed, validators, new, now)
    return Polled(
        source=source.id, outcome=done.outcome, seen=done.seen, new=new, note=done.note, events=tuple(events)
    )  # fmt: skip


def queue_events(watch: Watch, events: Sequence[Event], now: datetime) -> None:
    """Put down whom these events may concern, in the transaction that is open."""
    claims = {claim.id: claim for event in events for claim in watch.archive.claims_of(event.inspection.id)}
    watch.archive.queue(select(events, watch.subscriptions, now, watch.authorities, claims), now)


def _is_baseline(state: SourceState, ref: str) -> bool:
    """Whether an item was there before the first reading, which may take several polls; what comes since is news."""
    first = state.learned.get("items")
    return not state.baseline_done and (first is None or ref in first or ref == PAGE_ITSELF)


def _reason_to_hold(event: Event, *, newest: date | None, now: datetime) -> str | None:
    """News of long ago, between pages that are younger and known, waits for a person's word: it was put up again."""
    out = event.inspection.published_on
    if event.type not in ("announced", "published") or out is None or out.last is None or newest is None:
        return None
    old = out.last < min(newest, (now - _OLD_NEWS).date())
    return f"it was published on {out}, long before it was read" if old else None


def _follow_up(watch: Watch, source: Source, read: Read, events: Sequence[Event], now: datetime) -> None:
    """A missing document is tried again; an announcement makes Ofsted's page of that authority due at once."""
    publication = read.publication
    if read.body is None:
        known = {(place, ref): tries for place, ref, _, tries in watch.archive.missing_documents(now, limit=1000)}
        tries = known.get((source.id, publication.ref), 0)
        wait = _TRY_DOCUMENT_AGAIN[tries] if tries < len(_TRY_DOCUMENT_AGAIN) else _THEN_WEEKLY
        again = now + wait if source.official or tries < len(_TRY_DOCUMENT_AGAIN) else None
        why = publication.notes[0] if publication.notes else ""
        watch.archive.document_failed(source.id, publication.ref, now=now, next_try=again, error=why)
    for event in events:
        if event.type == "announced" and event.inspection.authority:
            for page in watch.pages_of(event.inspection.authority):
                watch.archive.make_due(page, now)


def _settle(
    watch: Watch, source: Source, state: SourceState, done: Done, listed: Listed,
    validators: dict[str, Validators], new: int, now: datetime,
) -> None:  # fmt: skip
    """The last transaction of a poll: how it went, when the next is due, and what lets an unchanged page be known."""
    archive = watch.archive
    good = done.outcome in ("ok", "unchanged")
    failures = 0 if good or done.outcome == STOPPED else state.fail_streak + 1
    learned = {**state.learned, **noted(source, state, listed, now), **done.learned}
    if listed.items:
        learned["begun"] = 0 if good and done.complete else listed.pages
    if good:
        learned.pop("proposal", None)
    if good and done.outcome != "unchanged":
        learned["whole_at"] = now.isoformat()
    if listed.items:
        before = learned.get("items", {})
        learned["items"] = {
            ref: [mark, validators[ref].etag, validators[ref].last_modified] if ref in validators
            else [mark, *before.get(ref, [None, None, None])[1:]]
            for ref, mark in listed.items.items()
        }  # fmt: skip
    with archive.writing():
        if done.outcome == "ok" and done.complete and listed.items and source.parser == "ofsted_provider":
            shown = {*listed.items, PAGE_ITSELF}
            gone = archive.swept(source.id, shown, now=now, since=(now - _OLD_NEWS).date())
            queue_events(watch, gone, now)
        if done.providers:
            learned["providers"] = watch.remember(done.providers, source, now)
        archive.polled(
            source.id,
            outcome=done.outcome,
            now=now,
            next_due=next_due(
                source, now, failures=0 if done.soon else failures, retry_after=done.retry_after,
                again_in=_SOON if done.soon else None if done.complete else _MORE_TO_READ,
                times=watch.settings.ofsted.times if source.official else (),
            ),
            validators=done.validators if good and done.complete else None,
            seen=done.seen,
            new=new,
            note=done.note,
            baseline_done=True if good and done.complete else None,
            learned=learned,
            cut_short=done.outcome == STOPPED,
        )  # fmt: skip
    if done.refused:
        archive.captures.refuse(source.id, done.refused)


def _read(watch: Watch, source: Source, now: datetime, asked: Semaphore) -> Iterator[Step]:
    """The steps of one source; not more of its kind fetch at once than `asked` lets through."""

    def fetch(url: str, **more: Any) -> Page | NotModified:
        with asked:
            return watch.fetcher.get(url, **more)

    state, readers = watch.state(source), watch.readers
    return read_or_probe(_round_of(watch, source, state, now), state, fetch, readers.read, readers.discover, now)


def _round_of(watch: Watch, source: Source, state: SourceState, now: datetime) -> Round:
    archive = watch.archive
    items = state.learned.get("items", {})
    missing = {ref for place, ref, _, _ in archive.missing_documents(now, limit=1000) if place == source.id}
    held = {}
    for ref in archive.known(source.id):
        mark, etag, modified = items.get(ref, (None, None, None))
        held[ref] = Held(
            fingerprint=mark, validators=Validators(etag=etag, last_modified=modified), missing=ref in missing
        )
    # A server may answer "unchanged" for ever, and a document may change behind an unchanged listing.
    whole = state.learned.get("whole_at")
    trusted = not missing and whole is not None and now - datetime.fromisoformat(whole) < _BELIEVED
    return Round(
        source=source,
        validators=Validators(etag=state.etag, last_modified=state.last_modified) if trusted else Validators(),
        held=held,
        persistent=state.fail_streak > 0,
        limit=watch.settings.poll.documents,
        flood=watch.settings.delivery.flood,
        begun=state.learned.get("begun", 0),
        last_read=state.last_ok.astimezone(LONDON).date() if state.last_ok else None,
        on=now.astimezone(LONDON).date(),
    )
