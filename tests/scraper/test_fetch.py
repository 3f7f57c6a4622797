"""What the fetcher makes of answers, right and wrong."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta

import pytest

from scraper.model import NOT_MODIFIED, Code, FetchError, Page, Validators
from tests.scraper.fetching import TODAY, Clock, failure, fetcher, get, source
from tests.servers import FaultServer, Reply


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


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
