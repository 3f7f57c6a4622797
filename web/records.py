"""What leaves the archive as JSON: the keys of an inspection as in the webhook, and what stands around it.

Of publishers other than Ofsted no field holds more than 300 characters of their text, and none of them the text itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from archive.model import Hit, Kept
from inspections import compare
from inspections.model import Certainty, Grade, Inspection, Kind, Outcome, State, to_plain
from web import words
from web.site import Site, path_of_authority

PrintedDay = Annotated[str, Meta(pattern=r"^(\d{4}|XXXX)-\d{2}(-\d{2})?$", description="2024-05-24, 2022-01, XXXX-04")]
GradeOrOutcome = Annotated[str, Meta(extra_json_schema={"enum": [str(each) for each in (*Grade, *Outcome)]})]


class Quotation(Struct, frozen=True, kw_only=True):
    """The words from which a field was read, and where they stand."""

    text: Annotated[str, Meta(max_length=words.QUOTED)]
    page: int | None
    path: str | None


class Moved(Struct, frozen=True, kw_only=True):
    """One area, old → new."""

    area: str
    before: GradeOrOutcome | None = field(name="from")
    after: GradeOrOutcome | None = field(name="to")
    direction: Annotated[str, Meta(pattern="^(up|down|same)$")] | None


class Inspected(Struct, frozen=True, kw_only=True):
    """An inspection: its id, its state, then a finding's keys. null is unknown."""

    id: str
    state: State
    kind: Kind
    authority: str | None
    provider: str | None
    urn: str | None
    certainty: Certainty
    inspected_from: PrintedDay | None
    inspected_to: PrintedDay | None
    published_on: PrintedDay | None
    lead_inspector: str | None
    theme: str | None
    judgements: dict[str, Grade | None]
    previous: dict[str, Grade]
    outcome: Outcome | None
    priority_action: bool | None
    priority_actions: list[str]
    improvements: list[str]
    notes: list[str]
    evidence: dict[str, Quotation]
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

    inspection: Inspected
    publications: list[Published]
    attribution: str


class InspectionList(Struct, frozen=True, kw_only=True):
    """A page of inspections, the newest first. next: the address of the page that follows; null at the end."""

    items: list[Inspected]
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


def inspected(inspection: Inspection, site: Site) -> Inspected:
    """An inspection as JSON holds it, within what may leave the archive."""
    plain: dict[str, Any] = to_plain(inspection)
    kept = {name: plain[name] for name in Inspected.__struct_fields__ if name in plain}
    kept["evidence"] = {
        name: {"text": words.line(each["text"]), "page": each["page"], "path": each["path"]}
        for name, each in plain["evidence"].items()
    }
    for name in ("improvements", "priority_actions"):
        kept[name] = listed(plain[name], inspection)
    kept["notes"] = [words.line(each) for each in plain["notes"]]
    for name in ("theme", "lead_inspector", "provider"):
        kept[name] = words.line(plain[name]) if plain[name] else None
    kept["changes"] = [to_plain(each) for each in compare.changes(inspection)]
    kept["headline"] = words.headline(inspection)
    kept["page"] = site.absolute(f"/inspections/{inspection.id}")
    return msgspec.convert(kept, Inspected)


def listed(items: Sequence[str], inspection: Inspection) -> list[str]:
    """Verbatim items: Ofsted's in full, of others as much as one quotation."""
    if inspection.certainty != Certainty.PUBLISHED:
        return words.quoted(items)
    return [words.line(each, 4000) for each in items]


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
