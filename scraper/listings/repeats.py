"""A list of no declared family: the family that it looks like, else what repeats on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scraper import markup
from scraper.listings import html, moments
from scraper.listings.families import FAMILIES, HEADINGS
from scraper.model import Page, ParseError

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

ENOUGH = 2  # items by which a family proves itself on a page
_LEVELS = 5  # elements above a link, among which its item is looked for


def family_of(page: Page) -> str | None:
    """The family of a newsroom page: of those whose signs it bears, one whose items stand on it; None for none.

    Families come in the order of their table, in which the particular stand before the general.
    """
    text = markup.decoded(page)
    if text.lstrip("\ufeff \r\n\t")[:1] in ("{", "["):
        return "contensis_json"
    tree = markup.soup(page)
    signed = [name for name, row in FAMILIES.items() if any(tree.select_one(sign) for sign in row.signs)]
    traced = [name for name, row in FAMILIES.items() if any(trace.lower() in text.lower() for trace in row.traces)]
    fruitful = [name for name in (*signed, *traced) if not FAMILIES[name].json and shown(page, name) >= ENOUGH]
    return next(iter((*fruitful, *signed, *traced)), None)


def repeated(tree: BeautifulSoup) -> dict[str, str | int | list[str]]:
    """Selectors for what repeats with a linked headline, else with a link and a date; {} where nothing does."""
    return _headed(tree) or _dated(tree)


def _headed(tree: BeautifulSoup) -> dict[str, str | int | list[str]]:
    """The innermost box with a linked headline that repeats most often."""
    groups: dict[tuple[str, str, str], list[Tag]] = {}
    for heading in tree.select(HEADINGS, limit=html.MOST_ITEMS):
        inner = heading.select_one("a[href]")
        if not (inner or heading.find_parent("a", href=True)) or heading.find_parent(["nav", "aside", "footer"]):
            continue
        link = f"{heading.name} a" if inner else "a[href]"
        for box in list(heading.parents)[:4]:
            if box.name in ("body", "main", "html", "[document]"):
                break
            if len(box.select(heading.name, limit=2)) == 1 and (selector := _selector(box)):
                groups.setdefault((selector, link, heading.name), []).append(box)
    sized = {key: len({id(box) for box in boxes}) for key, boxes in groups.items()}
    best = max(sized, key=lambda key: (sized[key], groups[key][0].find("time") is not None), default=None)
    if best is None or sized[best] <= ENOUGH:
        return {}
    return {"item": best[0], "link": best[1], "title": best[2]}


def _dated(tree: BeautifulSoup) -> dict[str, str | int | list[str]]:
    """The innermost box with one link and a date that repeats most often: rows of a table, lists without headings."""
    groups: dict[str, set[int]] = {}
    for anchor in tree.select("a[href]", limit=html.MOST_ITEMS):
        if anchor.find_parent(["nav", "aside", "footer", "header"]) or " " not in markup.words(anchor):
            continue
        for box in list(anchor.parents)[:_LEVELS]:
            if box.name in ("body", "main", "html", "table", "[document]"):
                break
            if len({str(each["href"]) for each in box.select("a[href]", limit=4)}) > 1:
                break
            if any(moments.is_line(text) for text in box.stripped_strings):
                selector = _selector(box) or box.name
                groups.setdefault(selector, set()).add(id(box))
                break
    best = max(groups, key=lambda selector: len(groups[selector]), default=None)
    if best is None or len(groups[best]) <= ENOUGH:
        return {}
    return {"item": best, "link": "a[href]", "title": "a[href]"}


def _selector(box: Tag) -> str:
    """The element by name and classes, else by its place in a parent that has classes; "" for neither."""
    classes = [each for each in box.get_attribute_list("class") if each and re.fullmatch(r"[a-zA-Z][\w-]*", each)]
    classes = [each for each in classes if not re.search(r"\d|first|last|odd|even", each)]
    if classes:
        return f"{box.name}." + ".".join(classes[:2])
    parent = box.parent
    if parent is None or not parent.get("class"):
        return box.name if box.name == "article" else ""
    outer = _selector(parent)
    return f"{outer} > {box.name}" if outer else ""


def shown(page: Page, family: str) -> int:
    """How many items the page shows to somebody who takes it for one of this family."""
    try:
        return len(html.read_listing(page, family=family).items)
    except ParseError:
        return 0
