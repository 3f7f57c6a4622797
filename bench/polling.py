"""What polling costs, how soon an alert goes out: sites on 127.0.0.x in processes of their own, and the real commands.

python bench/polling.py      prints its figures;  `python bench/polling.py site PORT HOSTS` is the site itself
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
LATENCY = 0.03  # seconds before each answer
FIRST, SECOND = "2026-03-11T09:00:00Z", "2026-03-11T11:00:00Z"


@dataclass
class Measured:
    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0
    requests: int = 0
    conditional: int = 0
    not_modified: int = 0
    received: int = 0  # bytes of heads
    bodies: int = 0
    at_once: int = 0


class Site:
    """300 listings of one article each, with ETags and correct 304s; counts what was asked."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.open: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("sockname")[0]
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1]
                if path == "/_stats":
                    body = json.dumps(self.count).encode()
                    self.count.clear()
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                    continue
                self.open[host] += 1
                self.count["at_once"] = max(self.count["at_once"], self.open[host])
                await asyncio.sleep(LATENCY)
                self.open[host] -= 1
                writer.write(self._answer(path, head))
        writer.close()

    def _answer(self, path: str, head: str) -> bytes:
        if path == "/robots.txt":
            self.count["robots"] += 1
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        body = listing(path) if path.endswith("/") else article(path)
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        asked = next((line[15:] for line in head.split("\r\n") if line.lower().startswith("if-none-match: ")), None)
        self.count["requests"] += 1
        self.count["conditional"] += asked is not None
        if asked == tag:
            answer = f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
            self.count["not_modified"] += 1
        else:
            answer = (
                f"HTTP/1.1 200 OK\r\nETag: {tag}\r\nContent-Type: text/html; charset=utf-8\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode()
            self.count["bodies"] += len(body)
            self.count["received"] += len(answer)
            return answer + body
        self.count["received"] += len(answer)
        return answer


def listing(path: str) -> bytes:
    filler = "<p>Council services, bins, parks and libraries.</p>" * 120
    card = f'<li class="card"><a href="{path}item"><h3>News of {path}</h3></a></li>'
    return f"<html><body><ul>{card}</ul>{filler}</body></html>".encode()


def article(path: str) -> bytes:
    text = "<p>Works go on as planned in the town. Drivers are asked to take care.</p>" * 5
    head = f"<h1>News of {path[:-4]}</h1><p>Published 3 March 2026</p>"
    return f"<html><body><main>{head}{text}</main></body></html>".encode()


async def serve_site(port: int, hosts: int) -> None:
    site = Site()
    for n in range(hosts):
        await asyncio.start_server(site.serve, f"127.0.0.{n + 2}", port, limit=1 << 20)
    print("ready", flush=True)
    await asyncio.sleep(900)


def configuration(folder: Path, port: int, sources: int, hosts: int) -> None:
    (folder / "sources").mkdir(parents=True)
    (folder / "ofsted-watch.toml").write_text(
        f'contact = "bench@example.org"\nsources = []\narchive = "{folder}/archive"\n[fetch]\ngap = "0s"\n'
        f'[ofsted]\nreports = "http://127.0.0.2:{port}"\nfiles = "http://127.0.0.2:{port}"\nallow_private = true\n',
        "utf-8",
    )  # fmt: skip
    for n in range(sources):
        (folder / "sources" / f"news-{n:04}.toml").write_text(
            f'name = "News {n}"\nurl = "http://127.0.0.{n % hosts + 2}:{port}/{n}/"\nparser = "listing"\n'
            'family = "selectors"\nallow_private = true\n[options]\nitem = "li.card"\ntitle = "h3"\nlink = "a"\n',
            "utf-8",
        )  # fmt: skip


def unchanged(sources: int = 300, hosts: int = 60) -> Measured:
    """One poll of these sources that finds nothing changed, measured from outside."""
    port = free_port()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "config"
        configuration(folder, port, sources, hosts)
        site = subprocess.Popen(
            [sys.executable, __file__, "site", str(port), str(hosts)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert site.stdout is not None and site.stdout.readline().strip() == "ready"
            poll(folder, FIRST)
            stats(port)
            poll(folder, "2026-03-11T10:00:00Z")
            stats(port)
            found = poll(folder, SECOND)
            for name, value in stats(port).items():
                if hasattr(found, name):
                    setattr(found, name, value)
            return found
        finally:
            site.kill()
            site.wait()


def poll(folder: Path, now: str) -> Measured:
    found, began = Measured(), time.perf_counter()
    command = [sys.executable, "-m", "service", "poll", "--config", str(folder), "--now", now]
    with open(folder / "out", "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=ROOT)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            found.peak_mb = max(found.peak_mb, tree_memory(process.pid))

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    done.set()
    watching.join()
    assert process.returncode == 0, (folder / "out").read_text("utf-8")[-500:]
    found.wall, found.cpu = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    return found


def stats(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.2:{port}/_stats", timeout=10) as answer:
        found: dict[str, int] = json.load(answer)
        return found


def tree(pid: int) -> list[int]:
    """The process and all below it."""
    below = [pid]
    for one in below:
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                below += [int(child) for child in (task / "children").read_text("ascii").split()]
    return below


def tree_memory(pid: int) -> float:
    """Megabytes of resident memory of the process and all below it."""
    return sum(memory_of(one) for one in tree(pid))


def memory_of(pid: int) -> float:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * PAGE / 1e6
    return 0.0


def tree_cpu(pid: int) -> float:
    total = 0
    for one in tree(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text("ascii").rpartition(")")[2].split()
            total += sum(int(field) for field in fields[11:15])
    return total / TICKS


class Newsroom:
    """One newsroom and one receiver of webhooks; notes when the news was read and when each message came."""

    def __init__(self) -> None:
        self.news: list[int] = [0]
        self.read_at: dict[str, float] = {}
        self.came: list[tuple[float, str]] = []
        self.stall = False
        newsroom = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/robots.txt":
                    self._say(404, b"")
                elif self.path == "/news/":
                    cards = "".join(
                        f'<li class="card"><a href="/news/{n}"><h3>{title(n)}</h3></a></li>' for n in newsroom.news
                    )
                    self._say(200, f"<html><body><ul>{cards}</ul></body></html>".encode())
                else:
                    self._say(
                        200, announcement_page(title(n := int(self.path.rpartition("/")[2])), "Leeds" if n else "")
                    )
                    newsroom.read_at.setdefault(self.path, time.monotonic())

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.close_connection = True
                newsroom.came.append((time.monotonic(), self.headers["webhook-id"]))
                if newsroom.stall:
                    time.sleep(15)
                with suppress(OSError):
                    self._say(204, b"")

            def _say(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def handle(self) -> None:
                with suppress(ConnectionError):  # the daemon was killed while it waited
                    super().handle()

            def log_message(self, *args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def configure(self, folder: Path) -> None:
        base = f"http://127.0.0.1:{self.server.server_port}"
        for name in ("sources", "subscriptions"):
            (folder / name).mkdir(parents=True)
        (folder / "secret").write_text("whsec_" + base64.b64encode(b"0" * 32).decode(), "utf-8")
        (folder / "secret").chmod(0o600)
        (folder / "ofsted-watch.toml").write_text(
            f'sources = []\narchive = "{folder}/archive"\n[fetch]\ngap = "0s"\n[ofsted]\nreports = "{base}"\n'
            f'files = "{base}"\nallow_private = true\n', "utf-8",
        )  # fmt: skip
        (folder / "subscriptions" / "desk.toml").write_text(
            f'[[to]]\nwebhook = "{base}/hook"\nsecret_file = "secret"\nallow_private = true\n', "utf-8"
        )
        (folder / "sources" / "news.toml").write_text(
            f'name = "News"\nurl = "{base}/news/"\nparser = "listing"\nfamily = "selectors"\nauthority = "Leeds"\n'
            'every = "1s"\nallow_private = true\n[options]\nitem = "li.card"\ntitle = "h3"\nlink = "a"\n',
            "utf-8",
        )  # fmt: skip


def card(n: int) -> str:
    return f'<li class="card"><a href="/news/{n}"><h3>{title(n)}</h3></a></li>'


def title(n: int) -> str:
    return f"Leeds children's services rated good by Ofsted ({n})" if n else "Road works on Mill Lane"


def announcement_page(headline: str, authority: str) -> bytes:
    """A page: an announcement about this authority, or of none where that is empty."""
    day = time.strftime("%d %B %Y")
    said = "Works go on as planned. Drivers are asked to take care."
    if authority:
        said = (f"Children's services in {authority} have been rated good by Ofsted in a report published today, "
                f"{day}. The inspection of local authority children's services found that leaders know their "
                "services well.")  # fmt: skip
    body = f"<h1>{headline}</h1><p>Published {day}</p><p>{said}</p><p>{said}</p>"
    return f"<html><body><main>{body}</main></body></html>".encode()


@contextmanager
def daemon(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with open(folder / "log", "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "run", "--verbose", "--config", str(folder)],
            stdout=log,
            stderr=log,
            cwd=ROOT,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()


def wait_for(true: Any, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.01)


@contextmanager
def newsroom() -> Iterator[tuple[Newsroom, Path]]:
    made = Newsroom()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "config"
        made.configure(folder)
        try:
            yield made, folder
        finally:
            made.server.shutdown()
            made.server.server_close()


def to_first_send() -> float:
    """Seconds from the answer that held a new announcement to its webhook."""
    with newsroom() as (made, folder), daemon(folder):
        wait_for(lambda: "/news/0" in made.read_at, 30, "the first reading")
        time.sleep(1)
        made.news.insert(0, 1)
        wait_for(lambda: made.came, 40, "the webhook")
        return made.came[0][0] - made.read_at["/news/1"]


def retry_after_kill(patience: float = 30) -> float:
    """Seconds from the restart of a daemon that was killed while it sent, to its next try."""
    with newsroom() as (made, folder):
        with daemon(folder) as first:
            wait_for(lambda: "/news/0" in made.read_at, 30, "the first reading")
            time.sleep(1)
            made.stall = True
            made.news.insert(0, 1)
            wait_for(lambda: made.came, 40, "the webhook")
            first.send_signal(signal.SIGKILL)
            first.wait()
        made.stall = False
        began = time.monotonic()
        with daemon(folder):
            wait_for(lambda: len(made.came) > 1, patience, "a second try after the restart; it waits for its lease")
        assert made.came[0][1] == made.came[1][1], "another key"
        return made.came[1][0] - began


def idle_daemon(seconds: float) -> tuple[float, float, float]:
    """Most memory (MB) of a daemon with nothing due, its parsing children included; its own; its processor time (s)."""
    with newsroom() as (made, folder):
        source = folder / "sources" / "news.toml"
        source.write_text(source.read_text("utf-8").replace('every = "1s"', 'every = "1h"'), "utf-8")
        with daemon(folder) as process:
            wait_for(lambda: "/news/0" in made.read_at, 30, "the first reading")
            time.sleep(2)
            before, peak, own, until = tree_cpu(process.pid), 0.0, 0.0, time.monotonic() + seconds
            while time.monotonic() < until:
                peak = max(peak, tree_memory(process.pid))
                own = max(own, memory_of(process.pid))
                time.sleep(0.2)
            return peak, own, tree_cpu(process.pid) - before


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.2", 0))
        return int(one.getsockname()[1])


if __name__ == "__main__":
    if sys.argv[1:2] == ["site"]:
        asyncio.run(serve_site(int(sys.argv[2]), int(sys.argv[3])))
    else:
        print(unchanged())
        for measure in (to_first_send, retry_after_kill):
            try:
                print(measure.__name__, measure())
            except AssertionError as error:
                print(measure.__name__, error)
        print("idle", idle_daemon(10))
