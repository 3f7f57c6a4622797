"""robots.txt, gaps, budgets and Retry-After."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from scraper.fetch import Fetcher, FetchSettings
from scraper.model import Code, FetchError, Source
from scraper.robots import Rules
from tests.scraper.fetching import NOW, TODAY, Clock, failure, fetcher, get, source
from tests.servers import FaultServer, Reply


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


# robots.txt


@pytest.mark.fault("K19")
def test_robots_txt_is_obeyed_and_asked_for_once_a_day(site: FaultServer, clock: Clock) -> None:
    site["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /private*\n")
    site["/news"] = Reply(b"<p>news")
    one, here = fetcher(clock), source(site.url("/news"))
    for _ in range(3):
        one.get(here.url, source=here, fetched_on=TODAY)
    with pytest.raises(FetchError) as caught:
        one.get(site.url("/private/1"), source=here, fetched_on=TODAY)
    assert (caught.value.outcome, caught.value.code) == ("robots", Code.REFUSED)
    assert len(site.asked("/robots.txt")) == 1
    assert not site.asked("/private/1")
    clock.at += 24 * 3600
    one.get(here.url, source=here, fetched_on=TODAY)
    assert len(site.asked("/robots.txt")) == 2


@pytest.mark.fault("K19")
@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_robots_txt_that_is_not_there_allows_everything(site: FaultServer, clock: Clock, status: int) -> None:
    site["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /", status=status)
    site["/news"] = Reply(b"<p>news")
    assert get(site, clock).body == b"<p>news"


@pytest.mark.fault("K19")
@pytest.mark.parametrize(
    ("script", "outcome"),
    [(Reply(status=500), "server-error"), (Reply(status=429), "rate-limited"), (Reply(b"x", reset_after=0), "network")],
)
def test_a_robots_txt_that_cannot_be_read_forbids_this_poll_only(
    site: FaultServer, clock: Clock, script: Reply, outcome: str
) -> None:
    site["/robots.txt"] = script
    site["/news"] = Reply(b"<p>news")
    one, here = fetcher(clock, settings={"retries": 0}), source(site.url("/news"))
    with pytest.raises(FetchError) as caught:
        one.get(here.url, source=here, fetched_on=TODAY)
    assert caught.value.outcome == outcome
    assert not site.asked("/news")
    site["/robots.txt"] = Reply(b"")
    assert one.get(here.url, source=here, fetched_on=TODAY)


@pytest.mark.fault("K19")
def test_an_enormous_robots_txt_is_read_to_its_limit(site: FaultServer, clock: Clock) -> None:
    rules = b"User-agent: *\nDisallow: /secret\n" + b"# padding\n" * 60_000 + b"Disallow: /news\n"
    site["/robots.txt"], site["/news"] = Reply(rules), Reply(b"<p>news")
    assert get(site, clock).body == b"<p>news"
    assert failure(site, clock, "/secret").outcome == "robots"


@pytest.mark.fault("K19")
def test_robots_txt_is_followed_through_redirects(site: FaultServer, clock: Clock) -> None:
    site["/robots.txt"] = Reply(status=301, headers={"Location": "/other-robots.txt"})
    site["/other-robots.txt"] = Reply(b"User-agent: OfstedWatch\nDisallow: /")
    assert failure(site, clock).outcome == "robots"


@pytest.mark.fault("K19")
def test_a_permission_in_the_declaration_stands_above_robots_txt(site: FaultServer, clock: Clock) -> None:
    site["/robots.txt"], site["/news"] = Reply(b"User-agent: *\nDisallow: /"), Reply(b"<p>news")
    here = source(site.url("/news"), options={"ignore_robots": "web team, by mail, 1 March 2026"})
    assert fetcher(clock).get(here.url, source=here, fetched_on=TODAY)


def test_what_robots_txt_said_survives_a_restart(site: FaultServer, clock: Clock) -> None:
    site["/robots.txt"], site["/news"] = Reply(b"User-agent: *\nAllow: /"), Reply(b"<p>news")
    kept: dict[str, Rules] = {}
    for _ in range(2):
        get(site, clock, rules=kept)
    assert len(site.asked("/robots.txt")) == 1
    assert list(kept) == [f"127.0.0.1:{site.port}"]


def test_crawl_delay_is_a_larger_gap(site: FaultServer, clock: Clock) -> None:
    site["/robots.txt"], site["/news"] = Reply(b"User-agent: *\nCrawl-delay: 20"), Reply(b"<p>news")
    one, here = fetcher(clock, settings={"gap": timedelta(seconds=5)}), source(site.url("/news"))
    for _ in range(2):
        one.get(here.url, source=here, fetched_on=TODAY)
    assert [round(slept) for slept in clock.slept] == [5, 20]  # after robots.txt, which has no say in its own gap


# Pace and budget


@pytest.mark.fault("K20")
def test_one_host_is_asked_by_one_thread_at_a_time(site: FaultServer, clock: Clock) -> None:
    site["/robots.txt"] = Reply(b"")
    sources = [source(site.url(f"/news/{number}"), id=f"s{number}") for number in range(12)]
    for number in range(12):
        site[f"/news/{number}"] = Reply(b"<p>news")
    one = fetcher(clock, settings={"gap": timedelta(seconds=5)})
    threads = [
        threading.Thread(target=one.get, args=(here.url,), kwargs={"source": here, "fetched_on": TODAY})
        for here in sources
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(site.requests) == 13
    assert site.most_at_once == 1
    assert site.connections == 1
    assert [round(slept) for slept in clock.slept] == [5] * 12


@pytest.mark.fault("K20")
def test_a_gap_under_a_second_is_for_private_sources_only(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    one = fetcher(clock)

    def answer(target: Any, want: Any, here: Source) -> Any:
        asked.append(clock.at)
        raise FetchError("the network is not needed to see the gap", outcome="network")

    monkeypatch.setattr(one, "_exchange", answer)
    here = source("http://www.marlshire.example/news", allow_private=False, options={"ignore_robots": "test"})
    for _ in range(2):
        with pytest.raises(FetchError):
            one.get(here.url, source=here, fetched_on=TODAY)
    assert asked[1] - asked[0] == pytest.approx(1)


@pytest.mark.fault("K20")
def test_the_daily_budget_counts_every_request_and_survives_a_restart(site: FaultServer, clock: Clock) -> None:
    site["/news"] = [Reply(status=503), Reply(b"<p>news")]
    counts: dict[tuple[str, date], int] = {}

    def count(host: str, day: date) -> int:
        counts[host, day] = counts.get((host, day), 0) + 1
        return counts[host, day]

    settings = {"daily_budget": 3}
    get(site, clock, count=count, settings=settings)
    assert counts == {(f"127.0.0.1:{site.port}", TODAY): 3}  # robots.txt, the 503 and the page
    error = failure(site, clock, count=count, settings=settings)
    assert error.outcome == "budget"
    assert error.retry_after
    assert timedelta(hours=14) < error.retry_after < timedelta(hours=15)  # to midnight UTC
    assert len(site.requests) == 3


@pytest.mark.fault("K20")
@pytest.mark.parametrize(("ago", "waits"), [(1.0, [4.0]), (5.0, []), (-60.0, []), (None, [])])
def test_a_process_that_follows_another_keeps_the_gap_after_its_last_request(
    site: FaultServer, clock: Clock, ago: float | None, waits: list[float]
) -> None:
    site["/news"] = Reply(b"<p>news")
    one = fetcher(
        clock, settings={"gap": timedelta(seconds=5)},
        since=lambda host: None if ago is None else timedelta(seconds=ago),
    )  # fmt: skip
    here = source(site.url("/news"), options={"ignore_robots": "test"})
    one.get(here.url, source=here, fetched_on=TODAY)
    assert clock.slept == waits
    one.get(here.url, source=here, fetched_on=TODAY)
    assert [round(slept) for slept in clock.slept] == [*waits, 5], "what came before it is asked once only"


RETRY_AFTER = [
    ("120", 120), ("0", None), ("-5", None), ("soon", None), ("", None), ("Mon, 02 Mar 2026 10:40:00 GMT", 3600),
    ("Sun, 01 Mar 2026 10:40:00 GMT", None), ("315360000", 86400), ("Thu, 05 Mar 2036 09:40:00 GMT", 86400),
    ("9" * 400, 86400), ("٣٠", None), (f"Wed, 23 Apr {'9' * 30} 09:00:00 GMT", None),
]  # fmt: skip


@pytest.mark.fault("H8")
@pytest.mark.parametrize(("header", "seconds"), RETRY_AFTER)
def test_retry_after_in_every_form(header: str, seconds: int | None) -> None:
    from scraper.pace import retry_after

    assert retry_after(header, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.fault("H8")
def test_retry_after_holds_the_whole_host(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(status=429, headers={"Retry-After": "3600"})
    site["/other"] = Reply(b"<p>other")
    one, here = fetcher(clock), source(site.url("/news"))
    with pytest.raises(FetchError) as caught:
        one.get(here.url, source=here, fetched_on=TODAY)
    assert (caught.value.outcome, caught.value.retry_after) == ("rate-limited", timedelta(hours=1))
    other = source(site.url("/other"), id="other")
    with pytest.raises(FetchError, match="asked to be left alone") as caught:
        one.get(other.url, source=other, fetched_on=TODAY)
    assert caught.value.outcome == "rate-limited"
    assert not site.asked("/other")
    clock.at += 3600
    assert one.get(other.url, source=other, fetched_on=TODAY)


def test_a_short_retry_after_is_waited_for(site: FaultServer, clock: Clock) -> None:
    site["/news"] = [Reply(status=503, headers={"Retry-After": "8"}), Reply(b"<p>news")]
    assert get(site, clock).body == b"<p>news"
    assert sum(clock.slept) == pytest.approx(8, abs=0.01)


@pytest.mark.fault("H8")
def test_a_long_retry_after_ends_the_tries_of_this_poll(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(status=503, headers={"Retry-After": "3600"})
    error = failure(site, clock)
    assert (error.outcome, error.retry_after, clock.slept) == ("server-error", timedelta(hours=1), [])


def test_a_connection_lost_before_the_answer_is_made_anew(site: FaultServer, clock: Clock) -> None:
    site["/news"] = [Reply(b"<p>news", reset_after=0), Reply(b"<p>news", reset_after=0), Reply(b"<p>news")]
    assert get(site, clock).body == b"<p>news"
    site["/news"] = [Reply(b"<p>news" * 9, reset_after=60), Reply(b"<p>news")]
    assert failure(site, clock).outcome in ("network", "bad-body")


def test_closing_ends_every_wait_for_a_turn(site: FaultServer, clock: Clock) -> None:
    site["/robots.txt"], site["/news"] = Reply(b""), Reply(b"<p>news")
    here = source(site.url("/news"))
    one = Fetcher(FetchSettings(gap=timedelta(minutes=1)))  # with the real clock and sleep
    outcomes: list[str] = []

    def fetch() -> None:
        try:
            one.get(here.url, source=here, fetched_on=TODAY)
        except FetchError as error:
            outcomes.append(error.outcome)

    threads = [threading.Thread(target=fetch) for _ in range(3)]
    for thread in threads:
        thread.start()
    while not site.requests:
        threading.Event().wait(0.01)
    one.close()
    for thread in threads:
        thread.join(10)
    assert outcomes == ["stopped"] * 3
    assert not site.asked("/news")


def test_a_sleep_that_says_stop_ends_the_wait(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"<p>news")
    one = fetcher(clock, sleep=lambda seconds: True, settings={"gap": timedelta(seconds=5)})
    with pytest.raises(FetchError) as caught:
        one.get(site.url("/news"), source=source(site.url("/news")), fetched_on=TODAY)
    assert caught.value.outcome == "stopped"
