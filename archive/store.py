"""The file itself: opened, locked, written in whole transactions, read beside the writer."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from archive import log, schema
from archive.captures import Captures
from archive.locks import FileLock
from archive.log import Commits
from archive.model import ArchiveError, Busy, NoSpace
from inspections.model import Authority

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

LONDON = ZoneInfo("Europe/London")
NAME = "archive.db"
RESTORED = "the archive was restored from a backup"  # why events are held until each source was read again
ROLLED_BACK = "the archive lost its last transactions"  # so too
_MOST_IDLE = 4  # readers that are kept for the next to read
_BESIDE_A_WRITER = 250  # kB of the file that a reader keeps in memory, in a process that lives long and asks little

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NO_SPACE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_NOT_OURS = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_TAKEN = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Store:
    """One archive in one folder: `archive.db`, `captures/`, and the files of the two locks.

    Usable from several threads. Writes take turns within the process and between processes; reads run beside them
    and see what was last committed, except within `writing()`, where they see what this transaction wrote.
    """

    patience = 30.0  # seconds that a write waits for another process
    log_limit = log.LIMIT  # bytes of the write-ahead log that are no fault

    def __init__(self, folder: Path, authorities: Iterable[Authority], readonly: bool) -> None:
        self.folder = folder
        self.path = folder / NAME
        self.authorities = authorities
        self.readonly = readonly
        self.captures = Captures(folder / "captures")
        self._turn = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._owner: int | None = None  # the thread whose transaction is open
        self._depth = 0
        self._thread = threading.local()
        self._idle: list[sqlite3.Connection] = []  # readers that no thread uses at this moment
        self._lock: FileLock | None = None
        self._commits: Commits | None = None
        self._closed = False

    @classmethod
    def open(cls, folder: Path | str, *, authorities: Iterable[Authority] = (), readonly: bool = False) -> Self:
        """Open the archive in this folder; begin one where there is none, unless `readonly`.

        Raises ArchiveError where it is damaged, of a newer program, missing (readonly) or not to be written.
        """
        archive = cls(Path(folder), authorities, readonly)
        try:
            archive._open()
        except BaseException:
            archive.close()
            raise
        return archive

    def _open(self) -> None:
        if self.readonly:
            if not self.path.is_file():
                raise ArchiveError(
                    f"there is no archive in {self.folder}: expected {NAME}. `poll` or `run` begins one."
                )
            schema.version_of(self.path)
            return
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)  # subscribers' addresses; who lets others in keeps that
            self.captures.folder.mkdir(mode=0o700, exist_ok=True)
            self._lock = FileLock(self.folder / "archive.lock")
        except OSError as error:
            raise ArchiveError(f"the archive in {self.folder} cannot be written: {error.strerror}.") from error
        with self._lock.held(wait=self.patience), translated(self.path):
            if not self.path.exists() and next(self.captures.names(), None):
                raise ArchiveError(
                    f"{self.path} is missing, though captures lie beside it. Nothing was changed. Put back a backup "
                    "with `restore`, or move the captures away to begin anew."
                )
            schema.prepare(self.path)
            self._writer = schema.connect(self.path)
            self._commits = Commits(self.folder, self._writer)
            lost = self._commits.lost()
        if lost:
            self._write("UPDATE sources SET hold = ? WHERE watched", [f"{ROLLED_BACK} ({lost} of them)"])

    def close(self) -> None:
        with self._turn:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            if self._writer is not None and self._lock is not None:
                with self._lock.held(wait=self.patience):  # the last to close writes the log back into the file
                    self._writer.close()
                self._writer = None
            if self._commits is not None:
                self._commits.close()
                self._commits = None
            if self._lock is not None:
                self._lock.close()
                self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing, whatever is killed. Nested, it is a part that can fail alone.

        Never fetch, send or parse inside. Raises Busy, NoSpace or ArchiveError, after rolling back.
        """
        with self._turn:
            if self._depth:
                with self._part():
                    yield
                return
            if self._writer is None or self._lock is None or self._commits is None:
                raise ArchiveError(f"the archive in {self.folder} was opened for reading, or is closed.")
            with self._lock.held(wait=self.patience), translated(self.path):
                self._writer.execute("BEGIN IMMEDIATE")
                self._depth, self._owner = 1, threading.get_ident()
                try:
                    yield
                    number = self._commits.counted()
                    self._writer.execute("COMMIT")
                    self._commits.note(number)
                finally:
                    self._depth, self._owner = 0, None
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")

    @contextmanager
    def _part(self) -> Iterator[None]:
        writer = self._writer
        assert writer is not None
        name = f"part_{self._depth}"
        if not writer.in_transaction:  # the failure of an earlier part, since passed over, has ended all of it
            raise NoSpace(f"the transaction on {self.path} was already rolled back: nothing was recorded.")
        writer.execute(f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield
        except BaseException:
            if writer.in_transaction:  # a full disk has rolled back everything already
                writer.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            self._depth -= 1
            if writer.in_transaction:
                writer.execute(f"RELEASE {name}")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several questions about one and the same state of the archive."""
        with self._reader() as connection:
            if connection.in_transaction:
                yield
                return
            connection.execute("BEGIN")
            try:
                yield
            finally:
                connection.execute("COMMIT")

    @contextmanager
    def poll_lock(self, now: datetime) -> Iterator[None]:
        """Be the one process that polls. Raises Busy at once where another does."""
        lock = FileLock(self.folder / "poll.lock")
        try:
            with lock.held(wait=0):
                lock.sign(f"process {os.getpid()}, polling since {stamp(now)}\n")
                yield
        finally:
            lock.close()

    @cached_property
    def db(self) -> Database:
        """The writing connection as sqlite-utils sees it. Only within `writing()`."""
        from sqlite_utils import Database

        if self._writer is None:
            raise ArchiveError(f"the archive in {self.folder} was opened for reading, or is closed.")
        return Database(self._writer)

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """The connection to read by: within this thread's transaction the writer, else one for this thread alone."""
        if self._owner == threading.get_ident() and self._writer is not None:
            yield self._writer
            return
        taken: sqlite3.Connection | None = getattr(self._thread, "reader", None)
        if taken is not None:
            yield taken
            return
        try:
            connection = self._idle.pop()
        except IndexError:
            with translated(self.path):
                connection = schema.connect(self.path, readonly=True)
            if not self.readonly:
                connection.execute(f"PRAGMA cache_size = -{_BESIDE_A_WRITER}")
        self._thread.reader = connection
        try:
            yield connection
        finally:
            self._thread.reader = None
            if self._closed or len(self._idle) >= _MOST_IDLE:
                connection.close()
            else:
                self._idle.append(connection)

    def _rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        with self._reader() as connection, translated(self.path):
            return connection.execute(sql, values).fetchall()

    def _row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Row | None:
        return next(iter(self._rows(sql, values)), None)

    def _write(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """One statement, in a transaction of its own unless one is open; the rows that it returns."""
        if self._owner == threading.get_ident() and self._writer is not None:
            return self._writer.execute(sql, values).fetchall()
        with self.writing():
            return self._write(sql, values)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors as sentences: what is wrong with the file, and what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGED:
            raise ArchiveError(f"{path} is damaged ({error}). Put back a backup with `restore`.") from error
        if code in _NO_SPACE:
            raise NoSpace(
                f"{path} could not be written ({error}): nothing was recorded. Free space on the disk."
            ) from (error)
        if code in _NOT_OURS:
            raise ArchiveError(f"{path} cannot be opened for this ({error}). Nothing was changed.") from error
        if code in _TAKEN:
            raise Busy(f"{path} is being written by another program ({error}): nothing was done.") from error
        raise


def stamp(at: datetime) -> str:
    """An aware time as the archive writes it: UTC, of one width, so that text sorts by time."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def london_date(at: datetime) -> date:
    return at.astimezone(LONDON).date()
