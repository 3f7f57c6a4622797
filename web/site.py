"""What the pages are made from: one archive, the table of authorities, and how the outside reaches us."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app, request
from msgspec import Struct, field
from msgspec.structs import replace

from archive import Archive
from archive.model import Filters
from archive.version import Version
from inspections import clock, names
from inspections.authorities import Authorities, stood
from inspections.model import Authority, Inspection, Kind
from inspections.resolve import OF_AUTHORITIES
from web.answers import Answers

_LONDON = ZoneInfo("Europe/London")
GRADED = (Kind.ILACS, Kind.SIF)  # those that grade a council's children's services
SEND = (Kind.AREA_SEND,)
MOST_CASES = 500  # open at one time; a whole year's inspections of councils are fewer
LONG_AGO = datetime(2014, 1, 1, tzinfo=UTC)
_ALL = Filters()
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


class Settings(Struct, frozen=True, kw_only=True):
    """How the site is run."""

    base_url: str = "http://127.0.0.1:8043"
    private: bool = False  # on loopback: other people's stored text and originals are shown too
    names: Mapping[str, str] = field(default_factory=dict)  # of the sources, by id
    publishers: Mapping[str, str] = field(default_factory=dict)  # source → "ofsted", "council", "media" or "other"
    contact: str = ""


class Site:
    """The archive as the pages read it. Nothing here writes."""

    def __init__(
        self, archive: Archive, authorities: Authorities, clock: Callable[[], datetime], settings: Settings
    ) -> None:
        self.archive, self.authorities, self.clock, self.settings = archive, authorities, clock, settings
        self.answers = Answers()
        self._version = Version(archive.path)

    def state(self) -> tuple[tuple[int, int], date]:
        """What every page is made from, besides the settings: equal as long as no page could have changed."""
        return self._version.now(), self.today

    @property
    def today(self) -> date:
        """London's."""
        return london(self.clock())

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The names under which the site answers. Any other in a Host header may be an attack on this machine."""
        own = urlsplit(self.settings.base_url).hostname or ""
        return LOOPBACK if self.settings.private else LOOPBACK | {own}

    @cached_property
    def _by_slug(self) -> dict[str, Authority]:
        named = sorted(self.authorities, key=lambda row: row.valid_to or date.max)
        return {slug(row.name): row for row in named}

    @property
    def slugs(self) -> list[str]:
        """The ends of the addresses of all councils' pages, those that are no more among them."""
        return sorted(self._by_slug)

    def authority(self, named: str) -> Authority | None:
        """By slug, DfE code or name."""
        return self._by_slug.get(named) or self.authorities.by_code(named) or self.authorities.find(named)

    def standing(self, region: str | None = None) -> list[Authority]:
        """Councils of today by name; region: only those of the region of this name."""
        today = self.today
        rows = (row for row in self.authorities if region is None or row.region == region)
        return sorted((row for row in rows if stood(row, today)), key=lambda row: row.name)

    def cases(self, filters: Filters = _ALL) -> list[Inspection]:
        """Those whose report is not out, the newest first."""
        return self.archive.inspections(replace(filters, states=clock.OPEN), limit=MOST_CASES)

    def due_by(self, cases: Iterable[Inspection]) -> dict[str, date]:
        """By id the day after which the report of an open case is overdue, by the times that the archive knows."""
        usual: dict[Kind, timedelta] = {}
        found = {}
        for each in cases:
            stated = each.inspected_to or each.inspected_from
            if stated and stated.last:
                if each.kind not in usual:
                    usual[each.kind] = self.archive.usual_time(each.kind)
                found[each.id] = clock.due_on(stated.last, usual[each.kind])
        return found

    def expected(self, authorities: Sequence[str] = ()) -> list[tuple[clock.Next, Inspection]]:
        """What the framework's rules make likely next for councils that stand today, with the inspection that it
        follows; soonest first. authorities: only for these."""
        kinds = tuple(clock.FORETELLING & OF_AUTHORITIES)
        known = self.archive.newest(kinds, authorities=authorities)
        cases = self.cases(Filters(kinds=kinds, authorities=tuple(authorities)))
        standing = {row.name for row in self.standing()}
        return [(each, after) for each, after in clock.expected([*known, *cases]) if after.authority in standing]

    def changed_at(self, inspection: Inspection) -> datetime:
        """When a publication on it was last new or different; for one without any, the beginning of 2014."""
        kept = self.archive.publications_of(inspection.id)
        return max((one.changed_at for one in kept), default=LONG_AGO)

    def publisher(self, source: str) -> str:
        return self.settings.publishers.get(source, "other")

    def absolute(self, path: str) -> str:
        return self.settings.base_url.rstrip("/") + path


def site() -> Site:
    """The site of this request."""
    return cast(Site, current_app.extensions["site"])


def london(at: datetime) -> date:
    """The day in London, by which everything here is dated."""
    return at.astimezone(_LONDON).date()


def slug(name: str) -> str:
    return names.plain(name).replace(" ", "-")


def path_of_authority(name: str | None) -> str | None:
    """Its page; None for a body that is in no table."""
    found = site().authorities.find(name) if name else None
    return f"/authorities/{slug(found.name)}" if found else None


def here() -> str:
    """The path of this request with its query, as it was asked for."""
    query = request.query_string.decode("ascii", "replace")
    return request.path + (f"?{query}" if query else "")
