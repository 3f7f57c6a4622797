"""How many transactions an archive has had, noted beside it too: one that has fewer has lost its write-ahead log."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from archive.model import ArchiveError

NAME = "archive.commits"
LIMIT = 67_108_864  # bytes of the log: what is longer is cut, unless somebody still reads it
_KEY = "commits"
_WIDTH = 20  # digits, so that a newer number covers the older one


class Commits:
    """The number of transactions, in the archive by the transaction itself, in a file of its own after it.

    A kill in between leaves the file behind, never ahead. The caller holds the lock between processes.
    """

    def __init__(self, folder: Path, writer: sqlite3.Connection) -> None:
        self._writer = writer
        try:
            self._file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise ArchiveError(f"{folder / NAME} cannot be written: {error.strerror}.") from error

    def lost(self) -> int:
        """How many transactions were made that the archive does not hold any more."""
        noted = os.pread(self._file, _WIDTH, 0).decode("ascii", "replace").strip()
        row = self._writer.execute("SELECT value FROM meta WHERE key = ?", [_KEY]).fetchone()
        return max(0, (int(noted) if noted.isdecimal() else 0) - (int(row["value"]) if row else 0))

    def counted(self) -> int:
        """Count the transaction that is open."""
        (row,) = self._writer.execute(
            "INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO UPDATE SET value = value + 1 "
            "RETURNING value",
            [_KEY],
        ).fetchall()
        return int(row["value"])

    def note(self, number: int) -> None:
        """The transaction of this number is on the disk."""
        with suppress(OSError):  # a full disk: the next one notes it
            os.pwrite(self._file, f"{number:{_WIDTH}}".encode("ascii"), 0)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
