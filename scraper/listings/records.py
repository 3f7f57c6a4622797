"""Newsrooms as JSON: what a site's own script asks for, read by dotted paths."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec.structs import replace

from scraper import markup
from scraper.listings import moments, paging
from scraper.listings.families import Family, adapted
from scraper.listings.html import MOST_ITEMS
from scraper.model import Code, Item, Page, ParseError, Reading, Source


def read_records(page: Page, source: Source | None = None, family: str = "contensis_json") -> Reading:
    """The items of a JSON answer, in its own order. `total` is what it states, 0 for an empty answer to a search.

    Raises ParseError where the body is not JSON or holds no list at the family's path.
    """
    cells = adapted(source.family or family if source else family, source.options if source else {})
    answer = loaded(page)
    base = page.url or (source.url if source else "")
    rows = value_at(answer, cells.item)
    if not isinstance(rows, list):
        said = f"the JSON has no list at {cells.item!r}; it has {_outline(answer)}"
        raise ParseError(f"{said}. Nothing was read; the site may have changed.", code=Code.NOT_RECOGNISED,
                         outcome="zero-items")  # fmt: skip
    read = [item for row in rows[:MOST_ITEMS] if (item := _item(row, cells, base))]
    times = moments.without_shared_time([(item.published_on, item.published_at) for item in read])
    items = tuple(replace(item, published_on=on, published_at=at) for item, (on, at) in zip(read, times, strict=True))
    missed = len(rows) - len(items)
    notes = (f"{missed} of {len(rows)} entries have no link or no title and were skipped",) if missed else ()
    total = value_at(answer, cells.total) if cells.total else None
    if not isinstance(total, int):
        total = 0 if not rows and paging.is_search(base) else None
    return Reading(type="listing", items=items, notes=notes, total=total, next_url=_next(base, cells, len(rows), total))


def loaded(page: Page) -> Any:
    """The body as JSON. Raises ParseError for anything else."""
    try:
        return json.loads(markup.decoded(page).lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        said = f"the body is not JSON ({error})"
        raise ParseError(f"{said}. Nothing was read.", code=Code.NOT_RECOGNISED, outcome="suspect") from None


def value_at(value: Any, paths: str) -> Any:
    """What stands at the first of the dotted paths that leads somewhere; "." is the value itself."""
    for path in paths.split(","):
        found = value
        for name in path.strip().strip(".").split(".") if path.strip(". ") else ():
            found = found.get(name) if isinstance(found, dict) else None
        if found not in (None, ""):
            return found
    return None


def _item(row: Any, cells: Family, base: str) -> Item | None:
    from scraper.article import identity

    url = markup.link(base, value_at(row, cells.link))
    title = markup.words_of_html(str(value_at(row, cells.title) or ""))[: markup.TITLE_LENGTH]
    if not url or not title:
        return None
    day, moment = moments.stamp(str(value_at(row, cells.date) or ""))
    return Item(ref=identity(url), url=url, title=title, published_on=day, published_at=moment)


def _next(base: str, cells: Family, shown: int, total: int | None) -> str | None:
    """By count, while the answer's own total says that there are more."""
    query = dict(parse_qsl(urlsplit(base).query))
    number = int(query[cells.page]) if query.get(cells.page, "").isdecimal() else cells.first
    size = int(query["pageSize"]) if query.get("pageSize", "").isdecimal() else shown
    seen = (number - cells.first + 1) * size
    return paging.numbered(base, cells, number + 1) if base and shown and total and seen < total else None


def _outline(answer: Any) -> str:
    if isinstance(answer, dict):
        return f"the keys {', '.join(map(str, list(answer)[:8]))}" if answer else "no keys"
    return f"a {type(answer).__name__}"
