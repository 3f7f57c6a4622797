"""Keeping the archive itself: checked, backed up to one file, put back, swept."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path

import msgspec

from archive import log, schema
from archive.captures import Captures, sync_folder
from archive.locks import FileLock
from archive.model import ArchiveError
from archive.store import NAME, RESTORED, Store, stamp, translated

_MANIFEST = "manifest.json"


class Keeping(Store):
    """The care of the archive."""

    def backup(self, to: Path, *, now: datetime) -> Path:
        """Write the database, as it is at one instant, and all its captures to one file, and read that file again.

        It appears under its name only when it is complete and checked. Raises ArchiveError where a part is damaged,
        FileExistsError where the name is taken.
        """
        to = Path(to)
        if to.exists():
            raise FileExistsError(f"{to} exists already: a backup never replaces a file")
        part = to.with_name(f".{to.name}.part")
        part.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=to.parent) as folder, translated(self.path):
            copy = Path(folder) / NAME
            schema.copy_verified(self.path, copy)
            wanted = sorted(_captured(copy))
            manifest = {"made_at": stamp(now), "database_sha256": _sha256(copy), "captures": len(wanted)}
            with zipfile.ZipFile(part, "x", allowZip64=True) as file:
                file.writestr(_MANIFEST, msgspec.json.encode(manifest))
                file.write(copy, NAME, zipfile.ZIP_DEFLATED)
                for sha256 in wanted:
                    path = self.captures.path(sha256)
                    if not path.exists():
                        raise ArchiveError(f"the capture {path} is missing: run `doctor`, and restore it from a backup")
                    file.write(path, f"captures/{sha256}.zst", zipfile.ZIP_STORED)
        _checked(part)
        with open(part, "rb") as written:
            os.fsync(written.fileno())
        os.chmod(part, 0o600)
        part.rename(to)
        sync_folder(to.parent.absolute())
        return to

    def integrity(self, *, captures: bool = True, quick: bool = False) -> list[str]:
        """What is wrong, a sentence each; [] where all is well. captures: read every stored file and compare hashes.

        quick: the pages of the file only. The check of full-text search needs a turn of the writer.
        """
        problems = self._damage("quick_check" if quick else "integrity_check")
        if problems or quick:
            return problems
        problems += [
            f"a row of {row['table']} names a row of {row['parent']} that is not there"
            for row in self._rows("PRAGMA foreign_key_check")
        ]
        if not self.readonly:
            try:
                self._write("INSERT INTO texts_fts (texts_fts, rank) VALUES ('integrity-check', 1)")
            except (ArchiveError, sqlite3.DatabaseError) as error:
                problems.append(f"the index of full-text search is not that of the texts ({error}): run `reindex`")
        if captures:
            for row in self._rows("SELECT sha256 FROM captures ORDER BY sha256"):
                try:
                    self.captures.get(row["sha256"])
                except ArchiveError as error:
                    problems.append(str(error))
        return problems

    def reindex(self) -> None:
        """Make the index of full-text search anew from the texts."""
        self._write("INSERT INTO texts_fts (texts_fts) VALUES ('rebuild')")

    def optimise(self) -> None:
        """Merge the index of full-text search, a step at a time, and refresh what the planner knows of the tables."""
        for statement in ("INSERT INTO texts_fts (texts_fts, rank) VALUES ('merge', 500)", "PRAGMA optimize"):
            self._write(statement)

    def log_bytes(self) -> int:
        """The size of the write-ahead log, which grows while somebody reads an old state of the archive."""
        try:
            return self.path.with_name(f"{NAME}-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def shorten_log(self) -> int:
        """Write the log back into the archive, as far as nobody reads it; its size after. Waits for no reader."""
        with self._turn:
            if self._writer is None or self._lock is None:
                raise ArchiveError(f"the archive in {self.folder} was opened for reading, or is closed.")
            with self._lock.held(wait=self.patience), translated(self.path):
                self._writer.execute("PRAGMA busy_timeout = 0")
                try:
                    self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                finally:
                    self._writer.execute("PRAGMA busy_timeout = 5000")
        return self.log_bytes()

    def sweep(self, now: datetime) -> int:
        """Delete files of captures that no row names, left by a process that was killed; how many."""
        with self.writing():
            return self.captures.remove_unless(
                {row["sha256"] for row in self._rows("SELECT sha256 FROM captures")}, now
            )

    def _damage(self, check: str) -> list[str]:
        try:
            found = [row[0] for row in self._rows(f"PRAGMA {check}")]
        except ArchiveError as error:
            return [str(error)]
        return [f"{self.path} is damaged: {line}" for line in found if line != "ok"]


def restore(file: Path, folder: Path, *, now: datetime) -> None:
    """Put a backup back as the archive of this folder. What stands there is moved aside, never deleted.

    Until each source has been read again its events are held: what was published since the backup is old news to
    some. Raises ArchiveError, with the folder unchanged, for a file that is not a whole backup or of a newer program.
    """
    folder = Path(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _checked(Path(file))
    target = folder / NAME
    lock = FileLock(folder / "archive.lock")
    poll = FileLock(folder / "poll.lock")
    try:
        with poll.held(wait=0), lock.held(wait=5), tempfile.TemporaryDirectory(prefix=".restore-", dir=folder) as temp:
            _put_back(Path(file), Path(temp), folder / "captures")
            fresh = Path(temp) / NAME
            schema.version_of(fresh)
            _mark_restored(fresh, now)
            aside = f"before-restore-{stamp(now).replace(':', '')}"
            (folder / log.NAME).unlink(missing_ok=True)  # the count of what stood there
            for name in (NAME, f"{NAME}-wal", f"{NAME}-shm"):
                if (folder / name).exists():
                    (folder / name).rename(folder / f"{NAME}.{aside}{name.removeprefix(NAME)}")
            fresh.rename(target)
            sync_folder(folder)
    finally:
        lock.close()
        poll.close()


def _put_back(file: Path, temp: Path, captures: Path) -> None:
    with zipfile.ZipFile(file) as backup:
        with backup.open(NAME) as packed, open(temp / NAME, "xb") as copy:
            shutil.copyfileobj(packed, copy)
            copy.flush()
            os.fsync(copy.fileno())
        kept = Captures(captures)
        captures.mkdir(mode=0o700, parents=True, exist_ok=True)
        loose = Captures(temp / "captures")
        for name in backup.namelist():
            if name.startswith("captures/"):
                sha256 = Path(name).stem
                path = loose.path(sha256)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(backup.read(name))
                kept.put(loose.get(sha256))
                path.unlink()


def _mark_restored(path: Path, now: datetime) -> None:
    connection = schema.connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE sources SET hold = ?, next_due = ?", [RESTORED, stamp(now)])
        connection.execute(
            "INSERT INTO meta VALUES ('restored_at', ?) ON CONFLICT DO UPDATE SET value = excluded.value", [stamp(now)]
        )
        connection.execute("COMMIT")
    finally:
        connection.close()


def _checked(file: Path) -> None:
    """Raise ArchiveError unless the file is a whole backup: every part readable, the database as it was written."""
    try:
        with zipfile.ZipFile(file) as backup:
            manifest = msgspec.json.decode(backup.read(_MANIFEST))
            damaged = backup.testzip()
            digest = hashlib.sha256()
            with backup.open(NAME) as database:
                while chunk := database.read(1 << 20):
                    digest.update(chunk)
            captures = sum(name.startswith("captures/") for name in backup.namelist())
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, msgspec.DecodeError) as error:
        raise ArchiveError(f"{file} is not a whole backup ({error}). Nothing was changed.") from error
    if damaged or digest.hexdigest() != manifest["database_sha256"] or captures != manifest["captures"]:
        raise ArchiveError(f"{file} is damaged ({damaged or NAME}). Nothing was changed. Use an older backup.")


def _captured(path: Path) -> set[str]:
    connection = schema.connect(path, readonly=True)
    try:
        return {row["sha256"] for row in connection.execute("SELECT sha256 FROM captures")}
    finally:
        connection.close()


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
