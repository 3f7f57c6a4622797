"""The whole archive as open data: a folder of tables with their description, put in place when all of it is written."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from archive import opendata
from archive.captures import sync_folder
from archive.locks import FileLock
from archive.opendata import FORMS, TABLES, Written, path_of
from archive.sheets import guarded, plain
from archive.whole import Stored, Whole
from inspections.compare import changes, contrasts
from inspections.contract import inspected
from inspections.model import Authority, Certainty, Claim, Inspection
from inspections.said import one_line, safe

if TYPE_CHECKING:
    from archive import Archive

Rows = Iterator[tuple[str, dict[str, Any]]]  # (table, row)
_OF_LISTS = dict(zip(opendata.LISTS, ("improvements", "priority_actions", "notes"), strict=True))
_LOCK = "lock"


def write_package(
    archive: Archive, authorities: Iterable[Authority], folder: Path, *, step: Callable[[int], None] = lambda done: None
) -> dict[str, int]:
    """Write the package and return how many rows each table has; the same archive gives the same bytes.

    `folder` appears when all of it is on the disk: until then everything lies beside it, in `.NAME.part`, which the
    next call removes. Memory does not grow with the archive. step: told after each publication and inspection.
    Raises FileExistsError where `folder` is there, and Busy where another call is writing it.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} is there already. Nothing was written.")
    with _part_of(folder) as part, archive.reading():
        (part / "data").mkdir()
        as_of = _stamp(archive.newest_moment()) or "1970-01-01T00:00:00Z"
        with ExitStack() as open_files:
            files = {path_of(name, form): open_files.enter_context(_File(part / path_of(name, form)))
                     for name in TABLES for form in FORMS}  # fmt: skip
            for name in TABLES:
                files[path_of(name, "csv")].csv.writerow(TABLES[name].columns)
            for table, row in _rows(archive, list(authorities), step):
                _put(files, table, row)
        written = {path: Written(path=path, bytes=file.bytes, sha256=file.digest.hexdigest(), rows=file.rows)
                   for path, file in files.items()}  # fmt: skip
        described = msgspec.json.format(msgspec.json.encode(opendata.descriptor(written, as_of)), indent=2)
        for name, text in (
            ("datapackage.json", described.decode("utf-8") + "\n"), ("DICTIONARY.md", opendata.dictionary()),
            ("README.md", opendata.read_me(written, as_of)), ("LICENCE.md", opendata.LICENCE_TEXT),
        ):  # fmt: skip
            with _File(part / name) as file:
                file.write(text)
        sync_folder(part / "data")
    return {name: written[path_of(name, "csv")].rows for name in TABLES}


def put_in_place(part: Path, path: Path) -> None:
    """Give a file that is written its name, when its bytes are on the disk."""
    with open(part, "rb") as file:
        os.fsync(file.fileno())
    part.rename(path)
    sync_folder(path.parent)


@contextmanager
def _part_of(folder: Path) -> Iterator[Path]:
    """A folder to write into, ours alone; it becomes `folder` at the end, and is removed after an error."""
    part = folder.with_name(f".{folder.name}.part")
    part.mkdir(exist_ok=True)
    lock = FileLock(part / _LOCK)
    try:
        with lock.held(wait=0):
            lock.sign(f"process {os.getpid()}, writing {folder}\n")
            try:
                _empty(part)
                yield part
                (part / _LOCK).unlink()
                sync_folder(part)
                part.rename(folder)
                sync_folder(folder.parent)
            except BaseException:
                shutil.rmtree(part, ignore_errors=True)
                raise
    finally:
        lock.close()


def _empty(part: Path) -> None:
    """Take away what a call that was cut off has left."""
    for left in part.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif left.name != _LOCK:
            left.unlink()


class _File:
    """A file that knows its size, digest and rows when it is written; on the disk when it is closed."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "xb")  # noqa: SIM115 - closed by __exit__
        self.csv = csv.writer(self)
        self.digest, self.bytes, self.rows = hashlib.sha256(), 0, 0

    def write(self, text: str) -> int:
        body = text.encode("utf-8", "replace")
        self.digest.update(body)
        self.bytes += len(body)
        return self._file.write(body)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def _put(files: dict[str, _File], table: str, row: dict[str, Any]) -> None:
    """One row in every form. A row has exactly the columns that the description names."""
    names = TABLES[table].columns
    if row.keys() != names.keys():
        raise KeyError(f"a row of {table} has {sorted(row.keys() ^ names.keys())} otherwise than opendata.toml says")
    as_csv, as_lines = (files[path_of(table, form)] for form in FORMS)
    as_csv.csv.writerow([guarded(plain(row[name])) for name in names])
    as_lines.write(msgspec.json.encode({name: row[name] for name in names}).decode("utf-8") + "\n")
    as_csv.rows += 1
    as_lines.rows += 1


def _rows(archive: Whole, authorities: list[Authority], step: Callable[[int], None]) -> Rows:
    for row in sorted(authorities, key=lambda row: (row.name, row.code)):
        yield "authorities", _authority(row)
    for state in archive.source_states():
        yield "sources", {
            "id": state.id, "url": _plain_address(state.url), "authority": state.authority, "watched": state.watched,
            "last_read_at": _stamp(state.last_ok),
        }  # fmt: skip
    for stored in archive.every_publication():
        yield from _of_publication(stored)
        step(1)
    places = {row.name: row for row in authorities}
    for inspection in archive.every_inspection(newest_first=False):
        yield from _of_inspection(inspection, places.get(inspection.authority or ""))
        yield from _of_claims(archive.told_of(inspection), inspection)
        step(1)


def _authority(row: Authority) -> dict[str, Any]:
    days = {name: day.isoformat() if day else None for name, day in (("valid_from", row.valid_from),
                                                                    ("valid_to", row.valid_to))}  # fmt: skip
    return {"code": row.code or None, "name": row.name, "gss": row.gss, "urn": row.urn, "region": row.region, **days,
            "predecessors": " ".join(row.predecessors) or None}  # fmt: skip


def _of_publication(of: Stored) -> Rows:
    yield "publications", {
        "source": of.source, "ref": of.ref, "url": safe(of.url), "page_url": safe(of.page_url or ""),
        "title": one_line(of.title) or None, "published_on": of.published_on, "published_at": _stamp(of.published_at),
        "published_origin": of.published_origin, "official": of.official, "type": of.type,
        "document_sha256": of.document_sha256 if of.official else None, "first_seen_at": _stamp(of.first_seen_at),
        "changed_at": _stamp(of.changed_at), "revision": of.revision, "withdrawn_at": _stamp(of.withdrawn_at),
    }  # fmt: skip
    for number, text in enumerate(of.text.split("\f"), start=1):
        if text.strip():
            yield "pages", {"source": of.source, "ref": of.ref, "page": number, "text": text}


def _of_inspection(inspection: Inspection, place: Authority | None) -> Rows:
    told = inspected(inspection)  # no more of others' text than may be quoted
    same = ("id", "kind", "authority", "provider", "urn", "state", "certainty", "inspected_from", "inspected_to",
            "published_on", "lead_inspector", "theme", "outcome", "priority_action")  # fmt: skip
    yield "inspections", {name: told[name] for name in same} | {
        "authority_code": place.code or None if place else None, "region": place.region if place else None,
        "published_origin": inspection.published_origin, "previous_outcome": _value(inspection.previous_outcome),
        "merged": " ".join(inspection.merged) or None,
    }  # fmt: skip
    for change in changes(inspection):
        yield "judgements", {
            "inspection": inspection.id, "area": change.area, "grade": _value(change.after),
            "before": _value(change.before), "direction": change.direction,
        }  # fmt: skip
    for name, key in _OF_LISTS.items():
        for n, text in enumerate(told[key], start=1):
            yield "points", {"inspection": inspection.id, "list": name, "n": n, "text": text}
    for name, day in inspection.deadlines.items():
        yield "deadlines", {"inspection": inspection.id, "name": name, "by": "".join(day)}


def _of_claims(claims: list[Claim], inspection: Inspection) -> Rows:
    """What each publication says of it; what waits for a person's review is left out."""
    for claim in claims:
        finding = claim.finding
        if finding.certainty == Certainty.UNDECIDED:
            continue
        about = {"id": claim.id, "inspection": inspection.id, "source": claim.source, "ref": claim.ref,
                 "certainty": finding.certainty.value}  # fmt: skip
        if claim.official:
            yield "reports", about
        else:
            yield "announcements", about | {
                "published_on": _value(claim.published_on), "inspected_from": _value(finding.inspected_from),
                "inspected_to": _value(finding.inspected_to), "outcome": _value(finding.outcome),
                "priority_action": finding.priority_action,
            }  # fmt: skip
            for area, grade in finding.judgements.items():
                if grade:
                    yield "announced_grades", {"announcement": claim.id, "area": area, "grade": grade.value}
        for field, words in finding.evidence.items():
            yield "evidence", {"finding": claim.id, "field": field, "page": words.page, "path": words.path,
                               "text": one_line(words.text)}  # fmt: skip
    for one in contrasts([each for each in claims if each.finding.certainty != Certainty.UNDECIDED], inspection):
        yield "contrasts", {"announcement": one.claim, "area": one.area, "said": one.said.value,
                            "found": one.found.value}  # fmt: skip


def _plain_address(url: str) -> str | None:
    """Without user, password and query, any of which may hold a key."""
    return (safe(urlsplit(url)._replace(query="", fragment="").geturl()) if url else None) or None


def _value(stated: Any) -> str | None:
    """A grade's key, a day's text."""
    return "".join(getattr(stated, "value", stated)) if stated else None


def _stamp(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
