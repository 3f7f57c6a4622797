"""Finding out how a newsroom can be read: what to try, in which order, and whether what was read can be its news."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from scraper import markup
from scraper.listings import wordpress
from scraper.listings.families import FAMILIES, USUAL_FEEDS
from scraper.listings.repeats import family_of, repeated, shown
from scraper.model import Page, Reading, Source
from scraper.notices import refuse_notice
from scraper.parse import sniff

if TYPE_CHECKING:
    from bs4 import BeautifulSoup


_FEED_TYPES = ("rss", "atom", "feed+json", "rdf")
_FEED_LINK = re.compile(
    r"/(?:rss|feeds?)(?:/[\w/.-]*)?(?:\?[^#]*)?\Z|\.(?:rss|atom|rdf)\Z|/(?:rss|feed|atom)\.(?:xml|ashx|aspx|asp)\Z"
    r"|[?&](?:rss=true|SyndicationType=1|\w+_SyndicationType=1|format=rss)\b",
    re.IGNORECASE,
)
_NEEDS_SCRIPT = re.compile(r"\b(?:javascript|scripts?)\b", re.IGNORECASE)
_LITTLE = 400  # letters; a page with less has no list of news
_COMMENTS = re.compile(r"comments?\b", re.IGNORECASE)
_DELIVERY = re.compile(r"""(?:https?://[^\s"'<>]+)?/api/delivery/projects/[\w-]+/entries/search[^\s"'<>\\]*""")
_WORDPRESS = ("wordpress_html", "shuttle")


class Candidate(Struct, frozen=True, kw_only=True):
    """One way in which a newsroom may be readable; the first that proves sound is taken."""

    url: str
    parser: str  # a key of scraper.parse.PARSERS
    family: str | None = None  # says also where an article has its text
    options: dict[str, str | int | list[str]] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()  # the newsroom's own, where the address is another's: its items lead there
    why: str  # a sentence for the person who adds it
    hopeless: str = ""  # why it cannot be read at all, and need not be tried

    def source(self, id: str, name: str, **further: object) -> Source:
        """The declaration that this would be. further: fields of Source."""
        cells = {"id": id, "name": name, "url": self.url, "parser": self.parser, "family": self.family}
        return Source(**{**cells, "options": self.options, "hosts": self.hosts, **further})  # type: ignore[arg-type]


class Verdict(Struct, frozen=True, kw_only=True):
    """What one look at a reading found. One that is not ok and `fatal` rules the candidate out."""

    name: str  # "items", "titles", "links" or "dates"
    ok: bool
    said: str
    fatal: bool = True


def discover(page: Page) -> list[Candidate]:
    """What to try for a newsroom whose page this is, in this order, each address and parser once.

    Feeds that the page names, then those that its family usually has, the family's JSON, the page itself (by its
    family, else by what repeats on it), and the site's map. A page that is a feed, or one of Ofsted's, is what it is.
    Raises ParseError for what is no page, and for one that only says that the site is down or closed to programs.
    """
    refuse_notice(page)
    kind = sniff(page)
    if kind in _AS_IT_IS:
        parser, why = _AS_IT_IS[kind]
        family = "contensis_json" if kind == "listing" else None
        return [Candidate(url=page.url, parser=parser, family=family, why=why)]
    tree = markup.soup(page)
    base = markup.base_of(tree, page)
    family = family_of(page)
    found = [*_named_feeds(tree, base, family), *_usual_feeds(base, family), *_json(tree, page, base, family)]
    found += [*_itself(tree, page, base, family), *_site_map(base, family)]
    own = urlsplit(base).netloc
    seen: dict[tuple[str, str], Candidate] = {}
    for each in found:
        candidate = each if urlsplit(each.url).netloc == own else replace(each, hosts=(own,))
        seen.setdefault((candidate.url.rstrip("/"), candidate.parser), candidate)
    return list(seen.values())


_AS_IT_IS = {
    "feed": ("feed", "the address is a feed"),
    "wordpress": ("wordpress", "the address is WordPress's list of posts"),
    "listing": ("listing", "the address is a Contensis delivery API"),
    "provider": ("ofsted_provider", "the address is a provider's page on Ofsted's site"),
    "search": ("ofsted_search", "the address is a search on Ofsted's site"),
}


def judge(candidate: Candidate, reading: Reading) -> tuple[Verdict, ...]:
    """Whether what was read can be the news of that place. A sound candidate has no fatal verdict that is not ok."""
    count = len(reading.items)
    verdicts = [Verdict(name="items", ok=count > 0, said=f"{count} items were read" if count else "no item was read")]
    if not count:
        return tuple(verdicts)
    titles = {item.title for item in reading.items}
    short = sum(1 for title in titles if len(title) < 12 or " " not in title)
    said = f"{len(titles)} different titles" + (f", {short} of them shorter than a headline" if short else "")
    verdicts.append(Verdict(name="titles", ok=2 * len(titles) > count and 2 * short < len(titles), said=said))
    host = _site(candidate.url)
    sites = {host, *(_site(f"//{each}") for each in candidate.hosts)}
    own = sum(1 for item in reading.items if _site(item.url) in sites)
    verdicts.append(
        Verdict(name="links", ok=2 * own >= count, said=f"{own} of {count} lead to {' or '.join(sorted(sites))}")
    )
    dated = sum(1 for item in reading.items if item.published_on)
    said = f"{dated} of {count} have a date"
    verdicts.append(Verdict(name="dates", ok=2 * dated >= count, said=said, fatal=False))
    return tuple(verdicts)


def is_sound(verdicts: tuple[Verdict, ...]) -> bool:
    return all(verdict.ok or not verdict.fatal for verdict in verdicts)


def declaration(source: Source, why: str = "") -> str:
    """The source as the text of its file in config/sources/; its id is the file's name. why: a comment for people."""
    lines = [f"# {' '.join(why.split())}"] if why else []
    cells: dict[str, object] = {
        "name": source.name, "url": source.url, "parser": source.parser, "family": source.family,
        "authority": source.authority, "publisher": source.publisher, "hosts": list(source.hosts),
        "allow_private": source.allow_private,
    }  # fmt: skip
    if source.publisher == "council":
        del cells["publisher"]
    lines += [f"{key} = {_toml(value)}" for key, value in cells.items() if value]
    if source.verified_on:
        lines.append(f"verified_on = {source.verified_on.isoformat()}")
    if source.options:
        lines += ["", "[options]", *(f"{key} = {_toml(value)}" for key, value in source.options.items())]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # a TOML string is a JSON string


def _site(address: str) -> str:
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    port = urlsplit(address).port
    return f"{host}:{port}" if port else host


def _named_feeds(tree: BeautifulSoup, base: str, family: str | None) -> list[Candidate]:
    """Feeds that the page names in its head, then those to which it links; of its own folder first."""
    named: list[tuple[str, str]] = []
    for element in tree.select('link[rel~="alternate"][href]'):
        kind = str(element.get("type") or "").lower()
        called = f"{element.get('title') or ''} {element['href']}"
        address = markup.link(base, element["href"])
        if address and any(each in kind for each in _FEED_TYPES) and not _COMMENTS.search(called):
            named.append((address, "the page names this feed in its head"))
    for anchor in tree.select("a[href]"):
        address = markup.link(base, anchor["href"])
        if address and _FEED_LINK.search(address) and not _COMMENTS.search(address) and _site(address) == _site(base):
            named.append((address, "the page links to this feed"))
    folder = urlsplit(base).path.rstrip("/")
    named.sort(key=lambda each: not (folder and urlsplit(each[0]).path.startswith(folder + "/")))
    return [Candidate(url=address, parser="feed", family=family, why=why) for address, why in named]


def _usual_feeds(base: str, family: str | None) -> list[Candidate]:
    """Where sites of the family have a feed; of no family, where many have one."""
    paths = FAMILIES[family].feeds if family else USUAL_FEEDS
    why = f"sites of the family {family} usually have a feed there" if family else "many sites have a feed there"
    listing = base.partition("?")[0]
    found = [listing + path if path.startswith("?") else urljoin(listing.rstrip("/") + "/", path) for path in paths]
    return [Candidate(url=address, parser="feed", family=family, why=why) for address in found]


def _json(tree: BeautifulSoup, page: Page, base: str, family: str | None) -> list[Candidate]:
    if family in _WORDPRESS:
        root = tree.select_one('link[rel="https://api.w.org/"][href]')
        address = urljoin(str(root["href"]), "wp/v2/posts") if root else urljoin(base, wordpress.PATH)
        why = "WordPress has a list of posts there"
        return [Candidate(url=f"{address}?per_page=20", parser="wordpress", family=family, why=why)]
    found = _DELIVERY.search(markup.decoded(page).replace("&amp;", "&").replace("\\/", "/"))
    if found:
        why = "the page asks this Contensis delivery API for its news"
        address = urljoin(base, found[0])
        return [Candidate(url=address, parser="listing", family="contensis_json", why=why)]
    return []


def _itself(tree: BeautifulSoup, page: Page, base: str, family: str | None) -> list[Candidate]:
    if family and not FAMILIES[family].json and shown(page, family):
        why = f"the page has the markup of the family {family}"
        return [Candidate(url=base, parser="listing", family=family, why=why)]
    options = repeated(tree)
    if not options:
        why = "the address that was given"
        return [Candidate(url=base, parser="listing", family=family, hopeless=_without_news(tree), why=why)]
    why = f"on the page {options['item']!r} repeats, each with a headline that is a link"
    return [Candidate(url=base, parser="listing", family="selectors", options=options, why=why)]


def _without_news(tree: BeautifulSoup) -> str:
    """Why nothing on a page can be its news."""
    if tree.select_one('input[type="password"]'):
        return "the page asks for a log-in; what lies behind one is not read"
    asking = " ".join(markup.words(element) for element in tree.select("noscript"))
    scripts = len(tree.select("script"))
    for unseen in tree(["script", "style", "noscript", "template", "header", "footer", "nav"]):
        unseen.decompose()
    said = markup.words(tree.body)
    if scripts and (len(said) < _LITTLE or _NEEDS_SCRIPT.search(asking)):
        return (
            f"the page has {len(said)} letters and {scripts} scripts: its list is filled by a script, which only a"
            " browser runs. Its feed, or the address that the script asks, may be readable"
        )
    return "on the page no headline repeats that is a link"


def _site_map(base: str, family: str | None) -> list[Candidate]:
    """The site's own list of its pages, of which those below the newsroom's address are its news."""
    folder = re.sub(r"/[^/]*\.\w+\Z", "", urlsplit(base).path).rstrip("/")
    if not folder:
        return []  # of a whole site it would list the opening hours too
    why = f"the site's map lists its pages below {folder}/"
    options: dict[str, str | int | list[str]] = {"item": f"{folder}/"}
    return [Candidate(url=urljoin(base, "/sitemap.xml"), parser="feed", family=family, options=options, why=why)]
