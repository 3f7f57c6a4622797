"""Five simulated years of 150 sources: is every death noticed, and no living source called dead?

    python bench/rhythm.py [--years 5] [--sources 150] [--deaths 50] [--seed N] [--seeds 20]
    python bench/rhythm.py --others [--seed N]

The model. Newsrooms have 1 to 10 items on a weekday (a mean of its own for each, drawn evenly on a logarithmic scale;
Poisson), a twentieth of that at weekends, half in August, none from 24 December to 1 January and on bank holidays.
Ofsted's pages, ten of them, have 5 new reports on a weekday between them, none from 16 December to 12 January, and none
in the eight weeks before two elections. A death stops what is new, while the page still reads; when it is noticed the
source is mended the day after. One death in ten is that of Ofsted's whole site; no newsroom dies twice. A death is
missed when it is not told of within 150 days; a false alarm is one about a source that lives.

The first seed goes through the real archive and `health.find`, by a clock that is moved a day at a time. With --seeds,
that many seeds from the first on go through the rule alone, `rhythm.too_long`, without an archive: the draws are the
same, so the first seed shows that both ways agree. --others: the rule before sources that the model does not have.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from math import exp, log
from pathlib import Path

from archive import Archive
from scraper.model import Source
from service.health.incidents import OFSTED, find
from service.health.rhythm import History, newsroom, ofsted, too_long

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

    @property
    def subject(self) -> str:
        return OFSTED if self.source.official else self.source.id

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


class ThroughTheArchive:
    """Polls are noted in a real archive, and `health.find` reads it."""

    def __init__(self, archive: Archive, all_of: list[Simulated]) -> None:
        self.archive, self.watched = archive, [one.source for one in all_of]
        archive.watch(self.watched, datetime.combine(FIRST, datetime.min.time(), UTC))

    def found(self, day: date, new: Mapping[str, int]) -> set[str]:
        """The subjects of the faults that stand at noon, after this day's polls."""
        at = datetime(day.year, day.month, day.day, 11, 0, tzinfo=UTC)
        with self.archive.writing():
            for name, count in new.items():
                self.archive.polled(
                    name, outcome="ok", now=at, next_due=at + timedelta(days=1), seen=20, new=count, baseline_done=True
                )
        return {
            fault.subject for fault in find(self.archive, self.watched, at.replace(hour=12), stale_after=STALE_AFTER)
        }


class RuleAlone:
    """The days with news are kept in lists, and the rule reads them."""

    def __init__(self, all_of: list[Simulated]) -> None:
        self.subjects = {one.source.id: one.subject for one in all_of}
        self.news: dict[str, list[date]] = {one.subject: [] for one in all_of}

    def found(self, day: date, new: Mapping[str, int]) -> set[str]:
        for name, count in new.items():
            days = self.news[self.subjects[name]]
            if count and day > FIRST and days[-1:] != [day]:  # a first reading brings no news
                days.append(day)
        return {subject for subject, days in self.news.items() if days and self._quiet(subject, days, day)}

    def _quiet(self, subject: str, days: list[date], day: date) -> bool:
        habits = ofsted(STALE_AFTER) if subject == OFSTED else newsroom(STALE_AFTER)
        if (day - days[-1]).days <= habits.least:
            return False
        return too_long(History(days[-400:], began=FIRST), days[-1], day, habits) is not None


def simulate(folder: Path | None, *, years: float, number: int, deaths: int, seed: int) -> dict[str, object]:
    """The figures of one run. folder: where its archive is made; None: by the rule alone."""
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
    run = _Run(all_of, planned, chance)
    if folder is None:
        return run.through(days, RuleAlone(all_of))
    with Archive.open(folder) as archive:
        return run.through(days, ThroughTheArchive(archive, all_of))


class _Run:
    def __init__(
        self, all_of: list[Simulated], planned: list[tuple[date, Simulated | None]], chance: random.Random
    ) -> None:
        self.all_of, self.planned, self.chance = all_of, planned, chance
        self.delays: list[int] = []
        self.false: list[str] = []
        self.standing: set[str] = set()
        self.deaths = 0

    def through(self, days: list[date], judge: ThroughTheArchive | RuleAlone) -> dict[str, object]:
        began = time.perf_counter()
        for day in days:
            self._die(day)
            new = {one.source.id: one.new(day, self.chance) for one in self.all_of}
            self._told(judge.found(day, new), day)
        in_time = sum(delay <= PATIENCE for delay in self.delays)
        return {
            "days": len(days), "sources": len(self.all_of), "deaths": self.deaths,
            "missed": self.deaths - in_time, "false": len(self.false),
            "which": ", ".join(self.false[:5]) or "none",
            "median": statistics.median(self.delays or [0]), "worst": max(self.delays or [0]),
            "seconds": round(time.perf_counter() - began, 1),
        }  # fmt: skip

    def _of(self, subject: str) -> list[Simulated]:
        return [one for one in self.all_of if one.subject == subject]

    def _die(self, day: date) -> None:
        for _, victim in [pair for pair in self.planned if pair[0] == day]:
            chosen = [victim] if victim else self._of(OFSTED)
            if any(one.dead_since for one in chosen):
                continue
            self.deaths += 1
            for one in chosen:
                one.dead_since = day

    def _told(self, found: set[str], day: date) -> None:
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


# What the model does not have: how a source lives, for `others`. Each draws the gaps in days from one news to the next.
OTHERS: dict[str, Callable[[random.Random], float]] = {
    "once a week, at random": lambda chance: chance.expovariate(1 / 7),
    "once a month, at random": lambda chance: chance.expovariate(1 / 30),
    "once a month, regularly": lambda chance: chance.uniform(26, 35),
    "in bursts, a month apart": lambda chance: 1 if chance.random() < 0.8 else chance.expovariate(1 / 30),
    "irregular, twice a week": lambda chance: chance.lognormvariate(log(3.5) - 0.5, 1),
}


def others(seed: int, *, each: int = 100, years: int = 5) -> Iterator[tuple[str, int, list[int]]]:
    """For each other way of living: false alarms in `each` * `years` years, and days to notice a death after a year.

    Each source is watched from its first day, without a date before it; alarms while it is still learned count too.
    """
    chance = random.Random(seed)
    for name, gap in OTHERS.items():
        false, delays = 0, []
        for _ in range(each):
            news = [FIRST]
            while (news[-1] - FIRST).days < 366 * years:
                news.append(news[-1] + timedelta(days=max(1, round(gap(chance)))))
            false += sum(_quiet_on(news[: n + 1], news[n + 1] - timedelta(days=1)) for n in range(len(news) - 1))
            delays.append(_noticed([day for day in news if (day - FIRST).days <= 366]))
        yield name, false, delays
    for name, days in (("never, since it was added", 0), ("daily, for a week", 7), ("daily, for a month", 30)):
        yield name, 0, [_noticed([FIRST + timedelta(days=n) for n in range(days + 1)])]


def _quiet_on(news: list[date], day: date) -> bool:
    habits = newsroom(STALE_AFTER)
    return too_long(History(news[-400:], began=FIRST), news[-1], day, habits) is not None


def _noticed(news: list[date]) -> int:
    """How many days after its last news a source is told of: by halving, since a longer silence is never less so."""
    return bisect_left(range(3000), True, key=lambda days: _quiet_on(news, news[-1] + timedelta(days=days)))


def line(label: str, figures: Mapping[str, object]) -> str:
    which = f"  ({figures['which']})" if figures["false"] else ""
    return (
        f"{label:<30} deaths {figures['deaths']}  missed {figures['missed']}  false {figures['false']}  "
        f"days to notice: median {figures['median']:g}, at most {figures['worst']}  {figures['seconds']} s{which}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=float, default=5)
    parser.add_argument("--sources", type=int, default=150)
    parser.add_argument("--deaths", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20250203)
    parser.add_argument(
        "--seeds", type=int, default=0, help="so many runs by the rule alone, the first seed among them"
    )
    parser.add_argument("--others", action="store_true")
    given = parser.parse_args()
    if given.others:
        for name, false, delays in others(given.seed):
            noticed = f"noticed after {statistics.median(delays):g} days, at most {max(delays)}"
            print(f"{name:<26} {len(delays)} sources, {false} false alarms; {noticed}", flush=True)
        return
    size = {"years": given.years, "number": given.sources, "deaths": given.deaths}
    with tempfile.TemporaryDirectory() as folder:
        print(line(f"seed {given.seed}, archive", simulate(Path(folder), **size, seed=given.seed)), flush=True)
    runs = []
    for seed in range(given.seed, given.seed + given.seeds):
        runs.append(simulate(None, **size, seed=seed))
        print(line(f"seed {seed}, rule alone", runs[-1]), flush=True)
    if runs:
        total = {name: sum(run[name] for run in runs) for name in ("deaths", "missed", "false")}
        middle, worst = statistics.median(run["median"] for run in runs), max(run["worst"] for run in runs)
        print(f"{len(runs)} seeds: {total}, median of medians {middle:g}, worst {worst}")


if __name__ == "__main__":
    main()
