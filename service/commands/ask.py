"""Ask: files and pages read, and the archive's answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.commands import EXIT_OK, EXIT_PROBLEM, command, echo_json, moment
from service.commands.lists import AS_JSON, as_files, filtered, filters, no_more, placed, sheet_as_files, written

if TYPE_CHECKING:
    from archive import Archive
    from service.assembly import Watch

_TYPES = ("report", "article", "provider", "search", "feed", "listing")
_MANY = 10  # files, from which a progress bar is worth its line


@command(
    short_help="Say what files or pages hold.",
    epilog="Example: ofsted-watch read --json report.pdf article.html | jq .findings",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE|URL…")
@AS_JSON
@click.option("--as", "as_type", type=click.Choice(_TYPES), help="Take every file for this type.")
@click.option("--source", "source_name", metavar="NAME", help="The declaration that a listing belongs to.")
@click.option("--fetched-on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="When the page was fetched.")
def read(
    files: tuple[str, ...], as_json: bool, as_type: str | None, source_name: str | None, fetched_on: datetime | None,
    config_dir: Path | None, now: datetime | None,
) -> int:  # fmt: skip
    """Say what files or pages hold: a line for each, in the order given, also for one that cannot be read."""
    from inspections.model import to_json
    from service.read import Reader
    from service.terminal.screen import said

    bad = 0
    with Reader(config_dir, moment(now), source_name) as reader:
        lines = reader.lines(files, as_type=as_type, fetched_on=fetched_on.date() if fetched_on else None)
        with _progress(lines, len(files)) as steps:
            for line in steps:
                bad += line.error is not None
                if as_json:
                    echo_json(to_json(line))
                else:
                    click.echo(said(line))
    return EXIT_PROBLEM if bad else EXIT_OK


@command(
    short_help="Search the text of every publication.",
    epilog='Example: ofsted-watch search "care leavers" --region north-west',
)
@click.argument("words", nargs=-1, required=True)
@written
@filtered
@click.option("--ranked", is_flag=True, help="Best match first, in place of newest first.")
@click.option("--limit", default=20, show_default=True)
def search(
    words: tuple[str, ...], as_json: bool, as_csv: bool, as_xlsx: Path | None, ranked: bool, limit: int,
    config_dir: Path | None, now: datetime | None, **chosen: Any,
) -> int:  # fmt: skip
    """Search the text of every publication, newest first. "Phrases" in quotation marks, prefixes with a star."""
    from archive.export import table_of_hits
    from inspections.model import to_json
    from service.terminal.screen import hit

    with _archive(config_dir, now) as (watch, archive):
        asked = filters(watch, **chosen)
        hits = archive.search(" ".join(words), filters=asked, newest_first=not ranked, limit=limit)
        if not sheet_as_files(lambda: table_of_hits(hits), moment(now), as_csv=as_csv, as_xlsx=as_xlsx):
            for found in hits:
                if as_json:
                    echo_json(to_json(found))
                else:
                    click.echo(hit(found, sys.stdout.isatty()))
    if not hits:
        click.echo(f"Nothing in the archive holds {' '.join(words)!r}.", err=True)
    return EXIT_OK if hits else EXIT_PROBLEM


@command(
    short_help="List inspections.",
    epilog="Example: ofsted-watch inspections --region north-west --direction down --since 2023-01-01",
)
@written
@filtered
@click.option("--limit", default=100, show_default=True)
def inspections(
    as_json: bool, as_csv: bool, as_xlsx: Path | None, limit: int, config_dir: Path | None, now: datetime | None,
    **chosen: Any,
) -> int:  # fmt: skip
    """List inspections, newest first."""
    from inspections.contract import inspected
    from inspections.model import to_json
    from service.terminal.screen import line, table

    with _archive(config_dir, now) as (watch, archive):
        found = no_more(archive.inspections(filters(watch, **chosen), limit=limit + 1), limit)
        if as_files(found, watch, moment(now), as_csv=as_csv, as_xlsx=as_xlsx):
            return EXIT_OK
        if as_json:
            for inspection in found:
                echo_json(to_json(inspected(inspection)))
        elif found:
            heads = ["Id", "Published", "Whom", "Kind", "Result", "State"]
            click.echo(table([line(inspection) for inspection in found], heads, flexible=(2, 3, 4)))
        else:
            click.echo("No inspection in the archive fits.", err=True)
    return EXIT_OK


@command(
    short_help="Show one inspection, each field with its evidence.",
    epilog="Example: ofsted-watch show k3v9q2mzt4",
)
@click.argument("id", metavar="ID|AUTHORITY")
@AS_JSON
def show(id: str, as_json: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Show one inspection: grades old → new, the announcement beside the report, and where every fact was read.

    The name of a council stands for the latest inspection of its children's services that has a grade.
    """
    from inspections.compare import contrasts
    from inspections.model import to_json
    from service.terminal.screen import show as shown
    from service.terminal.sides import meant

    with _archive(config_dir, now) as (watch, archive):
        inspection = meant(watch, id)
        if inspection is None:
            click.echo(
                f"No inspection has the id {id!r}, and no council of that name has a graded one; "
                "`ofsted-watch inspections` lists them.", err=True,
            )  # fmt: skip
            return EXIT_PROBLEM
        claims = archive.claims_of(inspection.id)
        beside = contrasts(claims, inspection)
        if as_json:
            echo_json(to_json({"inspection": inspection, "claims": claims, "contrasts": beside}))
        else:
            click.echo(shown(inspection, claims, beside))
    return EXIT_OK


@command(
    short_help="An authority's inspections as a timeline by area.",
    epilog='Example: ofsted-watch history "Blackburn with Darwen"',
)
@click.argument("authority")
@written
def history(
    authority: str, as_json: bool, as_csv: bool, as_xlsx: Path | None, config_dir: Path | None, now: datetime | None
) -> int:
    """Draw an authority's inspections over the years, each area's grade with its direction."""
    from inspections.model import to_json
    from service.terminal.screen import timeline

    with _archive(config_dir, now) as (watch, archive):
        name, *others = filters(watch, authorities=(authority,)).authorities
        if others:
            raise click.UsageError(
                f"{authority} is a region: expected one council. `compare` sets a region side by side."
            )
        found = archive.history(name)
        if as_files(found, watch, moment(now), as_csv=as_csv, as_xlsx=as_xlsx):
            return EXIT_OK
        if as_json:
            for inspection in found:
                echo_json(to_json(inspection))
        else:
            click.echo(timeline(name, found))
    return EXIT_OK


@command(short_help="Open cases, and what is likely next.", epilog="Example: ofsted-watch due --region north-west")
@AS_JSON
@placed
def due(as_json: bool, config_dir: Path | None, now: datetime | None, **chosen: Any) -> int:
    """List what is under way, due, overdue, or announced without a report; then which inspections are likely next.

    What is likely follows from the framework's rules and the last inspection; it is no announcement of Ofsted's.
    """
    from inspections.model import to_json
    from service.due import expected, open_cases
    from service.terminal.screen import expected_line, line, table

    with _archive(config_dir, now) as (watch, archive):
        names = filters(watch, **chosen).authorities
        cases, likely = open_cases(archive, names), expected(archive, names)
        if as_json:
            for one in cases:
                echo_json(to_json(one))
            for next_, after in likely:
                echo_json(
                    to_json({"expected": {"kind": next_.kind, "on": next_.on, "why": next_.why, "after": after.id}})
                )
            return EXIT_OK
        if cases:
            heads = ["Id", "Since", "Whom", "Kind", "Result", "State"]
            click.echo(table([line(one) for one in cases], heads, flexible=(2, 3, 4)))
        else:
            click.echo("No inspection is known to be open.")
        if likely:
            rows = [expected_line(next_, after) for next_, after in likely]
            click.echo("\nLikely next\n" + table(rows, ["About", "Whom", "Kind", "Because"], flexible=(1, 2, 3)))
    return EXIT_OK


@command(
    short_help="Put a question to the archive in SQL, read-only.",
    epilog='Example: ofsted-watch sql "select kind, count(*) from inspections group by 1"',
)
@click.argument("query")
@AS_JSON
@click.option("--limit", default=1000, show_default=True)
def sql(query: str, as_json: bool, limit: int, config_dir: Path | None, now: datetime | None) -> int:
    """Put a question to the archive in SQL. Nothing can be changed; after a second the question is given up."""
    from inspections.model import to_json
    from service.terminal.screen import table

    with _archive(config_dir, now) as (_, archive):
        answer = archive.sql(query, limit=limit)
        if as_json:
            for row in answer.rows:
                echo_json(to_json(dict(zip(answer.columns, row, strict=True))))
        else:
            rows = [[str(value) for value in row] for row in answer.rows]
            click.echo(table(rows, list(answer.columns), flexible=range(len(answer.columns))))
    return EXIT_OK


@contextmanager
def _archive(config_dir: Path | None, now: datetime | None) -> Iterator[tuple[Watch, Archive]]:
    from service.assembly import assemble

    with assemble(config_dir, moment(now), readonly=True) as watch:
        yield watch, watch.archive


@contextmanager
def _progress(lines: Iterator[Any], count: int) -> Iterator[Any]:
    """A bar on standard error while many files are read; nothing where that is no terminal."""
    if count < _MANY or not sys.stderr.isatty():
        yield lines
        return
    with click.progressbar(lines, length=count, label="Reading", file=sys.stderr) as bar:
        yield bar
