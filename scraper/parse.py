"""Bytes → Reading: what sort of page it is, which parser reads it, and whether what was read can be right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec.structs import replace

from scraper import markup, notices
from scraper.listings.families import FAMILIES, named
from scraper.model import Code, Item, Page, ParseError, Reading, Source

if TYPE_CHECKING:
    from inspections.authorities import Authorities

# What a declaration may write as its parser, and the type as which its pages are read.
PARSERS: dict[str, str] = {
    "ofsted_search": "search",
    "ofsted_provider": "provider",
    "feed": "feed",
    "wordpress": "wordpress",
    "listing": "listing",
}

_FEED = re.compile(r"<(?:rss|feed|rdf:RDF)\b", re.IGNORECASE)


def read(page: Page, *, as_type: str | None = None, source: Source | None = None, authorities: Authorities) -> Reading:
    """What a page, feed or document says.

    as_type: a key of READERS; without it the source's parser decides, and without a source what the bytes are.
    source: the declaration to which the page belongs, whether it is its listing or one of its articles.
    Raises ParseError for an answer that is not what it should be, and LookupError for a type that does not exist.
    """
    if not page.body.removeprefix(b"\xef\xbb\xbf").strip():
        raise ParseError("the body is empty; expected a page or document. Nothing was read.", code=Code.EMPTY)
    kind = as_type or (PARSERS[source.parser] if source else sniff(page))
    if kind not in READERS:
        raise LookupError(f"there is no type {kind!r}; there are {', '.join(READERS)}")
    if kind != "report":
        notices.refuse_binary(page)
        notices.refuse_notice(page)
    return READERS[kind](page, source, authorities)


def sniff(page: Page) -> str:
    """The type that the bytes themselves show: a key of READERS. A web page that is nothing else is an article.

    Raises ParseError for what is neither text nor a PDF, and for Ofsted's pages that say that something is wrong.
    """
    if notices.is_pdf(page.body):
        return "report"
    notices.refuse_binary(page)
    text = markup.decoded(page).lstrip("\ufeff \r\n\t")
    if text[:1] in ("{", "["):
        return _sniff_json(text)
    if _FEED.search(text[:2000]) and not re.match(r"<(?:!doctype html|html)\b", text, re.IGNORECASE):
        return "feed"
    if "<" not in text:
        return "article"
    from scraper.listings import ofsted

    tree = markup.soup(page)
    ofsted.refuse_error(tree)
    if ofsted.is_provider(tree):
        return "provider"
    return "search" if ofsted.is_search(tree) else "article"


def check(reading: Reading, source: Source | None = None) -> Reading:
    """The reading of a listing, feed, search or provider, with the items that stand in it twice merged.

    Raises ParseError where it cannot be right: nothing found though the page does not say that there is nothing, an
    item without a title or web address, one address for several, one headline for all, more results than are stated.
    """
    if not reading.items and reading.total != 0:
        raise ParseError(_nothing(reading, source), code=Code.NOT_RECOGNISED, outcome="zero-items")
    for item in reading.items:
        parts = urlsplit(item.url)
        if not item.title.strip():
            raise _suspect(source, f"the item {item.url} has no title; expected one for every item")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            said = f"the item {item.title[:80]!r} leads to {item.url!r}; expected a web address"
            raise _suspect(source, f"{said} (of a saved page its source's address must be known)")
    names = {item.title for item in reading.items}
    if reading.type in ("listing", "feed") and len(reading.items) > 3 and len(names) == 1:
        raise _suspect(source, f"all {len(reading.items)} items are called {next(iter(names))[:80]!r}")
    merged = _merged(reading.items, source)
    if reading.type == "search" and reading.total is not None and len(merged) > reading.total:
        raise _suspect(source, f"{len(merged)} results were read, but the page says that there are {reading.total}")
    return reading if len(merged) == len(reading.items) else replace(reading, items=merged)


def _merged(items: tuple[Item, ...], source: Source | None) -> tuple[Item, ...]:
    """One item a ref: a featured item stands in the list too, often with less beside it."""
    seen: dict[str, Item] = {}
    titles: dict[str, set[str]] = {}
    for item in items:
        titles.setdefault(item.ref, set()).add(item.title)
        first = seen.setdefault(item.ref, item)
        seen[item.ref] = replace(
            first,
            published_on=first.published_on or item.published_on,
            published_at=first.published_at or item.published_at,
            inspected_on=first.inspected_on or item.inspected_on,
            grade=first.grade or item.grade,
            summary=first.summary or item.summary,
        )
    shared = max(titles, key=lambda ref: len(titles[ref]), default="")
    if shared and len(titles[shared]) > 2:
        raise _suspect(source, f"{len(titles[shared])} items with different titles all lead to {seen[shared].url}")
    return tuple(seen.values())


def _suspect(source: Source | None, said: str) -> ParseError:
    whose = f"source {source.id!r}: " if source else ""
    rest = "Nothing of this reading was kept; what was known before is not lost. The site may have been redesigned."
    return ParseError(f"{whose}{said}. {rest}", code=Code.NOT_RECOGNISED, outcome="suspect")


def _nothing(reading: Reading, source: Source | None) -> str:
    """Which page was read, what was looked for in it, and what to do."""
    called = f" “{reading.title[:80]}”" if reading.title else ""
    if reading.type == "listing":
        family = (source.family if source else None) or "selectors"
        item = (source.options.get("item") if source else None) or FAMILIES[family].item
        looked = f"the family {family} with the selector {str(item)!r}" if item else "the family that its signs show"
    else:
        looked = {"feed": "a feed", "search": "Ofsted's search", "provider": "a provider's page"}[reading.type]
    whose = f"source {source.id!r}: " if source else ""
    command = f"`ofsted-watch check {source.id}`" if source else "`ofsted-watch add` with its address"
    return (
        f"{whose}the page{called} was read, but no item was found; expected at least one for {looked}, and the page"
        " does not say that there are none. What was known before is not lost. If the site was redesigned,"
        f" {command} shows what can be read now."
    )


def _report(page: Page, source: Source | None, authorities: Authorities) -> Reading:
    from scraper.reports import read_report, text

    pages = text.pages(page.body)
    reading = read_report(pages, authorities, page.fetched_on)
    if len(pages) == pages.all:
        return reading
    return replace(reading, notes=(*reading.notes, f"the first {len(pages)} of its {pages.all} pages were read"))


def _article(page: Page, source: Source | None, authorities: Authorities) -> Reading:
    from scraper import article

    return article.read(page, source, authorities, container=container(source))


def container(source: Source | None) -> str | None:
    """Where the articles of a source have their text, as a selector; None where its kind of site is not known."""
    if source is None:
        return None
    own = source.options.get("container")
    family = source.family or {"wordpress": "wordpress_html"}.get(source.parser)
    return (", ".join(own) if isinstance(own, list) else str(own or "")) or (
        FAMILIES[family].container if family in FAMILIES else ""
    ) or None  # fmt: skip


def _provider(page: Page, source: Source | None, authorities: Authorities) -> Reading:
    from scraper.listings import ofsted

    return check(ofsted.ofsted_provider(page, source, authorities=authorities), source)


def _search(page: Page, source: Source | None, authorities: Authorities) -> Reading:
    from scraper.listings import ofsted

    return check(ofsted.ofsted_search(page, source), source)


def _feed(page: Page, source: Source | None, authorities: Authorities) -> Reading:
    from scraper.listings import feed

    return check(feed.read_feed(page, source), source)


def _wordpress(page: Page, source: Source | None, authorities: Authorities) -> Reading:
    from scraper.listings import wordpress

    return check(wordpress.read_wordpress(page, source), source)


def _listing(page: Page, source: Source | None, authorities: Authorities) -> Reading:
    from soupsieve import SelectorSyntaxError

    from scraper.listings import html, records, repeats

    declared = source is not None and (source.family or "item" in source.options)
    family = source.family if source and declared else repeats.family_of(page)
    try:
        if family and named(family).json:
            return check(records.read_records(page, source), source)
        if not declared and not family and (options := repeats.repeated(markup.soup(page))):
            found = source or Source(id="page", name="page", url=page.url, parser="listing")
            return check(html.read_listing(page, replace(found, options=options | found.options)), source)
        return check(html.read_listing(page, source, family), source)
    except (LookupError, SelectorSyntaxError) as error:
        whose = f"source {source.id!r}" if source else "the page"
        said = f"{whose} cannot be read as declared: {str(error).splitlines()[0]}"
        raise ParseError(f"{said}. Nothing was read; correct the declaration.", code=Code.NOT_RECOGNISED) from error


Reader = Callable[[Page, Source | None, "Authorities"], Reading]

READERS: dict[str, Reader] = {
    "report": _report,
    "article": _article,
    "provider": _provider,
    "search": _search,
    "feed": _feed,
    "listing": _listing,
    "wordpress": _wordpress,
}


def _sniff_json(text: str) -> str:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return "article"  # a text may begin with a bracket
    if isinstance(answer, dict) and "jsonfeed.org" in str(answer.get("version")):
        return "feed"
    if isinstance(answer, list) and (not answer or (isinstance(answer[0], dict) and "link" in answer[0])):
        return "wordpress"
    if isinstance(answer, dict) and isinstance(answer.get(FAMILIES["contensis_json"].item), list):
        return "listing"
    raise ParseError("the file is JSON of no kind that is read here. Nothing was read.", code=Code.NOT_RECOGNISED)
