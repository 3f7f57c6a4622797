"""Feeds: their ids and dates may lie, their XML may attack; news is still told once, and the others are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

import pytest

from fixtures import hostile_pdfs
from scraper.child import Readers
from scraper.model import Code, Page, ParseError
from tests.servers import Reply
from tests.stories.conftest import SAID, Report, Story, Town, page
from tests.stories.test_killed import past

BEFORE, NEW = "2026-03-02T10:00:00Z", "2026-03-11T10:00:00Z"
GOOD = Story(
    "rated-good", "Children’s services rated good by Ofsted", "Published Wednesday 11 March 2026 at 9:37", SAID
)
RSS = '<?xml version="1.0"?>{}<rss version="2.0"><channel><title>News</title>{}</channel></rss>'
LAUGHS = '<!DOCTYPE r [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]>"  # fmt: skip


def serve(town: Town, guid: Callable[[int], str], date: Callable[[int], datetime], head: str = "") -> None:
    """The newsroom as a feed whose every id and date is as the test says."""
    entries = "".join(
        f"<item><title>{escape(story.title)}</title><link>{town.site.url(f'/{story.slug}/')}</link>"
        f"<guid isPermaLink='false'>{guid(number)}</guid><pubDate>{format_datetime(date(number))}</pubDate></item>"
        for number, story in reversed(list(enumerate(town.news)))
    )
    body = RSS.format(head, entries).encode()
    town.site["/feed/"] = lambda asked: page(body, asked, "application/rss+xml")


@pytest.fixture
def fed(town: Town) -> Town:
    """The newsroom is declared by its feed."""
    declared = town.folder / "sources" / "theshuttle.toml"
    text = declared.read_text("utf-8").replace("/news/", "/feed/").replace('parser = "listing"', 'parser = "feed"')
    declared.write_text(text, "utf-8")
    town.news += [Story(f"hall-{n}", f"The hall opens, week {n}", "Published Monday 12 January 2026 at 9:00", ["As ever."])
                  for n in range(6)]  # fmt: skip
    return town


def steady(number: int) -> datetime:
    return datetime(2026, 1, 12, 9, 17, tzinfo=UTC) + timedelta(days=7 * number)


@pytest.mark.fault("X6")
@pytest.mark.parametrize("ids", ["other each time", "one for all", "none"])
def test_ids_of_a_feed_may_change_be_shared_or_missing(fed: Town, ids: str) -> None:
    rounds = 0

    def guid(number: int) -> str:
        return {"other each time": f"{rounds}-{number}", "one for all": "x", "none": ""}[ids]

    serve(fed, guid, steady)
    fed.poll(BEFORE)
    known = fed.ask("sql", "SELECT ref FROM publications WHERE source = 'theshuttle' ORDER BY ref")
    assert len(known) == len(fed.news)
    for day in (3, 4):
        rounds += 1
        serve(fed, guid, steady)
        fed.poll(f"2026-03-0{day}T10:00:00Z")
    assert fed.ask("sql", "SELECT ref FROM publications WHERE source = 'theshuttle' ORDER BY ref") == known
    fed.news.append(GOOD)
    rounds += 1
    serve(fed, guid, steady)
    fed.poll(NEW)
    assert len(fed.mail()) == 1


@pytest.mark.fault("X7")
@pytest.mark.parametrize("way", ["always now", "all one day", "in the future", "moved by years"])
def test_dates_of_a_feed_may_lie_and_nothing_is_told_twice(fed: Town, way: str) -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)

    def date(number: int) -> datetime:
        lies = {
            "always now": at,
            "all one day": datetime(2020, 1, 1, tzinfo=UTC),
            "in the future": at.replace(year=2106),
        }
        return lies.get(way) or steady(number) + timedelta(days=365 * (at.day % 3))

    serve(fed, str, date)
    fed.poll(BEFORE)
    fed.news.append(GOOD)
    for day in (11, 12, 13):
        at = at.replace(day=day)
        serve(fed, str, date)
        fed.poll(f"2026-03-{day}T10:00:00Z")
    assert len(fed.mail()) == 1, [letter["Subject"] for letter in fed.mail()]
    assert len(fed.ask("sql", "SELECT ref FROM publications WHERE source = 'theshuttle'")) == len(fed.news)


@pytest.mark.fault("X1")
@pytest.mark.fault("X2")
@pytest.mark.parametrize("head", [LAUGHS, '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]>'])
def test_entities_cost_nothing_and_the_other_sources_are_read(fed: Town, head: str) -> None:
    serve(fed, str, steady)
    fed.poll(BEFORE)
    fed.blog.append(Story("good-news", "Children’s services rated good by Ofsted", "2026-03-11", list(SAID)))
    serve(fed, lambda number: "&e;", steady, head)
    said = fed.poll(NEW, code=1).output
    assert "XML entities" in " ".join(said.split())
    assert len(fed.mail()) == 1


@pytest.mark.fault("X4")
def test_tens_of_thousands_of_whole_items_end_at_a_limit(readers: Readers) -> None:
    items = "".join(f"<item><title>H {n}</title><link>https://a.example/{n}</link></item>" for n in range(26_000))
    body = RSS.format("", items).encode()
    assert len(body) < 2_000_000
    try:
        found = len(readers.read(Page(body=body, url="https://a.example/feed"), as_type="feed").items)
    except ParseError as error:
        found = 2000 if error.code is Code.LIMIT else -1
    assert found == 2000


@pytest.mark.fault("K6")
def test_bombs_of_every_kind_at_once_cost_their_own_sources_only(fed: Town) -> None:
    """A feed of entities, two documents that inflate, one of too many pages, beside an honest newsroom."""
    past(fed)
    serve(fed, str, steady)
    fed.poll(BEFORE)
    fed.site["/feed/"] = Reply(body=RSS.format(LAUGHS, "<item><title>&j;</title></item>").encode())
    bombs = (hostile_pdfs.flate_bomb(), hostile_pdfs.doubly_deflated(), hostile_pdfs.many_pages())
    labels = (
        "Children's services inspection",
        "Children's services focused visit",
        "Children's services monitoring visit",
    )
    for number, (body, label) in enumerate(zip(bombs, labels, strict=True)):
        fed.reports.append(Report(f"5030000{number}", label, f"0{number + 1} February 2026", "11 March 2026", body))
    fed.blog.append(Story("good-news", "Children’s services rated good by Ofsted", "2026-03-11", list(SAID)))
    said = " ".join(fed.poll(NEW, code=1).output.split())
    assert "theshuttle: refused" in said or "XML entities" in said
    assert "blackburn-life: ok; 2 listed, 1 new" in said
    subjects = [letter["Subject"] for letter in fed.mail()]
    assert len(subjects) == 3, subjects
    assert fed.ask("sql", "SELECT count(*) AS n FROM publications WHERE ref LIKE '5030000%'") == [{"n": 3}]
