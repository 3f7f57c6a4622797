"""Give: councils side by side, and the archive as files and as a site for further questions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands import EXIT_OK, command, echo_json, moment
from service.commands.lists import as_files, new, new_file, progress, written

if TYPE_CHECKING:
    from service.assembly import Watch


@command(
    short_help="The latest grades of councils side by side.",
    epilog='Example: ofsted-watch compare Leeds Bradford "City of York"',
)
@click.argument("places", nargs=-1, required=True, metavar="AUTHORITY|REGION…")
@written
def compare(
    places: tuple[str, ...], as_json: bool, as_csv: bool, as_xlsx: Path | None, config_dir: Path | None,
    now: datetime | None,
) -> int:  # fmt: skip
    """Set the grades of each council's latest graded inspection side by side. A region stands for its councils.

    Only grades whose report was read; what is announced since is named below.
    """
    from inspections.contract import inspected
    from inspections.model import to_json
    from service.assembly import assemble
    from service.terminal.screen import side_by_side
    from service.terminal.sides import latest

    with assemble(config_dir, moment(now), readonly=True) as watch:
        found = latest(watch, places)
        known = [one.published for one in found.values() if one.published is not None]
        if as_files(known, watch, moment(now), as_csv=as_csv, as_xlsx=as_xlsx):
            return EXIT_OK
        if as_json:
            for inspection in known:
                echo_json(to_json(inspected(inspection)))
        else:
            announced = [one.announced for one in found.values() if one.announced is not None]
            click.echo(side_by_side({name: one.published for name, one in found.items()}, announced))
    return EXIT_OK


@command(
    short_help="Every inspection as a file, or the archive as open data.",
    epilog="Example: ofsted-watch export inspections.xlsx",
)
@click.argument("target", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@click.option("--open-data", is_flag=True, help="The whole archive, as a folder of tables with their description.")
def export(target: Path, open_data: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Write every inspection to FILE: .csv, .jsonl or .xlsx by its name. Nothing that is there is replaced.

    The workbook has a sheet of each council's latest grades, of counts by region, of visits, of grades over time and
    of every inspection.

    With --open-data, FOLDER becomes a Data Package: each table as CSV and JSON Lines, a dictionary of its columns,
    licence and sources. Of publishers other than Ofsted it holds titles, addresses and short quotations, never their
    text; of recipients of alerts, nothing.
    """
    from service.assembly import assemble

    if not open_data and target.suffix not in (".csv", ".jsonl", ".xlsx"):
        raise click.UsageError(f"{target} must end in .csv, .jsonl or .xlsx, or be a folder with --open-data")
    with assemble(config_dir, moment(now), readonly=True) as watch:
        if open_data:
            with new(target):
                click.echo(f"{_package(watch, target)} rows written to {target}")
        else:
            with new_file(target) as part:
                click.echo(f"{_file(watch, part, target.suffix, moment(now))} inspections written to {target}")
    return EXIT_OK


def _package(watch: Watch, folder: Path) -> int:
    from archive.package import write_package

    with progress(sum(watch.archive.counted()), "Writing") as step:
        return sum(write_package(watch.archive, watch.authorities, folder, step=step).values())


def _file(watch: Watch, to: Path, form: str, now: datetime) -> int:
    from archive.export import write_csv, write_json_lines
    from archive.summary import write_summary

    archive = watch.archive
    if form == ".xlsx":
        return write_summary(archive, watch.authorities, to, today=watch.today, made=now)["Inspections"]
    with archive.reading(), to.open("w", encoding="utf-8", newline="") as file:
        if form == ".csv":
            return write_csv(archive.every_inspection(), file, watch.authorities, archive.areas())
        return write_json_lines(archive.every_inspection(), file)


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
