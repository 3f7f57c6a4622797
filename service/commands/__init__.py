"""The command line. Each command: parse, call one function, print. Nothing heavy is imported until a command runs."""

from __future__ import annotations

import functools
import keyword
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import click

EXIT_OK, EXIT_PROBLEM, EXIT_USAGE, EXIT_ARCHIVE, EXIT_BUSY, EXIT_WATCHDOG = range(6)

# Errors that a person can act on, by name, so that no room need be imported to catch them.
EXIT_CODES = {
    "ConfigError": EXIT_USAGE, "UnknownName": EXIT_USAGE, "ArchiveError": EXIT_ARCHIVE, "Busy": EXIT_BUSY,
    "NoSpace": EXIT_PROBLEM, "QueryError": EXIT_USAGE, "TooLong": EXIT_PROBLEM,
}  # fmt: skip

# Command → the module that holds it, in the order in which --help lists them.
COMMANDS = {
    "demo": "watch", "init": "watch", "run": "watch", "poll": "watch", "status": "watch", "doctor": "watch",
    "check": "watch",
    "add": "watch",
    "read": "ask", "search": "ask", "inspections": "ask", "show": "ask", "history": "ask", "due": "ask",
    "compare": "give", "sql": "ask", "export": "give", "datasette": "give",
    "serve": "show_it", "feed": "show_it",
    "subscribe": "tell", "unsubscribe": "tell", "subscriptions": "tell", "alerts": "tell",
    "backfill": "past", "import": "past",
    "review": "keep", "merge": "keep", "split": "keep", "backup": "keep", "restore": "keep",
}  # fmt: skip


class Commands(click.Group):
    """Finds a command by its name, so that a start imports one module and not all."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        function = cmd_name.replace("-", "_") + "_" * keyword.iskeyword(cmd_name)  # `import` is a word of Python's
        found = getattr(import_module(f"service.commands.{COMMANDS[cmd_name]}"), function)
        assert isinstance(found, click.Command)
        return found


class Moment(click.ParamType[datetime]):
    """A moment in UTC: 2025-04-23T09:40:00Z, or a date for its midnight."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time: expected 2025-04-23T09:40:00Z, in UTC", param, ctx)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ofsted-watch")
def cli() -> None:
    """Tells you, once per inspection, that Ofsted has published a new judgement.

    Start with `ofsted-watch demo`, which needs no network, or `ofsted-watch init`.
    """


def errors_as_sentences(function: Callable[..., int]) -> Callable[..., None]:
    """Runs the function and exits with its code; an error that names its own exit code is a sentence, no traceback."""

    @functools.wraps(function)
    def run(**arguments: Any) -> None:
        try:
            code = function(**arguments)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read our output has had enough
            code = EXIT_OK
        except Exception as error:
            known = EXIT_CODES.get(type(error).__name__)
            if known is None:
                raise
            click.echo(str(error), err=True)
            code = known
        sys.exit(code)

    return run


# What every command has besides its own options.
COMMON = (
    click.option("--config", "config_dir", type=click.Path(path_type=Path), envvar="OFSTED_WATCH_CONFIG",
                 metavar="DIR", help="Folder of the configuration."),
    click.option("--now", type=Moment(), envvar="OFSTED_WATCH_NOW", default=None, metavar="TIME",
                 help="Take this for the present moment, in UTC."),
)  # fmt: skip


def command(**settings: Any) -> Callable[[Callable[..., int]], click.Command]:
    """A command with --config and --now, and with errors that are sentences."""

    def decorate(function: Callable[..., int]) -> click.Command:
        wrapped: Any = errors_as_sentences(function)
        for option in reversed(COMMON):
            wrapped = option(wrapped)
        found: click.Command = click.command(**settings)(wrapped)
        return found

    return decorate


def moment(now: datetime | None) -> datetime:
    """The moment that --now gives, else the clock's; whole seconds, aware, UTC."""
    return (now or datetime.now(UTC)).replace(microsecond=0)


def echo_json(record: bytes) -> None:
    """One JSON object on a line of its own."""
    click.echo(record.decode())


def main() -> None:
    # Times are UTC inside and London's where people read them; the machine's own zone is nobody's.
    os.environ.setdefault("TZ", "UTC")
    cli(prog_name="ofsted-watch")
