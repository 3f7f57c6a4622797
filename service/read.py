"""Files and pages, read without an archive: what `ofsted-watch read` prints."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from inspections.days import Day
from inspections.model import Finding
from scraper.model import Code, Item, Page, Reading, ScrapeError, Source

_AHEAD = 8  # files read ahead of the one that is printed


class Fault(Struct, frozen=True, kw_only=True):
    code: str
    message: str


class Entry(Struct, frozen=True, kw_only=True):
    """One item of a listing, as the contract of `read --json` has it."""

    ref: str
    url: str
    title: str
    published_on: Day | None = None
    inspected_on: Day | None = None
    grade: str | None = None


class Line(Struct, frozen=True, kw_only=True):
    """What one file says: an object of `read --json`; every key is always there."""

    file: str
    sha256: str | None = None
    type: str | None = None
    error: Fault | None = None
    title: str | None = None
    published_on: Day | None = None
    published_at: datetime | None = None
    notes: tuple[str, ...] = ()
    items: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_files(
    names: Iterable[str],
    *,
    open_page: Callable[[str], Page],
    parse: Callable[..., Reading],
    as_type: str | None = None,
    source: Source | None = None,
    fetched_on: date | None = None,
    workers: int = 2,
) -> Iterator[Line]:
    """One line for each name, in the order given, read `workers` at a time; a bad file is a line with an error."""

    def one(name: str) -> Line:
        digest = None
        try:
            page = open_page(name)
            digest = sha256(page.body).hexdigest()
            dated = replace(page, fetched_on=fetched_on or page.fetched_on)
            reading = parse(dated, as_type=as_type, source=source)
        except ScrapeError as error:
            code = str(getattr(error, "code", Code.NOT_RECOGNISED))
            return Line(file=name, sha256=digest, error=Fault(code=code, message=str(error)))
        return _line(name, digest, reading)

    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="read") as pool:
        ahead: deque[Future[Line]] = deque()
        for name in names:
            ahead.append(pool.submit(one, name))
            if len(ahead) > _AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def page_of_file(name: str) -> Page:
    """The bytes of a file. Raises ParseError where there is none, or it cannot be read."""
    from scraper.model import ParseError

    path = Path(name)
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        raise ParseError(f"{name}: there is no such file.", code=Code.NOT_FOUND) from None
    except OSError as error:
        raise ParseError(f"{name} cannot be read: {error.strerror}.", code=Code.UNREADABLE) from None
    plain = path.suffix.lower() in (".txt", ".text", ".md")
    return Page(body=body, content_type="text/plain" if plain else "")


def _line(name: str, digest: str | None, reading: Reading) -> Line:
    return Line(
        file=name, sha256=digest, type=reading.type, title=reading.title, published_on=reading.published_on,
        published_at=reading.published_at, notes=reading.notes, items=tuple(map(_entry, reading.items)),
        findings=reading.findings,
    )  # fmt: skip


def _entry(item: Item) -> Entry:
    return Entry(
        ref=item.ref, url=item.url, title=item.title, published_on=item.published_on, inspected_on=item.inspected_on,
        grade=item.grade,
    )  # fmt: skip
