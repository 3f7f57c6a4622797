"""Ten years of data: what a poll, a delivery and a page ask for costs no more when there is eight times as much.

Nothing is timed: what SQLite plans, and how many steps it takes, is the same on every machine. The figures of half a
million publications are bench/archive_size.py's.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from archive import Archive, Filters, schema
from bench import archive_size
from inspections.model import Publication

Make = Callable[..., Publication]
HOUR = timedelta(hours=1)
# What stays small: tables of what is watched or decided by hand, and indexes of what waits.
SMALL = re.compile(
    r"SCAN (?:(?:sources|paused|overrules|meta|incidents)\b|json_each|CONSTANT|\(|\w+ USING (?:COVERING )?INDEX "
    r"(?:messages_pending|messages_due|messages_dead|outbox_due|outbox_open|events_held|findings_undecided"
    r"|publications_missing|sources_due)\b)"
)


class Page(Struct):
    id: str
    url: str = "https://news.example/"
    authority: str | None = None


class Watched:
    """An archive of which every statement is noted, and every hundred steps of SQLite's machine counted."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.steps = 0

    def watch(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        def count() -> int:
            self.steps += 100
            return 0

        connection.set_trace_callback(self.statements.append)
        connection.set_progress_handler(count, 100)
        return connection


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    seen, connect = Watched(), schema.connect
    monkeypatch.setattr(schema, "connect", lambda *given, **more: seen.watch(connect(*given, **more)))
    return seen


@pytest.fixture
def archive(tmp_path: Path, watched: Watched) -> Iterator[Archive]:
    with Archive.open(tmp_path / "state") as opened:
        yield opened


def grown(archive: Archive, until: int, now: datetime, since: int = 0) -> None:
    made = archive_size
    with archive.writing():
        for n in range(since, until):
            archive.record(made.publication(n, random.Random(n)), now=now, baseline=True)


def work(
    archive: Archive, report: Make, article: Make, alert: Any, now: datetime, n: int = 0
) -> dict[str, Callable[[], object]]:
    """What a tick of the daemon and a page of the archive do, by name."""

    def recorded(publication: Publication) -> list[Any]:
        with archive.writing():
            events = archive.record(publication, now=now, baseline=False)
            archive.queue([alert(inspection=event.inspection.id) for event in events], now)
            archive.polled(publication.source, outcome="ok", now=now, next_due=now + HOUR, seen=20, new=1)
        return events

    def told() -> None:
        for row in archive.open_rows("email:a@example.org", now):
            key = archive.next_key(row.recipient, row.inspection.id)
            archive.freeze(key, row.recipient, b"{}", told={row.inspection.id: b"{}"}, rows=[row], now=now)
        message = archive.claim_message(now, now + HOUR)
        if message:
            archive.sent(message.key, now)

    return {
        "due": lambda: archive.claim_due(now, limit=60),
        "known": lambda: archive.known("ofsted"),
        "missing": lambda: archive.missing_documents(now),
        "report": lambda: recorded(report(ref=f"509{n:05}", authority="Northmoor")),
        "article": lambda: recorded(article(ref=f"news-{n}")),
        "tell": told,
        "reconsider": lambda: archive.reconsider(now),
        "search": lambda: archive.search("kinship", limit=20),
        "an authority": lambda: archive.inspections(filters=Filters(authorities=["Northmoor"]), limit=20),
        "latest": lambda: archive.inspections(limit=20),
        "polls": lambda: archive.polls("ofsted"),
        "messages": lambda: archive.messages(),
    }


@pytest.mark.fault("S18")
def test_no_work_of_every_day_goes_through_a_whole_table(
    archive: Archive, watched: Watched, report: Make, article: Make, alert: Any, now: datetime
) -> None:
    archive.watch([Page(id="ofsted"), Page(id="news")], now)
    grown(archive, 40, now)
    watched.statements.clear()
    for each in work(archive, report, article, alert, now).values():
        each()
    plain = sqlite3.connect(archive.path)
    slow, seen = [], 0
    for statement in dict.fromkeys(watched.statements):
        if not re.match(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", statement) or "texts_fts" in statement:
            continue
        try:
            plan = [row[3] for row in plain.execute(f"EXPLAIN QUERY PLAN {statement}")]
        except sqlite3.OperationalError:
            continue  # FTS5's own
        seen += 1
        ends = "LIMIT" in statement and not any("TEMP B-TREE" in line for line in plan)
        if not ends and any(line.startswith("SCAN") and not SMALL.match(line) for line in plan):
            slow.append((statement, plan))
    plain.close()
    assert seen > 25, "the statements were not seen"
    assert slow == []


@pytest.mark.fault("S18")
def test_eight_times_as_much_costs_no_more(
    archive: Archive, watched: Watched, report: Make, article: Make, alert: Any, now: datetime
) -> None:
    """Steps of SQLite's machine; those of a search are limited by a second, and measured by bench/archive_size.py."""
    archive.watch([Page(id="ofsted"), Page(id="news")], now)

    def measured(n: int) -> dict[str, int]:
        steps = {}
        for name, each in work(archive, report, article, alert, now, n).items():
            if name == "search":  # which counts its steps itself
                continue
            watched.steps = 0
            each()
            steps[name] = watched.steps
        return steps

    grown(archive, 150, now)
    measured(1)  # what is remembered from then on
    small = measured(2)
    grown(archive, 1200, now, since=150)
    large = measured(3)
    assert sum(small.values()) > 2_000, "the steps were not counted"
    costlier = {name: (small[name], large[name]) for name in small if large[name] > 1.5 * small[name] + 200}
    assert costlier == {}
