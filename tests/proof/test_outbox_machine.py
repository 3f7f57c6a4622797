"""Random scripts of deliveries: refusals, closed channels, lost answers, kills, waits. The archive agrees at every step.

DELIVERY_STEPS is how many steps are made in all; the suite makes 600.
"""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from alerts.model import Channel, DeliveryError, DeliverySettings, Message
from alerts.transports import TRANSPORTS
from inspections.model import from_json, to_json
from tests.service.desk import Desk

STEPS = int(os.environ.get("DELIVERY_STEPS", "600"))
A_RUN = 30  # steps
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANSWERS = ("taken", "later", "refused", "closed", "taken, and the answer lost", "taken, and then killed")
WAITS = tuple(timedelta(minutes=n) for n in (1, 11, 65, 400, 1600))


class Killed(BaseException):
    """As by kill -9: nothing that follows the sending is done."""


class Receivers:
    """Two recipients, each with the answers that it gives next; what they have taken, by recipient and in order."""

    def __init__(self) -> None:
        self.script: dict[str, list[str]] = defaultdict(list)
        self.taken: dict[str, list[tuple[str, bytes]]] = defaultdict(list)

    def send(self, message: Message, channel: Channel, given: DeliverySettings) -> str:
        script = self.script[channel.id]
        answer = script.pop(0) if script else "taken"
        if answer.startswith("taken"):
            self.taken[channel.id].append((message.key, to_json(message)))
        if answer == "taken, and then killed":
            raise Killed
        if answer != "taken":
            raise DeliveryError(answer, permanent=answer == "refused", whole_channel=answer == "closed")
        return answer


class Deliveries(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.receivers = Receivers()
        self.temporary = TemporaryDirectory()
        self.desk = Desk(Path(self.temporary.name) / "desk", NOW)
        for name in ("one", "other"):
            self.desk.subscribe(name, f'maildir = "{self.desk.folder.parent / name}"')
        self.opened = self.desk.open()
        self.opened.__enter__()
        self.published: list[str] = []
        self.usual = TRANSPORTS["maildir"]
        TRANSPORTS["maildir"] = self.receivers.send  # type: ignore[index]

    @rule(number=st.integers(1, 4))
    def publish(self, number: int) -> None:
        for _ in range(number):
            self.published += [event.inspection.id for event in self.desk.publish()]

    @rule(which=st.integers(0, 1), answers=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=4))
    def expect(self, which: int, answers: list[str]) -> None:
        self.receivers.script[sorted(self.desk.watch.channels)[which]] += answers

    @rule()
    def deliver(self) -> None:
        with suppress(Killed):
            self.desk.deliver()

    @rule(wait=st.sampled_from(WAITS))
    def wait(self, wait: timedelta) -> None:
        self.desk.now += wait
        self.deliver()

    @invariant()
    def the_archive_and_the_receivers_agree(self) -> None:
        archive = self.desk.watch.archive
        for recipient in self.desk.watch.channels:
            taken = dict(self.receivers.taken[recipient])
            assert len(set(self.receivers.taken[recipient])) == len(taken), "one key with two contents"
            rows = archive.messages(recipient=recipient, limit=10_000)
            assert {row.key for row in rows if row.state == "sent"} <= set(taken), "marked as sent, and never taken"
            told = [one for row in rows for one in about(row.content)]
            assert len(told) == len(set(told)), "an inspection in messages of two keys"
            waiting = [row.inspection.id for row in archive.open_rows(recipient, NOW + timedelta(days=400))]
            assert sorted(told + waiting) == sorted(self.published), "neither worded nor waiting to be"

    def teardown(self) -> None:
        if not hasattr(self, "opened"):
            return
        try:
            self.receivers.script.clear()
            self.desk.run(self.desk.now + timedelta(days=8), timedelta(hours=4))
            for row in self.desk.watch.archive.messages(state="dead", limit=10_000):
                self.desk.watch.archive.retry(row.key, self.desk.now)
            self.desk.deliver()
            for recipient in self.desk.watch.channels:
                told = {one for _, content in self.receivers.taken[recipient] for one in about(content)}
                assert told == set(self.published), "lost"
        finally:
            TRANSPORTS["maildir"] = self.usual  # type: ignore[index]
            self.opened.__exit__(None, None, None)
            self.temporary.cleanup()


def about(content: bytes) -> list[str]:
    """The inspections of which a message tells."""
    data = from_json(content, Message).payload["data"]
    return [one["inspection"]["id"] for one in data["items"] or [data] if one["inspection"]]


@pytest.mark.timeout(3600)
def test_whatever_receivers_answer_nothing_is_lost_and_each_is_told_under_one_key() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Deliveries,
        settings=settings(
            max_examples=max(1, STEPS // A_RUN), stateful_step_count=A_RUN, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), database=None, phases=(Phase.generate,),
        ),
    )  # fmt: skip
