"""The pages of the demo's three sites as they stand at an act: data/sites.toml put into data/templates/."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FunctionLoader
from markupsafe import Markup, escape
from msgspec import Struct, convert, field

DATA = files("service.demo") / "data"
LONDON = ZoneInfo("Europe/London")
DARK = (8, 9)  # the acts in which the newsroom answers 503


class Council(Struct, frozen=True):
    urn: str
    name: str
    address: str


class Document(Struct, frozen=True, kw_only=True):
    """A document in a provider's timeline. Without a file its link answers with "Report not found"."""

    id: str
    urn: str
    label: str
    inspected: date
    published: date
    file: str
    since: int = field(name="from", default=1)  # the act in which it appears
    corrected: str | None = None
    corrected_from: int = 0


class Story(Struct, frozen=True, kw_only=True):
    """An article of the newsroom, or a post of the blog with its id."""

    slug: str
    title: str
    at: datetime  # London, without a zone, as sites.toml has it
    excerpt: str
    body: list[str]
    id: int = 0
    since: int = field(name="from", default=1)


class Answer(Struct, frozen=True, kw_only=True):
    body: bytes
    type: str = "text/html; charset=utf-8"
    status: int = 200


class Pages:
    """What each site answers to a path. Knows the addresses of the three sites and the act; keeps nothing."""

    def __init__(self, *, ofsted: str, newsroom: str, blog: str) -> None:
        self.act = 1
        self._ofsted, self._newsroom, self._blog = ofsted, newsroom, blog
        data = tomllib.loads((DATA / "sites.toml").read_text("utf-8"))
        self._councils = convert(data["council"], list[Council])
        self._documents = convert(data["document"], list[Document])
        self._articles = convert(data["article"], list[Story])
        self._posts = convert(data["post"], list[Story])

    @cached_property
    def _templates(self) -> Environment:
        folder = DATA / "templates"
        environment = Environment(
            loader=FunctionLoader(lambda name: (folder / name).read_text("utf-8")), autoescape=True, trim_blocks=True
        )
        environment.filters |= {
            "day": _day,
            "listed": _listed,
            "stated": _stated,
            "instant": _instant,
            "marked": _marked,
        }
        return environment

    def ofsted(self, target: str) -> Answer:
        """The reports site and its files, on one host here."""
        parts = urlsplit(target)
        if parts.path == "/search":
            return self._search(parts.query)
        kind, _, key = parts.path.rpartition("/")
        if kind == "/v1/file":
            return self._file(key)
        council = next((each for each in self._councils if each.urn == key), None)
        if kind == "/provider/44" and council:
            shown = [document for document in self._shown(self._documents) if document.urn == key]
            return self._page("provider.html", council=council, documents=shown, files=self._ofsted, site=self._ofsted)
        return self._robots(parts.path) or self._page("missing.html", status=404)

    def newsroom(self, target: str) -> Answer:
        path = urlsplit(target).path
        if self.act in DARK:
            return Answer(body=b"<title>503 Service Unavailable</title><h1>503 Service Unavailable</h1>", status=503)
        articles = self._shown(self._articles)
        if path == "/news/":
            return self._page("newsroom.html", articles=articles)
        found = next((article for article in articles if path.strip("/") == article.slug), None)
        if found:
            return self._page("article.html", article=found, others=_others(articles, found))
        return self._robots(path) or Answer(body=b"<h1>Page not found</h1>", status=404)

    def blog(self, target: str) -> Answer:
        path = urlsplit(target).path
        posts = self._shown(self._posts)
        if path == "/wp-json/wp/v2/posts":
            listed = json.dumps([self._listed(post) for post in posts]).encode()
            return Answer(body=listed, type="application/json; charset=UTF-8")
        found = next((post for post in posts if path == f"/local-news/{post.slug}_{post.id}"), None)
        if found:
            return self._page("post.html", post=found, others=_others(posts, found), site=self._blog)
        return self._robots(path) or Answer(body=b"<h1>Oops! That page can\xe2\x80\x99t be found.</h1>", status=404)

    def _search(self, query: str) -> Answer:
        """Newest document first, as `sort=date&order=desc` gives; `q` may be a URN."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        start, rows = int(asked.get("start", 0)), min(int(asked.get("rows", 10)), 100)
        found = [
            (council, max(each.published for each in self._shown(self._documents) if each.urn == council.urn))
            for council in self._councils
            if asked.get("q", "") in ("", council.urn)
        ]
        found.sort(key=lambda one: one[1], reverse=True)
        more = start + rows < len(found)
        following = f"/search?{urlencode(asked | {'start': start + rows, 'rows': rows})}" if more else ""
        return self._page(
            "search.html", found=found, shown=found[start : start + rows], next=following,
            page=start // rows + 1, pages=-(-len(found) // rows),
        )  # fmt: skip

    def _file(self, id: str) -> Answer:
        document = next((each for each in self._shown(self._documents) if each.id == id), None)
        if document is None or not document.file:
            return self._page("missing.html")  # with status 200, as the real file server does
        corrected = document.corrected and self.act >= document.corrected_from
        name = document.corrected if corrected and document.corrected else document.file
        return Answer(body=(DATA / "documents" / name).read_bytes(), type="application/pdf")

    def _listed(self, post: Story) -> dict[str, Any]:
        at = _utc(post.at).strftime("%Y-%m-%dT%H:%M:%S")
        return {
            "id": post.id, "date": post.at.isoformat(), "date_gmt": at, "modified_gmt": at,
            "link": f"{self._blog}/local-news/{post.slug}_{post.id}",
            "title": {"rendered": str(escape(post.title))}, "excerpt": {"rendered": f"<p>{escape(post.excerpt)}</p>\n"},
        }  # fmt: skip

    def _robots(self, path: str) -> Answer | None:
        rules = b"User-agent: *\nDisallow: /provider/subscribe/\n"
        return Answer(body=rules, type="text/plain; charset=utf-8") if path == "/robots.txt" else None

    def _page(self, template: str, *, status: int = 200, **values: Any) -> Answer:
        return Answer(body=self._templates.get_template(template).render(**values).encode(), status=status)

    def _shown(self, all: Sequence[Any]) -> list[Any]:
        return [one for one in all if one.since <= self.act]


def authorities_csv() -> str:
    """The invented councils, as an operator's authorities.csv."""
    return (DATA / "authorities.csv").read_text("utf-8")


def documents() -> list[Path]:
    return sorted(Path(str(each)) for each in (DATA / "documents").iterdir())


def _others(all: Sequence[Story], shown: Story) -> list[Story]:
    return [story for story in all if story is not shown][:2]


def _utc(local: datetime) -> datetime:
    return local.replace(tzinfo=LONDON).astimezone(UTC)


def _day(day: date) -> str:
    return f"{day:%d %B %Y}"  # Ofsted's site fills up with a nought: "06 May 2025"


def _stated(at: datetime) -> str:
    return f"{at:%A} {at.day} {at:%B %Y} at {at.hour}:{at:%M}"


def _listed(at: datetime) -> str:
    """The newsroom's lists count twelve hours, its articles twenty-four."""
    return f"{at:%A} {at.day} {at:%B %Y} at {at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"


def _instant(at: datetime) -> str:
    return at.replace(tzinfo=LONDON).isoformat()


def _marked(body: Sequence[str]) -> Markup:
    """Paragraphs as HTML: "* " begins an item, "> " a quotation, "## " a heading."""
    lines: list[Markup] = []
    for number, text in enumerate(body):
        item, before = text.startswith("* "), number > 0 and body[number - 1].startswith("* ")
        if item != before:
            lines.append(Markup("<ul>") if item else Markup("</ul>"))
        tag, words = {"* ": ("li", text[2:]), "> ": ("blockquote", text[2:]), "##": ("h2", text[3:])}.get(
            text[:2], ("p", text)
        )
        lines.append(Markup("<{}>{}</{}>").format(Markup(tag), words, Markup(tag)))
    return Markup("\n").join([*lines, *([Markup("</ul>")] if body[-1].startswith("* ") else [])])
