"""What is watched, when each source is due, what its last readings gave; requests counted, incidents kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from archive.model import Incident, ListedProvider, Poll, SourceDays, SourceState, Validators, Watched
from archive.store import Store, moment, stamp

READ, UNCHANGED = "ok", "unchanged"
SUCCESSES = frozenset({READ, UNCHANGED})  # outcomes of a poll that could see the source; any other is a failure


class Sources(Store):
    """The state of polling."""

    def watch(self, sources: Iterable[Watched], now: datetime, *, spread: timedelta = timedelta(0)) -> None:
        """From now on exactly these are watched. New ones become due within `spread`, evenly; the state of the others
        stays. One whose URL has changed loses its validators: they belong to the old page."""
        chosen = list(sources)
        with self.writing():
            self._write(
                "UPDATE sources SET watched = 0 WHERE watched AND id NOT IN (SELECT value FROM json_each(?))",
                [msgspec.json.encode([source.id for source in chosen]).decode("utf-8")],
            )
            for n, source in enumerate(chosen):
                due = now + spread * n / max(1, len(chosen))
                self._write(
                    "INSERT INTO sources (id, url, authority, next_due) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
                    "SET etag = iif(url = excluded.url, etag, NULL), url = excluded.url, watched = 1, "
                    "last_modified = iif(url = excluded.url, last_modified, NULL), authority = excluded.authority "
                    "WHERE url != excluded.url OR NOT watched OR authority IS NOT excluded.authority",
                    [source.id, source.url, source.authority, stamp(due)],
                )

    def claim_due(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta = timedelta(minutes=15),
        only: Collection[str] | None = None,
    ) -> list[str]:
        """Sources to read now, the longest due first, each booked again for the end of `lease` in case we are killed.

        only: these, whether due or not.
        """
        which = "next_due <= :now AND watched" if only is None else "id IN (SELECT value FROM json_each(:only))"
        rows = self._write(
            "UPDATE sources SET next_due = :until WHERE id IN "
            f"(SELECT id FROM sources WHERE {which} ORDER BY next_due, id LIMIT :limit) RETURNING id, last_polled",
            {
                "now": stamp(now), "until": stamp(now + lease), "limit": limit,
                "only": msgspec.json.encode(list(only or ())).decode("utf-8"),
            },
        )  # fmt: skip
        return [row["id"] for row in sorted(rows, key=lambda row: (row["last_polled"] or "", row["id"]))]

    def make_due(self, source: str, at: datetime) -> None:
        """Read it at that time, or when it is due anyway, whichever is earlier."""
        self._write("UPDATE sources SET next_due = min(next_due, ?) WHERE id = ?", [stamp(at), source])

    def reset_far_due(self, now: datetime, longest: timedelta) -> int:
        """Make due now what is due later than any interval allows, since the clock was wrong when it was set."""
        rows = self._write(
            "UPDATE sources SET next_due = ? WHERE watched AND next_due > ? RETURNING id",
            [stamp(now), stamp(now + longest)],
        )
        return len(rows)

    def next_due(self) -> datetime | None:
        row = self._row("SELECT next_due FROM sources WHERE watched ORDER BY next_due LIMIT 1")
        return moment(row["next_due"]) if row else None

    def polled(
        self, source: str, *, outcome: str, now: datetime, next_due: datetime, validators: Validators | None = None,
        seen: int = 0, new: int = 0, note: str = "", baseline_done: bool | None = None,
        learned: Mapping[str, Any] | None = None, listed_on: str | None = None, cut_short: bool = False,
    ) -> None:  # fmt: skip
        """Note a reading, in the transaction of what it found: its validators are believed from then on.

        outcome: one of SUCCESSES, or what went wrong. cut_short: we ended it ourselves, and the source is as well or
        ill as it was. validators, learned, listed_on: None leaves what is known.
        A success ends the hold that a restored archive puts on its sources.
        """
        well = outcome in SUCCESSES
        with self.writing():
            self._write(
                "INSERT INTO sources (id, url, next_due) VALUES (?, '', ?) ON CONFLICT (id) DO NOTHING",
                [source, stamp(next_due)],
            )
            self._write(
                "UPDATE sources SET outcome = iif(:cut, outcome, :outcome), note = iif(:cut, note, :note), "
                "last_polled = :now, next_due = :due, "
                "fail_streak = iif(:well, 0, fail_streak + NOT :cut), last_ok = iif(:well, :now, last_ok), "
                "last_new = iif(:new, :now, last_new), last_nonzero = iif(:seen, :now, last_nonzero), "
                "last_seen = iif(:outcome = 'unchanged' OR NOT :well, last_seen, :seen), "
                "hold = iif(:well, NULL, hold), baseline_done = coalesce(:baseline, baseline_done), "
                "etag = iif(:given, :etag, etag), last_modified = iif(:given, :modified, last_modified), "
                "learned = coalesce(:learned, learned), listed_on = coalesce(:listed, listed_on) WHERE id = :source",
                {
                    "source": source, "outcome": outcome, "note": note, "now": stamp(now), "due": stamp(next_due),
                    "well": int(well), "seen": seen, "new": new, "given": int(validators is not None),
                    "cut": int(cut_short),
                    "baseline": None if baseline_done is None else int(baseline_done),
                    "etag": validators.etag if validators else None,
                    "modified": validators.last_modified if validators else None,
                    "learned": None if learned is None else msgspec.json.encode(learned).decode("utf-8"),
                    "listed": listed_on,
                },
            )  # fmt: skip
            self._write(
                "INSERT INTO polls (source, at, outcome, seen, new, note) VALUES (?, ?, ?, ?, ?, ?)",
                [source, stamp(now), outcome, seen, new, note],
            )

    def hold_source(self, source: str, reason: str | None) -> None:
        """Hold the events of what this source brings, until its next success; None: hold them no longer.

        Whatever the reason, but for RESTORED, a judgement that Ofsted published in the last two weeks passes.
        """
        self._write("UPDATE sources SET hold = ? WHERE id = ?", [reason, source])

    def source_state(self, source: str) -> SourceState | None:
        row = self._row("SELECT * FROM sources WHERE id = ?", [source])
        return _state(row) if row else None

    def source_states(self, *, watched_only: bool = True) -> list[SourceState]:
        where = "WHERE watched" if watched_only else ""
        return [_state(row) for row in self._rows(f"SELECT * FROM sources {where} ORDER BY id")]

    def polls(self, source: str, *, limit: int = 20, outcome: str | None = None) -> list[Poll]:
        """The last readings of a source, the newest first. outcome: those that came to this; None: all."""
        rows = self._rows(
            f"SELECT * FROM polls WHERE source = ? {'AND outcome = ? ' if outcome else ''}ORDER BY id DESC LIMIT ?",
            [source, *([outcome] if outcome else []), limit],
        )
        return [
            Poll(
                source=row["source"], at=datetime.fromisoformat(row["at"]), outcome=row["outcome"],
                seen=row["seen"], new=row["new"], note=row["note"],
            )
            for row in rows
        ]  # fmt: skip

    def days_of(self, source: str) -> SourceDays:
        """When it was read and had something new, by the days of UTC.

        What was there at its first reading is new on the day by which it is dated, and not new where it has none;
        anything later, on the day on which we first saw it. Readings that are forgotten are not among those read.
        """
        chosen = {"source": source, "well": msgspec.json.encode(sorted(SUCCESSES)).decode("utf-8")}
        began = self._row(
            "SELECT min(day) AS day FROM (SELECT min(at) AS day FROM polls WHERE source = :source "
            "UNION ALL SELECT min(first_seen_at) FROM publications WHERE source = :source)",
            chosen,
        )
        if began is None or began["day"] is None:
            return SourceDays(began=date.min)
        first = began["day"][:10]
        news = self._rows(
            "SELECT substr(at, 1, 10) AS day FROM polls WHERE source = :source AND new AND day > :first "
            "UNION SELECT substr(first_seen_at, 1, 10) AS day FROM publications "
            "WHERE source = :source AND day > :first "
            "UNION SELECT published_on FROM publications WHERE source = :source AND published_on GLOB '[12]???-??-??' "
            "AND published_on <= :first",
            {**chosen, "first": first},
        )
        read = self._rows(
            "SELECT DISTINCT substr(at, 1, 10) AS day FROM polls WHERE source = :source "
            "AND outcome IN (SELECT value FROM json_each(:well))",
            chosen,
        )
        return SourceDays(
            began=date.fromisoformat(first), news=frozenset(date.fromisoformat(row["day"]) for row in news),
            read=frozenset(date.fromisoformat(row["day"]) for row in read),
        )  # fmt: skip

    def forget_polls(self, before: datetime) -> int:
        """Delete the notes of readings before this time, each source's newest kept; how many."""
        rows = self._write(
            "DELETE FROM polls WHERE at < ? AND id NOT IN (SELECT max(id) FROM polls GROUP BY source) RETURNING id",
            [stamp(before)],
        )
        return len(rows)

    def remember_providers(self, providers: Iterable[ListedProvider], now: datetime) -> list[ListedProvider]:
        """Keep what a search page lists, and return those that are new or list another newest report: to be read."""
        found = []
        with self.writing():
            for one in providers:
                known = self._row("SELECT listed_on FROM providers WHERE urn = ?", [one.urn])
                if known is None or known["listed_on"] != one.listed_on:
                    found.append(one)
                self._write(
                    "INSERT INTO providers (urn, name, url, type, authority, listed_on, first_seen_at, changed_at) "
                    "VALUES (:urn, :name, :url, :type, :authority, :listed_on, :now, :now) ON CONFLICT (urn) DO UPDATE "
                    "SET name = :name, url = :url, type = :type, authority = coalesce(:authority, authority), "
                    "listed_on = :listed_on, changed_at = :now "
                    "WHERE (name, url, type, listed_on) IS NOT (:name, :url, :type, :listed_on)",
                    {**msgspec.structs.asdict(one), "now": stamp(now)},
                )
        return found

    def provider(self, urn: str) -> ListedProvider | None:
        row = self._row("SELECT urn, name, url, type, authority, listed_on FROM providers WHERE urn = ?", [urn])
        return ListedProvider(**dict(row)) if row else None

    def note(self, name: str) -> str | None:
        """What was kept under this name; None: nothing."""
        row = self._row("SELECT value FROM meta WHERE key = ?", [name])
        return str(row["value"]) if row else None

    def keep_note(self, name: str, text: str) -> None:
        """Keep a text under this name, in place of what was kept there: what a host's robots.txt said, for instance."""
        self._write(
            "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [name, text],
        )

    def count_request(self, host: str, day: date) -> int:
        """Count one request to this host on this day; how many they are now."""
        rows = self._write(
            "INSERT INTO host_budget (host, day, count) VALUES (?, ?, 1) ON CONFLICT (host, day) "
            "DO UPDATE SET count = count + 1 RETURNING count",
            [host, day.isoformat()],
        )
        return int(rows[0]["count"])

    def open_incident(self, code: str, subject: str, text: str, *, now: datetime) -> bool:
        """Whether it is new. One that is open already only gets the newer text."""
        with self.writing():
            rows = self._write(
                "UPDATE incidents SET text = ? WHERE code = ? AND subject = ? AND closed_at IS NULL RETURNING id",
                [text, code, subject],
            )
            if not rows:
                self._write(
                    "INSERT INTO incidents (code, subject, text, opened_at) VALUES (?, ?, ?, ?)",
                    [code, subject, text, stamp(now)],
                )
            return not rows

    def close_incident(self, code: str, subject: str, *, now: datetime) -> bool:
        """Whether one was open."""
        rows = self._write(
            "UPDATE incidents SET closed_at = ? WHERE code = ? AND subject = ? AND closed_at IS NULL RETURNING id",
            [stamp(now), code, subject],
        )
        return bool(rows)

    def incident_told(self, incident: int, *, now: datetime) -> None:
        """The operator has been told of it, or reminded."""
        self._write("UPDATE incidents SET told_at = ? WHERE id = ?", [stamp(now), incident])

    def incidents(self, *, open_only: bool = True, limit: int = 100) -> list[Incident]:
        """The newest first."""
        where = "WHERE closed_at IS NULL" if open_only else ""
        rows = self._rows(f"SELECT * FROM incidents {where} ORDER BY id DESC LIMIT ?", [limit])
        return [
            Incident(
                id=row["id"], code=row["code"], subject=row["subject"], text=row["text"],
                opened_at=datetime.fromisoformat(row["opened_at"]), told_at=moment(row["told_at"]),
                closed_at=moment(row["closed_at"]),
            )
            for row in rows
        ]  # fmt: skip


def _state(row: sqlite3.Row) -> SourceState:
    known: dict[str, Any] = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a Row is not a dict
    for name in ("next_due", "last_polled", "last_ok", "last_new", "last_nonzero"):
        known[name] = moment(known[name])
    for name in ("watched", "baseline_done"):
        known[name] = bool(known[name])
    return SourceState(**{**known, "learned": msgspec.json.decode(known["learned"])})
