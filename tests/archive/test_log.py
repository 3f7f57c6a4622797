"""The write-ahead log: deleted, it is noticed at the next opening; held by a reader, it is cut as soon as that ends."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec import Struct

from archive import Archive
from archive.log import NAME as COMMITS
from archive.store import ROLLED_BACK
from inspections.model import Publication

Make = Callable[..., Publication]


class Page(Struct):
    id: str
    url: str = "https://leeds.example/news"
    authority: str | None = None


LEEDS = Page(id="leeds")


def killed_after(folder: Path, work: Callable[[Archive], None]) -> None:
    """Another process opens the archive, does this, and is ended at once: its log stays as it is."""
    child = os.fork()
    if not child:
        try:
            work(Archive.open(folder))
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def held(archive: Archive) -> list[str]:
    return [state.hold or "" for state in archive.source_states()]


@pytest.mark.fault("S15")
def test_a_log_that_was_deleted_is_noticed_and_what_comes_again_waits_for_a_word(
    tmp_path: Path, report: Make, article: Make, now: datetime
) -> None:
    with Archive.open(tmp_path / "state") as archive:
        archive.watch([LEEDS], now)

    def record(archive: Archive) -> None:
        for n in range(3):
            archive.record(report(ref=f"5010000{n}"), now=now, baseline=False)

    killed_after(tmp_path / "state", record)
    for name in ("archive.db-wal", "archive.db-shm"):
        (tmp_path / "state" / name).unlink()
    with Archive.open(tmp_path / "state") as archive:
        assert archive.status().publications == 0, "they were in the log alone"
        assert held(archive) == [f"{ROLLED_BACK} (3 of them)"]
    with Archive.open(tmp_path / "state") as archive:
        assert held(archive) == [f"{ROLLED_BACK} (3 of them)"], "said until each source was read again, and once"
        archive.polled("leeds", outcome="ok", now=now, next_due=now)
        assert held(archive) == [""]


@pytest.mark.fault("S15")
def test_an_archive_that_was_copied_without_its_log_is_noticed(tmp_path: Path, now: datetime) -> None:
    folder = tmp_path / "state"
    with Archive.open(folder) as archive:
        archive.watch([LEEDS], now)
    shutil.copyfile(folder / "archive.db", tmp_path / "copy")
    with Archive.open(folder) as archive:
        archive.keep_note("a", "b")
    shutil.copyfile(tmp_path / "copy", folder / "archive.db")
    with Archive.open(folder) as archive:
        assert held(archive) == [f"{ROLLED_BACK} (1 of them)"]


@pytest.mark.fault("S15")
def test_no_kill_restart_upgrade_or_restore_is_taken_for_a_lost_log(tmp_path: Path, now: datetime) -> None:
    folder = tmp_path / "state"
    with Archive.open(folder) as archive:
        archive.watch([LEEDS], now)
        archive.backup(tmp_path / "one.zip", now=now)
    for _ in range(3):
        killed_after(folder, lambda archive: archive.keep_note("a", "b"))
    with Archive.open(folder) as archive, Archive.open(folder) as beside:
        archive.keep_note("a", "c")
        beside.keep_note("a", "d")
        assert held(archive) == [""]
    (folder / COMMITS).unlink()  # an archive of the time before there was a count
    with Archive.open(folder) as archive:
        assert held(archive) == [""]
    from archive.keep import restore

    restore(tmp_path / "one.zip", folder, now=now)
    with Archive.open(folder) as archive:
        assert ROLLED_BACK not in held(archive)[0]


def test_the_count_is_behind_the_archive_and_never_before_it(tmp_path: Path, now: datetime) -> None:
    """A transaction that fails is not counted; what cannot be noted is noted by the next."""
    folder = tmp_path / "state"
    with Archive.open(folder) as archive:
        archive.keep_note("a", "b")
        before = (folder / COMMITS).read_text()
        with suppress(ZeroDivisionError), archive.writing():
            archive.keep_note("a", "c")
            raise ZeroDivisionError
        assert (folder / COMMITS).read_text() == before
        archive.keep_note("a", "c")
        assert int((folder / COMMITS).read_text()) == int(before) + 1
    assert int(before) == 1


@pytest.mark.fault("S8")
def test_a_log_that_a_reader_keeps_grows_and_is_cut_when_the_reader_ends(tmp_path: Path, now: datetime) -> None:
    with Archive.open(tmp_path / "state") as archive:
        archive.watch([LEEDS], now)
        reader = sqlite3.connect(f"file:{archive.path}?mode=ro", uri=True)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sources").fetchall()
        for n in range(30):
            archive.keep_note("much", str(n) * 100_000)
        assert archive.log_bytes() > 1_000_000
        assert archive.shorten_log() > 1_000_000, "the reader still needs it"
        archive.polled("leeds", outcome="ok", now=now, next_due=now + timedelta(hours=1))
        reader.execute("COMMIT")
        assert archive.shorten_log() == 0
        assert archive.note("much") == "29" * 100_000
        reader.close()
