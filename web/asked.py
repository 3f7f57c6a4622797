"""What a reader asks for, out of the address: the same names on pages, in feeds and in the JSON interface."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from archive.model import Filters
from inspections import frameworks
from inspections.model import Grade, Inspection, Kind, Outcome, State
from web import words
from web.site import Site, slug

LONGEST, MOST_VALUES = 500, 20  # characters of one value, values of one name
LAST_PAGE = 50  # of a search: whoever wants more narrows it
REPEATED = ("authority", "region", "provider", "kind", "grade", "direction", "area", "state", "source")
SEARCHED = ("q", "order")  # of a search alone
SINGLE = ("since", "until", "official", *SEARCHED)
ORDERS = ("newest", "best")
_TYPED = ("q", "authority", "region")  # by people; the rest is exact
KEY = r"^[0-9A-Za-z][0-9A-Za-z_/.-]{0,99}$"  # a URN, a source's id, an area, an inspection's id
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
VALUES: dict[str, tuple[str, ...]] = {
    "kind": tuple(each.value for each in Kind),
    "grade": tuple(dict.fromkeys(each.value for each in (*Grade, *Outcome))),
    "direction": ("up", "down", "same"), "state": tuple(each.value for each in State),
    "official": ("yes", "no", "true", "false"), "order": ORDERS,
}  # fmt: skip


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
        order = (*REPEATED, *SINGLE, "page", "before", "limit")
        pairs = [(name, each) for name in order for each in values.get(name, ())]
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
    """Raises BadQuestion for a value that no table has, an empty one, too many, or too long ones."""
    chosen = {name: _values(given, name) for name in (*REPEATED, *SINGLE)}
    for name, values in VALUES.items():
        for each in chosen[name]:
            if each not in values:
                raise BadQuestion(f"{name} is {each[:40]!r}: expected one of {', '.join(values)}.")
    for name, what in {"provider": "a URN", "area": "an area’s key", "source": "a source’s id"}.items():
        for each in chosen[name]:
            if not re.fullmatch(KEY, each):
                raise BadQuestion(f"{name} is {each[:40]!r}: expected {what}, in letters, digits and hyphens.")
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


def nothing_else(given: MultiDict[str, str], *names: str) -> None:
    """Raises BadQuestion for a name that is neither a filter nor one of these: misspelt, it would let all pass."""
    only(given, *REPEATED, *(each for each in SINGLE if each not in SEARCHED), *names)


def only(given: MultiDict[str, str], *names: str) -> None:
    """Raises BadQuestion for any other name."""
    for each in given:
        if each not in names:
            raise BadQuestion(f"{words.line(each, 40)!r} is not among what can be asked: {', '.join(names)}.")


def following(given: MultiDict[str, str], site: Site) -> Inspection | None:
    """The inspection after which a list goes on, where `before` names one. Raises NotFound for an unknown id."""
    id = given.get("before")
    found = site.archive.inspection(id) if id else None
    if id is not None and found is None:
        raise NotFound("before is no inspection’s id: expected the id of the last one of the page before.")
    return found


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
    """Each value once. Only the words of a search may be empty, as a form sends them."""
    values = given.getlist(name)
    most = 1 if name in SINGLE else MOST_VALUES
    if len(values) > most:
        raise BadQuestion(f"{name} is given {len(values)} times: expected at most {most}.")
    if any(len(each) > LONGEST for each in values):
        raise BadQuestion(f"{name} is longer than {LONGEST} characters.")
    shown = [words.line(each, LONGEST) for each in values] if name in _TYPED else values
    if name != "q" and not all(shown):
        raise BadQuestion(f"{name} is empty: expected a value, or no {name} at all.")
    return tuple(dict.fromkeys(filter(None, shown)))


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
    if not values:
        return None
    with suppress(ValueError):  # there is no 30 February
        if re.fullmatch(DATE, values[0]):
            return date.fromisoformat(values[0])
    raise BadQuestion(f"{name} is {values[0][:40]!r}: expected a date like 2023-01-31.")
