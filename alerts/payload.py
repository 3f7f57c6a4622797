"""What a webhook receives: the records below are the contract, and docs/webhook.schema.json is made from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct, field

from alerts.lines import one_line
from inspections.model import Certainty, Change, Claim, Grade, Inspection, Kind, Outcome, State, to_plain

VERSION = 1
ATTRIBUTION = (
    "Contains Ofsted information © Crown copyright, licensed under the Open Government Licence v3.0 "
    "(https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/)."
)
_MISLEADING = re.compile(r"[\s\\<>\"'`\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
_QUOTED = 300  # characters a field, of publishers other than Ofsted

PrintedDay = Annotated[
    str, Meta(pattern=r"^(\d{4}|XXXX)-\d{2}(-\d{2})?$", description="2024-05-24, 2022-01, XXXX-04-23 or XXXX-03")
]
Type = Literal[
    "inspection.announced", "inspection.published", "inspection.corrected", "inspection.contradicted",
    "inspection.overdue", "digest", "operator",
]  # fmt: skip


class Quotation(Struct, frozen=True, kw_only=True):
    """The words from which a field was read, and where they stand."""

    text: Annotated[str, Meta(max_length=_QUOTED)]
    page: int | None
    path: str | None


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


GradeOrOutcome = Annotated[str, Meta(extra_json_schema={"enum": [str(each) for each in (*Grade, *Outcome)]})]


class Moved(Struct, frozen=True, kw_only=True):
    """One area, old → new."""

    area: str
    before: GradeOrOutcome | None = field(name="from")
    after: GradeOrOutcome | None = field(name="to")
    direction: Literal["up", "down", "same"] | None


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


def inspected(inspection: Inspection) -> dict[str, Any]:
    """An inspection as the contract writes it: `data.inspection`, and a line of `inspections --json`.

    Of publishers other than Ofsted no field holds more than 300 characters of their text.
    """
    plain = to_plain(inspection)
    kept = {name: plain[name] for name in Inspected.__struct_fields__}
    kept |= {name: list(plain[name]) for name in ("priority_actions", "improvements", "notes")}
    kept["evidence"] = {
        name: {"text": one_line(words["text"], _QUOTED), "page": words["page"], "path": words["path"]}
        for name, words in plain["evidence"].items()
    }
    if inspection.certainty != Certainty.PUBLISHED:
        for name in ("improvements", "priority_actions"):
            kept[name] = quoted(plain[name])
    return kept


def quoted(items: Sequence[str]) -> list[str]:
    """As many of the items as make up a quotation of 300 characters, the last one cut."""
    kept: list[str] = []
    left = _QUOTED
    for item in items:
        if left < 2:
            break
        kept.append(one_line(item, left))
        left -= len(kept[-1])
    return kept


def changed(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [to_plain(each) for each in changes]


def links(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """Where to read it: Ofsted's provider page and file first, then the others; each address once, http(s) only."""
    found: dict[str, dict[str, Any]] = {}
    for claim in sorted(claims, key=lambda each: (not each.official, each.seq)):
        pages = [("Ofsted: all reports on this provider", claim.page_url)] if claim.official else []
        for title, url in [(one_line(claim.title), claim.url), *pages]:
            if url and (address := safe(url)):
                found.setdefault(address, {"title": title or address, "url": address, "official": claim.official})
    return list(found.values())


def safe(url: str) -> str | None:
    """The address, if a reader can follow it without being misled: http(s), no password, nothing invisible."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or _MISLEADING.search(url):
        return None
    return parts._replace(netloc=host + port).geturl()


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
