"""Five simulated years of 150 sources: is every death noticed, and no living source called dead?

    python bench/rhythm.py [--years 5] [--sources 150] [--deaths 50] [--seed N]

The model. Newsrooms have 1 to 10 items on a weekday (a mean of its own for each, drawn evenly on a logarithmic scale;
Poisson), a twentieth of that at weekends, half in August, none from 24 December to 1 January and on bank holidays.
Ofsted's pages, ten of them, have 5 new reports on a weekday between them, none from 16 December to 12 January, and none
in the eight weeks before two elections. A death stops what is new, while the page still reads; when it is noticed the
source is mended the day after. One death in ten is that of Ofsted's whole site; no newsroom dies twice. A death is
missed when it is not told of within 150 days; a false alarm is one about a source that lives.
Everything goes through the real archive and `health.find`, by a clock that is moved a day at a time.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from math import exp, log
from pathlib import Path

from archive import Archive
from scraper.model import Source
from service.health import OFSTED, find

FIRST = date(2025, 2, 3)
STALE_AFTER = 14
ELECTIONS = (date(2027, 5, 6), date(2029, 5, 3))
PATIENCE = 150  # days, after which a death counts as missed
BANK_HOLIDAYS = {(1, 1), (12, 25), (12, 26)}
OFSTED_PAGES = 10


class Simulated:
    """A source that has something new, or not, on a day; `dead_since` is the truth that health must find."""

    def __init__(self, source: Source, mean: float) -> None:
        self.source, self.mean = source, mean
        self.dead_since: date | None = None
        self.last_new = FIRST

    def new(self, day: date, chance: random.Random) -> int:
        if self.dead_since and day >= self.dead_since:
            return 0
        return poisson(expected(day, self.mean, ofsted=self.source.official), chance)


def expected(day: date, mean: float, *, ofsted: bool) -> float:
    """How many new items this day brings in the mean."""
    at = (day.month, day.day)
    if ofsted:
        silent = any(timedelta() <= election - day <= timedelta(weeks=8) for election in ELECTIONS)
        return 0.0 if day.weekday() > 4 or at >= (12, 16) or at <= (1, 12) or silent else mean
    if at >= (12, 24) or at in BANK_HOLIDAYS:
        return 0.0
    return mean * (0.05 if day.weekday() > 4 else 1.0) * (0.5 if day.month == 8 else 1.0)


def poisson(mean: float, chance: random.Random) -> int:
    """Knuth's way: enough for means up to ten."""
    floor, product, count = exp(-mean), chance.random(), 0
    while product > floor:
        product *= chance.random()
        count += 1
    return count


def sources(number: int, chance: random.Random) -> list[Simulated]:
    """A tenth of them Ofsted's, at most ten; the others newsrooms."""
    official = min(OFSTED_PAGES, max(1, number // 10))
    made = [
        Simulated(_source(f"ofsted-{n}", "ofsted", "https://reports.example/provider/44"), 5 / official)
        for n in range(official)
    ]
    for n in range(number - official):
        mean = exp(chance.uniform(log(1), log(10)))
        made.append(Simulated(_source(f"news-{n}", "council", f"https://news-{n}.example/news"), mean))
    return made


def _source(name: str, publisher: str, url: str) -> Source:
    return Source(id=name, name=name, url=f"{url}/{name}", parser="feed", publisher=publisher, every=timedelta(days=1))


def simulate(folder: Path, *, years: float, number: int, deaths: int, seed: int) -> dict[str, object]:
    """The figures of one run."""
    chance = random.Random(seed)
    all_of = sources(number, chance)
    days = [FIRST + timedelta(days=n) for n in range(round(365.25 * years))]
    subjects = [one for one in all_of if not one.source.official]
    official = max(1, deaths // 10)
    apart = max(1, (len(days) - PATIENCE) // official)
    planned: list[tuple[date, Simulated | None]] = [
        (days[n * apart + chance.randrange(30, max(31, apart - PATIENCE))], None) for n in range(official)
    ]
    victims = chance.sample(subjects, deaths - official)
    planned += [(chance.choice(days[60:-PATIENCE]), victim) for victim in victims]
    return _Run(folder, all_of, planned, chance).through(days)


class _Run:
    def __init__(
        self, folder: Path, all_of: list[Simulated], planned: list[tuple[date, Simulated | None]], chance: random.Random
    ) -> None:
        self.folder, self.all_of, self.planned, self.chance = folder, all_of, planned, chance
        self.delays: list[int] = []
        self.false: list[str] = []
        self.standing: set[str] = set()
        self.deaths = 0

    def through(self, days: list[date]) -> dict[str, object]:
        watched = [one.source for one in self.all_of]
        began = time.perf_counter()
        with Archive.open(self.folder) as archive:
            archive.watch(watched, datetime.combine(days[0], datetime.min.time(), UTC))
            for day in days:
                self._die(day)
                self._poll(archive, day)
                now = datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC)
                self._judge({fault.subject for fault in find(archive, watched, now, stale_after=STALE_AFTER)}, day)
        in_time = sum(delay <= PATIENCE for delay in self.delays)
        return {
            "days": len(days), "sources": len(self.all_of), "deaths": self.deaths,
            "missed": self.deaths - in_time, "false": len(self.false),
            "which": ", ".join(self.false[:5]) or "none",
            "days to notice": f"median {statistics.median(self.delays or [0]):g}, at most {max(self.delays or [0])}",
            "seconds": round(time.perf_counter() - began, 1),
        }  # fmt: skip

    def _subject(self, one: Simulated) -> str:
        return OFSTED if one.source.official else one.source.id

    def _of(self, subject: str) -> list[Simulated]:
        return [one for one in self.all_of if self._subject(one) == subject]

    def _die(self, day: date) -> None:
        for _, victim in [pair for pair in self.planned if pair[0] == day]:
            chosen = [victim] if victim else self._of(OFSTED)
            if any(one.dead_since for one in chosen):
                continue
            self.deaths += 1
            for one in chosen:
                one.dead_since = day

    def _poll(self, archive: Archive, day: date) -> None:
        at = datetime(day.year, day.month, day.day, 11, 0, tzinfo=UTC)
        with archive.writing():
            for one in self.all_of:
                new = one.new(day, self.chance)
                archive.polled(
                    one.source.id, outcome="ok", now=at, next_due=at + timedelta(days=1), seen=20, new=new,
                    baseline_done=True,
                )  # fmt: skip

    def _judge(self, found: set[str], day: date) -> None:
        for subject in found - self.standing:
            chosen = self._of(subject)
            since = chosen[0].dead_since if chosen else None
            if since is None:
                self.false.append(f"{subject} on {day}")
                continue
            self.delays.append((day - since).days)
            for one in chosen:
                one.dead_since = None
        self.standing = found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=float, default=5)
    parser.add_argument("--sources", type=int, default=150)
    parser.add_argument("--deaths", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20250203)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = simulate(
            Path(folder), years=given.years, number=given.sources, deaths=given.deaths, seed=given.seed
        )  # fmt: skip
    print(f"seed {given.seed}")
    for name, value in figures.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
