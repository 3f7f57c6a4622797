"""Killed at its lines, at random moments, on a full disk, with a torn log: nothing lost, nothing twice, one key each.

`make crash` kills at every executed line and a thousand times at random. Here every line that records or
sends, and every 200th of the others: always the same, since what failed once must fail again. CRASH_EVERY, CRASH_KILLS
and CRASH_TORN say how many.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from archive import Archive
from archive.model import ArchiveError
from tests.proof.scene import MAIN, Scene, points, read_state, window

EVERY = int(os.environ.get("CRASH_EVERY", "200"))
KILLS = int(os.environ.get("CRASH_KILLS", "8"))
AT_START = "is damaged (disk I/O error)"
TORN = int(os.environ.get("CRASH_TORN", "60"))


@pytest.mark.fault("S1")
@pytest.mark.fault("S2")
@pytest.mark.fault("H2")
@pytest.mark.timeout(7200)
def test_killed_at_any_line_nothing_is_lost_and_repeats_keep_their_key(
    scene: Scene, record_property: object, capsys: pytest.CaptureFixture[str]
) -> None:
    found = points(scene.undisturbed_run())
    assert len(found) > 800, "the hook does not see the service"
    first = [point for point in window(found) if point[2] == 1 or "deliver" in point[0]]
    chosen = list(dict.fromkeys([*first, *found[random.Random(EVERY).randrange(EVERY) :: EVERY]]))
    assert len(first) > 20, "the lines that matter most were not executed"
    killed = repeats = 0
    for point in chosen:
        scene.put_back()
        killed += scene.run(at=list(point))["killed"]
        try:
            scene.check_half_way()
            scene.settled()
            repeats += scene.check_end()
        except AssertionError as error:
            raise AssertionError(f"killed at {point[0]}:{point[1]}, execution {point[2]}: {error}") from error
    with capsys.disabled():
        print(
            f"\nlines: {len(found)} points, {len(chosen)} tried, {killed} killed; 0 lost, {repeats} repeats of one key"
        )
    assert killed > 0.9 * len(chosen), "most runs ended before their kill"
    assert repeats > 0, "the window between acceptance and note was never hit"


@pytest.mark.fault("S1")
@pytest.mark.timeout(7200)
def test_killed_at_random_moments_nothing_is_lost(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.undisturbed_run()
    scene.put_back()
    began = time.monotonic()
    scene.run()
    whole = time.monotonic() - began
    chance, killed, repeats = random.Random(20), 0, 0
    for n in range(KILLS):
        scene.put_back()
        killed += scene.run(after=chance.uniform(0.01, whole * 1.1))["killed"]
        try:
            scene.check_half_way()
            scene.settled()
            repeats += scene.check_end()
        except AssertionError as error:
            raise AssertionError(f"the kill number {n}: {error}") from error
    with capsys.disabled():
        print(f"\nmoments: {KILLS} tried, {killed} killed; 0 lost, {repeats} repeats of one key")
    assert killed > KILLS / 2


@pytest.mark.fault("S3")
@pytest.mark.timeout(1800)
def test_a_torn_log_leaves_whole_transactions_only(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.undisturbed_run()
    scene.put_back()
    scene.run(stay=True)
    log = scene.archive / "archive.db-wal"
    whole = log.read_bytes()
    assert len(whole) > 50_000, "the killed process left no log to tear"
    states = _states_of_each_commit(scene)
    aside, chance = scene.archive.parent / "whole", random.Random(3)
    shutil.copytree(scene.archive, aside)
    page = int.from_bytes(whole[8:12], "big")
    frames = [32 + n * (page + 24) for n in range((len(whole) - 32) // (page + 24) + 1)]
    cuts = [frame + by for frame in frames for by in (-1, 0, 1)] + [chance.randrange(len(whole)) for _ in range(200)]
    for n, cut in enumerate(chance.sample(cuts, min(TORN, len(cuts)))):
        torn = bytearray(whole[:cut])
        if n % 3 == 0 and len(torn) > 100:
            torn[-chance.randrange(1, 100)] ^= 1 << chance.randrange(8)
        for name in ("archive.db-wal", "archive.db-shm"):
            (scene.archive / name).unlink(missing_ok=True)
        shutil.copyfile(aside / "archive.db", scene.archive / "archive.db")
        log.write_bytes(torn)
        Archive.open(scene.archive).close()
        state = read_state(scene.archive / "archive.db")
        assert _counts(state) in states, f"cut at {cut}: half a transaction: {_counts(state)}"
        with closing(sqlite3.connect(scene.archive / "archive.db")) as connection:  # one left open would write it back
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with capsys.disabled():
        print(f"\ntorn logs: {min(TORN, len(cuts))} opened, 0 unreadable, 0 half transactions")


def _counts(state: dict[str, list[tuple[object, ...]]]) -> tuple[int, ...]:
    return tuple(
        len(state[name]) for name in ("publications", "findings", "inspections", "events", "outbox", "messages")
    )


def _states_of_each_commit(scene: Scene) -> set[tuple[int, ...]]:
    """What a reader can see after each whole transaction: the log cut behind each of its commit frames."""
    aside = scene.archive.parent / "commits"
    shutil.copytree(scene.archive, aside)
    whole = (aside / "archive.db-wal").read_bytes()
    page = int.from_bytes(whole[8:12], "big")
    (aside / "archive.db-shm").unlink(missing_ok=True)
    found = set()
    size = page + 24
    ends = [32] + [
        at + size for at in range(32, len(whole) - size + 1, size) if int.from_bytes(whole[at + 4 : at + 8], "big")
    ]
    for end in ends:
        shutil.copyfile(scene.archive / "archive.db", aside / "archive.db")
        (aside / "archive.db-wal").write_bytes(whole[:end])
        (aside / "archive.db-shm").unlink(missing_ok=True)
        found.add(_counts(read_state(aside / "archive.db")))
    assert len(found) >= 4, "the log holds too few transactions to prove anything"
    return found


@pytest.mark.fault("S4")
@pytest.mark.fault("S5")
def test_on_a_full_disk_nothing_is_half_recorded_and_all_of_it_comes_later(scene: Scene) -> None:
    scene.undisturbed_run()
    scene.put_back()
    scene.run()
    full = 0
    chance = random.Random(4)
    for limit in sorted(chance.randrange(4_096, 400_000) for _ in range(8)):
        scene.put_back()
        answer = scene.run(fsize=limit)
        full += "could not be written" in answer["said"]
        assert answer["said"] == "done" or "could not be written" in answer["said"], answer
        scene.check_half_way()
        scene.settled()
        scene.check_end()
    assert full >= 3, "the disk was never full"


@pytest.mark.fault("S4")
def test_a_full_disk_at_the_start_is_not_called_damage(scene: Scene) -> None:
    scene.undisturbed_run()
    said = set()
    for limit in (4_096, 16_384, 40_000):
        scene.put_back()
        said.add(scene.run(fsize=limit)["said"])
    assert not [one for one in said if AT_START in one]


@pytest.mark.fault("O7")
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks /proc how much memory it has")
def test_out_of_memory_at_any_point_nothing_is_lost_and_the_next_start_ends_the_work(scene: Scene) -> None:
    """Of the process, by the system; of SQLite alone, at points further and further into the work.

    It ends with a named outcome, or hangs until its supervisor ends it.
    """
    scene.undisturbed_run()
    ends = []
    little = [{"memory": 1000 * kilobytes} for kilobytes in (4, 30, 60, 260)]
    for job in [*little, *({"heap": 1000 * kilobytes} for kilobytes in range(400, 1400, 125))]:
        scene.put_back()
        answer = scene.run(**job, limit=5)
        ends.append("killed" if answer["killed"] else answer["said"])
        assert answer["killed"] or "Traceback" not in answer["said"], answer
        scene.check_half_way()
        scene.settled()
        scene.check_end()
    assert ends.count("out of memory") >= 5, f"there was nearly always enough memory: {ends}"


@pytest.mark.fault("O2")
def test_of_two_daemons_started_at_once_exactly_one_runs(scene: Scene) -> None:
    command = [
        sys.executable,
        "-m",
        "service",
        "run",
        "--config",
        str(scene.town.folder),
        "--now",
        "2025-04-23T12:00:00Z",
    ]
    for _ in range(3):
        both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
        try:
            until = time.monotonic() + 30
            while all(one.poll() is None for one in both):
                assert time.monotonic() < until, "both run"
                time.sleep(0.02)
            (loser,) = [one for one in both if one.poll() is not None]
            (winner,) = [one for one in both if one is not loser]
            assert loser.returncode == 4
            assert winner.poll() is None
        finally:
            for one in both:
                if one.poll() is None:
                    one.send_signal(signal.SIGKILL)
                one.wait(10)


def test_every_table_that_is_compared_is_there(scene: Scene, tmp_path: Path) -> None:
    scene.undisturbed_run()
    assert all(scene.undisturbed[name] for name in MAIN)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "archive.db").write_bytes(b"x" * 8192)
    with pytest.raises(ArchiveError):
        Archive.open(tmp_path / "empty")
