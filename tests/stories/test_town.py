"""Ten newsrooms of ten families, read by the service again and again while everything changes but the news."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fixtures.listings.town import TOWN, Newsroom, Story
from service.assembly import assemble
from service.commands import cli
from service.polling.probing import MOST_REQUESTS, learned_declaration
from tests.servers import FaultServer, Reply
from tests.stories.conftest import page

MAINTENANCE = b"<!doctype html><html><body><h1>We'll be back soon</h1><p>We are carrying out essential maintenance.</p></body></html>"
NEWS = "{}’s children’s services rated good by Ofsted"
FIRST = "2025-09-19T10:00:00Z"


@dataclass
class Site:
    """One newsroom on a server of its own, and what it shows now."""

    room: Newsroom
    server: FaultServer
    stories: list[Story]
    featured: int = 2
    token: str = "a81f"
    salt: str = ""
    in_links: bool = False  # the token stands in every link to an article
    relative: bool = False  # dates are "3 days ago"
    instead: bytes = b""  # what every page of the site shows in place of its own
    without_feed: bool = False

    def show(self) -> None:
        """Put all of it on its addresses."""
        room, related = self.room, self.room.stories(9)[8]
        for number in range(1, 5):
            self._serve(room.url(number), self._listing(number))
        if room.feed:
            kind = "application/rss+xml" if not self.instead else "text/html"
            self._serve(room.feed_url, b"" if self.without_feed else self.instead or self._feed(), kind)
        for story in self.stories:
            body = self.instead or room.article(story, related, self.token)
            self._serve(room.base + story.path, body)
            self._serve(self._linked(room.base + story.path), body)

    def _linked(self, address: str) -> str:
        return f"{address}?consent_token={self.token}" if self.in_links else address

    def _listing(self, number: int) -> bytes:
        text = self.room.page(self.stories, number, self.featured, self.token).decode()
        for story in self.stories:
            text = text.replace(f'"{story.path}"', f'"{self._linked(story.path)}"')
            for printed in (story.weekday_day, story.long_day, story.short_day, story.us_day, story.dmy):
                text = text.replace(f">{printed}<", f">{story.ago}<") if self.relative else text
        return self.instead or text.encode()

    def _feed(self) -> bytes:
        text = self.room.rss(self.stories, self.salt).decode()
        for story in self.stories:
            address = self.room.base + story.path
            text = text.replace(f"<link>{address}</link>", f"<link>{self._linked(address)}</link>")
        return text.encode()

    def _serve(self, address: str, body: bytes, kind: str = "text/html; charset=utf-8") -> None:
        path = address.removeprefix(self.server.url("").rstrip("/"))
        self.server[path] = (lambda asked: page(body, asked, kind)) if body else Reply(status=404, body=b"no such page")


@dataclass
class Newsrooms:
    """All ten, and the service that reads them, run by its commands."""

    folder: Path
    sites: dict[str, Site] = field(default_factory=dict)

    def run(self, *arguments: str, now: str, code: int | None = 0) -> Result:
        for site in self.sites.values():
            site.show()
        result = CliRunner().invoke(cli, [*arguments, "--config", str(self.folder), "--now", now])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert code is None or result.exit_code == code, result.output
        return result

    def poll(self, now: str, code: int | None = 0) -> dict[str, dict[str, Any]]:
        """What became of each newsroom, by its family."""
        lines = self.run("poll", "--json", now=now, code=code).stdout.splitlines()
        found = {one["source"].replace("-", "_"): one for one in map(json.loads, lines) if "source" in one}
        assert set(found) == set(self.sites)
        return found

    def change(self, **cells: Any) -> None:
        for site in self.sites.values():
            for name, value in cells.items():
                setattr(site, name, value)

    def declare(self, parser: str) -> None:
        for family, site in self.sites.items():
            url = site.room.feed_url if parser == "feed" else site.room.url()
            self.write(site, f'url = "{url}"\nparser = "{parser}"\nfamily = "{family}"\n')

    def write(self, site: Site, cells: str) -> None:
        name = site.room.family.replace("_", "-")
        text = f'name = "{site.room.council}: news"\nauthority = "{site.room.council}"\nallow_private = true\n{cells}'
        (self.folder / "sources" / f"{name}.toml").write_text(text, "utf-8")

    def publications(self) -> list[dict[str, Any]]:
        query = "SELECT source, ref, title, revision FROM publications ORDER BY source, ref"
        return [json.loads(line) for line in self.run("sql", query, "--json", now=FIRST).stdout.splitlines()]

    def mail(self) -> list[Any]:
        found = sorted((self.folder / "mail" / "new").glob("*")) if (self.folder / "mail").exists() else []
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


@pytest.fixture
def newsrooms(tmp_path: Path) -> Iterator[Newsrooms]:
    made = Newsrooms(tmp_path / "config")
    for name in ("sources", "subscriptions"):
        (made.folder / name).mkdir(parents=True)
    (made.folder / "ofsted-watch.toml").write_text(
        f'contact = "desk@example.org"\narchive = "{tmp_path / "archive"}"\n[ofsted]\nallow_private = true\n'
        '[fetch]\ngap = "0s"\nattempts = 1\n[delivery]\nstorm = 50\n', "utf-8",
    )  # fmt: skip
    (made.folder / "subscriptions" / "desk.toml").write_text(f'[[to]]\nmaildir = "{made.folder / "mail"}"\n', "utf-8")
    councils = "".join(f"{970 + number},{room.council}\n" for number, room in enumerate(TOWN))
    (made.folder / "authorities.csv").write_text(f"code,name\n{councils}", "utf-8")
    with ExitStack() as servers:
        for room in TOWN:
            server = servers.enter_context(FaultServer())
            here = replace(room, scheme_host=server.url("").rstrip("/"))
            quiet = [
                replace(one, title=one.title.replace("rated good by Ofsted", "move house")) for one in here.stories(10)
            ]
            made.sites[room.family] = Site(here, server, quiet)
        yield made


def of_all(found: dict[str, dict[str, Any]], name: str) -> set[Any]:
    return {one[name] for one in found.values()}


@pytest.mark.parametrize("parser", ["listing", "feed"])
def test_whatever_changes_around_the_news_makes_no_news(newsrooms: Newsrooms, parser: str) -> None:
    newsrooms.declare(parser)
    first = newsrooms.poll(FIRST)
    assert {(one["outcome"], one["new"]) for one in first.values()} == {("ok", 10)}
    before = newsrooms.publications()
    assert len(before) == 100
    asked = sum(len(site.server.requests) for site in newsrooms.sites.values())
    changes: list[dict[str, Any]] = [
        {"token": "ffee99aa0012"},
        {"in_links": True},
        {"token": "0123456789abcdef", "featured": 3},
        {"in_links": False, "relative": True},
        {"salt": "deadbeef"},
    ]
    for hour, cells in enumerate(changes, 11):
        newsrooms.change(**cells)
        found = newsrooms.poll(f"2025-09-19T{hour}:00:00Z")
        assert of_all(found, "new") == {0}, cells
        assert of_all(found, "outcome") <= {"ok", "unchanged"}
    for site in newsrooms.sites.values():
        site.stories = [replace(story, views=story.views + 3391) for story in [*site.stories[3:], *site.stories[:3]]]
    assert of_all(newsrooms.poll("2025-09-19T20:00:00Z"), "new") == {0}
    assert newsrooms.publications() == before
    assert newsrooms.mail() == []
    assert sum(len(site.server.requests) for site in newsrooms.sites.values()) - asked <= 10 * 6 * 2, "lists alone"


@pytest.mark.fault("P9")
@pytest.mark.parametrize("parser", ["listing", "feed"])
def test_news_is_found_once_whatever_else_happens(newsrooms: Newsrooms, parser: str) -> None:
    newsrooms.declare(parser)
    newsrooms.poll(FIRST)
    for site in newsrooms.sites.values():
        site.stories.insert(0, site.room.story(-1, NEWS.format(site.room.council)))
    newsrooms.change(instead=MAINTENANCE)
    down = newsrooms.poll("2025-09-21T10:00:00Z", code=1)
    assert of_all(down, "outcome") == {"maintenance"}
    assert len(newsrooms.publications()) == 100
    newsrooms.change(instead=b"", token="77", salt="5a17")
    found = newsrooms.poll("2025-09-21T11:00:00Z")
    assert {family: one["new"] for family, one in found.items()} == dict.fromkeys(newsrooms.sites, 1)
    subjects = [one["Subject"] for one in newsrooms.mail()]
    councils = [site.room.council for site in newsrooms.sites.values()]
    assert sorted(council for subject in subjects for council in councils if council in subject) == sorted(councils)
    for site in newsrooms.sites.values():
        site.stories[0] = replace(site.stories[0], title="Updated: " + site.stories[0].title)
    assert of_all(newsrooms.poll("2025-09-21T12:00:00Z"), "new") == {0}
    edited = [one for one in newsrooms.publications() if one["title"].startswith("Updated: ")]
    assert [one["revision"] for one in edited] == [2] * 10
    assert len(newsrooms.mail()) == 10


@pytest.mark.parametrize("parser", ["listing", "feed"])
def test_much_news_at_once_is_read_to_the_last(newsrooms: Newsrooms, parser: str) -> None:
    """More than stands on the first page of a list, above which two older articles are featured."""
    newsrooms.declare(parser)
    newsrooms.poll(FIRST)
    for site in newsrooms.sites.values():
        fresh = [site.room.story(-number, f"New item {number} of this week’s bulletin") for number in range(6, 0, -1)]
        pinned, rest = site.stories[:2], site.stories[2:]
        site.stories = [*pinned, *fresh, *rest] if parser == "listing" else [*fresh, *pinned, *rest]
    found = newsrooms.poll("2025-10-07T10:00:00Z")
    assert {family: one["new"] for family, one in found.items()} == dict.fromkeys(newsrooms.sites, 6)
    assert of_all(newsrooms.poll("2025-10-07T11:00:00Z"), "new") == {0}


def test_a_redesign_is_reported_and_what_was_known_stays(newsrooms: Newsrooms) -> None:
    newsrooms.declare("listing")
    newsrooms.poll(FIRST)
    before = newsrooms.publications()
    for site in newsrooms.sites.values():
        site.instead = site.room.redesigned(site.stories)
    found = newsrooms.poll("2025-09-20T10:00:00Z", code=1)
    assert of_all(found, "outcome") <= {"zero-items", "suspect"}
    assert newsrooms.publications() == before
    assert newsrooms.mail() == []


@pytest.mark.fault("K23")
@pytest.mark.parametrize("parser", ["listing", "feed"])
def test_a_move_of_all_articles_is_reported_and_its_alerts_are_held(newsrooms: Newsrooms, parser: str) -> None:
    newsrooms.declare(parser)
    for site in newsrooms.sites.values():
        site.stories[3] = replace(site.stories[3], title=NEWS.format(site.room.council))
    newsrooms.poll(FIRST)
    for site in newsrooms.sites.values():
        site.stories = [replace(story, path=f"/moved/to/{story.id}-here/") for story in site.stories]
    found = newsrooms.poll("2025-09-20T10:00:00Z")
    assert {family for family, one in found.items() if "a redesign?" in one["note"]} == set(newsrooms.sites)
    assert newsrooms.mail() == []
    assert len(newsrooms.run("inspections", "--json", now=FIRST).stdout.splitlines()) == 10


def test_add_finds_family_and_feed_of_all_ten_without_help(newsrooms: Newsrooms) -> None:
    for family, site in newsrooms.sites.items():
        for path in newsrooms.folder.glob("sources/*"):
            path.unlink()
        told = newsrooms.run("add", site.room.url(), "--authority", site.room.council, now=FIRST).stdout
        declared = tomllib.loads(next(newsrooms.folder.glob("sources/*.toml")).read_text("utf-8"))
        assert (declared["family"], declared["parser"], declared["url"]) == (family, "feed", site.room.feed_url), told
        assert declared["authority"] == site.room.council
        assert site.stories[0].title in told
        saved = next(newsrooms.folder.glob("pages/*.html")).read_bytes()
        assert saved == site.room.page(site.stories), "the page is left for a fixture"
        assert len(site.server.requests) <= 1 + MOST_REQUESTS, "robots.txt and few pages"


def test_add_takes_the_list_where_there_is_no_feed(newsrooms: Newsrooms) -> None:
    newsrooms.change(without_feed=True)
    for family, site in newsrooms.sites.items():
        told = newsrooms.run("add", site.room.url(), "--no-write", now=FIRST).stdout
        assert f'parser = "listing"\nfamily = "{family}"' in told
        assert not list(newsrooms.folder.glob("sources/*"))


def test_newsrooms_that_were_never_read_are_probed_at_their_first_poll(newsrooms: Newsrooms) -> None:
    """Each is declared as of another family; what is found is used from then on, shown, and printed by `check`."""
    families = list(newsrooms.sites)
    for family, other in zip(families, families[5:] + families[:5], strict=True):
        site = newsrooms.sites[family]
        newsrooms.write(site, f'url = "{site.room.url()}"\nparser = "listing"\nfamily = "{other}"\n')
    first = newsrooms.poll(FIRST)
    assert {(one["outcome"], one["new"]) for one in first.values()} == {("ok", 10)}
    shown = json.loads(newsrooms.run("status", "--json", now=FIRST).stdout)["sources"]
    probed = {one["id"].replace("-", "_") for one in shown if "probed: " in one["note"]}
    assert probed == {family for family, site in newsrooms.sites.items() if first[family]["note"]}
    with assemble(newsrooms.folder, datetime(2025, 9, 19, 11, tzinfo=UTC), readonly=True) as watch:
        for family in probed:
            declared = tomllib.loads(learned_declaration(watch, family.replace("_", "-")) or "")
            room = newsrooms.sites[family].room
            assert (declared["url"], declared["parser"], declared["family"]) == (room.feed_url, "feed", family)
    for site in newsrooms.sites.values():
        site.stories.insert(0, site.room.story(-1, NEWS.format(site.room.council)))
    found = newsrooms.poll("2025-09-21T10:00:00Z")
    assert {family: one["new"] for family, one in found.items()} == dict.fromkeys(newsrooms.sites, 1)
    assert len(newsrooms.mail()) == 10
    assert {family for family, one in found.items() if one["note"].startswith("probed: ")} == probed


def test_a_newsroom_without_a_family_is_probed_at_its_first_poll(newsrooms: Newsrooms) -> None:
    for site in newsrooms.sites.values():
        newsrooms.write(site, f'url = "{site.room.url()}"\nparser = "listing"\n')
    first = newsrooms.poll(FIRST)
    assert all(one["note"].startswith("probed: ") for one in first.values())
    assert {(one["outcome"], one["new"]) for one in first.values()} == {("ok", 10)}
    assert max(len(site.server.asked(site.room.listing)) for site in newsrooms.sites.values()) == 1


def test_a_newsroom_that_was_read_before_is_not_read_otherwise_by_itself(newsrooms: Newsrooms) -> None:
    newsrooms.declare("listing")
    newsrooms.poll(FIRST)
    before = newsrooms.publications()
    homes = {family: site.room for family, site in newsrooms.sites.items()}
    for family, site in newsrooms.sites.items():
        other = next(room for room in TOWN if room.family == ("jadu" if family != "jadu" else "shuttle"))
        shown = replace(other, scheme_host=site.room.base, listing=site.room.listing, feed="/feed/")
        site.instead = shown.page([replace(one, path=f"/elsewhere/{one.id}") for one in site.stories])
    found = newsrooms.poll("2025-09-20T10:00:00Z", code=None)
    unread = {family: one for family, one in found.items() if one["outcome"] in ("zero-items", "suspect")}
    assert len(unread) >= 8, {family: one["outcome"] for family, one in found.items()}
    for family, one in unread.items():
        assert f"Probed: {homes[family].url()} can be read" in one["note"]
        assert [each for each in newsrooms.publications() if each["source"] == family.replace("_", "-")] == [
            each for each in before if each["source"] == family.replace("_", "-")
        ]
    asked = {family: len(site.server.requests) for family, site in newsrooms.sites.items()}
    again = newsrooms.poll("2025-09-20T11:00:00Z", code=None)
    for family in unread:
        assert again[family]["outcome"] in ("zero-items", "suspect")
        assert len(newsrooms.sites[family].server.requests) == asked[family] + 1, "it is probed once a day"
    newsrooms.change(instead=b"")
    assert of_all(newsrooms.poll("2025-09-20T12:00:00Z"), "new") == {0}
    with assemble(newsrooms.folder, datetime(2025, 9, 20, 13, tzinfo=UTC), readonly=True) as watch:
        assert [learned_declaration(watch, family.replace("_", "-")) for family in homes] == [None] * 10


def commands_of_the_page() -> list[list[str]]:
    """What docs/adding-a-council.md tells people to type."""
    text = (Path(__file__).parents[2] / "docs" / "adding-a-council.md").read_text("utf-8")
    (block,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [shlex.split(line)[1:] for line in block.splitlines()]


def test_the_three_commands_of_the_documentation_add_a_council(newsrooms: Newsrooms) -> None:
    documented = commands_of_the_page()
    assert [command[0] for command in documented] == ["add", "check", "poll"]
    site = newsrooms.sites["jadu"]
    there = {"https://www.harrowick.example": site.room.base, "harrowick-example": "127-0-0-1"}
    said = []
    for command in documented:
        for written, here in there.items():
            command = [word.replace(written, here) for word in command]
        said.append(newsrooms.run(*command, now=FIRST).stdout)
    added, checked, polled = said
    assert site.stories[0].title in added
    assert "10 items listed" in checked
    assert "10 listed, 10 new" in polled
    declared = tomllib.loads((newsrooms.folder / "sources" / "127-0-0-1.toml").read_text("utf-8"))
    assert (declared["family"], declared["authority"]) == ("jadu", "Harrowick")
