"""Many polls in one process, of sites that change, stay the same or fail: what it holds does not grow.

bench/endurance.py does the same with a daemon and ten thousand polls.
"""

from __future__ import annotations

import gc
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from service.assembly import Asked, assemble
from service.poll import poll
from tests.servers import Reply
from tests.stories.conftest import Story, Town, page, shuttle_article

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WARM, ROUNDS = 25, 75  # rounds of four sources: what is loaded once and kept is there after the first


def memory() -> int:
    """Bytes resident of this process."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def unsteady(town: Town, n: int) -> None:
    """In the tenth of all rounds a listing fails, each time otherwise; in another one it has something new."""
    faults = (Reply(status=503), Reply(reset_after=30), Reply(body=b"<html>", length=900), Reply(body=b"<html></html>"))
    whole = lambda asked: page(town._listing(), asked)  # noqa: E731 - as the town itself does
    town.site["/news/"] = faults[n // 10 % len(faults)] if n % 10 == 7 else whole
    if n % 10 == 3:
        one = Story(f"works-{n}", f"Road works, part {n}", "Published Monday 2 March 2026 at 9:00", ["Take care."])
        town.news = [*town.news, one][-10:]
        town.site[f"/{one.slug}/"] = lambda asked: page(shuttle_article(one), asked)


@pytest.mark.fault("O6")
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="looks into /proc")
def test_three_hundred_polls_leave_neither_memory_nor_open_files_behind(town: Town) -> None:
    town.refresh()
    before, outcomes = (0, 0, 0), set[str]()
    with assemble(town.folder, NOW) as watch:
        for n in range(ROUNDS):
            unsteady(town, n)
            polled = poll(watch, watch.named(()), now=NOW + timedelta(hours=n))
            outcomes |= {one.outcome for one in polled}
            del town.site.requests[:]
            if n in (WARM - 1, ROUNDS - 1):
                town.site.wait_until_quiet()
                gc.collect()
                held = (memory(), len(os.listdir("/proc/self/fd")), len(gc.get_objects()))
                before = before if n >= WARM else held
    assert {"ok", "unchanged", "server-error", "zero-items"} <= outcomes, "nothing has happened"
    assert len(polled) == 4
    assert held[0] < before[0] * 1.05, f"{before[0]:,} bytes, then {held[0]:,}"
    assert abs(held[1] - before[1]) <= 5
    assert held[2] < before[2] * 1.02, f"{before[2]:,} objects, then {held[2]:,}"


@pytest.mark.fault("K20")
def test_when_a_host_was_last_asked_is_known_to_the_next_process(town: Town) -> None:
    def asked_at(moment: datetime) -> timedelta | None:
        with assemble(town.folder, NOW) as watch:
            return Asked(watch.archive, lambda: moment).since("news.example")

    assert asked_at(NOW) is None
    with assemble(town.folder, NOW) as watch:
        assert Asked(watch.archive, lambda: NOW).count("news.example", NOW.date()) == 1
    assert asked_at(NOW + timedelta(seconds=2)) == timedelta(seconds=2)


@pytest.mark.fault("K20")
@pytest.mark.fault("O9")
def test_a_process_that_starts_anew_waits_for_what_is_left_of_the_gap(town: Town) -> None:
    main = town.folder / "ofsted-watch.toml"
    main.write_text(main.read_text("utf-8").replace('gap = "0s"', 'gap = "1s"'), "utf-8")
    with assemble(town.folder, NOW) as watch:
        Asked(watch.archive).count(f"127.0.0.1:{town.site.port}", NOW.date())
        began = time.monotonic()
    with assemble(town.folder, NOW) as watch:
        [source] = watch.named(["theshuttle"])
        unasked = replace(source, options={**source.options, "ignore_robots": "test"})
        watch.fetcher.get(source.url, source=unasked, fetched_on=NOW.date())
    assert town.site.requests[-1].at - began > 0.8
