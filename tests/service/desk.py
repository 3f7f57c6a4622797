"""A newsdesk by the test's clock: events are recorded as a poll records them, and told to real receivers on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from inspections.days import Day
from inspections.model import Certainty, Event, Finding, Grade, Kind, Publication
from service.assembly import Watch, assemble
from service.deliver import Sent, deliver_due
from service.poll import queue_events

SECRET = "whsec_" + "QUJD" * 11


class Desk:
    """`now` is moved by the test; `publish` is what a poll does with one page, `deliver` what the daemon's tick does."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.folder, self.now = folder, now
        (folder / "subscriptions").mkdir(parents=True)
        self.configure()
        self.watch: Watch
        self._last = 0

    def configure(self, more: str = "") -> None:
        (self.folder / "ofsted-watch.toml").write_text(
            f'contact = "desk@example.org"\narchive = "{self.folder / "archive"}"\n{more}', "utf-8"
        )

    def subscribe(self, name: str, *recipients: str, rules: str = "") -> None:
        to = "".join(f"[[to]]\n{one}\n" for one in recipients)
        (self.folder / "subscriptions" / f"{name}.toml").write_text(f"{rules}\n{to}", "utf-8")

    def unsubscribe(self, name: str) -> None:
        (self.folder / "subscriptions" / f"{name}.toml").unlink()

    @contextmanager
    def open(self) -> Iterator[Desk]:
        with assemble(self.folder, self.now) as self.watch:
            yield self

    def reload(self) -> None:
        self.watch.reconfigure(self.now)

    def publish(
        self, authority: str = "Leeds", *, grade: str | None = "good", queue: bool = True, baseline: bool = False,
        ref: str = "", **facts: Any,
    ) -> list[Event]:  # fmt: skip
        """One inspection more: Ofsted's report of today on a children's home of that authority, or what `facts` say."""
        self._last += 1
        n, day = self._last, Day(self.now.date().isoformat())
        given: dict[str, Any] = {
            "kind": Kind.CHILDRENS_HOME, "authority": authority, "provider": f"Home {n}", "urn": f"SC{n:06}",
            "certainty": Certainty.PUBLISHED, "published_on": day, "inspected_from": day, "inspected_to": day,
            "judgements": {"overall": Grade(grade) if grade else None},
        } | facts  # fmt: skip
        official = given["certainty"] == Certainty.PUBLISHED
        ref = ref or f"5{n:07}"
        page = Publication(
            source="ofsted" if official else "gazette", ref=ref, url=f"https://files.example/{ref}",
            title=f"Report {ref}", published_on=day, official=official, document_sha256=f"{n:064}", type="report",
            findings=(Finding(**given),),
        )  # fmt: skip
        with self.watch.archive.writing():
            events = self.watch.archive.record(page, now=self.now, baseline=baseline)
            if queue:
                queue_events(self.watch, events, self.now)
        return events

    def deliver(self) -> list[Sent]:
        return deliver_due(self.watch, self.now)

    def run(self, until: datetime, step: timedelta) -> list[Sent]:
        """Ticks of the daemon until then."""
        sent = []
        while self.now < until:
            self.now += step
            sent += self.deliver()
        return sent

    def states(self, recipient: str | None = None) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.watch.archive.messages(recipient=recipient, limit=10_000):
            found[row.state] = found.get(row.state, 0) + 1
        return found
