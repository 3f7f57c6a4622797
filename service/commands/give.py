"""Give: councils side by side, and the archive as files and as a site for further questions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from service.commands import EXIT_OK, EXIT_USAGE, command, echo_json, moment


@command(
    short_help="The latest grades of councils side by side.",
    epilog='Example: ofsted-watch compare Leeds Bradford "City of York"',
)
@click.argument("places", nargs=-1, required=True, metavar="AUTHORITY|REGION…")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def compare(places: tuple[str, ...], as_json: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Set the grades of each council's latest graded inspection side by side. A region stands for its councils."""
    from inspections.contract import inspected
    from inspections.model import to_json
    from service.assembly import assemble
    from service.screen import side_by_side
    from service.sides import latest

    with assemble(config_dir, moment(now), readonly=True) as watch:
        found = latest(watch, places)
        if as_json:
            for inspection in found.values():
                if inspection is not None:
                    echo_json(to_json(inspected(inspection)))
        else:
            click.echo(side_by_side(found))
    return EXIT_OK


@command(
    short_help="Every inspection as a file.",
    epilog="Example: ofsted-watch export inspections.xlsx",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(file: Path, config_dir: Path | None, now: datetime | None) -> int:
    """Write every inspection to FILE: .csv, .jsonl or .xlsx by its name. A file that is there is not replaced."""
    from archive.export import write_csv, write_excel, write_json_lines
    from service.assembly import assemble

    if file.suffix not in (".csv", ".jsonl", ".xlsx") or file.exists():
        why = "is there already" if file.exists() else "must end in .csv, .jsonl or .xlsx"
        click.echo(f"{file} {why}. Nothing was written.", err=True)
        return EXIT_USAGE
    with assemble(config_dir, moment(now), readonly=True) as watch:
        chosen = watch.archive.inspections(limit=1_000_000)
        if file.suffix == ".xlsx":
            count = write_excel(chosen, file)
        else:
            with file.open("x", encoding="utf-8", newline="") as to:
                count = write_csv(chosen, to) if file.suffix == ".csv" else write_json_lines(chosen, to)
    click.echo(f"{count} inspections written to {file}")
    return EXIT_OK


@command(
    short_help="Browse the archive with Datasette (extra).",
    epilog="Example: ofsted-watch datasette --port 8001",
)
@click.option("--port", default=8001, show_default=True)
def datasette(port: int, config_dir: Path | None, now: datetime | None) -> int:
    """Start Datasette on the archive, read-only, on this machine only, with facets and canned questions."""
    from service.assembly import assemble
    from service.browse import browse

    with assemble(config_dir, moment(now), readonly=True) as watch:
        path = watch.archive.path
    return browse(path, port, click.echo)
