"""How a newsroom is found out about: politely, once a day, and never in place of one that was read before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from archive.model import SourceState
from fixtures.listings.town import TODAY, TOWN, Newsroom
from inspections.authorities import Authorities
from scraper import parse, probe
from scraper.model import Code, FetchError, NotModified, Page, ParseError, Reading, Source, Validators
from service.polling.known import Round
from service.polling.probing import MOST_REQUESTS, Trial, learned_source, read_or_probe, trials
from service.polling.rounds import Done

NOW = datetime(2025, 9, 19, 12, tzinfo=UTC)
NONE = Validators()
JADU = next(room for room in TOWN if room.family == "jadu")


class Web:
    """Pages by address; every other one is not found."""

    def __init__(self, pages: Mapping[str, bytes]) -> None:
        self.pages, self.asked = dict(pages), list[str]()

    def get(
        self, url: str, *, source: Source, validators: Validators = NONE, document: bool = False, fetched_on: date
    ) -> Page | NotModified:  # fmt: skip
        self.asked.append(url)
        if url not in self.pages:
            raise FetchError(f"{url} answers 404.", outcome="not-found", code=Code.NOT_FOUND)
        return Page(body=self.pages[url], url=url, fetched_on=fetched_on)


def read(page: Page, *, as_type: str | None = None, source: Source | None = None) -> Reading:
    return parse.read(page, as_type=as_type, source=source, authorities=Authorities([]))


def newsroom(room: Newsroom = JADU, **cells: Any) -> Source:
    return Source(**{"id": "x", "name": "X", "url": room.url(), "parser": "listing", **cells})


def web_of(room: Newsroom, *, feed: bool = True) -> Web:
    stories = room.stories(6)
    pages = {room.url(): room.page(stories), room.feed_url: room.rss(stories)}
    pages |= {room.base + one.path: room.article(one, room.stories(9)[8]) for one in stories}
    if not feed:
        del pages[room.feed_url]
    return Web(pages)


def poll(source: Source, state: SourceState, web: Web, now: datetime = NOW) -> Done:
    round = Round(source=source, on=TODAY)
    done = list(read_or_probe(round, state, web.get, read, probe.discover, now))[-1]
    assert isinstance(done, Done)
    return done


def never_read(**learned: Any) -> SourceState:
    return SourceState(id="x", url="", learned=learned)


def read_before(**learned: Any) -> SourceState:
    return SourceState(id="x", url="", learned=learned, last_ok=NOW - timedelta(hours=3))


def tried(source: Source, web: Web) -> list[Trial]:
    return list(trials(source, web.get, probe.discover, read, NOW))


def test_the_page_itself_is_asked_for_once_and_a_missing_feed_is_said() -> None:
    web = web_of(JADU, feed=False)
    feed, itself, site_map = tried(newsroom(), web)
    assert "404" in feed.refused
    assert itself.refused == ""
    assert itself.source.family == "jadu"
    assert web.asked == [JADU.url(), JADU.feed_url, site_map.candidate.url]


def test_no_more_than_a_few_pages_are_asked_for() -> None:
    named = "".join(f'<link rel="alternate" type="application/rss+xml" href="/feed/{n}">' for n in range(20))
    web = Web({JADU.url(): f"<html><head>{named}</head><body><h1>News</h1></body></html>".encode()})
    refused = tried(newsroom(), web)
    assert len(web.asked) == MOST_REQUESTS
    assert all(trial.refused for trial in refused)


def test_a_feed_on_another_host_whose_items_lead_home_is_sound() -> None:
    room, feed = TOWN[0], "https://feeds.syndicate.example/marrowdale"
    stories = room.stories(6)
    page = room.page(stories).replace(room.feed_url.encode(), feed.encode())
    first = tried(newsroom(room), Web({room.url(): page, feed: room.rss(stories)}))[0]
    assert (first.source.url, first.refused) == (feed, "")
    assert first.source.hosts == ("www.marrowdale.example",), "its articles may be read"


def test_what_was_found_is_kept_with_the_declaration_that_it_mends() -> None:
    source = newsroom(family="goss")
    done = poll(source, never_read(), web_of(JADU))
    assert done.outcome == "ok"
    assert done.note.startswith("probed: ")
    state = never_read(**done.learned)
    assert learned_source(source, state).url == JADU.feed_url
    corrected = newsroom(family="shuttle")
    assert learned_source(corrected, state) == corrected, "a person has written it anew"


@pytest.mark.parametrize("state", [read_before(), never_read(probed_at=(NOW - timedelta(hours=23)).isoformat())])
def test_a_source_that_was_read_before_or_probed_today_is_not_read_otherwise(state: SourceState) -> None:
    done = poll(newsroom(family="goss"), state, web_of(JADU))
    assert (done.outcome, done.complete) == ("zero-items", False)
    assert "declaration" not in done.learned


def test_a_source_that_a_person_saw_read_is_only_proposed_for() -> None:
    done = poll(newsroom(family="goss", verified_on=date(2025, 9, 1)), never_read(), web_of(JADU))
    assert done.outcome == "zero-items"
    assert JADU.feed_url in done.note
    assert done.learned["proposal"]["url"] == JADU.feed_url


def test_it_is_probed_again_a_day_later() -> None:
    yesterday = (NOW - timedelta(hours=24)).isoformat()
    assert poll(newsroom(family="goss"), never_read(probed_at=yesterday), web_of(JADU)).outcome == "ok"


def test_where_nothing_is_found_the_fault_of_the_declaration_is_reported() -> None:
    web = Web({JADU.url(): b"<html><body><h1>About us</h1><p>Opening hours.</p></body></html>"})
    done = poll(newsroom(family="goss"), never_read(), web)
    assert done.outcome == "zero-items"
    assert done.note.endswith("Probed: no other way was found to read it.")
    assert set(done.learned) == {"probed_at"}


@pytest.mark.parametrize(
    "body",
    [b"<html><body><h1>We'll be back soon</h1><p>We are carrying out essential maintenance.</p></body></html>", None],
)
def test_a_site_that_is_down_is_not_probed(body: bytes | None) -> None:
    web = Web({JADU.url(): body} if body else {})
    done = poll(newsroom(family="goss"), never_read(), web)
    assert done.outcome in ("maintenance", "not-found")
    assert web.asked == [JADU.url()]
    assert done.learned == {}


def test_ofsteds_pages_are_never_probed() -> None:
    web = Web({JADU.url(): b"<html><body><h1>Something else</h1><p>Nothing of interest.</p></body></html>"})
    source = newsroom(parser="ofsted_provider", publisher="ofsted")
    with pytest.raises(ParseError):
        read(Page(body=web.pages[JADU.url()], url=JADU.url()), source=source)
    poll(source, never_read(), web)
    assert web.asked == [JADU.url()]
