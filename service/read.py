"""Files and pages, read without an archive: what `ofsted-watch read` prints."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from inspections.days import Day
from inspections.model import Finding
from scraper.model import Code, Item, Page, ParseError, Reading, ScrapeError, Source
from service.assembly import UnknownName, fetcher_of
from service.timetable import LONDON

if TYPE_CHECKING:
    from config.load import Settings
    from inspections.authorities import Authorities

WORKERS = 2  # parsing children
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


class Reader:
    """Reads files and pages with the operator's authorities and declarations. Use it as a context manager."""

    def __init__(self, folder: Path | None, now: datetime, source: str | None = None) -> None:
        from config.load import load
        from inspections.authorities import Authorities
        from scraper.child import Readers

        self.settings = load(folder, os.environ, secrets=False)
        self.now = now
        authorities = Authorities.load(*self.settings.authorities_files)
        self.source = _declared(self.settings, authorities, source, now.astimezone(LONDON).date())
        self.readers = Readers(self.settings.authorities_files, number=WORKERS)
        self._fetcher: Any = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *failure: object) -> None:
        self.readers.close()
        if self._fetcher is not None:
            self._fetcher.close()

    def lines(
        self, names: Iterable[str], *, as_type: str | None = None, fetched_on: date | None = None
    ) -> Iterator[Line]:
        """One line for each name, in the order given, two read at a time; what cannot be read is a line too."""
        with ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="read") as pool:
            ahead: deque[Future[Line]] = deque()
            for name in names:
                ahead.append(pool.submit(self._line, name, as_type, fetched_on))
                if len(ahead) > _AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def _line(self, name: str, as_type: str | None, fetched_on: date | None) -> Line:
        digest = None
        try:
            page = self._fetched(name) if name.startswith(("http://", "https://")) else page_of_file(name)
            digest = sha256(page.body).hexdigest()
            page = replace(page, fetched_on=fetched_on or page.fetched_on)
            reading = self.readers.read(page, as_type=as_type, source=self.source)
        except ScrapeError as error:
            code = str(getattr(error, "code", Code.NOT_RECOGNISED))
            return Line(file=name, sha256=digest, error=Fault(code=code, message=str(error)))
        return _line(name, digest, reading)

    def _fetched(self, url: str) -> Page:
        if self._fetcher is None:
            self._fetcher = fetcher_of(self.settings)
        source = self.source or Source(id=url, name=url, url=url, parser="article", publisher="other")
        page = self._fetcher.get(url, source=source, document=True, fetched_on=self.now.astimezone(LONDON).date())
        assert isinstance(page, Page)  # nothing is known of the page, so it cannot be unchanged
        return page


def _declared(settings: Settings, authorities: Authorities, name: str | None, on: date) -> Source | None:
    known = {**settings.declarations} | {source.id: source for source in settings.watched(authorities, on)}
    if name is not None and name not in known:
        raise UnknownName(f"no source {name!r} is declared; `ofsted-watch status` lists what is watched.")
    return known[name] if name else None


def page_of_file(name: str) -> Page:
    """The bytes of a file. Raises ParseError where there is none, or it cannot be read."""
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
