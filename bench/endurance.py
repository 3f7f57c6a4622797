"""How long the daemon holds: many polls, many hours, many ends, many starts. Real processes, sites that fail.

    python bench/endurance.py polls --polls 10000     memory, descriptors and the archive's files, by a clock that runs
    python bench/endurance.py soak --hours 24         the real command in real time: nothing lost, nobody told wrongly
    python bench/endurance.py terms --times 200       SIGTERM at random instants
    python bench/endurance.py starts --times 200      two daemons started together, the one that runs killed

A tenth of all answers of the sites and of the webhook is wrong; `--seed` draws them. Times under load say more about
the load.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.newsrooms import OFSTED, World  # noqa: E402
from bench.polling import daemon, wait_for  # noqa: E402
from bench.samples import Sample, count, growth, look, reading  # noqa: E402

FAULTY = 0.1
SPEED = 240  # of the clock of `polls`: five minutes in a little more than a second
BUSY = 4
TABLES = ("polls", "publications", "events", "messages")


def drive(
    world: World, process: subprocess.Popen[bytes], *, over: Callable[[Sample], bool], pause: float
) -> list[Sample]:  # fmt: skip
    """Let the sites live until `over`: something is planted every `pause` seconds, and once a report at Ofsted's."""
    samples: list[Sample] = []
    began = planted = looked = time.monotonic()
    while process.poll() is None:
        now = time.monotonic()
        world.fail(FAULTY)
        world.listen(now)
        if world.chance.random() < 0.1:
            world.stir()
        if now - planted > pause:
            planted = now
            world.plant(now)
            if len(world.planted) == 5:
                world.publish_report(now)
        if now - looked > 1.0:
            looked = now
            with suppress(FileNotFoundError):  # it has just ended
                samples.append(look(process.pid, world.folder))
            if len(samples) % 60 == 0:
                print(f"  {now - began:5.0f} s: {samples[-1]}", file=sys.stderr, flush=True)
            if over(samples[-1]):
                break
        time.sleep(0.2)
    return samples


def first_reading(world: World, process: subprocess.Popen[bytes]) -> None:
    """What comes after it is news."""
    while count(world.folder / "archive" / "archive.db", "sources WHERE baseline_done") < len(world.items):
        assert process.poll() is None, "the daemon ended"
        time.sleep(0.5)


def settle(world: World, seconds: float) -> None:
    """No fault any more: what was planted is told, or was lost."""
    world.fail(0)
    until = time.monotonic() + seconds
    while set(world.planted) - set(world.told()) - booked(world) and time.monotonic() < until:
        time.sleep(0.5)
        world.listen(time.monotonic())


def booked(world: World) -> set[str]:
    """Whose article could twice not be read: it is kept as listed, and tried again after 1, 6 and 24 hours."""
    with reading(world.folder / "archive" / "archive.db") as archive:
        rows = archive.execute("SELECT title FROM publications WHERE document_next_try IS NOT NULL").fetchall()
    titles = {title for (title,) in rows}
    return {name for item, name in world.stories.items() if name and world.headline(item) in titles}


def verdict(world: World) -> Iterator[str]:
    told = world.told()
    waiting = booked(world) - set(told)
    lost = sorted(set(world.planted) - set(told) - waiting)
    false = sorted(set(told) - set(world.planted))
    # Where Ofsted's document could not be read, that it is out is told first, and its grades when they are known.
    twice = sorted(name for name, keys in told.items() if len(keys) > 1 + (name == OFSTED))
    answered, failed = sum(one.answered for one in world.sites), sum(one.failed for one in world.sites)
    yield f"answers {answered}, of them wrong {failed} ({failed / max(answered, 1):.1%})"
    yield f"announced {len(world.planted)}: lost {len(lost)} {lost or ''}, told twice {len(twice)} {twice or ''}"
    yield f"read twice in vain and booked to be tried again {len(waiting)} {sorted(waiting) or ''}"
    yield f"told without cause {len(false)} {false or ''}; mailed to the operator {len(world.notices())}"
    yield from world.notices()
    with reading(world.folder / "archive" / "archive.db") as archive:
        whole = archive.execute("PRAGMA integrity_check").fetchone()[0]
    rows = {name: count(world.folder / "archive" / "archive.db", name) for name in TABLES}
    yield f"integrity_check {whole}; rows {rows}"
    log = (world.folder / "log").read_text("utf-8")
    yield f"tracebacks in the log {log.count('Traceback')}; {len(re.findall('mended, and it should not', log))} mended"
    outcomes = re.findall(r"poll source=\S+ outcome=(\S+)", log)
    yield "outcomes " + ", ".join(f"{name} {outcomes.count(name)}" for name in sorted(set(outcomes)))


def polls(wanted: int, seed: int) -> Iterator[str]:
    """The daemon itself with a clock that runs SPEED times as fast."""
    with tempfile.TemporaryDirectory() as temporary, World(
        Path(temporary) / "config", sources=40, hosts=20, every="5m", attempts=1, seed=seed
    ) as world, fast_daemon(world.folder) as process:  # fmt: skip
        wait_for(lambda: (world.folder / "archive" / "archive.db").exists(), 30, "an archive")
        time.sleep(5)
        began = time.monotonic()
        samples = drive(world, process, over=lambda one: one.polls >= wanted, pause=4.0)
        seconds = time.monotonic() - began
        settle(world, 120)
        yield f"{samples[-1].polls} polls in {seconds:.0f} s"
        yield from growth(samples)
        yield from end(process)
        yield from verdict(world)


def soak(hours: float, sources: int, seed: int) -> Iterator[str]:
    """The command as an operator runs it."""
    with tempfile.TemporaryDirectory() as temporary, World(
        Path(temporary) / "config", sources=sources, hosts=max(1, sources // 2), every="10s", seed=seed
    ) as world, daemon(world.folder) as process:  # fmt: skip
        wait_for(lambda: (world.folder / "archive" / "archive.db").exists(), 30, "an archive")
        began = time.monotonic()
        first_reading(world, process)
        yield f"every source was read after {time.monotonic() - began:.0f} s"
        began = time.monotonic()
        samples = drive(
            world, process, over=lambda one: time.monotonic() - began > hours * 3600, pause=max(8.0, hours * 3600 / 140)
        )
        restarts = process.poll() is not None
        settle(world, 1200)
        delays = [world.heard[name] - at for name, at in world.planted.items() if name in world.heard]
        yield f"from the moment it stood there to an accepted message: {spread(delays)}"
        yield f"{(time.monotonic() - began) / 3600:.2f} h; ended by itself: {'yes' if restarts else 'no'}"
        yield from growth(samples)
        yield from end(process)
        yield from verdict(world)


def end(process: subprocess.Popen[bytes]) -> Iterator[str]:
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(30)
    yield f"SIGTERM: exit {code} after {time.monotonic() - began:.2f} s"


def terms(times: int, seed: int) -> Iterator[str]:
    """Each time a start, then SIGTERM at a random instant, in a round, a pause between tries, or idle."""
    with tempfile.TemporaryDirectory() as temporary, World(
        Path(temporary) / "config", sources=12, hosts=6, every="1s", seed=seed
    ) as world:  # fmt: skip
        took: list[tuple[float, bool]] = []
        codes: dict[int, int] = {}
        with daemon(world.folder) as process:
            first_reading(world, process)
        for _ in range(times):
            world.fail(FAULTY)
            world.plant(time.monotonic())
            with daemon(world.folder) as process:
                started(world.folder, process)
                time.sleep(world.chance.uniform(0, 3.0))
                asked = sum(one.at_once for one in world.sites)
                began = time.monotonic()
                process.send_signal(signal.SIGTERM)
                code = process.wait(30)
                took.append((time.monotonic() - began, asked == 0))
                codes[code] = codes.get(code, 0) + 1
        with daemon(world.folder) as process:
            settle(world, 660)  # where an article could not be read, its list is read again after ten minutes
            yield from end(process)
        for idle in (True, False):
            some = sorted(seconds for seconds, quiet in took if quiet == idle)
            if some:
                what = "no request was open" if idle else "a request was open"
                yield f"{len(some)} while {what}: {spread(some)}"
        yield f"exit codes {codes}"
        yield from verdict(world)


def starts(times: int, seed: int) -> Iterator[str]:
    """Two at once; the one that runs is killed, and the next two are started at once."""
    with tempfile.TemporaryDirectory() as temporary, World(
        Path(temporary) / "config", sources=2, hosts=1, every="1h", seed=seed
    ) as world:  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        left: list[float] = []
        begun: list[float] = []
        odd: list[str] = []
        for _ in range(times):
            began = time.monotonic()
            with daemon(world.folder) as one, daemon(world.folder) as other:
                ready = 0.0
                starts_before = said(world.folder)
                while not (ready and (one.poll() is not None or other.poll() is not None)):
                    if not ready and said(world.folder) > starts_before:
                        ready = time.monotonic() - began
                    if time.monotonic() - began > 20:
                        odd.append(f"after 20 s: {one.poll()}, {other.poll()}, started {bool(ready)}")
                        break
                    time.sleep(0.002)
                left.append(time.monotonic() - began)
                begun.append(ready)
                codes = {one.poll(), other.poll()}
                if codes != {None, BUSY}:
                    odd.append(f"exit codes {codes}")
        yield f"{times} times two: exactly one ran and the other left with {BUSY}, but for {len(odd)} {odd[:5] or ''}"
        yield f"until one ran, after kill -9 of the last: {spread(begun)}"
        yield f"until the other had left too: {spread(left)}"
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cost = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / times / 2
        yield f"processor time of a start, its first round or its leaving included: {cost:.2f} s"
        yield from verdict(world)


def spread(seconds: Sequence[float]) -> str:
    some = sorted(seconds)
    p99 = some[min(len(some) - 1, int(len(some) * 0.99))]
    return f"median {statistics.median(some):.2f} s, p99 {p99:.2f} s, most {some[-1]:.2f} s"


def said(folder: Path) -> int:
    return (folder / "log").read_text("utf-8").count("started: ") if (folder / "log").exists() else 0


def started(folder: Path, process: subprocess.Popen[bytes]) -> None:
    log = folder / "log"
    begun = log.stat().st_size
    wait_for(lambda: b"started: " in log.read_bytes()[begun:], 30, "a start")
    assert process.poll() is None


@contextmanager
def fast_daemon(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with open(folder / "log", "ab") as log:
        process = subprocess.Popen([sys.executable, __file__, "daemon", str(folder)], stdout=log, stderr=log, cwd=ROOT)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def run_fast(folder: Path) -> None:
    import logging

    from service import daemon
    from service.assembly import assemble
    from service.clock import Clock
    from service.logs import to_stderr
    from service.memory import share_arenas

    share_arenas()
    to_stderr("text", logging.INFO)
    began, start = time.monotonic(), datetime.now(UTC)
    daemon.CHORES = daemon.CHORES / SPEED

    def clock() -> datetime:
        return start + timedelta(seconds=(time.monotonic() - began) * SPEED)

    with assemble(folder, clock()) as watch:
        made = daemon.Daemon(watch, clock=clock, tick=timedelta(seconds=0.25))
        made.wall = Clock(clock, lambda: time.monotonic() * SPEED)
        made.run()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=("polls", "soak", "terms", "starts", "daemon"))
    parser.add_argument("folder", nargs="?", type=Path, help="of `daemon`, which `polls` starts")
    parser.add_argument("--polls", type=int, default=10_000)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.what == "daemon":
        run_fast(given.folder)
        return 0
    print(f"seed {given.seed}, load {os.getloadavg()[0]:.1f}", flush=True)
    parts = {
        "polls": lambda: polls(given.polls, given.seed),
        "soak": lambda: soak(given.hours, given.sources, given.seed),
        "terms": lambda: terms(given.times, given.seed),
        "starts": lambda: starts(given.times, given.seed),
    }
    for line in parts[given.what]():
        print(line, flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
