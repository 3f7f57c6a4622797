"""A town on loopback: Ofsted's site, a council's newsroom, a local blog; and the service, run by its commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.commands import cli
from tests.servers import Asked, FaultServer, Reply

URN = "80430"
# What a council's page says of a new outcome.
SAID = ["Children’s services in Blackburn with Darwen have been rated good by Ofsted in a report published today.",
        "The inspection of local authority children’s services took place in February 2026."]  # fmt: skip


@dataclass
class Report:
    """An entry of Ofsted's timeline with its file."""

    id: str
    label: str
    inspected: str
    published: str
    body: bytes


@dataclass
class Story:
    """An article of a newsroom."""

    slug: str
    title: str
    pubdate: str  # as the article prints it
    paragraphs: list[str]


@dataclass
class Town:
    """What the sites show now; a test adds to it between polls."""

    site: FaultServer
    folder: Path
    reports: list[Report] = field(default_factory=list)
    news: list[Story] = field(default_factory=list)
    blog: list[Story] = field(default_factory=list)
    authority: str = "Blackburn with Darwen"
    urn: str = URN

    def open(self) -> None:
        query = "q=&location=&lat=&lon=&radius=&level_1_types=3&level_2_types%5B%5D=12&sort=date&order=desc&start=0&rows=100"
        self.site[f"/search?{query}"] = lambda asked: page(self._search())
        self.site[f"/provider/44/{self.urn}"] = lambda asked: page(self._provider(), asked)
        self.site["/news/"] = lambda asked: page(self._listing(), asked)
        self.site["/wp-json/wp/v2/posts"] = lambda asked: page(self._posts(), asked, "application/json")
        self.refresh()

    def refresh(self) -> None:
        """Put every article and file on its address."""
        for report in self.reports:
            self.site[f"/v1/file/{report.id}"] = lambda asked, report=report: page(
                report.body, asked, "application/pdf"
            )
        for story in self.news:
            self.site[f"/{story.slug}/"] = lambda asked, story=story: page(shuttle_article(story), asked)
        for story in self.blog:
            self.site[f"/local-news/{story.slug}"] = lambda asked, story=story: page(blog_article(story), asked)

    def run(self, *arguments: str, now: str, code: int | None = 0) -> Result:
        """One command of the service at that moment, UTC."""
        self.refresh()
        result = CliRunner().invoke(cli, [*arguments, "--config", str(self.folder), "--now", now])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert code is None or result.exit_code == code, result.output
        return result

    def poll(self, now: str, code: int = 0) -> Result:
        return self.run("poll", now=now, code=code)

    def ask(self, *arguments: str, now: str = "2026-01-01T00:00:00Z") -> list[Any]:
        return [json.loads(line) for line in self.run(*arguments, "--json", now=now).stdout.splitlines()]

    def mail(self) -> list[Any]:
        """Every message that was delivered, in order, as a mail program would read it."""
        found = sorted((self.folder / "mail" / "new").glob("*")) if (self.folder / "mail").exists() else []
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]
        return sorted(mails, key=lambda one: (one["Date"].datetime, one["Message-ID"]))

    def _search(self) -> bytes:
        latest = self.reports[-1].published if self.reports else "1 January 2020"
        return f"""<html><body><div class="search-results__heading"><strong class="results-count js-results-count">1</strong> results</div>
<ul class="results-list"><li class="search-result"><h3 class="search-result__title"><a href="/provider/44/{self.urn}">{escape(self.authority)}</a></h3>
<ul class="search-result__provider-info"><li>Category: <strong>Local authority children&#039;s services</strong></li></ul>
<ul class="search-result__provider-info"><li>Latest report: <strong><time>{latest}</time></strong></li><li>URN: <strong>{self.urn}</strong></li></ul></li></ul>
<div class="pagination"><span class="pagination__numbers">1 of 1</span></div></body></html>""".encode()

    def _provider(self) -> bytes:
        days = "".join(
            f"""<li class="timeline__day"><div class="event"><p class="timeline__date"><time>{one.inspected}</time></p>
<span class="event__title heading--sub"><a class="publication-link" target="_blank" href="{self.site.url(f"/v1/file/{one.id}")}">{escape(one.label)}
<span class="nonvisual">{escape(one.label)}, pdf - {one.published}</span></a>
<div class="event__metadata"><span class="filetype">PDF</span> &ndash; Published <time pubdate>{one.published}</time></div></span></div></li>"""
            for one in reversed(self.reports)
        )
        return f"""<html><head><title>{self.authority} - Open - Find an Inspection Report - Ofsted</title>
<link rel="canonical" href="{self.site.url(f"/provider/44/{self.urn}")}"></head><body>
<div class="module title-block"><h1 class="heading--title title-block__heading">{escape(self.authority)}</h1>
<p class="heading--main title-block__subheading">URN: {self.urn}</p></div>
<h2 class="timeline__title heading--sub">All reports</h2><ol class="timeline">{days}
<li class="timeline__day timeline__day--opened"><div class="event"><span class="event__title heading--sub">Opened</span></div></li></ol>
<h2 class="title-block__heading form-title">Get report alerts for {escape(self.authority)}</h2></body></html>""".encode()

    def _listing(self) -> bytes:
        items = "".join(
            f"""<article class="listing"><h2><a href="/{one.slug}/" rel="bookmark">{escape(one.title)}</a></h2>
<p class="pubdate">Published on  {one.pubdate.removeprefix("Published ")} am</p><p>In short.</p></article>"""
            for one in reversed(self.news)
        )
        return f"""<html><head><title>News</title><link href="/wp-content/themes/teamtalk/style.css" rel="stylesheet"></head>
<body><main><h1>News</h1>{items}</main></body></html>""".encode()

    def _posts(self) -> bytes:
        return json.dumps(
            [
                {"id": number, "date_gmt": f"{one.pubdate}T10:00:00", "modified_gmt": f"{one.pubdate}T10:00:00",
                 "link": self.site.url(f"/local-news/{one.slug}"), "title": {"rendered": one.title}}
                for number, one in enumerate(self.blog, 90000)
            ]
        ).encode()  # fmt: skip


def page(body: bytes, asked: Asked | None = None, kind: str = "text/html; charset=utf-8") -> Reply:
    """The body with its validator, or 304 where the asker holds it already."""
    tag = f'"{sha256(body).hexdigest()[:16]}"'
    if asked and asked.headers.get("if-none-match") == tag:
        return Reply(status=304, headers={"ETag": tag})
    return Reply(body=body, headers={"ETag": tag, "Content-Type": kind})


def shuttle_article(story: Story) -> bytes:
    text = "".join(f"<p>{escape(one)}</p>" for one in story.paragraphs)
    return f"""<html><head><title>{escape(story.title)} | News</title></head><body class="single"><main><h1>{escape(story.title)}</h1>
<article class="single"><p class="pubdate">{story.pubdate} </p><div class="the_content">{text}</div></article></main>
<aside><article class="listing"><h2><a href="/other/">Another story</a></h2></article></aside>
<p>This site uses cookies. Find out more about this site’s cookies.</p></body></html>""".encode()


def blog_article(story: Story) -> bytes:
    text = "".join(f"<p>{escape(one)}</p>" for one in story.paragraphs)
    return f"""<html><head><title>{escape(story.title)}</title><meta property="article:published_time" content="{story.pubdate}T10:00:00+00:00">
<link rel="stylesheet" href="/wp-content/themes/life/style.css"></head><body><main><article><h1>{escape(story.title)}</h1><div class="entry-content">
<h2>Introduction</h2>{text}</div></article><div id="wpdcom"><div class="wpd-thread-list"><div class="wpd-comment">Outstanding, says a reader.</div></div></div>
</main></body></html>""".encode()


FILLER = [
    Story(f"road-{n}", f"Road works on Mill Lane, week {n}", f"Published Monday {n} January 2024 at 9:1{n}",
          ["Works go on as planned.", "Drivers are asked to take care."])
    for n in (1, 8)
]  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    folder = tmp_path / "config"
    (folder / "subscriptions").mkdir(parents=True)
    (folder / "sources").mkdir()
    with FaultServer() as site:
        base = site.url("").rstrip("/")
        (folder / "ofsted-watch.toml").write_text(
            f"""contact = "desk@example.org"
authorities = ["Blackburn with Darwen"]
archive = "{tmp_path / "archive"}"
[ofsted]
reports = "{base}"
files = "{base}"
allow_private = true
[fetch]
gap = "0s"
attempts = 1
""",
            "utf-8",
        )
        (folder / "subscriptions" / "desk.toml").write_text(f'[[to]]\nmaildir = "{folder / "mail"}"\n', "utf-8")
        (folder / "sources" / "theshuttle.toml").write_text(
            f"""name = "The Shuttle"
url = "{base}/news/"
parser = "listing"
family = "shuttle"
authority = "Blackburn with Darwen"
allow_private = true
""",
            "utf-8",
        )
        (folder / "sources" / "blackburn-life.toml").write_text(
            f"""name = "Blackburn Life"
url = "{base}/wp-json/wp/v2/posts"
parser = "wordpress"
publisher = "media"
allow_private = true
""",
            "utf-8",
        )
        made = Town(
            site,
            folder,
            news=list(FILLER),
            blog=[Story("fair", "The fair comes to town", "2024-01-03", ["All are welcome."])],
        )
        made.open()
        yield made
