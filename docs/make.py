"""Writes docs/cli.md from what the commands say of themselves, docs/open-data.md from the description of the open data,
and into docs/faults.md the tests that carry each row (`make docs`); tests hold them together."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.opendata import dictionary
from service.commands import COMMANDS, cli

PAGE, OPEN_DATA = (Path(__file__).parent / name for name in ("cli.md", "open-data.md"))


def reference() -> str:
    """The help of every command, as 80 columns show it."""
    parts = ["# The command line", "", "Written by `make docs` from `--help`; do not edit."]
    top = click.Context(cli, info_name="ofsted-watch", terminal_width=80, max_content_width=80)
    for name in COMMANDS:
        parts += _help(top, name, cli.get_command(top, name))
    return "\n".join(parts) + "\n"


def _help(above: click.Context, name: str, command: click.Command | None) -> list[str]:
    assert command is not None
    context = click.Context(command, info_name=name, parent=above, terminal_width=80, max_content_width=80)
    lines = ["", f"## {context.command_path}", "", "```", command.get_help(context).rstrip(), "```"]
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            lines += _help(context, inner, command.get_command(context, inner))
    return lines


if __name__ == "__main__":
    if sys.argv[1:] == ["--show"]:
        sys.stdout.write(reference())
    else:
        PAGE.write_text(reference(), "utf-8")
        OPEN_DATA.write_text(dictionary("The archive as open data"), "utf-8")
        sys.path.insert(0, str(PAGE.parent.parent))
        from tests import faults

        faults.PAGE.write_text(faults.page(), "utf-8")
