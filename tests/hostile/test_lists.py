"""Lists of several pages that fail, never end or flood, and a server whose own dates are wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scraper.model import FetchError, Item, Page, Reading, Source
from service.polling.known import Held, Round
from service.polling.rounds import Done, read_source
from tests.servers import Reply
from tests.stories.conftest import SAID, Report, Story, Town
from tests.stories.test_killed import ilacs, past

BEFORE, NEW = "2026-03-02T10:00:00Z", "2026-03-11T10:00:00Z"
GOOD = Story(
    "rated-good", "Children’s services rated good by Ofsted", "Published Wednesday 11 March 2026 at 9:37", SAID
)
HOME = "https://www.saltby.example/news"


class Site:
    """Pages of a list by their number; each leads to the next. What is `broken` cannot be fetched."""

    def __init__(self, type: str = "listing", broken: int = 0, total: int | None = None, forever: str = "") -> None:
        self.type, self.broken, self.total, self.forever = type, broken, total, forever
        self.fetched: list[str] = []

    def fetch(self, url: str, **given: Any) -> Page:
        self.fetched.append(url)
        if self.broken and url.endswith(f"page={self.broken}"):
            raise FetchError("the server answered 502", outcome="server-error")
        return Page(body=b"x", url=url)

    def parse(self, page: Page, **given: Any) -> Reading:
        if given.get("as_type"):
            return Reading(type="article", title="T", text="x")
        number = int(page.url.rpartition("page=")[2] or 1) if "page=" in page.url else 1
        items = tuple(
            Item(ref=f"{number}-{n}", url=f"{HOME}/{number}-{n}", title=f"Headline {number} {n}") for n in range(2)
        )
        following = {"itself": page.url, "session": f"{HOME}?sid={len(self.fetched)}&page={number}"}
        return Reading(
            type=self.type, items=items, total=self.total, next_url=following.get(self.forever, f"{HOME}?page={number + 1}")
        )  # fmt: skip


def run(site: Site, held: dict[str, Held] | None = None) -> list[Any]:
    source = Source(
        id="saltby", name="Saltby", url=HOME, parser="ofsted_search" if site.type == "search" else "listing"
    )
    round = Round(source=source, held=held or {}, on=date(2026, 3, 11), limit=100, last_read=date(2026, 3, 1))
    return list(read_source(round, site.fetch, site.parse))


@pytest.mark.fault("H19")
@pytest.mark.parametrize("type", ["listing", "search"])
def test_a_second_page_that_fails_leaves_the_whole_list_unread(type: str) -> None:
    (done,) = run(Site(type, broken=2, total=4))
    assert isinstance(done, Done)
    assert (done.outcome, done.complete) == ("server-error", False)
    assert not done.validators.etag and not done.providers


@pytest.mark.fault("H19")
def test_what_a_list_that_failed_would_have_shown_comes_with_the_next_poll(town: Town) -> None:
    town.poll(BEFORE)
    town.blog.append(Story("good-news", GOOD.title, "2026-03-11", list(SAID)))
    town.site["/news/"] = Reply(reset_after=10)
    town.news.append(GOOD)
    town.poll(NEW, code=1)
    assert len(town.mail()) == 1, "the other newsroom told of it"
    town.open()
    town.poll("2026-03-11T11:00:00Z")
    assert len(town.mail()) == 1
    assert len(town.ask("sql", "SELECT ref FROM publications WHERE ref LIKE '%rated-good%'")) == 1


@pytest.mark.fault("H20")
@pytest.mark.parametrize("forever", ["itself", "session", ""])
@pytest.mark.parametrize(("type", "most"), [("listing", 3), ("search", 50)])
def test_a_list_without_end_is_read_for_so_many_pages(type: str, most: int, forever: str) -> None:
    site = Site(type, forever=forever)
    steps = run(site, held={"other": Held()} if type == "listing" else None)
    lists = [url for url in site.fetched if "?" in url or url == HOME]
    assert len(lists) <= most
    assert isinstance(steps[-1], Done)


@pytest.mark.fault("H20")
def test_a_search_without_end_never_counts_as_whole() -> None:
    site = Site("search", forever="itself", total=4)
    (done,) = run(site)
    assert isinstance(done, Done) and (done.outcome, done.complete) == ("suspect", False)
    assert "shows" in done.note or "show" in done.note


@pytest.mark.fault("T5")
@pytest.mark.parametrize("stated", ["Fri, 01 Jan 2106 00:00:00 GMT", "soon", "0", "Thu, 32 Foo 2026 99:99:99 GMT", ""])
def test_a_server_s_own_clock_moves_no_poll_and_no_date(town: Town, stated: str) -> None:
    town.poll(BEFORE)
    due = "SELECT next_due FROM sources WHERE id = 'theshuttle'"
    town.news.append(GOOD)
    body = town._listing()
    town.site["/news/"] = Reply(body=body, headers={
        "Content-Type": "text/html", "Date": stated, "Last-Modified": stated, "Expires": stated, "Age": "99999999",
    })  # fmt: skip
    town.poll(NEW)
    assert len(town.mail()) == 1
    (row,) = town.ask("sql", due)
    at = datetime.fromisoformat(row["next_due"].replace("Z", "+00:00"))
    assert timedelta(0) < at - datetime(2026, 3, 11, 10, tzinfo=UTC) < timedelta(days=2)
    (kept,) = town.ask("sql", "SELECT published_on FROM publications WHERE ref LIKE '%rated-good%'")
    assert kept["published_on"] == "2026-03-11"
    town.poll("2026-03-11T12:00:00Z")
    asked = town.site.asked("/news/")[-1].headers
    assert asked.get("if-modified-since", stated) == stated, "it is given back as it came"
    assert len(town.mail()) == 1


@pytest.mark.fault("K23")
def test_a_flood_of_made_up_news_is_held_and_ofsteds_own_report_passes(town: Town) -> None:
    past(town)
    town.poll(BEFORE)
    town.news[:] = [
        Story(f"spam-{n}", f"{area}’s children’s services rated outstanding by Ofsted", "Published Monday 5 January 2026 at 9:00",
              [f"Children’s services in {area} have been rated outstanding by Ofsted in a report published today."])
        for n, area in enumerate(("Blackburn with Darwen", "Leeds", "Kent", "Bolton", "Wigan", "Bury") * 4)
    ]  # fmt: skip
    town.poll(NEW)
    assert town.mail() == []
    assert {"redesign" in one["held"] for one in town.ask("alerts", "list", "--state", "held", now=NEW)} == {True}
    town.reports.append(Report("50300001", "Children's services inspection", "02 February 2026", "11 March 2026",
                               ilacs("2 to 13 February 2026", "Good")))  # fmt: skip
    town.poll("2026-03-11T12:00:00Z")
    (letter,) = town.mail()
    assert "good" in letter["Subject"]
