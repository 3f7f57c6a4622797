"""Names, connections, deadlines and TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.model import FetchError, Page
from tests.scraper.fetching import TODAY, Clock, failure, fetcher, get, source
from tests.servers import Asked, FaultServer, Reply

CERTIFICATES = Path(__file__).parents[1] / "certificates"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


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
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
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
