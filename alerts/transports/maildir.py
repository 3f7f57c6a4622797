"""Letters into a folder that any mail reader opens: for a fresh checkout, which can mail nobody."""

from __future__ import annotations

import mailbox
from pathlib import Path

from msgspec.structs import replace

from alerts.model import Channel, DeliveryError, DeliverySettings, Message
from alerts.transports import email

_NOBODY = "reader@localhost.invalid"
_SENDER = "Ofsted Watch <ofsted-watch@localhost.invalid>"


def send(message: Message, channel: Channel, settings: DeliverySettings) -> str:
    """Writes the letter to the folder's tmp/, to the disk, and then moves it to new/: it is there wholly or not."""
    if not settings.smtp.sender:
        settings = replace(settings, smtp=replace(settings.smtp, sender=_SENDER))
    letter = email.written(message, Channel(kind="email", address=_NOBODY), settings)
    folder = Path(channel.address).expanduser()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        name = mailbox.Maildir(folder, create=True).add(letter)
    except OSError as error:
        raise DeliveryError(f"the mail folder {folder} cannot be written: {error.strerror}", permanent=False) from error
    return f"written to {folder} as {name}"
