"""Keep: a person's decisions on what was read, and the archive's own safety."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands import EXIT_OK, command, echo_json, moment

if TYPE_CHECKING:
    from inspections.model import Event, Overrule
    from service.assembly import Watch


@command(
    short_help="Decide on pages that could not be decided.",
    epilog="Example: ofsted-watch review accept k3v9q2mzt4",
)
@click.argument("decision", type=click.Choice(["accept", "reject"]), required=False)
@click.argument("ids", nargs=-1, metavar="[ID…]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def review(
    decision: str | None, ids: tuple[str, ...], as_json: bool, config_dir: Path | None, now: datetime | None
) -> int:
    """List findings that wait for a person, or accept or reject them. What is accepted may alert."""
    from inspections.model import Overrule, to_json
    from service.assembly import assemble
    from service.poll import queue_events
    from service.terminal.board import undecided

    with assemble(config_dir, moment(now), readonly=decision is None) as watch:
        if decision is None:
            for claim in watch.archive.undecided():
                click.echo(undecided(claim)) if not as_json else echo_json(to_json(claim))
            return EXIT_OK
        for id in ids:
            with watch.archive.writing():
                events = _overrule(watch, Overrule(kind=decision, claim=id), moment(now))
                queue_events(watch, events, moment(now))
    return EXIT_OK


@command(short_help="Two inspections are one.", epilog="Example: ofsted-watch merge k3v9q2mzt4 b7c2m5xq3a")
@click.argument("id")
@click.argument("other")
def merge(id: str, other: str, config_dir: Path | None, now: datetime | None) -> int:
    """Say that two inspections are one. It is remembered, whatever is read later."""
    return _decide("merge", id, other, config_dir, moment(now))


@command(
    short_help="A publication is not of this inspection.",
    epilog="Example: ofsted-watch split k3v9q2mzt4 theshuttle/https://theshuttle.org.uk/some-story",
)
@click.argument("id")
@click.argument("publication")
def split(id: str, publication: str, config_dir: Path | None, now: datetime | None) -> int:
    """Say that a publication (SOURCE/REF, as `show --json` prints it) is not of this inspection."""
    return _decide("split", id, publication, config_dir, moment(now))


@command(short_help="Copy the archive into one verified file.", epilog="Example: ofsted-watch backup /var/backups")
@click.argument("to", type=click.Path(path_type=Path))
def backup(to: Path, config_dir: Path | None, now: datetime | None) -> int:
    """Copy the archive with its captures, while the daemon runs, into one file; the copy is checked."""
    from service.assembly import assemble

    with assemble(config_dir, moment(now)) as watch:
        click.echo(f"{watch.archive.backup(to, now=moment(now))}")
    return EXIT_OK


@command(short_help="Put an archive back.", epilog="Example: ofsted-watch restore backup.tar --yes")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Put a backup in place of the archive, which is kept beside it. What was published since makes held events."""
    import os

    from archive.keep import restore as put_back
    from config.load import load

    folder = load(config_dir, os.environ, secrets=False).archive
    if not yes:
        click.confirm(f"Put {file} in place of the archive in {folder}? The present one is kept beside it.", abort=True)
    put_back(file, folder, now=moment(now))
    click.echo(f"{file} is now the archive in {folder}; events that follow from it are held.")
    return EXIT_OK


def _decide(kind: str, id: str, other: str, config_dir: Path | None, now: datetime) -> int:
    from inspections.model import Overrule
    from service.assembly import assemble
    from service.poll import queue_events

    with assemble(config_dir, now) as watch, watch.archive.writing():
        queue_events(watch, _overrule(watch, Overrule(kind=kind, claim=id, other=other), now), now)
    return EXIT_OK


def _overrule(watch: Watch, rule: Overrule, now: datetime) -> list[Event]:
    try:
        return watch.archive.overrule(rule, now=now)
    except (KeyError, ValueError) as error:
        raise click.ClickException(str(error.args[0])) from None
