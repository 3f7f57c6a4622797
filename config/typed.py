"""TOML values read as the types of our records, one value at a time, so that every mistake is found at once."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct

from config.mistakes import Writing, Wrong, nearest

Read = Callable[[Any], Any]

_UNITS = {
    "ms": timedelta(milliseconds=1), "s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1),
    "d": timedelta(days=1), "w": timedelta(weeks=1),
}  # fmt: skip
_LONGEST = timedelta(days=366)
DURATION = 'a duration such as "5s", "15m", "1h30m" or "14d"'


def table(
    into: type[Struct], found: Mapping[str, Any], key: str, file: Writing, *,
    own: Mapping[str, Read] | None = None, leave: Collection[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """The values of a table that are right, by field; each that is not is noted in the file, unknown keys too.

    own: how to read a key that needs more than its type. leave: fields that no file may set.
    """
    own = own or {}
    hints = _types(into)
    known = ({*into.__struct_fields__} | set(own)) - set(leave)
    values = {}
    for name, value in found.items():
        at = f"{key}.{name}" if key else name
        if name not in known:
            file.unknown(at, known)
            continue
        try:
            values[name] = own[name](value) if name in own else reading(hints[name], value)
        except Wrong as error:
            file.wrong(at, value if error.item is None else value[error.item], error)
    return values


@lru_cache
def _types(into: type[Struct]) -> dict[str, Any]:
    return get_type_hints(into, include_extras=True)  # slow, and the catalogue has more than a hundred declarations


def section(into: type[Struct], found: Any, key: str, file: Writing, *, own: Mapping[str, Read] | None = None) -> Any:
    """A whole table as its record; the record's defaults stand for what is missing or wrong."""
    if not isinstance(found, dict):
        file.wrong(key, found, Wrong(f"a table, [{key}]"))
        return into()
    return into(**table(into, found, key, file, own=own))


def reading(kind: Any, value: Any) -> Any:
    """The value as that type. Raises Wrong, which says what is allowed."""
    origin = get_origin(kind)
    if origin is Annotated:
        base, *notes = get_args(kind)
        return _within(reading(base, value), next(note for note in notes if isinstance(note, Meta)))
    if origin in (Union, types.UnionType):
        return reading(next(each for each in get_args(kind) if each is not type(None)), value)
    if origin is tuple:
        return listed(lambda each: reading(get_args(kind)[0], each))(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return choice(list(kind))(value)
    return _READERS[kind](value)


def listed(read: Read) -> Read:
    """Reads a list, item by item."""

    def each(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Wrong('a list, ["…", "…"]')
        items = []
        for number, item in enumerate(value):
            try:
                items.append(read(item))
            except Wrong as error:
                raise Wrong(error.allowed, nearest=error.nearest, item=number) from error
        return tuple(items)

    return each


def choice(allowed: Collection[Any]) -> Read:
    """Reads one of some words; a member of an enumeration by its value."""
    by_word = {str(each): each for each in allowed}

    def one(value: Any) -> Any:
        if isinstance(value, str) and value in by_word:
            return by_word[value]
        said = " or ".join(f'"{word}"' for word in by_word) if len(by_word) < 4 else f"one of {', '.join(by_word)}"
        raise Wrong(said, nearest=nearest(value, by_word) if isinstance(value, str) else None)

    return one


def duration(value: Any) -> timedelta:
    """ "1h30m" → 90 minutes; at most a year."""
    if isinstance(value, str) and re.fullmatch(r"(?:\d+(?:\.\d+)?(?:ms|[smhdw])\s*)+", value.strip()):
        parts = re.findall(r"(\d+(?:\.\d+)?)(ms|[smhdw])", value)
        if sum(float(count) * (_UNITS[unit] / _LONGEST) for count, unit in parts) <= 1:
            return sum((float(count) * _UNITS[unit] for count, unit in parts), timedelta())
    raise Wrong(f"{DURATION}, at most a year")


def clock(value: Any) -> time:
    """ "09:40", or a TOML local time."""
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(r"(?:[01]?\d|2[0-3]):[0-5]\d", value):
        hour, minute = value.split(":")
        return time(int(hour), int(minute))
    raise Wrong('a time of day such as "09:40"')


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong('text in quotation marks, "…"')
    return value.strip()


def web_page(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/?#@]+(?:[/?#]\S*)?", value):
        raise Wrong('an address such as "https://example.org/news"')
    return value


def web_site(value: Any) -> str:
    """The address of a site, to which paths are added: without a final slash."""
    address = web_page(value).rstrip("/")
    if "?" in address or "#" in address:
        raise Wrong('the address of a site such as "https://example.org"')
    return address


def mail_address(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+", value):
        raise Wrong('one mail address such as "desk@example.org"')
    return value


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise Wrong("a date without quotation marks such as 2026-04-03")


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("true or false")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong("a whole number")
    return value


def _within(value: int, limits: Meta) -> int:
    low, high = limits.ge, limits.le
    if (low is not None and value < low) or (high is not None and value > high):
        raise Wrong(f"a whole number from {low}" + (f" to {high}" if high is not None else " up"))
    return value


_READERS: dict[Any, Read] = {
    str: text, int: _number, bool: _yes_or_no, timedelta: duration, time: clock, date: _day,
}  # fmt: skip
