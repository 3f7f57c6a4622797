"""When a web page was published and what it is called, by the order of trust of the places that say it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bs4.element import NavigableString
from msgspec import Struct

from inspections.days import Day
from scraper import body, dates, markup
from scraper.listings import moments

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

NEAR = 300  # characters of the text in which a date line is looked for
_TYPES = ("NewsArticle", "Article", "BlogPosting", "ReportageNewsArticle", "PressRelease", "WebPage")
_UPDATED = re.compile(r"updat|modif|review|edited|amended", re.IGNORECASE)
_LABEL = re.compile(
    r"\b(?:first )?(?:published|posted|released?|date(?: released| published| of release| posted)?|published date"
    r"|created|issued|press release|news)\b",
    re.IGNORECASE,
)
_LABELS_IT = re.compile(r"\b(?:published|posted|released|issued|date)(?: (?:on|at|date))?\W*\Z", re.IGNORECASE)
_WORDS = re.compile(
    r"\b(?:inspect\w*|visit\w*|ofsted|report\w*|rated|today|this|children\w*|services|council'?s|following|between"
    r"|judged|will|was|were|has|have)\b",
    re.IGNORECASE,
)
_URL_DAY = re.compile(
    r"/(20\d\d)/(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?:/|-|$)|/(20\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:/"
    r"|-|$)"
)
_URL_MONTH = re.compile(r"/(20\d\d)/(0?[1-9]|1[0-2])(?:/|$)")


class Published(Struct, frozen=True, kw_only=True):
    """A page's own date with its origin: "json-ld", "meta", "time", "text" or "url"."""

    day: Day | None = None
    at: datetime | None = None
    origin: str | None = None
    note: str | None = None


def title_of(tree: BeautifulSoup) -> str | None:
    """h1, og:title without the name of the site, the JSON-LD headline, <title>."""
    heading = tree.select_one("article h1, main h1") or tree.select_one("h1")
    if heading and (words := markup.words(heading)):
        return words[: markup.TITLE_LENGTH]
    site = _meta(tree, "og:site_name")
    for stated in (_meta(tree, "og:title"), _headline(tree), markup.words(tree.title) if tree.title else None):
        if stated:
            return _without_site(markup.words_of_html(stated), site)[: markup.TITLE_LENGTH]
    return None


def published(tree: BeautifulSoup, main: BeautifulSoup, url: str, fetched_on: date | None) -> Published:
    """tree: the page as it came; main: the same without teasers, footers and comments (see body.stripped)."""
    visible = body.lines_of(main.body or main)
    notes = []
    for origin, found in _candidates(tree, main, url):
        day, at = found
        if day is None:
            continue
        if refused := _refused(day, visible, fetched_on):
            notes.append(f"the date {day} of {origin} was refused: {refused}")
            continue
        if at is None and origin != "text":
            at = _time_in_text(day, main)
        return Published(day=day, at=at, origin=origin, note="; ".join(notes) or None)
    return Published(note="; ".join(notes) or None)


def _candidates(tree: BeautifulSoup, main: BeautifulSoup, url: str) -> Iterator[tuple[str, moments.Moment]]:
    for entry in linked_data(tree):
        if stated := entry.get("datePublished"):
            yield "json-ld", moments.stamp(str(stated))
    for name in ("article:published_time", "article:published", "datePublished", "dcterms.issued", "DC.date.issued"):
        if stated := _meta(tree, name):
            yield "meta", moments.stamp(stated)
    near, far = _times(main)
    for node in near:
        yield "time", moments.stamp(str(node["datetime"]))
    yield "text", _line(main)
    for node in far:
        yield "time", moments.stamp(str(node["datetime"]))
    yield "url", (day_in_url(url), None)


def linked_data(tree: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """The JSON-LD entries that describe an article, those of articles before those of pages."""
    found: list[dict[str, Any]] = []
    for script in tree.select('script[type="application/ld+json"]'):
        try:
            stated = json.loads(script.string or script.get_text(), strict=False)
        except (ValueError, RecursionError):
            continue  # other places state it too
        queue = stated if isinstance(stated, list) else [stated]
        for entry in queue[:50]:
            if not isinstance(entry, dict):
                continue
            graph = entry.get("@graph")
            found += [row for row in (graph if isinstance(graph, list) else [entry]) if isinstance(row, dict)]
    for wanted in _TYPES:
        for entry in found:
            kind = entry.get("@type")
            if wanted == kind or (isinstance(kind, list) and wanted in kind):
                yield entry


def line_of(text: str, after: str | None = None) -> tuple[moments.Moment, str | None]:
    """The date line among the first 300 characters of plain lines, and that line; lines of an update are none."""
    seen = 0
    for line in text.split("\n"):
        if seen > NEAR:
            break
        found = _dated(line)
        if found:
            return found, line
        seen += len(line) if line != after else 0
    return (None, None), None


def day_in_url(url: str) -> Day | None:
    """The day, or the month, that an address holds: "/2025/12/05/", "/2022/02/"."""
    path = urlsplit(url).path
    try:
        if match := _URL_DAY.search(path):
            year, month, day = (int(part) for part in match.groups() if part)
            return Day.of(year, month, day)
        if match := _URL_MONTH.search(path):
            return Day.of(int(match[1]), int(match[2]))
    except ValueError:
        return None
    return None


def _dated(line: str) -> moments.Moment | None:
    """The date of a line that is a date line: little else stands in it, and no sentence."""
    if len(line) > 160:
        return None
    for span in dates.spans(line):
        before, after = line[: span.start], line[span.end :]
        if span.first != span.last or span.first.date is None:
            return None
        if _UPDATED.search(before[-25:]) and not re.search(r"publish", before[-25:], re.IGNORECASE):
            continue
        labelled = bool(_LABEL.search(before))
        if (
            _WORDS.search(before)
            or (not labelled and (len(before) > 40 or len(after) > 45))
            or _WORDS.search(after[:30])
        ):
            return None
        at = span.at
        return (Day(at.astimezone(dates.LONDON).date().isoformat()) if at else span.first), at
    return None


def _line(main: BeautifulSoup) -> moments.Moment:
    """The date line near the headline: before it in the same block, or within 300 characters after it."""
    heading = main.select_one("article h1, main h1") or main.select_one("h1")
    if heading is None:
        return line_of(body.lines_of(main.body or main))[0]
    lines = body.lines_of(main.body or main).split("\n")
    title = markup.plain(heading.get_text(" "))
    place = next((index for index, line in enumerate(lines) if line == title or markup.words(heading) == line), 0)
    found, _ = line_of("\n".join(lines[place:]), after=lines[place] if lines else None)
    if found[0]:
        return found
    return line_of("\n".join(lines[max(0, place - 2) : place]))[0]


def _time_in_text(day: Day, main: BeautifulSoup) -> datetime | None:
    """The clock time that the page prints for the day which its data state without one."""
    found, at = _line(main)
    return at if found == day else None


def _times(main: BeautifulSoup) -> tuple[list[Tag], list[Tag]]:
    """The time[datetime] of the article's header, not of an update; and one far below, where nothing else says a date.

    Far below the headline stand the dates of other news, in whatever markup: there it must be in the article itself.
    """
    heading = main.select_one("article h1, main h1") or main.select_one("h1")
    scope: Tag | None = heading
    for _ in range(4):
        if scope is None or scope.name in ("body", "html"):
            break
        scope = scope.parent
        if scope is not None and (nodes := [node for node in scope.select("time[datetime]") if _of_publication(node)]):
            node = nodes[0]
            if heading is None or _is_near(heading, node):
                return [node], []
            own = heading.find_parent("article")
            inside = own is not None and own in node.parents and node.find_parent("li") is None
            return [], [node] if inside else []
    articles = main.select("article")
    if heading is None and len(articles) == 1:
        return [node for node in articles[0].select("time[datetime]") if _of_publication(node)][:1], []
    return [], []


def _is_near(heading: Tag, node: Tag) -> bool:
    """Whether it stands above the headline, within 300 characters after it, or behind a word like "Published"."""
    label = node.find_previous(string=re.compile(r"\S"))
    if label and _LABELS_IT.search(str(label)):
        return True
    inside = {id(element) for element in heading.descendants}
    seen = 0
    for element in heading.next_elements:
        if element is node:
            return True
        if isinstance(element, NavigableString) and id(element) not in inside:
            seen += len(element.strip())
            if seen > NEAR:
                break
    return any(element is node for element in heading.previous_elements)


def _of_publication(node: Tag) -> bool:
    around = " ".join([*(node.get("class") or []), str(node.get("itemprop") or "")])
    before = node.find_previous(string=re.compile(r"\S"))
    label = str(before)[-40:] if before and before.find_parent("h1") is None else ""
    return not _UPDATED.search(around) and not _UPDATED.search(label)


def _refused(day: Day, visible: str, fetched_on: date | None) -> str | None:
    if day.endswith("-01-01") and not any(span.first == day for span in dates.spans(visible)):
        return "1 January is what a footer's year becomes, and the page does not print it"
    if fetched_on and day.first and day.first > fetched_on:
        return f"it is after the day of fetching, {fetched_on}"
    return None


def _meta(tree: BeautifulSoup, name: str) -> str | None:
    node = tree.select_one(f'meta[property="{name}"], meta[name="{name}"], meta[itemprop="{name}"]')
    return (str(node.get("content") or "").strip() or None) if node else None


def _headline(tree: BeautifulSoup) -> str | None:
    return next((str(entry["headline"]) for entry in linked_data(tree) if entry.get("headline")), None)


def _without_site(title: str, site: str | None) -> str:
    for mark in (" | ", " - ", " – ", " — ", " :: "):
        head, found, tail = title.rpartition(mark)
        if found and head and (site is None or tail.casefold() == site.casefold() or len(tail) < len(head)):
            return head.strip()
    return title
