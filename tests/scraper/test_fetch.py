"""The fetcher against a server that does wrong what it is told to."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.fetch import Fetcher, FetchSettings
from scraper.model import NOT_MODIFIED, Code, FetchError, Page, Source, Validators
from scraper.robots import Rules
from tests.servers import Asked, FaultServer, Reply

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)
CERTIFICATES = Path(__file__).parents[1] / "certificates"


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.at

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.at - 1000)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


def fetcher(clock: Clock, **given: Any) -> Fetcher:
    settings = {"gap": timedelta(0), "contact": "watch@marlshire.example"} | given.pop("settings", {})
    clocks = {"monotonic": clock.monotonic, "sleep": clock.sleep, "now": clock.now}
    return Fetcher(FetchSettings(**settings), **(clocks | given))


def source(url: str, **given: Any) -> Source:
    return Source(
        **({"id": "marlshire", "name": "Marlshire", "url": url, "parser": "listing", "allow_private": True} | given)
    )


def get(site: FaultServer, clock: Clock, path: str = "/news", **given: Any) -> Page:
    page = fetcher(clock, **given).get(site.url(path), source=source(site.url("/news")), fetched_on=TODAY)
    assert isinstance(page, Page)
    return page


def failure(site: FaultServer, clock: Clock, path: str = "/news", **given: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(site, clock, path, **given)
    return caught.value


def test_a_page_comes_with_what_the_server_said_of_it(site: FaultServer, clock: Clock) -> None:
    stamps = {"ETag": '"1"', "Last-Modified": "Mon, 02 Mar 2026 09:00:00 GMT"}
    site["/news"] = Reply(b"<p>caf\xe9", headers={"Content-Type": "Text/HTML; charset=ISO-8859-1"} | stamps)
    page = get(site, clock)
    assert (page.body, page.url, page.status) == (b"<p>caf\xe9", site.url("/news"), 200)
    assert (page.content_type, page.charset, page.fetched_on) == ("text/html", "ISO-8859-1", TODAY)
    assert page.validators == Validators(etag='"1"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT")


def test_the_request_says_who_asks_and_keeps_no_cookies(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"<p>news", headers={"Set-Cookie": "variant=b; Path=/"})
    one = fetcher(clock)
    for _ in range(2):
        one.get(site.url("/news"), source=source(site.url("/news")), fetched_on=TODAY)
    for asked in site.asked("/news"):
        assert asked.headers["user-agent"].startswith("OfstedWatch/")
        assert asked.headers["user-agent"].endswith(" (+watch@marlshire.example)")
        assert (asked.headers["accept-encoding"], asked.headers["accept-language"]) == ("gzip", "en-GB,en;q=0.8")
        assert "cookie" not in asked.headers
    assert len(site.asked("/news")) == 2


@pytest.mark.fault("H21")
def test_every_poll_asks_in_the_same_way(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"<p>news", headers={"Set-Cookie": "lang=cy", "Vary": "Cookie"})
    get(site, clock)
    get(site, clock)
    first, second = site.asked("/news")
    assert first.headers == second.headers


@pytest.mark.fault("H1")
def test_an_unchanged_page_is_asked_for_with_the_servers_own_validators(site: FaultServer, clock: Clock) -> None:
    site["/news"] = lambda asked: Reply(status=304 if asked.headers.get("if-none-match") == '"1"' else 200, body=b"<p>")
    held = Validators(etag='"1"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT")
    here = source(site.url("/news"))
    answer = fetcher(clock).get(here.url, source=here, validators=held, fetched_on=TODAY)
    assert answer is NOT_MODIFIED
    assert site.asked("/news")[0].headers["if-modified-since"] == "Mon, 02 Mar 2026 09:00:00 GMT"


@pytest.mark.fault("H3")
def test_without_validators_the_whole_page_is_asked_for(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"<p>news", headers={"ETag": '"same for ever"'})
    get(site, clock)
    assert not {"if-none-match", "if-modified-since"} & set(site.asked("/news")[0].headers)


@pytest.mark.fault("H2")
def test_a_304_that_was_not_asked_for_is_no_success(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(status=304)
    assert failure(site, clock).outcome == "bad-body"


def test_connections_are_used_again(site: FaultServer, clock: Clock) -> None:
    site["/news"] = lambda asked: Reply(status=304) if "if-none-match" in asked.headers else Reply(b"<p>news")
    one, here = fetcher(clock), source(site.url("/news"))
    for etag in (None, '"1"', '"1"', None):
        one.get(here.url, source=here, validators=Validators(etag=etag), fetched_on=TODAY)
    assert site.connections == 1


# Names and connections


def blocking(gate: threading.Event) -> Callable[[str, int], list[str]]:
    def resolve(host: str, port: int) -> list[str]:
        gate.wait(20)
        return ["127.0.0.1"]

    return resolve


@pytest.mark.fault("N1")
def test_a_name_that_is_not_found_is_said_so(clock: Clock) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    here = source("http://www.marlshire.example/news", allow_private=False)
    with pytest.raises(FetchError) as caught:
        fetcher(clock, resolve=resolve).get(here.url, source=here, fetched_on=TODAY)
    assert caught.value.outcome == "dns"
    assert str(caught.value).startswith(
        'source "marlshire": the name www.marlshire.example could not be found. Nothing was lost. If the site has moved'
    )


@pytest.mark.fault("N2")
def test_look_ups_that_hang_are_left_behind_and_only_four_at_a_time(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"<p>news")
    gate = threading.Event()
    one = fetcher(clock, resolve=blocking(gate), settings={"lookup_timeout": timedelta(seconds=0.05), "retries": 0})
    said = []
    for number in range(6):
        here = source(f"http://council{number}.example/news")
        with pytest.raises(FetchError) as caught:
            one.get(here.url, source=here, fetched_on=TODAY)
        assert caught.value.outcome == "dns"
        said.append(str(caught.value))
    numeric = source(site.url("/news"))
    assert one.get(numeric.url, source=numeric, fetched_on=TODAY)
    gate.set()
    assert [("4 look-ups of names hang" in text) for text in said] == [False] * 4 + [True] * 2


@pytest.mark.fault("N2")
def test_a_look_up_that_comes_back_late_makes_room_again() -> None:
    from scraper.connect import Lookup
    from scraper.outcomes import Failure

    gates = [threading.Event() for _ in range(5)]
    ended = threading.Semaphore(0)
    turns = iter(gates)

    def resolve(host: str, port: int) -> list[str]:
        gate = next(turns)
        gate.wait(20)
        ended.release()
        return ["127.0.0.1"]

    lookup = Lookup(resolve, limit=0.02, stuck_at_most=1)
    with pytest.raises(Failure, match="was not answered"):
        lookup.addresses("a.example", 80)
    with pytest.raises(Failure, match="1 look-ups of names hang"):
        lookup.addresses("b.example", 80)
    gates[0].set()
    ended.acquire(timeout=5)
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with pytest.raises(Failure) as caught:
            lookup.addresses("c.example", 80)
        if "was not answered" in str(caught.value):
            break
    assert "was not answered" in str(caught.value)
    for gate in gates:
        gate.set()


@pytest.mark.fault("N3")
def test_a_closed_port_is_tried_three_times_and_named(clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    here = source(f"http://127.0.0.1:{port}/news")
    with pytest.raises(FetchError) as caught:
        fetcher(clock).get(here.url, source=here, fetched_on=TODAY)
    assert caught.value.outcome == "refused-connection"
    assert f"127.0.0.1 refuses connections on port {port}" in str(caught.value)
    assert len(clock.slept) == 2


@pytest.mark.fault("N4")
def test_a_connection_that_is_never_taken_ends_at_its_limit(clock: Clock) -> None:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(0)
    fill = [socket.socket() for _ in range(4)]  # the queue of pending connections is full
    for one in fill:
        one.setblocking(False)
        one.connect_ex(listening.getsockname())
    here = source(f"http://127.0.0.1:{listening.getsockname()[1]}/news")
    settings = {"connect_timeout": timedelta(seconds=0.2), "retries": 0}
    with pytest.raises(FetchError) as caught:
        fetcher(clock, settings=settings).get(here.url, source=here, fetched_on=TODAY)
    for one in (*fill, listening):
        one.close()
    assert caught.value.outcome == "connect-timeout"


@pytest.mark.fault("N9")
def test_an_unreachable_ipv6_address_falls_back_to_ipv4(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"<p>news")
    here = source(f"http://www.marlshire.example:{site.port}/news")
    answer = fetcher(clock, resolve=lambda host, port: ["::1", "127.0.0.1"]).get(
        here.url, source=here, fetched_on=TODAY
    )
    assert isinstance(answer, Page)
    assert site.asked("/news")[0].headers["host"] == f"www.marlshire.example:{site.port}"


@pytest.mark.fault("N10")
def test_what_works_at_the_third_try_is_read_once(site: FaultServer, clock: Clock) -> None:
    site["/news"] = [Reply(status=503), Reply(status=502), Reply(b"<p>at last")]
    assert get(site, clock).body == b"<p>at last"
    assert len(site.asked("/news")) == 3
    assert 1 <= clock.slept[0] <= 3
    assert 2 <= clock.slept[1] <= 6


@pytest.mark.fault("N12")
def test_descriptors_do_not_grow(site: FaultServer, clock: Clock) -> None:
    fds = Path("/proc/self/fd")
    if not fds.is_dir():
        pytest.skip("descriptors are counted in /proc, which this system does not have")
    replies = [Reply(b"<p>"), Reply(status=404), Reply(b"x" * 50, reset_after=60), Reply(b"x", length=9), Reply(b"")]
    site["/news"] = replies * 40
    one, here = fetcher(clock, settings={"retries": 0, "daily_budget": 10_000}), source(site.url("/news"))

    def round_of(times: int) -> int:
        for _ in range(times):
            try:
                one.get(here.url, source=here, fetched_on=TODAY)
            except FetchError:
                continue
        site.wait_until_quiet()
        return len(list(fds.iterdir()))

    before = round_of(20)
    assert round_of(160) <= before + 5
    assert len(site.asked("/news")) == 180


# Time


@pytest.mark.fault("N6")
def test_a_slow_drip_ends_at_the_total_deadline(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"x" * 1000, seconds_per_byte=0.05)
    started = time.monotonic()
    error = failure(site, clock, settings={"page_deadline": timedelta(seconds=0.4)})
    assert error.outcome == "timeout"
    assert time.monotonic() - started < 1.4


@pytest.mark.fault("N6")
def test_a_dripping_body_without_a_length_is_not_taken_for_whole(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"x" * 1000, seconds_per_byte=0.05, length=-1)
    assert failure(site, clock, settings={"page_deadline": timedelta(seconds=0.3)}).outcome == "timeout"


def test_a_document_has_a_deadline_of_its_own(site: FaultServer, clock: Clock) -> None:
    site["/report"] = Reply(b"%PDF-" + b"x" * 10, seconds_per_byte=0.02)
    settings = {"page_deadline": timedelta(seconds=0.05), "document_deadline": timedelta(seconds=5)}
    one, here = fetcher(clock, settings=settings), source(site.url("/news"))
    assert isinstance(one.get(site.url("/report"), source=here, document=True, fetched_on=TODAY), Page)
    with pytest.raises(FetchError, match="not complete when its time was up"):
        one.get(site.url("/report"), source=here, fetched_on=TODAY)


@pytest.mark.fault("N7")
@pytest.mark.parametrize("byte", [0, 3])
def test_silence_ends_at_the_read_timeout(site: FaultServer, clock: Clock, byte: int) -> None:
    site["/news"] = Reply(b"<p>news", pause_before=byte)
    assert failure(site, clock, settings={"read_timeout": timedelta(seconds=0.15)}).outcome == "timeout"
    assert len(site.asked("/news")) == 1


def test_closing_the_fetcher_ends_what_is_under_way(site: FaultServer, clock: Clock) -> None:
    begun = threading.Event()

    def stall(asked: Asked) -> Reply:
        begun.set()
        return Reply(b"<p>news", pause_before=3)

    site["/news"] = stall
    one, here = fetcher(clock), source(site.url("/news"))
    threading.Thread(target=lambda: begun.wait(5) and one.close(), daemon=True).start()
    started = time.monotonic()
    with pytest.raises(FetchError) as caught:
        one.get(here.url, source=here, fetched_on=TODAY)
    assert caught.value.outcome == "stopped"
    assert time.monotonic() - started < 5


# TLS


def tls(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATES / "ca.pem"))


def test_a_good_certificate_is_trusted_by_its_name(clock: Clock) -> None:
    with FaultServer(tls=tls("good")) as site:
        site["/news"] = Reply(b"<p>news")
        here = source(site.url("/news", host="www.marlshire.example"))
        one = fetcher(clock, tls=trusting(), resolve=lambda host, port: ["127.0.0.1"])
        assert isinstance(one.get(here.url, source=here, fetched_on=TODAY), Page)


@pytest.mark.fault("N8")
@pytest.mark.parametrize(
    ("name", "reason"), [("expired", "expired"), ("elsewhere", "mismatch"), ("good", "self-signed|unable to get local")]
)
def test_a_bad_certificate_is_refused_with_its_reason(clock: Clock, name: str, reason: str) -> None:
    with FaultServer(tls=tls(name)) as site:
        site["/news"] = Reply(b"<p>news")
        here = source(site.url("/news"))
        context = ssl.create_default_context() if name == "good" else trusting()
        with pytest.raises(FetchError, match=f"(?i)cannot be trusted.*({reason})") as caught:
            fetcher(clock, tls=context).get(here.url, source=here, fetched_on=TODAY)
        assert caught.value.outcome == "tls"
        assert site.requests == []


@pytest.mark.fault("N8")
def test_an_old_tls_is_refused(clock: Clock) -> None:
    old = tls("good")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with FaultServer(tls=old) as site:
        here = source(site.url("/news"))
        with pytest.raises(FetchError) as caught:
            fetcher(clock, tls=trusting(), settings={"retries": 0}).get(here.url, source=here, fetched_on=TODAY)
    assert caught.value.outcome == "tls"


@pytest.mark.fault("N6")
def test_a_drip_over_tls_ends_at_the_deadline_too(clock: Clock) -> None:
    with FaultServer(tls=tls("good")) as site:
        site["/news"] = Reply(b"x" * 1000, seconds_per_byte=0.05)
        here = source(site.url("/news"))
        one = fetcher(clock, tls=trusting(), settings={"page_deadline": timedelta(seconds=0.4)})
        started = time.monotonic()
        with pytest.raises(FetchError) as caught:
            one.get(here.url, source=here, fetched_on=TODAY)
        assert caught.value.outcome == "timeout"
        assert time.monotonic() - started < 1.4


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


RETRY_AFTER = [
    ("120", 120), ("0", None), ("-5", None), ("soon", None), ("", None), ("Mon, 02 Mar 2026 10:40:00 GMT", 3600),
    ("Sun, 01 Mar 2026 10:40:00 GMT", None), ("315360000", 86400), ("Thu, 05 Mar 2036 09:40:00 GMT", 86400),
    ("9" * 400, 86400), ("٣٠", None),
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


def test_a_sleep_that_says_stop_ends_the_wait(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"<p>news")
    one = fetcher(clock, sleep=lambda seconds: True, settings={"gap": timedelta(seconds=5)})
    with pytest.raises(FetchError) as caught:
        one.get(site.url("/news"), source=source(site.url("/news")), fetched_on=TODAY)
    assert caught.value.outcome == "stopped"


# Answers


@pytest.mark.fault("N5")
def test_a_reset_anywhere_discards_the_page(site: FaultServer, clock: Clock) -> None:
    site["/robots.txt"] = Reply(b"")
    one, here = fetcher(clock, settings={"retries": 0}), source(site.url("/news"))
    reply = Reply(b"<p>news</p>", headers={"ETag": '"1"'})
    whole = sum(len(part) for part in reply.encoded())
    for byte in range(whole):
        site["/news"] = Reply(reply.body, headers=reply.headers, reset_after=byte)
        with pytest.raises(FetchError) as caught:
            one.get(here.url, source=here, fetched_on=TODAY)
        assert caught.value.outcome in ("network", "bad-body"), byte
    assert len(site.asked("/news")) == whole


@pytest.mark.fault("H4")
@pytest.mark.parametrize("status", [200, 403, 503])
@pytest.mark.parametrize(
    ("title", "outcome"),
    [("Just a moment...", "blocked"), ("Site under maintenance | Marlshire Council", "maintenance")],
)
def test_a_page_that_stands_in_the_way_is_named_and_kept(
    site: FaultServer, clock: Clock, status: int, title: str, outcome: str
) -> None:
    page = f"<html><title>{title}</title><h1>Please wait</h1></html>".encode()
    site["/news"] = Reply(page, status=status)
    error = failure(site, clock)
    assert (error.outcome, error.body) == (outcome, page)


@pytest.mark.fault("H5")
@pytest.mark.parametrize("status", [401, 403])
def test_a_forbidden_page_says_whom_to_ask(site: FaultServer, clock: Clock, status: int) -> None:
    site["/news"] = Reply(b"<h1>No</h1>", status=status)
    error = failure(site, clock)
    assert error.outcome == "blocked"
    assert "Ask its owner" in str(error)
    assert len(site.asked("/news")) == 1


@pytest.mark.fault("H6")
@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_not_found(site: FaultServer, clock: Clock, status: int) -> None:
    site["/news"] = Reply(b"<title>Sorry</title>", status=status)
    error = failure(site, clock)
    assert (error.outcome, error.code) == ("not-found", Code.NOT_FOUND)
    assert "what was read before is kept" in str(error)


@pytest.mark.fault("H9")
@pytest.mark.parametrize(("status", "tries"), [(500, 1), (502, 3), (503, 3), (504, 3)])
def test_server_errors_are_tried_again_where_that_may_help(
    site: FaultServer, clock: Clock, status: int, tries: int
) -> None:
    site["/news"] = Reply(b"<p>Oh.", status=status)
    assert failure(site, clock).outcome == "server-error"
    assert len(site.asked("/news")) == tries


@pytest.mark.fault("H10")
def test_a_move_to_another_host_is_reported_with_both_addresses(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(status=301, headers={"Location": "https://new.marlshire.example/news"})
    error = failure(site, clock)
    assert (error.outcome, error.code) == ("moved", Code.REFUSED)
    assert site.url("/news") in str(error)
    assert 'url = "https://new.marlshire.example/news"' in str(error)


@pytest.mark.fault("H10")
def test_a_move_to_a_listed_host_is_followed(site: FaultServer, clock: Clock) -> None:
    here = source(f"http://old.marlshire.example:{site.port}/news", hosts=("new.marlshire.example",))
    site["/news"] = lambda asked: (
        Reply(b"<p>news")
        if asked.headers["host"].startswith("new.")
        else Reply(status=308, headers={"Location": f"http://new.marlshire.example:{site.port}/news#top"})
    )
    page = fetcher(clock, resolve=lambda host, port: ["127.0.0.1"]).get(here.url, source=here, fetched_on=TODAY)
    assert isinstance(page, Page)
    assert page.url == f"http://new.marlshire.example:{site.port}/news"
    assert len(site.asked("/robots.txt")) == 2  # each host is asked for its own


@pytest.mark.fault("H11")
@pytest.mark.parametrize(("hops", "reads"), [(5, True), (6, False)])
def test_redirects_end_after_five(site: FaultServer, clock: Clock, hops: int, reads: bool) -> None:
    for number in range(hops):
        site[f"/{number}"] = Reply(status=302, headers={"Location": f"/{number + 1}"})
    site[f"/{hops}"] = Reply(b"<p>news")
    if reads:
        assert get(site, clock, "/0").url == site.url("/5")
    else:
        assert "redirects more than 5 times" in str(failure(site, clock, "/0"))


@pytest.mark.fault("H12")
@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://x.example/", "data:text/html,x", "javascript:alert(1)"])
def test_redirects_to_other_schemes_are_refused(site: FaultServer, clock: Clock, to: str) -> None:
    site["/news"] = Reply(status=302, headers={"Location": to})
    assert failure(site, clock).outcome == "bad-url"


def test_a_redirect_keeps_letters_that_are_not_ascii(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(status=302, headers={"Location": "/caf\u00c3\u00a9"})  # "/café" in UTF-8, as header bytes
    site["/caf%C3%A9"] = Reply(b"<p>news")
    assert get(site, clock).body == b"<p>news"


@pytest.mark.fault("H13")
def test_a_body_shorter_than_its_length_is_thrown_away(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"<p>news", length=100)
    error = failure(site, clock)
    assert (error.outcome, error.code) == ("bad-body", Code.UNREADABLE)
    assert "broke off before the end" in str(error)


@pytest.mark.fault("H14")
def test_bytes_after_the_body_never_become_the_next_answer(site: FaultServer, clock: Clock) -> None:
    smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    site["/robots.txt"] = Reply(b"")
    site["/news"] = Reply(b"<p>news" + smuggled, length=7)
    site["/other"] = Reply(b"<p>other")
    one, here = fetcher(clock), source(site.url("/news"))
    bodies = [one.get(site.url(path), source=here, fetched_on=TODAY) for path in ("/news", "/other", "/news", "/other")]
    assert [page.body for page in bodies if isinstance(page, Page)] == [b"<p>news", b"<p>other"] * 2


@pytest.mark.fault("H14")
@pytest.mark.parametrize("chunks", [b"zz\r\nxx\r\n", b"5\r\nab\r\n0\r\n\r\n", b"-5\r\nabc", b"5\r\nabcde\r\n"])
def test_broken_chunks_are_thrown_away(site: FaultServer, clock: Clock, chunks: bytes) -> None:
    site["/news"] = Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    assert failure(site, clock, settings={"read_timeout": timedelta(seconds=0.3)}).outcome in ("bad-body", "timeout")


@pytest.mark.fault("H15")
def test_a_wrong_content_type_is_passed_on_as_it_came(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"%PDF-1.7 \xff\xfe", headers={"Content-Type": "text/html"})
    page = get(site, clock)
    assert (page.content_type, page.body[:5]) == ("text/html", b"%PDF-")


@pytest.mark.fault("H16")
@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_an_empty_page_is_an_error(site: FaultServer, clock: Clock, body: bytes) -> None:
    site["/news"] = Reply(body)
    error = failure(site, clock)
    assert (error.outcome, error.code) == ("bad-body", Code.EMPTY)


@pytest.mark.fault("H17")
def test_an_endless_body_is_stopped_at_the_limit(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(b"<p>", endless=b"x" * 65536)
    error = failure(site, clock, settings={"page_limit": 300_000})
    assert (error.outcome, error.code) == ("too-large", Code.TOO_LARGE)
    assert "larger than 300,000 bytes" in str(error)
    assert "max_bytes" in str(error)


@pytest.mark.fault("H18")
@pytest.mark.parametrize(
    ("head", "reads"),
    [
        (b"".join(b"X-%d: a\r\n" % number for number in range(150)), False),
        (b"X-Long: " + b"a" * 70_000 + b"\r\n", False),
        (b"X-Nul: a\0b\r\n", True),
        (b"no colon here\r\n", True),
        (b"Content-Length: 7, 9\r\n", False),
    ],
)
def test_odd_headers_never_crash(site: FaultServer, clock: Clock, head: bytes, reads: bool) -> None:
    length = b"" if b"Length" in head else b"Content-Length: 7\r\n"
    site["/news"] = Reply(raw=b"HTTP/1.1 200 OK\r\n" + length + head + b"\r\n<p>news")
    if reads:
        assert get(site, clock).body == b"<p>news"
    else:
        assert failure(site, clock).outcome == "bad-body"


@pytest.mark.parametrize("raw", [b"\x16\x03\x01 not http", b"HTTP/9.9 what\r\n\r\n", b"\r\n\r\n"])
def test_an_answer_that_is_not_http_is_said_so(site: FaultServer, clock: Clock, raw: bytes) -> None:
    site["/news"] = Reply(raw=raw)
    assert failure(site, clock, settings={"retries": 0}).outcome in ("bad-body", "network")


# Compression


def bomb(size: int) -> bytes:
    return gzip.compress(b"\0" * size, 9)


def test_a_compressed_page_is_unpacked(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(gzip.compress(b"<p>news"), headers={"Content-Encoding": "gzip"})
    assert get(site, clock).body == b"<p>news"


@pytest.mark.fault("K5")
def test_a_compression_bomb_is_stopped_at_the_limit(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(bomb(50_000_000), headers={"Content-Encoding": "gzip"})
    assert failure(site, clock).outcome == "too-large"


@pytest.mark.fault("K5")
@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip, br", "compress"])
def test_codings_that_were_not_asked_for_are_refused(site: FaultServer, clock: Clock, coding: str) -> None:
    site["/news"] = Reply(gzip.compress(b"<p>news"), headers={"Content-Encoding": coding})
    error = failure(site, clock)
    assert error.outcome == "bad-body"
    assert "only gzip was asked for" in str(error)


@pytest.mark.fault("K5")
def test_the_body_of_a_redirect_is_never_read(site: FaultServer, clock: Clock) -> None:
    moved = {"Location": "/here", "Content-Encoding": "gzip"}
    site["/news"] = Reply(bomb(50_000_000), status=302, headers=moved, endless=b"x" * 65536)
    site["/here"] = Reply(b"<p>news")
    assert get(site, clock).body == b"<p>news"


def test_damaged_compression_is_a_bad_body(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(gzip.compress(b"<p>news" * 100)[:-30] + b"\xff" * 30, headers={"Content-Encoding": "gzip"})
    assert failure(site, clock).outcome == "bad-body"


# The gate at the network


@pytest.mark.fault("K1")
@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:127.0.0.1]"])
def test_no_spelling_of_this_machine_is_reached(site: FaultServer, clock: Clock, host: str) -> None:
    here = source(f"http://{host}:{site.port}/news", allow_private=False)
    with pytest.raises(FetchError) as caught:
        fetcher(clock).get(here.url, source=here, fetched_on=TODAY)
    assert caught.value.outcome == "private-address"
    assert site.connections == 0


@pytest.mark.fault("K1")
def test_a_redirect_into_the_private_network_is_refused(site: FaultServer, clock: Clock) -> None:
    site["/news"] = Reply(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})
    here = source(site.url("/news"), hosts=("169.254.169.254",))
    with pytest.raises(FetchError) as caught:
        fetcher(clock).get(here.url, source=here, fetched_on=TODAY)
    assert caught.value.outcome == "private-address"


@pytest.mark.fault("K2")
@pytest.mark.parametrize("answers", [[["93.184.215.14", "127.0.0.1"]], [["127.0.0.1"], ["93.184.215.14"]]])
def test_a_name_with_one_private_address_is_refused(site: FaultServer, clock: Clock, answers: list[list[str]]) -> None:
    turns = iter(answers)
    here = source(f"http://www.marlshire.example:{site.port}/news", allow_private=False)
    with pytest.raises(FetchError) as caught:
        fetcher(clock, resolve=lambda host, port: next(turns)).get(here.url, source=here, fetched_on=TODAY)
    assert caught.value.outcome == "private-address"
    assert site.connections == 0


def test_a_connection_opened_for_a_private_source_serves_no_other(site: FaultServer, clock: Clock) -> None:
    site["/news"], site["/robots.txt"] = Reply(b"<p>news"), Reply(b"")
    one = fetcher(clock)
    replica = source(site.url("/news"))
    one.get(replica.url, source=replica, fetched_on=TODAY)
    asked = len(site.requests)
    public = source(site.url("/news"), id="public", allow_private=False)
    with pytest.raises(FetchError) as caught:
        one.get(public.url, source=public, fetched_on=TODAY)
    assert caught.value.outcome == "private-address"
    assert len(site.requests) == asked


@pytest.mark.fault("K4")
def test_the_environment_changes_nothing(
    site: FaultServer, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with FaultServer() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login canary password canary\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        site["/news"] = Reply(b"<p>news")
        get(site, clock)
        assert proxy.connections == 0
        assert "authorization" not in site.asked("/news")[0].headers
