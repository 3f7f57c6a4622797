"""Show it: the web pages, and feeds without a server."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.commands import EXIT_OK, EXIT_PROBLEM, command, moment

if TYPE_CHECKING:
    from service.assembly import Watch


@command(short_help="Serve the web pages.", epilog="Example: ofsted-watch serve --port 8043")
@click.option("--host", help="Where to listen, in place of the setting; an address of this machine.")
@click.option("--port", type=click.IntRange(1, 65535), help="In place of the setting.")
@click.option("--private", is_flag=True, help="Show other people's stored text too; on loopback only.")
def serve(host: str | None, port: int | None, private: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Serve the archive as web pages, feeds and JSON. It reads and writes nothing; end it with Ctrl-C."""
    from web.app import serve as answer

    with _watch(config_dir, now) as watch:
        settings = watch.settings.web
        where, at = host or settings.host, port or settings.port
        app = _app(watch, where, at, private, now)
        click.echo(f"Serving {app.extensions['site'].settings.base_url}/ from {watch.settings.archive}", err=True)
        try:
            answer(app, host=where, port=at)
        except OSError as error:
            click.echo(f"{where}:{at} cannot be listened on: {error.strerror}. Give another --port.", err=True)
            return EXIT_PROBLEM
    return EXIT_OK


@command(
    short_help="Print a feed.",
    epilog="Example: ofsted-watch feed --region north-west > north-west.atom",
)
@click.option("--format", "form", type=click.Choice(["atom", "json", "ics"]), default="atom", show_default=True)
@click.option("--authority", "authorities", multiple=True, metavar="NAME", help="Only of this council; repeatable.")
@click.option("--region", "regions", multiple=True, metavar="NAME", help="Only in this region.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only of this kind.")
@click.option("--search", "words", metavar="WORDS", help="Publications that hold these words; atom or json.")
def feed(
    form: str, authorities: tuple[str, ...], regions: tuple[str, ...], kinds: tuple[str, ...], words: str | None,
    config_dir: Path | None, now: datetime | None,
) -> int:  # fmt: skip
    """Print the feed that `serve` gives at the same filters: Atom, JSON Feed, or a calendar (ics)."""
    from web.asked import BadQuestion
    from web.feeds import printed

    if words and form == "ics":
        raise click.UsageError("a search has no calendar: expected --format atom or json")
    query = [("authority", each) for each in authorities] + [("region", each) for each in regions]
    query += [("kind", each) for each in kinds] + ([("q", words)] if words else [])
    with _watch(config_dir, now) as watch:
        app = _app(watch, watch.settings.web.host, watch.settings.web.port, False, now)
        try:
            click.echo(printed(app, form, query))
        except BadQuestion as error:
            raise click.UsageError(str(error)) from None
    return EXIT_OK


def _watch(config_dir: Path | None, now: datetime | None) -> AbstractContextManager[Watch]:
    from service.assembly import assemble

    return assemble(config_dir, moment(now), readonly=True)


def _app(watch: Watch, host: str, port: int, private: bool, now: datetime | None) -> Any:
    """The site over this archive, as a WSGI application. `now` stands still where it was given."""
    from web.app import create_app
    from web.site import LOOPBACK, Settings

    settings = watch.settings.web
    if host not in LOOPBACK and (private or not settings.base_url):
        wanted = "--private shows other people's text, on loopback only" if private else (
            "tell it the name under which it is reached: set base_url in [web]")  # fmt: skip
        raise click.UsageError(f"the server would listen on {host}, for others too: {wanted}")
    shown = f"[{host}]" if ":" in host else host
    here = f"http://{shown}:{port}"
    return create_app(
        watch.archive, watch.authorities, clock=lambda: now or datetime.now(UTC),
        settings=Settings(
            base_url=here if private else settings.base_url or here, private=private,
            names={source.id: source.name for source in watch.sources},
            publishers=watch.publishers, contact=watch.settings.contact,
        ),
    )  # fmt: skip
