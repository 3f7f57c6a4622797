"""Private addresses, and what the environment must not change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.model import FetchError
from tests.scraper.fetching import TODAY, Clock, fetcher, get, source
from tests.scraper.test_gate import NEVER, PRIVATE
from tests.servers import FaultServer, Reply

# A first hop on loopback needs allow_private, which lets private addresses through: those are tried by name only.
WAYS = [(one, "name") for one in (*NEVER, *PRIVATE)] + [
    (one, way) for one in NEVER for way in ("redirect", "second hop")
]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


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


@pytest.mark.fault("K1")
@pytest.mark.parametrize(("address", "way"), WAYS)
def test_no_refused_address_is_reached_in_any_way(site: FaultServer, clock: Clock, address: str, way: str) -> None:
    """A private address is refused where the source does not allow it, any other of these even where it does."""
    first, there = f"http://127.0.0.1:{site.port}/0", f"http://inside.example:{site.port}/"
    site["/0"] = Reply(status=302, headers={"Location": there if way == "redirect" else "/1"})
    site["/1"] = Reply(status=302, headers={"Location": there})
    here = source(there if way == "name" else first, hosts=("inside.example",), allow_private=address in NEVER)
    with pytest.raises(FetchError) as caught:
        fetcher(clock, resolve=lambda host, port: [address]).get(here.url, source=here, fetched_on=TODAY)
    assert caught.value.outcome == "private-address"
    assert not [asked for asked in site.requests if asked.headers["host"].startswith("inside")]
