"""The sections of ofsted-watch.toml, typed, with their defaults. docs/config.md says what each key means."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

from msgspec import Meta, Struct

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)

Count = Annotated[int, Meta(ge=1)]
Port = Annotated[int, Meta(ge=1, le=65535)]


class OfstedSettings(Struct, frozen=True, kw_only=True):
    """[ofsted]: the reports site, or a replica of it."""

    reports: str = "https://reports.ofsted.gov.uk"  # without a final slash
    files: str = "https://files.ofsted.gov.uk"
    every: timedelta = HOUR  # of a search
    sweep: timedelta = DAY  # of each provider page, besides when the search says that it has something new
    times: tuple[time, ...] = (time(9, 40), time(10, 20), time(12, 30), time(17, 0))  # Europe/London, weekdays
    allow_private: bool = False  # a replica on loopback


class FetchSettings(Struct, frozen=True, kw_only=True):
    """[fetch]: how politely, and how much at most."""

    gap: timedelta = 5 * _SECOND  # between two requests to one host
    budget: Count = 2000  # requests to one host on a day
    timeout: timedelta = 30 * _SECOND  # of a page, from the connection to its last byte
    document_timeout: timedelta = 120 * _SECOND
    max_bytes: Count = 5_000_000  # of a page, after decompression
    max_document_bytes: Count = 30_000_000
    attempts: Count = 3  # within one poll
    workers: Annotated[int, Meta(ge=1, le=8)] = 8  # fetches side by side, each to another host


class PollSettings(Struct, frozen=True, kw_only=True):
    """[poll]: how often, and when silence is a fault."""

    every: timedelta = HOUR  # of a newsroom whose declaration says nothing else
    documents: Count = 20  # read from one source in one poll; what is left follows in the next
    free_space: Count = 40  # megabytes on the disk of the archive; with less nothing is polled, until there is room
    stale_after_days: Count = 14  # without anything new, or longer where the source's own rhythm is slower


class DeliverySettings(Struct, frozen=True, kw_only=True):
    """[delivery]: when a message that was not accepted is tried again, and when many become one."""

    email_schedule: tuple[timedelta, ...] = (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, HOUR, 2 * HOUR)
    email_lifetime: timedelta = 5 * DAY  # the last pause of the schedule repeats until then
    webhook_schedule: tuple[timedelta, ...] = (
        5 * _SECOND, 5 * _MINUTE, 30 * _MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
    )  # fmt: skip
    email_timeout: timedelta = 60 * _SECOND  # of one attempt
    webhook_timeout: timedelta = 20 * _SECOND
    flood: Count = 10  # items of one listing, all unknown and most of them old: a redesign, whose alerts are held
    storm: Count = 10  # single messages to one recipient in an hour; what comes beyond is one message together


class WebSettings(Struct, frozen=True, kw_only=True):
    """[web]: where `serve` listens, and how the outside reaches it."""

    host: str = "127.0.0.1"
    port: Port = 8043
    base_url: str = ""  # "https://watch.example.org", for links in feeds and messages; "" for http://host:port


class HealthSettings(Struct, frozen=True, kw_only=True):
    """[health]: how a machine asks the daemon whether it is well."""

    port: Annotated[int, Meta(ge=0, le=65535)] = 0  # /healthz and /metrics on 127.0.0.1; 0: none
    host: str = "127.0.0.1"
    heartbeat: str = ""  # an address that is asked for while all is well; "" for none
    heartbeat_every: timedelta = 5 * _MINUTE
    free_space: Count = 500  # megabytes on the disk of the archive; less is a fault
