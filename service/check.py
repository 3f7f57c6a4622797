"""What the configuration watches, and whether each source still reads; nothing is stored."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import soupsieve

from config.load import ConfigError, Mistake, Settings, load
from inspections.authorities import Authorities
from inspections.said import day
from scraper.child import Readers
from scraper.listings.families import FAMILIES, adapted
from scraper.model import NotModified, ScrapeError, Source
from service.assembly import UnknownName, assemble, fetcher_of
from service.polling.probing import learned_declaration
from service.timetable import LONDON, next_due

_SHOWN = 5
_RUNS = 3
_SELECTORS = ("item", "link", "title", "date", "container")


class Checked:
    """The lines of a check, and whether all was well; lines come as they are found."""

    def __init__(self, folder: Path | None, sources: Sequence[str], now: datetime) -> None:
        self.folder, self.names, self.now = folder, sources, now
        self.good = True

    def __iter__(self) -> Iterator[str]:
        """Raises ConfigError with every mistake of the configuration, UnknownName for a source that is not declared."""
        settings = load(self.folder, os.environ, secrets=False)
        authorities = Authorities.load(*settings.authorities_files)
        watched = settings.watched(authorities, self.now.astimezone(LONDON).date())
        mistakes = self._selectors(settings)
        if mistakes:
            raise ConfigError(mistakes)
        if not self.names:
            yield from self._configuration(settings, watched)
            return
        known = {**settings.declarations} | {source.id: source for source in watched}
        unknown = [name for name in self.names if name not in known]
        if unknown:
            raise UnknownName(f"no source {unknown[0]!r} is declared; `ofsted-watch check` lists what is watched.")
        fetcher, readers = fetcher_of(settings), Readers(settings.authorities_files, number=1)
        try:
            for name in self.names:
                try:
                    page = fetcher.get(
                        known[name].url, source=known[name], fetched_on=self.now.astimezone(LONDON).date()
                    )
                    assert not isinstance(page, NotModified)
                    reading = readers.read(page, source=known[name])
                except ScrapeError as error:
                    self.good = False
                    yield f"{name}: does not read. {error}"
                    continue
                yield f"{name}: reads, {len(reading.items)} items listed"
                for item in reading.items[:_SHOWN]:
                    yield f"  {day(item.published_on) or 'no date'}: {item.title}"
        finally:
            fetcher.close()
            readers.close()

    def _configuration(self, settings: Settings, watched: Sequence[Source]) -> Iterator[str]:
        yield f"The configuration in {settings.folder or 'the package'} is right; the archive is in {settings.archive}."
        yield f"{len(settings.subscriptions)} subscriptions: {', '.join(one.id for one in settings.subscriptions)}"
        yield from self._secrets(settings.folder)
        yield f"{len(watched)} sources are watched" + (
            "; next, once read now, by London's clock:" if watched else "; name councils in authorities = […]"
        )
        for source in watched:
            due, times = self.now, settings.ofsted.times if source.official else ()
            runs = [due := next_due(source, due, times=times) for _ in range(_RUNS)]
            never = "" if source.official or source.verified_on else "; never verified live"
            yield f"  {source.id}: {', '.join(f'{at.astimezone(LONDON):%a %d %b %H:%M}' for at in runs)}{never}"

    def _selectors(self, settings: Settings) -> list[Mistake]:
        """Options of the operator's own newsrooms that are no selectors, or that no site's kind has."""
        found = []
        for source in settings.own_sources:
            if source.parser != "listing" or (source.family and FAMILIES[source.family].json):
                continue
            name = ""
            try:
                cells = adapted(source.family or "selectors", source.options)
                for name in _SELECTORS:
                    soupsieve.compile(getattr(cells, name) or "*")
            except (LookupError, soupsieve.SelectorSyntaxError) as error:
                said = f"[options] {name}: {str(error.args[0]).splitlines()[0]}; expected a CSS selector"
                found.append(Mistake(file=f"sources/{source.id}.toml", key=f"options.{name}", sentence=said))
        return found

    def _secrets(self, folder: Path | None) -> Iterator[str]:
        """Secrets may be known to the service alone: that they are missing here is said, and is no mistake."""
        try:
            load(folder, os.environ)
        except ConfigError as error:
            yield "Not found from here; the service needs them:"
            yield from (f"  {mistake}" for mistake in error.mistakes)


def found_out(folder: Path | None, sources: Sequence[str], now: datetime) -> dict[str, str | None]:
    """For each source the declaration that probing found to work, as the text of its file; None where there is none."""
    with assemble(folder, now, readonly=True) as watch:
        chosen = watch.named(sources)
        return {source.id: learned_declaration(watch, source.id) for source in chosen}
