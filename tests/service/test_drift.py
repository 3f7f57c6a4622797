"""Lists that read without a fault and have lost something: dates, links, or the entries between two readings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from archive import Archive
from inspections.days import Day
from scraper.listings.feed import read_feed
from scraper.model import FetchError, Item, Page, Reading, Source
from service.health.incidents import find
from service.poll import record
from service.polling.known import Held, Round, fingerprint, goes_on
from service.polling.rounds import Done, Listed, read_source
from tests.servers import Reply
from tests.service.test_poll import watch as watch  # a fixture
from tests.stories.conftest import Story, Town
from tests.stories.conftest import town as town  # a fixture

NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOME = "https://www.saltby.example"


def item(name: str, day: str | None = "2026-03-01") -> Item:
    return Item(ref=name, url=f"{HOME}/{name}", title=f"About {name}", published_on=Day(day) if day else None)


class News:
    """One newsroom, polled by the hour with a list of 25 entries that a test says."""

    def __init__(self, archive: Archive, watch: Any) -> None:
        self.watch, self.now = watch, NOW
        (self.source,) = watch.sources

    def poll(self, *, dated: int = 25, linkless: int = 0, shown: int = 25, gap: bool = False) -> list[str]:
        """The codes of what stands after one more reading."""
        self.now += HOUR
        listed = Listed(
            items={f"{n}": "1" for n in range(shown)}, dated=dated, linkless=linkless, gap=gap
        )  # fmt: skip
        record(self.watch, self.source, [listed, Done(outcome="ok", seen=shown)], self.now)
        return self.codes()

    def codes(self) -> list[str]:
        return [one.code for one in self.faults()]

    def faults(self) -> list[Any]:
        return list(find(self.watch.archive, self.watch.sources, self.now, stale_after=14))


@pytest.fixture
def news(watch: Any) -> Iterator[News]:
    return News(watch.archive, watch)


@pytest.mark.fault("R4")
def test_a_list_that_loses_its_dates_is_told_of_at_its_second_reading_until_they_are_back(news: News) -> None:
    for _ in range(10):
        assert news.poll(dated=24) == []
    assert news.poll(dated=0) == [], "one bad page is no incident"
    assert news.poll(dated=0) == ["fields-lost"]
    assert "a date, 0 of 25" in news.faults()[0].text
    for _ in range(60):
        assert news.poll(dated=0) == ["fields-lost"], "what is lost does not become usual"
    assert news.poll(dated=23) == []


@pytest.mark.fault("R4")
def test_a_poll_that_fails_does_not_end_what_was_lost(news: News) -> None:
    for dated in [25] * 6 + [0, 0]:
        news.poll(dated=dated)
    record(news.watch, news.source, [Done(outcome="timeout", complete=False)], news.now)
    assert "fields-lost" in news.codes()


@pytest.mark.fault("R4")
def test_a_list_that_loses_half_its_links_is_told_of(news: News) -> None:
    for _ in range(6):
        news.poll(linkless=1)
    news.poll(shown=10, dated=10, linkless=16)
    assert news.poll(shown=10, dated=10, linkless=16) == ["fields-lost"]
    assert "a link, 10 of 26" in news.faults()[0].text


@pytest.mark.fault("R4")
@pytest.mark.parametrize(("usual", "now"), [(0, 0), (25, 13), (2, 0), (20, 25)])
def test_what_a_list_never_had_or_mostly_has_is_not_missed(news: News, usual: int, now: int) -> None:
    for dated in [usual] * 10 + [now] * 3:
        assert news.poll(dated=dated) == []


@pytest.mark.fault("R4")
def test_a_declaration_that_was_changed_is_judged_by_its_own_readings(news: News) -> None:
    for dated in [25] * 6 + [0, 0]:
        news.poll(dated=dated)
    path = news.watch.folder / "sources" / "news.toml"
    path.write_text(path.read_text("utf-8").replace("/list", "/new-list"), "utf-8")
    news.watch.reconfigure(news.now)
    (news.source,) = news.watch.sources
    assert news.poll(dated=0) == []


@pytest.mark.fault("R4")
def test_the_town_s_newsroom_without_its_dates_is_an_incident(town: Town) -> None:
    town.news[:] = [Story(f"road-{n}", f"Road works, week {n}", "Published Monday 5 January 2026 at 9:00", ["As before."])
                    for n in range(8)]  # fmt: skip
    for hour in range(6):
        town.poll(f"2026-03-10T{10 + hour}:00:00Z")
        town.news.append(Story(f"more-{hour}", f"More, {hour}", "Published Tuesday 10 March 2026 at 9:00", ["Again."]))
    undated = re.sub(rb'<p class="pubdate">.*?</p>', b"", town._listing())
    town.site["/news/"] = Reply(body=undated, headers={"Content-Type": "text/html; charset=utf-8"})
    for hour in (17, 18):
        town.run("poll", "theshuttle", now=f"2026-03-10T{hour}:00:00Z")
    (state,) = town.ask("sql", "SELECT learned FROM sources WHERE id = 'theshuttle'")
    assert '"times":2' in state["learned"] and '["a date,",0,14]' in state["learned"], state


class Feed:
    """A newsroom's feed that shows its newest ten, a page at a time; `further` as WordPress or a `next` link has it."""

    def __init__(self, *entries: Item, link: str = "") -> None:
        self.entries, self.link = entries, link
        self.fetched: list[str] = []

    def fetch(self, url: str, **given: Any) -> Page:
        if "/news" not in url:
            return Page(body=b"x", url=url)
        self.fetched.append(url)
        number = int(url.rpartition("paged=")[2]) if "paged=" in url else 1
        if not self.entries[10 * (number - 1) : 10 * number]:
            raise FetchError("there is no such page", outcome="not-found")
        return Page(body=str(number).encode(), url=url)

    def parse(self, page: Page, **given: Any) -> Reading:
        if given.get("as_type"):
            return Reading(type="article", title="T", text="x")
        number = int(page.body)
        further = {self.link: f"{HOME}/news?paged={number + 1}"} if self.link else {}
        return Reading(type="feed", items=self.entries[10 * (number - 1) : 10 * number], **further)


SOURCE = Source(id="saltby", name="Saltby", url=f"{HOME}/news", parser="feed")
KNOWN = [item(f"old-{n}", f"2026-03-0{9 - n % 9}") for n in range(10)]
FRESH = [item(f"new-{n}", "2026-03-11") for n in range(25)]


def read(feed: Feed, held: list[Item], limit: int = 100, begun: int = 0) -> list[Any]:
    known = {one.ref: Held(fingerprint=fingerprint(one)) for one in held}
    round = Round(
        source=SOURCE, held=known, last_read=date(2026, 3, 10), on=date(2026, 3, 11), limit=limit, begun=begun
    )
    return list(read_source(round, feed.fetch, feed.parse))


@pytest.mark.fault("X8")
def test_a_feed_that_shows_nothing_known_any_more_has_a_gap_and_one_that_does_has_none() -> None:
    assert read(Feed(*FRESH[:15], *KNOWN), KNOWN)[0].gap, "fifteen came, ten are shown, and nothing leads further back"
    assert not read(Feed(*FRESH[:9], *KNOWN), KNOWN)[0].gap
    assert not read(Feed(*FRESH[:15]), [])[0].gap, "a first reading"
    moved = [item(f"moved-{n}", "2026-01-05") for n in range(10)]
    assert not read(Feed(*moved), KNOWN)[0].gap, "a redesign, which is told of otherwise"


@pytest.mark.fault("X8")
@pytest.mark.parametrize("link", ["next_url", "older_url"])
def test_where_a_feed_can_be_read_further_back_it_is_until_something_known_is_met(link: str) -> None:
    feed = Feed(*FRESH, *KNOWN, link=link)
    listed, *steps = read(feed, KNOWN)
    assert not listed.gap and listed.pages == 3
    assert len(steps[:-1]) == 25, "what was pushed out of the feed is read too"


@pytest.mark.fault("X8")
def test_a_feed_without_earlier_pages_is_none_the_worse_for_being_asked_for_them() -> None:
    listed, *steps = read(Feed(*FRESH[:10], link="older_url"), KNOWN)
    assert listed.gap
    assert (steps[-1].outcome, len(steps) - 1) == ("ok", 10)
    assert "may have been missed" in steps[-1].note
    quiet = Feed(*FRESH[:3], *KNOWN, link="older_url")
    read(quiet, KNOWN)
    assert len(quiet.fetched) == 1, "earlier pages are asked for only in a gap"


@pytest.mark.fault("X8")
def test_what_a_poll_leaves_over_of_further_pages_is_read_by_the_next() -> None:
    feed = Feed(*FRESH, *KNOWN, link="older_url")
    first = read(feed, KNOWN, limit=20)
    assert (len(first) - 2, first[-1].complete) == (20, False)
    got = [*KNOWN, *FRESH[:20]]
    second = read(feed, got, limit=20, begun=first[0].pages)
    assert [step.publication.ref for step in second[1:-1]] == [one.ref for one in FRESH[20:]]
    assert second[-1].complete


@pytest.mark.fault("X8")
def test_a_gap_is_an_incident_for_a_week_and_says_since_when(news: News) -> None:
    news.poll()
    assert news.poll(gap=True) == ["gap"]
    (fault,) = news.faults()
    assert "between then and 11 March 2026 11:00 UTC may have been missed" in fault.text
    news.now += timedelta(days=6)
    assert "gap" in news.codes()
    news.now += timedelta(days=1, hours=1)
    assert "gap" not in news.codes()


@pytest.mark.fault("X8")
def test_how_much_of_a_list_was_begun_is_remembered_until_it_was_read_whole(news: News) -> None:
    listed = Listed(items={"a": "1"}, pages=3)
    record(news.watch, news.source, [listed, Done(outcome="ok", seen=1, complete=False)], NOW)
    assert news.watch.state(news.source).learned["begun"] == 3
    record(news.watch, news.source, [listed, Done(outcome="ok", seen=1)], NOW + HOUR)
    assert news.watch.state(news.source).learned["begun"] == 0


@pytest.mark.fault("X8")
def test_a_gap_is_followed_for_ten_pages_and_no_further() -> None:
    young, old = (
        Reading(type="feed", items=tuple(FRESH[:10])),
        Reading(type="feed", items=(*FRESH[:9], item("o", "2026-01-01"))),
    )
    held = {one.ref: Held() for one in KNOWN}
    round = Round(source=SOURCE, held=held, last_read=date(2026, 3, 10), on=date(2026, 3, 11))
    assert [goes_on(round, young, pages) for pages in (3, 9, 10)] == [True, True, False]
    assert not goes_on(round, old, 3), "what is older than the last reading is no gap"


@pytest.mark.fault("X8")
@pytest.mark.parametrize(
    ("generator", "url", "older"),
    [
        ("https://wordpress.org/?v=6.5", f"{HOME}/feed/", f"{HOME}/feed/?paged=2"),
        ("https://wordpress.org/?v=6.5", f"{HOME}/feed/?cat=3&paged=2", f"{HOME}/feed/?cat=3&paged=3"),
        ("https://wordpress.org/?v=6.5", f"{HOME}/feed/?paged=x", None),
        ("Drupal", f"{HOME}/feed/", None),
    ],
)
def test_earlier_entries_of_a_wordpress_feed_have_an_address(generator: str, url: str, older: str | None) -> None:
    body = (
        f'<rss version="2.0"><channel><title>News</title><generator>{generator}</generator>'
        f"<item><title>One</title><link>{HOME}/one</link></item></channel></rss>"
    )
    assert read_feed(Page(body=body.encode(), url=url)).older_url == older
