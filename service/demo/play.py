"""The demo's driver: the real daemon on the replica, by the clock of the story, told as it happens."""

from __future__ import annotations

import logging
import shutil
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from alerts.model import Message
from inspections.model import from_json
from service.assembly import Watch, assemble
from service.daemon import Daemon
from service.deliver import Sent
from service.demo.sink import MailSink, MissingExtra, WebhookSink
from service.demo.site import Replica
from service.demo.story import ACTS, Act
from service.poll import Polled
from service.terminal.screen import subject

Echo = Callable[[str], None]

TICK = timedelta(milliseconds=100)
PATIENCE = 10.0  # seconds for an act
READER = "newsdesk@example.org"
OPERATOR = "operator@example.org"
_SITES = ("the newsroom", "Ofsted", "the blog")
_MARK = ".made-by-the-demo"


def play(folder: Path, echo: Echo) -> bool:
    """Play the story and leave its archive and configuration in `folder`; whether it went as it should.

    A folder that the demo did not make itself is never touched.
    """
    if folder.exists() and not (folder / _MARK).exists():
        echo(
            f"{folder} is there already and was not made by the demo. Nothing was changed; name another with --folder."
        )
        return False
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "config").mkdir(parents=True)
    (folder / _MARK).touch()
    try:
        mail = MailSink()
    except MissingExtra as error:
        echo(str(error))
        return False
    logging.getLogger("ofsted_watch").addHandler(logging.NullHandler())  # the story is told on the screen
    clock = [ACTS[0].at]
    with Replica() as sites, mail, WebhookSink() as hook:
        _configure(folder, sites, mail, hook)
        with assemble(folder / "config", clock[0]) as watch:
            return _Stage(watch, sites, mail, hook, clock, echo).play(folder)


class _Stage:
    """The daemon in a thread of its own, and what it does as lines on the screen."""

    def __init__(
        self, watch: Watch, sites: Replica, mail: MailSink, hook: WebhookSink, clock: list[datetime], echo: Echo
    ) -> None:
        self.watch, self.sites, self.mail, self.hook, self.clock, self.echo = watch, sites, mail, hook, clock, echo
        self.daemon = Daemon(watch, clock=lambda: clock[0], tick=TICK, on_poll=self._polled, on_send=self._sent)
        self.shown = False

    def play(self, folder: Path) -> bool:
        began = time.monotonic()
        running = threading.Thread(target=self.daemon.run, kwargs={"signals": False}, name="daemon")
        running.start()
        try:
            for act in ACTS:
                self._perform(act)
        finally:
            self.daemon.stop.set()
            running.join(20)
        return self._close(folder, time.monotonic() - began)

    def _perform(self, act: Act) -> None:
        self.echo("")
        for line in textwrap.wrap(act.told, 78):
            self.echo(line)
        self.sites.advance(act.number)
        self.clock[0] = act.at
        self._until_quiet()
        self.daemon.chores()
        self._until_quiet()

    def _until_quiet(self) -> None:
        """Wait until nothing is due at this moment of the story, neither a source nor a message."""
        until = time.monotonic() + PATIENCE
        rounds = self.daemon.rounds
        while time.monotonic() < until:
            due = self.watch.archive.next_due()
            idle = due is not None and due > self.clock[0] and not self.watch.archive.status().waiting
            if idle and self.daemon.rounds > rounds + 1:
                return
            time.sleep(0.02)

    def _polled(self, polled: Polled) -> None:
        for event in polled.events:
            self.echo(f"  · {polled.source}: {event.type}, {subject(event.inspection)}")
        if polled.failed:
            self.echo(textwrap.fill(f"{polled.source}: {polled.outcome}. {polled.note}", 78, initial_indent="  ! ",
                                    subsequent_indent="    "))  # fmt: skip
        elif polled.new and not polled.events:
            self.echo(f"  · {polled.source}: {polled.new} read, nobody has to be told")

    def _sent(self, sent: Sent) -> None:
        self.echo(textwrap.fill(f"{sent.subject} → {sent.recipient.partition(':')[0]} ({sent.outcome})", 78,
                                initial_indent="  ✉ ", subsequent_indent="    "))  # fmt: skip
        if not self.shown and sent.recipient == f"email:{READER}":
            self.shown = True
            self.echo("")
            row = self.watch.archive.message(sent.key)
            assert row is not None
            self.echo(_boxed(sent.subject, from_json(row.content, Message).text))

    def _close(self, folder: Path, seconds: float) -> bool:
        alerts = [one for one in self.mail.messages if one["To"] == READER]
        first = [one for one in alerts if "Marlshire" in one["Subject"]]
        three = next((one for one in self.watch.archive.inspections() if one.authority == "Marlshire"), None)
        pages = len(three.claims) if three else 0
        good = pages == len(_SITES) and len(first) == 1 and "→" in first[0]["Subject"] and not self.hook.refused
        told, others = len(alerts), len(self.mail.messages) - len(alerts)
        self.echo(f"\n{pages} pages on Marlshire's inspection: {len(first)} alert.")
        self.echo(f"{told} mails to the reader, {others} to the operator, {len(self.hook.delivered)} signed webhooks.")
        self.echo(f"{seconds:.0f} seconds.")
        self.echo(f"""
The archive is in {folder / "archive"}. Ask it:

  export OFSTED_WATCH_CONFIG={folder / "config"}
  {_program()} inspections
  {_program()} show {three.id if three else "ID"}
  {_program()} history Eastmere
  {_program()} search care leavers
  {_program()} alerts list
  {_program()} status""")
        return good


def _configure(folder: Path, sites: Replica, mail: MailSink, hook: WebhookSink) -> None:
    secret = folder / "config" / "secrets" / "hook"
    secret.parent.mkdir()
    secret.write_text(hook.secret, "utf-8")
    sites.write_configuration(
        folder / "config",
        settings={
            "archive": str((folder / "archive").absolute()),
            "operator": OPERATOR,
            "smtp": {"host": mail.host, "port": mail.port, "security": "none", "sender": "watch@example.org"},
        },
    )  # fmt: skip
    (folder / "config" / "subscriptions").mkdir()
    (folder / "config" / "subscriptions" / "newsdesk.toml").write_text(
        f"""authorities = ["Marlshire", "Eastmere", "Westfold"]

[[to]]
email = "{READER}"

[[to]]
webhook = "{hook.url}"
secret_file = "secrets/hook"
allow_private = true
""",
        "utf-8",
    )


def _boxed(title: str, text: str) -> str:
    """A message as a plain-text mail program shows it."""
    lines = [f"  │ {line}".rstrip() for line in [f"Subject: {title}", "", *text.strip().splitlines()]]
    return "\n".join(["  ┌" + "─" * 76, *lines, "  └" + "─" * 76])


def _program() -> str:
    return ".venv/bin/ofsted-watch" if Path(".venv/bin/ofsted-watch").exists() else "ofsted-watch"
