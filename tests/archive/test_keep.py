from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive, ArchiveError, Busy
from archive.captures import Captures
from archive.keep import restore
from archive.store import RESTORED
from inspections.model import Publication

Make = Callable[..., Publication]
PDF = b"%PDF-1.7 " + b"a report " * 500


@pytest.fixture
def kept(archive: Archive, report: Make, now: datetime) -> Archive:
    archive.watch([], now)
    archive.polled("ofsted", outcome="ok", now=now, next_due=now + timedelta(days=1))
    archive.record(report(), now=now, baseline=False, body=PDF)
    return archive


def test_the_same_bytes_are_one_file_however_often_they_come(tmp_path: Path) -> None:
    captures = Captures(tmp_path)
    sha256 = captures.put(PDF)
    assert captures.put(PDF) == sha256
    assert [path.name for path in tmp_path.rglob("*.*")] == [f"{sha256}.zst"]
    assert captures.get(sha256) == PDF
    assert captures.path(sha256).stat().st_size < len(PDF) / 10


def test_the_last_page_that_could_not_be_read_is_kept_as_it_came(tmp_path: Path) -> None:
    captures = Captures(tmp_path)
    captures.refuse("../a", b"first")
    path = captures.refuse("../a", b"<html>second")
    assert path == captures.refused("../a")
    assert path.read_bytes() == b"<html>second"
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]
    assert list(captures.names()) == []


@pytest.mark.fault("K10")
@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "", "A" * 64, "a" * 63, "a" * 63 + "/", "a" * 64 + "\n"])
def test_only_a_hash_names_a_capture(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is not a SHA-256"):
        Captures(tmp_path).path(name)


@pytest.mark.fault("S16")
def test_a_capture_that_is_missing_or_holds_other_bytes_is_found(kept: Archive) -> None:
    (sha256,) = kept.captures.names()
    path = kept.captures.path(sha256)
    whole = path.read_bytes()
    assert kept.integrity() == []
    path.write_bytes(whole[:-9])
    assert "damaged" in kept.integrity()[0]
    other = kept.captures.put(b"other bytes")
    path.write_bytes(kept.captures.path(other).read_bytes())
    assert "other bytes than its name says" in kept.integrity()[0]
    path.unlink()
    assert "is missing" in kept.integrity()[0]


def test_an_index_that_no_longer_fits_the_texts_is_found_and_made_anew(kept: Archive) -> None:
    with kept.writing():
        kept.db.execute("DROP TRIGGER texts_au")
        kept.db.execute("UPDATE texts SET body = 'other words'")
    (problem,) = kept.integrity()
    assert "full-text search" in problem
    kept.reindex()
    assert kept.integrity() == []
    assert len(kept.search("other words")) == 1


@pytest.mark.fault("S10")
def test_flipped_bytes_are_found_and_never_a_traceback(kept: Archive) -> None:
    kept.close()
    whole = kept.path.read_bytes()
    places = range(4096, len(whole), 3 * 4096)  # the beginning of every third page
    found = 0
    for place in places:
        kept.path.write_bytes(whole[:place] + b"\xff" * 99 + whole[place + 99 :])
        try:
            with Archive.open(kept.folder, readonly=True) as damaged:
                found += bool(damaged.integrity(captures=False))
        except ArchiveError:
            found += 1
    assert found == len(places) > 10


@pytest.mark.fault("S14")
def test_a_backup_holds_everything_and_comes_back_with_its_sources_held(
    kept: Archive, report: Make, now: datetime, tmp_path: Path
) -> None:
    file = kept.backup(tmp_path / "copy.zip", now=now)
    kept.record(report(ref="2", authority="Southmoor"), now=now, baseline=False)
    restore(file, tmp_path / "new", now=now)
    with Archive.open(tmp_path / "new") as again:
        assert again.integrity() == []
        assert again.status().publications == 1
        assert next(again.captures.names()) == next(kept.captures.names())
        assert again.record(report(ref="2", authority="Southmoor"), now=now, baseline=False) == []
        assert [event.held for event in again.held_events()] == [RESTORED]
    with pytest.raises(FileExistsError):
        kept.backup(file, now=now)


def test_a_backup_put_back_in_place_moves_the_other_aside(
    kept: Archive, report: Make, now: datetime, tmp_path: Path
) -> None:
    file = kept.backup(tmp_path / "copy.zip", now=now)
    kept.record(report(ref="2", authority="Southmoor"), now=now, baseline=False)
    with kept.poll_lock(now), pytest.raises(Busy):
        restore(file, kept.folder, now=now)
    kept.close()
    restore(file, kept.folder, now=now)
    with Archive.open(kept.folder) as again:
        assert again.status().publications == 1
    assert len(list(kept.folder.glob("archive.db.before-restore-*"))) == 1


def test_a_damaged_backup_is_refused_and_changes_nothing(kept: Archive, now: datetime, tmp_path: Path) -> None:
    file = kept.backup(tmp_path / "copy.zip", now=now)
    whole = file.read_bytes()
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as empty:
        empty.writestr("manifest.json", "{}")
    damaged = [
        whole[:-100],
        whole[: len(whole) // 2] + b"\0" * 50 + whole[len(whole) // 2 + 50 :],
        b"",
        other.read_bytes(),
    ]
    for content in damaged:
        file.write_bytes(content)
        with pytest.raises(ArchiveError, match="Nothing was changed"):
            restore(file, tmp_path / "new", now=now)
        assert not (tmp_path / "new" / "archive.db").exists()


def test_a_backup_is_not_made_of_an_archive_that_lacks_a_capture(kept: Archive, now: datetime, tmp_path: Path) -> None:
    kept.captures.path(next(kept.captures.names())).unlink()
    with pytest.raises(ArchiveError, match="is missing"):
        kept.backup(tmp_path / "copy.zip", now=now)
    assert not (tmp_path / "copy.zip").exists()


def test_only_old_files_without_a_row_are_swept(kept: Archive) -> None:
    for body in (b"left by a killed process", b"just written"):
        kept.captures.put(body)
    old = kept.captures.path(kept.captures.put(b"left by a killed process"))
    row = kept.captures.path(kept.sql("SELECT sha256 FROM captures").rows[0][0])
    month_ago = time.time() - 30 * 86_400
    for path in (old, row):
        os.utime(path, (month_ago, month_ago))
    assert kept.sweep(datetime.now(UTC)) == 1
    assert not old.exists()
    assert kept.integrity() == []


def test_housekeeping_changes_no_answer(kept: Archive) -> None:
    before = kept.search("advisers")
    kept.optimise()
    assert kept.search("advisers") == before
    assert kept.integrity() == []
