"""A newsroom declared by its address: probed, shown, and written as a file of about ten lines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from config.load import chosen_folder, load
from inspections.authorities import Authorities
from inspections.said import day
from scraper.child import Readers
from scraper.fetch import Fetcher
from scraper.model import ScrapeError, Source
from scraper.probe import declaration
from service.assembly import UnknownName, fetcher_of
from service.polling.probing import Trial, trials
from service.timetable import LONDON

_SHOWN = 5


class Addition:
    """The lines that tell what was tried and chosen; `good` says afterwards whether a declaration was found."""

    def __init__(self, folder: Path | None, url: str, authority: str | None, now: datetime, *, write: bool) -> None:
        self.folder = chosen_folder(folder, os.environ)
        self.settings = load(folder, os.environ, secrets=False)
        self.url, self.write, self.now, self.today = url, write, now, now.astimezone(LONDON).date()
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
        tried = 0
        try:
            for trial in trials(self._newsroom(), fetcher.get, readers.discover, readers.read, self.now):
                tried += 1
                if not trial.refused:
                    yield from self._chosen(trial)
                    return
                yield f"Not {trial.candidate.url}: {trial.refused}"
        except ScrapeError as error:
            yield f"{self.url} cannot be read: {error}"
            return
        yield f"{self.url}: no way was found to read it; {tried} were tried. Nothing was written."

    def _chosen(self, trial: Trial) -> Iterator[str]:
        source, candidate, reading = trial.source, trial.candidate, trial.reading
        assert reading is not None
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
        for file, content in ((path, text.encode()), (self.folder / "pages" / f"{source.id}.html", trial.page.body)):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            yield f"Written: {file}"

    def _newsroom(self) -> Source:
        name = (urlsplit(self.url).hostname or "newsroom").removeprefix("www.")
        id = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        return Source(
            id=id, name=f"{self.authority or name}: news", url=self.url, parser="listing", authority=self.authority,
            publisher="council" if self.authority else "other",
            allow_private=self.settings.ofsted.allow_private,
        )  # fmt: skip

    def _known(self, name: str) -> str:
        found = Authorities.load(*self.settings.authorities_files).find(name, self.today)
        if found is None:
            raise UnknownName(f"{name!r} is no council of the table; write its name as in print.")
        return found.name
