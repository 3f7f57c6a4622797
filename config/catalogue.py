"""Declarations of sources: the packaged catalogue in config/sources/, and the operator's own in sources/."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from config import typed
from config.mistakes import ConfigError, Mistake, Writing, Wrong
from inspections.authorities import Authorities
from scraper.model import Source

# The kinds of site that scraper.parse and scraper.listings.families know.
PARSERS = ("feed", "wordpress", "listing", "ofsted_search", "ofsted_provider")
FAMILIES = (
    "localgov_drupal", "drupal", "jadu", "goss", "contensis", "contensis_json", "prgloo", "presspage", "mynewsdesk",
    "shuttle", "wordpress_html", "obox", "sharepoint", "selectors",
)  # fmt: skip
PUBLISHERS = ("ofsted", "council", "media", "other")
SHORTEST = timedelta(minutes=15)  # between two polls of somebody else's site
_MOST_OPTIONS = 8
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")


@cache
def names() -> tuple[str, ...]:
    """The ids of the packaged catalogue, in alphabetical order."""
    folder = files("config") / "sources"
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


@cache
def catalogue(every: timedelta = timedelta(hours=1)) -> Mapping[str, Source]:
    """The packaged declarations by id. `every` is for those that name no interval."""
    folder, mistakes = files("config") / "sources", list[Mistake]()
    found = {}
    for name in names():
        file = Writing(f"config/sources/{name}.toml", (folder / f"{name}.toml").read_text("utf-8"), mistakes)
        if source := declared(name, file, every=every):
            found[name] = source
    if mistakes:
        raise ConfigError(mistakes)
    return found


def declared(
    name: str, file: Writing, *, every: timedelta, authorities: Authorities | None = None
) -> Source | None:  # fmt: skip
    """The source that a file declares; its mistakes are noted in the file. None where it cannot be used.

    authorities: where given, the authority must be in the table, and its name there is what the source gets.
    """
    found = toml(file)
    if found is None:
        return None
    if not NAME.match(name):
        file.note(
            "", f"the name of the file is {name!r}; it is the source's id, so only a-z, 0-9 and - may stand in it"
        )
    found.pop("notes", None)  # for the next person, not for the program
    before = len(file.mistakes)
    readers: dict[str, typed.Read] = {
        "url": typed.web_page,
        "parser": typed.choice(PARSERS),
        "family": typed.choice(FAMILIES),
        "publisher": typed.choice(PUBLISHERS),
        "options": _options,
    }
    if authorities is not None:
        readers["authority"] = authority_of(authorities)
    values = typed.table(Source, found, "", file, own=readers, leave=("id",))
    for key in ("name", "url", "parser"):
        if key not in found:
            file.note(key, f"{key} is missing; a declaration needs name, url and parser")
    values.setdefault("every", every)
    if values["every"] < SHORTEST and not values.get("allow_private"):
        file.wrong("every", found.get("every"), Wrong("15 minutes or more; less only with allow_private = true"))
    return Source(id=name, **values) if len(file.mistakes) == before else None


def own_sources(folder: Path, mistakes: list[Mistake], *, every: timedelta, authorities: Authorities) -> list[Source]:
    """What the operator declares in sources/*.toml, by name of file."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        if file := opened(path, mistakes):
            source = declared(path.stem, file, every=every, authorities=authorities)
            found += [source] if source else []
    return found


def authority_of(authorities: Authorities) -> typed.Read:
    """Reads the name of an authority as the table's own name."""

    def one(value: Any) -> str:
        found = authorities.find(value) if isinstance(value, str) else None
        if found is None:
            near = authorities.nearest(value, regions=False) if isinstance(value, str) else None
            raise Wrong("the name of an upper-tier authority of England", nearest=near)
        return found.name

    return one


def opened(path: Path, mistakes: list[Mistake]) -> Writing | None:
    """A file to be read, or None with the reason among the mistakes."""
    try:
        return Writing(path, path.read_text(encoding="utf-8-sig"), mistakes)
    except UnicodeDecodeError as error:
        reason = f"the file is not UTF-8 text: byte {error.start} cannot be read; save it as UTF-8"
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}"
    mistakes.append(Mistake(file=str(path), sentence=reason))
    return None


def toml(file: Writing) -> dict[str, Any] | None:
    """The whole file as a table, or None with the reason among its mistakes."""
    try:
        return tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column \d+\)", str(error))
        said = str(error).partition(" (at ")[0]
        line = int(at[1]) if at else file.text.count("\n") + 1
        sentence = f"this is not TOML: {said[:1].lower()}{said[1:]}; text stands in quotation marks, one key a line"
        file.mistakes.append(Mistake(file=file.path, line=line, sentence=sentence))
        return None


def _options(value: Any) -> dict[str, str | int | list[str]]:
    if not isinstance(value, dict) or len(value) > _MOST_OPTIONS:
        raise Wrong(f"a table of at most {_MOST_OPTIONS} keys; a site that needs more needs a parser of its kind")
    for item in value.values():
        plain = isinstance(item, str) or (isinstance(item, int) and not isinstance(item, bool))
        if not plain and not (isinstance(item, list) and all(isinstance(each, str) for each in item)):
            raise Wrong("a table whose values are text, whole numbers or lists of text")
    return value
