"""What the archive answers: inspections by filter, one inspection with all that was said, a history, the state."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from archive.model import Filters, Kept, QueryError, SourceState, Status
from archive.resolution import CLAIMS, Resolving, claim
from archive.sources import Sources
from archive.store import moment
from inspections.model import Certainty, Claim, Inspection, Kind, from_json
from inspections.resolve import OF_AUTHORITIES

_NO_FILTERS = Filters()


class Queries(Resolving, Sources):
    """Questions. None of them writes."""

    def inspections(
        self, filters: Filters = _NO_FILTERS, *, limit: int = 100, before: Inspection | None = None
    ) -> list[Inspection]:
        """The newest first, by day of publication, else of inspection. before: go on after this one."""
        sql, values = inspections_query(filters)
        if before is not None:
            sql += " AND (i.on_day, i.id) < (SELECT on_day, id FROM inspections WHERE id = :before)"
        rows = self._rows(
            f"{sql} ORDER BY i.on_day DESC, i.id DESC LIMIT :limit",
            {**values, "limit": limit, "before": before.id if before else None},
        )
        return [from_json(row["json"], Inspection) for row in rows]

    def inspection(self, any_id: str) -> Inspection | None:
        """The inspection that answers with this id: its own, one merged into it, or that of any of its claims."""
        row = (
            self._row("SELECT json FROM inspections WHERE id = ?", [any_id])
            or self._row(
                "SELECT i.json FROM aliases a JOIN inspections i ON i.id = a.survivor WHERE a.id = ?", [any_id]
            )
            or self._row(
                "SELECT i.json FROM findings f JOIN inspections i ON i.id = f.inspection WHERE f.id = ?", [any_id]
            )
        )
        return from_json(row["json"], Inspection) if row else None

    def claims_of(self, any_id: str) -> list[Claim]:
        """What each publication says of this inspection, in the order in which we came to know it."""
        inspection = self.inspection(any_id)
        where = "WHERE f.inspection = ? AND p.withdrawn_at IS NULL ORDER BY f.seq"
        return [claim(row) for row in self._rows(f"{CLAIMS} {where}", [inspection.id])] if inspection else []

    def publications_of(self, any_id: str) -> list[Kept]:
        """The publications that tell of this inspection, official ones first, then the oldest first."""
        inspection = self.inspection(any_id)
        rows = self._rows(
            "SELECT * FROM publications WHERE id IN (SELECT publication FROM findings WHERE inspection = ?) "
            "ORDER BY official DESC, place",
            [inspection.id if inspection else None],
        )
        return self._all_kept(rows)

    def publication(self, source: str, ref: str, *, text: bool = True) -> Kept | None:
        row = self._row("SELECT * FROM publications WHERE source = ? AND ref = ?", [source, ref])
        return self._kept(row, text=text) if row else None

    def publications(
        self, *, source: str | None = None, official: bool | None = None, limit: int = 100, before: Kept | None = None
    ) -> list[Kept]:
        """The newest first, by day of publication. before: go on after this one."""
        chosen = {"source": source, "official": official}
        conditions = [f"{name} = :{name}" for name, value in chosen.items() if value is not None]
        if before is not None:
            conditions.append("place < (SELECT place FROM publications WHERE id = :before)")
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = self._rows(
            f"SELECT * FROM publications {where} ORDER BY place DESC LIMIT :limit",
            {**chosen, "before": before.id if before else None, "limit": limit},
        )
        return self._all_kept(rows)

    def history(self, authority: str) -> list[Inspection]:
        """All inspections of the authority itself, a trust's in its place too, not of its providers; oldest first."""
        kinds = msgspec.json.encode(sorted(OF_AUTHORITIES)).decode("utf-8")
        rows = self._rows(
            "SELECT json FROM inspections WHERE authority = ? AND withdrawn_at IS NULL "
            "AND (provider IS NULL OR kind IN (SELECT value FROM json_each(?))) ORDER BY on_day, id",
            [authority, kinds],
        )
        return [from_json(row["json"], Inspection) for row in rows]

    def newest(self, kinds: Iterable[Kind], *, authorities: Sequence[str] = (), each: int = 1) -> list[Inspection]:
        """Of each authority or provider the newest `each` published inspections of each of these kinds; newest first.

        authorities: only theirs, and those of providers in their area.
        """
        values: dict[str, Any] = {"each": each}
        conditions = _one_of("kind", "kinds", sorted(kinds), values)
        conditions += _one_of("+authority", "authorities", authorities, values)  # by the index of kinds: fewer rows
        rows = self._rows(
            "SELECT json FROM (SELECT json, on_day, id, row_number() OVER "
            "(PARTITION BY grp, kind ORDER BY on_day DESC, id DESC) AS n FROM inspections WHERE withdrawn_at IS NULL "
            f"AND certainty = 'published' AND {' AND '.join(conditions)}) WHERE n <= :each "
            "ORDER BY on_day DESC, id DESC",
            values,
        )
        return [from_json(row["json"], Inspection) for row in rows]

    def is_official_capture(self, sha256: str) -> bool | None:
        """Whether these bytes are a document of Ofsted's own; None: no such capture."""
        row = self._row("SELECT official FROM captures WHERE sha256 = ?", [sha256])
        return bool(row["official"]) if row else None

    def status(self) -> Status:
        """The state of everything, at one instant."""
        with self.reading():
            one = self._row(_STATUS)
            assert one is not None
            paused = self._rows("SELECT recipient, reason FROM paused ORDER BY recipient")
            states: list[SourceState] = self.source_states()
            return Status(
                publications=one["publications"], inspections=one["inspections"],
                newest_publication=moment(one["newest"]), waiting=one["open"] + one["pending"],
                oldest_waiting=moment(one["oldest"]), dead=one["dead"], held=one["held"], undecided=one["undecided"],
                paused={row["recipient"]: row["reason"] for row in paused}, sources=tuple(states),
                incidents=tuple(self.incidents()),
            )  # fmt: skip

    @contextmanager
    def within_a_second(self, seconds: float = 1.0) -> Iterator[None]:
        """End the questions of this thread that take longer, with a QueryError; and say what SQLite could not read."""
        latest = time.monotonic() + seconds
        with self._reader() as connection:
            # Seldom enough that beside other threads a search does not spend its second waiting for the interpreter.
            connection.set_progress_handler(lambda: time.monotonic() > latest, 100_000)
            try:
                yield
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                    raise QueryError(f"the question took longer than {seconds:g} s and was ended: narrow it") from error
                raise QueryError(f"the question could not be read: {error}") from error
            finally:
                connection.set_progress_handler(None, 0)

    def _all_kept(self, rows: Sequence[sqlite3.Row]) -> list[Kept]:
        found = self._findings(row["id"] for row in rows)
        return [self._kept(row, found[row["id"]]) for row in rows]

    def _kept(self, row: sqlite3.Row, findings: Iterable[sqlite3.Row] | None = None, *, text: bool = False) -> Kept:
        return Kept(
            id=row["id"], publication=self._publication(row, findings, text=text), revision=row["revision"],
            first_seen_at=datetime.fromisoformat(row["first_seen_at"]),
            changed_at=datetime.fromisoformat(row["changed_at"]),
        )  # fmt: skip


def inspections_query(filters: Filters) -> tuple[str, dict[str, Any]]:
    """SELECT of the inspections that pass the filters, and its values; without order or limit."""
    columns = {"authorities": "i.authority", "urns": "i.urn", "kinds": "i.kind", "states": "i.state"}
    judged = {"grades": "j.grade", "directions": "j.direction", "areas": "j.area"}
    values: dict[str, Any] = {}
    conditions = ["i.withdrawn_at IS NULL"]
    for name, column in columns.items():
        conditions += _one_of(column, name, getattr(filters, name), values)
    inner: list[str] = []
    for name, column in judged.items():
        inner += _one_of(column, name, getattr(filters, name), values)
    if inner:
        conditions.append(f"i.id IN (SELECT j.inspection FROM judgements j WHERE {' AND '.join(inner)})")
    if filters.sources:
        told = _one_of("p.source", "sources", filters.sources, values)[0]
        conditions.append(
            "EXISTS (SELECT 1 FROM findings f JOIN publications p ON p.id = f.publication "
            f"WHERE f.inspection = i.id AND {told})"
        )
    if filters.since:
        conditions.append("i.on_day >= :since")
    if filters.until:
        conditions.append("i.on_day <= :until")
    if filters.official is not None:
        conditions.append(f"i.certainty {'=' if filters.official else '!='} '{Certainty.PUBLISHED.value}'")
    values |= {name: day.isoformat() for name in ("since", "until") if (day := getattr(filters, name))}
    return f"SELECT i.json FROM inspections i WHERE {' AND '.join(conditions)}", values


def _one_of(column: str, name: str, wanted: Sequence[str], values: dict[str, Any]) -> list[str]:
    if not wanted:
        return []
    if len(wanted) == 1:
        values[name] = str(wanted[0])
        return [f"{column} = :{name}"]
    values[name] = msgspec.json.encode([str(one) for one in wanted]).decode("utf-8")
    return [f"{column} IN (SELECT value FROM json_each(:{name}))"]


_STATUS = """
SELECT (SELECT count(*) FROM publications) AS publications,
  (SELECT count(*) FROM inspections WHERE withdrawn_at IS NULL) AS inspections,
  (SELECT first_seen_at FROM publications ORDER BY id DESC LIMIT 1) AS newest,
  (SELECT count(*) FROM outbox WHERE state = 'open') AS open,
  (SELECT count(*) FROM messages WHERE state = 'pending') AS pending,
  (SELECT min(created_at) FROM messages WHERE state = 'pending') AS oldest,
  (SELECT count(*) FROM messages WHERE state = 'dead') AS dead,
  (SELECT count(*) FROM events WHERE held IS NOT NULL AND settled IS NULL) AS held,
  (SELECT count(*) FROM findings WHERE certainty = 'undecided' AND decided IS NULL) AS undecided
"""
