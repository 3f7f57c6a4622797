"""Whether the archive was written since it was last looked at."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from archive import schema
from archive.store import translated


class Version:
    """What changes with every write to an archive, by whichever process, and when another file takes its place.

    Usable from several threads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file = 0

    def now(self) -> tuple[int, int]:
        """To be compared with what this same object said before; equal means that nothing was written in between."""
        with self._turn, translated(self._path):
            file = self._path.stat().st_ino
            if self._connection is None or file != self._file:
                self._connection, self._file = schema.connect(self._path, readonly=True), file
            (count,) = self._connection.execute("PRAGMA data_version").fetchone()
            return file, count
