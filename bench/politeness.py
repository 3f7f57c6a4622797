"""A simulated week of polling with restarts, as the sites see it: `python bench/politeness.py --days 7 --restarts 20`.

The real round of polling, its gate and its archive, by a clock that only its own pauses move. What is counted is what
arrived at the sites: how close together at one host, how many on a day, how many with a validator.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.newsrooms import World  # noqa: E402
from scraper.fetch import Fetcher  # noqa: E402
from service import assembly  # noqa: E402
from service.poll import Polled, poll  # noqa: E402
from tests.servers import Asked, FaultServer  # noqa: E402

GAP, SOON = 5.0, timedelta(seconds=1)
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
A_TICK = 60  # sources at once, as the daemon takes them


class Simulated:
    """A clock that nothing moves but the pauses of those who wait, one after the other."""

    def __init__(self) -> None:
        self._lock, self.seconds = threading.Lock(), 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def day(self, seconds: float) -> date:
        return (START + timedelta(seconds=seconds)).date()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.seconds += max(0.0, seconds)

    def until(self, at: datetime) -> None:
        with self._lock:
            self.seconds = max(self.seconds, (at - START).total_seconds())


class Killed(Exception):
    """Stands for the end of the process, in the middle of a round."""


class Week:
    """What the sites were asked, by host, in the order in which it came."""

    def __init__(self, clock: Simulated) -> None:
        self._clock = clock
        self.asked: dict[str, list[tuple[float, bool, str]]] = defaultdict(list)
        self.made: Counter[str] = Counter()  # polls, restarts

    def note(self, site: FaultServer, asked: Asked) -> None:
        conditional = "if-none-match" in asked.headers or "if-modified-since" in asked.headers
        self.asked[site.url()].append((self._clock.seconds, conditional, asked.path))

    def close(self) -> list[tuple[str, float, str, str]]:
        """Pairs of requests to one host that came closer together than the gap: site, seconds, both paths."""
        pairs = [(site, *pair) for site, some in self.asked.items() for pair in pairwise(some)]
        return [
            (site, round(after[0] - before[0], 2), before[2], after[2])
            for site, before, after in pairs if after[0] - before[0] < GAP - 1e-6
        ]  # fmt: skip

    def a_day(self) -> Counter[tuple[str, date]]:
        return Counter((site, self._clock.day(at)) for site, some in self.asked.items() for at, _, _ in some)

    def figures(self, budget: int) -> Iterator[str]:
        every = [one for some in self.asked.values() for one in some]
        close, days = self.close(), self.a_day()
        over = sum(n > budget for n in days.values())
        robots = sum(path == "/robots.txt" for _, _, path in every)
        yield f"{self.made['restarts']} restarts in the middle of a round, {self.made['polls']} polls"
        yield f"{len(every)} requests to {len(self.asked)} hosts"
        yield f"closer together than {GAP:.0f} s at one host: {len(close)} {close[:5] or ''}"
        yield f"days over the budget of {budget} at a host: {over}; most on one day {max(days.values())}"
        yield f"conditional: {sum(one[1] for one in every) / len(every):.1%}; {robots} asked for robots.txt"


def simulate(*, days: float, restarts: int, sources: int, hosts: int, budget: int, faulty: float, seed: int) -> Week:
    """The sites as they were asked; each restart comes a second after the kill."""
    clock, chance = Simulated(), random.Random(seed)
    week = Week(clock)
    end = clock.now() + timedelta(days=days)
    cuts = sorted(clock.now() + timedelta(days=days) * chance.random() for _ in range(restarts))
    with tempfile.TemporaryDirectory() as temporary, World(
        Path(temporary) / "config", sources=sources, hosts=hosts, every="1h", gap=f"{GAP:.0f}s", budget=budget,
        seed=seed,
    ) as world:  # fmt: skip
        for site in world.sites:
            site.on_asked = week.note
        while clock.now() < end:
            with assembly.assemble(world.folder, clock.now()) as watch:
                asked = assembly.Asked(watch.archive, clock.now)
                watch.__dict__["fetcher"] = Fetcher(
                    watch.fetcher._settings, count=asked.count, since=asked.since, rules=watch.fetcher._rules,
                    monotonic=lambda: clock.seconds, sleep=clock.sleep, now=clock.now,
                )  # fmt: skip
                try:
                    rounds(watch, clock, world, faulty, end, cuts, week.made)
                except Killed:
                    week.made["restarts"] += 1
                    watch.fetcher.close()
            clock.sleep(SOON.total_seconds())
    return week


def rounds(
    watch: assembly.Watch,
    clock: Simulated,
    world: World,
    faulty: float,
    end: datetime,
    cuts: list[datetime],
    made: Counter[str],
) -> None:
    """Poll what is due, go on to when the next is; the round in which a cut falls is ended by it."""

    def report(polled: Polled) -> None:
        made["polls"] += 1
        if cuts and clock.now() >= cuts[0]:
            cuts.pop(0)
            raise Killed

    while clock.now() < end:
        world.fail(faulty)
        if world.chance.random() < 0.05:
            world.stir()
        now = clock.now()
        poll(watch, watch.due(now, A_TICK), now=now, report=report)
        due = watch.archive.next_due()
        assert due is not None
        clock.until(max(due, now + timedelta(seconds=5)))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument("--hosts", type=int, default=25)
    parser.add_argument("--budget", type=int, default=60)
    parser.add_argument("--faulty", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=1)
    given = vars(parser.parse_args())
    logging.disable(logging.CRITICAL)
    for line in simulate(**given).figures(given["budget"]):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
