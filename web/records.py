"""What leaves the archive as JSON: the keys of an inspection as in the webhook, and what stands around it.

Of publishers other than Ofsted no field holds more than 300 characters of their text, and none of them the text itself.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from archive.model import Hit, Kept
from inspections import compare
from inspections.contract import Inspected, Moved, PrintedDay, changed, inspected
from inspections.model import Inspection
from web import words
from web.site import Site, path_of_authority


class Shown(Inspected, frozen=True, kw_only=True):
    """An inspection as in the webhook, and what stands around it here."""

    changes: list[Moved]
    headline: str
    page: str  # of this site


class Published(Struct, frozen=True, kw_only=True):
    """A publication: what it is and where to read it. Its text is never here."""

    source: str
    ref: str
    url: str | None
    title: str
    published_on: PrintedDay | None
    official: bool
    type: str | None
    document_sha256: str | None  # Ofsted's own only


class Detail(Struct, frozen=True, kw_only=True):
    """One inspection with its publications."""

    inspection: Shown
    publications: list[Published]
    attribution: str


class InspectionList(Struct, frozen=True, kw_only=True):
    """A page of inspections, the newest first. next: the address of the page that follows; null at the end."""

    items: list[Shown]
    next: str | None
    attribution: str


class Found(Struct, frozen=True, kw_only=True):
    """One publication that holds the words searched for."""

    publication: Published
    snippet: str  # "" where the text is not ours to show
    page: int | None
    inspections: list[str]


class FoundList(Struct, frozen=True, kw_only=True):
    """A page of search results."""

    items: list[Found]
    next: str | None
    attribution: str


class Council(Struct, frozen=True, kw_only=True):
    """An authority of the table."""

    code: str
    name: str
    gss: str | None
    urn: str | None
    region: str | None
    page: str


class CouncilList(Struct, frozen=True, kw_only=True):
    """All authorities that stand today."""

    items: list[Council]


class Mistake(Struct, frozen=True, kw_only=True):
    """Why there is no answer."""

    error: str


def shown(inspection: Inspection, site: Site) -> Shown:
    """An inspection as JSON holds it, within what may leave the archive."""
    around = {
        "changes": changed(compare.changes(inspection)),
        "headline": words.headline(inspection),
        "page": site.absolute(f"/inspections/{inspection.id}"),
    }
    return msgspec.convert(inspected(inspection) | around, Shown)


def published(kept: Kept) -> Published:
    of = kept.publication
    return Published(
        source=of.source, ref=of.ref, url=words.safe(of.url), title=words.line(of.title),
        published_on="".join(of.published_on) if of.published_on else None, official=of.official, type=of.type,
        document_sha256=of.document_sha256 if of.official else None,
    )  # fmt: skip


def found(hit: Hit, site: Site) -> Found:
    shown = hit.publication.publication.official or site.settings.private
    return Found(
        publication=published(hit.publication),
        snippet="".join(text for text, _ in hit.snippet) if shown else "",
        page=hit.page,
        inspections=list(hit.inspections),
    )


def councils(site: Site) -> CouncilList:
    return CouncilList(
        items=[
            Council(code=row.code, name=row.name, gss=row.gss, urn=row.urn, region=row.region,
                    page=site.absolute(path_of_authority(row.name) or "/authorities"))
            for row in site.standing()
        ]
    )  # fmt: skip
