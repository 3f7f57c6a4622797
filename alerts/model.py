"""Who is told what, and by which way; and the one error of sending."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from msgspec import Struct, field

from inspections.model import Grade, Kind


class Channel(Struct, frozen=True, kw_only=True):
    """One recipient: one address, one webhook, one Apprise target, or a local way for a fresh checkout."""

    kind: str  # a key of alerts.transports.TRANSPORTS: "email", "webhook", "apprise", "maildir", "log"
    address: str  # mail address, URL, folder; "" for log
    secrets: tuple[str, ...] = ()  # of a webhook, "whsec_…"; the first signs first, all sign. Never printed
    allow_private: bool = False  # a receiver on loopback

    @property
    def id(self) -> str:
        """The recipient, as the archive knows it."""
        return f"{self.kind}:{self.address}"

    def __repr__(self) -> str:
        return f"Channel({self.id})"


class QuietHours(Struct, frozen=True, kw_only=True):
    """When delivery waits, in Europe/London; polling never does."""

    start: time | None = None
    end: time | None = None
    weekends: bool = False  # True: nothing is sent on Saturday and Sunday


class Subscription(Struct, frozen=True, kw_only=True):
    """Which inspections go to which channels. An empty filter lets everything through."""

    id: str  # the name of its file
    to: tuple[Channel, ...]
    authorities: tuple[str, ...] = ()  # the table's names
    regions: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()  # URNs
    kinds: tuple[Kind, ...] = ()
    grades: tuple[Grade, ...] = ()  # any area has one of these
    directions: tuple[str, ...] = ()  # any area changed so: "up", "down", "same"
    keywords: tuple[str, ...] = ()  # any word in theme, improvements or titles
    sources: tuple[str, ...] = ()
    priority_action: bool = False  # only with new areas for priority action
    official_only: bool = False
    every_stage: bool = False  # also a further source, the report that confirms, areas no worse
    when: str = "instant"  # "instant", "daily" or "weekly"
    at: time = time(7, 30)  # of a digest, Europe/London
    weekday: int = 0  # of a weekly digest; 0 is Monday
    quiet: QuietHours = QuietHours()
    worst_news_at_once: bool = True  # inadequate, priority action, systemic failings pass quiet hours


class Delivery(Struct, frozen=True, kw_only=True):
    """That a recipient may have to be told of an inspection: what `select` gives and `archive.queue` keeps."""

    recipient: str  # Channel.id
    inspection: str
    event: str
    due_at: datetime
    digest: bool = False
    every_stage: bool = False
    subscription: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """What a recipient has been told of one inspection."""

    stage: str  # "announced" or "published"
    judgements: dict[str, Grade | None] = field(default_factory=dict)
    outcome: str | None = None
    priority_action: bool | None = None
    message: str = ""  # the key of the first message: a later one follows it in its thread


class Message(Struct, frozen=True, kw_only=True):
    """A message as it will be sent, at every attempt the same bytes under the same key."""

    key: str
    type: str  # "inspection.announced", …, "digest", "operator"
    subject: str
    text: str
    html: str = ""
    payload: dict[str, Any] = field(default_factory=dict)  # of a webhook: DESIGN section 7
    in_reply_to: str | None = None  # the key of the message that it follows
    created_at: datetime


class SmtpSettings(Struct, frozen=True, kw_only=True):
    """The mail server. The password comes from the environment or a file and is never printed."""

    host: str = ""
    port: int = 587
    security: str = "starttls"  # "starttls", "tls" or "none"
    user: str | None = None
    password: str | None = None
    sender: str = ""  # "Ofsted Watch <alerts@example.org>"
    timeout: timedelta = timedelta(seconds=30)

    def __repr__(self) -> str:
        return f"SmtpSettings({self.host}:{self.port})"


class DeliveryError(Exception):
    """A message was not accepted. permanent: trying again cannot help. disable: nor any other message (410 Gone)."""

    def __init__(
        self, reason: str, *, permanent: bool, disable: bool = False, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(reason)
        self.permanent, self.disable, self.retry_after = permanent, disable, retry_after
