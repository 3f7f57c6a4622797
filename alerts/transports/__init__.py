"""One function a way of sending. A new way is a module, a line in this table, and a test file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module

from alerts.model import Channel, DeliverySettings, Message

_Send = Callable[[Message, Channel, DeliverySettings], str]


def _sender(kind: str) -> _Send:
    """The function `send` of the module of that name, which is loaded when something is sent."""

    def send(message: Message, channel: Channel, settings: DeliverySettings) -> str:
        said: str = import_module(f"alerts.transports.{kind}").send(message, channel, settings)
        return said

    return send


# Each takes a message that is frozen, and returns what the server said, or raises DeliveryError.
TRANSPORTS: dict[str, _Send] = {kind: _sender(kind) for kind in ("email", "webhook", "apprise", "maildir", "log")}


def retry_at(
    kind: str, attempt: int, now: datetime, settings: DeliverySettings, *,
    key: str = "", retry_after: timedelta | None = None,
) -> datetime | None:  # fmt: skip
    """When to try again after the attempt of that number, counted from 1; None: the schedule has ended.

    What the server asks for counts where it is later. The jitter follows from key and attempt, so that every process
    finds the same time, and messages that failed together do not come back together.
    """
    schedule = settings.schedules[kind]
    waited, pause = timedelta(), timedelta()
    for number in range(attempt):
        pause = schedule.pauses[min(number, len(schedule.pauses) - 1)]
        waited += pause
    if waited > schedule.lifetime:
        return None
    chance = int.from_bytes(hashlib.sha256(f"{key} {attempt}".encode()).digest()[:4]) / 0xFFFFFFFF  # 0 to 1
    pause *= 1 + schedule.jitter * (2 * chance - 1)
    asked = min(retry_after or timedelta(), settings.longest_retry_after)
    return now + max(pause, asked)
