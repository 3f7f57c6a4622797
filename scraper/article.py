"""Any news page, HTML or plain text: its title, dates, text and address, and what it announces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from msgspec.structs import replace

from inspections.authorities import Authorities
from scraper import announcement, markup
from scraper.model import Code, Page, ParseError, Reading, Source

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_LONGEST_TITLE = 220  # characters; a longer first line is a paragraph, and its first sentence names the page
# Parts of an address that lead to the same page, and the rare ones that are the page's own key.
_DROPPED = re.compile(
    r"utm_\w+|ref|ref_src|int_\w+|opt-in-translate|action|nid|block|sent_id|secret|fbclid|gclid|mc_[ce]id|amp|cmp"
    r"|share|source|at_\w+|ns_\w+|replytocom|print|preview|_ga|igshid"
    # of a session, or of what a reader agreed to
    r"|(?:\w+[-_])?(?:token|consent)(?:[-_]?id)?|__cf_\w+|(?:php|asp(?:\.net_)?|j)?_?sess(?:ion)?_?id"
    r"|cb|cachebuster|nonce|_hs\w+|_gl|ga_\w+|pk_\w+|mtm_\w+",
    re.IGNORECASE,
)
_KEYS = ("story", "articleid", "id", "newsid", "itemid", "storyid", "p")
# Stable ids within a path; what stands around them, the slug, may change.
_IDS = (
    re.compile(r"^/news/article/(\d+)(?:/|$)"),
    re.compile(r"/article/(\d+)(?:/|$)"),
    re.compile(r"/[^/]*_(\d{3,})/?$"),
    re.compile(r"/articles/(c[0-9a-z]{10,12})$"),
    re.compile(r"/news/(\d{5,})\."),
    re.compile(r"^/news/(?!(?:19|20)\d\d/)(\d{3,})/[^/]+$"),  # not a year
    re.compile(r"^/uk/[^/]+/(news|pressreleases|blog_posts)/[^/]+-(\d{5,})/?$"),  # Mynewsdesk, each kind counts anew
)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)  # within a path
_TAG = re.compile(r"<(?:!doctype|html|head|body|div|p|article|section|h[1-6]|span|br|title|meta|main)\b", re.IGNORECASE)


def read(page: Page, source: Source | None, authorities: Authorities, *, container: str | None = None) -> Reading:
    """The page as a reading of type "article", with the findings of what it announces; most hold none.

    container: where this kind of site has the story, a CSS selector. Plain text (or a body without tags) is read too:
    its first line is the title, and a date line may stand before or after it. `text` is the story, one line a
    paragraph, without its title and date line. Raises ParseError where there are no words at all.
    """
    text = markup.decoded(page)
    html = page.content_type != "text/plain" and bool(_TAG.search(text[:20_000]))
    reading = _web_page(page, container) if html else _plain(page, text)
    if not reading.title and not reading.text:
        raise ParseError("the page has no words; expected an article. Nothing was read.", code=Code.EMPTY)
    found, notes = announcement.findings(reading, source, authorities, page.fetched_on)
    return replace(reading, findings=found, notes=reading.notes + notes)


def canonical(url: str) -> str:
    """The address without what only tells where a reader came from: one scheme, no "www.", no final slash.

    Queries that name the page stay ("story=5860"). A text that is no web address is given back as it is.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:  # https://[host, https://host:99999/
        return url.strip()
    if not parts.hostname:
        return url.strip()
    host = parts.hostname.removeprefix("www.") + (f":{port}" if port not in (None, 80, 443) else "")
    kept = [
        (key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not _DROPPED.fullmatch(key)
    ]
    path = re.sub(r"/{2,}", "/", _SESSION.sub("", parts.path)).rstrip("/") or "/"
    return urlunsplit(
        (
            "https" if parts.scheme == "http" else parts.scheme,
            host,
            path,
            urlencode(kept),
            "",
        )
    )


def identity(url: str) -> str:
    """What stays the same when a page's headline changes: host and id where the address has one, else canonical(url).

    Listings and articles alike take their `ref` from here.
    """
    address = canonical(url)
    parts = urlsplit(address)
    if not parts.hostname:
        return address
    for pattern in _IDS:
        if match := pattern.search(parts.path):
            return f"{parts.netloc}#{'-'.join(match.groups())}"
    query = {key.lower(): value for key, value in parse_qsl(parts.query)}
    named = next((key for key in _KEYS if query.get(key)), None)
    if named and len(query) > 1:
        return f"{parts.scheme}://{parts.netloc}{parts.path}?{named}={query[named]}"
    return address


def _web_page(page: Page, container: str | None) -> Reading:
    from scraper import body, bylines

    tree = markup.soup(page)
    main = body.stripped(markup.soup(page), container)
    url = _address(tree, page)
    when = bylines.published(tree, main, url or page.url, page.fetched_on)
    title = bylines.title_of(tree)
    text = _without_head(body.story(main, container), title)
    return Reading(
        type="article",
        title=title,
        published_on=when.day,
        published_at=when.at,
        published_origin=when.origin,
        notes=(when.note,) if when.note else (),
        text=text,
        canonical_url=url or None,
    )


def _address(tree: BeautifulSoup, page: Page) -> str:
    """link[rel=canonical] where it leads to the same site, else the address that was fetched."""
    stated = markup.canonical(tree)
    if not page.url:
        return canonical(stated) if stated else ""
    node = tree.select_one('link[rel~="canonical"][href]')
    if node and not stated:
        stated = urljoin(page.url, str(node["href"]))
    fetched, own = canonical(page.url), canonical(stated or "")
    same = stated and urlsplit(own).hostname == urlsplit(fetched).hostname and urlsplit(own).path != "/"
    return own if same else fetched


def _plain(page: Page, text: str) -> Reading:
    from scraper import body, bylines

    lines = [line for line in (markup.plain(line) for line in text.split("\n")) if line]
    lines = [line for line in lines if not body.is_widget(line)] or lines
    dated, line = bylines.line_of("\n".join(lines[:6]))
    rest = [each for each in lines if each != line]
    title = rest[0] if rest else None
    if title and len(title) > _LONGEST_TITLE:
        title = re.split(r"(?<=[.!?])[’”'\"]?\s", title)[0][:_LONGEST_TITLE]
    elif rest:
        rest = rest[1:]
    origin = "text" if dated[0] else None
    day = dated[0]
    if day is None and page.url and (day := bylines.day_in_url(page.url)):
        origin = "url"
    return Reading(
        type="article",
        title=title,
        published_on=day,
        published_at=dated[1],
        published_origin=origin,
        text=body.trimmed("\n".join(rest)),
        canonical_url=canonical(page.url) if page.url else None,
    )


def _without_head(text: str, title: str | None) -> str:
    """The story without the headline and the date line that many containers hold as well."""
    from scraper import bylines

    lines = text.split("\n")
    if title and title in lines[:3]:
        lines.remove(title)
    _, line = bylines.line_of("\n".join(lines[:4]))
    return "\n".join(each for each in lines if each != line)
