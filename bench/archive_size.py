"""How the archive behaves at size: `python bench/archive_size.py [PUBLICATIONS] [FOLDER]`.

Builds publications of invented councils in random order of their dates, a thousand in one transaction, through the
same tables and triggers as a poll, and measures: search (common and rare words, phrases, prefixes; half of them with a
filter), ranking on demand, an authority's page, one more recording, and readers beside a writer. An archive that
stands in FOLDER already is used as it is.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from archive import Archive, Filters
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
    taken = []
    for work in works:
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    p95, p99 = taken[int(len(taken) * 0.95) - 1], taken[int(len(taken) * 0.99) - 1]
    print(f"{name:<44} n {len(taken):>4}  p50 {statistics.median(taken):8.2f}  p95 {p95:8.2f}  p99 {p99:8.2f}  "
          f"max {taken[-1]:8.2f} ms", flush=True)  # fmt: skip


def searches(archive: Archive) -> list[Callable[[], object]]:
    chosen = [
        Filters(authorities=("Northmoor",)), Filters(kinds=("childrens_home",)), Filters(grades=("inadequate",)),
        Filters(since=date(2023, 1, 1)), Filters(authorities=tuple(COUNCILS[:12]), official=True),
    ]  # fmt: skip
    filters = [either for one in chosen for either in (Filters(), one)]
    return [lambda q=q, f=f: archive.search(q, filters=f) for q in QUERIES for f in filters]  # type: ignore[misc]


def beside_a_writer(archive: Archive, seconds: float = 10.0) -> None:
    """Eight readers search while the writer records."""
    until, taken, locked = time.monotonic() + seconds, list[float](), list[Exception]()

    def read(seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < until:
            begun = time.perf_counter()
            try:
                archive.search(chance.choice(QUERIES))
            except Exception as error:
                locked.append(error)
            taken.append((time.perf_counter() - begun) * 1000)
            time.sleep(0.1)  # as a person with a page, not as fast as one interpreter can

    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(8)]
    for reader in readers:
        reader.start()
    written = 0
    while time.monotonic() < until:
        archive.record(
            publication(10**9 + int(time.time_ns() % 10**9), random.Random(written)), now=NOW, baseline=False
        )
        written += 1
        time.sleep(0.02)
    for reader in readers:
        reader.join()
    taken.sort()
    print(f"8 readers beside a writer: {len(taken)} searches, {written} recordings, {len(locked)} errors, "
          f"p50 {statistics.median(taken):.2f}, p99 {taken[int(len(taken) * 0.99)]:.2f} ms")  # fmt: skip


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else temporary)
        fresh = not (folder / "archive.db").exists()
        with Archive.open(folder) as archive:
            if fresh:
                build(archive, count)
                archive.optimise()
            print(f"{archive.status().publications:,} publications, {archive.path.stat().st_size / 1e6:.0f} MB")
            timed("search, newest first", searches(archive))
            timed("search, ranked", [lambda q=q: archive.search(q, newest_first=False) for q in QUERIES])  # type: ignore[misc]
            timed("authority: history and its newest publications",
                  [lambda c=c: (archive.history(c), archive.search("children", filters=Filters(authorities=(c,))))
                   for c in COUNCILS[:50]])  # type: ignore[misc]  # fmt: skip
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
            beside_a_writer(archive)


if __name__ == "__main__":
    main()
