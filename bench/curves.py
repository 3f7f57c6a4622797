"""How cost grows with size, as tables and drawings: `python bench/curves.py [PART …] [--write]`.

Parts: sources, publications, subscribers, documents; all without a name. Each measurement is a process of its own on
loopback. `--write` draws docs/curve-*.svg. `--archive FOLDER` is an archive of a million publications made by
bench/archive_size.py; without it the curve of publications ends at 100,000.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.drawing import Line, drawn  # noqa: E402

SOURCES = (10, 30, 100, 300, 1_000, 3_000)
PUBLICATIONS = (1_000, 10_000, 100_000)
SUBSCRIBERS = (1, 10, 100, 1_000, 10_000, 100_000)
CHILDREN = (1, 2, 4)
HOSTS = 60
NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
Point = dict[str, Any]


def sources(number: int) -> Point:
    """One poll of so many sources of which none has changed."""
    from bench.polling import unchanged

    found = unchanged(number, min(number, HOSTS))
    return {"sources": number, "seconds": round(found.wall, 2), "cpu": round(found.cpu, 2), "mb": round(found.peak_mb)}


def publications(number: int, folder: Path | None = None) -> Point:
    """Search and recording in an archive of so many; `folder`: one that stands already."""
    from archive import Archive
    from bench.archive_size import build, publication, searches

    with tempfile.TemporaryDirectory() as temporary:
        where = folder or Path(temporary)
        with Archive.open(where) as archive:
            if not archive.status().publications:
                build(archive, number)
                archive.optimise()
            taken = sorted(_milliseconds(work) for work in searches(archive))
            pages = [publication(time.time_ns() + n, _chance(n)) for n in range(200)]
            recorded = [_milliseconds(lambda p=page: archive.record(p, now=NOW, baseline=False)) for page in pages]  # type: ignore[misc]
            return {
                "publications": number,
                "search p50 ms": round(statistics.median(taken), 2),
                "search p95 ms": round(taken[int(len(taken) * 0.95) - 1], 2),
                "record p50 ms": round(statistics.median(recorded), 2),
                "file mb": round(archive.path.stat().st_size / 1e6),
            }


def subscribers(number: int) -> Point:
    """From a new inspection that concerns all of them, to the first message sent, to all worded and sent."""
    from alerts.model import Channel, Subscription
    from inspections.days import Day
    from inspections.model import Certainty, Finding, Grade, Kind, Publication
    from service.assembly import assemble
    from service.deliver import deliver_due
    from service.poll import queue_events

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "ofsted-watch.toml").write_text(
            f'contact = "bench@example.org"\nsources = []\narchive = "{folder}/archive"\n', "utf-8"
        )
        with assemble(folder, NOW) as watch:
            watch.__dict__["subscriptions"] = tuple(
                Subscription(id=f"desk-{n}", authorities=("Leeds",), to=(Channel(kind="log", address=f"desk-{n}"),))
                for n in range(number)
            )
            day = Day("2026-03-11")
            page = Publication(
                source="ofsted", ref="1", url="https://files.example/1", title="Inspection of Leeds", published_on=day,
                official=True, type="report", document_sha256="0" * 64,
                findings=(Finding(kind=Kind.ILACS, authority="Leeds", certainty=Certainty.PUBLISHED, published_on=day,
                                  inspected_from=day, inspected_to=day, judgements={"overall": Grade.INADEQUATE}),),
            )  # fmt: skip
            before, began, sent = _memory(), time.perf_counter(), list[float]()
            with watch.archive.writing():
                queue_events(watch, watch.archive.record(page, now=NOW, baseline=False), NOW)
            queued = time.perf_counter() - began
            deliver_due(watch, NOW, report=lambda one: sent.append(time.perf_counter() - began))
            assert len(sent) == number, f"{len(sent)} of {number} were told"
            return {
                "subscribers": number, "queued s": round(queued, 2), "first sent s": round(sent[0], 2),
                "all sent s": round(sent[-1], 2), "mb": round(_memory()), "mb more": round(_memory() - before),
                "cpu": round(time.process_time(), 1),
            }  # fmt: skip


def documents(children: int) -> Point:
    """Reports of several pages, read by so many guarded children at once."""
    from bench.documents import made
    from scraper.child import Readers
    from scraper.model import Page

    pages = [Page(body=body, url="https://files.example/v1/file/1", fetched_on=NOW.date()) for body in made(120)]
    with Readers(number=children) as readers:

        def read(part: Sequence[Page]) -> None:
            for page in part:
                assert readers.read(page, as_type="report").findings

        _side_by_side(read, [pages[:1]] * children)  # the children start
        before, began = _children_cpu(), time.perf_counter()
        _side_by_side(read, [pages[n::children] for n in range(children)])
        seconds = time.perf_counter() - began
    return {
        "children": children, "pdfs a second": round(len(pages) / seconds),
        "ms of cpu each": round((_children_cpu() - before) / len(pages) * 1000, 1),
    }  # fmt: skip


def _side_by_side(work: Callable[[Sequence[Any]], None], parts: Sequence[Sequence[Any]]) -> None:
    threads = [threading.Thread(target=work, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _milliseconds(work: Callable[[], object]) -> float:
    """Of processor time: what else the machine does is no part of it."""
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000


def _chance(seed: int) -> Any:
    from random import Random

    return Random(seed)


def _memory() -> float:
    """The most that this process had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _children_cpu() -> float:
    from bench.polling import tree_cpu

    return tree_cpu(os.getpid())


PARTS: dict[str, tuple[Callable[..., Point], Sequence[int]]] = {
    "sources": (sources, SOURCES),
    "publications": (publications, PUBLICATIONS),
    "subscribers": (subscribers, SUBSCRIBERS),
    "documents": (documents, CHILDREN),
}


def measured(part: str, sizes: Sequence[int], *more: str) -> list[Point]:
    """Each size in a process of its own, so that memory is its own too."""
    found: list[Point] = []
    for size in sizes:
        done = subprocess.run(
            [sys.executable, __file__, "--one", part, str(size), *more], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        if done.returncode:
            print(f"{part} {size:,}: not measured", file=sys.stderr)
            continue
        point = json.loads(done.stdout.splitlines()[-1])
        if not found:
            print(f"\n| {' | '.join(point)} | load |\n|{'---|' * (len(point) + 1)}")
        shown = [f"{value:,}" for value in point.values()]
        print(f"| {' | '.join(shown)} | {os.getloadavg()[0]:.1f} |", flush=True)
        found.append(point)
    return found


DRAWN: dict[str, tuple[str, str, str, tuple[Line, ...]]] = {
    "sources": (
        "One poll of unchanged sources", "sources", "seconds of processor time; megabytes",
        (Line("cpu", "processor time (s)"), Line("mb", "memory of the process tree (MB)")),
    ),
    "publications": (
        "An archive that grows", "publications", "milliseconds of processor time",
        (Line("search p95 ms", "search, 95 of 100 (ms)"), Line("record p50 ms", "one more recorded (ms)")),
    ),
    "subscribers": (
        "One new inspection that concerns everybody", "subscribers", "seconds; megabytes",
        (Line("first sent s", "first sent (s)"), Line("all sent s", "all sent (s)"), Line("mb", "memory (MB)")),
    ),
    "documents": (
        "Reports read by guarded children on two cores", "children", "reports a second",
        (Line("pdfs a second", "reports a second"),),
    ),
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--one", nargs=2, metavar=("PART", "SIZE"), help="one measurement, as a line of JSON")
    parser.add_argument("--archive", type=Path, help="an archive of a million publications")
    parser.add_argument("--most", type=int, default=10**9, help="no size above this")
    parser.add_argument("--points", type=Path, help="keep what is measured in this file, and draw what it holds")
    parser.add_argument("--write", action="store_true", help="draw docs/curve-*.svg")
    given = parser.parse_args()
    if given.one:
        part, size = given.one
        more = (given.archive,) if given.archive else ()
        print(json.dumps(PARTS[part][0](int(size), *more)))
        return 0
    kept: dict[str, list[Point]] = {}
    if given.points and given.points.exists():
        kept = json.loads(given.points.read_text("utf-8"))
    for part in given.parts or PARTS:
        points = measured(part, [size for size in PARTS[part][1] if size <= given.most])
        if part == "publications" and given.archive:
            points += measured(part, [1_000_000], "--archive", str(given.archive.resolve()))
        kept[part] = points
        if given.points:
            given.points.write_text(json.dumps(kept, indent=1), "utf-8")
    for part, points in kept.items() if given.write else ():
        (ROOT / "docs" / f"curve-{part}.svg").write_text(drawn(points, *DRAWN[part]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
