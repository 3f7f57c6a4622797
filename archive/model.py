"""What the archive is asked with and answers with, and its errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from msgspec import Struct, field

from inspections.model import Event, Inspection, Publication


class ArchiveError(Exception):
    """The archive is damaged, of a newer program, not an archive, or cannot be written. It was not changed."""


class Busy(Exception):
    """Another process polls, or has been writing for longer than we wait."""


class NoSpace(Exception):
    """The disk is full or refuses writes. The transaction was rolled back whole."""


class QueryError(ValueError):
    """Search words or SQL that cannot be answered: unreadable, refused, or too slow."""


class Delivery(Protocol):
    """That a recipient may have to be told of an inspection; `alerts.model.Delivery` is one."""

    @property
    def recipient(self) -> str: ...
    @property
    def inspection(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def digest(self) -> bool: ...
    @property
    def every_stage(self) -> bool: ...
    @property
    def subscription(self) -> str: ...


class Validators(Protocol):
    """What a server gave to recognise an unchanged body by; `scraper.model.Validators` is one."""

    @property
    def etag(self) -> str | None: ...
    @property
    def last_modified(self) -> str | None: ...


class Watched(Protocol):
    """A source as the archive must know it; `scraper.model.Source` is one."""

    @property
    def id(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def authority(self) -> str | None: ...


class Filters(Struct, frozen=True, kw_only=True):
    """What to ask for. An empty tuple or None lets everything through; within one field any value will do."""

    authorities: tuple[str, ...] = ()  # the table's names; a region is the list of its names
    urns: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()  # any area has one of these; outcomes too
    directions: tuple[str, ...] = ()  # any area changed so: "up", "down", "same"
    areas: tuple[str, ...] = ()  # grades and directions count in these areas only
    states: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: date | None = None  # first day, by publication
    until: date | None = None  # last day
    official: bool | None = None


class SourceState(Struct, frozen=True, kw_only=True):
    """What is known of a source from polling it."""

    id: str
    url: str
    authority: str | None = None
    watched: bool = True
    etag: str | None = None
    last_modified: str | None = None
    next_due: datetime | None = None
    fail_streak: int = 0
    last_polled: datetime | None = None
    last_ok: datetime | None = None
    last_new: datetime | None = None
    last_nonzero: datetime | None = None
    last_seen: int | None = None  # how many items the last successful reading had
    baseline_done: bool = False
    hold: str | None = None  # why events of this source are held
    listed_on: str | None = None
    outcome: str | None = None
    note: str | None = None
    learned: dict[str, Any] = field(default_factory=dict)


class Poll(Struct, frozen=True, kw_only=True):
    """One reading of one source."""

    source: str
    at: datetime
    outcome: str
    seen: int
    new: int
    note: str


class SourceDays(Struct, frozen=True, kw_only=True):
    """The days on which a source was read, and on which it had something new."""

    began: date  # the first of which anything is known from reading it
    read: frozenset[date] = frozenset()
    news: frozenset[date] = frozenset()


class ListedProvider(Struct, frozen=True, kw_only=True):
    """A provider as a search page lists it."""

    urn: str
    name: str
    url: str
    type: int | None = None  # the number in /provider/44/…
    authority: str | None = None
    listed_on: str | None = None  # the date of its newest report, by the search page


class Incident(Struct, frozen=True, kw_only=True):
    """A fault that a person must know of: opened once, closed once."""

    id: int
    code: str
    subject: str
    text: str
    opened_at: datetime
    told_at: datetime | None = None
    closed_at: datetime | None = None


class Kept(Struct, frozen=True, kw_only=True):
    """A publication as the archive keeps it. Its text is left out unless it was asked for."""

    id: int
    publication: Publication
    first_seen_at: datetime
    changed_at: datetime
    revision: int  # 1: never changed


class Hit(Struct, frozen=True, kw_only=True):
    """One publication that holds the words searched for."""

    publication: Kept
    snippet: tuple[tuple[str, bool], ...]  # pieces of text, and whether the words matched there
    page: int | None  # of a PDF, counted from 1: where the first match stands
    inspections: tuple[str, ...]  # ids


class KeptEvent(Struct, frozen=True, kw_only=True):
    """An event as stored. One of a first reading keeps no copy of its inspection."""

    id: str
    type: str
    inspection: str
    at: datetime
    why: str
    baseline: bool
    held: str | None  # the reason, while it is held
    event: Event | None = None


class OutboxRow(Struct, frozen=True, kw_only=True):
    """A pair of recipient and inspection of which something may have to be told."""

    id: int
    recipient: str
    inspection: Inspection
    events: tuple[str, ...]
    subscription: str
    due_at: datetime
    digest: bool
    every_stage: bool
    told: bytes | None  # JSON, as it was given to `freeze`; None: never told of this inspection


class MessageRow(Struct, frozen=True, kw_only=True):
    """A frozen message and how its sending stands."""

    key: str
    recipient: str
    content: bytes
    state: str  # "pending", "sent", "dead" or "dropped"
    attempts: int  # begun, the claimed one included
    created_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    error: str | None


class Attempt(Struct, frozen=True, kw_only=True):
    """One finished try to send a message. A try without a row was cut off by the end of the process."""

    key: str
    n: int
    at: datetime
    error: str | None  # None: accepted


class Status(Struct, frozen=True, kw_only=True):
    """The archive at one glance."""

    publications: int
    inspections: int
    newest_publication: datetime | None  # when the newest one was first read
    waiting: int  # messages not yet sent, and pairs not yet written of
    oldest_waiting: datetime | None
    dead: int
    held: int
    undecided: int
    paused: Mapping[str, str]  # recipient → reason
    sources: tuple[SourceState, ...]
    incidents: tuple[Incident, ...]
