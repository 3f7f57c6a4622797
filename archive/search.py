"""Full text over publications and what they say, newest first; ranked on demand."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Sequence
from datetime import date

import msgspec

from archive.model import Filters, Hit, Kept, QueryError
from archive.queries import Queries

_NO_FILTERS = Filters()
_TERM = re.compile(r'(?P<not>-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_LONGEST, _MOST = 500, 20  # characters and terms of one search
_SHORTEST_PREFIX = 3  # letters before a star: the index gathers all words that begin so before it gives the first
_RANKED = 20_000  # the newest matches among which the best are looked for: half a second's work at a million
_OPEN, _CLOSE = "\x02", "\x03"  # no stored text holds them
_AROUND = 110  # characters of the snippet on either side of the first match
_PLACE_BITS = 20


class Searching(Queries):
    """The archive, searched."""

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
        match = matching(words, filters)
        low, high = _places(filters)
        told = _told_of(filters)
        values = {"match": match, "low": low, "high": high, "limit": limit, "offset": offset, **told[1]}
        where = f"texts_fts MATCH :match AND texts_fts.rowid BETWEEN :low AND :high {told[0]}"
        if newest_first:
            rows = self._rows(
                f"{_HITS} WHERE {where} ORDER BY texts_fts.rowid DESC LIMIT :limit OFFSET :offset", values
            )
            return [self._hit(row) for row in rows]
        oldest = self._row(
            f"SELECT rowid FROM texts_fts WHERE {where} ORDER BY rowid DESC LIMIT 1 OFFSET :ranked",
            {**values, "ranked": _RANKED},
        )
        values["low"] = oldest["rowid"] if oldest else low
        best = self._rows(
            f"SELECT rowid AS place FROM texts_fts WHERE {where} ORDER BY rank LIMIT :limit OFFSET :offset", values
        )
        order = [row["place"] for row in best]
        # Marked in a second walk: before sorting every match would be marked, and by row id, as without the plus sign,
        # each row would gather the words of a prefix anew.
        marked = self._rows(
            f"{_HITS} WHERE texts_fts MATCH :match AND texts_fts.rowid BETWEEN :low AND :high "
            "AND +texts_fts.rowid IN (SELECT value FROM json_each(:places))",
            {"match": match, "low": min(order, default=0), "high": max(order, default=0),
             "places": msgspec.json.encode(order).decode("utf-8")},
        )  # fmt: skip
        return [self._hit(row) for row in sorted(marked, key=lambda row: order.index(row["place"]))]

    def count_hits(self, words: str, *, filters: Filters = _NO_FILTERS) -> int:
        """How many publications `search` would find. Raises QueryError as it does."""
        low, high = _places(filters)
        told = _told_of(filters)
        with self.within_a_second():
            row = self._row(
                "SELECT count(*) AS n FROM texts_fts WHERE texts_fts MATCH :match "
                f"AND texts_fts.rowid BETWEEN :low AND :high {told[0]}",
                {"match": matching(words, filters), "low": low, "high": high, **told[1]},
            )
        assert row is not None
        return int(row["n"])

    def _hit(self, row: sqlite3.Row) -> Hit:
        marked = next((text for text in (row["body"], row["words"]) if _OPEN in text), row["body"] or row["title"])
        paged = "\f" in row["body"] and _OPEN in row["body"]
        told = self._rows(
            "SELECT DISTINCT inspection FROM findings WHERE publication = ? AND inspection IS NOT NULL ORDER BY n",
            [row["id"]],
        )
        kept: Kept = self._kept(row)
        return Hit(
            publication=kept, snippet=snippet(marked),
            page=row["body"].count("\f", 0, row["body"].index(_OPEN)) + 1 if paged else None,
            inspections=tuple(one["inspection"] for one in told),
        )  # fmt: skip


_HITS = f"""
SELECT p.*, highlight(texts_fts, 1, '{_OPEN}', '{_CLOSE}') AS body,
  highlight(texts_fts, 2, '{_OPEN}', '{_CLOSE}') AS words
FROM texts_fts CROSS JOIN publications p ON p.place = texts_fts.rowid -- in this order, whatever the planner thinks
"""


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


def _told_of(filters: Filters) -> tuple[str, dict[str, str]]:
    """A condition on the inspections of which the publication tells; "" where there is none."""
    conditions = {"directions": "j.direction", "areas": "j.area", "states": "i.state"}
    chosen = {name: column for name, column in conditions.items() if getattr(filters, name)}
    if not chosen:
        return "", {}
    where = " AND ".join(f"{column} IN (SELECT value FROM json_each(:{name}))" for name, column in chosen.items())
    sql = (
        "AND EXISTS (SELECT 1 FROM publications q JOIN findings f ON f.publication = q.id "
        "JOIN inspections i ON i.id = f.inspection LEFT JOIN judgements j ON j.inspection = i.id "
        f"WHERE q.place = texts_fts.rowid AND {where})"
    )
    return sql, {name: msgspec.json.encode(getattr(filters, name)).decode("utf-8") for name in chosen}


def _places(filters: Filters) -> tuple[int, int]:
    low = (filters.since or date.min).toordinal() << _PLACE_BITS
    return low, ((filters.until or date.max).toordinal() + 1 << _PLACE_BITS) - 1
