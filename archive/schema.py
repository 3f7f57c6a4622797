"""The tables, as named migrations; and how an archive is begun, or brought up to date, without ever being half done."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive import log
from archive.captures import sync_folder
from archive.model import ArchiveError

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x4F465754  # "OFWT", in the file's header: what `file` and other programs tell it by

Migration = Callable[["Database"], None]

_BEGIN = """
CREATE TABLE sources (
  id TEXT PRIMARY KEY, url TEXT NOT NULL, authority TEXT, watched INTEGER NOT NULL DEFAULT 1,
  etag TEXT, last_modified TEXT, next_due TEXT NOT NULL, fail_streak INTEGER NOT NULL DEFAULT 0,
  last_polled TEXT, last_ok TEXT, last_new TEXT, last_nonzero TEXT, last_seen INTEGER,
  baseline_done INTEGER NOT NULL DEFAULT 0, hold TEXT, listed_on TEXT, outcome TEXT, note TEXT,
  learned TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX sources_due ON sources (next_due) WHERE watched;

CREATE TABLE polls (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, at TEXT NOT NULL, outcome TEXT NOT NULL,
  seen INTEGER NOT NULL, new INTEGER NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE INDEX polls_source ON polls (source, id);

CREATE TABLE providers (
  urn TEXT PRIMARY KEY, name TEXT NOT NULL, url TEXT NOT NULL, type INTEGER, authority TEXT, listed_on TEXT,
  first_seen_at TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE host_budget (
  host TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (host, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE captures (
  sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL, source TEXT NOT NULL, url TEXT NOT NULL,
  official INTEGER NOT NULL, first_seen_at TEXT NOT NULL
) STRICT;

CREATE TABLE publications (
  id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, ref TEXT NOT NULL,
  place INTEGER NOT NULL UNIQUE, -- day of publication << 20 | counter: the row id of its text, so that order is time
  url TEXT NOT NULL, page_url TEXT, title TEXT NOT NULL, published_on TEXT, published_at TEXT, published_origin TEXT,
  official INTEGER NOT NULL, document_sha256 TEXT, type TEXT, notes TEXT NOT NULL,
  fingerprint TEXT NOT NULL, first_seen_at TEXT NOT NULL, changed_at TEXT NOT NULL, revision INTEGER NOT NULL,
  findings_made INTEGER NOT NULL, missed_sweeps INTEGER NOT NULL DEFAULT 0, withdrawn_at TEXT,
  document_tries INTEGER NOT NULL DEFAULT 0, document_next_try TEXT, document_error TEXT,
  UNIQUE (source, ref)
) STRICT;
CREATE INDEX publications_source ON publications (source, place);
CREATE INDEX publications_missing ON publications (document_next_try) WHERE document_next_try IS NOT NULL;

CREATE TABLE texts (
  id INTEGER PRIMARY KEY, -- the publication's place
  title TEXT NOT NULL, body TEXT NOT NULL, words TEXT NOT NULL, facets TEXT NOT NULL
) STRICT;

CREATE TABLE revisions (
  publication INTEGER NOT NULL REFERENCES publications (id), revision INTEGER NOT NULL, until TEXT NOT NULL,
  fingerprint TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (publication, revision)
) STRICT;

CREATE TABLE findings (
  id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, publication INTEGER NOT NULL REFERENCES publications (id),
  n INTEGER NOT NULL, grp TEXT NOT NULL, certainty TEXT NOT NULL, decided TEXT, first_seen_at TEXT NOT NULL,
  inspection TEXT, json TEXT NOT NULL, UNIQUE (publication, n)
) STRICT;
CREATE INDEX findings_group ON findings (grp, seq);
CREATE INDEX findings_inspection ON findings (inspection);
CREATE INDEX findings_undecided ON findings (seq) WHERE certainty = 'undecided' AND decided IS NULL;

CREATE TABLE inspections (
  id TEXT PRIMARY KEY, grp TEXT NOT NULL, kind TEXT NOT NULL, authority TEXT, urn TEXT, provider TEXT,
  state TEXT NOT NULL, certainty TEXT NOT NULL, on_day TEXT NOT NULL, first_at TEXT NOT NULL, changed_at TEXT NOT NULL,
  withdrawn_at TEXT, json TEXT NOT NULL
) STRICT;
CREATE INDEX inspections_day ON inspections (on_day, id);
CREATE INDEX inspections_group ON inspections (grp);
CREATE INDEX inspections_authority ON inspections (authority, on_day, id);
CREATE INDEX inspections_urn ON inspections (urn, on_day, id);
CREATE INDEX inspections_kind ON inspections (kind, on_day, id);
CREATE INDEX inspections_state ON inspections (state, on_day, id);

CREATE TABLE judgements (
  inspection TEXT NOT NULL REFERENCES inspections (id) ON DELETE CASCADE, area TEXT NOT NULL,
  grade TEXT, before TEXT, direction TEXT, on_day TEXT NOT NULL, PRIMARY KEY (inspection, area)
) STRICT, WITHOUT ROWID;
CREATE INDEX judgements_grade ON judgements (grade, on_day);
CREATE INDEX judgements_direction ON judgements (direction, on_day);

CREATE TABLE aliases (id TEXT PRIMARY KEY, survivor TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_survivor ON aliases (survivor);

CREATE TABLE overrules (id INTEGER PRIMARY KEY, at TEXT NOT NULL, reason TEXT NOT NULL, json TEXT NOT NULL) STRICT;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, inspection TEXT NOT NULL,
  at TEXT NOT NULL, why TEXT NOT NULL, baseline INTEGER NOT NULL, held TEXT, settled TEXT, json TEXT
) STRICT;
CREATE INDEX events_inspection ON events (inspection, seq);
CREATE INDEX events_new ON events (seq) WHERE NOT baseline;
CREATE INDEX events_held ON events (seq) WHERE held IS NOT NULL AND settled IS NULL;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, inspection TEXT NOT NULL, events TEXT NOT NULL,
  subscription TEXT NOT NULL, due_at TEXT NOT NULL, digest INTEGER NOT NULL, every_stage INTEGER NOT NULL,
  created_at TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('open', 'frozen', 'sent', 'dead', 'dropped')),
  message TEXT, reason TEXT
) STRICT;
CREATE UNIQUE INDEX outbox_open ON outbox (recipient, inspection) WHERE state = 'open';
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'open';
CREATE INDEX outbox_frozen ON outbox (recipient, inspection) WHERE state = 'frozen';
CREATE INDEX outbox_message ON outbox (message) WHERE message IS NOT NULL;
CREATE INDEX outbox_inspection ON outbox (inspection);

CREATE TABLE messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, recipient TEXT NOT NULL, content BLOB NOT NULL,
  told TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'dead', 'dropped')),
  attempts INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, next_at TEXT, sent_at TEXT, error TEXT
) STRICT;
CREATE INDEX messages_due ON messages (next_at, seq) WHERE state = 'pending';
CREATE INDEX messages_recipient ON messages (recipient, seq);
CREATE INDEX messages_dead ON messages (seq) WHERE state = 'dead';

CREATE TABLE attempts (
  message TEXT NOT NULL, n INTEGER NOT NULL, at TEXT NOT NULL, error TEXT, PRIMARY KEY (message, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE told (
  recipient TEXT NOT NULL, inspection TEXT NOT NULL, at TEXT NOT NULL, message TEXT NOT NULL, json TEXT NOT NULL,
  PRIMARY KEY (recipient, inspection)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_inspection ON told (inspection);

CREATE TABLE paused (recipient TEXT PRIMARY KEY, until TEXT NOT NULL, reason TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE incidents (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
  opened_at TEXT NOT NULL, told_at TEXT, closed_at TEXT
) STRICT;
CREATE UNIQUE INDEX incidents_open ON incidents (code, subject) WHERE closed_at IS NULL;

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

# As sqlite-utils writes it, which cannot be told of prefixes: without an index of their own length they are answered by
# gathering every place of every word that begins so, a twentieth of a second for each word in a million texts.
_INDEX = """
CREATE VIRTUAL TABLE "texts_fts" USING fts5 (
  title, body, words, facets,
  tokenize='porter unicode61 remove_diacritics 2', prefix='3 4 5 6 7 8 9 10', content="texts"
);
CREATE TRIGGER texts_ai AFTER INSERT ON texts BEGIN
  INSERT INTO "texts_fts" (rowid, title, body, words, facets)
  VALUES (new.id, new.title, new.body, new.words, new.facets);
END;
CREATE TRIGGER texts_ad AFTER DELETE ON texts BEGIN
  INSERT INTO "texts_fts" (texts_fts, rowid, title, body, words, facets)
  VALUES ('delete', old.id, old.title, old.body, old.words, old.facets);
END;
CREATE TRIGGER texts_au AFTER UPDATE ON texts BEGIN
  INSERT INTO "texts_fts" (texts_fts, rowid, title, body, words, facets)
  VALUES ('delete', old.id, old.title, old.body, old.words, old.facets);
  INSERT INTO "texts_fts" (rowid, title, body, words, facets)
  VALUES (new.id, new.title, new.body, new.words, new.facets);
END;
INSERT INTO "texts_fts" (texts_fts) VALUES ('rebuild');
"""


def begin(db: Database) -> None:
    db.executescript(_BEGIN)


def prefixes(db: Database) -> None:
    """The index of full-text search is dropped, and so made anew as it is now: with the prefixes of words."""
    db.table("texts").disable_fts()


def pending(db: Database) -> None:
    """The oldest message that waits is found at once, however many wait."""
    db.execute("CREATE INDEX messages_pending ON messages (seq, next_at, recipient, key) WHERE state = 'pending'")


MIGRATIONS: tuple[Migration, ...] = (begin, prefixes, pending)  # named by their functions; appended to, never changed


def prepare(path: Path, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Begin the archive, or bring it up to date. The caller holds the lock between processes.

    An older archive is first copied to `archive.db.before-N`, and the copy is checked; all its migrations are one
    transaction. Raises ArchiveError, with nothing changed, for a damaged, foreign or newer archive.
    """
    if not path.exists():
        _begun(path, migrations)
        return
    version = version_of(path, len(migrations))
    if version < len(migrations):
        copy_verified(path, path.with_name(f"{path.name}.before-{version + 1}"))
        connection = connect(path)
        try:
            _apply(connection, migrations)
            connection.execute("PRAGMA journal_mode = WAL")  # the copy made before an upgrade, put back, has another
        finally:
            connection.close()


def version_of(path: Path, known: int = len(MIGRATIONS)) -> int:
    """How many migrations the archive has had. Raises ArchiveError for anything that this program cannot open."""
    with open(path, "rb") as file:
        head = file.read(16)
    if head != b"SQLite format 3\0":
        found = "an empty file" if not head else "a file that is not SQLite"
        raise ArchiveError(
            f"{path} is {found}: expected an archive. Nothing was changed. Put back a backup with `restore`, or move "
            "the file away to begin anew."
        )
    connection = connect(path, readonly=True)
    try:
        found_id = connection.execute("PRAGMA application_id").fetchone()[0]
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise  # a full disk, for instance
        raise ArchiveError(
            f"{path} is damaged ({error}). Nothing was changed. Put back a backup with `restore`."
        ) from error
    finally:
        connection.close()
    if found_id != APPLICATION_ID:
        raise ArchiveError(f"{path} is a database of another program. Nothing was changed.")
    if version > known:
        raise ArchiveError(
            f"{path} is of version {version}; this program knows versions up to {known}. Nothing was changed. "
            "Upgrade the program."
        )
    return version


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """A connection with the settings that the guarantees rest on, in autocommit: transactions are begun by name."""
    mode = "ro" if readonly else "rw"
    wal = path.with_name(f"{path.name}-wal")
    if readonly and not os.access(path.parent, os.W_OK) and not (wal.exists() and wal.stat().st_size):
        mode = "ro&immutable=1"  # no WAL can be opened in a folder that we may not write, and none is needed
    quoted = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    connection = sqlite3.connect(
        f"file:{quoted}?mode={mode}", uri=True, timeout=5, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    settings = ["busy_timeout = 5000", "cell_size_check = ON", "mmap_size = 0"]
    if readonly:
        settings += ["query_only = ON", "trusted_schema = OFF"]
    else:
        # The schema is trusted for writing: before 3.41 SQLite refuses full-text search in a trigger otherwise. Rows
        # that are replaced reach the triggers of full-text search only where these are recursive.
        settings += [
            "synchronous = FULL",
            "foreign_keys = ON",
            "recursive_triggers = ON",
            f"journal_size_limit = {log.LIMIT}",
        ]
    for setting in settings:
        connection.execute(f"PRAGMA {setting}")
    return connection


def copy_verified(path: Path, target: Path) -> None:
    """A copy of the whole database at one instant, checked, under its final name only when it is on the disk."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    source, copy = connect(path, readonly=True), sqlite3.connect(part)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    finally:
        source.close()
        copy.close()
    if found != "ok":
        part.unlink()
        raise ArchiveError(f"{path} is damaged ({found}), so it was not copied or changed. Put back a backup.")
    with open(part, "rb") as file:
        os.fsync(file.fileno())
    part.rename(target)
    sync_folder(target.parent)


def _begun(path: Path, migrations: tuple[Migration, ...]) -> None:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    connection = connect(part)
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        _apply(connection, migrations)
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
    with open(part, "rb") as file:
        os.fsync(file.fileno())
    part.rename(path)
    sync_folder(path.parent)


def _apply(connection: sqlite3.Connection, migrations: tuple[Migration, ...]) -> None:
    from sqlite_utils import Database, Migrations

    named: Any = Migrations("archive")
    for migration in migrations:
        named()(migration)
    db = Database(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        named.apply(db)
        # A migration that transforms the table loses the triggers of full-text search; with them in place this
        # changes nothing. The index is kept as `rebuild` leaves it.
        table: Any = db["texts"]
        lost = {"texts_ai", "texts_ad", "texts_au"} - {trigger.name for trigger in table.triggers}
        if lost:
            if table.detect_fts():
                table.disable_fts()
            db.executescript(_INDEX)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
