"""What is watched, what was fetched, what was read from it; and the errors of both."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from inspections.days import Day
from inspections.model import Finding, Provider


class Source(Struct, frozen=True, kw_only=True):
    """A page or feed that we watch; a declaration of about ten lines in config/sources/."""

    id: str  # the name of its file: "theshuttle"
    name: str
    url: str
    parser: str  # a key of scraper.parse.PARSERS: "ofsted_search", "ofsted_provider", "feed", "wordpress", "listing"
    family: str | None = None  # of a listing: a key of scraper.listings.html.FAMILIES
    authority: str | None = None  # whose newsroom it is (the table's name); not always whom its articles judge
    publisher: str = "council"  # "ofsted", "council", "media" or "other"
    every: timedelta = timedelta(hours=1)
    options: dict[str, str | int | list[str]] = field(default_factory=dict)  # at most eight keys
    hosts: tuple[str, ...] = ()  # further hosts that its links may lead to
    allow_private: bool = False  # a replica on loopback
    verified_on: date | None = None  # when it was last read live by a person; None: never

    @property
    def official(self) -> bool:
        return self.publisher == "ofsted"


class Validators(Struct, frozen=True, kw_only=True):
    """What the server gave to recognise an unchanged body by (RFC 9110)."""

    etag: str | None = None
    last_modified: str | None = None


class Page(Struct, frozen=True, kw_only=True):
    """Bytes as fetched, or as read from a file."""

    body: bytes
    url: str = ""  # after redirects; "" for a file without one
    status: int = 200
    content_type: str = ""  # without parameters, lower case
    charset: str | None = None  # as the HTTP header says
    fetched_on: date | None = None  # London's date; None: unknown, and years that are not stated stay unknown
    validators: Validators = Validators()


class NotModified(Struct, frozen=True):
    """The server answered 304: a success with nothing to read."""


NOT_MODIFIED = NotModified()
STOPPED = "stopped"  # the outcome of a fetch that we ended ourselves: it says nothing of the source


class Item(Struct, frozen=True, kw_only=True):
    """One entry of a listing, feed, search or provider page."""

    ref: str  # the source's own stable id, else the canonical URL
    url: str  # absolute
    title: str  # plain text, spaces collapsed, never empty; for an Ofsted document its label
    published_on: Day | None = None
    published_at: datetime | None = None
    inspected_on: Day | None = None
    grade: str | None = None
    summary: str = ""


class Reading(Struct, frozen=True, kw_only=True):
    """Everything that one page, feed or document says; what `ofsted-watch read --json` prints."""

    type: str  # "report", "article", "provider", "search", "feed" or "listing"
    title: str | None = None
    published_on: Day | None = None  # the page's or document's own date
    published_at: datetime | None = None  # aware, UTC
    published_origin: str | None = None  # "json-ld", "time", "text", "feed", "url", …
    notes: tuple[str, ...] = ()  # why it was read so; for a page without findings, why it holds none
    items: tuple[Item, ...] = ()
    findings: tuple[Finding, ...] = ()
    text: str = ""  # plain text in reading order, for search; pages of a PDF are joined by form feeds
    canonical_url: str | None = None
    next_url: str | None = None  # the next page of a listing
    total: int | None = None  # how many the page itself says there are
    older_url: str | None = None  # where a feed that names no next page shows its earlier entries, if it has any
    left_out: int = 0  # entries that are not among the items: without a link or title; in a search, persons too
    provider: Provider | None = None


class Code(StrEnum):
    """Why a file or page gave no reading; part of the contract of `read --json`."""

    NOT_FOUND = "not_found"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    NOT_A_PDF = "not_a_pdf"
    REPORT_NOT_FOUND = "report_not_found"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    NO_TEXT = "no_text"
    TOO_LARGE = "too_large"
    LIMIT = "limit"
    NOT_RECOGNISED = "not_recognised"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


class ScrapeError(Exception):
    """The source, or our declaration of it, is at fault.

    ├─ FetchError   no usable answer
    └─ ParseError   an answer, but not the page or document that we know
    """


class FetchError(ScrapeError):
    """No usable answer. `outcome` names it: "dns", "timeout", "tls", "blocked", "not-found", "too-large", …"""

    def __init__(
        self, message: str, *, outcome: str, code: Code = Code.UNREACHABLE,
        retry_after: timedelta | None = None, body: bytes = b"",
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.outcome, self.code, self.retry_after, self.body = outcome, code, retry_after, body


class ParseError(ScrapeError):
    """An answer that is not what it should be. `code` is of the contract; the message is a sentence.

    `outcome` names it for the poll: "zero-items", "suspect", "blocked", "maintenance", or the code itself.
    """

    def __init__(self, message: str, *, code: Code, outcome: str | None = None) -> None:
        super().__init__(message)
        self.code, self.outcome = code, outcome or str(code)
