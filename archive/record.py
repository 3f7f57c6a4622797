"""Publications and what they say, stored exactly once; an edited page becomes a revision of the same record."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from base64 import b32encode
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from archive.resolution import Resolving
from archive.search import facet
from archive.store import RESTORED, london_date, stamp
from inspections.model import Certainty, Event, Finding, Publication, from_json, to_json
from inspections.resolve import group_of

_COUNTER_BITS = 20  # a million publications of one day
_ALIKE: tuple[Callable[[Finding], object], ...] = (  # which finding of the earlier version this one is: best first
    lambda finding: to_json(finding),
    lambda finding: (finding.kind, finding.authority, finding.urn, finding.provider, finding.inspected_from),
    lambda finding: (finding.kind, finding.authority, finding.urn, finding.provider),
    lambda finding: (finding.authority, finding.urn, finding.provider),
)
_NEW_JUDGEMENT = timedelta(days=14)
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")  # keeps tab, line feed, form feed, carriage return


class Recording(Resolving):
    """What the poll writes."""

    def known(self, source: str) -> dict[str, str]:
        """Every publication of this source: ref → fingerprint of what was last recorded (see `fingerprint`)."""
        rows = self._rows("SELECT ref, fingerprint FROM publications WHERE source = ?", [source])
        return {row["ref"]: row["fingerprint"] for row in rows}

    def record(
        self, publication: Publication, *, now: datetime, baseline: bool,
        body: bytes | None = None, hold: Callable[[Event], str | None] | None = None,
    ) -> list[Event]:  # fmt: skip
        """Store a publication with what it says, and return the events that follow; [] where nothing changed.

        Part of the transaction that is open, or one of its own. The events of a baseline (a first reading, back-fill)
        are stored and not returned. Those for which `hold` gives a reason wait for `release`; those of a source that
        is held wait too (see `hold_source`).
        body: the original bytes; call `captures.put` before the transaction, and nothing is written to disk within it.
        """
        with self.writing():
            if body is not None:
                self._capture(publication, body, now)
            mark = fingerprint(publication)
            old = self._row(
                "SELECT * FROM publications WHERE source = ? AND ref = ?", [publication.source, publication.ref]
            )
            if old is not None and old["fingerprint"] == mark:
                return []
            row_id = self._added(publication, mark, now) if old is None else self._revised(old, publication, mark, now)
            groups = self._stored(row_id, publication.findings, now)
            return self.resolved(groups, now=now, baseline=baseline, hold=self._hold(publication.source, now, hold))

    def swept(
        self, source: str, refs: Iterable[str], *, now: datetime, after: int = 3, since: date | None = None
    ) -> list[Event]:
        """Note which publications a complete listing of the source still shows, and return the events.

        What `after` sweeps in a row have missed is withdrawn: its claims no longer count, until it is shown again.
        since: what was published before that day stays, shown or not. Ofsted's site hides old reports by design.
        """
        shown = set(refs)
        with self.writing():
            groups: set[str] = set()
            for row in self._rows(
                "SELECT id, ref, missed_sweeps, withdrawn_at FROM publications WHERE source = :source "
                "AND (coalesce(published_on, '9999') >= :since OR withdrawn_at IS NOT NULL)",
                {"source": source, "since": since.isoformat() if since else ""},
            ):
                missed = 0 if row["ref"] in shown else row["missed_sweeps"] + 1
                if missed == row["missed_sweeps"] or (missed and row["withdrawn_at"]):
                    continue
                gone = stamp(now) if missed >= after else None
                self._write("UPDATE publications SET missed_sweeps = ? WHERE id = ?", [missed, row["id"]])
                if bool(gone) != bool(row["withdrawn_at"]):
                    self._write("UPDATE publications SET withdrawn_at = ? WHERE id = ?", [gone, row["id"]])
                    found = self._rows("SELECT DISTINCT grp FROM findings WHERE publication = ?", [row["id"]])
                    groups |= {finding["grp"] for finding in found}
            return self.resolved(groups, now=now, baseline=False, hold=self._hold(source, now))

    def document_failed(self, source: str, ref: str, *, now: datetime, next_try: datetime | None, error: str) -> None:
        """The listed document could not be read; try again then. None: never again."""
        self._write(
            "UPDATE publications SET document_tries = document_tries + 1, document_next_try = ?, document_error = ? "
            "WHERE source = ? AND ref = ?",
            [stamp(next_try) if next_try else None, f"{stamp(now)} {error}", source, ref],
        )

    def missing_documents(self, now: datetime, *, limit: int = 20) -> list[tuple[str, str, str, int]]:
        """(source, ref, url, tries so far) of documents that are to be tried again by now, the longest due first."""
        rows = self._rows(
            "SELECT source, ref, url, document_tries FROM publications "
            "WHERE document_next_try <= ? ORDER BY document_next_try LIMIT ?",
            [stamp(now), limit],
        )
        return [(row["source"], row["ref"], row["url"], row["document_tries"]) for row in rows]

    def _hold(
        self, source: str, now: datetime, hold: Callable[[Event], str | None] | None = None
    ) -> Callable[[Event], str | None]:
        """Why to hold an event: as the caller says; else as the source is held, which a new judgement passes."""
        row = self._row("SELECT hold FROM sources WHERE id = ?", [source])
        held: str | None = row["hold"] if row else None
        lately = london_date(now) - _NEW_JUDGEMENT

        def reason(event: Event) -> str | None:
            stated = hold(event) if hold else None
            out = event.inspection.published_on
            new = event.inspection.certainty == Certainty.PUBLISHED and out and out.last and out.last >= lately
            return stated or (None if new and held != RESTORED else held)

        return reason

    def _capture(self, publication: Publication, body: bytes, now: datetime) -> None:
        sha256 = self.captures.put(body)
        self._write(
            "INSERT INTO captures (sha256, bytes, source, url, official, first_seen_at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (sha256) DO UPDATE SET official = max(official, excluded.official)",
            [sha256, len(body), publication.source, publication.url, publication.official, stamp(now)],
        )

    def _added(self, publication: Publication, mark: str, now: datetime) -> int:
        place = self._free_place(_day(publication, london_date(now)))
        row = _columns(publication) | {
            "place": place, "fingerprint": mark, "first_seen_at": stamp(now), "changed_at": stamp(now), "revision": 1,
            "findings_made": 0,
        }  # fmt: skip
        self.db.table("texts").insert({"id": place, **self._searched(publication)})
        row_id = self.db.table("publications").insert(row).last_pk
        assert isinstance(row_id, int)
        return row_id

    def _revised(self, old: sqlite3.Row, publication: Publication, mark: str, now: datetime) -> int:
        row_id: int = old["id"]
        earlier = self._publication(old, text=True)
        self._write(
            "INSERT INTO revisions (publication, revision, until, fingerprint, json) VALUES (?, ?, ?, ?, ?)",
            [row_id, old["revision"], stamp(now), old["fingerprint"], to_json(earlier).decode("utf-8")],
        )
        day = _day(publication, london_date(now))
        place: int = old["place"]
        if publication.published_on != earlier.published_on and day.toordinal() != place >> _COUNTER_BITS:
            place = self._free_place(day)
        row = _columns(publication) | {
            "place": place, "fingerprint": mark, "changed_at": stamp(now), "revision": old["revision"] + 1,
            "missed_sweeps": 0, "withdrawn_at": None,
        }  # fmt: skip
        self.db.table("publications").update(row_id, row)
        self.db.table("texts").update(old["place"], {"id": place, **self._searched(publication)})
        return row_id

    def _stored(self, row_id: int, findings: Sequence[Finding], now: datetime) -> set[str]:
        """Write the findings under lasting ids, and return every group that they touch or touched."""
        old = self._rows("SELECT * FROM findings WHERE publication = ?", [row_id])
        owner = self._row("SELECT source, ref, findings_made FROM publications WHERE id = ?", [row_id])
        assert owner is not None
        paired = paired_with({row["n"]: from_json(row["json"], Finding) for row in old}, findings)
        made = owner["findings_made"]
        groups = {row["grp"] for row in old}
        for row in old:
            if row["n"] not in paired:
                self._write("DELETE FROM findings WHERE id = ?", [row["id"]])
        for finding, n in zip(findings, paired, strict=True):
            if n is None:
                n, made = made, made + 1
            group = group_of(finding)
            groups.add(group)
            self._write(
                "INSERT INTO findings (id, seq, publication, n, grp, certainty, first_seen_at, json) "
                "VALUES (?, (SELECT coalesce(max(seq), 0) + 1 FROM findings), ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO "
                "UPDATE SET grp = excluded.grp, certainty = excluded.certainty, json = excluded.json",
                [finding_id(owner["source"], owner["ref"], n), row_id, n, group, finding.certainty.value, stamp(now),
                 to_json(finding).decode("utf-8")],
            )  # fmt: skip
        if made != owner["findings_made"]:
            self._write("UPDATE publications SET findings_made = ? WHERE id = ?", [made, row_id])
        return groups

    def _free_place(self, day: date) -> int:
        first = day.toordinal() << _COUNTER_BITS
        row = self._row(
            "SELECT max(place) AS place FROM publications WHERE place >= ? AND place < ?",
            [first, first + (1 << _COUNTER_BITS)],
        )
        return first if row is None or row["place"] is None else int(row["place"]) + 1

    def _searched(self, publication: Publication) -> dict[str, str]:
        source = self._row("SELECT authority FROM sources WHERE id = ?", [publication.source])
        about = {("source", publication.source), ("official", str(publication.official))}
        about |= {("authority", source["authority"])} if source and source["authority"] else set()
        words: list[str] = []
        for finding in publication.findings:
            about |= {("kind", finding.kind.value), ("authority", finding.authority or ""), ("urn", finding.urn or "")}
            grades = [*finding.judgements.values(), finding.outcome]
            about |= {("grade", grade.value) for grade in grades if grade}
            words += [
                finding.kind.value.replace("_", " "),
                *(grade.value.replace("_", " ") for grade in grades if grade),
            ]
            words += [
                text for text in (finding.authority, finding.provider, finding.theme, finding.lead_inspector) if text
            ]
            words += [*finding.improvements, *finding.priority_actions]
        return {
            "title": _printed(publication.title), "body": _printed(publication.text),
            "words": _printed("\n".join(dict.fromkeys(words))),
            "facets": " ".join(sorted(facet(name, value) for name, value in about if value)),
        }  # fmt: skip


def fingerprint(publication: Publication) -> str:
    """Equal for two readings that say the same, to the letter."""
    return hashlib.sha256(to_json(publication)).hexdigest()[:32]


def finding_id(source: str, ref: str, n: int) -> str:
    """Ten characters that name the n-th finding of a publication for ever, in whatever order things are read."""
    return b32encode(hashlib.sha256(f"{source}\0{ref}\0{n}".encode()).digest())[:10].decode("ascii").lower()


def paired_with(old: dict[int, Finding], new: Sequence[Finding]) -> list[int | None]:
    """For each finding of an edited page the number that it had before; None for one that is new."""
    found: list[int | None] = [None] * len(new)
    left = dict(old)
    for likeness in _ALIKE:
        for place, finding in enumerate(new):
            if found[place] is None:
                n = next((n for n, was in left.items() if likeness(was) == likeness(finding)), None)
                if n is not None:
                    found[place] = n
                    del left[n]
    return found


def _columns(publication: Publication) -> dict[str, Any]:
    return {
        "source": publication.source, "ref": publication.ref, "url": publication.url, "page_url": publication.page_url,
        "title": publication.title, "published_on": str(publication.published_on) if publication.published_on else None,
        "published_at": stamp(publication.published_at) if publication.published_at else None,
        "published_origin": publication.published_origin, "official": int(publication.official),
        "document_sha256": publication.document_sha256, "type": publication.type,
        "notes": msgspec.json.encode(publication.notes).decode("utf-8"),
        **({"document_next_try": None, "document_error": None} if publication.document_sha256 else {}),
    }  # fmt: skip


def _day(publication: Publication, seen_on: date) -> date:
    """Where it stands in time: its day of publication; the day on which we read it, where that is unknown or ahead."""
    stated = publication.published_on.within_year_before(seen_on).first if publication.published_on else None
    return min(stated or seen_on, seen_on)


def _printed(text: str) -> str:
    return _UNPRINTED.sub(" ", text)
