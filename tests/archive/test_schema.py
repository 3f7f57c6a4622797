from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, ArchiveError, schema
from inspections.model import Publication

Make = Callable[..., Publication]


def transforming(db: Any) -> None:
    """A later migration of the kind that loses the triggers of full-text search."""
    db["texts"].transform(rename={}, defaults={"words": ""})
    db["publications"].add_column("later", str)


NOW = len(schema.MIGRATIONS)
NEXT = (*schema.MIGRATIONS, transforming)


@pytest.fixture
def first(archive: Archive, report: Make, now: datetime) -> Archive:
    """An archive as the first migration left it, closed: its index of full-text search knows no prefixes."""
    from sqlite_utils import Database

    archive.record(report(), now=now, baseline=True)
    archive.close()
    connection = schema.connect(archive.path)
    texts: Any = Database(connection)["texts"]
    texts.disable_fts()
    texts.enable_fts(
        ["title", "body", "words", "facets"], tokenize="porter unicode61 remove_diacritics 2", create_triggers=True
    )
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'prefixes'")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    return archive


def index_of(path: Path) -> str:
    connection = schema.connect(path, readonly=True)
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'texts_fts'").fetchone()
    connection.close()
    return str(sql)


def test_an_archive_from_before_the_index_of_prefixes_gets_it_after_a_copy(
    first: Archive, article: Make, now: datetime
) -> None:
    assert "prefix" not in index_of(first.path)
    with Archive.open(first.folder) as archive:
        archive.record(article(ref="https://news.example/later", text="Advisers later."), now=now, baseline=True)
        assert len(archive.search("advis*")) == 2
        assert archive.integrity() == []
        assert archive.sql("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").rows == ((3,),)
    assert "prefix='3 4 5 6 7 8 9 10'" in index_of(first.path)
    assert schema.version_of(first.path.with_name("archive.db.before-2")) == 1


def test_the_copy_made_before_an_upgrade_can_be_put_back_and_has_its_log_again(first: Archive) -> None:
    with Archive.open(first.folder):
        pass
    first.path.with_name("archive.db.before-2").replace(first.path)
    assert first.path.read_bytes()[18] == 1  # of the header of the file: no write-ahead log
    with Archive.open(first.folder) as archive:
        assert archive.sql("SELECT count(*) FROM publications").rows == ((1,),)
    assert first.path.read_bytes()[18] == 2


def test_an_archive_from_before_the_index_of_prefixes_is_read_as_it_is(first: Archive) -> None:
    with Archive.open(first.folder, readonly=True) as archive:
        assert len(archive.search("advis*")) == 1
    assert schema.version_of(first.path) == 1


@pytest.mark.fault("S12")
def test_the_index_of_full_text_search_survives_a_migration_that_transforms_its_table(
    archive: Archive, report: Make, now: datetime
) -> None:
    archive.record(report(), now=now, baseline=True)
    archive.close()
    schema.prepare(archive.path, NEXT)
    connection = schema.connect(archive.path)
    connection.execute("INSERT INTO texts VALUES (1, 'Late', 'a word: quicksilver', '', '')")
    found = connection.execute("SELECT rowid FROM texts_fts WHERE texts_fts MATCH 'quicksilver OR advisers'").fetchall()
    connection.execute("INSERT INTO texts_fts (texts_fts, rank) VALUES ('integrity-check', 1)")
    connection.close()
    assert len(found) == 2
    copy = archive.path.with_name(f"archive.db.before-{NOW + 1}")
    assert schema.version_of(copy) == NOW
    assert schema.version_of(archive.path, len(NEXT)) == NOW + 1


@pytest.mark.fault("S13")
def test_an_archive_of_a_newer_program_is_refused_unchanged(archive: Archive) -> None:
    archive.close()
    schema.prepare(archive.path, NEXT)
    before = archive.path.read_bytes()
    for readonly in (True, False):
        with pytest.raises(
            ArchiveError, match=rf"is of version {NOW + 1}; this program knows versions up to {NOW}\. Nothing"
        ):
            Archive.open(archive.folder, readonly=readonly)
    assert archive.path.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "archive.db") as other:
        other.execute("CREATE TABLE t (x)")
    with pytest.raises(ArchiveError, match="another program"):
        Archive.open(tmp_path)


@pytest.mark.fault("S12")
def test_a_migration_killed_at_any_statement_leaves_the_old_archive_or_the_new_one(
    tmp_path: Path, report: Make, now: datetime
) -> None:
    with Archive.open(tmp_path / "old") as archive:
        archive.record(report(), now=now, baseline=True)
    found = set()
    for n in range(1, 400, 7):
        folder = tmp_path / str(n)
        shutil.copytree(tmp_path / "old", folder)
        found.add(version := killed_at(n, folder))
        with sqlite3.connect(folder / "archive.db") as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert db.execute("SELECT count(*) FROM texts_fts WHERE texts_fts MATCH 'advisers'").fetchone() == (1,)
        if version == NOW + 1:
            break
    assert found == {NOW, NOW + 1}


def test_an_archive_whose_beginning_was_killed_is_begun_anew(tmp_path: Path) -> None:
    begun = 0
    for n in range(1, 400, 9):
        folder = tmp_path / str(n)
        folder.mkdir()
        begun = killed_at(n, folder)
        if begun:
            break
        with Archive.open(folder) as archive:
            assert archive.integrity() == []
        assert not list(folder.glob("*.part"))
    assert n > 20
    assert begun == NOW + 1


def killed_at(n: int, folder: Path) -> int:
    """Migrate in a child that is killed before its n-th statement; the version that the archive then has, 0: none."""
    child = os.fork()
    if not child:
        connect, seen = schema.connect, 0

        def counted(statement: str) -> None:
            nonlocal seen
            seen += 1
            if seen == n:
                os.kill(os.getpid(), signal.SIGKILL)

        def traced(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
            connection = connect(path, readonly=readonly)
            connection.set_trace_callback(counted)
            return connection

        schema.connect = traced
        try:
            schema.prepare(folder / "archive.db", NEXT)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    if not (folder / "archive.db").exists():
        return 0
    return schema.version_of(folder / "archive.db", len(NEXT))


def test_every_table_is_strict(archive: Archive) -> None:
    rows = archive.sql("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'texts_fts%'").rows
    loose = [name for name, sql in rows if "STRICT" not in sql and not name.startswith(("sqlite_", "_sqlite"))]
    assert len(rows) > 15
    assert loose == []
