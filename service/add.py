"""A newsroom declared by its address: probed, shown, and written as a file of about ten lines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from alerts.story import day
from config.load import chosen_folder, load
from inspections.authorities import Authorities
from scraper.child import Readers
from scraper.fetch import Fetcher
from scraper.model import NotModified, Page, Reading, ScrapeError, Source
from scraper.probe import Candidate, declaration, discover, is_sound, judge
from service.assembly import UnknownName, fetcher_of
from service.timetable import LONDON

_SHOWN = 5


class Addition:
    """The lines that tell what was tried and chosen; `good` says afterwards whether a declaration was found."""

    def __init__(self, folder: Path | None, url: str, authority: str | None, now: datetime, *, write: bool) -> None:
        self.folder = chosen_folder(folder, os.environ)
        self.settings = load(folder, os.environ, secrets=False)
        self.url, self.write, self.today = url, write, now.astimezone(LONDON).date()
        self.authority = self._known(authority) if authority else None
        self.good = False

    def __iter__(self) -> Iterator[str]:
        fetcher, readers = fetcher_of(self.settings), Readers(self.settings.authorities_files, number=1)
        try:
            yield from self._probe(fetcher, readers)
        finally:
            fetcher.close()
            readers.close()

    def _probe(self, fetcher: Fetcher, readers: Readers) -> Iterator[str]:
        try:
            page = self._fetched(fetcher, self._source(Candidate(url=self.url, parser="listing", why="")))
            candidates = discover(page)
        except ScrapeError as error:
            yield f"{self.url} cannot be read: {error}"
            return
        for candidate in candidates:
            source = self._source(candidate)
            try:
                reading = readers.read(self._fetched(fetcher, source), source=source)
            except ScrapeError as error:
                yield f"Not {candidate.url}: {error}"
                continue
            verdicts = judge(candidate, reading)
            if not is_sound(verdicts):
                yield f"Not {candidate.url}: {'; '.join(one.said for one in verdicts if not one.ok)}"
                continue
            yield from self._chosen(source, candidate, reading, page)
            return
        yield f"{self.url}: no way was found to read it; {len(candidates)} were tried. Nothing was written."

    def _chosen(self, source: Source, candidate: Candidate, reading: Reading, page: Page) -> Iterator[str]:
        self.good = True
        yield f"{source.url}: {candidate.why}"
        for item in reading.items[:_SHOWN]:
            yield f"  {day(item.published_on) or 'no date'}: {item.title}"
        text = declaration(source, f"Declared on {self.today}: {candidate.why}")
        if not self.write or self.folder is None:
            yield f"\n{text}"
            return
        path = self.folder / "sources" / f"{source.id}.toml"
        if path.exists():
            self.good = False
            yield f"{path} is there already and was not changed. The declaration would be:\n\n{text}"
            return
        for file, content in ((path, text.encode()), (self.folder / "pages" / f"{source.id}.html", page.body)):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            yield f"Written: {file}"

    def _source(self, candidate: Candidate) -> Source:
        name = (urlsplit(self.url).hostname or "newsroom").removeprefix("www.")
        id = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        private = self.settings.ofsted.allow_private
        return candidate.source(
            id, f"{self.authority or name}: news", authority=self.authority, allow_private=private,
            publisher="council" if self.authority else "other",
        )  # fmt: skip

    def _fetched(self, fetcher: Fetcher, source: Source) -> Page:
        page = fetcher.get(source.url, source=source, fetched_on=self.today)
        assert not isinstance(page, NotModified)  # nothing is known of it yet
        return page

    def _known(self, name: str) -> str:
        found = Authorities.load(*self.settings.authorities_files).find(name, self.today)
        if found is None:
            raise UnknownName(f"{name!r} is no council of the table; write its name as in print.")
        return found.name
