"""Tell: who is told what, what waits, what was sent, what could not be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import click

from service.commands import EXIT_OK, EXIT_PROBLEM, command, echo_json, moment


@command(
    short_help="Tell somebody of something.",
    epilog="Example: ofsted-watch subscribe desk --email desk@example.org --authority Leeds --kind ilacs",
)
@click.argument("name")
@click.option("--email", metavar="ADDRESS")
@click.option("--webhook", metavar="URL")
@click.option("--secret-env", metavar="NAME", help="The environment variable that holds the webhook's secret.")
@click.option("--apprise-env", metavar="NAME", help="The environment variable that holds an Apprise address.")
@click.option("--maildir", metavar="PATH", help="A folder into which messages are put.")
@click.option("--log", is_flag=True, help="One line each in the log.")
@click.option("--authority", "authorities", multiple=True, metavar="NAME", help="A council or a region.")
@click.option("--provider", "providers", multiple=True, metavar="URN")
@click.option("--kind", "kinds", multiple=True)
@click.option("--grade", "grades", multiple=True)
@click.option("--direction", "directions", multiple=True, type=click.Choice(["up", "down", "same"]))
@click.option("--keyword", "keywords", multiple=True)
@click.option("--when", type=click.Choice(["instant", "daily", "weekly"]), default="instant", show_default=True)
def subscribe(name: str, config_dir: Path | None, now: datetime | None, **given: Any) -> int:
    """Write a subscription into the configuration's folder. Filters can be given more than once.

    A daemon that runs takes it at its next SIGHUP. docs/config.md lists what else such a file may hold.
    """
    from service.subscribing import subscribed

    ways = ("email", "webhook", "secret_env", "apprise_env", "maildir", "log")
    recipient = {way: given[way] for way in ways if given[way]}
    filters = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()
               if key not in ways and value and value != "instant"}  # fmt: skip
    click.echo(f"Written: {subscribed(config_dir, name, recipient, filters)}")
    return EXIT_OK


@command(short_help="Tell them no more.", epilog="Example: ofsted-watch unsubscribe desk")
@click.argument("name")
def unsubscribe(name: str, config_dir: Path | None, now: datetime | None) -> int:
    """Put a subscription aside, in subscriptions/disabled/. A daemon that runs takes it at its next SIGHUP."""
    from service.subscribing import unsubscribed

    click.echo(f"Put aside: {unsubscribed(config_dir, name)}")
    return EXIT_OK


@command(short_help="Who is told what.", epilog="Example: ofsted-watch subscriptions")
def subscriptions(config_dir: Path | None, now: datetime | None) -> int:
    """List the subscriptions, their filters, and to whom they go."""
    import os

    from config.load import load
    from service.terminal.board import subscription as shown

    for one in load(config_dir, os.environ, secrets=False).subscriptions:
        click.echo(shown(one))
    return EXIT_OK


@click.group(short_help="The outbox: list, show, test, preview, retry, drop, release, dismiss.")
def alerts() -> None:
    """What waits to be sent, what was sent, what could not be; and what is held until you say."""


def _alerts(name: str, **settings: str) -> Callable[[Callable[..., int]], click.Command]:
    def decorate(function: Callable[..., int]) -> click.Command:
        made = command(name=name, **settings)(function)
        alerts.add_command(made)
        return made

    return decorate


@_alerts("list", epilog="Example: ofsted-watch alerts list --state dead")
@click.option("--state", type=click.Choice(["pending", "sent", "dead", "dropped", "held"]))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--limit", default=50, show_default=True)
def list_(state: str | None, as_json: bool, limit: int, config_dir: Path | None, now: datetime | None) -> int:
    """List messages, newest first; and the events that are held."""
    from inspections.model import to_json
    from service.assembly import assemble
    from service.terminal.board import event_line, message_line

    with assemble(config_dir, moment(now), readonly=True) as watch:
        if state != "held":
            for row in watch.archive.messages(state=state, limit=limit):
                click.echo(message_line(row)) if not as_json else echo_json(to_json(row))
        if state in (None, "held"):
            for event in watch.archive.held_events(limit=limit):
                click.echo(event_line(event)) if not as_json else echo_json(to_json(event))
    return EXIT_OK


@_alerts("show", epilog="Example: ofsted-watch alerts show KEY")
@click.argument("key")
def show(key: str, config_dir: Path | None, now: datetime | None) -> int:
    """Show a message as it is sent, and every attempt with the receiver's words."""
    from service.assembly import assemble
    from service.terminal.board import message as shown

    with assemble(config_dir, moment(now), readonly=True) as watch:
        row = watch.archive.message(key)
        if row is None:
            click.echo(f"No message has the key {key!r}; `ofsted-watch alerts list` lists them.", err=True)
            return EXIT_PROBLEM
        click.echo(shown(row, watch.archive.attempts(key)))
    return EXIT_OK


@_alerts("test", epilog="Example: ofsted-watch alerts test newsdesk")
@click.argument("subscription", required=False)
def test(subscription: str | None, config_dir: Path | None, now: datetime | None) -> int:
    """Really send a message, through the same path as an alert, and say what each server answered."""
    from service.assembly import assemble
    from service.trial import tried

    with assemble(config_dir, moment(now)) as watch:
        results = tried(watch, subscription, moment(now))
        for sent in results:
            click.echo(f"{sent.recipient}: {sent.outcome}, {sent.answer}")
    return EXIT_OK if results and all(sent.outcome == "sent" for sent in results) else EXIT_PROBLEM


@_alerts("preview", epilog="Example: ofsted-watch alerts preview KEY --html message.html")
@click.argument("name", metavar="KEY|EVENT|INSPECTION")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the HTML of the mail to this file."
)
def preview(name: str, html: Path | None, config_dir: Path | None, now: datetime | None) -> int:
    """Show a message of the past, or one that any event would make, as each channel shows it. Sends nothing."""
    from service.assembly import assemble
    from service.telling.preview import preview as made
    from service.telling.preview import shown

    with assemble(config_dir, moment(now), readonly=True) as watch:
        worded = made(watch, name, moment(now))
    if html is not None:
        html.write_text(worded.html or f"<pre>{escape(worded.text)}</pre>", "utf-8")
        click.echo(f"Written: {html}")
    else:
        click.echo(shown(worded))
    return EXIT_OK


@_alerts("retry", epilog="Example: ofsted-watch alerts retry --all")
@click.argument("keys", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every message that is dead.")
def retry(keys: tuple[str, ...], every: bool, config_dir: Path | None, now: datetime | None) -> int:
    """Send dead or waiting messages again now: the same bytes under the same key."""
    from service.assembly import assemble
    from service.deliver import deliver_due

    at = moment(now)
    with assemble(config_dir, at) as watch:
        chosen = [row.key for row in watch.archive.messages(state="dead", limit=100_000)] if every else list(keys)
        for row in [watch.archive.message(key) for key in chosen]:
            if row is not None:
                watch.archive.resume_recipient(row.recipient)
        unknown = [key for key in chosen if not watch.archive.retry(key, at)]
        for sent in deliver_due(watch, at):
            click.echo(f"{sent.outcome}: {sent.subject} → {sent.recipient}, {sent.answer}")
        for key in unknown:
            click.echo(f"No dead or waiting message has the key {key!r}.", err=True)
    return EXIT_PROBLEM if unknown else EXIT_OK


@_alerts("drop", epilog='Example: ofsted-watch alerts drop KEY --reason "told by telephone"')
@click.argument("key")
@click.option("--reason", required=True)
def drop(key: str, reason: str, config_dir: Path | None, now: datetime | None) -> int:
    """Never send this message. It stays in the archive with the reason."""
    from service.assembly import assemble

    with assemble(config_dir, moment(now)) as watch:
        if not watch.archive.drop(key, reason, moment(now)):
            click.echo(f"No dead or waiting message has the key {key!r}.", err=True)
            return EXIT_PROBLEM
    return EXIT_OK


@_alerts("release", epilog="Example: ofsted-watch alerts release")
@click.argument("events", nargs=-1)
def release(events: tuple[str, ...], config_dir: Path | None, now: datetime | None) -> int:
    """Let held events go, all without a name, and tell the subscribers whom they concern."""
    from service.assembly import assemble
    from service.deliver import deliver_due
    from service.poll import queue_events

    at = moment(now)
    with assemble(config_dir, at) as watch:
        with watch.archive.writing():
            freed = watch.archive.release(events or None, now=at)
            queue_events(watch, freed, at)
        click.echo(f"{len(freed)} released")
        for sent in deliver_due(watch, at):
            click.echo(f"{sent.outcome}: {sent.subject} → {sent.recipient}")
    return EXIT_OK


@_alerts("dismiss", epilog="Example: ofsted-watch alerts dismiss")
@click.argument("events", nargs=-1)
def dismiss(events: tuple[str, ...], config_dir: Path | None, now: datetime | None) -> int:
    """Tell nobody of held events, all without a name. They stay in the archive."""
    from service.assembly import assemble

    with assemble(config_dir, moment(now)) as watch:
        click.echo(f"{len(watch.archive.dismiss(events or None, now=moment(now)))} dismissed")
    return EXIT_OK
