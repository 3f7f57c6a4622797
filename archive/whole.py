"""Everything that the archive holds, a row at a time: for exports whose memory does not grow with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from archive.queries import Queries
from archive.resolution import CLAIMS, claim
from archive.store import moment, translated
from inspections.model import Claim, Inspection, from_json


class Stored(Struct, frozen=True, kw_only=True):
    """A publication as it is stored, without its findings; withdrawn ones too."""

    source: str
    ref: str
    url: str
    page_url: str | None
    title: str
    published_on: str | None
    published_at: datetime | None
    published_origin: str | None
    official: bool
    type: str | None
    document_sha256: str | None
    first_seen_at: datetime
    changed_at: datetime
    revision: int
    withdrawn_at: datetime | None
    text: str  # of Ofsted's own; "" of others


class Whole(Queries):
    """Read these within `reading()`, so that all of them are of one and the same moment."""

    def every_inspection(self, *, newest_first: bool = True) -> Iterator[Inspection]:
        """By day of publication, else of inspection."""
        way = "DESC" if newest_first else "ASC"
        sql = f"SELECT json FROM inspections WHERE withdrawn_at IS NULL ORDER BY on_day {way}, id {way}"
        return (from_json(row["json"], Inspection) for row in self._stream(sql))

    def every_publication(self) -> Iterator[Stored]:
        """By day of publication, the oldest first."""
        for row in self._stream(_PUBLICATIONS):
            at = {name: moment(row[name]) for name in ("published_at", "withdrawn_at")}
            yield Stored(
                source=row["source"], ref=row["ref"], url=row["url"], page_url=row["page_url"], title=row["title"],
                published_on=row["published_on"], published_origin=row["published_origin"],
                official=bool(row["official"]), type=row["type"], document_sha256=row["document_sha256"],
                first_seen_at=datetime.fromisoformat(row["first_seen_at"]), revision=row["revision"],
                changed_at=datetime.fromisoformat(row["changed_at"]), text=row["body"] or "", **at,
            )  # fmt: skip

    def told_of(self, inspection: Inspection) -> list[Claim]:
        """What its publications say of it, in the order in which we came to know it."""
        where = "WHERE f.inspection = ? AND p.withdrawn_at IS NULL ORDER BY f.seq"
        return [claim(row) for row in self._rows(f"{CLAIMS} {where}", [inspection.id])]

    def counted(self) -> tuple[int, int]:
        """How many publications and inspections the two walks give."""
        row = self._row(
            "SELECT (SELECT count(*) FROM publications) AS publications, "
            "(SELECT count(*) FROM inspections WHERE withdrawn_at IS NULL) AS inspections"
        )
        return (row["publications"], row["inspections"]) if row else (0, 0)

    def areas(self) -> list[str]:
        """Every area that some inspection has a grade for, now or before, in alphabetical order."""
        rows = self._rows(
            "SELECT area FROM judgements WHERE area != 'outcome' UNION "
            "SELECT before.key FROM inspections i, json_each(i.json, '$.previous') before "
            "WHERE i.withdrawn_at IS NULL ORDER BY 1"
        )
        return [row["area"] for row in rows]

    def newest_moment(self) -> datetime | None:
        """When anything that an export holds last changed: a publication, an inspection, the reading of a source."""
        both = "(SELECT max(max(changed_at), max(coalesce(withdrawn_at, ''))) FROM {})"
        changed = ", ".join(f"coalesce({both.format(table)}, '')" for table in ("publications", "inspections"))
        row = self._row(f"SELECT max({changed}, coalesce((SELECT max(last_ok) FROM sources), '')) AS newest")
        return moment(row["newest"]) if row and row["newest"] else None

    def _stream(self, sql: str) -> Iterator[sqlite3.Row]:
        with self._reader() as connection, translated(self.path):
            yield from connection.execute(sql)


_PUBLICATIONS = """
SELECT p.*, iif(p.official, (SELECT body FROM texts WHERE id = p.place), '') AS body
FROM publications p ORDER BY p.place
"""
