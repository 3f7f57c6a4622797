"""The pages: each asks the archive a few questions and fills a template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from archive.model import Filters
from inspections import clock
from inspections.authorities import slug
from inspections.model import Kind, State
from web import asked as asking
from web import charts, views
from web.asked import Asked, number
from web.grid import grid
from web.site import GRADED, here, site

part = Blueprint("pages", __name__)

_ON_FRONT, _ON_LIST, _ON_SEARCH = 13, 40, 20
_STATIC = Path(__file__).parent / "static"
_FILES = {"style.css": "text/css; charset=utf-8", "favicon.svg": "image/svg+xml"}


@part.get("/")
def front() -> str:
    """What is new, what is due, and whether the sources can be read."""
    archive = site().archive
    newest = archive.inspections(Filters(states=(State.PUBLISHED, State.CORRECTED, State.ANNOUNCED)), limit=_ON_FRONT)
    return render_template(
        "front.html", lead=views.leading(newest[0], archive.claims_of(newest[0].id)) if newest else None,
        more=[views.item(each) for each in newest[1:]],
        open=views.open_cases(site().cases(), site(), most=4), moved=views.moved(site()),
        sources=views.sources(archive.source_states(), (), site()), regions=site().authorities.regions(),
    )  # fmt: skip


@part.get("/authorities")
def authorities() -> str:
    """Every council that stands today, by region."""
    regions = {name: site().standing(name) for name in site().authorities.regions().values()}
    return render_template("authorities.html", regions={name: rows for name, rows in regions.items() if rows})


@part.get("/authorities/<named>")
def authority(named: str) -> str | AnyResponse:
    """One council: its grades over the years, what was published, and its neighbours."""
    row = site().authority(named)
    if row is None:
        abort(404, "No council of that name is in the table. All of them stand under Councils.")
    if slug(row.name) != named:
        return redirect(f"/authorities/{slug(row.name)}", 308)
    with site().archive.within_a_second():
        history = site().archive.history(row.name)
        around = Filters(authorities=(row.name,))
        providers = [each for each in site().archive.inspections(around, limit=60) if each.provider][:8]
        publications = site().archive.search("", filters=around, limit=12)
    graded = [each for each in history if each.kind in GRADED and any(each.judgements.values())]
    neighbours = [each for each in site().standing(row.region) if each.name != row.name] if row.region else []
    return render_template(
        "authority.html", row=row, history=[views.item(each) for each in reversed(history)],
        latest=views.story(graded[-1]) if graded else None, table=views.over_years(graded),
        chart=charts.timeline(history, site().today),
        narrow=charts.timeline(history, site().today, narrow=True),
        next=views.expected(clock.expected(history), site()),
        providers=[views.item(each) for each in providers], publications=[views.hit(each) for each in publications],
        neighbours=grid(site(), neighbours), here=f"authority={slug(row.name)}",
    )  # fmt: skip


@part.get("/inspections")
def inspections() -> str:
    """A list by filters."""
    wanted = asking.asked(request.args, site())
    with site().archive.within_a_second():
        before = asking.following(request.args, site())
        found = site().archive.inspections(wanted.filters, limit=_ON_LIST + 1, before=before)
    shown = found[:_ON_LIST]
    older = wanted.link("/inspections", before=shown[-1].id) if len(found) > _ON_LIST else None
    return render_template(
        "inspections.html", asked=wanted, items=[views.item(each) for each in shown], older=older,
        facets=views.facets(wanted, "/inspections", site()), here=here(),
    )  # fmt: skip


@part.get("/inspections/<id>")
def inspection(id: str) -> str | AnyResponse:
    """One inspection: grades old → new with their evidence, and what others say of it."""
    archive = site().archive
    found = archive.inspection(id)
    if found is None:
        abort(404, "No inspection has that id.")
    if found.id != id:
        return redirect(f"/inspections/{found.id}", 308)
    claims, publications = archive.claims_of(found.id), archive.publications_of(found.id)
    return render_template("inspection.html", **views.whole(found, claims, publications, site()))


@part.get("/england")
def england() -> str:
    """Every council's latest grades."""
    regions = {name: grid(site(), site().standing(name)) for name in site().authorities.regions().values()}
    return render_template("grid.html", title="England", regions={name: rows for name, rows in regions.items() if rows})


@part.get("/regions/<named>")
def region(named: str) -> str:
    """The latest grades of a region's councils."""
    name = site().authorities.regions().get(named)
    if name is None:
        abort(404, f"There is no region {named[:40]!r}. The regions stand under England.")
    return render_template("grid.html", title=name, regions={name: grid(site(), site().standing(name))}, region=named)


@part.get("/due")
def due() -> str:
    """What is open, and what is expected by the rules of the framework; of some councils or regions where named."""
    asking.only(request.args, "authority", "region")
    wanted = asking.asked(request.args, site())
    cases, expected = site().cases(wanted.filters), site().expected(wanted.filters.authorities)
    return render_template(
        "due.html", asked=wanted, open=views.open_cases(cases, site()), expected=views.expected(expected, site()),
        facets=views.facets(wanted, "/due", site(), "region"),
    )  # fmt: skip


@part.get("/search")
def search() -> str:
    """Words and filters, with the places where they stand."""
    wanted = asking.asked(request.args, site())
    page = number(request.args, "page", 1, asking.LAST_PAGE)
    hits = _found(wanted, page) if wanted.chosen else []
    older = wanted.link("/search", page=str(page + 1)) if len(hits) > _ON_SEARCH and page < asking.LAST_PAGE else None
    return render_template(
        "search.html", asked=wanted, hits=[views.hit(each, wanted.words) for each in hits[:_ON_SEARCH]], older=older,
        facets=views.facets(wanted, "/search", site()), begun=bool(wanted.chosen), page=page,
    )  # fmt: skip


@part.get("/sources")
def sources() -> str:
    """What is watched, when it was last read, and what is wrong."""
    state = site().archive.status()
    return render_template("sources.html", state=state, sources=views.sources(state.sources, state.incidents, site()))


@part.get("/about")
def about() -> str:
    """How it is done, and what it cannot do."""
    return render_template("about.html", kinds=[each for each in Kind if each != Kind.OTHER])


@part.get("/<any('style.css', 'favicon.svg'):name>")
def file(name: str) -> Response:
    return Response((_STATIC / name).read_bytes(), content_type=_FILES[name], headers={"Cache-Control": "max-age=3600"})


@part.get("/robots.txt")
def robots() -> Response:
    """Pages are open to every reader; endless lists and stored bytes are not worth a crawler's time."""
    rules = "User-agent: *\nDisallow: /search\nDisallow: /originals/\nDisallow: /api/\n"
    return Response(rules, mimetype="text/plain")


def _found(wanted: Asked, page: int) -> Any:
    return site().archive.search(
        wanted.words, filters=wanted.filters, newest_first=wanted.newest_first, limit=_ON_SEARCH + 1,
        offset=(page - 1) * _ON_SEARCH,
    )  # fmt: skip
