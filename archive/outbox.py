"""Who may have to be told what, what was frozen to be sent, and what each recipient has been told."""

from __future__ import annotations

import hashlib
import sqlite3
from base64 import b32encode
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from archive.model import Attempt, Delivery, MessageRow, OutboxRow
from archive.store import Store, moment, stamp
from inspections.model import Event, Inspection, from_json

_FOREVER = "9999"
_HEADS = "key, recipient, content, state, attempts, created_at, next_at, sent_at, error"

# Facts that come while a message about the same inspection is on its way wait until it is sent or dead.
_DUE = """
o.state = 'open' AND o.due_at <= :now AND EXISTS (SELECT 1 FROM inspections WHERE id = o.inspection)
AND NOT EXISTS (SELECT 1 FROM outbox f WHERE f.recipient = o.recipient AND f.inspection = o.inspection
  AND f.state = 'frozen')
"""


class Outbox(Store):
    """The queue of alerts. A pair of recipient and inspection has at most one open row."""

    def queue(self, deliveries: Iterable[Delivery], now: datetime) -> None:
        """Open a row for each pair, or add to the one that is open: the earliest delivery decides when."""
        survivors: dict[str, str] = {}
        with self.writing():
            for one in deliveries:
                if one.inspection not in survivors:
                    survivors[one.inspection] = self._survivor(one.inspection)
                self._write(
                    "INSERT INTO outbox (recipient, inspection, events, subscription, due_at, digest, every_stage, "
                    "created_at, state) VALUES (:recipient, :inspection, json_array(:event), :subscription, :due, "
                    ":digest, :every, :now, 'open') ON CONFLICT (recipient, inspection) WHERE state = 'open' DO UPDATE "
                    "SET subscription = iif(excluded.due_at < due_at, excluded.subscription, subscription), "
                    "digest = iif(excluded.due_at < due_at, excluded.digest, digest), "
                    "due_at = min(due_at, excluded.due_at), every_stage = max(every_stage, excluded.every_stage), "
                    "events = iif(EXISTS (SELECT 1 FROM json_each(events) WHERE value = :event), events, "
                    "json_insert(events, '$[#]', :event))",
                    {
                        "recipient": one.recipient, "inspection": survivors[one.inspection], "event": one.event,
                        "subscription": one.subscription, "due": stamp(one.due_at), "digest": int(one.digest),
                        "every": int(one.every_stage), "now": stamp(now),
                    },
                )  # fmt: skip

    def due_recipients(self, now: datetime) -> list[str]:
        """Who has an open row that is due, the longest waiting first; not those who are paused."""
        rows = self._rows(
            f"SELECT recipient FROM outbox o WHERE {_DUE} AND recipient NOT IN "
            "(SELECT recipient FROM paused WHERE until > :now) GROUP BY recipient ORDER BY min(due_at), recipient",
            {"now": stamp(now)},
        )
        return [row["recipient"] for row in rows]

    def open_rows(self, recipient: str, now: datetime) -> list[OutboxRow]:
        """The recipient's rows that are due, oldest first, each with its inspection as it is now known.

        An inspection that was withdrawn is given as it was last known.
        """
        rows = self._rows(
            f"SELECT o.*, i.json AS inspection_json, t.json AS told FROM outbox o "
            "JOIN inspections i ON i.id = o.inspection "
            "LEFT JOIN told t ON t.recipient = o.recipient AND t.inspection = o.inspection "
            f"WHERE o.recipient = :recipient AND {_DUE} ORDER BY o.due_at, o.id",
            {"recipient": recipient, "now": stamp(now)},
        )
        return [_outbox_row(row) for row in rows]

    def to_be_told(self, since: datetime) -> list[tuple[datetime, Event]]:
        """Each event that is to be told and when it came to be known, oldest first; not what is held or dismissed."""
        rows = self._rows(
            "SELECT at, json FROM events WHERE NOT baseline AND at >= ? AND json IS NOT NULL "
            "AND (held IS NULL OR settled LIKE 'released%') ORDER BY seq",
            [stamp(since)],
        )
        return [(datetime.fromisoformat(row["at"]), from_json(row["json"], Event)) for row in rows]

    def asked_for(self, inspection: str) -> set[tuple[str, str]]:
        """Each recipient for whom this inspection was ever queued, with each event that was."""
        rows = self._rows(
            "SELECT o.recipient, e.value AS event FROM outbox o, json_each(o.events) e WHERE o.inspection = ?",
            [self._survivor(inspection)],
        )
        return {(row["recipient"], row["event"]) for row in rows}

    def told(self, recipient: str, inspection: str) -> bytes | None:
        """What the recipient has been told of this inspection, as JSON; None: nothing yet."""
        row = self._row("SELECT json FROM told WHERE recipient = ? AND inspection = ?", [recipient, inspection])
        return row["json"].encode("utf-8") if row else None

    def next_key(self, recipient: str, about: str) -> str:
        """The key of the next message to this recipient about an inspection (or "digest"): the same after a restart."""
        row = self._row(
            "SELECT count(*) AS n FROM messages WHERE recipient = ? AND key >= ? AND key < ?",
            [recipient, f"{about}.", f"{about}/"],
        )
        assert row is not None
        return f"{about}.{row['n'] + 1}.{recipient_mark(recipient)}"

    def freeze(
        self,
        key: str,
        recipient: str,
        content: bytes,
        told: Mapping[str, bytes],
        rows: Sequence[OutboxRow],
        now: datetime,
    ) -> None:
        """Keep the message as every attempt will send it. The rows are settled by it and take no more facts.

        told: inspection → JSON of what the recipient will have been told once it is accepted. rows: none for a
        message that is not about inspections. Raises sqlite3.IntegrityError for a key that was used before.
        """
        with self.writing():
            self._write(
                "INSERT INTO messages (key, recipient, content, told, state, created_at, next_at) "
                "VALUES (?, ?, ?, ?, 'pending', ?, ?)",
                [key, recipient, content, _told_json(told), stamp(now), stamp(now)],
            )
            self._close_rows(rows, "frozen", key, None)

    def drop_rows(self, rows: Sequence[OutboxRow], reason: str) -> None:
        """Nothing has to be told for these; the reason stays with them."""
        self._close_rows(rows, "dropped", None, reason)

    def claim_message(
        self, now: datetime, until: datetime, *, busy: Collection[str] = (), crowded: Collection[str] = (),
        tried: Collection[str] = (),
    ) -> MessageRow | None:  # fmt: skip
        """The oldest message that is due, booked to be tried again at `until` in case we are killed while sending.

        busy: recipients to whom something is being sent at this moment. crowded: kinds of recipients ("email") of which
        no more are begun. Those who are paused wait. tried: keys that have had their turn.
        """
        rows = self._write(
            "UPDATE messages SET attempts = attempts + 1, next_at = :until WHERE seq = (SELECT m.seq FROM messages m "
            "INDEXED BY messages_pending WHERE m.state = 'pending' AND m.next_at <= :now "
            "AND m.recipient NOT IN (SELECT recipient FROM paused WHERE until > :now) "
            "AND m.recipient NOT IN (SELECT value FROM json_each(:busy)) "
            "AND substr(m.recipient, 1, instr(m.recipient, ':') - 1) NOT IN (SELECT value FROM json_each(:crowded)) "
            "AND m.key NOT IN (SELECT value FROM json_each(:tried)) ORDER BY m.seq LIMIT 1) "
            f"RETURNING {_HEADS}",
            {
                "now": stamp(now), "until": stamp(until), "busy": msgspec.json.encode(list(busy)).decode("utf-8"),
                "crowded": msgspec.json.encode(list(crowded)).decode("utf-8"),
                "tried": msgspec.json.encode(list(tried)).decode("utf-8"),
            },
        )  # fmt: skip
        return _message(rows[0]) if rows else None

    def sent(self, key: str, now: datetime, told: Mapping[str, bytes] | None = None) -> None:
        """The receiver has accepted it: the attempt, and what the recipient has now been told. Once is enough.

        told: in place of what was given to `freeze`.
        """
        with self.writing():
            rows = self._write(
                "UPDATE messages SET state = 'sent', sent_at = :now, next_at = NULL, error = NULL, "
                "told = coalesce(:told, told) WHERE key = :key AND state != 'sent' RETURNING recipient, attempts, told",
                {"key": key, "now": stamp(now), "told": None if told is None else _told_json(told)},
            )
            for row in rows:
                self._attempted(key, row["attempts"], now, None)
                self._write("UPDATE outbox SET state = 'sent' WHERE message = ?", [key])
                for inspection, facts in msgspec.json.decode(row["told"]).items():
                    self._write(
                        "INSERT INTO told (recipient, inspection, at, message, json) VALUES (?, ?, ?, ?, ?) "
                        "ON CONFLICT (recipient, inspection) DO UPDATE "
                        "SET at = excluded.at, message = excluded.message, json = excluded.json",
                        [row["recipient"], self._survivor(inspection), stamp(now), key,
                         msgspec.json.encode(facts).decode("utf-8")],
                    )  # fmt: skip

    def failed(self, key: str, now: datetime, error: str, next_at: datetime | None, *, counts: bool = True) -> None:
        """It was not accepted: try again then; None: it is dead, kept, and can be retried by a person.

        counts=False: it was no attempt at this message, since nothing could be sent at all; only the words are kept.
        """
        with self.writing():
            state = "pending" if next_at else "dead"
            rows = self._write(
                "UPDATE messages SET state = ?, next_at = ?, error = ?, attempts = attempts - ? WHERE key = ? "
                "AND state = 'pending' RETURNING attempts",
                [state, stamp(next_at) if next_at else None, error, int(not counts), key],
            )
            for row in rows:
                if counts:
                    self._attempted(key, row["attempts"], now, error)
                if next_at is None:
                    self._write("UPDATE outbox SET state = 'dead' WHERE message = ?", [key])

    def retry(self, key: str, now: datetime) -> bool:
        """Send it again now, the same bytes under the same key. False: no such message waits or is dead."""
        with self.writing():
            rows = self._write(
                "UPDATE messages SET state = 'pending', next_at = ? WHERE key = ? AND state IN ('dead', 'pending') "
                "RETURNING key",
                [stamp(now), key],
            )
            self._write("UPDATE outbox SET state = 'frozen' WHERE message = ? AND state = 'dead'", [key])
            return bool(rows)

    def drop(self, key: str, reason: str, now: datetime) -> bool:
        """Never send it, for this reason. False: no such message waits or is dead."""
        with self.writing():
            rows = self._write(
                "UPDATE messages SET state = 'dropped', next_at = NULL, error = ? WHERE key = ? "
                "AND state IN ('dead', 'pending') RETURNING key",
                [f"dropped {stamp(now)}: {reason}", key],
            )
            if rows:
                self._write("UPDATE outbox SET state = 'dropped', reason = ? WHERE message = ?", [reason, key])
            return bool(rows)

    def message(self, key: str) -> MessageRow | None:
        row = self._row(f"SELECT {_HEADS} FROM messages WHERE key = ?", [key])
        return _message(row) if row else None

    def messages(self, *, state: str | None = None, recipient: str | None = None, limit: int = 100) -> list[MessageRow]:
        """The newest messages first."""
        chosen = {"state": state, "recipient": recipient}
        conditions = [f"{name} = :{name}" for name, value in chosen.items() if value is not None]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = self._rows(
            f"SELECT {_HEADS} FROM messages {where} ORDER BY seq DESC LIMIT :limit", {**chosen, "limit": limit}
        )
        return [_message(row) for row in rows]

    def attempts(self, key: str) -> list[Attempt]:
        rows = self._rows("SELECT * FROM attempts WHERE message = ? ORDER BY n", [key])
        return [Attempt(key=key, n=row["n"], at=datetime.fromisoformat(row["at"]), error=row["error"]) for row in rows]

    def cut_off(self) -> list[str]:
        """The messages that were being sent when their sender was killed: of their last attempt nothing is noted."""
        rows = self._rows(
            "SELECT key FROM messages m WHERE state = 'pending' AND attempts > 0 AND NOT EXISTS "
            "(SELECT 1 FROM attempts a WHERE a.message = m.key AND a.n = m.attempts) ORDER BY seq"
        )
        return [row["key"] for row in rows]

    def due_after(self, at: datetime) -> list[tuple[str, datetime]]:
        """Each message that waits for a time after this one, with that time."""
        rows = self._rows(
            "SELECT key, next_at FROM messages WHERE state = 'pending' AND next_at > ? ORDER BY seq", [stamp(at)]
        )
        return [(row["key"], datetime.fromisoformat(row["next_at"])) for row in rows]

    def pause_recipient(self, recipient: str, *, until: datetime | None, reason: str) -> None:
        """Send nothing to them until then; None: until `resume_recipient`. Everything for them waits."""
        self._write(
            "INSERT INTO paused (recipient, until, reason) VALUES (?, ?, ?) ON CONFLICT (recipient) "
            "DO UPDATE SET until = excluded.until, reason = excluded.reason",
            [recipient, stamp(until) if until else _FOREVER, reason],
        )

    def resume_recipient(self, recipient: str) -> bool:
        """False: they were not paused."""
        return bool(self._write("DELETE FROM paused WHERE recipient = ? RETURNING recipient", [recipient]))

    def _attempted(self, key: str, n: int, now: datetime, error: str | None) -> None:
        self._write(
            "INSERT INTO attempts (message, n, at, error) VALUES (?, ?, ?, ?) ON CONFLICT (message, n) DO NOTHING",
            [key, n, stamp(now), error],
        )

    def _close_rows(self, rows: Sequence[OutboxRow], state: str, key: str | None, reason: str | None) -> None:
        with self.writing():
            for row in rows:
                self._write(
                    "UPDATE outbox SET state = ?, message = ?, reason = ? WHERE id = ? AND state = 'open'",
                    [state, key, reason, row.id],
                )

    def _survivor(self, inspection: str) -> str:
        row = self._row("SELECT survivor FROM aliases WHERE id = ?", [inspection])
        return row["survivor"] if row else inspection


def recipient_mark(recipient: str) -> str:
    """Eight characters that stand for a recipient in keys: an address is nobody's business but theirs."""
    return b32encode(hashlib.sha256(recipient.encode("utf-8")).digest())[:8].decode("ascii").lower()


def move_pairs(write: Callable[[str, Any], object], gone: str, survivor: str) -> None:
    """Two inspections have turned out to be one: what recipients were told of either holds for the survivor.

    Where a recipient was told of both, the later message counts; of two open rows the survivor's stays.
    """
    both = {"gone": gone, "survivor": survivor}
    write(
        "DELETE FROM told WHERE (recipient, inspection) IN (SELECT t.recipient, iif(t.at < u.at, :gone, :survivor) "
        "FROM told u JOIN told t ON t.recipient = u.recipient WHERE t.inspection = :gone AND u.inspection = :survivor)",
        both,
    )
    write("UPDATE told SET inspection = :survivor WHERE inspection = :gone", both)
    write(
        "UPDATE outbox SET state = 'dropped', reason = 'merged into ' || :survivor WHERE inspection = :gone "
        "AND state = 'open' "
        "AND recipient IN (SELECT recipient FROM outbox WHERE inspection = :survivor AND state = 'open')",
        both,
    )
    write("UPDATE outbox SET inspection = :survivor WHERE inspection = :gone", both)


def _told_json(told: Mapping[str, bytes]) -> str:
    return msgspec.json.encode({key: msgspec.Raw(value) for key, value in told.items()}).decode("utf-8")


def _outbox_row(row: sqlite3.Row) -> OutboxRow:
    return OutboxRow(
        id=row["id"], recipient=row["recipient"], inspection=from_json(row["inspection_json"], Inspection),
        events=tuple(msgspec.json.decode(row["events"])), subscription=row["subscription"],
        due_at=datetime.fromisoformat(row["due_at"]), digest=bool(row["digest"]), every_stage=bool(row["every_stage"]),
        told=row["told"].encode("utf-8") if row["told"] else None,
    )  # fmt: skip


def _message(row: sqlite3.Row) -> MessageRow:
    return MessageRow(
        key=row["key"], recipient=row["recipient"], content=bytes(row["content"]), state=row["state"],
        attempts=row["attempts"], created_at=datetime.fromisoformat(row["created_at"]),
        next_at=moment(row["next_at"]), sent_at=moment(row["sent_at"]), error=row["error"],
    )  # fmt: skip
