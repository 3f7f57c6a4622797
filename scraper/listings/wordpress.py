"""WordPress's own list of posts: /wp-json/wp/v2/posts, or what a site gives in its place."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scraper import markup
from scraper.listings import moments, paging, records
from scraper.model import Code, Item, Page, ParseError, Reading, Source

PATH = "/wp-json/wp/v2/posts"
PER_PAGE = 10  # where the address does not say


def read_wordpress(page: Page, source: Source | None = None) -> Reading:
    """The posts in the site's order, with their dates in UTC. `total` is 0 for an empty answer to a search.

    A site that blocks its JSON often still has a feed, and a declaration may point at that: a feed is read as one.
    next_url counts on where a page is full; behind the very last one WordPress answers 400.
    Raises ParseError for JSON that is no list of posts, with WordPress's own message where it gives one.
    """
    if markup.decoded(page).lstrip("\ufeff \r\n\t").startswith("<"):
        from scraper.listings.feed import read_feed

        return read_feed(page, source)
    answer = records.loaded(page)
    if not isinstance(answer, list):
        message = answer.get("message") if isinstance(answer, dict) else None
        said = f"the answer is not a list of posts{f', it says {markup.plain(str(message))!r}' if message else ''}"
        raise ParseError(f"{said}. Nothing was read; many such sites still answer at /feed/.", code=Code.NOT_RECOGNISED)
    base = page.url or (source.url if source else "")
    items = tuple(item for post in answer if (item := _item(post, base)))
    missed = len(answer) - len(items)
    notes = (f"{missed} of {len(answer)} posts have no link or no title and were skipped",) if missed else ()
    total = 0 if not answer and paging.is_search(base) else None
    return Reading(type="feed", items=items, notes=notes, total=total, next_url=_next(base, len(answer)))


def _item(post: Any, base: str) -> Item | None:
    from scraper.article import identity

    url = markup.link(base, records.value_at(post, "link"))
    title = markup.words_of_html(_rendered(post, "title"))[: markup.TITLE_LENGTH]
    if not url or not title:
        return None
    universal = records.value_at(post, "date_gmt")
    local = records.value_at(post, "date")
    if isinstance(universal, str) and not universal.startswith("0000"):
        day, at = moments.stamp(universal.removesuffix("Z") + "Z")
    else:
        day, at = moments.stamp(str(local or ""))
    summary = markup.words_of_html(_rendered(post, "excerpt"))[: markup.TITLE_LENGTH]
    return Item(ref=identity(url), url=url, title=title, published_on=day, published_at=at, summary=summary)


def _rendered(post: Any, name: str) -> str:
    return str(records.value_at(post, f"{name}.rendered, {name}.raw") or "")


def _next(base: str, shown: int) -> str | None:
    parts = urlsplit(base)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    size = query.get("per_page", "")
    if not base or shown < (int(size) if size.isdecimal() else PER_PAGE):
        return None
    number = query.get("page", "")
    query["page"] = str((int(number) if number.isdecimal() else 1) + 1)
    return urlunsplit(parts._replace(query=urlencode(query)))
