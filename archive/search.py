"""Full text over publications and what they say, newest first; ranked on demand."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from archive.model import Filters, Hit, Kept, QueryError
from archive.queries import Queries

_NO_FILTERS = Filters()
_TERM = re.compile(r'(?P<not>-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_LONGEST, _MOST = 500, 20  # characters and terms of one search
_SHORTEST_PREFIX = 3  # letters before a star: the index gathers all words that begin so before it gives the first
_AMONG_NEWEST = 20_000  # matches among which the best are looked for
_OPEN, _CLOSE = "\x02", "\x03"  # no stored text holds them
_AROUND = 110  # characters of the snippet on either side of the first match
_PLACE_BITS = 20


class Searching(Queries):
    """The archive, searched."""

    few = 1_000  # publications that are looked up one by one, in a tenth of a second

    def search(
        self, words: str, *, filters: Filters = _NO_FILTERS, newest_first: bool = True, limit: int = 20, offset: int = 0
    ) -> list[Hit]:
        """Publications with all these words. "Phrases" in quotes, prefix*, and -words that must not stand there.

        Words are found in every inflected form. Ranked, the best of the newest 20,000 come first. `directions`,
        `areas` and `states` look at the inspections told of.
        Without words, all that the filters let through.
        Raises QueryError for words that hold nothing to search for, or that take longer than a second.
        """
        with self.within_a_second():
            return self._search(words, filters, newest_first, limit, offset)

    def _search(self, words: str, filters: Filters, newest_first: bool, limit: int, offset: int) -> list[Hit]:
        where, values, few = self._asked(words, filters)
        page = {"limit": limit, "offset": offset}
        if newest_first and few is None:
            rows = self._rows(f"{_NEWEST} WHERE {where} {_ON_PAGE}", {**values, **page})
        elif newest_first:
            rows = self._rows(_CHOSEN, {**values, **page})
        else:
            ranked = _RANKED.format(where=where)
            best = self._rows(ranked, {**values, **page, "among": _AMONG_NEWEST})
            places = _json([row["place"] for row in best])
            rows = self._rows(_CHOSEN, {**values, "places": places, "limit": limit, "offset": 0})
        found = self._findings(row["id"] for row in rows)
        return [self._hit(row, found[row["id"]]) for row in rows]

    def count_hits(self, words: str, *, filters: Filters = _NO_FILTERS) -> int:
        """How many publications `search` would find. Raises QueryError as it does."""
        with self.within_a_second():
            where, values, _ = self._asked(words, filters)
            row = self._row(f"SELECT count(*) AS n FROM texts_fts WHERE {where}", values)
        assert row is not None
        return int(row["n"])

    def _asked(self, words: str, filters: Filters) -> tuple[str, dict[str, Any], list[int] | None]:
        """A condition on the texts with its values, and what `_few_told` finds."""
        low, high = _places(filters)
        few = self._few_told(filters)
        told, values = _told_of(filters) if few is None else (_AMONG, {"places": _json(few)})
        return f"{_MATCHED} {told}", {"match": matching(words, filters), "low": low, "high": high, **values}, few

    def _few_told(self, filters: Filters) -> list[int] | None:
        """Places of the publications that tell of such inspections, newest first; None: more than a few, or all."""
        told, values = _told_where(filters)
        if not told:
            return None
        found = _BY_JUDGEMENT if filters.directions or filters.areas else _BY_STATE
        rows = self._rows(
            f"SELECT DISTINCT q.place FROM {found} WHERE {told} LIMIT :few", {**values, "few": self.few + 1}
        )
        return sorted((row["place"] for row in rows), reverse=True) if len(rows) <= self.few else None

    def _hit(self, row: sqlite3.Row, findings: Sequence[sqlite3.Row]) -> Hit:
        marked = next((text for text in (row["body"], row["words"]) if _OPEN in text), row["body"] or row["title"])
        paged = "\f" in row["body"] and _OPEN in row["body"]
        kept: Kept = self._kept(row, findings)
        return Hit(
            publication=kept, snippet=snippet(marked),
            page=row["body"].count("\f", 0, row["body"].index(_OPEN)) + 1 if paged else None,
            inspections=tuple(dict.fromkeys(one["inspection"] for one in findings if one["inspection"])),
        )  # fmt: skip


_MATCHED = "texts_fts MATCH :match AND texts_fts.rowid BETWEEN :low AND :high"
_ON_PAGE = "ORDER BY texts_fts.rowid DESC LIMIT :limit OFFSET :offset"
_MARKED = f"""p.*, highlight(texts_fts, 1, '{_OPEN}', '{_CLOSE}') AS body,
  highlight(texts_fts, 2, '{_OPEN}', '{_CLOSE}') AS words"""
# CROSS JOIN: in this order, whatever the planner thinks; an array is walked in its own.
_NEWEST = f"SELECT {_MARKED} FROM texts_fts CROSS JOIN publications p ON p.place = texts_fts.rowid"
_CHOSEN = f"""SELECT {_MARKED} FROM json_each(:places) chosen CROSS JOIN texts_fts ON texts_fts.rowid = chosen.value
  CROSS JOIN publications p ON p.place = chosen.value
WHERE texts_fts MATCH :match AND chosen.value BETWEEN :low AND :high LIMIT :limit OFFSET :offset"""
# One walk over the matches, which are weighed as they are met. Nothing is marked in it: what is weighed is a thousand
# times what is shown.
_RANKED = """SELECT place FROM (
  SELECT rowid AS place, bm25(texts_fts) AS weight FROM texts_fts WHERE {where} ORDER BY rowid DESC LIMIT :among
) ORDER BY weight, place LIMIT :limit OFFSET :offset"""
_AMONG = "AND +texts_fts.rowid IN (SELECT value FROM json_each(:places))"  # met on one walk, not looked up one by one
_TOLD = """publications q JOIN findings f ON f.publication = q.id JOIN inspections i ON i.id = f.inspection
  LEFT JOIN judgements j ON j.inspection = i.id"""
_TELLING = "CROSS JOIN findings f ON f.inspection = i.id CROSS JOIN publications q ON q.id = f.publication"
_BY_STATE = f"inspections i {_TELLING}"
_BY_JUDGEMENT = f"judgements j CROSS JOIN inspections i ON i.id = j.inspection {_TELLING}"


def matching(words: str, filters: Filters = _NO_FILTERS) -> str:
    """The search as FTS5 reads it. Whatever a person typed stands in quotes, so nothing of it is syntax."""
    if len(words) > _LONGEST:
        raise QueryError(f"the search has {len(words)} characters: expected at most {_LONGEST}")
    wanted: list[str] = []
    unwanted: list[str] = []
    for term in _TERM.finditer(words.replace("\0", " ")):
        text = term["phrase"] if term["phrase"] is not None else term["word"]
        if any(letter.isalnum() for letter in text):
            (unwanted if term["not"] else wanted).append(_quoted(text, prefix=term["phrase"] is None))
    faceted = _faceted(filters)
    if not words.strip() and not faceted and filters != _NO_FILTERS:  # days, areas or states alone
        faceted = [("official", [str(True), str(False)])]
    facets = [f"facets : ({' OR '.join(facet(name, value) for value in values)})" for name, values in faceted]
    if not wanted and (unwanted or not facets or words.strip()):
        raise QueryError(f"{words!r} holds no word to search for: expected letters or digits")
    if len(wanted) + len(unwanted) > _MOST:
        raise QueryError(f"the search has {len(wanted) + len(unwanted)} terms: expected at most {_MOST}")
    parts = [f"{{title body words}} : ({' AND '.join(wanted)})"] if wanted else []
    match = " AND ".join(f"({part})" for part in [*parts, *facets])
    return f"({match}) NOT ({{title body words}} : ({' OR '.join(unwanted)}))" if unwanted else match


def facet(name: str, value: str) -> str:
    """One word of the index that stands for a fact of a publication, so that a filter is a word like any other.

    Its digits keep it from being stemmed, and from being met in a text.
    """
    digest = hashlib.sha256(f"{name}\0{value}".encode()).digest()
    return f"x{int.from_bytes(digest[:8], 'big'):020d}"


def snippet(marked: str) -> tuple[tuple[str, bool], ...]:
    """The text around its first match, in pieces: (text, whether it matched). Spaces and line ends become one space."""
    first = max(marked.find(_OPEN), 0)
    start = marked.rfind(" ", 0, max(first - _AROUND, 0)) + 1
    end = marked.find(" ", first + 2 * _AROUND)
    part = marked[start : end if end >= 0 else len(marked)]
    if part.count(_OPEN) > part.count(_CLOSE):
        part += _CLOSE
    pieces: list[tuple[str, bool]] = [("… ", False)] if start else []
    for chunk in re.split(f"({_OPEN}[^{_CLOSE}]*{_CLOSE})", re.sub(r"\s+", " ", part)):
        if chunk:
            pieces.append((chunk.strip(_OPEN + _CLOSE), chunk.startswith(_OPEN)))
    return (*pieces, (" …", False)) if end >= 0 else tuple(pieces)


def _quoted(text: str, *, prefix: bool) -> str:
    plain = text.rstrip("*")
    quoted = f'"{plain}"'  # no term holds a quotation mark of its own
    starred = prefix and plain != text and plain[-1:].isalnum() and len(plain) >= _SHORTEST_PREFIX
    return f"{quoted}*" if starred else quoted


def _faceted(filters: Filters) -> list[tuple[str, Sequence[str]]]:
    chosen: list[tuple[str, Sequence[str]]] = [
        ("authority", filters.authorities), ("urn", filters.urns), ("kind", filters.kinds), ("grade", filters.grades),
        ("source", filters.sources),
    ]  # fmt: skip
    if filters.official is not None:
        chosen.append(("official", [str(filters.official)]))
    return [(name, [str(value) for value in values]) for name, values in chosen if values]


def _told_where(filters: Filters) -> tuple[str, dict[str, str]]:
    """What the inspections of which a publication tells must be; "" where nothing."""
    conditions = {"directions": "j.direction", "areas": "j.area", "states": "i.state"}
    chosen = {name: column for name, column in conditions.items() if getattr(filters, name)}
    where = " AND ".join(f"{column} IN (SELECT value FROM json_each(:{name}))" for name, column in chosen.items())
    return where, {name: _json(getattr(filters, name)) for name in chosen}


def _told_of(filters: Filters) -> tuple[str, dict[str, str]]:
    """The same as a condition on each text that is met."""
    where, values = _told_where(filters)
    if not where:
        return "", {}
    return f"AND EXISTS (SELECT 1 FROM {_TOLD} WHERE {where} AND q.place = texts_fts.rowid)", values


def _json(values: Sequence[object]) -> str:
    return msgspec.json.encode(values).decode("utf-8")


def _places(filters: Filters) -> tuple[int, int]:
    low = (filters.since or date.min).toordinal() << _PLACE_BITS
    return low, ((filters.until or date.max).toordinal() + 1 << _PLACE_BITS) - 1
