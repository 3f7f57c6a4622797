"""Everything that an operator can set, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct

from alerts.model import Channel, QuietHours, SmtpSettings, Subscription
from config import watched
from config.catalogue import catalogue
from config.model import DeliverySettings, FetchSettings, HealthSettings, OfstedSettings, PollSettings, WebSettings
from inspections.authorities import Authorities
from inspections.model import Kind
from scraper.model import Source


class Settings(Struct, frozen=True, kw_only=True):
    """ofsted-watch.toml and what lies beside it. Names are those of the tables; paths are absolute."""

    folder: Path | None = None  # of the configuration; None: the defaults that ship
    archive: Path  # the folder that holds everything kept
    contact: str = ""  # a mail address or URL, shown to every site that is read
    operator: Channel | None = None  # who gets incidents and held events
    authorities: tuple[str, ...] = ()  # names or region slugs, as the operator wrote them
    providers: tuple[str, ...] = ()  # URNs
    remits: tuple[Kind, ...] = ()
    sources: tuple[str, ...] = ()  # of the catalogue, besides those that follow from the authorities
    ofsted: OfstedSettings = OfstedSettings()
    fetch: FetchSettings = FetchSettings()
    poll: PollSettings = PollSettings()
    delivery: DeliverySettings = DeliverySettings()
    smtp: SmtpSettings = SmtpSettings()
    quiet: QuietHours = QuietHours()  # of subscriptions that say nothing else
    web: WebSettings = WebSettings()
    health: HealthSettings = HealthSettings()
    subscriptions: tuple[Subscription, ...] = ()
    own_sources: tuple[Source, ...] = ()  # declared in the operator's sources/
    authorities_files: tuple[Path, ...] = ()  # for Authorities.load()

    @property
    def declarations(self) -> Mapping[str, Source]:
        """The catalogue by id, with the operator's own sources added or in place of those of the same id."""
        return {**catalogue(self.poll.every), **{source.id: source for source in self.own_sources}}

    def watched(self, authorities: Authorities, on: date | None = None) -> tuple[Source, ...]:
        """The sources to poll, each once: Ofsted's pages and searches, then newsrooms, in a fixed order.

        on: the day, for regions whose authorities change; without it, as the table was made.
        """
        chosen = authorities.select(self.authorities, on)
        by_urn = {urn: authorities.by_urn(urn) for urn in self.providers}
        chosen += [row for row in by_urn.values() if row is not None and row not in chosen]
        names = {row.name for row in chosen}
        own = {source.id for source in self.own_sources}
        newsrooms = [
            source
            for source in (self.declarations.values() if names or self.sources else self.own_sources)
            if source.id in own or source.id in self.sources or source.authority in names
        ]
        found = [
            *watched.of_authorities(self.ofsted, chosen),
            *watched.of_providers(self.ofsted, [urn for urn, row in by_urn.items() if row is None]),
            *watched.of_remits(self.ofsted, self.remits, chosen),
            *newsrooms,
        ]
        return tuple({source.id: source for source in found}.values())
