"""Who may ask, what every answer carries, what is served of what is stored (K12, K15, K16)."""

from __future__ import annotations

import hashlib
import random
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from archive import Archive
from tests.web.conftest import MISTAKEN, PAGES
from web.app import SERVER

FEEDS = ("/feeds/inspections.atom", "/feeds/inspections.json", "/feeds/inspections.ics", "/feeds/search.atom?q=care")
DATA = ("/api/inspections", "/api/inspections.csv", "/api/search?q=care", "/api/authorities", "/api/openapi.json")
ALL = (*(path for path in PAGES if path not in MISTAKEN), *FEEDS, *DATA, "/style.css", "/favicon.svg", "/robots.txt")


def originals(archive: Archive, official: bool) -> list[str]:
    kept = archive.publications(official=official, limit=1000)
    return [each.publication.document_sha256 or "" for each in kept]


@pytest.mark.fault("K15")
def test_every_answer_carries_the_headers_that_keep_a_reader_safe(site: FlaskClient) -> None:
    for path in (*ALL, "/nowhere", "/api/nowhere", "/search?page=0&q=a"):
        headers = site.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"


def test_an_unchanged_answer_is_not_sent_again(site: FlaskClient) -> None:
    for path in ALL:
        first = site.get(path)
        etag = first.headers["ETag"]
        again = site.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b""), path
        assert site.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_gives_the_headers_without_the_body(site: FlaskClient) -> None:
    for path in ALL:
        whole, head = site.get(path), site.head(path)
        assert (head.status_code, head.data) == (200, b"")
        assert (
            head.headers["Content-Length"] == whole.headers["Content-Length"]
            and head.headers["ETag"] == whole.headers["ETag"]
        )


@pytest.mark.fault("K15")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_but_reading_is_allowed(site: FlaskClient, method: str) -> None:
    for path in ("/", "/search?q=care", "/api/inspections", "/feeds/inspections.atom"):
        assert site.open(path, method=method).status_code == 405


@pytest.mark.fault("K15")
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8043", "192.0.2.1", "[::2]", ""]
)
def test_a_foreign_host_header_is_refused(site: FlaskClient, host: str) -> None:
    answer = site.get("/", headers={"Host": host or "x"})
    assert answer.status_code == 421 and "Kirkswold" not in answer.text


def test_the_site_answers_to_its_own_name(served: Callable[..., FlaskClient]) -> None:
    site = served(base_url="https://watch.example.org")
    for host in ("watch.example.org", "WATCH.example.org:443", "localhost:8043", "127.0.0.1", "[::1]:8043"):
        assert site.get("/", headers={"Host": host}).status_code == 200
    assert (
        "https://watch.example.org/inspections/"
        in site.get("/feeds/inspections.atom", headers={"Host": "watch.example.org"}).text
    )


@pytest.mark.fault("K15")
@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "/authorities//evil.example", "/authorities/%5cevil.example"]
)
def test_no_redirect_leads_away(site: FlaskClient, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code in (404, 421) and "Location" not in answer.headers


@pytest.mark.fault("K16")
@pytest.mark.fault("D11")
def test_ofsted_s_originals_are_served_as_files_that_run_nothing(site: FlaskClient, archive: Archive) -> None:
    for sha256 in originals(archive, True)[:20]:
        answer = site.get(f"/originals/{sha256}")
        assert answer.status_code == 200 and hashlib.sha256(answer.data).hexdigest() == sha256
        assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert (
            answer.headers["X-Content-Type-Options"] == "nosniff"
            and "sandbox" in answer.headers["Content-Security-Policy"]
        )
        assert site.get(f"/originals/{sha256}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_others_originals_and_texts_are_not_served(site: FlaskClient, archive: Archive) -> None:
    for kept in archive.publications(official=False, limit=1000):
        publication = kept.publication
        assert site.get(f"/originals/{publication.document_sha256}").status_code == 403
        named = f"source={quote(publication.source)}&ref={quote(publication.ref, safe='')}"
        answer = site.get(f"/document?{named}")
        assert answer.status_code == 403 and "PRIVATE-WORDS" not in answer.text


@pytest.mark.fault("K16")
def test_private_serves_all_on_loopback_as_plain_text(served: Callable[..., FlaskClient], archive: Archive) -> None:
    private = served(private=True)
    sha256 = originals(archive, False)[0]
    answer = private.get(f"/originals/{sha256}")
    assert answer.status_code == 200 and answer.mimetype == "text/plain" and b"<script>" in answer.data
    assert (
        answer.headers["Content-Disposition"].startswith("attachment;")
        and "sandbox" in answer.headers["Content-Security-Policy"]
    )
    assert "PRIVATE-WORDS" in private.get("/search?q=PRIVATE-WORDS+ours").text
    assert private.get("/").headers["Cache-Control"] == "no-store"
    assert private.get("/", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403


def test_private_is_refused_where_others_could_reach_it(served: Callable[..., FlaskClient]) -> None:
    with pytest.raises(ValueError, match="only on this machine"):
        served(private=True, base_url="https://watch.example.org")


@pytest.mark.fault("K10")
@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "A" * 64, "%2e%2e%2f", "x"])
def test_an_original_is_named_by_its_hash_alone(site: FlaskClient, name: str) -> None:
    assert site.get(f"/originals/{name}").status_code == 404


def hostile() -> list[str]:
    """300 questions, among them all that K12 names."""
    seeds = [
        "'; DROP TABLE inspections; --", '" OR 1=1 --', "ATTACH DATABASE '/tmp/x' AS x", "load_extension('x')", "NEAR(a b, 5)",
        "PRAGMA writable_schema=1", "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT * FROM c", "title:care", "{title} : x",
        '"unclosed', "((((((((", "a AND", "OR", "NOT", "-", "--", "-care", "*", "a*", "car*", "^care", "facets:x", "x0000000000000000000", "\x00", "\x02\x03",
        "\ud7ff", "‮evil", "Ⅷ", "ﬃ", "e\u0301" * 80, "😀" * 100, "' UNION SELECT json FROM findings --", "%", "_", "\\", "{{7*7}}", "${7*7}", "<svg/onload=1>",
        "../../etc/passwd", "care " * 90, "a " * 240, '"' * 400, "(" * 490, "1e309", "9" * 499, "NULL", "true", "-1", "0x10", "2024-13-45",
    ]  # fmt: skip
    chance = random.Random(12)
    letters = "abc \"'()*:-^{}\\%;+.,/\n\t\u00e9\u4e2d\U0001f600\x01"
    while len(seeds) < 120:
        seeds.append("".join(chance.choice(letters) for _ in range(chance.randrange(1, 300))))
    names = [
        "q",
        "q",
        "kind",
        "grade",
        "authority",
        "region",
        "since",
        "page",
        "limit",
        "before",
        "area",
        "provider",
        "source",
        "order",
        "official",
    ]
    places = [
        "/search",
        "/api/search",
        "/inspections",
        "/api/inspections",
        "/feeds/search.atom",
        "/feeds/inspections.ics",
        "/document",
        "/feeds/inspections.json",
    ]
    paths = [f"/search?q={quote(each)}" for each in seeds]
    while len(paths) < 290:
        pairs = [f"{chance.choice(names)}={quote(chance.choice(seeds))}" for _ in range(chance.randrange(1, 4))]
        paths.append(f"{chance.choice(places)}?{'&'.join(pairs)}")
    paths += [f"/inspections/{quote(each, safe='')}" for each in seeds[:4]] + [
        f"/authorities/{quote(each, safe='')}" for each in seeds[:4]
    ]
    return [*paths, "/search?q=" + "a" * 3_900, "/search?" + "&".join(f"kind={n}" for n in range(600))]


def raw() -> list[bytes]:
    """40 requests as no client library would send them."""
    head = b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    targets = [
        b"/search?q=\xff\xfe\x80", b"/search?q=%ff%fe%80", b"/inspections/%ff", b"/inspections/\xff", b"/authorities/%00",
        b"/search?%ff=%ff", b"/feeds/inspections.atom?authority=%c3%28", b"/search?q=%ed%a0%80", b"/search?q=%F0%9F%98", b"/%2e%2e/%2e%2e/etc/passwd",
        b"/../../etc/passwd", b"//search?q=a", b"http://evil.example/search?q=a", b"/search?q=a b c", b"/search?q=a#b", b"*", b"/search;q=a",
        b"/document?source=%00&ref=%00", b"/originals/%00", b"/search?q=" + b"%" * 900, b"/" + b"a/" * 1500, b"/search?" + b"&" * 3000,
        b"/search?page=%D9%A1&q=a", b"/api/search?limit=%EF%BC%91&q=a", b"/api/inspections?since=%00", b"/?" + b"a" * 3999,
    ]  # fmt: skip
    asked = [head % target + b"\r\n" for target in targets]
    ask = head % b"/search?q=care"
    fields = [b"X: " + b"a" * 15_000, b"X: " + b"a" * 40_000, b"If-None-Match: " + b'"' * 900, b"If-None-Match: \xff", b"Range: bytes=0-0,-1,9-1",
              b"Host: evil.example", b"Content-Length: -1", b"Content-Length: 999999999", b"Transfer-Encoding: chunked", b"X-Forwarded-For: \xff",
              b"Accept-Encoding: \x00", b"If-Modified-Since: Thu, 99 Foo 99999"]  # fmt: skip
    asked += [ask + field + b"\r\n\r\n" for field in fields]
    return [*asked, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n"]


def sent(port: int, request: bytes) -> int:
    """The status of the answer; 0 where the connection was closed without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        held = b""
        with suppress(ConnectionError):
            while b"\r\n" not in held and (piece := connection.recv(4096)):
                held += piece
    return int(held.split()[1]) if held else 0


@pytest.mark.fault("K12")
def test_340_hostile_requests_over_http_break_nothing(served: Callable[..., FlaskClient], folder: Path) -> None:
    asked = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode() for path in hostile()]
    asked += raw()
    before = hashlib.sha256((folder / "archive.db").read_bytes()).hexdigest()
    client = served()
    spent: list[float] = []  # time of the thread that answers: on a busy machine the clock measures others
    client.application.wsgi_app = timed(client.application.wsgi_app, spent)  # type: ignore[method-assign]
    with listening(client) as port:
        codes = [(request[:200], sent(port, request)) for request in asked]
        assert sent(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n") == 200
    assert len(codes) == 340
    expected = (200, 304, 308, 400, 403, 404, 405, 413, 414, 421, 431, 0, 501)
    assert [(request, code) for request, code in codes if code not in expected] == []
    assert len([code for _, code in codes if code == 0]) < 5 and len(spent) > 300 and max(spent) < 1.2
    assert hashlib.sha256((folder / "archive.db").read_bytes()).hexdigest() == before


def timed(application: Callable[..., Iterable[bytes]], spent: list[float]) -> Callable[..., Iterable[bytes]]:
    def answer(*given: object) -> Iterable[bytes]:
        begun = time.thread_time()
        try:
            return application(*given)
        finally:
            spent.append(time.thread_time() - begun)

    return answer


@contextmanager
def listening(client: FlaskClient) -> Iterator[int]:
    """The site on a port of loopback, by the server that `serve` uses and with its settings."""
    import waitress

    server = waitress.create_server(client.application, host="127.0.0.1", port=0, **SERVER | {"threads": 2})
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.trigger.pull_trigger(server.close)  # in the thread that waits for requests
        thread.join(5)


@pytest.mark.fault("K12")
def test_a_question_that_runs_on_is_ended_within_its_second(
    site: FlaskClient, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*given: object, **named: object) -> object:
        return archive._rows("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT count(*) FROM c")

    monkeypatch.setattr(archive, "inspections", endless)
    begun = time.thread_time()
    answer = site.get("/api/inspections")
    assert answer.status_code == 400 and "took longer" in answer.text
    assert time.thread_time() - begun < 1.2


def test_it_is_served_over_http(served: Callable[..., FlaskClient]) -> None:
    with listening(served()) as port:
        base = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{base}/", timeout=10) as answer:
            assert b"Kirkswold" in answer.read() and answer.headers["ETag"]
        request = urllib.request.Request(f"{base}/", headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 421
