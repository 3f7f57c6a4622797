"""Connections that are made only to addresses that were checked, and that end when their time is up.

requests-hardened looks at the first address of a name only, knows no limit for a look-up that hangs, tries no second
address and asks the system's resolver alone; so the check is made here, in the connection class of urllib3, where the
name has become an address and no byte has been sent. TLS still sees the name.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from scraper.gate import refused
from scraper.outcomes import Failure

Resolve = Callable[[str, int], list[str]]

_ADDRESSES_TRIED = 4
_PATIENCE_BEFORE_LAST = 2.5  # seconds for an address that others follow: an unreachable IPv6 costs no more


def system_addresses(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order. May block for as long as the resolver likes."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Lookup:
    """Names to addresses, each look-up in a thread of its own because getaddrinfo cannot be given a limit."""

    def __init__(self, resolve: Resolve, *, limit: float, stuck_at_most: int = 4) -> None:
        self._resolve, self._limit, self._stuck_at_most = resolve, limit, stuck_at_most
        self._lock, self._stuck = threading.Lock(), 0

    def addresses(self, host: str, port: int) -> list[str]:
        """Raises Failure ("dns"); a look-up past its limit goes on in the background and is counted as stuck."""
        try:
            return [str(ip_address(host.strip("[]")))]
        except ValueError:
            pass  # a name, or a number in a spelling of its own, which the resolver reads
        with self._lock:
            if self._stuck >= self._stuck_at_most:
                raise Failure("dns", f"{self._stuck} look-ups of names hang, so {host} was not looked up")
        found: list[str] = []
        failed: list[Exception] = []
        done = threading.Event()
        late = False

        def look_up() -> None:
            try:
                found.extend(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                failed.append(error)
            finally:
                with self._lock:
                    done.set()
                    self._stuck -= late

        threading.Thread(target=look_up, name=f"look-up {host}", daemon=True).start()
        if not done.wait(self._limit):
            with self._lock:
                late = not done.is_set()
                self._stuck += late
        if late:
            raise Failure("dns", f"the name {host} was not answered within {self._limit:g} s")
        if failed or not found:
            raise Failure("dns", f"the name {host} could not be found")
        return list(dict.fromkeys(found))


class Exchange:
    """One request and its answer: what it may connect to, and the socket to shut when its time is up."""

    def __init__(self, lookup: Lookup, *, allow_private: bool, seconds: float) -> None:
        self._lookup, self._allow_private = lookup, allow_private
        self.ends_at = time.monotonic() + seconds  # sockets wait in real time, whatever clock a test has
        self.ended: str | None = None  # "deadline" or "closed", once shut from outside
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def connect(self, host: str, port: int, timeout: float, options: Any) -> socket.socket:
        """A connection to the first address of the name that answers. Raises Failure."""
        addresses = self._lookup.addresses(host, port)
        for address in addresses:
            self.check(address, host)
        tried = _families_in_turn(addresses)[:_ADDRESSES_TRIED]
        for number, address in enumerate(tried, 1):
            limit = timeout if number == len(tried) else min(timeout, _PATIENCE_BEFORE_LAST)
            try:
                made = create_connection((address, port), limit, socket_options=options)
            except OSError as error:
                if number == len(tried):
                    raise _unconnected(error, host, port, timeout) from error
                continue
            made.settimeout(timeout)
            self.watch(made)
            return made
        raise Failure("dns", f"the name {host} has no address")

    def check(self, address: str, host: str) -> None:
        if refused(address, allow_private=self._allow_private):
            raise Failure("private-address", f"{host} stands for {address}, which is not on the public internet")

    def watch(self, sock: socket.socket) -> None:
        """This is the socket to shut. It is shut at once where the exchange has been ended already."""
        with self._lock:
            self._socket = sock
            if self.ended:
                self._shut()

    def end(self, why: str) -> None:
        with self._lock:
            self.ended = why
            self._shut()

    def _shut(self) -> None:
        if self._socket is None:
            return
        # An OSError: closed in the meantime, or wrapped for TLS just now, and the handshake has its own limit.
        with suppress(OSError):
            # socket.socket's own: SSLSocket.shutdown would drop the TLS object under the thread that reads from it
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class Watchdog:
    """Ends exchanges whose time is up. One thread for all, asleep until the nearest end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way: set[Exchange] = set()
        self._wakes_at: float | None = None
        self._started = self._closed = False

    def add(self, exchange: Exchange) -> None:
        with self._changed:
            if self._closed:
                exchange.end("closed")
                return
            self._under_way.add(exchange)
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, name="fetch deadlines", daemon=True).start()
            elif self._wakes_at is None or exchange.ends_at < self._wakes_at:
                self._changed.notify()

    def remove(self, exchange: Exchange) -> None:
        with self._changed:
            self._under_way.discard(exchange)

    def close(self) -> None:
        """End all that is under way, and whatever comes later at once."""
        with self._changed:
            self._closed = True
            for exchange in self._under_way:
                exchange.end("closed")
            self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                for exchange in [late for late in self._under_way if late.ends_at <= now]:
                    exchange.end("deadline")
                    self._under_way.discard(exchange)
                self._wakes_at = min((exchange.ends_at for exchange in self._under_way), default=None)
                self._changed.wait(None if self._wakes_at is None else self._wakes_at - now)


_of_thread = threading.local()


class under_way:
    """The exchange of this thread, for the connections that urllib3 makes or takes up again within the block."""

    def __init__(self, exchange: Exchange, watchdog: Watchdog) -> None:
        self._exchange, self._watchdog = exchange, watchdog

    def __enter__(self) -> Exchange:
        _of_thread.exchange = self._exchange
        self._watchdog.add(self._exchange)
        return self._exchange

    def __exit__(self, *_: object) -> None:
        _of_thread.exchange = None
        self._watchdog.remove(self._exchange)


def _new_connection(connection: HTTPConnection) -> socket.socket:
    exchange: Exchange = _of_thread.exchange
    timeout = connection.timeout if isinstance(connection.timeout, (int, float)) else 10.0
    return exchange.connect(connection._dns_host, connection.port, timeout, connection.socket_options)


def _taken_up(connection: HTTPConnection) -> None:
    """A connection that another source may have opened is checked for this one."""
    exchange: Exchange = _of_thread.exchange
    if connection.sock is not None:
        exchange.check(connection.sock.getpeername()[0], connection.host)
        exchange.watch(connection.sock)


class CheckedConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _new_connection(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _taken_up(self)
        super().request(*args, **kwargs)


class CheckedTlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _new_connection(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _taken_up(self)
        super().request(*args, **kwargs)


class CheckedPool(HTTPConnectionPool):
    ConnectionCls = CheckedConnection


class CheckedTlsPool(HTTPSConnectionPool):
    ConnectionCls = CheckedTlsConnection


POOLS = {"http": CheckedPool, "https": CheckedTlsPool}


def _families_in_turn(addresses: list[str]) -> list[str]:
    """The system's first choice first, then the other family's, so that a dead IPv6 never hides a living IPv4."""
    first = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    other = [address for address in addresses if address not in first]
    return first[:1] + other[:1] + first[1:] + other[1:]


def _unconnected(error: OSError, host: str, port: int, timeout: float) -> Failure:
    if isinstance(error, TimeoutError):
        return Failure("connect-timeout", f"{host} did not take a connection within {timeout:g} s", again=True)
    if isinstance(error, ConnectionRefusedError):
        return Failure("refused-connection", f"{host} refuses connections on port {port}", again=True)
    return Failure("network", f"no connection to {host} could be made ({error.strerror or error})", again=True)
