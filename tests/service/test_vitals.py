"""Signs of life: watchdog, /healthz, heartbeat, sd_notify."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inspections.model import Certainty, Event, Inspection, Kind, State
from service.assembly import Watch, assemble
from service.daemon import Daemon, Ending
from service.health.heartbeat import Heartbeat
from service.health.supervisor import Beats, notify
from service.health.vitals import served, vitals
from service.poll import Polled
from tests.servers import FaultServer, Reply

NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    (tmp_path / "sources").mkdir()
    (tmp_path / "ofsted-watch.toml").write_text(
        f'archive = "{tmp_path / "archive"}"\nauthorities = []\nsources = []\n[health]\nfree_space = 1\n', "utf-8"
    )
    for name in ("leeds", "hull"):
        (tmp_path / "sources" / f"{name}.toml").write_text(
            f'name = "{name}"\nurl = "http://127.0.0.1:9/{name}"\nparser = "feed"\nallow_private = true\n', "utf-8"
        )
    with assemble(tmp_path, NOW) as opened:
        for name in ("leeds", "hull"):  # nothing is due: no test here reads a site
            opened.archive.polled(name, outcome="ok", now=NOW, next_due=NOW + timedelta(days=1))
        yield opened


class Ticks:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_part_without_a_sign_of_life_is_named(watch: Watch) -> None:
    ticks = Ticks()
    beats = Beats({"scheduler": 90, "poll": 3600}, ticks)
    ticks.now = 89
    beats.mark("poll")
    assert vitals(watch, beats, NOW).well
    ticks.now = 91
    found = vitals(watch, beats, NOW)
    assert (found.well, found.why) == (False, "no sign of life: scheduler for 91 s")


def test_half_of_the_sources_failing_or_a_message_beyond_its_schedule_is_not_well(watch: Watch) -> None:
    beats = Beats({})
    watch.archive.polled("leeds", outcome="dns", now=NOW, next_due=NOW)
    assert vitals(watch, beats, NOW).why == "1 of 2 sources cannot be read"
    watch.archive.polled("leeds", outcome="ok", now=NOW, next_due=NOW)
    watch.archive.freeze("one.1.x", "email:a@example.org", b"{}", told={}, rows=[], now=NOW)
    assert vitals(watch, beats, NOW + timedelta(days=5)).well
    assert "has waited since 2026-03-11T09:00Z" in vitals(watch, beats, NOW + timedelta(days=7)).why


@pytest.mark.fault("O5")
@pytest.mark.fault("O11")
@pytest.mark.parametrize("part", ["scheduler", "poll"])
def test_a_part_that_hangs_ends_the_daemon_so_that_it_is_started_again(watch: Watch, part: str) -> None:
    release = threading.Event()
    daemon = Daemon(watch, clock=lambda: NOW, tick=timedelta(milliseconds=50), limits={"scheduler": 20.0, "deliver": 20.0, "chores": 20.0, "poll": 20.0} | {part: 0.6})  # fmt: skip
    if part == "poll":
        daemon.poll_due = lambda: release.wait(20)  # type: ignore[method-assign, assignment]
    else:
        daemon.beats.mark = lambda part: None  # type: ignore[method-assign, assignment]
    ended: list[Ending] = []
    running = threading.Thread(target=lambda: ended.append(daemon.run(signals=False)))
    running.start()
    daemon.stop.wait(10)
    release.set()
    running.join(20)
    assert ended == [Ending.WATCHDOG]


def test_the_first_tick_comes_at_once_whatever_the_interval(watch: Watch) -> None:
    daemon = Daemon(watch, clock=lambda: NOW, tick=timedelta(hours=1))
    running = threading.Thread(target=daemon.run, kwargs={"signals": False})
    running.start()
    until = time.monotonic() + 10
    while not daemon.rounds and time.monotonic() < until:
        daemon.stop.wait(0.01)
    daemon.stop.set()
    running.join(20)
    assert daemon.rounds == 1


@pytest.mark.fault("O4")
@pytest.mark.fault("T8")
def test_a_tick_that_takes_longer_than_its_interval_is_not_started_twice(watch: Watch) -> None:
    daemon = Daemon(watch, clock=lambda: NOW, tick=timedelta(milliseconds=20))
    at_once, most, rounds = [0], [0], [0]

    def slow() -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        daemon.stop.wait(0.2)
        at_once[0] -= 1
        rounds[0] += 1
        daemon.beats.mark("poll")

    daemon.poll_due = slow  # type: ignore[method-assign]
    running = threading.Thread(target=daemon.run, kwargs={"signals": False})
    running.start()
    until = time.monotonic() + 10
    while rounds[0] < 3 and time.monotonic() < until:
        daemon.stop.wait(0.01)
    daemon.stop.set()
    running.join(20)
    assert (most[0], rounds[0] >= 3) == (1, True)


@pytest.mark.fault("O10")
def test_a_job_that_raises_runs_again_at_its_next_tick(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    daemon = Daemon(watch, clock=lambda: NOW, tick=timedelta(milliseconds=20))
    tries = [0]

    def wrong() -> None:
        tries[0] += 1
        if tries[0] < 3:
            raise RuntimeError("a fault of ours")
        daemon.stop.set()

    daemon.deliver = wrong  # type: ignore[method-assign]
    running = threading.Thread(target=daemon.run, kwargs={"signals": False})
    running.start()
    running.join(20)
    assert tries[0] >= 3
    assert "the job deliver failed and runs again at its next tick" in caplog.text


@pytest.mark.fault("T4")
def test_what_was_due_by_a_wrong_clock_is_due_again_when_it_is_put_right(watch: Watch) -> None:
    later = NOW + timedelta(days=400)
    for name in ("leeds", "hull"):
        watch.archive.polled(name, outcome="ok", now=later, next_due=later + timedelta(hours=1))
    watch.archive.freeze("one.1.x", "email:a@example.org", b"{}", told={}, rows=[], now=later)
    daemon = Daemon(watch, clock=lambda: NOW)
    daemon._put_right(NOW)
    assert watch.archive.next_due() == NOW
    assert [row.next_at for row in watch.archive.messages()] == [NOW]


def test_a_heartbeat_goes_out_only_while_all_is_well_and_at_most_once_an_interval() -> None:
    ticks, well = Ticks(), [True]
    with FaultServer() as site:
        site["/ping/secret"] = Reply(body=b"OK")
        heart = Heartbeat(site.url("/ping/secret"), timedelta(minutes=5), ticks)
        assert heart.beat(lambda: well[0])
        ticks.now = 299
        assert not heart.beat(lambda: well[0])
        ticks.now = 301
        well[0] = False
        assert not heart.beat(lambda: well[0])
        ticks.now, well[0] = 602, True
        assert heart.beat(lambda: well[0])
        assert len(site.asked("/ping/secret")) == 2


@pytest.mark.fault("K13")
def test_a_watcher_that_does_not_answer_is_logged_without_its_secret_path(caplog: pytest.LogCaptureFixture) -> None:
    with FaultServer() as site:
        site["/ping/secret"] = Reply(status=302, headers={"Location": "/elsewhere"})
        assert not Heartbeat(site.url("/ping/secret"), timedelta(minutes=5)).beat(lambda: True)
        assert site.asked("/elsewhere") == []
        gone = site.url("/ping/secret")
    assert not Heartbeat(gone, timedelta(minutes=5)).beat(lambda: True)
    assert caplog.text.count("heartbeat host=127.0.0.1 outcome=failed") == 2
    assert "secret" not in caplog.text


@pytest.mark.parametrize("address", ["{}/socket", "@ofsted-watch-test-{}"])
def test_sd_notify_reaches_a_socket_of_either_kind(tmp_path: Path, address: str) -> None:
    place = address.format(str(tmp_path) if address.startswith("{") else tmp_path.name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(place.replace("@", "\0", 1))
        systemd.settimeout(5)
        assert notify("READY=1", {"NOTIFY_SOCKET": place})
        assert systemd.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    "environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"NOTIFY_SOCKET": "vsock:1"}]
)
def test_without_a_supervisor_nothing_happens(environ: dict[str, str]) -> None:
    assert notify("READY=1", environ) is False


@pytest.mark.fault("O13")
def test_a_flood_of_slow_callers_neither_blocks_nor_outlives_the_service() -> None:
    with served("127.0.0.1", 0, lambda path: (200, "text/plain", path.encode())) as port:
        slow = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(40)]
        for one in slow[:8]:
            one.sendall(b"GET / HT")
        until = time.monotonic() + 20
        answer = b""
        while not answer and time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as reply:
                    answer = reply.read()
            except OSError:
                threading.Event().wait(0.1)
        assert answer == b"/healthz"
        for one in slow:
            one.close()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()


def test_healthz_answers_503_with_the_reason(watch: Watch) -> None:
    daemon = Daemon(watch, clock=lambda: NOW)
    watch.archive.polled("leeds", outcome="dns", now=NOW, next_due=NOW)
    status, kind, body = daemon._answer("/healthz")
    assert (status, kind) == (503, "application/json")
    assert json.loads(body) == {"healthy": False, "why": "1 of 2 sources cannot be read", "notes": []}


def _inspected() -> Inspection:
    return Inspection(
        id="x", state=State.PUBLISHED, kind=Kind.ILACS, authority="Leeds", certainty=Certainty.PUBLISHED
    )  # fmt: skip


@pytest.mark.fault("O1")
def test_a_poll_that_ends_with_news_while_the_daemon_stops_holds_nothing_up(watch: Watch) -> None:
    daemon, ended = Daemon(watch, clock=lambda: NOW, tick=timedelta(hours=1)), []
    event = Event(type="published", inspection=_inspected())

    def last_poll() -> None:
        daemon.stop.set()
        until = time.monotonic() + 10
        while daemon._jobs is not None and daemon._jobs.running and time.monotonic() < until:
            threading.Event().wait(0.01)
        daemon._polled(Polled(source="leeds", outcome="ok", new=1, events=(event,)))
        ended.append("leeds")

    daemon.poll_due = last_poll  # type: ignore[method-assign]
    assert daemon.run(signals=False) == Ending.CLEAN
    assert ended == ["leeds"]
