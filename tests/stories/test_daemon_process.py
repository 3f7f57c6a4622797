"""The daemon as its supervisor sees it: one at a time, ended by a signal, its configuration read anew."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers import Reply
from tests.stories.conftest import Story, Town

NOW = "2026-03-11T09:00:00Z"
BUSY = 4


class Running:
    """A daemon in a process of its own, and its log."""

    def __init__(
        self, town: Town, *arguments: str, now: str | None = NOW, environ: dict[str, str] | None = None
    ) -> None:
        town.refresh()
        self.log = town.folder.parent / f"log-{time.monotonic_ns()}"
        given = ["--config", str(town.folder), "--verbose", *arguments, *(["--now", now] if now else [])]
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service", "run", *given], stdout=out, stderr=out,
                env=os.environ | (environ or {}),
            )  # fmt: skip

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def until(self, true: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something that the daemon does, as long as it lives."""
        latest = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < latest, self.said()
            assert self.process.poll() is None, self.said()
            time.sleep(0.02)

    def until_said(self, words: str, times: int = 1) -> None:
        self.until(lambda: self.said().count(words) >= times)

    def end(self, by: int = signal.SIGTERM, seconds: float = 15) -> tuple[int, float]:
        """Its exit code, and how long the end took."""
        began = time.monotonic()
        self.process.send_signal(by)
        return self.process.wait(seconds), time.monotonic() - began


@pytest.fixture
def start(town: Town) -> Iterator[Callable[..., Running]]:
    begun: list[Running] = []

    def started(*arguments: str, **options: object) -> Running:
        begun.append(Running(town, *arguments, **options))  # type: ignore[arg-type]
        return begun[-1]

    yield started
    for one in begun:
        with contextlib.suppress(ProcessLookupError):
            one.process.kill()
        one.process.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def asked(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.fault("O2")
def test_of_two_daemons_the_second_says_who_polls_and_leaves_with_4(town: Town, start: Callable[..., Running]) -> None:
    first = start()
    first.until_said("started")
    second = start()
    assert second.process.wait(15) == BUSY
    assert f"process {first.process.pid}, polling since" in second.said()
    assert "Traceback" not in second.said()
    assert town.run("poll", now=NOW, code=BUSY).output.count("poll.lock") == 1
    first.process.kill()
    first.process.wait()
    third = start()
    third.until_said("started")  # the lock died with its holder
    assert third.end()[0] == 0


@pytest.mark.fault("O1")
def test_sigterm_ends_an_idle_daemon_at_once_with_0(start: Callable[..., Running]) -> None:
    one = start()
    one.until_said("poll source=blackburn-life outcome=ok")
    one.until_said("poll source=theshuttle outcome=ok")
    code, seconds = one.end()
    assert (code, one.said().count("stopped; nothing was lost")) == (0, 1)
    assert seconds < 5


@pytest.mark.fault("O1")
@pytest.mark.fault("N6")
def test_sigterm_during_a_drip_ends_within_15_seconds_and_loses_nothing(
    town: Town, start: Callable[..., Running]
) -> None:
    town.poll(NOW)
    town.site["/news/"] = Reply(body=b"<html>" + b" " * 10_000, seconds_per_byte=0.2)
    before = len(town.site.asked("/news/"))
    one = start(now="2026-03-12T09:00:00Z")
    one.until(lambda: len(town.site.asked("/news/")) > before)
    code, seconds = one.end()
    assert code == 0
    assert seconds < 15
    town.open()
    town.news.append(
        Story("new", "Ofsted rates our services good", "Published Thursday 12 March 2026 at 9:00", ["Later."])
    )
    assert json.loads(town.run("poll", "theshuttle", "--json", now="2026-03-12T10:00:00Z").stdout)["new"] == 1


@pytest.mark.fault("O9")
def test_a_crash_loop_asks_no_site_more_often(town: Town, start: Callable[..., Running]) -> None:
    town.poll(NOW)
    asked_before = len(town.site.requests)
    for _ in range(5):
        one = start(now="2026-03-11T09:01:00Z")
        one.until_said("started")
        one.process.kill()
        one.process.wait()
    assert len(town.site.requests) == asked_before


@pytest.mark.fault("C9")
def test_sighup_takes_a_good_configuration_and_keeps_the_old_one_against_a_bad_one(
    town: Town, start: Callable[..., Running]
) -> None:
    port = free_port()
    main = town.folder / "ofsted-watch.toml"
    good = main.read_text("utf-8") + f"[health]\nport = {port}\n"
    main.write_text(good, "utf-8")
    one = start()
    one.until_said("poll source=theshuttle")
    main.write_text(good.replace("gap =", "gapp ="), "utf-8")
    one.process.send_signal(signal.SIGHUP)
    one.until_said("the old one stays in force")
    assert 'did you mean "gap"?' in one.said()
    status, body = asked(f"http://127.0.0.1:{port}/healthz")
    assert status == 200
    assert "gapp" in json.loads(body)["notes"][0]
    main.write_text(good, "utf-8")
    (town.folder / "sources" / "blackburn-life.toml").rename(town.folder / "aside")
    one.process.send_signal(signal.SIGHUP)
    one.until_said("configuration read anew")
    assert json.loads(asked(f"http://127.0.0.1:{port}/healthz")[1])["notes"] == []
    assert one.end()[0] == 0
    watched = {source["id"] for source in town.ask("status")[0]["sources"]}
    assert "theshuttle" in watched
    assert "blackburn-life" not in watched


@pytest.mark.fault("O11")
def test_systemd_is_told_of_the_start_of_signs_of_life_and_of_the_end(
    tmp_path: Path, start: Callable[..., Running]
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        address = str(tmp_path / "n")
        systemd.bind(address)
        systemd.settimeout(20)
        one = start(environ={"NOTIFY_SOCKET": address})
        assert systemd.recv(100) == b"READY=1"
        assert systemd.recv(100) == b"WATCHDOG=1"
        one.process.send_signal(signal.SIGTERM)
        said = systemd.recv(100)
        while said == b"WATCHDOG=1":
            said = systemd.recv(100)
        assert said == b"STOPPING=1"
        assert one.process.wait(15) == 0


def test_healthz_and_metrics_answer_on_loopback_and_end_with_the_daemon(
    town: Town, start: Callable[..., Running]
) -> None:
    pytest.importorskip("prometheus_client")
    port = free_port()
    with open(town.folder / "ofsted-watch.toml", "a", encoding="utf-8") as main:
        main.write(f"[health]\nport = {port}\n")
    one = start()
    one.until_said("poll source=theshuttle")
    assert asked(f"http://127.0.0.1:{port}/healthz")[0] == 200
    status, body = asked(f"http://127.0.0.1:{port}/metrics")
    assert status == 200
    assert b'ofsted_watch_source_failures{source="theshuttle"} 0.0' in body
    assert b"ofsted_watch_healthy 1.0" in body
    assert asked(f"http://127.0.0.1:{port}/etc/passwd")[0] == 404
    assert one.end()[0] == 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()


def test_every_line_of_the_json_log_is_an_object(start: Callable[..., Running]) -> None:
    one = start("--log-format", "json")
    one.until_said("theshuttle")
    one.end()
    lines = [json.loads(line) for line in one.said().splitlines()]
    assert {"at", "level", "logger", "message"} <= set(lines[0])
    assert any(line.get("source") == "theshuttle" and line.get("outcome") == "ok" for line in lines)
