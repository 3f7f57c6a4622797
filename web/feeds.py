"""Atom, JSON Feed and calendar of any question: the same filters as the pages, ids that never change."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, time
from urllib.parse import urlencode
from xml.etree import ElementTree as xml

from flask import Blueprint, Flask, Response, jsonify, request
from msgspec import Struct

from archive.model import Filters, Hit, Kept
from inspections import compare
from inspections.clock import OPEN
from inspections.model import Certainty, Inspection, State
from web import words
from web.asked import SEARCHED, Asked, BadQuestion, asked, nothing_else
from web.calendar import calendar
from web.site import LONG_AGO, Site, here, site

part = Blueprint("feeds", __name__)

_MOST = 50
_TOLD = (State.PUBLISHED, State.CORRECTED, State.ANNOUNCED)
_ATOM = "http://www.w3.org/2005/Atom"
_NEVER_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Entry(Struct, frozen=True, kw_only=True):
    """One inspection, or one publication that a search found."""

    id: str  # a URN, the same for ever and under whatever address the site stands
    title: str
    page: str  # where to read it
    text: str
    published: datetime
    updated: datetime
    official: bool


def inspection_entries(found: Sequence[Inspection], of: Site) -> list[Entry]:
    entries = []
    for each in found:
        kept = of.archive.publications_of(each.id)
        days = words.span(each.inspected_from, each.inspected_to)
        said = "Published by Ofsted" if each.certainty == Certainty.PUBLISHED else "Announced, not yet seen at Ofsted"
        lines = [f"{words.kind(each.kind)}{', ' if days else ''}{days}. {said}."]
        lines += [
            f"{words.area(change.area, each.kind)}: {words.chip(change.after).words}"
            + (f" (before: {words.chip(change.before).words})" if change.before else "")
            for change in compare.changes(each)
        ]
        entries.append(
            Entry(
                id=_urn(f"inspection/{each.id}"), title=words.headline(each),
                page=of.absolute(f"/inspections/{each.id}"), text="\n".join(lines),
                published=_published(each, kept), updated=max((one.changed_at for one in kept), default=LONG_AGO),
                official=each.certainty == Certainty.PUBLISHED,
            )
        )  # fmt: skip
    return entries


def search_entries(hits: Sequence[Hit], of: Site) -> list[Entry]:
    """What a search found. Of others' publications only that the words stand there."""
    entries = []
    for each in hits:
        one = each.publication
        publication = one.publication
        shown = publication.official or of.settings.private
        page = of.absolute(f"/inspections/{each.inspections[0]}") if each.inspections else words.safe(publication.url)
        entries.append(
            Entry(
                id=_urn(f"publication/{publication.source}/{publication.ref}"), title=words.line(publication.title),
                page=page or of.absolute("/"), official=publication.official,
                text="".join(text for text, _ in each.snippet) if shown else "The words stand in the publisher’s text.",
                published=one.first_seen_at, updated=one.changed_at,
            )
        )  # fmt: skip
    return entries


@part.get("/feeds/<any('inspections', 'search'):what>.atom")
def atom(what: str) -> Response:
    """RFC 4287."""
    wanted, entries = _asked(what)
    return Response(_atom(_title(wanted), entries), content_type="application/atom+xml; charset=utf-8")


@part.get("/feeds/<any('inspections', 'search'):what>.json")
def json_feed(what: str) -> Response:
    """JSON Feed 1.1."""
    wanted, entries = _asked(what)
    of = site()
    answer = jsonify(
        version="https://jsonfeed.org/version/1.1", title=_title(wanted), home_page_url=of.absolute("/"),
        feed_url=of.absolute(here()), description=words.ATTRIBUTION, language="en-GB",
        items=[
            {"id": each.id, "url": each.page, "title": each.title, "content_text": each.text,
             "date_published": _stamp(each.published), "date_modified": _stamp(each.updated),
             "tags": ["official"] if each.official else ["announced"]}
            for each in entries
        ],
    )  # fmt: skip
    answer.content_type = "application/feed+json; charset=utf-8"
    return answer


@part.get("/feeds/inspections.ics")
def ics() -> Response:
    """RFC 5545: what was published, what is due, and what is expected next."""
    of = site()
    nothing_else(request.args)
    wanted = asked(request.args, of)
    with of.archive.within_a_second():
        told = of.archive.inspections(_states(wanted, _TOLD), limit=_MOST * 4)
        cases = of.archive.inspections(_states(wanted, OPEN), limit=_MOST * 4)
    found = [*{each.id: each for each in [*told, *cases]}.values()]
    text = calendar(_title(wanted), found, of, expected=not wanted.filters.states)
    return Response(text, content_type="text/calendar; charset=utf-8")


def printed(app: Flask, form: str, query: Sequence[tuple[str, str]]) -> str:
    """The feed of this query without a server; form: "atom", "json" or "ics". A search where the query has words.

    Raises BadQuestion or QueryError.
    """
    what = "search" if any(name == "q" for name, _ in query) else "inspections"
    base: Site = app.extensions["site"]
    with app.test_request_context(f"/feeds/{what}.{form}?{urlencode(query)}", base_url=base.settings.base_url):
        response = ics() if form == "ics" else atom(what) if form == "atom" else json_feed(what)
        return response.get_data(as_text=True)


def _asked(what: str) -> tuple[Asked, list[Entry]]:
    of = site()
    nothing_else(request.args, *(SEARCHED if what == "search" else ()))
    wanted = asked(request.args, of)
    if what == "search":
        if not wanted.chosen:
            raise BadQuestion("A feed of a search needs words: expected ?q=….")
        hits = of.archive.search(wanted.words, filters=wanted.filters, limit=_MOST)
        return wanted, search_entries(hits, of)
    with of.archive.within_a_second():
        found = of.archive.inspections(_states(wanted, _TOLD), limit=_MOST)
        return wanted, inspection_entries(found, of)


def _states(wanted: Asked, default: Sequence[State]) -> Filters:
    from msgspec.structs import replace

    given = wanted.filters.states
    chosen = tuple(each for each in default if each in given) if given else tuple(default)
    return replace(wanted.filters, states=chosen or ("none",))


def _title(wanted: Asked) -> str:
    return f"Ofsted Watch: {wanted.described}" if wanted.described else "Ofsted Watch"


def _atom(title: str, entries: Sequence[Entry]) -> bytes:
    of = site()
    xml.register_namespace("", _ATOM)
    root = xml.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en-GB"})

    def add(to: xml.Element, name: str, text: str | None = None, **attributes: str) -> xml.Element:
        made = xml.SubElement(to, f"{{{_ATOM}}}{name}", attributes)
        made.text = _NEVER_XML.sub("", text) if text is not None else None
        return made

    add(root, "id", _urn(f"feed{here()}"))
    add(root, "title", title)
    add(root, "updated", _stamp(max((each.updated for each in entries), default=LONG_AGO)))
    add(root, "link", rel="self", href=of.absolute(here()))
    add(root, "link", rel="alternate", href=of.absolute("/"))
    add(add(root, "author"), "name", "Ofsted Watch")
    add(root, "rights", f"{words.ATTRIBUTION} {words.LICENCE}")
    for each in entries:
        entry = add(root, "entry")
        add(entry, "id", each.id)
        add(entry, "title", each.title)
        add(entry, "link", rel="alternate", href=each.page)
        add(entry, "published", _stamp(each.published))
        add(entry, "updated", _stamp(each.updated))
        add(entry, "category", term="official" if each.official else "announced")
        add(entry, "summary", each.text)
    written: bytes = xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _published(each: Inspection, kept: Sequence[Kept]) -> datetime:
    day = each.published_on.first if each.published_on else None
    first = min((one.first_seen_at for one in kept), default=LONG_AGO)
    return datetime.combine(day, time(0), UTC) if day else first


def _urn(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"ofsted-watch:{name}").urn


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
