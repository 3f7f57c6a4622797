"""What every list has in common: the filters that choose it, and the files that it can be written to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from archive import Filters
    from archive.sheets import Sheet
    from inspections.model import Inspection
    from service.assembly import Watch

Function = Callable[..., Any]
Record = TypeVar("Record")

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
_FILES = (
    AS_JSON,
    click.option("--csv", "as_csv", is_flag=True, help="Comma-separated, for a spreadsheet."),
    click.option("--xlsx", "as_xlsx", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                 help="Into an Excel workbook, which must not be there yet."),
)  # fmt: skip
_PLACES = (
    click.option("--authority", "authorities", multiple=True, metavar="NAME", help="Only of this council; repeatable."),
    click.option("--region", "regions", multiple=True, metavar="NAME", help="Only in this region."),
)
_FILTERS = (
    *_PLACES,
    click.option("--provider", "providers", multiple=True, metavar="URN", help="Only of this provider."),
    click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only on inspections of this kind."),
    click.option("--grade", "grades", multiple=True, metavar="GRADE", help="Some area has this grade or outcome."),
    click.option("--direction", "directions", multiple=True, type=click.Choice(["up", "down", "same"]),
                 help="Some area changed so."),
    click.option("--area", "areas", multiple=True, metavar="AREA", help="Grade and direction count in this area only."),
    click.option("--state", "states", multiple=True, metavar="STATE", help="Only at this stage, such as overdue."),
    click.option("--source", "sources", multiple=True, metavar="NAME", help="Only what this source tells of."),
    click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Published on this day or later."),
    click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Published on this day or before."),
    click.option("--official/--unofficial", default=None, help="Only with, or without, an official document."),
)  # fmt: skip


def written(function: Function) -> Function:
    """The options --json, --csv and --xlsx."""
    return _with(_FILES, function)


def placed(function: Function) -> Function:
    """The options --authority and --region, for `filters`."""
    return _with(_PLACES, function)


def filtered(function: Function) -> Function:
    """The options that choose inspections or publications, for `filters`: the same as on the web pages."""
    return _with(_FILTERS, function)


def filters(
    watch: Watch, *, authorities: Sequence[str] = (), regions: Sequence[str] = (), providers: Sequence[str] = (),
    since: datetime | None = None, until: datetime | None = None, **more: Any,
) -> Filters:  # fmt: skip
    """What the options ask for; a value that no table has is a mistake of use, and never an empty list."""
    from archive import Filters
    from inspections.model import Grade, Kind, Outcome, State

    known = {"kinds": tuple(Kind), "grades": (*Grade, *Outcome), "states": tuple(State)}
    for name, values in known.items():
        for each in more.get(name, ()):
            if each not in values:
                expected = ", ".join(dict.fromkeys(value.value for value in values))
                raise click.UsageError(f"{each!r} is no {name[:-1]}: expected one of {expected}.")
    try:
        chosen = watch.authorities.select([*authorities, *regions]) if authorities or regions else []
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from None
    names = tuple(dict.fromkeys(one.name for one in chosen))
    return Filters(authorities=names, urns=tuple(providers), since=_day(since), until=_day(until), **more)


def no_more(found: Sequence[Record], limit: int) -> Sequence[Record]:
    """The first `limit` of them; a list that is cut says so, on standard error. Ask the archive for one more."""
    if len(found) > limit:
        click.echo(f"The newest {limit} are shown; there are more. Ask for them with --limit.", err=True)
    return found[:limit]


def as_files(
    inspections: Sequence[Inspection], watch: Watch, now: datetime, *, as_csv: bool, as_xlsx: Path | None
) -> bool:
    """Write these inspections as --csv or --xlsx asks; whether either did."""
    from archive.export import table

    return sheet_as_files(lambda: table(inspections, watch.authorities), now, as_csv=as_csv, as_xlsx=as_xlsx)


def sheet_as_files(sheet: Callable[[], Sheet], now: datetime, *, as_csv: bool, as_xlsx: Path | None) -> bool:
    """Write one table as --csv or --xlsx asks; whether either did."""
    from archive.export import read_me
    from archive.sheets import write_book, write_csv

    if as_xlsx is not None:
        made = sheet()
        with new_file(as_xlsx) as path:
            count = write_book([made, read_me(now)], path, made=now)[made.name]
        click.echo(f"{count} rows written to {as_xlsx}", err=True)
    elif as_csv:
        write_csv(sheet(), sys.stdout)
    return as_csv or as_xlsx is not None


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A file beside `path` to write into, which becomes `path` when all of it is on the disk; gone after an error."""
    from archive.package import put_in_place

    part = path.with_name(f".{path.name}.part")
    try:
        with new(path):
            yield part
            put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def new(path: Path) -> Iterator[None]:
    """Errors of writing as sentences. A path that is there, or whose folder is not, is a mistake of use."""
    if path.exists() or not path.absolute().parent.is_dir():
        why = "is there already" if path.exists() else "cannot be written: its folder is not there"
        raise click.UsageError(f"{path} {why}. Nothing was written.")
    try:
        yield
    except OSError as error:
        raise click.ClickException(
            f"{path} cannot be written: {error.strerror or error}. Nothing is left of it."
        ) from error


@contextmanager
def progress(length: int, label: str) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, told of each step; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr, update_min_steps=100) as bar:
        yield bar.update


def _with(options: Sequence[Function], function: Function) -> Function:
    for option in reversed(options):
        function = option(function)
    return function


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None
