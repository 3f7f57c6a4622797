"""What a person decides: whether a finding counts, what is one inspection, whether a held event is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from archive.model import KeptEvent
from archive.resolution import CLAIMS, Resolving, claim, event
from archive.store import stamp
from inspections.model import Claim, Event, Overrule, from_json, to_json


class Deciding(Resolving):
    """Overrules, and events that wait for a person. Each decision is kept, and holds for all that comes later."""

    def overrule(self, rule: Overrule, *, now: datetime, reason: str = "") -> list[Event]:
        """Remember a person's decision and return the events that follow from it.

        `claim` (and `other` of a merge) may be the id of an inspection, of one merged into it, or of a claim.
        Raises KeyError for an id that is unknown, ValueError for a merge across authorities or providers.
        """
        with self.writing():
            first = self._claim_row(rule.claim, apart_from=rule.other if rule.kind == "split" else "")
            rule = replace(rule, claim=first["id"])
            if rule.kind == "merge":
                second = self._claim_row(rule.other)
                if second["grp"] != first["grp"]:
                    raise ValueError(
                        f"{rule.claim} is of {first['grp']}, {rule.other} of {second['grp']}: inspections of "
                        "different authorities or providers are never one"
                    )
                rule = replace(rule, other=second["id"])
            if rule.kind == "split" and not self._row(
                f"{CLAIMS} WHERE f.grp = ? AND p.source || '/' || p.ref = ?", [first["grp"], rule.other]
            ):
                raise KeyError(f"{rule.other} says nothing of {first['grp']}: expected a publication as SOURCE/REF")
            if rule.kind in ("accept", "reject"):
                self._write("UPDATE findings SET decided = ? WHERE id = ?", [rule.kind, rule.claim])
            self._write(
                "INSERT INTO overrules (at, reason, json) VALUES (?, ?, ?)",
                [stamp(now), reason, to_json(rule).decode("utf-8")],
            )
            return self.resolved([first["grp"]], now=now, baseline=False, hold=lambda event: None)

    def undecided(self, *, limit: int = 100) -> list[Claim]:
        """Findings that wait for a person's `accept` or `reject`, the oldest first."""
        where = "WHERE f.certainty = 'undecided' AND f.decided IS NULL AND p.withdrawn_at IS NULL"
        return [claim(row) for row in self._rows(f"{CLAIMS} {where} ORDER BY f.seq LIMIT ?", [limit])]

    def held_events(self, *, limit: int = 1000) -> list[KeptEvent]:
        """Events that wait for `release` or `dismiss`, the oldest first."""
        where = "WHERE held IS NOT NULL AND settled IS NULL"
        return [event(row) for row in self._rows(f"SELECT * FROM events {where} ORDER BY seq LIMIT ?", [limit])]

    def release(self, ids: Sequence[str] | None, *, now: datetime) -> list[Event]:
        """Let held events go, all of them where `ids` is None, and return them: queue them in the same transaction."""
        return self._settle("released", ids, now)

    def dismiss(self, ids: Sequence[str] | None, *, now: datetime) -> list[Event]:
        """Tell nobody of these held events, ever; they stay in the archive. Returns them."""
        return self._settle("dismissed", ids, now)

    def _settle(self, verdict: str, ids: Sequence[str] | None, now: datetime) -> list[Event]:
        chosen = "" if ids is None else "AND id IN (SELECT value FROM json_each(:ids))"
        rows = self._write(
            "UPDATE events SET settled = :settled WHERE held IS NOT NULL AND settled IS NULL "
            f"{chosen} RETURNING seq, json",
            {"settled": f"{verdict} {stamp(now)}", "ids": msgspec.json.encode(ids or []).decode("utf-8")},
        )
        return [from_json(row["json"], Event) for row in sorted(rows, key=lambda row: int(row["seq"])) if row["json"]]

    def _claim_row(self, any_id: str, *, apart_from: str = "") -> sqlite3.Row:
        """The oldest claim of an inspection, official first; of a publication other than `apart_from` if there is one.

        A decision is remembered by it: the inspection stays itself when the page that opened it is split off.
        """
        row = self._row(
            "SELECT f.id, f.grp FROM findings f JOIN publications p ON p.id = f.publication WHERE f.inspection = "
            "coalesce((SELECT survivor FROM aliases WHERE id = :id), "
            "(SELECT id FROM inspections WHERE id = :id AND withdrawn_at IS NULL)) "
            "ORDER BY p.source || '/' || p.ref = :apart, NOT p.official, f.seq",
            {"id": any_id, "apart": apart_from},
        ) or self._row("SELECT id, grp FROM findings WHERE id = ?", [any_id])
        if row is None:
            raise KeyError(f"no inspection or finding has the id {any_id}: `inspections` and `review` list them")
        return row
