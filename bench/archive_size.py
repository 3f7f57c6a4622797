"""How the archive behaves at size: `python bench/archive_size.py [PUBLICATIONS] [FOLDER]`.

Builds publications of invented councils in random order of their dates, a thousand in one transaction, through the
same tables and triggers as a poll, and measures: search (common and rare words, phrases, prefixes; half of them with a
filter), ranking on demand, what an authority's page asks, one more recording, and readers beside a writer: the writer
is a process of its own, as the daemon is; the readers are threads of one process, as the site's are, or processes.
An archive that stands in FOLDER already is used as it is, and what is recorded here stays in it.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path

from archive import Archive, Filters, QueryError
from inspections.days import Day
from inspections.model import Certainty, Finding, Grade, Kind, Publication

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BATCH = 1_000
STARTS = ("North", "South", "East", "West", "Mid", "Upper", "Nether", "Long", "High", "Old", "New", "Great", "Little",
          "Kings", "Bishops")  # fmt: skip
ENDS = ("moor", "ford", "ham", "ton", "bury", "wick", "dale", "cliffe", "stead", "mere")
COUNCILS = [f"{start}{end}" for start in STARTS for end in ENDS]
COMMON = ["children", "care", "leaders", "social", "workers", "support", "families", "plans", "needs", "quality"]
USUAL = ["safeguarding", "leavers", "advisers", "supervision", "timely", "oversight", "partners", "housing"]
SELDOM = ["neglect", "exploitation", "missing", "fostering", "adoption", "kinship", "trauma", "emergency"]
WORDS = COMMON * 12 + USUAL * 4 + SELDOM
RARE = [f"street{n}" for n in range(5_000)]
GRADES = (Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE)
QUERIES = [
    "children", "care", "safeguarding", "neglect", "kinship", "street77", "street4901", "personal advisers",
    '"care leavers"', '"social workers support"', "superv*", "exploit*", "fam*", "children -neglect",
    "leaders oversight timely", "requires improvement", "Northmoor", "Kingsbury adoption", '"quality care"', "trauma",
]  # fmt: skip


def publication(n: int, chance: random.Random) -> Publication:
    """One in ten is a report with a finding; one in a hundred of these is long."""
    council, year = chance.choice(COUNCILS), chance.randint(2000, 2026)
    day = Day.of(year, chance.randint(1, 10 if year == 2026 else 12), chance.randint(1, 28))
    official = n % 10 == 0
    words = 2_500 if n % 1_000 == 0 else chance.randint(40, 120)
    finding = Finding(
        kind=Kind.ILACS if n % 20 else Kind.CHILDRENS_HOME, authority=council, urn=None if n % 20 else f"SC{n:07d}",
        certainty=Certainty.PUBLISHED, published_on=day, judgements={"overall": chance.choice(GRADES)},
        provider=None if n % 20 else f"Home {n}",
    )  # fmt: skip
    return Publication(
        source=f"newsroom-{COUNCILS.index(council)}", ref=str(n), url=f"https://news.example/{n}", official=official,
        title=f"{council}: {' '.join(chance.choices(WORDS, k=5))}", published_on=day,
        text=" ".join([council, chance.choice(RARE), *chance.choices(WORDS, k=words)]),
        findings=(finding,) if official and not n % 20 else (),
    )  # fmt: skip


def build(archive: Archive, count: int) -> None:
    order = list(range(count))
    random.Random(1).shuffle(order)
    begun = time.monotonic()
    for first in range(0, count, BATCH):
        with archive.writing():
            for n in order[first : first + BATCH]:
                archive.record(publication(n, random.Random(n)), now=NOW, baseline=True)
        if first % (count // 10 or 1) < BATCH:
            print(f"  {first + BATCH:>9,} in {time.monotonic() - begun:6.1f} s", flush=True)
    for council in COUNCILS:  # an authority's own history, as a first reading brings it
        for year in range(2008, 2026, 3):
            page = Publication(
                source="ofsted", ref=f"{council}-{year}", url="https://reports.example/",
                title=f"Inspection of {council}", published_on=Day(f"{year}-06-02"), official=True,
                findings=(Finding(kind=Kind.ILACS, authority=council, certainty=Certainty.PUBLISHED,
                                  published_on=Day(f"{year}-06-02"), inspected_from=Day(f"{year}-04-02"),
                                  judgements={"overall": GRADES[(len(council) + year) % 4]}),),
            )  # fmt: skip
            archive.record(page, now=NOW, baseline=True)


def timed(name: str, works: Iterable[Callable[[], object]]) -> None:
    taken, cost, ended = list[float](), list[float](), 0
    for work in works:
        begun, before = time.perf_counter(), time.thread_time()
        try:
            work()
        except QueryError:  # after a second
            ended += 1
        taken.append((time.perf_counter() - begun) * 1000)
        cost.append((time.thread_time() - before) * 1000)
    told(name, taken, f"; of processor time p95 {placed(cost, 0.95):.2f}, max {max(cost):.2f} ms"
                      f"{f'; {ended} ended unanswered' if ended else ''}")  # fmt: skip


def told(name: str, taken: list[float], more: str = "") -> None:
    """One line of figures, from milliseconds by the clock."""
    print(f"{name:<44} n {len(taken):>4}  p50 {statistics.median(taken):8.2f}  p95 {placed(taken, 0.95):8.2f}  "
          f"p99 {placed(taken, 0.99):8.2f}  max {max(taken):8.2f} ms{more}", flush=True)  # fmt: skip


def placed(taken: list[float], share: float) -> float:
    return sorted(taken)[int(len(taken) * share) - 1]


def searches(archive: Archive) -> list[Callable[[], object]]:
    chosen = [
        Filters(authorities=("Northmoor",)), Filters(kinds=("childrens_home",)), Filters(grades=("inadequate",)),
        Filters(since=date(2023, 1, 1)), Filters(authorities=tuple(COUNCILS[:12]), official=True),
    ]  # fmt: skip
    filters = [either for one in chosen for either in (Filters(), one)]
    return [lambda q=q, f=f: archive.search(q, filters=f) for q in QUERIES for f in filters]  # type: ignore[misc]


def reading(archive: Archive, seed: int, begin: float, seconds: float, pause: float) -> tuple[list[float], list[str]]:
    """Milliseconds of each search until the time is over, and what went wrong."""
    chance, taken, failed, works = random.Random(seed), list[float](), list[str](), searches(archive)
    time.sleep(max(0.0, begin - time.monotonic()) + chance.random() * pause)
    while time.monotonic() < begin + seconds:
        begun = time.perf_counter()
        try:
            chance.choice(works)()
        except Exception as error:
            failed.append(str(error))
        taken.append((time.perf_counter() - begun) * 1000)
        time.sleep(pause)
    return taken, failed


def reading_alone(folder: Path, seed: int, begin: float, seconds: float, pause: float) -> tuple[list[float], list[str]]:
    with Archive.open(folder, readonly=True) as archive:
        return reading(archive, seed, begin, seconds, pause)


def writing(folder: Path, begin: float, seconds: float) -> list[float]:
    """Milliseconds of each recording, a transaction of its own: forty a second, as no day of Ofsted's ever was."""
    taken = []
    with Archive.open(folder) as archive:
        time.sleep(max(0.0, begin - time.monotonic()))
        while time.monotonic() < begin + seconds:
            page = publication(time.time_ns(), random.Random(time.time_ns()))
            begun = time.perf_counter()
            archive.record(page, now=NOW, baseline=False)
            taken.append((time.perf_counter() - begun) * 1000)
            time.sleep(0.025)
    return taken


def beside_a_writer(folder: Path, seconds: float = 10.0) -> None:
    """Eight readers search while a daemon records."""
    ways = (("threads, one after another", 0.0, False), ("threads, a question in half a second", 0.5, False),
            ("processes, one after another", 0.0, True))  # fmt: skip
    with ProcessPoolExecutor(9, mp_context=get_context("spawn")) as processes, ThreadPoolExecutor(8) as threads:
        for way, pause, apart in ways:
            begin = time.monotonic() + 3
            writer = processes.submit(writing, folder, begin, seconds)
            with Archive.open(folder, readonly=True) as archive:
                readers = [
                    processes.submit(reading_alone, folder, seed, begin, seconds, pause)
                    if apart
                    else threads.submit(reading, archive, seed, begin, seconds, pause)
                    for seed in range(8)
                ]
                read = [reader.result() for reader in readers]
            taken = [one for each, _ in read for one in each]
            failed = [one for _, each in read for one in each]
            told(f"8 readers beside a writer ({way})", taken)
            told(f"recordings beside 8 readers ({way})", writer.result())
            print(f"8 readers beside a writer ({way}): {len(failed)} failed of {len(taken)} searches"
                  f"{': ' if failed else ''}{'; '.join(sorted(set(failed)))}", flush=True)  # fmt: skip


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else temporary)
        fresh = not (folder / "archive.db").exists()
        with Archive.open(folder) as archive:
            if fresh:
                build(archive, count)
                archive.optimise()
            print(f"{archive.status().publications:,} publications, {archive.path.stat().st_size / 1e6:.0f} MB, "
                  f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
            measure(archive)
        beside_a_writer(folder)


def measure(archive: Archive) -> None:
    timed("search, newest first", searches(archive))
    timed("search, ranked", [lambda q=q: archive.search(q, newest_first=False) for q in QUERIES])  # type: ignore[misc]
    timed("authority: what its page asks", [lambda c=c: page_of(archive, c) for c in COUNCILS[:100]])  # type: ignore[misc]
    timed("inspections, by grade and direction",
          [lambda: archive.inspections(Filters(grades=("inadequate",))),
           lambda: archive.inspections(Filters(directions=("down",)))] * 10)  # fmt: skip
    timed("status", [archive.status] * 10)
    fresh_pages = [publication(time.time_ns() + n, random.Random(n)) for n in range(200)]
    timed(
        "one more publication recorded",
        [lambda page=page: archive.record(page, now=NOW, baseline=False) for page in fresh_pages],  # type: ignore[misc]
    )
    timed("one unchanged poll noted",
          [lambda: archive.polled("ofsted", outcome="unchanged", now=NOW, next_due=NOW)] * 200)  # fmt: skip


def page_of(archive: Archive, council: str) -> None:
    """The questions of an authority's page, in `web.pages`."""
    around = Filters(authorities=(council,))
    archive.history(council)
    archive.inspections(around, limit=60)
    archive.search("", filters=around, limit=12)


if __name__ == "__main__":
    main()
