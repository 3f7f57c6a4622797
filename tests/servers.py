"""A small HTTP server on loopback that does wrong what a test tells it to.

    with FaultServer() as site:
        site["/news"] = Reply(body=b"<html>…", headers={"ETag": '"1"'})
        site["/slow"] = Reply(body=b"x" * 100, seconds_per_byte=0.4)
        site["/flaky"] = [Reply(status=503), Reply(status=503), Reply(body=b"at last")]   # the last one stays
        … site.url("/news") … site.requests …

A path without a script answers 404; /robots.txt too, unless a script says otherwise. Tests of any room import it with
`from tests.servers import FaultServer, Reply`.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

_REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 304: "Not Modified", 404: "Not Found"}


@dataclass(frozen=True)
class Asked:
    """One request as it came in. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    at: float  # monotonic
    connection: int  # counted from 1


@dataclass
class Reply:
    """One answer and what is wrong with it."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None  # sent instead of status line, headers and body
    length: int | None = None  # what Content-Length says; -1: no such header, the end of the connection ends the body
    chunked: bool = False
    seconds_per_byte: float = 0.0
    pause_before: int | None = None  # stand still before this byte of the body, until the server ends
    reset_after: int | None = None  # reset the connection after so many bytes of the whole answer
    close: bool = False
    endless: bytes = b""  # repeated until the client goes away, or has taken what no limit lets through

    def encoded(self) -> tuple[bytes, bytes]:
        if self.raw is not None:
            return b"", self.raw
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Answer')}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        body = self.body
        if self.chunked:
            lines.append("Transfer-Encoding: chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        elif self.length != -1 and not self.endless and self.status != 304:
            lines.append(f"Content-Length: {len(body) if self.length is None else self.length}")
        if self.close or self.length == -1 or self.endless:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1"), b"" if self.status == 304 else body


_ENDLESS = 100_000_000  # bytes: a client that takes them all has no limit, and this machine has memory left

Script = Reply | Sequence[Reply] | Callable[[Asked], Reply]


class FaultServer:
    """Listens on 127.0.0.1 (or the address given) from `with` to its end. One thread a connection, all daemons."""

    def __init__(self, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._address, self._tls = address, tls
        self._scripts: dict[str, Script] = {}
        self._turns: dict[str, int] = {}
        self._lock, self._over = threading.Lock(), threading.Event()
        self._open: set[socket.socket] = set()
        self.requests: list[Asked] = []
        self.connections = 0
        self.at_once = self.most_at_once = 0  # requests being answered

    def __setitem__(self, path: str, script: Script) -> None:
        self._scripts[path] = script
        self._turns[path] = 0

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    def url(self, path: str = "/", host: str | None = None) -> str:
        return f"{'https' if self._tls else 'http'}://{host or self._address}:{self.port}{path}"

    def asked(self, path: str) -> list[Asked]:
        return [one for one in self.requests if one.path == path]

    def wait_until_quiet(self, connections: int = 1) -> None:
        """Until no more than so many connections are open: clients go away before their sockets here are closed."""
        until = time.monotonic() + 5
        while len(self._open) > connections and time.monotonic() < until:
            self._over.wait(0.01)

    def __enter__(self) -> FaultServer:
        self._listening = socket.create_server((self._address, 0), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:  # fmt: skip
        self._over.set()
        self._listening.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                number = self.connections
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, plain: socket.socket, number: int) -> None:
        connection = plain
        try:
            plain.settimeout(60)
            if self._tls:
                connection = self._tls.wrap_socket(plain, server_side=True)
            with connection, connection.makefile("rb") as reader:
                while not self._over.is_set():
                    line = reader.readline(65537)
                    if not line.strip():
                        return
                    method, path, _ = line.decode("latin-1").split(" ", 2)
                    headers = {}
                    while (header := reader.readline(65537).decode("latin-1").strip()):  # fmt: skip
                        name, _, value = header.partition(":")
                        headers[name.lower()] = value.strip()
                    one = Asked(method, path, headers, time.monotonic(), number)
                    reply = self._reply(one)
                    try:
                        if self._send(connection, reply):
                            return
                    finally:
                        with self._lock:
                            self.at_once -= 1
        except (OSError, ValueError):
            pass  # the client went away, which is what many of these tests want
        finally:
            with self._lock:
                self._open.discard(plain)

    def _reply(self, asked: Asked) -> Reply:
        with self._lock:
            self.requests.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            script = self._scripts.get(asked.path, Reply(status=404, body=b"no such page"))
            if isinstance(script, Reply):
                return script
            if callable(script):
                return script(asked)
            turn = self._turns[asked.path]
            self._turns[asked.path] = turn + 1
            return script[min(turn, len(script) - 1)]

    def _send(self, connection: socket.socket, reply: Reply) -> bool:
        """True when the connection is over."""
        head, body = reply.encoded()
        if reply.reset_after is not None:
            connection.sendall((head + body)[: reply.reset_after])
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return True
        connection.sendall(head)
        if reply.pause_before is not None:
            connection.sendall(body[: reply.pause_before])
            self._over.wait(30)
            return True
        if reply.seconds_per_byte:
            for byte in body:
                connection.sendall(bytes([byte]))
                if self._over.wait(reply.seconds_per_byte):
                    return True
        else:
            connection.sendall(body)
        for _ in range(_ENDLESS // len(reply.endless) if reply.endless else 0):
            if self._over.is_set():
                break
            connection.sendall(reply.endless)
        return reply.close or reply.length is not None or reply.raw is not None or bool(reply.endless)
