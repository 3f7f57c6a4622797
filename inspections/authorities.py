"""Every upper-tier council of England since 2018, and how to find one by name, number, region or in a text."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from msgspec import Struct, structs

from inspections import names
from inspections.model import Authority

TABLE_DATE = date(2026, 9, 30)  # the day for which the packaged table was made: "standing" without a date means then
COLUMNS = ("code", "name", "gss", "former_gss", "urn", "region", "domain",
           "valid_from", "valid_to", "predecessors", "aliases")  # fmt: skip
_NEARER = 0.85  # like this a word is one that was misspelt, whatever it is a part of
_LISTS = ("former_gss", "predecessors", "aliases")  # their entries are divided by "|"


class AuthoritiesError(ValueError):
    """Rows that cannot be read. `mistakes` holds a (file, line, sentence) for each."""

    def __init__(self, mistakes: Sequence[tuple[str, int, str]]) -> None:
        super().__init__("\n".join(f"{file}, line {line}: {sentence}" for file, line, sentence in mistakes))
        self.mistakes = tuple(mistakes)


class Mention(Struct, frozen=True, kw_only=True):
    """Where a text names an authority: text[start:end], "Council" and "London Borough of" within it."""

    start: int
    end: int
    authority: Authority


class Authorities:
    """The table, in its own order. Names are unique at any one date; codes, URNs and GSS codes always."""

    def __init__(self, rows: Iterable[Authority]) -> None:
        self._rows = tuple(rows)
        self._by_name: dict[str, list[Authority]] = {}
        for row in self._rows:
            for name in (row.name, *row.aliases):
                known = self._by_name.setdefault(names.plain(name), [])
                if row not in known:
                    known.append(row)
        self._by_code = {row.code: row for row in self._rows if row.code}
        self._by_urn = {row.urn: row for row in self._rows if row.urn}
        self._by_gss = {gss: row for row in self._rows for gss in (*row.former_gss, row.gss) if gss}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return names.pattern(name for row in self._rows for name in (row.name, *row.aliases))

    @classmethod
    def load(cls, *more: Path) -> Authorities:
        """The packaged table with the rows of those files added; a row with a known code takes the place of that row.

        Raises AuthoritiesError, which names every mistake, and OSError for a file that cannot be opened.
        """
        packaged = (files("inspections") / "authorities.csv").read_text(encoding="utf-8")
        rows = {_identity(row): row for row in read(packaged, "authorities.csv")}
        for path in more:
            rows.update({_identity(row): row for row in read(path.read_text(encoding="utf-8-sig"), str(path))})
        return cls(rows.values())

    def __iter__(self) -> Iterator[Authority]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, name: str, on: date | None = None) -> Authority | None:
        """The authority of that name, alias or printed form ("City of York Council local authority"); never a guess.

        on: where an abolished and a standing authority share the name, the one that stood then.
        """
        fitting = [row for form in names.forms(name) for row in self._by_name.get(form, ())]
        if not fitting:
            return None
        if on is None and names.plain(name) in self._by_name:
            fitting = self._by_name[names.plain(name)]
        return next((row for row in fitting if stood(row, on or TABLE_DATE)), fitting[0])

    def by_urn(self, urn: str) -> Authority | None:
        return self._by_urn.get(urn)

    def by_code(self, code: str) -> Authority | None:
        return self._by_code.get(code)

    def by_gss(self, gss: str) -> Authority | None:
        """Also by a GSS code that the authority had before."""
        return self._by_gss.get(gss)

    def regions(self) -> dict[str, str]:
        """Slug → name, "north-west" → "North West", in alphabetical order."""
        return {slug(region): region for region in sorted({row.region for row in self._rows if row.region})}

    def in_region(self, region: str, on: date | None = None) -> list[Authority]:
        """The authorities of a region, by name or slug, that stand on that day. An unknown region has none."""
        wanted = slug(region)
        return [row for row in self._rows if row.region and slug(row.region) == wanted and stood(row, on or TABLE_DATE)]

    def select(self, words: Sequence[str], on: date | None = None) -> list[Authority]:
        """The authorities that names and regions mean, each once, in the order of the words.

        Raises LookupError for a word that is neither, naming the nearest.
        """
        chosen: dict[tuple[str, str], Authority] = {}
        for word in words:
            named = self.find(word, on)
            found = [named] if named else self.in_region(word, on)
            if not found:
                near = self.nearest(word)
                hint = f"; the nearest is {near!r}" if near else '; a region is written like "north-west"'
                raise LookupError(f"{word!r} is neither an authority nor a region{hint}")
            chosen.update({(row.code, row.name): row for row in found})
        return list(chosen.values())

    def mentioned(self, text: str, on: date | None = None) -> list[Mention]:
        """Every place where the text names an authority, in its order; the longest name wins.

        People, police forces, hospitals and districts that share a name are no mention.
        on: the day of the text; authorities that did not stand yet are not meant.
        """
        mentions = []
        for match in self._pattern.finditer(text):
            name = match["name"]
            if not name or not names.names_a_council(text, *match.span(), bare=match[0] == name):
                continue
            row = self.find(match[0], on) or self.find(name, on)
            if row and (row.valid_from is None or row.valid_from <= (on or TABLE_DATE)):
                mentions.append(Mention(start=match.start(), end=match.end(), authority=row))
        return mentions

    def standing(self, which: str | Authority, on: date) -> list[Authority]:
        """Who is responsible on that day: the authority itself, else those that followed it, else those before it."""
        row = self._row(which)
        if row is None or stood(row, on):
            return [row] if row else []
        ended = row.valid_to is not None and row.valid_to < on
        nearby = self.successors(row) if ended else self.predecessors(row)
        return list({each.name: each for other in nearby for each in self.standing(other, on)}.values())

    def predecessors(self, which: str | Authority) -> list[Authority]:
        """Those whose area it took over, wholly or in part."""
        row = self._row(which)
        return [self._by_code[code] for code in row.predecessors if code in self._by_code] if row else []

    def successors(self, which: str | Authority) -> list[Authority]:
        row = self._row(which)
        return [other for other in self._rows if row and row.code in other.predecessors]

    def _row(self, which: str | Authority) -> Authority | None:
        return which if isinstance(which, Authority) else self._by_code.get(which)

    def nearest(self, word: str, *, regions: bool = True) -> str | None:
        """The name of an authority, or the slug of a region, that is most like this word; None where none is.

        A part of a region's name means the region; of two that are as near, the one with the same letters.
        """
        known = {names.plain(name): name for row in self._rows for name in (row.name, *row.aliases)}
        places = {names.plain(name): short for short, name in self.regions().items()} if regions else {}
        plain = names.plain(word)
        parts = [name for name in places if plain and set(plain.split()) < set(name.split())]
        near = difflib.get_close_matches(plain, known | places, n=5, cutoff=0.6)
        if parts and not any(difflib.SequenceMatcher(None, plain, name).ratio() > _NEARER for name in near):
            return places[parts[0]]

        def alike(name: str) -> tuple[float, int]:
            ratio = difflib.SequenceMatcher(None, name, plain).ratio()
            return round(ratio, 2), (Counter(name) & Counter(plain)).total()

        return (known | places)[max(near, key=alike)] if near else None


def read(text: str, file: str) -> list[Authority]:
    """The rows of a table as CSV with a header of COLUMNS, of which only code and name must be there.

    Raises AuthoritiesError with every mistake; `file` is how it names the file.
    """
    lines = csv.DictReader(io.StringIO(text))
    header = lines.fieldnames or ()
    unknown = [column for column in header if column not in COLUMNS]
    if unknown or "name" not in header or "code" not in header:
        said = (
            f"the columns are {', '.join(header) or 'missing'}; expected code, name and any of {', '.join(COLUMNS[2:])}"
        )
        raise AuthoritiesError([(file, 1, said)])
    mistakes: list[tuple[str, int, str]] = []
    rows, seen = [], dict[tuple[str, str], int]()
    for cells in lines:
        found = list(_wrong(cells))
        if not found:
            row = _row(cells)
            if _identity(row) in seen:
                found = [f"{_identity(row)[1] or row.code} stands already in line {seen[_identity(row)]}"]
            else:
                rows.append(row)
                seen[_identity(row)] = lines.line_num
        mistakes += [(file, lines.line_num, sentence) for sentence in found]
    if mistakes:
        raise AuthoritiesError(mistakes)
    return rows


def stood(authority: Authority, on: date) -> bool:
    """Whether the authority existed on that day."""
    return (authority.valid_from or date.min) <= on <= (authority.valid_to or date.max)


def slug(region: str) -> str:
    """ "Yorkshire and the Humber" → "yorkshire-and-the-humber"."""
    return names.plain(region).replace(" ", "-")


def _identity(row: Authority) -> tuple[str, str]:
    return (row.code, "") if row.code else ("", names.plain(row.name))


def _wrong(cells: dict[str, str | None]) -> Iterator[str]:
    """What is wrong with a row, as sentences."""
    if None in cells or None in cells.values():
        yield "the row has not as many cells as the header; put a name that holds a comma in double quotes"
        return
    if not (cells["name"] or "").strip():
        yield "the name is empty"
    if not re.fullmatch(r"\d{3}|", (cells["code"] or "").strip()):
        yield f"the code is {cells['code']!r}; expected the DfE's three digits, or nothing where none is known yet"
    for column in ("valid_from", "valid_to"):
        if not _is_day(cells.get(column)):
            yield f"{column} is {cells[column]!r}; expected a date like 2027-04-01, or nothing"


def _is_day(cell: str | None) -> bool:
    try:
        return not cell or bool(date.fromisoformat(cell.strip()))
    except ValueError:
        return False


def _row(cells: dict[str, str]) -> Authority:
    values: dict[str, object] = {}
    for column, cell in cells.items():
        text = " ".join(cell.split())
        if column in _LISTS:
            values[column] = tuple(part.strip() for part in text.split("|") if part.strip())
        elif column.startswith("valid_"):
            values[column] = date.fromisoformat(text) if text else None
        else:
            values[column] = text if text or column == "code" else None
    return structs.replace(Authority(code="", name=""), **values)
