"""Which page of a list an address is, and where the next one is."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from scraper import markup
from scraper.listings.families import Family

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_SEARCHES = frozenset({"q", "s", "search", "query", "keywords", "keyword"})


def following(tree: BeautifulSoup, base: str, cells: Family, *, counted: bool) -> str | None:
    """The next page: by its link; by a link that has the next number; by counting on, where `counted`."""
    for element in tree.select(cells.next) if cells.next else ():
        address = markup.link(base, element.get("href"))
        if address and address != base:
            return address
    current = number(base, cells, default=cells.first)
    for anchor in tree.select("a[href]"):
        address = markup.link(base, anchor["href"])
        if address and number(address, cells, default=-1) == current + 1 and _same_place(address, base, cells):
            return address
    return numbered(base, cells, current + 1) if counted and base else None


def number(address: str, cells: Family, default: int) -> int:
    """Which page of the list an address is."""
    if "{}" in cells.page:
        end = re.search(_ending(cells), urlsplit(address).path)
        return int(end[1]) if end else default
    for name, value in parse_qsl(urlsplit(address).query):
        if fnmatchcase(name, cells.page) and value.isdecimal() and len(value) < 7:
            return int(value)
    return default


def _same_place(address: str, base: str, cells: Family) -> bool:
    """Whether two addresses are pages of one list."""
    one, other = urlsplit(address), urlsplit(base)
    if "{}" not in cells.page:
        return (one.hostname, one.path.rstrip("/")) == (other.hostname, other.path.rstrip("/"))
    paths = [re.sub(_ending(cells), "", parts.path).rstrip("/") for parts in (one, other)]
    return one.hostname == other.hostname and paths[0] == paths[1]


def numbered(address: str, cells: Family, page: int) -> str | None:
    """The address of one page of a list; None where the parameter's name is not known whole."""
    parts = urlsplit(address)
    if "{}" in cells.page:
        path = re.sub(_ending(cells), "", parts.path).rstrip("/") + "/"
        return urljoin(address, path + cells.page.format(page))
    if "*" in cells.page:
        return None
    query = parse_qsl(parts.query, keep_blank_values=True)
    changed = [(name, str(page) if name == cells.page else value) for name, value in query]
    changed += [] if any(name == cells.page for name, _ in query) else [(cells.page, str(page))]
    return urlunsplit(parts._replace(query=urlencode(changed, safe="$*,:()/"), fragment=""))


def older_of_wordpress(address: str) -> str | None:
    """The page after this one of a feed that WordPress writes: it counts them by `paged`, and links none."""
    query = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    page = next((value for name, value in query if name == "paged"), "1")
    if not page.isdecimal() or len(page) > 6:
        return None
    kept = [(name, value) for name, value in query if name != "paged"]
    return urlunsplit(urlsplit(address)._replace(query=urlencode([*kept, ("paged", int(page) + 1)]), fragment=""))


def is_search(address: str) -> bool:
    """Whether the address asks for words, so that an empty answer says that nothing has them."""
    return any(name.lower() in _SEARCHES and value.strip() for name, value in parse_qsl(urlsplit(address).query))


def _ending(cells: Family) -> str:
    """A pattern for the end of a path that holds the page's number."""
    return re.escape(cells.page).replace(r"\{\}", r"(\d+)").removesuffix("/") + r"/?\Z"
