"""What a webhook receives: the records below are the contract, and docs/webhook.schema.json is made from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from inspections.contract import Inspected, Moved
from inspections.model import Claim
from inspections.said import one_line, safe

VERSION = 1
ATTRIBUTION = (
    "Contains Ofsted information © Crown copyright, licensed under the Open Government Licence v3.0 "
    "(https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/)."
)

Type = Literal[
    "inspection.announced", "inspection.published", "inspection.corrected", "inspection.contradicted",
    "inspection.overdue", "digest", "operator",
]  # fmt: skip


class Link(Struct, frozen=True, kw_only=True):
    title: str
    url: Annotated[str, Meta(pattern=r"^https?://")]
    official: bool


class Item(Struct, frozen=True, kw_only=True):
    """One inspection of a digest."""

    type: Type
    inspection: Inspected
    changes: list[Moved]
    why: str
    links: list[Link]


class Notice(Struct, frozen=True, kw_only=True):
    """What the operator is told."""

    title: str
    paragraphs: list[str]


class Data(Struct, frozen=True, kw_only=True):
    """Every key is always there. A digest has `items`, a message to the operator has `notice`, others `inspection`."""

    inspection: Inspected | None
    changes: list[Moved]
    why: str
    links: list[Link]
    attribution: str
    items: list[Item]
    notice: Notice | None


class Envelope(Struct, frozen=True, kw_only=True):
    """The body of a webhook."""

    type: Type
    timestamp: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$", description="when it was worded")]
    version: Literal[1]
    data: Data


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the body."""
    made = msgspec.json.schema(Envelope)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ofsted Watch webhook",
        "description": "The body of every webhook of version 1. Later versions may add keys; they take none away.",
    }
    return head | made


def links(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """Where to read it: Ofsted's provider page and file first, then the others; each address once, http(s) only."""
    found: dict[str, dict[str, Any]] = {}
    for claim in sorted(claims, key=lambda each: (not each.official, each.seq)):
        pages = [("Ofsted: all reports on this provider", claim.page_url)] if claim.official else []
        for title, url in [(one_line(claim.title), claim.url), *pages]:
            if url and (address := safe(url)):
                found.setdefault(address, {"title": title or address, "url": address, "official": claim.official})
    return list(found.values())


def envelope(type: str, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The body as dicts and lists, its keys in the order of the contract."""
    whole: dict[str, Any] = {"inspection": None, "changes": [], "why": "", "links": [], "attribution": ATTRIBUTION}
    whole |= {"items": [], "notice": None}
    return {
        "type": type,
        "timestamp": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "version": VERSION,
        "data": whole | data,
    }
