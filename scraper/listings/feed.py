"""RSS, Atom and JSON Feed, or a site's map instead. feedparser gets bytes that passed a gate, never an address."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scraper import markup
from scraper.listings import moments, paging, sitemap
from scraper.model import Code, Item, Page, ParseError, Reading, Source

LARGEST = 2_000_000  # bytes
DEEPEST = 200  # elements within elements
MOST_ENTRIES = 2000

# An author's name is not needed, and some names cost feedparser a minute each.
_AUTHORS = frozenset({"author", "creator", "contributor", "managingeditor", "webmaster", "publisher", "name", "email"})
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z_][\w.:-]*)(?P<rest>[^<>]*)>")
_OPAQUE = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"))
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^<>\[]*>", re.IGNORECASE)


def read_feed(page: Page, source: Source | None = None) -> Reading:
    """The entries in the feed's own order. `ref` comes from the link: opaque ids change when a site moves, links less.

    Where several different entries have one link, the id tells them apart. A title that is missing is the beginning of
    the text. `total` is 0 for an empty answer to a search.
    Raises ParseError for what is no feed, and for one that is too large, too deep or declares entities.
    """
    if page.body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        return _json_feed(page, source)
    if sitemap.is_map(markup.decoded(page)):
        return sitemap.read_sitemap(page, source)
    import feedparser

    text = _gate(page)
    try:
        read = feedparser.parse(io.BytesIO(text.encode()), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # it promises none, and raises several kinds: "&#x110000;" is a ValueError
        raise ParseError(f"the feed cannot be read ({error}). Nothing was read.", code=Code.UNREADABLE) from error
    if not read.get("version") and not read.entries:
        said = "the body is no feed" + (f" but a web page, {_title_of(text)}" if "<html" in text[:2000].lower() else "")
        raise ParseError(f"{said}; expected RSS, Atom or JSON Feed. Nothing was read.", code=Code.NOT_RECOGNISED,
                         outcome="suspect")  # fmt: skip
    base = str(read.feed.get("link") or "")
    base = page.url or (base if base.startswith("http") else "") or (source.url if source else "")
    rows = [
        (_link(entry, base), str(entry.get("id") or ""), str(entry.get("title") or ""), _summary(entry), _moment(entry))
        for entry in read.entries[:MOST_ENTRIES]
    ]
    notes = ["the feed is not well-formed; what could be read was read"] if read.bozo and read.entries else []
    further = next((link.get("href") for link in read.feed.get("links", ()) if link.get("rel") == "next"), None)
    older = paging.older_of_wordpress(base) if "wordpress.org" in str(read.feed.get("generator")).lower() else None
    return _reading(
        base, rows, str(read.feed.get("title") or ""), notes, markup.link(base, further) if further else None, older
    )


def _json_feed(page: Page, source: Source | None) -> Reading:
    try:
        feed = json.loads(markup.decoded(page).lstrip("\ufeff"))
        entries = feed["items"]
        known = "jsonfeed.org" in str(feed.get("version")) and isinstance(entries, list)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        known = False
    if not known:
        said = "the body is JSON, but no JSON Feed; expected its version and a list of items"
        raise ParseError(f"{said}. Nothing was read.", code=Code.NOT_RECOGNISED, outcome="suspect")
    base = page.url or str(feed.get("home_page_url") or "") or (source.url if source else "")
    rows = [
        (
            markup.link(base, entry.get("url") or entry.get("external_url")),
            str(entry.get("id") or ""),
            str(entry.get("title") or ""),
            str(entry.get("summary") or entry.get("content_text") or entry.get("content_html") or ""),
            moments.stamp(str(entry.get("date_published") or "")),
        )
        for entry in entries[:MOST_ENTRIES]
        if isinstance(entry, dict)
    ]
    further = feed.get("next_url")
    return _reading(base, rows, str(feed.get("title") or ""), [], markup.link(base, further) if further else None)


_Row = tuple[str | None, str, str, str, moments.Moment]


def _reading(
    base: str, rows: list[_Row], title: str, notes: list[str], further: str | None, older: str | None = None
) -> Reading:
    from scraper.article import identity

    titles: dict[str, set[str]] = {}
    for url, _, name, *_ in rows:
        titles.setdefault(url or "", set()).add(name)
    ids = Counter(row[1] for row in rows)
    times = moments.without_shared_time([row[4] for row in rows])
    items = []
    for (url, own, name, summary, _), (day, at) in zip(rows, times, strict=True):
        text = markup.words_of_html(summary)[: markup.TITLE_LENGTH]
        called = (
            markup.words_of_html(name)[: markup.TITLE_LENGTH] or text[:80] or (url or "").rstrip("/").rpartition("/")[2]
        )
        if not url or not called:
            continue
        shared = len(titles[url]) > 1 and ids[own] == 1 and bool(own)
        ref = own if shared else identity(url)
        items.append(Item(ref=ref, url=url, title=called, published_on=day, published_at=at, summary=text))
    if missed := len(rows) - len(items):
        notes = [*notes, f"{missed} of {len(rows)} entries have no link and were skipped"]
    total = 0 if not rows and paging.is_search(base) else None
    return Reading(
        type="feed",
        title=markup.words_of_html(title) or None,
        items=tuple(items),
        notes=tuple(notes),
        total=total,
        next_url=further,
        older_url=older,
        left_out=missed,
    )


def _link(entry: Any, base: str) -> str | None:
    """Where the article is; an id that is an address stands in for a link that is missing."""
    own = str(entry.get("id") or "")
    return markup.link(base, entry.get("feedburner_origlink") or entry.get("link")) or (
        markup.link(base, own) if own.startswith(("http://", "https://")) else None
    )


def _summary(entry: Any) -> str:
    content = next((str(part.get("value") or "") for part in entry.get("content", ())), "")
    return str(entry.get("summary") or content)


def _moment(entry: Any) -> moments.Moment:
    """From the words of the feed: feedparser's own reading takes British dates for American ones."""
    text = str(
        entry.get("published") or entry.get("date") or entry.get("created") or entry.get("updated") or ""
    ).strip()
    try:
        rfc: datetime | None = parsedate_to_datetime(text) if re.search(r"[A-Za-z]{3}", text) else None
    except (ValueError, TypeError, IndexError, OverflowError):
        rfc = None
    return moments.stamp(rfc.isoformat() if rfc and rfc.tzinfo else text)


def _gate(page: Page) -> str:
    """The feed as text that is fit for feedparser. Raises ParseError otherwise."""
    if len(page.body) > LARGEST:
        said = f"the feed has {len(page.body):,} bytes; at most {LARGEST:,} are read"
        raise ParseError(f"{said}. Nothing was read.", code=Code.TOO_LARGE)
    text = markup.decoded(page).lstrip()
    text = re.sub(r"\A<\?xml[^>]*\?>", "", text)  # it is UTF-8 now, whatever it said
    if "<!ENTITY" in text.upper():
        said = "the feed declares XML entities, which no newsroom needs and attackers use"
        raise ParseError(f"{said}. Nothing was read.", code=Code.REFUSED)
    return _without_authors(_DOCTYPE.sub("", text, count=1))


def _without_authors(text: str) -> str:
    """The text without the names of authors. Raises ParseError where elements stand too deep within each other."""
    kept: list[str] = []
    open_tags: list[str] = []
    position = copied = 0
    cut_from: int | None = None
    while (start := text.find("<", position)) >= 0:
        position = _end_of_opaque(text, start)
        if position:
            continue
        tag = _TAG.match(text, start)
        position = tag.end() if tag else start + 1
        if not tag or tag["rest"].endswith("/"):
            continue
        name = tag["name"].lower()
        if not tag["close"]:
            open_tags.append(name)
            if len(open_tags) > DEEPEST:
                said = f"the feed has elements more than {DEEPEST} deep within each other"
                raise ParseError(f"{said}. Nothing was read.", code=Code.LIMIT)
            if cut_from is None and name.rpartition(":")[2] in _AUTHORS:
                cut_from = tag.end()
        elif name in open_tags:
            while open_tags.pop() != name:
                pass
            if cut_from is not None and not any(each.rpartition(":")[2] in _AUTHORS for each in open_tags):
                kept.append(text[copied:cut_from])
                copied, cut_from = start, None
    return "".join([*kept, text[copied : cut_from if cut_from is not None else None]])


def _end_of_opaque(text: str, start: int) -> int:
    """Where a comment, CDATA section or instruction that begins here ends; 0 where none begins."""
    for opening, closing in _OPAQUE:
        if text.startswith(opening, start):
            end = text.find(closing, start)
            return end + len(closing) if end >= 0 else len(text)
    return 0


def _title_of(text: str) -> str:
    found = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
    return f"“{markup.plain(found[1])[:80]}”" if found else "without a title"
