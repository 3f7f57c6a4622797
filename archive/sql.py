"""Anybody's SQL, read-only: refused what could write, reach another file, or run on."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from msgspec import Struct

from archive import schema
from archive.model import QueryError
from archive.store import Store, translated

_LONGEST = 2_000  # characters
_LARGEST = 4_000_000  # bytes of one value: the longest texts stay readable, made-up ones cannot fill the memory
_READ = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE)
_REFUSED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "fts5", "randomblob", "zeroblob", "sqlite_log"})


class Table(Struct, frozen=True, kw_only=True):
    """The answer to a query."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    complete: bool  # False: there are more rows than were asked for


class Asking(Store):
    """The archive, asked in SQL."""

    def sql(self, query: str, *, limit: int = 1000, seconds: float = 1.0) -> Table:
        """Run one SELECT. Raises QueryError for whatever cannot be read, is refused, or takes longer."""
        if len(query) > _LONGEST:
            raise QueryError(f"the query has {len(query)} characters: expected at most {_LONGEST}")
        with translated(self.path):
            connection = schema.connect(self.path, readonly=True)
        try:
            connection.row_factory = None
            # Full-text search declares its table when first met: the authorizer would take that for CREATE TABLE.
            connection.execute("SELECT rowid FROM texts_fts LIMIT 0")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST)
            connection.set_authorizer(_allowed)
            latest = time.monotonic() + seconds
            connection.set_progress_handler(lambda: time.monotonic() > latest, 1_000)
            cursor = connection.execute(query)
            if cursor.description is None:
                raise QueryError("the query gives no rows: expected a SELECT")
            rows = cursor.fetchmany(limit + 1)
            names = tuple(column[0] for column in cursor.description)
            return Table(columns=names, rows=tuple(rows[:limit]), complete=len(rows) <= limit)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                raise QueryError(f"the query took longer than {seconds:g} s and was ended: narrow it") from error
            raise QueryError(f"the query was refused or could not be read: {error}") from error
        except (sqlite3.Warning, OverflowError, UnicodeError) as error:
            raise QueryError(f"the query could not be read: {error}") from error
        finally:
            connection.close()


def _allowed(action: int, first: str | None, second: str | None, database: str | None, inside: str | None) -> int:
    if action in _READ:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _REFUSED_FUNCTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first == "data_version":  # full-text search asks it itself
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
