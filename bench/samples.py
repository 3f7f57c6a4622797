"""What a daemon holds, looked at from outside: its memory, its descriptors, the files of its archive."""

from __future__ import annotations

import os
import sqlite3
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from bench.polling import memory_of, tree

WARM = 500  # polls before anything is compared


class Sample(NamedTuple):
    """One look at a daemon from outside."""

    polls: int
    own: float  # MB resident of the daemon itself
    children: float  # and of its parsing children
    files: int  # open descriptors that are no sockets
    sockets: int
    wal: float  # MB
    archive: float  # MB


def look(pid: int, folder: Path) -> Sample:
    below = tree(pid)[1:]
    archive = folder / "archive" / "archive.db"
    held = list(descriptors(pid))
    sockets = sum(one.startswith("socket:") for one in held)
    return Sample(
        polls=count(archive, "polls"), own=memory_of(pid), children=sum(map(memory_of, below)),
        files=len(held) - sockets, sockets=sockets, wal=megabytes(archive.with_name("archive.db-wal")),
        archive=megabytes(archive),
    )  # fmt: skip


def descriptors(pid: int) -> Iterator[str]:
    """What each open descriptor of a process leads to."""
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed since
            yield os.readlink(one)


def count(archive: Path, table: str) -> int:
    """Rows of a table; none while the archive is only being begun."""
    with suppress(sqlite3.OperationalError), reading(archive) as opened:
        return int(opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    return 0


@contextmanager
def reading(archive: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(f"file:{archive}?mode=ro", uri=True, timeout=10)
    try:
        yield opened
    finally:
        opened.close()


def megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6 if path.exists() else 0.0


def growth(samples: Sequence[Sample]) -> Iterator[str]:
    """The daemon's own memory at poll 500 and at the end, each the median over a tenth of what lies between."""
    warm = [one for one in samples if one.polls >= WARM] or list(samples)
    tenth = max(1, len(warm) // 10)
    first, last = (statistics.median(one.own for one in part) for part in (warm[:tenth], warm[-tenth:]))
    yield f"polls {samples[-1].polls}, compared from poll {warm[0].polls}"
    most = max(one.own for one in warm)
    yield f"memory of the daemon {first:.1f} MB, then {last:.1f} MB: {last / first - 1:+.1%}; most {most:.1f} MB"
    yield f"memory of its parsing children, most {max(one.children for one in warm):.1f} MB"
    for what, held in (("files", [one.files for one in warm]), ("sockets", [one.sockets for one in warm])):
        first, last = statistics.median(held[:tenth]), statistics.median(held[-tenth:])
        yield f"descriptors of {what}: {first:.0f}, then {last:.0f}; from {min(held)} to {max(held)}"
    polled = warm[-1].polls - warm[0].polls
    grown = (warm[-1].archive - warm[0].archive) * 1e6 / max(polled, 1)
    yield f"archive {warm[0].archive:.2f} to {warm[-1].archive:.2f} MB, {grown:.0f} bytes a poll"
    yield f"its write-ahead log at most {max(one.wal for one in samples):.2f} MB"
