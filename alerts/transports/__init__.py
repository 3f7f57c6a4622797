"""One function a way of sending. A new way is a module, a line in this table, and a test file."""

from __future__ import annotations

from collections.abc import Callable

from alerts.model import Channel, DeliverySettings, Message
from alerts.transports import apprise, email, log, maildir, webhook

# Each takes a message that is frozen, and returns what the server said, or raises DeliveryError.
TRANSPORTS: dict[str, Callable[[Message, Channel, DeliverySettings], str]] = {
    "email": email.send,
    "webhook": webhook.send,
    "apprise": apprise.send,
    "maildir": maildir.send,
    "log": log.send,
}
