"""The JSON interface: the same questions as the pages. web/openapi.py describes it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import msgspec
from flask import Blueprint, Response, abort, request
from msgspec import Struct

from archive.export import write_csv
from inspections.model import Inspection
from web import records, words
from web.asked import LAST_PAGE, SEARCHED, BadQuestion, asked, following, nothing_else, number
from web.site import site

part = Blueprint("api", __name__)

_MOST = 100


@part.get("/api/inspections")
def inspections() -> Response:
    """Inspections by filter, the newest first."""
    of = site()
    nothing_else(request.args, "limit", "before")
    wanted = asked(request.args, of)
    limit = number(request.args, "limit", 50, _MOST)
    with of.archive.within_a_second():
        before = following(request.args, of)
        found = of.archive.inspections(wanted.filters, limit=limit + 1, before=before)
    shown = found[:limit]
    older = wanted.link("/api/inspections", before=shown[-1].id, limit=str(limit)) if len(found) > limit else None
    return _json(
        records.InspectionList(
            items=[records.shown(each, of) for each in shown],
            next=of.absolute(older) if older else None, attribution=words.ATTRIBUTION,
        )
    )  # fmt: skip


@part.get("/api/inspections.csv")
def inspections_csv() -> Response:
    """The same as a table for a spreadsheet: the first 1,000."""
    of = site()
    nothing_else(request.args)
    wanted = asked(request.args, of)
    with of.archive.within_a_second():
        found = of.archive.inspections(wanted.filters, limit=1_000)
    headers = {"Content-Disposition": 'attachment; filename="inspections.csv"'}
    return Response(_table(found), content_type="text/csv; charset=utf-8", headers=headers)


@part.get("/api/inspections/<id>")
def inspection(id: str) -> Response:
    """One inspection with its publications; an id that was merged answers with the one that stands."""
    of = site()
    found = of.archive.inspection(id)
    if found is None:
        abort(404, "No inspection has that id.")
    publications = [records.published(each) for each in of.archive.publications_of(found.id)]
    return _json(
        records.Detail(inspection=records.shown(found, of), publications=publications, attribution=words.ATTRIBUTION)
    )


@part.get("/api/search")
def search() -> Response:
    """Publications by words and filters."""
    of = site()
    nothing_else(request.args, *SEARCHED, "limit", "page")
    wanted = asked(request.args, of)
    limit, page = number(request.args, "limit", 20, _MOST), number(request.args, "page", 1, LAST_PAGE)
    if not wanted.chosen:
        raise BadQuestion("Nothing was asked for: expected words as q, or a filter.")
    hits = of.archive.search(
        wanted.words, filters=wanted.filters, newest_first=wanted.newest_first, limit=limit + 1,
        offset=(page - 1) * limit,
    )  # fmt: skip
    more = len(hits) > limit and page < LAST_PAGE
    older = wanted.link("/api/search", page=str(page + 1), limit=str(limit)) if more else None
    return _json(
        records.FoundList(
            items=[records.found(each, of) for each in hits[:limit]],
            next=of.absolute(older) if older else None, attribution=words.ATTRIBUTION,
        )
    )  # fmt: skip


@part.get("/api/authorities")
def authorities() -> Response:
    """Every council that stands today."""
    return _json(records.councils(site()))


@part.get("/api/openapi.json")
def openapi() -> Response:
    """The description of all this."""
    from web.openapi import description

    return Response(msgspec.json.encode(description(site())), content_type="application/json")


def _json(record: Struct) -> Response:
    return Response(msgspec.json.encode(record), content_type="application/json")


def _table(found: Sequence[Inspection]) -> str:
    into = io.StringIO(newline="")
    write_csv(found, into, site().authorities)
    return into.getvalue()
