"""From all claims of a group to its inspections, and from what they were to what they are: the events."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from archive.model import KeptEvent
from archive.outbox import move_pairs
from archive.store import Store, london_date, moment, stamp
from inspections import clock, compare
from inspections.days import Day
from inspections.facts import judged_otherwise
from inspections.model import Claim, Event, Finding, Inspection, Kind, Overrule, Publication, from_json, to_json
from inspections.resolve import resolve

CLAIMS = """
SELECT f.id, f.seq, f.first_seen_at, f.inspection, f.json, p.source, p.ref, p.title, p.url, p.page_url, p.official,
  p.published_on, p.document_sha256, p.id AS publication, p.revision
FROM findings f JOIN publications p ON p.id = f.publication
"""


class Resolving(Store):
    """What follows from the findings, stored; and the events that came of it."""

    def resolved(
        self, groups: Iterable[str], *, now: datetime, baseline: bool, hold: Callable[[Event], str | None]
    ) -> list[Event]:
        """Resolve these groups anew, store what is different, and return the events that are to be told now."""
        with self.writing():
            rules = [from_json(row["json"], Overrule) for row in self._rows("SELECT json FROM overrules ORDER BY id")]
            before: list[Inspection] = []
            after: list[tuple[str, Inspection]] = []
            on = london_date(now)
            for group in sorted(groups):
                rows = self._rows(f"{CLAIMS} WHERE f.grp = ? AND p.withdrawn_at IS NULL ORDER BY f.seq", [group])
                claims = [claim(row, corrected=self._is_corrected(row)) for row in rows]
                known = resolve(claims, rules, on, authorities=self.authorities, usual=self.usual_time)
                after += [(group, inspection) for inspection in known]
                before += self._inspections_of(group)
            after = self._with_merged(before, after)
            self._store(before, after, now)
            found = compare.events(before, [inspection for _, inspection in after])
            return [
                event
                for event in found
                if self._noted(event, now, baseline and not self._somebody_was_told(event), hold(event))
            ]

    def reconsider(self, now: datetime) -> list[Event]:
        """What the passing of time alone has changed: reports that are due, or overdue. Once a day is enough."""
        open_groups = self._rows(
            "SELECT DISTINCT grp FROM inspections WHERE state IN ('under_way', 'due', 'announced') "
            "AND withdrawn_at IS NULL"
        )
        found: list[Event] = []
        for row in open_groups:
            found += self.resolved([row["grp"]], now=now, baseline=False, hold=lambda event: None)
        return found

    def events(self, *, inspection: str | None = None, limit: int = 100) -> list[KeptEvent]:
        """What came to be known, the newest first."""
        where = "WHERE inspection = ?" if inspection else "WHERE NOT baseline"
        values = [inspection, limit] if inspection else [limit]
        return [event(row) for row in self._rows(f"SELECT * FROM events {where} ORDER BY seq DESC LIMIT ?", values)]

    def usual_time(self, kind: Kind) -> timedelta:
        """From the last day of an inspection of this kind to its report, by the newest that the archive knows."""
        rows = self._rows(
            "SELECT json ->> 'inspected_to' AS ended, json ->> 'published_on' AS out FROM inspections "
            "WHERE kind = ? AND certainty = 'published' AND withdrawn_at IS NULL ORDER BY on_day DESC LIMIT 200",
            [kind],
        )
        days = [(Day(row["ended"]).date, Day(row["out"]).date) for row in rows if row["ended"] and row["out"]]
        return clock.usual_from(kind, [(out - ended).days for ended, out in days if ended and out and out > ended])

    def _is_corrected(self, row: sqlite3.Row) -> bool:
        """Whether an official document was replaced under its own id by one that judges otherwise."""
        if not row["official"] or row["revision"] < 2:
            return False
        now = from_json(row["json"], Finding)
        revisions = self._rows("SELECT json FROM revisions WHERE publication = ?", [row["publication"]])
        return any(
            earlier.document_sha256 not in (None, row["document_sha256"]) and judged_otherwise(finding, now)
            for earlier in (from_json(one["json"], Publication) for one in revisions)
            for finding in earlier.findings
        )

    def _somebody_was_told(self, event: Event) -> bool:
        earlier = event.earlier
        return earlier is not None and bool(
            self._row("SELECT 1 FROM told WHERE inspection IN (?, ?)", [earlier.id, event.inspection.id])
        )

    def _inspections_of(self, group: str) -> list[Inspection]:
        rows = self._rows("SELECT json FROM inspections WHERE grp = ? AND withdrawn_at IS NULL ORDER BY id", [group])
        return [from_json(row["json"], Inspection) for row in rows]

    def _with_merged(
        self, before: Sequence[Inspection], after: Sequence[tuple[str, Inspection]]
    ) -> list[tuple[str, Inspection]]:
        """The same, each knowing the ids that answer with it from now on."""
        standing = {inspection.id for _, inspection in after}
        known: dict[str, set[str]] = {}
        for row in self._rows(
            "SELECT id, survivor FROM aliases WHERE survivor IN (SELECT value FROM json_each(?))",
            [msgspec.json.encode(sorted(standing)).decode("utf-8")],
        ):
            known.setdefault(row["survivor"], set()).add(row["id"])
        gone = [inspection for inspection in before if inspection.id not in standing]
        found = []
        for group, inspection in after:
            merged = known.get(inspection.id, set())
            for one in gone:
                if set(one.claims).intersection(inspection.claims):
                    merged = merged | {one.id, *one.merged}
            found.append((group, replace(inspection, merged=tuple(sorted(merged - standing)))))
        return found

    def _store(self, before: Sequence[Inspection], after: Sequence[tuple[str, Inspection]], now: datetime) -> None:
        was = {inspection.id: inspection for inspection in before}
        for group, inspection in after:
            for alias in inspection.merged:
                self._merge(alias, inspection.id)
            if was.get(inspection.id) != inspection:
                self._write("DELETE FROM aliases WHERE id = ?", [inspection.id])  # a split gave the id back
                self._store_inspection(group, inspection, now)
        for gone in was.keys() - {inspection.id for _, inspection in after}:
            merged = self._row("SELECT 1 FROM aliases WHERE id = ?", [gone])
            sql = (
                "DELETE FROM inspections WHERE id = ?"
                if merged
                else "UPDATE inspections SET withdrawn_at = ? WHERE id = ?"
            )
            self._write(sql, [gone] if merged else [stamp(now), gone])

    def _merge(self, gone: str, survivor: str) -> None:
        known = self._row("SELECT survivor FROM aliases WHERE id = ?", [gone])
        if known is None or known["survivor"] != survivor:
            self._write("UPDATE aliases SET survivor = ? WHERE survivor = ?", [survivor, gone])
            self._write(
                "INSERT INTO aliases (id, survivor) VALUES (?, ?) "
                "ON CONFLICT (id) DO UPDATE SET survivor = excluded.survivor",
                [gone, survivor],
            )
            self._write("UPDATE events SET inspection = ? WHERE inspection = ?", [survivor, gone])
            move_pairs(self._write, gone, survivor)

    def _store_inspection(self, group: str, inspection: Inspection, now: datetime) -> None:
        day = _day(inspection) or london_date(now).isoformat()
        self._write(
            "INSERT INTO inspections (id, grp, kind, authority, urn, provider, state, certainty, on_day, first_at, "
            "changed_at, json) VALUES (:id, :grp, :kind, :authority, :urn, :provider, :state, :certainty, :day, :now, "
            ":now, :json) ON CONFLICT (id) DO UPDATE SET grp = :grp, kind = :kind, authority = :authority, urn = :urn, "
            "provider = :provider, state = :state, certainty = :certainty, on_day = :day, changed_at = :now, "
            "json = :json, withdrawn_at = NULL",
            {
                "id": inspection.id, "grp": group, "kind": inspection.kind.value, "authority": inspection.authority,
                "urn": inspection.urn, "provider": inspection.provider, "state": inspection.state.value,
                "certainty": inspection.certainty.value, "day": day, "now": stamp(now),
                "json": to_json(inspection).decode("utf-8"),
            },
        )  # fmt: skip
        self._write("DELETE FROM judgements WHERE inspection = ?", [inspection.id])
        for change in compare.changes(inspection):
            self._write(
                "INSERT INTO judgements (inspection, area, grade, before, direction, on_day) VALUES (?, ?, ?, ?, ?, ?)",
                [inspection.id, change.area, change.after, change.before, change.direction, day],
            )
        self._write(
            "UPDATE findings SET inspection = NULL WHERE inspection = :id "
            "AND id NOT IN (SELECT value FROM json_each(:claims))",
            {"id": inspection.id, "claims": msgspec.json.encode(inspection.claims).decode("utf-8")},
        )
        for one in inspection.claims:
            self._write("UPDATE findings SET inspection = ? WHERE id = ?", [inspection.id, one])

    def _noted(self, event: Event, now: datetime, baseline: bool, held: str | None) -> bool:
        """Store the event; whether it is to be told now."""
        inspection = event.inspection.id
        self._write(
            "INSERT INTO events (id, type, inspection, at, why, baseline, held, json) VALUES (:inspection || '.' || "
            "(SELECT count(*) + 1 FROM events WHERE id >= :inspection || '.' AND id < :inspection || '/'), "
            ":type, :inspection, :at, :why, :baseline, :held, :json)",
            {
                "inspection": inspection, "type": event.type, "at": stamp(now), "why": event.why,
                "baseline": int(baseline), "held": None if baseline else held,
                "json": None if baseline else to_json(event).decode("utf-8"),
            },
        )  # fmt: skip
        return not baseline and not held

    def _findings(self, publications: Iterable[int]) -> dict[int, list[sqlite3.Row]]:
        """The rows of `findings` of each of these, in their order: one question for a whole page."""
        found: dict[int, list[sqlite3.Row]] = {each: [] for each in publications}
        for row in self._rows(
            "SELECT publication, inspection, json FROM findings "
            "WHERE publication IN (SELECT value FROM json_each(?)) ORDER BY publication, n",
            [msgspec.json.encode([*found]).decode("utf-8")],
        ):
            found[row["publication"]].append(row)
        return found

    def _publication(
        self, row: sqlite3.Row, findings: Iterable[sqlite3.Row] | None = None, *, text: bool = False
    ) -> Publication:
        """The record of a row of `publications`, with its findings; with its text only where that is asked for."""
        if findings is None:
            findings = self._findings([row["id"]])[row["id"]]
        body = self._row("SELECT body FROM texts WHERE id = ?", [row["place"]]) if text else None
        return Publication(
            source=row["source"], ref=row["ref"], url=row["url"], page_url=row["page_url"], title=row["title"],
            published_on=Day(row["published_on"]) if row["published_on"] else None,
            published_at=moment(row["published_at"]), published_origin=row["published_origin"],
            official=bool(row["official"]), document_sha256=row["document_sha256"], type=row["type"],
            text=body["body"] if body else "", findings=tuple(from_json(one["json"], Finding) for one in findings),
            notes=tuple(msgspec.json.decode(row["notes"])),
        )  # fmt: skip


def claim(row: Any, *, corrected: bool = False) -> Claim:
    """A row of `findings` joined with its publication."""
    return Claim(
        id=row["id"], seq=row["seq"], source=row["source"], ref=row["ref"], title=row["title"], url=row["url"],
        page_url=row["page_url"], official=bool(row["official"]),
        published_on=Day(row["published_on"]) if row["published_on"] else None,
        seen_on=london_date(datetime.fromisoformat(row["first_seen_at"])), corrected=corrected,
        finding=from_json(row["json"], Finding),
    )  # fmt: skip


def event(row: sqlite3.Row) -> KeptEvent:
    """A row of `events`."""
    return KeptEvent(
        id=row["id"], type=row["type"], inspection=row["inspection"], at=datetime.fromisoformat(row["at"]),
        why=row["why"], baseline=bool(row["baseline"]), held=None if row["settled"] else row["held"],
        event=from_json(row["json"], Event) if row["json"] else None,
    )  # fmt: skip


def _day(inspection: Inspection) -> str | None:
    """Where it stands in time: when it was published, else held."""
    stated: list[date | None] = [
        day.first for day in (inspection.published_on, inspection.inspected_to, inspection.inspected_from) if day
    ]
    return next((day.isoformat() for day in stated if day), None)
