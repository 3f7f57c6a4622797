"""The version of an archive changes with every write, and with nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from archive import Archive
from archive.keep import restore
from archive.version import Version
from inspections.model import Publication

NOW = datetime(2026, 6, 18, 8, 20, tzinfo=UTC)


def page(ref: str) -> Publication:
    return Publication(source="gazette", ref=ref, url=f"https://gazette.example/{ref}", title="News", text="News")


def test_it_changes_with_every_write_and_not_with_reading(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        version = Version(archive.path)
        seen = [version.now()]
        for ref in ("1", "2"):
            archive.record(page(ref), now=NOW, baseline=False)
            seen.append(version.now())
        with Archive.open(tmp_path) as other:
            other.polled("gazette", outcome="unchanged", now=NOW, next_due=NOW)
        seen.append(version.now())
        assert len(set(seen)) == 4
        archive.search("news")
        with archive.reading():
            archive.status()
        assert version.now() == seen[-1]


def test_it_changes_where_a_backup_takes_the_place_of_the_file(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "state") as archive:
        archive.record(page("1"), now=NOW, baseline=False)
        backup = archive.backup(tmp_path / "backup.zip", now=NOW)
        version = Version(archive.path)
        before = version.now()
    restore(backup, tmp_path / "state", now=NOW)
    assert version.now() != before
