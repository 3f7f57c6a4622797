"""What is wrong with a configuration, as sentences: all of it at once, each with its file and line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"'-]+)\s*\]\]?\s*(?:#|\Z)")


class Mistake(Struct, frozen=True, kw_only=True):
    """One mistake. `key` is dotted, "ofsted.every" or "to[0].email"; "" where the file as a whole is meant."""

    file: str
    line: int | None = None
    key: str = ""
    sentence: str

    def __str__(self) -> str:
        at = f", line {self.line}" if self.line else ""
        return f"{self.file}{at}: {self.sentence}"


class ConfigError(Exception):
    """The configuration cannot be used. Nothing was changed or started."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = list(mistakes)


class Wrong(Exception):
    """A value that is none of what its key allows: what is allowed, and the nearest of it."""

    def __init__(self, allowed: str, *, nearest: str | None = None, item: int | None = None) -> None:
        super().__init__(allowed)
        self.allowed, self.nearest, self.item = allowed, nearest, item


class Writing:
    """A file while it is read: its text, and the mistakes found in it."""

    def __init__(self, path: Path | str, text: str, mistakes: list[Mistake]) -> None:
        self.path, self.text, self.mistakes = str(path), text, mistakes

    def note(self, key: str, sentence: str, value: object = None) -> None:
        """Note a mistake at a dotted key; `value` helps to find its line within a list."""
        line = line_of(self.text, key, value) if key else None
        self.mistakes.append(Mistake(file=self.path, line=line, key=key, sentence=sentence))

    def unknown(self, key: str, allowed: Iterable[str]) -> None:
        table, _, name = key.rpartition(".")
        known = sorted(allowed)
        hint = did_you_mean(name, known) or f"; known are {', '.join(known)}"
        self.note(key, f"unknown key {name!r}{f' in [{table}]' if table else ''}{hint}")

    def wrong(self, key: str, found: object, error: Wrong) -> None:
        at = key if error.item is None else f"{key}[{error.item}]"
        hint = f'; did you mean "{error.nearest}"?' if error.nearest else ""
        self.note(at, f"{at} is {shown(found)}; expected {error.allowed}{hint}", found)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like this one, if any is at all."""
    by_case = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(word.casefold(), by_case, n=1, cutoff=0.6)
    return by_case[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known)
    return f'; did you mean "{near}"?' if near else ""


def shown(value: object) -> str:
    """A value as it would stand in TOML, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "…"


def line_of(text: str, key: str, value: object = None) -> int | None:
    """The line on which a dotted key is written, counted from 1; of a list's item, "every[2]", the item's own.

    TOML readers keep no lines, so the text is searched. None where it is not found.
    """
    path = re.sub(r"\[\d+\]\Z", "", key)
    table, _, name = path.rpartition(".")
    rows = list(_addressed(text))
    begins = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]")
    within = re.compile(rf"(?<![\w-]){re.escape(name)}\s*=")
    at = next((number for number, where, line in rows if where == table and begins.match(line)), None)
    at = at or next((number for number, where, _ in rows if where in (path, key)), None)
    at = at or next((number for number, where, line in rows if table.startswith(where) and within.search(line)), None)
    if at is None or path == key:
        return at
    return next((number for number, _, line in rows if number >= at and str(value) in line), at)


def _addressed(text: str) -> Iterator[tuple[int, str, str]]:
    """Each line that is no comment, with its number and the table it belongs to; of [[to]] "to[0]", "to[1]", …"""
    table = ""
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = ".".join(part.strip().strip("\"'") for part in header[2].split("."))
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}[{counts[table]}]"
        if not line.lstrip().startswith("#"):
            yield number, table, line
