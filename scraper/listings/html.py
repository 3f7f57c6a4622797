"""Newsrooms as web pages: items by the selectors of their family."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scraper import markup
from scraper.listings import moments, paging
from scraper.listings.families import FAMILIES, Family, adapted
from scraper.model import Code, Item, Page, ParseError, Reading, Source

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

MOST_ITEMS = 2000

_DEEPEST = 100  # elements above an item that are looked at
_ASIDE = ("aside", "dialog", "nav", "footer")  # what stands there is related, popular or a menu, whatever its markup
_RELATED = re.compile(r"\b(?:related|also-like|popular|breadcrumb)", re.IGNORECASE)
_BANNER = re.compile(
    r"(?<![\w-])(?:civic-|onetrust-)?(?:cookies?|consent|gdpr)[-_ ]{0,2}"
    r"(?:banner|bar|notice|popup|modal|message|consent|wrapper|overlay|dialog|control|sdk)",
    re.IGNORECASE,
)  # fmt: skip
_ASIDE_ROLES = ("alert", "alertdialog", "banner", "contentinfo", "dialog", "menu", "menubar", "navigation")
_UPDATED = re.compile(r"\b(?:updated|modified)\b", re.IGNORECASE)
_NOTHING = re.compile(
    r"\b(?:there (?:are|is) (?:currently |presently )?(?:no|nothing)"
    r"|no (?:\w+ ){0,3}(?:found|available|to (?:show|display))"
    r"|(?:sorry, )?(?:your search|we) (?:returned no|found no|did not find any|could not find any|couldn.t find any))",
    re.IGNORECASE,
)  # fmt: skip
_EMPTY_WORDS = re.compile(
    r"(?:read|find out|see|view)? ?(?:more|the full (?:story|article)|full (?:story|article))\W*\Z", re.IGNORECASE
)


def read_listing(page: Page, source: Source | None = None, family: str | None = None) -> Reading:
    """The items of a newsroom page in its own order, those that are featured above the list among them.

    family: where no source says it. An item without a link is skipped. Nothing found gives no items: `total` is 0 where
    the page says itself that there are none, else None.
    Raises ParseError for a page that is JSON, and LookupError for a family or option that does not exist.
    """
    cells = _cells(source, family)
    tree = markup.soup(page)
    base = markup.base_of(tree, page, source.url if source else "")
    boxes = list(_boxes(tree, cells))
    read = [item for box in boxes if (item := _item(box, cells, base, page))]
    times = moments.without_shared_time([(item.published_on, item.published_at) for item in read])
    items = tuple(replace(item, published_on=on, published_at=at) for item, (on, at) in zip(read, times, strict=True))
    notes = []
    if linkless := len(boxes) - len(items):
        notes.append(f"{linkless} of {len(boxes)} items have no link or no title and were skipped")
    if items and not any(item.published_on for item in items):
        notes.append(f"none of the {len(items)} items has a date that could be read")
    nothing = not items and _says_nothing(tree, cells)
    past = not items and paging.number(base, cells, default=cells.first) > cells.first
    if past and not nothing:
        notes.append("this page is past the end of the list")
    counted = bool(items and source and source.options.get("page"))
    return Reading(
        type="listing", title=heading(tree), items=items, notes=tuple(notes), total=0 if nothing or past else None,
        canonical_url=markup.canonical(tree), next_url=paging.following(tree, base, cells, counted=counted),
        left_out=linkless,
    )  # fmt: skip


def heading(tree: BeautifulSoup) -> str | None:
    """What the page calls itself."""
    return markup.words(tree.select_one("main h1") or tree.select_one("h1") or tree.title) or None


def _cells(source: Source | None, family: str | None) -> Family:
    name = (source.family if source else None) or family or "selectors"
    cells = adapted(name, source.options) if source else FAMILIES[name]
    if not cells.item:
        whose = f"source {source.id!r}" if source else "this page"
        said = f"{whose} has the family {name!r}, which needs the option `item`: the selector of one news item"
        hint = "write it in [options], or let `ofsted-watch add` with its address find out how it is read"
        raise ParseError(f"{said}. Nothing was read; {hint}.", code=Code.NOT_RECOGNISED)
    return cells


def _boxes(tree: BeautifulSoup, cells: Family) -> Iterator[Tag]:
    """One element an item: a wrapper of several items is none, nor is what stands inside an item."""
    found = [box for box in tree.select(cells.item, limit=MOST_ITEMS) if not _is_aside(box)]
    chosen = {id(box) for box in found}
    inside: dict[int, int] = {}
    parents = {
        id(box): [id(parent) for parent in islice(box.parents, _DEEPEST) if id(parent) in chosen] for box in found
    }
    for box in found:
        for parent in parents[id(box)][:1]:
            inside[parent] = inside.get(parent, 0) + 1
    wrappers = {parent for parent, count in inside.items() if count > 1}
    for box in found:
        if id(box) not in wrappers and all(parent in wrappers for parent in parents[id(box)]):
            yield box


def _is_aside(box: Tag) -> bool:
    for each in (box, *islice(box.parents, _DEEPEST)):
        if each.name in _ASIDE:
            return True
        if each.name in ("body", "main", "html"):
            return False
        named = " ".join([*each.get_attribute_list("class"), str(each.get("id") or "")])
        if each.get("role") in _ASIDE_ROLES or _RELATED.search(named) or _BANNER.search(named):
            return True
    return False


def _item(box: Tag, cells: Family, base: str, page: Page) -> Item | None:
    from scraper.article import identity

    anchor = _anchor(box, cells)
    url = markup.link(base, anchor.get("href")) if anchor else None
    title = _title(box, anchor, cells)
    if not anchor or not url or not title:
        return None
    day, at = _moment(box, cells, title, page)
    return Item(ref=identity(url), url=url, title=title, published_on=day, published_at=at)


def _anchor(box: Tag, cells: Family) -> Tag | None:
    """The item's link: the one of its headline, else another within it, the item itself, or what is around it.

    A link to a topic or of a picture may stand before the headline.
    """
    found = [
        inner for each in box.select(cells.link) if (inner := each if each.get("href") else each.select_one("a[href]"))
    ]
    usable = [each for each in found if not str(each["href"]).startswith("#")]
    heading = _heading(box, cells)
    of_heading = [each for each in usable if heading and _are_one(each, heading)]
    if of_heading or usable:
        return (of_heading or usable)[0]
    if box.name == "a" and box.get("href"):
        return box
    return box.find_parent("a", href=True)


def _heading(box: Tag, cells: Family) -> Tag | None:
    """The headline: the first of its candidates with words that is a link, has one or stands in one, else the first."""
    candidates = [each for each in box.select(cells.title) if markup.words(each)] if cells.title else []
    linked = (each for each in candidates if each.name == "a" or each.select_one("a[href]") or each.find_parent("a"))
    return next(linked, None) or next(iter(candidates), None)


def _are_one(anchor: Tag, heading: Tag) -> bool:
    """Whether one is the other or stands within it."""
    return (
        anchor is heading
        or any(each is heading for each in anchor.parents)
        or any(each is anchor for each in heading.parents)
    )


def _title(box: Tag, anchor: Tag | None, cells: Family) -> str:
    choices = [markup.words(_heading(box, cells)), markup.words(anchor)]
    if anchor:
        choices += [markup.plain(str(anchor.get(name) or "")) for name in ("title", "aria-label")]
    named = [text for text in choices if text and not _EMPTY_WORDS.match(text)]
    return named[0][: markup.TITLE_LENGTH] if named else ""


def _moment(box: Tag, cells: Family, title: str, page: Page) -> moments.Moment:
    """By the family's element, else by any element made for dates, else by words that are a date and no more."""
    for selector in (cells.date, "time, [class*=date], [class*=publish]"):
        stated = [_stated(element, page) for element in box.select(selector)] if selector else []
        day = next((on for on, _ in stated if on), None)
        if day:
            return day, next((at for on, at in stated if at and on == day), None)
    for text in box.stripped_strings:
        if text != title and len(text) < 80 and moments.is_line(text):
            return moments.line(text, page.fetched_on)
    return None, None


def _stated(element: Tag, page: Page) -> moments.Moment:
    """What one element says: by its attribute, with the time that its words add. Dates of updates are none."""
    if _UPDATED.search(" ".join(element.get_attribute_list("class"))):
        return None, None
    day, at = moments.stamp(str(element.get("datetime") or element.get("content") or ""))
    shown = moments.line(markup.plain(element.get_text(" ")), page.fetched_on)
    return shown if day is None or (at is None and shown[0] == day) else (day, at)


def _says_nothing(tree: BeautifulSoup, cells: Family) -> bool:
    text = markup.words(tree.select_one("main, [role=main], #content") or tree.body)
    if cells.empty and cells.empty.lower() in text.lower():
        return True
    return len(text) < 1500 and bool(_NOTHING.search(text))
