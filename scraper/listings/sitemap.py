"""A site's own map: sitemap.xml, with the tags for news or without."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote, urlsplit

from scraper import markup
from scraper.listings import moments
from scraper.model import Code, Item, Page, ParseError, Reading, Source

LARGEST = 10_000_000  # bytes
NEWEST = 50  # items that are read; a map lists everything that ever was

_MAP = re.compile(r"<(?:\w+:)?urlset\b", re.IGNORECASE)
_END = re.compile(r"</(?:\w+:)?url\s*>", re.IGNORECASE)
_CELL = re.compile(
    r"<(?P<name>loc|lastmod|news:title|news:publication_date)\s*>(?P<value>[^<]*|\s*<!\[CDATA\[[^\]]*\]\]>\s*)</",
    re.IGNORECASE,
)


def is_map(text: str) -> bool:
    """Whether a text is a map of pages; an index of further maps is none."""
    return _MAP.search(text[:2000]) is not None


def read_sitemap(page: Page, source: Source | None = None) -> Reading:
    """The pages that the map lists, the latest change first, at most NEWEST of them.

    The option `item` of the source is what the path of a news page begins with; without it all pages count. A title
    that the map does not state is made of the words of the address. The day is the one on which the page was published
    where the map says so; a change alone is no publication, and the article's own date will count.
    """
    text = markup.decoded(page)
    if len(page.body) > LARGEST:
        raise ParseError(f"the map has {len(page.body):,} bytes; at most {LARGEST:,} are read", code=Code.TOO_LARGE)
    begins = str(source.options.get("item", "")) if source else ""
    found: list[tuple[str, Item]] = []
    for entry in _END.split(text)[:-1]:
        cells = {cell["name"].lower(): _plain(cell["value"]) for cell in _CELL.finditer(entry)}
        item = _item(cells, page.url or (source.url if source else ""))
        if item and urlsplit(item.url).path.startswith(begins):
            found.append((cells.get("lastmod") or cells.get("news:publication_date") or "", item))
    found.sort(key=lambda each: each[0], reverse=True)
    notes = (f"{len(found) - NEWEST} pages that changed longer ago were left out",) if len(found) > NEWEST else ()
    return Reading(type="feed", items=tuple(item for _, item in found[:NEWEST]), notes=notes)


def _item(cells: dict[str, str], base: str) -> Item | None:
    from scraper.article import identity

    url = markup.link(base, cells.get("loc"))
    if not url:
        return None
    words = re.sub(r"\.\w+\Z", "", unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2])
    title = cells.get("news:title") or " ".join(re.split(r"[-_+\s]+", words)).strip().capitalize()
    if not title:
        return None
    day, at = moments.stamp(cells.get("news:publication_date", ""))
    return Item(ref=identity(url), url=url, title=title[: markup.TITLE_LENGTH], published_on=day, published_at=at)


def _plain(value: str) -> str:
    return markup.plain(unescape(value.replace("<![CDATA[", "").replace("]]>", "")))
