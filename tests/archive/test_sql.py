from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import datetime

import pytest

from archive import Archive, QueryError
from inspections.model import Publication

SLOW = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
REFUSED = [
    "DELETE FROM publications", "'; DROP TABLE publications; --", "SELECT 1; DROP TABLE publications",
    "INSERT INTO meta VALUES ('a', 'b')", "UPDATE told SET json = ''", "ATTACH '/nowhere/other.db' AS other",
    "SELECT load_extension('x')", "PRAGMA writable_schema = ON", "PRAGMA journal_mode = DELETE", "VACUUM INTO '/nowhere/x'",
    "CREATE TEMP TABLE t (x)", "CREATE VIEW v AS SELECT 1", "BEGIN IMMEDIATE", "REINDEX", "SELECT zeroblob(900000000)",
    "SELECT * FROM pragma_database_list", "SELECT randomblob(900000000)",
    "INSERT INTO texts_fts (texts_fts) VALUES ('rebuild')", "SELECT", "SELEC 1", "", "-- nothing", "SELECT ?", "SELECT :a",
    "SELECT * FROM texts_fts WHERE texts_fts MATCH '\"'", "SELECT '\ud800'", "SELECT 1\0", "SELECT 'x" + "y" * 2_000,
    SLOW, "SELECT count(*) FROM texts a, texts b, " + SLOW[len("WITH RECURSIVE ") :], "EXPLAIN DELETE FROM told; SELECT 1",
]  # fmt: skip


@pytest.mark.fault("K12")
@pytest.mark.parametrize("query", REFUSED)
def test_a_hostile_query_is_refused_in_time_and_changes_nothing(
    archive: Archive, report: Callable[..., Publication], now: datetime, query: str
) -> None:
    archive.record(report(), now=now, baseline=False)
    before = hashlib.sha256(archive.path.read_bytes()).hexdigest()
    begun = time.monotonic()
    with pytest.raises(QueryError):
        archive.sql(query, seconds=0.2)
    assert time.monotonic() - begun < 5, "bounded: it would run for ever"
    assert hashlib.sha256(archive.path.read_bytes()).hexdigest() == before


def test_a_question_is_answered_with_its_columns_and_says_when_there_is_more(
    archive: Archive, report: Callable[..., Publication], now: datetime
) -> None:
    for n in range(5):
        archive.record(report(ref=str(n), authority=f"Council {n}"), now=now, baseline=False)
    some = archive.sql("SELECT authority, upper(kind) AS kind FROM inspections ORDER BY authority", limit=2)
    assert (some.columns, some.rows) == (("authority", "kind"), (("Council 0", "ILACS"), ("Council 1", "ILACS")))
    assert not some.complete
    assert archive.sql("SELECT count(*) FROM texts_fts WHERE texts_fts MATCH 'adviser'").rows == ((5,),)
    assert archive.sql("SELECT json_extract(json, '$.kind') FROM inspections").complete
