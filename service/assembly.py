"""Everything put together: settings, authorities, archive, the gate to the web, the readers and the channels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.model import Channel, DeliverySettings, Schedule, Subscription
from archive import Archive
from archive.model import ListedProvider, SourceState
from config.load import Settings, load
from inspections.authorities import Authorities
from inspections.model import from_json, to_json
from scraper.model import Item, Source
from service.timetable import LONDON

if TYPE_CHECKING:
    from scraper.child import Readers
    from scraper.fetch import Fetcher
    from scraper.robots import Rules

_NEVER_READ = frozenset({17, 18, 49})  # childminders, home childcarers, registered persons
_SPREAD = timedelta(minutes=10)  # over which the first polls of many sources are spread


class UnknownName(Exception):
    """A source, council or inspection of that name is not there; the message says where to look."""


class Watch:
    """One archive with what watches for it. Close it, or use `assemble`."""

    def __init__(
        self, folder: Path | None, settings: Settings, authorities: Authorities, archive: Archive, today: date
    ) -> None:
        self.folder, self.settings, self.authorities, self.archive = folder, settings, authorities, archive
        self.today = today  # London's, by which a region's councils are those of now
        self._found: list[str] = []

    @cached_property
    def fetcher(self) -> Fetcher:
        return fetcher_of(self.settings, asked=Asked(self.archive), rules=_RobotsKept(self.archive))

    @cached_property
    def readers(self) -> Readers:
        from scraper.child import Readers

        return Readers(self.settings.authorities_files)

    @cached_property
    def subscriptions(self) -> tuple[Subscription, ...]:
        return self.settings.subscriptions

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """Every recipient that settings name, by id; the operator too."""
        named = [channel for subscription in self.subscriptions for channel in subscription.to]
        return {
            channel.id: channel for channel in [*named, *([self.settings.operator] if self.settings.operator else [])]
        }

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The ways of sending that its recipients have."""
        return frozenset(channel.kind for channel in self.channels.values())

    @cached_property
    def subscribed(self) -> Mapping[str, Sequence[Subscription]]:
        """The subscriptions of each recipient, by its id, in their order."""
        found: dict[str, list[Subscription]] = {}
        for one in self.subscriptions:
            for recipient in dict.fromkeys(channel.id for channel in one.to):
                found.setdefault(recipient, []).append(one)
        return found

    @cached_property
    def sending(self) -> DeliverySettings:
        wanted, operator = self.settings.delivery, self.settings.operator
        return DeliverySettings(
            smtp=self.settings.smtp,
            operator=operator.address if operator and operator.kind == "email" else self.settings.contact or None,
            templates=str(self.folder / "templates") if self.folder else None,
            schedules=DeliverySettings().schedules
            | {
                "email": Schedule(pauses=wanted.email_schedule, lifetime=wanted.email_lifetime),
                "webhook": Schedule(
                    pauses=wanted.webhook_schedule, lifetime=sum(wanted.webhook_schedule, timedelta()), jitter=0.2
                ),
            },
            webhook_limit=wanted.webhook_timeout,
            email_limit=wanted.email_timeout,
            single_messages=wanted.storm,
        )

    @cached_property
    def declared(self) -> tuple[Source, ...]:
        """The sources that follow from the settings alone."""
        return tuple(self.settings.watched(self.authorities, self.today))

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is watched: as declared, and the pages of the providers that searches have found."""
        declared = {source.id: source for source in self.declared}
        for search in self.declared:
            if search.parser == "ofsted_search" and "urns" not in search.options:
                state = self.archive.source_state(search.id)
                for urn, name, url, authority in (state.learned if state else {}).get("providers", ()):
                    declared.setdefault(f"ofsted-{urn}", self._provider_page(search, urn, name, url, authority))
        return tuple(declared.values())

    @property
    def publishers(self) -> dict[str, str]:
        """Who publishes each source that is watched: "ofsted", "council", "media" or "other"."""
        return {source.id: source.publisher for source in self.sources}

    def begin(self, now: datetime) -> None:
        """Tell the archive what is watched; a source that is new there becomes due."""
        self.archive.watch(self.sources, now, spread=_SPREAD if len(self.declared) > 20 else timedelta())

    def state(self, source: Source) -> SourceState:
        """What the archive knows of a source from polling it."""
        return self.archive.source_state(source.id) or SourceState(id=source.id, url=source.url)

    def due(self, now: datetime, limit: int) -> list[Source]:
        """The sources to read now, booked again in case we are killed while reading."""
        by_id = {source.id: source for source in self.sources}
        return [by_id[name] for name in self.archive.claim_due(now, limit=limit) if name in by_id]

    def named(self, names: Sequence[str]) -> list[Source]:
        """The sources of these names, all without names. Raises UnknownName for one that is not watched."""
        by_id = {source.id: source for source in self.sources}
        unknown = [name for name in names if name not in by_id]
        if unknown:
            from difflib import get_close_matches

            near = get_close_matches(unknown[0], by_id, 1)
            hint = f"; did you mean {near[0]}?" if near else "; `ofsted-watch status` lists what is watched."
            raise UnknownName(f"no source {unknown[0]!r} is watched{hint}")
        return [by_id[name] for name in names] if names else list(by_id.values())

    def found(self, now: datetime) -> list[Source]:
        """The provider pages of which a search has just said that they have something new."""
        names, self._found = self._found, []
        by_id = {source.id: source for source in self.sources}
        return [by_id[name] for name in dict.fromkeys(names) if name in by_id]

    def pages_of(self, authority: str) -> list[str]:
        """The ids of the sources that read Ofsted's page of this authority."""
        return [
            source.id
            for source in self.declared
            if source.parser == "ofsted_provider" and source.authority == authority
        ]

    def remember(self, items: Sequence[Item], search: Source, now: datetime) -> list[list[str | None]]:
        """Keep what a search lists; pages with something new become due. Returns the providers that it watches."""
        urns = search.options.get("urns")
        wanted = set(urns) if isinstance(urns, list) else None
        providers = [provider for item in items if (provider := _listed(item, search)) is not None]
        chosen = [one for one in providers if wanted is None or one.urn in wanted]
        for one in self.archive.remember_providers(chosen, now):
            self.archive.make_due(f"ofsted-{one.urn}", now)
            self._found.append(f"ofsted-{one.urn}")
        return [] if wanted is not None else [[one.urn, one.name, one.url, one.authority] for one in chosen]

    def reconfigure(self, now: datetime) -> None:
        """Read the settings anew. Raises ConfigError, and keeps the old ones, where the new ones are bad."""
        settings = load(self.folder, os.environ)
        authorities = Authorities.load(*settings.authorities_files)
        self.settings, self.authorities, self.today = settings, authorities, now.astimezone(LONDON).date()
        for name in ("subscriptions", "channels", "kinds", "subscribed", "sending", "declared"):
            self.__dict__.pop(name, None)
        self.begin(now)

    def close(self) -> None:
        for name in ("fetcher", "readers"):
            part = self.__dict__.pop(name, None)
            if part is not None:
                part.close()
        self.archive.close()

    def _provider_page(self, search: Source, urn: str, name: str, url: str, authority: str | None) -> Source:
        return Source(
            id=f"ofsted-{urn}", name=name, url=url, parser="ofsted_provider", authority=authority, publisher="ofsted",
            every=self.settings.ofsted.sweep, hosts=search.hosts, allow_private=search.allow_private,
        )  # fmt: skip


class Asked:
    """The requests to each host, counted and timed in the archive: its budget and the gap outlive this process."""

    def __init__(self, archive: Archive, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._archive, self._now = archive, now

    def count(self, host: str, day: date) -> int:
        """Count one request to this host on this day (UTC), made now; how many they are."""
        with self._archive.writing():
            self._archive.keep_note(f"asked {host}", self._now().isoformat())
            return self._archive.count_request(host, day)

    def since(self, host: str) -> timedelta | None:
        """How long ago the last request to this host was; None: there was none."""
        at = self._archive.note(f"asked {host}")
        return self._now() - datetime.fromisoformat(at) if at else None


class _RobotsKept(MutableMapping[str, "Rules"]):
    """What robots.txt of each host said, in the archive, so that a restart does not ask again."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._read: dict[str, Rules] = {}

    def __getitem__(self, place: str) -> Rules:
        from scraper.robots import Rules

        if place not in self._read:
            text = self._archive.note(f"robots {place}")
            if text is None:
                raise KeyError(place)
            self._read[place] = from_json(text, Rules)
        return self._read[place]

    def __setitem__(self, place: str, rules: Rules) -> None:
        self._read[place] = rules
        self._archive.keep_note(f"robots {place}", to_json(rules).decode())

    def __delitem__(self, place: str) -> None:
        del self._read[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


def fetcher_of(
    settings: Settings,
    asked: Asked | None = None,
    rules: MutableMapping[str, Rules] | None = None,
) -> Fetcher:
    """The gate to the web, as these settings want it.

    asked and rules keep each host's daily budget, its gap and its robots.txt beyond this process.
    """
    from scraper.fetch import Fetcher, FetchSettings

    wanted = settings.fetch
    return Fetcher(
        FetchSettings(
            contact=settings.contact, gap=wanted.gap, daily_budget=wanted.budget, page_deadline=wanted.timeout,
            document_deadline=wanted.document_timeout, page_limit=wanted.max_bytes,
            document_limit=wanted.max_document_bytes, retries=wanted.attempts - 1,
        ),
        count=asked.count if asked else None, since=asked.since if asked else lambda host: None, rules=rules,
    )  # fmt: skip


@contextmanager
def assemble(folder: Path | None, now: datetime, *, readonly: bool = False) -> Iterator[Watch]:
    """The whole service on the settings in this folder. Raises ConfigError or ArchiveError."""
    settings = load(folder, os.environ, secrets=not readonly)
    authorities = Authorities.load(*settings.authorities_files)
    archive = Archive.open(settings.archive, authorities=authorities, readonly=readonly)
    watch = Watch(settings.folder, settings, authorities, archive, now.astimezone(LONDON).date())
    try:
        if not readonly:
            watch.begin(now)
        yield watch
    finally:
        watch.close()


def _listed(item: Item, search: Source) -> ListedProvider | None:
    """A search result as the archive keeps it; None for those of persons, which are never read."""
    kind = item.url.rstrip("/").split("/")[-2]
    if not kind.isdigit() or int(kind) in _NEVER_READ:
        return None
    return ListedProvider(
        urn=item.ref, name=item.title, url=item.url, type=int(kind), authority=search.authority,
        listed_on=str(item.published_on) if item.published_on else None,
    )  # fmt: skip
