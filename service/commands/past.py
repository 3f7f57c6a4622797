"""The past: histories read without alerts, and official tables set beside what was read."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands import EXIT_OK, EXIT_PROBLEM, command, echo_json, moment

if TYPE_CHECKING:
    from service.poll import Polled


@command(
    short_help="Read the whole history of authorities, without alerts.",
    epilog='Example: ofsted-watch backfill "Blackburn with Darwen" Lancashire',
)
@click.argument("authorities", nargs=-1, metavar="[AUTHORITY…]")
def backfill(authorities: tuple[str, ...], config_dir: Path | None, now: datetime | None) -> int:
    """Read all that Ofsted lists of these authorities (or regions), or of all that are watched; nobody is told of it.

    It reads politely, a few documents a round. Stop it at any time: the next call goes on where it stopped. Exit 1 if
    a history could not be read to its end.
    """
    from service.assembly import assemble
    from service.backfill import backfill as fill
    from service.backfill import histories
    from service.clock import from_now

    clock = from_now(now)
    with assemble(config_dir, clock()) as watch, watch.archive.poll_lock(clock()):
        try:
            sources = histories(watch, watch.authorities.select(authorities) if authorities else [])
        except LookupError as error:
            raise click.UsageError(str(error.args[0])) from None
        open_before = [source for source in sources if not watch.state(source).baseline_done]
        with click.progressbar(length=len(open_before), label="Reading histories", file=sys.stderr) as bar:

            def report(polled: Polled, whole: bool) -> None:
                bar.update(int(whole))

            left = fill(watch, sources, now=clock, report=report)
        for polled in left:
            click.echo(
                f"{polled.source}: {polled.note or polled.outcome}. What was read is kept; call it again.", err=True
            )
        click.echo(
            f"{len(open_before) - len(left)} histories read, {len(sources) - len(open_before)} were read before, "
            f"{len(left)} left."
        )
    return EXIT_PROBLEM if left else EXIT_OK


@command(
    name="import",
    short_help="Take an official table of outcomes as a baseline.",
    epilog="Example: ofsted-watch import Area_SEND_inspection_data.ods",
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def import_(file: Path, as_json: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Keep what a table of Ofsted's (CSV, ODS or Excel) says, without alerts, and list where it differs from what was
    read. Exit 1 if it differs, or is no table that we know."""
    from inspections.model import to_json
    from service.assembly import assemble
    from service.backfill import imported
    from service.terminal.tables import TableError

    with assemble(config_dir, moment(now)) as watch:
        try:
            found = imported(watch, file, moment(now))
        except TableError as error:
            click.echo(str(error), err=True)
            return EXIT_PROBLEM
    if as_json:
        echo_json(to_json(found))
    else:
        for line in (*found.unread, *found.differences):
            click.echo(line)
        click.echo(
            f"{found.table}: {found.new} inspections added, {found.held} were held already; {found.alone} stand in "
            f"nothing else that was read; {len(found.differences)} differences."
        )
    return EXIT_PROBLEM if found.differences else EXIT_OK
