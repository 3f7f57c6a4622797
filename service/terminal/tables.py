"""Ofsted's published tables of outcomes, read from a file as findings: a baseline, and a check on what was read."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from msgspec import Struct

from inspections import frameworks
from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Authority, Certainty, Evidence, Finding, Grade, Kind, Outcome, Publication

SOURCE = "tables"
_KNOWN: dict[str, Any] = tomllib.loads((files("service.terminal") / "tables.toml").read_text(encoding="utf-8"))
_MOST_ROWS_ABOVE = 30  # how far below its title and remarks the header of a table stands
_NOTHING = re.compile(r"|-|n/?a|null|none|\[?[xz]\]?|not .*", re.IGNORECASE)
_SPREADSHEETS = (".ods", ".xlsx", ".xls", ".xlsb")

Cells = Sequence[Any]


class TableError(ValueError):
    """The file is not a table that we know; the message says what it is and what was expected."""


class Table(Struct, frozen=True, kw_only=True):
    """What a file holds."""

    name: str
    sheet: str
    publications: tuple[Publication, ...]
    unread: tuple[str, ...]  # a sentence for each row or cell that could not be read


def read(path: Path, authorities: Authorities, *, page: str) -> Table:
    """Every inspection that the file lists. page: of an authority on Ofsted's site, with {urn} in it.

    Raises TableError where no sheet holds a table that we know, and OSError for a file that cannot be opened.
    """
    body = path.read_bytes()
    seen = []
    for sheet, rows in _sheets(path, body):
        for number, row in enumerate(rows[:_MOST_ROWS_ABOVE]):
            titles = [_plain(cell).removeprefix("the ") for cell in row]
            for known in _KNOWN["table"]:
                if all(any(title.startswith(wanted) for title in titles) for wanted in known["is"]):
                    reader = _Reader(known, titles, sheet, sha256(body).hexdigest(), authorities, page)
                    found = list(reader.rows(rows[number + 1 :], number + 2))
                    return Table(
                        name=known["name"], sheet=sheet, publications=tuple(found), unread=tuple(reader.unread)
                    )
        seen.append(sheet)
    names = "; ".join(table["name"] for table in _KNOWN["table"])
    raise TableError(
        f"{path}: none of its sheets ({', '.join(seen) or 'none'}) is a table of outcomes that we know: {names}. "
        "Nothing was stored. A table is known by the titles of its columns."
    )


class _Reader:
    """One sheet, its columns known by their titles."""

    def __init__(
        self, known: dict[str, Any], titles: Sequence[str], sheet: str, digest: str, authorities: Authorities, page: str
    ) -> None:
        self.known, self.titles, self.sheet, self.digest = known, titles, sheet, digest
        self.authorities, self.page = authorities, page
        self.unread: list[str] = []
        self.named = {key: self._column(words, set()) for key, words in _KNOWN["authority"].items()}

    def rows(self, rows: Sequence[Cells], first: int) -> Iterator[Publication]:
        for number, cells in enumerate(rows, first):
            if not any(_text(cell) for cell in cells):
                continue
            for wanted in self.known["row"]:
                publication = self._inspection(wanted, cells, number)
                if publication is not None:
                    yield publication

    def _inspection(self, wanted: dict[str, Any], cells: Cells, number: int) -> Publication | None:
        used: set[int] = set()
        start = _day(self._cell(wanted["start"], cells, used))
        if start is None:
            return None
        authority = self._authority(cells, start)
        if authority is None:
            said = self._cell(_KNOWN["authority"]["name"], cells, set()) or "nobody"
            self.unread.append(f"row {number}: {said!s} is in no table of authorities; it was left out")
            return None
        place = f"{self.sheet}, row {number}"
        evidence: dict[str, Evidence] = {}
        kind = self._kind(wanted, start)
        judgements = self._judgements(wanted, cells, place, evidence, used)
        outcome = self._outcome(wanted, cells, place, evidence)
        published = _day(self._cell(wanted.get("published", []), cells, set()))
        finding = Finding(
            kind=kind, authority=authority.name, urn=authority.urn, certainty=Certainty.PUBLISHED,
            inspected_from=Day(start.isoformat()), inspected_to=Day(start.isoformat()), judgements=judgements,
            outcome=outcome, published_on=Day(published.isoformat()) if published else None,
            published_origin="official table", evidence=evidence,
        )  # fmt: skip
        return Publication(
            source=SOURCE, ref=f"{kind}/{authority.code}/{start}", url=self.page.format(urn=authority.urn or ""),
            title=f"Ofsted's table of outcomes: {frameworks.KIND_NAMES[kind]}, {authority.name}, {start}",
            published_on=finding.published_on, published_origin="official table", official=True,
            document_sha256=self.digest, type="table", findings=(finding,),
        )  # fmt: skip

    def _kind(self, wanted: dict[str, Any], start: date) -> Kind:
        earlier = wanted.get("before")
        return Kind(earlier["kind"] if earlier and start < earlier["date"] else wanted["kind"])

    def _judgements(
        self, wanted: dict[str, Any], cells: Cells, place: str, evidence: dict[str, Evidence], used: set[int]
    ) -> dict[str, Grade | None]:
        found: dict[str, Grade | None] = {}
        for area, words in wanted.get("areas", {}).items():
            column = self._column(words, used)
            said = _text(cells[column]) if column is not None and column < len(cells) else ""
            if column is None or _NOTHING.fullmatch(said):
                continue
            used.add(column)
            found[area] = frameworks.grade(said)
            if found[area] is None:
                self.unread.append(f"{place}: {said!r} is no grade; it stays unknown")
            evidence[f"judgements.{area}"] = Evidence(text=f"{self.titles[column]}: {said}"[:300], path=place)
        return found

    def _outcome(
        self, wanted: dict[str, Any], cells: Cells, place: str, evidence: dict[str, Evidence]
    ) -> Outcome | None:
        said = _text(self._cell(wanted.get("outcome", []), cells, set()))
        if _NOTHING.fullmatch(said):
            return None
        found = next((key for words, key in wanted["outcomes"].items() if words in _plain(said)), None)
        if found is None:
            self.unread.append(f"{place}: {said!r} is no outcome; it stays unknown")
            return None
        evidence["outcome"] = Evidence(text=f"{wanted['outcome'][0]}: {said}"[:300], path=place)
        return Outcome(found)

    def _authority(self, cells: Cells, on: date) -> Authority | None:
        said = {key: _text(cells[n]) if n is not None and n < len(cells) else "" for key, n in self.named.items()}
        table = self.authorities
        return (
            table.find(said["name"], on) or table.by_gss(said["code"]) or table.by_code(said["code"].zfill(3))
            or table.by_urn(said["urn"])
        )  # fmt: skip

    def _column(self, words: Sequence[str], used: set[int]) -> int | None:
        for wanted in words:
            for column, title in enumerate(self.titles):
                if column not in used and title.startswith(wanted):
                    return column
        return None

    def _cell(self, words: Sequence[str], cells: Cells, used: set[int]) -> Any:
        column = self._column(words, used)
        return cells[column] if column is not None and column < len(cells) else None


def _sheets(path: Path, body: bytes) -> Iterator[tuple[str, list[list[Any]]]]:
    if path.suffix.lower() in _SPREADSHEETS:
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(body))
            for name in book.sheet_names:
                yield name, book.get_sheet_by_name(name).to_python()
        except CalamineError as error:
            raise TableError(f"{path} is not a spreadsheet that can be opened: {error}. Nothing was stored.") from error
        return
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")  # as Ofsted's own CSV files are written
    yield path.name, [list(row) for row in csv.reader(io.StringIO(text, newline=""))]


def _plain(cell: Any) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", _text(cell)).lower().split())


def _text(cell: Any) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _day(cell: Any) -> date | None:
    """A date as a spreadsheet holds it, or as a CSV file prints it: 2019-06-17, 17/06/2019, 17 June 2019."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%d-%b-%y", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(_text(cell), form).date()  # noqa: DTZ007 - a date, without a time of day
        except ValueError:
            continue
    return None
