"""One source, read: its listing, then each page or document that is new. Fetches and parses; knows no archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from inspections.days import Day
from inspections.model import Certainty, Finding, Provider, Publication
from scraper.listings.labels import kind_of
from scraper.model import (
    STOPPED,
    Code,
    FetchError,
    Item,
    NotModified,
    Page,
    ParseError,
    Reading,
    ScrapeError,
    Source,
    Validators,
)
from service.polling.known import Held, Round, each_once, fingerprint, goes_on, has_gap, looks_redesigned, wanted

PAGE_ITSELF = "provider-page"  # the ref of what a provider's page says besides its documents
AUTHORITY_TYPE = 44  # the number in /provider/44/… of an authority's children's services
# What Ofsted's file server answers when a report is not there, or not yet; see docs/operations.md.
_NO_DOCUMENT = {Code.NOT_A_PDF, Code.REPORT_NOT_FOUND, Code.DAMAGED, Code.ENCRYPTED, Code.NO_TEXT, Code.TOO_LARGE,
                Code.LIMIT, Code.NOT_RECOGNISED, Code.EMPTY, Code.NOT_FOUND}  # fmt: skip


class Read(Struct, frozen=True, kw_only=True):
    """One publication, and the bytes it was read from; without them its document could not be read."""

    publication: Publication
    body: bytes | None = None
    validators: Validators = Validators()


class Listed(Struct, frozen=True, kw_only=True):
    """A listing was read; what it lists that is new follows."""

    items: dict[str, str]  # ref → fingerprint of its entry
    newest: date | None = None  # of what is held, by the listing's own dates
    redesigned: bool = False  # every item of a long-known listing looks new
    dated: int = 0  # of the items, how many the listing itself dates
    linkless: int = 0  # entries that are no items, since they have no link or no title
    gap: bool = False  # items may have come and gone since the last reading
    pages: int = 1


class Done(Struct, frozen=True, kw_only=True):
    """The end of a source's round. Validators are kept only of a listing that was read to its end."""

    outcome: str
    note: str = ""
    seen: int = 0
    complete: bool = True  # nothing was left for the next poll
    validators: Validators = Validators()
    providers: tuple[Item, ...] = ()  # of a search
    retry_after: timedelta | None = None
    soon: bool = False  # the listing was read, and only something that it lists was not
    learned: Mapping[str, Any] = {}  # to be kept beside the source's state
    refused: bytes = b""  # the page that could not be read, for whoever mends the declaration


class Fetch(Protocol):
    def __call__(
        self, url: str, *, source: Source, validators: Validators = ..., document: bool = ..., fetched_on: date
    ) -> Page | NotModified: ...


Parse = Callable[..., Reading]


def read_source(round: Round, fetch: Fetch, parse: Parse) -> Iterator[Listed | Read | Done]:
    """What was listed, every publication that is new or has changed, in the listing's order, and the end.

    A fault of the source ends in a Done that names it, never in an exception.
    """
    try:
        listed = _listing(round, fetch, parse)
    except ScrapeError as error:
        yield _failed(error)
        return
    if isinstance(listed, Done):
        yield listed
        return
    page, reading, pages = listed
    if reading.type == "search":
        yield Done(outcome="ok", seen=len(reading.items), providers=reading.items, validators=page.validators)
        return
    yield _listed(round, reading, pages)
    yield from _publications(round, page, reading, fetch, parse)


def _listing(round: Round, fetch: Fetch, parse: Parse) -> tuple[Page, Reading, int] | Done:
    """The first page and what all that were read list, with how many they are."""
    source = round.source
    got = fetch(source.url, source=source, validators=round.validators, fetched_on=round.on)
    if isinstance(got, NotModified):
        return Done(outcome="unchanged", validators=round.validators)
    first = reading = parse(got, source=source)
    items, counted, pages = list(reading.items), len(reading.items) + reading.left_out, 1
    while (following := _following(round, reading, items)) and goes_on(round, reading, pages):
        try:
            more = fetch(following, source=source, fetched_on=round.on)
        except FetchError as error:
            if reading.next_url or error.outcome != "not-found":
                raise
            break  # no page says that this one exists
        if isinstance(more, NotModified):
            break
        reading = parse(more, source=source)
        counted += len(reading.items) + reading.left_out
        items += reading.items
        pages += 1
    if first.total is not None and first.type == "search" and counted != first.total:
        raise ParseError(
            f"{source.id}: the search says that it has {first.total} results, and its {pages} pages show {counted}. "
            "Nothing was lost; the next poll reads it again.",
            code=Code.NOT_RECOGNISED,
            outcome="suspect",
        )
    once = each_once(round, items)
    return got, replace(first, items=once, left_out=counted - len(items)), pages


def _following(round: Round, reading: Reading, items: Sequence[Item]) -> str | None:
    """The page after this one; the feed's earlier entries, where nothing that is known was met in it."""
    gap = round.held and not any(item.ref in round.held for item in items)
    return reading.next_url or (reading.older_url if gap or round.begun else None)


def _listed(round: Round, reading: Reading, pages: int) -> Listed:
    held = [item.published_on.last for item in reading.items if item.ref in round.held and item.published_on]
    return Listed(
        items={item.ref: fingerprint(item) for item in reading.items},
        newest=max((day for day in held if day), default=None),
        redesigned=looks_redesigned(round, reading.items),
        dated=sum(item.published_on is not None for item in reading.items),
        linkless=reading.left_out,
        gap=has_gap(round, reading.items),
        pages=pages,
    )


def _publications(round: Round, page: Page, reading: Reading, fetch: Fetch, parse: Parse) -> Iterator[Read | Done]:
    items = [item for item in reading.items if wanted(item, round)]
    if reading.findings:
        yield _page_itself(round, page, reading)
    failed: list[ScrapeError] = []
    new = [item for item in items if item.ref not in round.held]
    for item in (new + [item for item in items if item.ref in round.held])[: round.limit]:
        try:
            read = _read(item, reading.provider, round, fetch, parse)
        except ScrapeError as error:
            failed.append(error)
        else:
            if read is not None:
                yield read
    left = max(0, len(items) - round.limit)
    if failed:
        yield replace(_failed(failed[0]), seen=len(reading.items), soon=True)
        return
    redesigned = looks_redesigned(round, reading.items)
    notes = ["every item looks new at once: a redesign? Its alerts are held"] if redesigned else []
    notes += (
        ["nothing that was known is left in the list: news may have been missed"]
        if has_gap(round, reading.items)
        else []
    )
    notes += [f"{left} more to read at the next poll"] if left else []
    yield Done(
        outcome="ok",
        note="; ".join(notes),
        seen=len(reading.items),
        complete=not left,
        validators=page.validators if not left else Validators(),
    )


def _read(item: Item, provider: Provider | None, round: Round, fetch: Fetch, parse: Parse) -> Read | None:
    source, held = round.source, round.held.get(item.ref, Held())
    official = source.official
    validators = Validators() if held.missing else held.validators
    try:
        page = fetch(item.url, source=source, validators=validators, document=official, fetched_on=round.on)
        if isinstance(page, NotModified):
            return None
        reading = parse(page, source=source, as_type="report" if official else "article")
    except (FetchError, ParseError) as error:
        lasting = error.code in _NO_DOCUMENT or error.outcome == "not-found"
        if error.outcome == STOPPED or not (lasting or round.persistent):
            raise
        return Read(publication=_missing(item, provider, round, str(error)))
    publication = _publication(item, provider, round, page, reading)
    return Read(publication=publication, body=page.body, validators=page.validators)


def _publication(item: Item, provider: Provider | None, round: Round, page: Page, reading: Reading) -> Publication:
    source, official = round.source, round.source.official
    day, origin = item.published_on, "provider page" if official else "listing"
    at = item.published_at
    if not official and (day is None or reading.published_at):
        day, origin, at = reading.published_on or day, reading.published_origin or origin, reading.published_at or at
    findings = (
        tuple(_of_provider(finding, provider, source) for finding in reading.findings) if official else reading.findings
    )
    return Publication(
        source=source.id,
        ref=item.ref,
        url=item.url,
        page_url=source.url if official else None,
        title=item.title if official else reading.title or item.title,
        published_on=day,
        published_at=at,
        published_origin=origin if day else None,
        official=official,
        document_sha256=sha256(page.body).hexdigest(),
        type=reading.type,
        text=reading.text,
        findings=findings,
        notes=reading.notes,
    )


def _of_provider(finding: Finding, provider: Provider | None, source: Source) -> Finding:
    """The document names whom it judges in its own words; the page on which it stands knows who that is."""
    if provider is None:
        return finding
    urn = finding.urn or provider.urn
    if provider.type == AUTHORITY_TYPE:
        return replace(finding, urn=urn, authority=source.authority or finding.authority)
    return replace(finding, urn=urn, authority=provider.authority or finding.authority, provider=provider.name)


def _missing(item: Item, provider: Provider | None, round: Round, why: str) -> Publication:
    """What is listed and cannot be read. Of a report, that it is out is news all the same; its grades are unknown."""
    official = round.source.official
    began = item.inspected_on.first if item.inspected_on else None
    kind = kind_of(item.title, provider.type if provider else None, began) if official else None
    findings: tuple[Finding, ...] = ()
    if kind is not None:
        finding = Finding(
            kind=kind,
            authority=round.source.authority,
            certainty=Certainty.PUBLISHED,
            inspected_from=item.inspected_on,
            inspected_to=item.inspected_on,
            published_on=item.published_on,
            published_origin="provider page",
            notes=(f"published, and its document could not be read: {why}",),
        )
        findings = (_of_provider(finding, provider, round.source),)
    return Publication(
        source=round.source.id, ref=item.ref, url=item.url, page_url=round.source.url if official else None,
        title=item.title, published_on=item.published_on, published_at=item.published_at,
        published_origin="provider page" if official else "listing", official=official,
        type="report" if official else "article", findings=findings, notes=(why,),
    )  # fmt: skip


def _page_itself(round: Round, page: Page, reading: Reading) -> Read:
    """The grades that a provider's page itself shows; kept, since the site later hides older ones."""
    publication = Publication(
        source=round.source.id, ref=PAGE_ITSELF, url=round.source.url, page_url=round.source.url,
        title=reading.title or round.source.name, published_on=_latest(reading), published_origin="provider page",
        official=True, document_sha256=sha256(page.body).hexdigest(), type="provider", text=reading.text,
        findings=reading.findings, notes=reading.notes,
    )  # fmt: skip
    return Read(publication=publication, body=page.body)


def _latest(reading: Reading) -> Day | None:
    return max((item.published_on for item in reading.items if item.published_on), default=None)


def _failed(error: ScrapeError) -> Done:
    if isinstance(error, FetchError):
        return Done(
            outcome=error.outcome, note=str(error), complete=False, retry_after=error.retry_after, refused=error.body
        )
    outcome = error.outcome if isinstance(error, ParseError) else "error"
    return Done(outcome=outcome, note=str(error), complete=False)
