"""A disk that fills, and memory that ends: polling pauses and goes on by itself, messages are sent, nothing is lost."""

from __future__ import annotations

import gc
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import NoSpace
from scraper.model import Source
from service.assembly import assemble
from service.daemon import Daemon, Ending
from service.health.incidents import look_after
from service.health.room import Room
from tests.servers import FaultServer, Reply
from tests.service.desk import Desk

NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
FEED = b"""<rss version="2.0"><channel><title>N</title><item><title>One</title><link>%s</link></item></channel></rss>"""


class Ticks:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def site() -> Iterator[FaultServer]:
    with FaultServer() as opened:
        opened["/feed"] = Reply(
            body=FEED % opened.url("/one").encode(), headers={"Content-Type": "application/rss+xml"}
        )
        opened["/one"] = Reply(
            body=b"<html><h1>One</h1><p>Nothing of note.</p></html>", headers={"Content-Type": "text/html"}
        )
        yield opened


@pytest.fixture
def desk(tmp_path: Path, site: FaultServer) -> Iterator[Desk]:
    """A newsroom that is due, a recipient, and something to be told."""
    made = Desk(tmp_path / "config", NOW)
    made.configure('authorities = []\nsources = []\n[fetch]\ngap = "0s"\nattempts = 1\n[health]\nfree_space = 1\n')
    (made.folder / "sources").mkdir()
    (made.folder / "sources" / "news.toml").write_text(
        f'name = "News"\nurl = "{site.url("/feed")}"\nparser = "feed"\nallow_private = true\n', "utf-8"
    )
    made.subscribe("desk", f'maildir = "{tmp_path / "mail"}"')
    with made.open():
        yield made


@contextmanager
def running(daemon: Daemon) -> Iterator[None]:
    thread = threading.Thread(target=daemon.run, kwargs={"signals": False})
    thread.start()
    try:
        yield
    finally:
        daemon.stop.set()
        thread.join(20)


def until(true: Callable[[], bool]) -> bool:
    latest, wait = time.monotonic() + 15, threading.Event()
    while not true() and time.monotonic() < latest:
        wait.wait(0.01)
    return true()


@pytest.mark.fault("S4")
def test_on_a_nearly_full_disk_nothing_is_polled_all_is_sent_and_it_goes_on_by_itself(
    desk: Desk, site: FaultServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    free = [39]
    daemon = Daemon(desk.watch, clock=lambda: NOW, free=lambda folder: free[0], tick=timedelta(milliseconds=20))
    desk.publish()
    with running(daemon):
        assert until(lambda: daemon.rounds > 5 and any((tmp_path / "mail" / "new").glob("*")))
        assert site.requests == [], "no site is asked for what could not be kept"
        said = [record.message for record in caplog.records if "polling" in record.message]
        assert len(said) == 1 and "39 MB are free" in said[0] and "[poll] free_space asks for 40" in said[0]
        (fault,) = [one for one in look_after(desk.watch, NOW, own=daemon._own_faults()) if one.code == "disk"]
        assert "Polling pauses: 39 MB" in fault.text
        free[0] = 41
        assert until(lambda: desk.watch.archive.status().publications == 2), "the newsroom was read at last"
    assert len([record for record in caplog.records if "polling goes on" in record.message]) == 1
    assert look_after(desk.watch, NOW, own=daemon._own_faults()) == []


@pytest.mark.fault("S4")
def test_an_archive_that_cannot_be_written_is_tried_again_by_the_minute_and_said_once(
    desk: Desk, site: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A quota, for instance: the disk says that there is room."""
    ticks, tries, due = Ticks(), [0], desk.watch.due

    def full(now: datetime, limit: int) -> list[Source]:
        tries[0] += 1
        raise NoSpace("archive.db could not be written: nothing was recorded.")

    desk.watch.due = full  # type: ignore[method-assign]
    daemon = Daemon(desk.watch, clock=lambda: NOW, tick=timedelta(milliseconds=20))
    daemon.room = Room(desk.watch.archive.folder, clock=ticks)
    with running(daemon):
        assert until(lambda: bool(daemon.room.lacking)) and until(lambda: daemon.rounds > 5)
        assert tries == [1]
        ticks.now = 61
        assert until(lambda: tries == [2])
        desk.watch.due = due  # type: ignore[method-assign]
        ticks.now = 122
        assert until(lambda: not daemon.room.lacking)
    said = [record for record in caplog.records if "polling" in record.message]
    assert [record.levelname for record in said] == ["ERROR", "WARNING"]
    assert not [record for record in caplog.records if record.exc_info]
    assert site.requests


@pytest.mark.fault("S4")
def test_the_operator_is_told_of_less_than_polling_needs_whatever_health_asks(desk: Desk) -> None:
    (fault,) = look_after(desk.watch, NOW, free=lambda folder: 30)
    assert fault.code == "disk" and "With fewer than 40 ([poll] free_space) polling pauses" in fault.text


@pytest.mark.fault("O7")
def test_a_daemon_without_memory_ends_so_that_it_is_started_again(desk: Desk) -> None:
    """What it was doing is done at the next start."""

    def none(now: datetime, limit: int) -> list[Source]:
        raise MemoryError

    desk.watch.due = none  # type: ignore[method-assign]
    ended: list[Ending] = []
    daemon = Daemon(desk.watch, clock=lambda: NOW, tick=timedelta(milliseconds=20))
    thread = threading.Thread(target=lambda: ended.append(daemon.run(signals=False)))
    thread.start()
    thread.join(20)
    assert ended == [Ending.WATCHDOG]
    with assemble(desk.folder, NOW) as again:
        daemon = Daemon(again, clock=lambda: NOW)
        daemon.poll_due()
        assert again.archive.status().publications == 1


@pytest.mark.fault("O6")
def test_memory_does_not_grow_with_the_number_of_polls(desk: Desk, site: FaultServer) -> None:
    """Forty polls, each with a new article that is told of; the figures of ten thousand are bench/polling.py's."""
    now, entries = [NOW], [b"<item><title>One</title><link>%s</link></item>" % site.url("/one").encode()]
    daemon = Daemon(desk.watch, clock=lambda: now[0])

    def rounds(number: int) -> int:
        for _ in range(number):
            now[0] += timedelta(hours=2)
            entries.insert(
                0,
                b"<item><title>News %d</title><link>%s</link></item>"
                % (len(entries), site.url(f"/{len(entries)}").encode()),
            )
            site[f"/{len(entries) - 1}"] = Reply(
                body=b"<html><h1>News</h1></html>", headers={"Content-Type": "text/html"}
            )
            site["/feed"] = Reply(
                body=b'<rss version="2.0"><channel><title>N</title>%s</channel></rss>' % b"".join(entries[:10])
            )
            daemon.poll_due()
            desk.now = now[0]
            desk.publish()
            daemon.deliver()
            daemon.chores()
        site.requests.clear()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = rounds(10)
        after = rounds(30)
    finally:
        tracemalloc.stop()
    assert desk.watch.archive.status().publications > 60, "nothing was read"
    assert after - before < 200_000, f"{before} bytes became {after}"
