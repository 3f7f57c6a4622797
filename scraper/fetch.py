"""The one gate for every byte that goes out to a site that is read."""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from email.message import Message
from http.client import HTTPException
from importlib.metadata import version
from typing import Any

import requests
from msgspec import Struct
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import HTTPError

from scraper import robots
from scraper.connect import POOLS, Exchange, Lookup, Resolve, Watchdog, system_addresses, under_way
from scraper.gate import Target, admit
from scraper.model import NOT_MODIFIED, STOPPED, NotModified, Page, Source, Validators
from scraper.outcomes import Failure, causes, failure_of, in_words, judge
from scraper.pace import DailyCount, Pace, Stopping, retry_after

_HOPS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_TRY_AGAIN = (502, 503, 504)
_OF_A_REFUSAL = 200_000  # bytes of an error page that are read and kept
_ACCEPT = "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml,application/xml;q=0.9,*/*;q=0.8"


class FetchSettings(Struct, frozen=True, kw_only=True):
    """What an operator can set. Durations are real time; sizes are bytes after decompression."""

    contact: str = ""  # an address or URL, shown to every site
    gap: timedelta = timedelta(seconds=5)  # between two requests to one host; under 1 s only with allow_private
    daily_budget: int = 2000  # requests to one host on a day (UTC)
    page_deadline: timedelta = timedelta(seconds=30)
    document_deadline: timedelta = timedelta(seconds=120)
    page_limit: int = 5_000_000
    document_limit: int = 30_000_000
    connect_timeout: timedelta = timedelta(seconds=10)
    read_timeout: timedelta = timedelta(seconds=15)  # between two packets
    lookup_timeout: timedelta = timedelta(seconds=5)
    retries: int = 2  # within a poll
    retry_pause: timedelta = timedelta(seconds=2)  # doubled each time, half to one and a half of it
    patience: timedelta = timedelta(seconds=10)  # a Retry-After up to this is waited for


_DEFAULTS, _NONE = FetchSettings(), Validators()


class _Want:
    """What one get() may still use up."""

    def __init__(self, headers: dict[str, str], *, limit: int, deadline: timedelta, cut: bool = False) -> None:
        self.headers, self.limit, self.cut = headers, limit, cut
        self.seconds = deadline.total_seconds()


class _Answer(Struct, frozen=True, kw_only=True):
    target: Target
    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes
    wait: timedelta | None


class Fetcher:
    """Fetches pages and documents, for all threads of a process; keep one for its whole life.

    `count(host, day)` counts one request and returns how many were sent to that host on that day (UTC), this one
    included; back it, `rules` (what robots.txt of each host said) and `since` (how long ago the last request to a host
    was) by the archive and all three survive a restart.
    `monotonic`, `sleep` (True: the service is stopping), `now` (aware, UTC) and `resolve` stand in for the world in
    tests. Deadlines of sockets always run in real time.
    """

    def __init__(
        self, settings: FetchSettings = _DEFAULTS, *,
        count: Callable[[str, date], int] | None = None,
        rules: MutableMapping[str, robots.Rules] | None = None,
        since: Callable[[str], timedelta | None] = lambda host: None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        resolve: Resolve = system_addresses,
        tls: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self._settings, self._now = settings, now
        self._count, self._since = count or DailyCount(), since
        self._rules: MutableMapping[str, robots.Rules] = {} if rules is None else rules
        self._asking: dict[str, threading.Lock] = {}
        self._closed = threading.Event()
        self._pace = Pace(monotonic=monotonic, sleep=sleep or self._closed.wait)
        self._lookup = Lookup(resolve, limit=settings.lookup_timeout.total_seconds())
        self._watchdog = Watchdog()
        self._adapter = _Adapter(tls)
        contact = f" (+{settings.contact})" if settings.contact else ""
        self._headers = {
            "User-Agent": f"{robots.AGENT}/{version('ofsted-watch')}{contact}",
            "Accept-Language": "en-GB,en;q=0.8",
            "Accept-Encoding": "gzip",
        }

    def get(
        self, url: str, *, source: Source, validators: Validators = _NONE, document: bool = False, fetched_on: date,
    ) -> Page | NotModified:  # fmt: skip
        """The page behind `url`, with `fetched_on` written into it, or NOT_MODIFIED when the validators still hold.

        Waits for its turn at the host. Redirects are followed to hosts that the source lists; Page.url is where they
        ended. Raises FetchError.
        """
        settings = self._settings
        want = _Want(
            self._headers | _conditions(validators) | {"Accept": "application/pdf,*/*;q=0.5" if document else _ACCEPT},
            limit=settings.document_limit if document else settings.page_limit,
            deadline=settings.document_deadline if document else settings.page_deadline,
        )
        try:
            answer = self._follow(admit(url, source), want, source, obey_robots="ignore_robots" not in source.options)
            if answer.status == 304 and validators != _NONE:
                return NOT_MODIFIED
            judge(answer.target.url, answer.status, answer.headers, answer.body, answer.wait)
        except Failure as failure:
            raise failure.of(source) from failure.__cause__
        except Stopping:
            raise Failure(STOPPED, f"{url} was not read").of(source) from None
        kind, charset = _content_type(answer.headers.get("Content-Type", ""))
        return Page(
            body=answer.body, url=answer.target.url, status=answer.status, content_type=kind, charset=charset,
            fetched_on=fetched_on,
            validators=Validators(
                etag=answer.headers.get("ETag") or None, last_modified=answer.headers.get("Last-Modified") or None
            ),
        )  # fmt: skip

    def held(self, url: str, source: Source) -> timedelta:
        """How long the host of this URL still wants to be left alone (Retry-After); zero: it may be asked."""
        try:
            return max(self._pace.held(admit(url, source).place), timedelta(0))
        except Failure as failure:
            raise failure.of(source) from None

    def close(self) -> None:
        """End every fetch that is under way or waits for its turn; each raises FetchError "stopped"."""
        self._closed.set()
        self._watchdog.close()
        self._adapter.close()

    def _follow(self, target: Target, want: _Want, source: Source, *, obey_robots: bool) -> _Answer:
        for _ in range(_HOPS + 1):
            gap = max(self._settings.gap, timedelta(seconds=0 if source.allow_private else 1))
            if obey_robots:
                rules = self._rules_of(target, source)
                if not rules.allows(target.url):
                    raise Failure("robots", f"robots.txt of {target.host} does not allow {target.url} to be read")
                gap = max(gap, rules.crawl_delay)
            answer = self._ask(target, want, source, gap)
            location = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            # http.client reads header bytes as latin-1; sites send UTF-8
            with suppress(UnicodeError):
                location = location.encode("latin-1").decode("utf-8")
            target = admit(location, source, redirected_from=target)
        raise Failure("moved", f"its address redirects more than {_HOPS} times, lastly to {target.url}")

    def _rules_of(self, target: Target, source: Source) -> robots.Rules:
        """The rules of the target's host, asked for where they are not known or are a day old. Raises Failure."""
        place = target.place
        with self._asking.setdefault(place, threading.Lock()):
            known = robots.kept(self._rules, place, self._now())
            if known:
                return known
            want = _Want(
                self._headers | {"Accept": "text/plain,*/*;q=0.5"},
                limit=robots.LARGEST, deadline=self._settings.page_deadline, cut=True,
            )  # fmt: skip
            port = "" if place == target.host else f":{target.port}"
            host = f"[{target.host}]" if ":" in target.host else target.host
            try:
                start = admit(f"{target.scheme}://{host}{port}/robots.txt", source)
                answer = self._follow(start, want, source, obey_robots=False)
            except Failure as failure:
                if failure.outcome not in ("moved", "bad-url"):
                    raise
                known = robots.rules_of(404, b"", self._now())  # out of reach: RFC 9309 takes five redirects
            else:
                if answer.status == 429 or answer.status >= 500:  # until it can be read nothing may be (RFC 9309)
                    judge(answer.target.url, answer.status, answer.headers, answer.body, answer.wait)
                known = robots.rules_of(answer.status, answer.body, self._now())
            self._rules[place] = known
            return known

    def _ask(self, target: Target, want: _Want, source: Source, gap: timedelta) -> _Answer:
        """One answer of one host, tried again where that may help."""
        with self._pace.turn(target.place):
            for left in range(self._settings.retries, -1, -1):
                try:
                    answer = self._send(target, want, source, gap)
                except Failure as failure:
                    if not (failure.again and left):
                        raise
                else:
                    patient = self._pace.held(target.place) <= self._settings.patience
                    if not (answer.status in _TRY_AGAIN and left and patient):
                        return answer
                tried = self._settings.retries - left
                self._pace.pause(self._settings.retry_pause.total_seconds() * 2**tried * (0.5 + random.random()))
        raise AssertionError("the last try returns or raises")

    def _send(self, target: Target, want: _Want, source: Source, gap: timedelta) -> _Answer:
        """One request, at the host's pace and within its budget."""
        held = self._pace.held(target.place)
        if held > self._settings.patience:
            raise Failure("rate-limited", f"{target.host} asked to be left alone for {in_words(held)}", wait=held)
        self._pace.resume(target.place, gap, self._since)
        self._pace.wait(target.place)
        if self._closed.is_set():
            raise Stopping
        now = self._now()
        if self._count(target.place, now.date()) > self._settings.daily_budget:
            midnight = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
            raise Failure(
                "budget", f"today's {self._settings.daily_budget} requests to {target.host} are used up",
                wait=midnight - now,
            )  # fmt: skip
        try:
            answer = self._exchange(target, want, source)
        finally:
            self._pace.asked(target.place, gap)
        if answer.wait:
            self._pace.hold(target.place, answer.wait)
        return answer

    def _exchange(self, target: Target, want: _Want, source: Source) -> _Answer:
        settings = self._settings
        started, connect = time.monotonic(), settings.connect_timeout.total_seconds()
        exchange = Exchange(self._lookup, allow_private=source.allow_private, seconds=want.seconds)
        try:
            request = _prepared(target.url, want.headers)
            with under_way(exchange, self._watchdog):
                response = self._adapter.send(
                    request, stream=True,
                    timeout=(max(min(connect, want.seconds), 0.001), settings.read_timeout.total_seconds()),
                )  # fmt: skip
                body = _read(response, want)
            if exchange.ended:  # a body without a length ends as if it were whole when its socket is shut
                raise _ended(exchange, target, want)
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
            raise (_ended(exchange, target, want) if exchange.ended else _failure(error, target)) from error
        finally:
            want.seconds -= time.monotonic() - started
        wait = (
            retry_after(response.headers.get("Retry-After"), self._now())
            if response.status_code in (429, 503)
            else None
        )
        return _Answer(target=target, status=response.status_code, headers=response.headers, body=body, wait=wait)


class _Adapter(HTTPAdapter):
    """Of requests the part that sends: no session, so no cookies, no proxies or .netrc of the environment."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        super().__init__(pool_connections=64, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            # one context for all: reading the certificates anew costs 15 ms a connection
            self._tls = self._tls or ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
            pool["ssl_context"] = self._tls
        return host, pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context above verifies; nothing is to be loaded again."""


def _prepared(url: str, headers: dict[str, str]) -> requests.PreparedRequest:
    """As requests does it, but for the body, the login and the cookies, of which there are none."""
    request = requests.PreparedRequest()
    request.prepare_method("GET")
    request.prepare_url(url, None)
    request.prepare_headers(headers)
    return request


def _conditions(validators: Validators) -> dict[str, str]:
    sent = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in sent.items() if value}


def _content_type(header: str) -> tuple[str, str | None]:
    """The type, lower case and without parameters, and the charset among these."""
    message = Message()
    message["Content-Type"] = header
    charset = message.get_param("charset")
    return header.partition(";")[0].strip().lower(), charset.strip() or None if isinstance(charset, str) else None


def _read(response: requests.Response, want: _Want) -> bytes:
    """The body as far as it is wanted; the connection is closed unless the answer was read to its end."""
    raw = response.raw
    if response.status_code == 304:
        raw.release_conn()
        return b""
    if response.status_code in _REDIRECTS:
        raw.close()  # a bomb can hide in the body of a redirect
        return b""
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raw.close()
        raise Failure("bad-body", f"the answer is encoded as {coding[:40]!r}, and only gzip was asked for")
    cut = want.cut or response.status_code >= 400
    limit = min(want.limit, _OF_A_REFUSAL) if response.status_code >= 400 else want.limit
    body = bytearray()
    for piece in raw.stream(65536, decode_content=True):
        body += piece
        if len(body) > limit:
            raw.close()
            if cut:
                return bytes(body[:limit])
            raise Failure("too-large", f"the answer is larger than {limit:,} bytes")
    return bytes(body)


def _ended(exchange: Exchange, target: Target, want: _Want) -> Failure:
    if exchange.ended == "closed":
        return Failure(STOPPED, f"{target.url} was not read to its end")
    return Failure("timeout", f"the answer of {target.host} was not complete when its time was up")


def _failure(error: Exception, target: Target) -> Failure:
    chain = [link for link in causes(error) if not isinstance(link, requests.RequestException)]
    answered = not isinstance(error, requests.RequestException)  # the head was there, the body was being read
    return failure_of(chain, host=target.host, url=target.url, answered=answered)
