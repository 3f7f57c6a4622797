"""What a reader asks for, out of the address: the same names on pages, in feeds and in the JSON interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct
from werkzeug.datastructures import MultiDict

from archive.model import Filters
from inspections import frameworks
from inspections.model import Grade, Kind, Outcome, State
from web import words
from web.site import Site, slug

LONGEST, MOST_VALUES = 500, 20  # characters of one value, values of one name
LAST_PAGE = 50  # of a search: whoever wants more narrows it
REPEATED = ("authority", "region", "provider", "kind", "grade", "direction", "area", "state", "source")
SINGLE = ("since", "until", "official", "q", "order")
ORDERS = ("newest", "best")


class BadQuestion(ValueError):
    """A value that cannot be understood; the message is a sentence that says what was expected."""


class Asked(Struct, frozen=True, kw_only=True):
    """A question, as it was asked and as the archive takes it."""

    filters: Filters
    words: str = ""
    newest_first: bool = True
    chosen: Mapping[str, tuple[str, ...]]  # by name, in canonical form

    def link(self, path: str, **changes: str | None) -> str:
        """The address of the same question with these values instead; None takes one away."""
        values = {name: list(given) for name, given in self.chosen.items()}
        for name, value in changes.items():
            values[name] = [] if value is None else [value]
        pairs = [(name, each) for name in (*REPEATED, *SINGLE, "page", "before") for each in values.get(name, ())]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    @property
    def described(self) -> str:
        """What it asks for, in words: "ILACS; North West; since 2023-01-01"."""
        parts = [f"“{self.words}”"] if self.words else []
        for name, given in self.chosen.items():
            parts += [label(name, each) for each in given] if name in REPEATED else []
        parts += [f"{name} {self.chosen[name][0]}" for name in ("since", "until") if self.chosen.get(name)]
        parts += ["published by Ofsted"] if self.chosen.get("official") == ("yes",) else []
        return "; ".join(parts)


def asked(given: MultiDict[str, str], site: Site) -> Asked:
    """Raises BadQuestion for a value that no table has, too many values, or too long ones."""
    chosen = {name: _values(given, name) for name in (*REPEATED, *SINGLE)}
    for name in SINGLE:
        chosen[name] = chosen[name][:1]
    allowed: dict[str, Iterable[str]] = {
        "kind": [each.value for each in Kind], "grade": [each.value for each in (*Grade, *Outcome)],
        "direction": ("up", "down", "same"), "state": [each.value for each in State],
        "official": ("yes", "no", "true", "false"), "order": ORDERS,
    }  # fmt: skip
    for name, values in allowed.items():
        for each in chosen[name]:
            if each not in values:
                raise BadQuestion(f"{name} is {each[:40]!r}: expected one of {', '.join(values)}.")
    chosen["official"] = tuple({"true": "yes", "false": "no"}.get(each, each) for each in chosen["official"])
    rows = [row for name in chosen["authority"] for row in _named(name, site)]
    regions = [_region(name, site) for name in chosen["region"]]
    chosen["authority"] = tuple(slug(name) for name in rows)
    chosen["region"] = tuple(regions)
    since, until = _date(chosen["since"], "since"), _date(chosen["until"], "until")
    members = [row.name for region in regions for row in site.authorities if row.region and slug(row.region) == region]
    filters = Filters(
        authorities=tuple(dict.fromkeys([*rows, *members])), urns=chosen["provider"], kinds=chosen["kind"],
        grades=chosen["grade"], directions=chosen["direction"], areas=chosen["area"], states=chosen["state"],
        sources=chosen["source"], since=since, until=until,
        official=None if not chosen["official"] else chosen["official"] == ("yes",),
    )  # fmt: skip
    return Asked(
        filters=filters, words=" ".join(chosen["q"]), newest_first=chosen["order"] != ("best",),
        chosen={name: values for name, values in chosen.items() if values},
    )  # fmt: skip


def number(given: MultiDict[str, str], name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`. Raises BadQuestion for anything else."""
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= most):
        raise BadQuestion(f"{name} is {text[:40]!r}: expected a whole number from 1 to {most}.")
    return int(text)


def label(name: str, value: str) -> str:
    """How a chosen value is written on a page."""
    if name == "kind":
        return words.kind(Kind(value))
    if name == "grade":
        all_grades: dict[str, Any] = {**{each.value: each for each in Grade}, **{each.value: each for each in Outcome}}
        return frameworks.words(all_grades[value])
    if name == "state":
        return words.STATES[State(value)]
    if name == "area":
        return words.area(value)
    if name == "direction":
        return {"up": "better in some area", "down": "worse in some area", "same": "unchanged in some area"}[value]
    if name in ("region", "authority"):
        small = {"and", "the", "of", "upon", "with", "on"}
        return " ".join(each if each in small else each.capitalize() for each in value.split("-"))
    return value


def _values(given: MultiDict[str, str], name: str) -> tuple[str, ...]:
    values = tuple(filter(None, dict.fromkeys(words.line(each, LONGEST + 1) for each in given.getlist(name))))
    if len(values) > MOST_VALUES:
        raise BadQuestion(f"{name} is given {len(values)} times: expected at most {MOST_VALUES}.")
    if any(len(each) > LONGEST for each in values):
        raise BadQuestion(f"{name} is longer than {LONGEST} characters.")
    return values


def _named(name: str, site: Site) -> list[str]:
    found = site.authority(name)
    if found is None:
        raise BadQuestion(f"authority is {name[:80]!r}: expected a council’s name, or its number at the DfE.")
    return [found.name]


def _region(name: str, site: Site) -> str:
    wanted = slug(name)
    if wanted not in site.authorities.regions():
        raise BadQuestion(f"region is {name[:80]!r}: expected one of {', '.join(site.authorities.regions())}.")
    return wanted


def _date(values: tuple[str, ...], name: str) -> date | None:
    try:
        return date.fromisoformat(values[0]) if values else None
    except ValueError:
        raise BadQuestion(f"{name} is {values[0][:40]!r}: expected a date like 2023-01-31.") from None
