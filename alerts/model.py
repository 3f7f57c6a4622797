"""Who is told what, and by which way; and the one error of sending."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any

from msgspec import Struct, field

from inspections.model import Grade, Kind


class Channel(Struct, frozen=True, kw_only=True):
    """One recipient: one address, one webhook, one Apprise target, or a local way for a fresh checkout."""

    kind: str  # a key of alerts.transports.TRANSPORTS: "email", "webhook", "apprise", "maildir", "log"
    address: str  # mail address, URL, folder; "" for log
    secrets: tuple[str, ...] = ()  # of a webhook, "whsec_…"; the first signs first, all sign. Never printed
    allow_private: bool = False  # a receiver on loopback
    label: str = ""  # stands for an address that is itself a secret, as Apprise's are: "APPRISE_URL"

    @property
    def id(self) -> str:
        """The recipient, as the archive knows it. What may be a secret in an address is not part of it."""
        open_part, _, query = self.address.partition("?")
        if self.label or self.kind != "webhook" or not query:
            return f"{self.kind}:{self.label or self.address}"
        return f"{self.kind}:{open_part}?{sha256(query.encode()).hexdigest()[:8]}"

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

    stage: str  # the State that was told: "announced", "published", …
    judgements: dict[str, Grade | None] = field(default_factory=dict)
    outcome: str | None = None
    priority_action: bool | None = None
    message: str = ""  # the key of the first message: a later one follows it in its thread
    claims: tuple[str, ...] = ()  # the publications that were known then


class Message(Struct, frozen=True, kw_only=True):
    """A message as it will be sent, at every attempt the same bytes under the same key."""

    key: str
    type: str  # "inspection.announced", …, "digest", "operator"
    subject: str
    text: str
    html: str = ""
    payload: dict[str, Any] = field(default_factory=dict)  # of a webhook: DESIGN section 7
    short: str = ""  # a few lines of plain text, for chats and telephones
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
    timeout: timedelta = timedelta(seconds=30)  # of one step of the dialogue
    ca_file: str | None = None  # certificates to trust besides the system's: a mail server of one's own

    def __repr__(self) -> str:
        return f"SmtpSettings({self.host}:{self.port})"


class Schedule(Struct, frozen=True, kw_only=True):
    """When a message that was not accepted is tried again: the pauses after the first, second, … attempt."""

    pauses: tuple[timedelta, ...]  # the last one repeats as long as the sum stays within `lifetime`
    lifetime: timedelta  # from the first attempt to the last
    jitter: float = 0.0  # 0.2: each pause is up to a fifth shorter or longer


def _schedules() -> dict[str, Schedule]:
    second, minute, hour = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
    web = (5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour)
    mail = (minute, 5 * minute, 15 * minute, 30 * minute, hour, 2 * hour)
    web_schedule = Schedule(pauses=web, lifetime=sum(web, timedelta()), jitter=0.2)
    return {
        "email": Schedule(pauses=mail, lifetime=timedelta(days=5)),
        "webhook": web_schedule,
        "apprise": web_schedule,
        "maildir": web_schedule,
        "log": web_schedule,
    }


class DeliverySettings(Struct, frozen=True, kw_only=True):
    """How messages are worded and sent, for all channels; what a transport is given as `settings`."""

    smtp: SmtpSettings = SmtpSettings()
    operator: str | None = None  # the operator's mail address: whom a reader asks to be taken off the list
    user_agent: str = "ofsted-watch"
    templates: str | None = None  # folder of the operator's own templates, which stand before the built-in ones
    schedules: dict[str, Schedule] = field(default_factory=_schedules)  # by Channel.kind
    longest_retry_after: timedelta = timedelta(hours=24)  # what a server asks for beyond this is not kept
    webhook_limit: timedelta = timedelta(seconds=20)  # of one attempt, from the connection to the last header
    email_limit: timedelta = timedelta(seconds=60)  # of one attempt, from the connection to the server's word
    pause: timedelta = timedelta(hours=1)  # of a whole channel that cannot work until a person acts
    single_messages: int = 10  # to one recipient, waiting at once or in an hour; beyond it one message together


class DeliveryError(Exception):
    """A message was not accepted.

    permanent: trying this message again cannot help. disable: no message goes there until a person says so (410 Gone).
    whole_channel: the fault is not of this message; nothing else is sent there before its next try. retry_after: not
    before then. counts=False: a person has to act (a password, a certificate, a package): it uses up no part of the
    schedule, and nothing dies.
    """

    def __init__(
        self, reason: str, *, permanent: bool, disable: bool = False, retry_after: timedelta | None = None,
        whole_channel: bool = False, counts: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(reason)
        self.permanent, self.disable, self.retry_after = permanent, disable, retry_after
        self.whole_channel, self.counts = whole_channel, counts
