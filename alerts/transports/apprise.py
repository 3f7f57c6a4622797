"""Chats and telephones through Apprise, in the short form; one URL at a time, so that each is tried again alone."""

from __future__ import annotations

from alerts.model import Channel, DeliveryError, DeliverySettings, Message

_EXTRA = "pip install 'ofsted-watch[apprise]'"


def send(message: Message, channel: Channel, settings: DeliverySettings) -> str:
    """Returns the service that took it. The URL itself is a password and stands in no error."""
    try:
        import apprise
    except ImportError as error:
        raise _to_be_mended(f"this channel needs the extra apprise: {_EXTRA}", settings) from error
    service = channel.address.partition(":")[0]
    target = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Ofsted Watch", app_desc="Ofsted Watch"))
    if not target.add(channel.address):
        raise _to_be_mended(f"Apprise does not understand the {service} address of this channel", settings)
    result = target.notify(title=message.subject, body=message.short or message.text, body_format="text")
    if not result:
        raise DeliveryError(f"{service}, through Apprise, did not take the message", permanent=False)
    return f"taken by {service}, through Apprise"


def _to_be_mended(reason: str, settings: DeliverySettings) -> DeliveryError:
    return DeliveryError(reason, permanent=False, retry_after=settings.pause, whole_channel=True, counts=False)
