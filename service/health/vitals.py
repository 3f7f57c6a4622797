"""How the daemon is, for machines: /healthz and, with the extra `metrics`, /metrics in the format of Prometheus."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from msgspec import Struct

from service.assembly import Watch
from service.health.supervisor import Beats

_WAITS_LONGEST = timedelta(days=6)  # beyond every schedule of delivery
_AT_ONCE = 8  # requests
_PATIENCE = 5.0  # seconds for a request's head


class Vitals(Struct, frozen=True, kw_only=True):
    """Whether the daemon does its work. `why`: what is wrong, "" where nothing is; `notes`: what is merely said."""

    why: str
    notes: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        return not self.why


def vitals(watch: Watch, beats: Beats, now: datetime, notes: tuple[str, ...] = ()) -> Vitals:
    """Not well: a part that gives no sign, an overdue message, a full disk, half of the sources failing."""
    late = beats.late()
    if late:
        return Vitals(why=f"no sign of life: {late}", notes=notes)
    status = watch.archive.status()
    free, wanted = free_megabytes(watch.archive.folder), watch.settings.health.free_space
    failing = [source.id for source in status.sources if source.fail_streak]
    polled = [source.id for source in status.sources if source.last_polled]
    if free < wanted:
        return Vitals(why=f"{free} MB are free in {watch.archive.folder}, {wanted} are wanted", notes=notes)
    if polled and 2 * len(failing) >= len(polled):
        return Vitals(why=f"{len(failing)} of {len(polled)} sources cannot be read", notes=notes)
    if status.oldest_waiting and now - status.oldest_waiting > _WAITS_LONGEST:
        return Vitals(why=f"a message has waited since {status.oldest_waiting:%Y-%m-%dT%H:%MZ}", notes=notes)
    return Vitals(why="", notes=notes)


def free_megabytes(folder: Path) -> int:
    """What may still be written on the disk of this folder."""
    return shutil.disk_usage(folder).free // 1_000_000


def resident_bytes() -> int:
    """The memory of this process; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def exposition(watch: Watch, beats: Beats, well: bool) -> bytes:
    """The figures as Prometheus reads them. Raises ImportError without the extra `metrics`."""
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()

    def gauge(name: str, said: str, label: str = "") -> Gauge:
        return Gauge(f"ofsted_watch_{name}", said, [label] if label else [], registry=registry)

    status = watch.archive.status()
    gauge("healthy", "1 while /healthz answers 200").set(well)
    for name, said, value in (
        ("publications", "Pages and documents kept", status.publications),
        ("inspections", "Inspections known", status.inspections),
        ("messages_waiting", "Messages and pairs not yet sent", status.waiting),
        ("messages_dead", "Messages that could not be delivered", status.dead),
        ("events_held", "Events that wait for a person's word", status.held),
        ("pages_undecided", "Findings that wait for a person", status.undecided),
        ("incidents_open", "Faults that stand", len(status.incidents)),
        ("disk_free_megabytes", "Free on the disk of the archive", free_megabytes(watch.archive.folder)),
        ("log_bytes", "The archive's write-ahead log", watch.archive.log_bytes()),
        ("resident_memory_bytes", "Of the main process", resident_bytes()),
    ):
        gauge(name, said).set(value)
    ages = gauge("part_age_seconds", "Since the last sign of life of a part", "part")
    for part, age in beats.ages().items():
        ages.labels(part).set(age)
    streak = gauge("source_failures", "Polls in a row that failed", "source")
    read = gauge("source_last_read_timestamp_seconds", "When it was last read well", "source")
    for source in status.sources:
        streak.labels(source.id).set(source.fail_streak)
        if source.last_ok:
            read.labels(source.id).set(source.last_ok.timestamp())
    return bytes(generate_latest(registry))


@contextmanager
def served(host: str, port: int, answer: Callable[[str], tuple[int, str, bytes]]) -> Iterator[int]:
    """Answers GET by `answer(path)` → status, type, body, until the end of the block. Gives the port."""
    server = _Server((host, port), _handler(answer))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="vitals", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """At most a handful of requests side by side: who comes beyond is turned away, and the daemon's work goes on."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away is no fault of ours."""


def _handler(answer: Callable[[str], tuple[int, str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE
        server_version, sys_version = "ofsted-watch", ""

        def do_GET(self) -> None:
            status, kind, body = answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody needs a line for every question of a monitor."""

    return Handler
