"""reports.ofsted.gov.uk: the search and the page of a provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from inspections.days import Day
from inspections.model import Provider
from scraper import dates, markup
from scraper.listings.grades import own_findings
from scraper.listings.labels import KINDS, LOCAL_AUTHORITY, REFUSED, kind_of
from scraper.model import Code, Item, Page, ParseError, Reading, Source

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

    from inspections.authorities import Authorities

SITE = "https://reports.ofsted.gov.uk/"  # against which the links of a saved page are resolved
MOST_ROWS = 100  # since February 2025; asking for more gives 100 and no error

_PROVIDER = re.compile(r"/provider/(?P<type>\d+)/(?P<urn>[A-Z0-9]+)\Z")  # not subscribe, nor the empty trust link
_FILE = re.compile(r"/v1/file/(?P<id>\d+)")
_URN = re.compile(r"\bURN:\s*(?P<urn>[A-Z0-9]+)")
_PERSON = re.compile(r"\A(?:childminder|home child ?carer|nanny|registered person)", re.IGNORECASE)
_TITLE = re.compile(r" - (?P<status>Open|Closed|[A-Z][a-z ]+) - Find an Inspection Report", re.IGNORECASE)


def ofsted_search(page: Page, source: Source | None = None) -> Reading:
    """The providers that a search found: ref is the URN, published_on the day of the newest document of each.

    `total` is the printed number of all results, of which a page holds at most 100; next_url leads to the rest. The
    caller holds the sum of items and `left_out` over all pages against it. grade is the printed rating. Childminders
    and registered persons are left out.
    Raises ParseError where the page is no search, or shows fewer than it says without a next page.
    """
    tree = markup.soup(page)
    refuse_error(tree)
    total = _total(tree)
    boxes = tree.select("li.search-result")
    if total is None and not boxes:
        raise _not_known(tree, "a page of search results, with `.results-count` and `li.search-result`")
    base = markup.base_of(tree, page, source.url if source else SITE)
    items, notes = _results(boxes, base)
    following = tree.select_one(".pagination a.pagination__next[href], a.pagination__next[href]")
    next_url = markup.link(base, following["href"]) if following else None
    _refuse_cut(len(boxes), total, next_url, base)
    return Reading(
        type="search", title=_title(tree), items=tuple(items), notes=tuple(notes), total=total, next_url=next_url,
        left_out=len(boxes) - len(items),
    )  # fmt: skip


def ofsted_provider(page: Page, source: Source | None = None, *, authorities: Authorities) -> Reading:
    """A provider's documents, newest inspection first as the site orders them, and the grades that the page shows.

    ref is the file's id; the address keeps the host that the page gives, but for the former files.api.ofsted.gov.uk.
    title is the document's label, published_on the day of publication, inspected_on that of the inspection, grade what
    stands beside the label on older entries. Entries without a document (opened, closed) are left out; addresses are
    not kept. Raises ParseError for the page of a person, for Ofsted's error pages and for any other page.
    """
    tree = markup.soup(page)
    refuse_error(tree)
    name = markup.words(tree.select_one("h1.title-block__heading"))
    stated = _URN.search(markup.words(tree.select_one(".title-block")) or "")
    if not name or not stated:
        raise _not_known(tree, "a provider's page, with its name in `h1.title-block__heading` and a URN")
    base = markup.base_of(tree, page, source.url if source else SITE)
    provider = _provider(tree, name, stated["urn"], base, authorities)
    if provider.type in REFUSED or provider.urn.startswith("RP") or _PERSON.search(dict(_info(tree)).get("type", "")):
        said = f"URN {provider.urn} is a childminder, home childcarer or registered person"
        raise ParseError(f"{said}; pages of persons are never read. Nothing was kept.", code=Code.REFUSED)
    entries, notes = _documents(tree, base)
    notes += [
        f"unknown label {item.title!r}; it was kept as printed"
        for item in entries
        if kind_of(item.title, provider.type, item.inspected_on) is None
    ]
    status = _TITLE.search(markup.words(tree.title))
    notes += [f"status: {status['status'].lower()}"] if status else []
    findings, said_of_grades = own_findings(tree, provider, entries)
    return Reading(
        type="provider", title=name, items=tuple(entries), findings=findings, notes=(*notes, *said_of_grades),
        provider=provider, canonical_url=markup.canonical(tree), text=_text(tree),
        total=None if entries else _declared_none(tree),
    )  # fmt: skip


def is_provider(tree: BeautifulSoup) -> bool:
    return bool(
        tree.select_one("h1.title-block__heading") and _URN.search(markup.words(tree.select_one(".title-block")))
    )


def is_search(tree: BeautifulSoup) -> bool:
    return bool(tree.select_one(".results-count, .js-results-count, ul.results-list > li.search-result"))


def refuse_error(tree: BeautifulSoup) -> None:
    """Raises ParseError for the pages that Ofsted serves where something is wrong, whatever their status is."""
    heading = markup.words(tree.select_one("h1"))
    if "Slim Application Error" in heading:
        said = "Ofsted's site answered with its own error page (Slim Application Error)"
        raise ParseError(
            f"{said}. Nothing was read; it is worth another try.", code=Code.UNREACHABLE, outcome="server-error"
        )
    if heading.casefold() == "report not found":
        said = "Ofsted's site says “Report not found”: the document is withdrawn or was moved"
        raise ParseError(f"{said}. What was known of it is kept.", code=Code.REPORT_NOT_FOUND)


def _total(tree: BeautifulSoup) -> int | None:
    """The printed number of results; 0 where the page says in words that there are none."""
    count = markup.words(tree.select_one(".results-count, .js-results-count")).replace(",", "")
    if count.isdecimal():
        return int(count)
    said = markup.words(tree.select_one(".search-results, .search-results__heading, main"))
    return 0 if re.search(r"\b(?:no (?:\w+ ){0,2}(?:results|matches)|0 results)\b", said, re.IGNORECASE) else None


def _results(boxes: list[Tag], base: str) -> tuple[list[Item], list[str]]:
    items: list[Item] = []
    persons = without_link = 0
    for box in boxes:
        anchor, url, found = _to_provider(box, base)
        if not anchor or not url or not found:
            without_link += 1
        elif int(found["type"]) in REFUSED:
            persons += 1
        else:
            facts = dict(_facts(box))
            items.append(Item(
                ref=facts.get("urn") or found["urn"], url=url, title=markup.words(anchor),
                published_on=dates.one(facts.get("latest report", "")), grade=facts.get("rating") or _rating(box),
                summary=facts.get("category", ""),
            ))  # fmt: skip
    notes = [f"{persons} results are persons (childminders, registered persons) and were left out"] if persons else []
    if without_link:
        notes.append(f"{without_link} of {len(boxes)} results have no link to a provider's page and were skipped")
    return items, notes


def _to_provider(box: Tag, base: str) -> tuple[Tag, str, re.Match[str]] | tuple[None, None, None]:
    """The first link to a provider's page, its address, and what that says."""
    for anchor in box.select("a[href]"):
        url = markup.link(base, anchor["href"])
        if url and (found := _PROVIDER.search(urlsplit(url).path)):
            return anchor, url, found
    return None, None, None


def _facts(box: Tag) -> Iterator[tuple[str, str]]:
    """What a result states, by label: the order has changed, and what is missing is left out."""
    for line in box.select("li"):
        label, colon, value = markup.words(line).partition(":")
        if colon:
            yield label.strip().casefold(), value.strip()


def _rating(box: Tag) -> str | None:
    return markup.words(box.select_one(".search-result__provider-rating strong")) or None


def _refuse_cut(rows: int, total: int | None, next_url: str | None, base: str) -> None:
    """A page that is the last and yet does not hold the rest would hide providers for ever."""
    if next_url or total is None:
        return
    start = dict(parse_qsl(urlsplit(base).query)).get("start", "")
    seen = (int(start) if start.isdecimal() else 0) + rows
    if seen < total:
        said = f"the search says that it found {total}, but shows {rows} of them and no next page"
        raise ParseError(
            f"{said}; expected {total - seen + rows}. It asks for too many rows at once (at most {MOST_ROWS} are"
            " given), or the site has changed. The results of this page were not used.",
            code=Code.NOT_RECOGNISED, outcome="suspect",
        )  # fmt: skip


def _provider(tree: BeautifulSoup, name: str, urn: str, base: str, authorities: Authorities) -> Provider:
    own = _PROVIDER.search(urlsplit(markup.canonical(tree) or "").path) or _PROVIDER.search(urlsplit(base).path)
    number = int(own["type"]) if own else None
    facts = dict(_info(tree))
    if number == LOCAL_AUTHORITY:
        known = authorities.by_urn(urn) or authorities.find(name)
        return Provider(urn=urn, name=name, type=number, authority=known.name if known else name)
    where = facts.get("local authority")
    place = authorities.find(where) if where else None
    authority = place.name if place else where
    return Provider(urn=urn, name=name, kind=KINDS.get(number or 0), type=number, authority=authority)


def _info(tree: BeautifulSoup) -> Iterator[tuple[str, str]]:
    for row in tree.select(".info-block__item"):
        label, colon, value = markup.words(row).partition(":")
        if colon and not label.strip().casefold().startswith("address"):
            yield label.strip().casefold(), value.strip()


def _documents(tree: BeautifulSoup, base: str) -> tuple[list[Item], list[str]]:
    items: list[Item] = []
    notes: list[str] = []
    for event in tree.select("ol.timeline > li, .timeline__day"):
        anchor = event.select_one("a.publication-link[href]") or event.select_one('a[href*="/v1/file/"]')
        if anchor is None:
            continue  # opened, closed, registered
        url = markup.link(base, anchor["href"])
        file = _FILE.search(urlsplit(url or "").path)
        label, grade = _label(anchor)
        if not url or not file or not label:
            notes.append(
                f"an entry of the timeline leads to {str(anchor['href'])!r}, which is no report; it was skipped"
            )
            continue
        if any(item.ref == file["id"] for item in items):
            continue
        items.append(Item(
            ref=file["id"], url=url.replace("//files.api.ofsted.gov.uk/", "//files.ofsted.gov.uk/"), title=label,
            published_on=_day(event.select_one("time[pubdate]")) or _published(anchor),
            inspected_on=_day(event.select_one(".timeline__date time")), grade=grade,
        ))  # fmt: skip
    return items, notes


def _label(anchor: Tag) -> tuple[str, str | None]:
    """ "Full inspection: <strong>Good</strong>" → label and grade, without what is for screen readers alone."""
    text = markup.words(anchor)
    strong = markup.words(anchor.select_one("strong"))
    label = text.removesuffix(strong).strip() if strong else text
    return label.rstrip(" :,"), strong or None


def _published(anchor: Tag) -> Day | None:
    """From the words for screen readers, "School inspection, PDF - 06 May 2025"; labels hold hyphens of their own."""
    hidden = anchor.select_one(".nonvisual")
    return dates.one(markup.plain(hidden.get_text(" ")).rpartition(" - ")[2]) if hidden else None


def _day(element: Tag | None) -> Day | None:
    return dates.one(markup.words(element)) if element else None


def _declared_none(tree: BeautifulSoup) -> int | None:
    """0 for a page that is whole but lists no document: a new provider has none yet."""
    said = markup.words(tree.select_one("main"))
    empty = re.search(
        r"no (?:\w+ ){0,3}(?:reports?|inspections?)|not (?:yet )?(?:been )?inspected", said, re.IGNORECASE
    )
    return 0 if tree.select_one("ol.timeline") or empty else None


def _text(tree: BeautifulSoup) -> str:
    """The page's words for search, without addresses."""
    main = tree.select_one("main") or tree.body
    if main is None:
        return ""
    hidden = [*main.select("address, form, .nonvisual, script, style, .breadcrumbs")]
    hidden += [row for row in main.select(".info-block__item") if markup.words(row).casefold().startswith("address")]
    unwanted = {id(text) for element in hidden for text in element.strings}
    return markup.plain(" ".join(text for text in main.strings if id(text) not in unwanted))


def _title(tree: BeautifulSoup) -> str | None:
    return markup.words(tree.select_one("h1") or tree.title) or None


def _not_known(tree: BeautifulSoup, expected: str) -> ParseError:
    shown = _title(tree)
    said = f"the page {f'“{shown[:80]}”' if shown else 'without a title'} is not {expected}"
    return ParseError(f"{said}. Nothing was read; the provider may have moved, or the site has changed.",
                      code=Code.NOT_RECOGNISED, outcome="zero-items")  # fmt: skip
