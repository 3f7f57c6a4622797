"""Watch: the daemon, a single round, what is watched and how it stands."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

import click

from service.commands import EXIT_OK, EXIT_PROBLEM, EXIT_USAGE, EXIT_WATCHDOG, command, echo_json, moment

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@command(
    short_help="See the whole service at work, without a network.",
    epilog="Example: ofsted-watch demo --folder .demo",
)
@click.option("--folder", type=click.Path(path_type=Path), default=Path(".demo"), show_default=True,
              help="Where its archive and configuration are left, to be asked afterwards.")  # fmt: skip
def demo(folder: Path, config_dir: Path | None, now: datetime | None) -> int:
    """Run the service on a replica of three sites on this machine: poll, publish, alert, correct. Ends by itself."""
    from service.demo.play import play

    return EXIT_OK if play(folder, click.echo) else EXIT_PROBLEM


@command(short_help="Write a working configuration.", epilog="Example: ofsted-watch init ~/.config/ofsted-watch")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def init(folder: Path | None, config_dir: Path | None, now: datetime | None) -> int:
    """Ask five questions and write a folder that `check` and `run` can use. Nothing that stands there is changed."""
    from config.begin import QUESTIONS, AlreadyThere, begin

    answers = {name: click.prompt(question, default=default) for name, question, default in QUESTIONS}
    try:
        written = begin(folder or config_dir, answers)
    except AlreadyThere as error:
        click.echo(str(error), err=True)
        return EXIT_USAGE
    click.echo(f"Written: {', '.join(str(path) for path in written)}")
    click.echo(f"Next: ofsted-watch check --config {written[0].parent}")
    return EXIT_OK


@command(short_help="Run the daemon.", epilog="Example: ofsted-watch run --config /etc/ofsted-watch")
@click.option("--verbose", is_flag=True, help="Log every poll, not only what is new or wrong.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def run(verbose: bool, log_format: str, config_dir: Path | None, now: datetime | None) -> int:
    """Poll what is due, deliver what is due, until SIGTERM. SIGHUP reads the configuration anew."""
    import os

    from service.assembly import assemble
    from service.clock import from_now
    from service.daemon import Daemon, Ending
    from service.logs import to_stderr
    from service.memory import share_arenas

    share_arenas()
    to_stderr(log_format, logging.INFO if verbose else logging.WARNING)
    clock = from_now(now)
    with assemble(config_dir, clock()) as watch:
        ending = Daemon(watch, clock=clock).run()
        if ending != Ending.CLEAN:
            # Something hangs, and would hold the end of the process up. Every transaction is whole or not there.
            logging.shutdown()
            os._exit(EXIT_WATCHDOG if ending == Ending.WATCHDOG else EXIT_OK)
    return EXIT_OK


@command(
    short_help="Read sources once, now, and deliver what is due.",
    epilog="Example: ofsted-watch poll theshuttle ofsted-80430",
)
@click.argument("sources", nargs=-1, metavar="[SOURCE…]")
@_AS_JSON
def poll(sources: tuple[str, ...], as_json: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Read the named sources, or all that are watched, then deliver what is due. Exit 1 if a source failed."""
    from inspections.model import to_json
    from service.assembly import assemble
    from service.deliver import deliver_due
    from service.poll import poll as poll_round
    from service.telling.lost import take_back
    from service.terminal.board import polled as said

    at = moment(now)
    with assemble(config_dir, at) as watch, watch.archive.poll_lock(at):
        chosen = watch.named(sources)
        take_back(watch, at)
        tell = (lambda one: echo_json(to_json(one))) if as_json else (lambda one: click.echo(said(one)))
        results = poll_round(watch, chosen, now=at, report=tell)
        for sent in deliver_due(watch, at):
            if not as_json:
                click.echo(f"{sent.outcome}: {sent.subject} → {sent.recipient}")
    return EXIT_PROBLEM if any(one.failed for one in results) else EXIT_OK


@command(short_help="How the sources and the outbox stand.", epilog="Example: ofsted-watch status --json")
@_AS_JSON
def status(as_json: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Show each source (last read, last new, next try, state), what waits to be sent, and open incidents.

    Exit 1 if an incident is open or a message could not be delivered.
    """
    from inspections.model import to_json
    from service.assembly import assemble
    from service.terminal.board import status as shown

    with assemble(config_dir, moment(now), readonly=True) as watch:
        found = watch.archive.status()
        click.echo(to_json(found).decode() if as_json else shown(found, moment(now)))
    return EXIT_PROBLEM if found.incidents or found.dead else EXIT_OK


@command(short_help="Check the configuration, and what it watches.", epilog="Example: ofsted-watch check theshuttle")
@click.argument("sources", nargs=-1, metavar="[SOURCE…]")
@click.option("--write", is_flag=True, help="Print the declaration that was found out for each named source.")
def check(sources: tuple[str, ...], write: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Name every mistake of the configuration; read the named sources, and show what each lists. Stores nothing.

    With --write: print, for each named source, the declaration that its first poll found to work, ready to be saved.
    """
    from service.check import Checked, found_out

    if write:
        texts = found_out(config_dir, sources, moment(now))
        for name, text in texts.items():
            click.echo(text or f"# {name}: nothing was found out; its declaration stands as it is.")
        return EXIT_OK if any(texts.values()) else EXIT_PROBLEM
    checked = Checked(config_dir, sources, moment(now))
    for line in checked:
        click.echo(line)
    return EXIT_OK if checked.good else EXIT_PROBLEM


@command(short_help="Look at everything that may be wrong.", epilog="Example: ofsted-watch doctor --quick")
@click.option("--quick", is_flag=True, help="Do not read every stored original.")
@_AS_JSON
def doctor(quick: bool, as_json: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Versions, disk, clock, mail server, permissions, the archive, and what was never read live.

    Changes nothing, reads no site and sends nothing. Exit 1 if something has to be done.
    """
    import os

    from config.load import load
    from inspections.model import to_json
    from service.health.doctor import examined

    worst = EXIT_OK
    for found in examined(load(config_dir, os.environ, secrets=False), moment(now), captures=not quick):
        click.echo(to_json(found).decode() if as_json else f"{found.state:8}{found.about}: {found.text}")
        worst = EXIT_PROBLEM if found.state == "problem" else worst
    return worst


@command(
    short_help="Declare a newsroom by its address.",
    epilog="Example: ofsted-watch add https://www.example.gov.uk/news --authority Leeds",
)
@click.argument("url")
@click.option("--authority", metavar="NAME", help="Whose newsroom it is.")
@click.option("--write/--no-write", default=True, help="Write the declaration, or only show it.")
def add(url: str, authority: str | None, write: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Probe a newsroom, show what would be read and why, and write its declaration of about ten lines."""
    from service.add import Addition

    addition = Addition(config_dir, url, authority, moment(now), write=write)
    for line in addition:
        click.echo(line)
    return EXIT_OK if addition.good else EXIT_PROBLEM
