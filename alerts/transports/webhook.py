"""Webhooks, signed as Standard Webhooks 1.0 says: https://www.standardwebhooks.com."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from standardwebhooks.webhooks import Webhook

from alerts.model import Channel, DeliveryError, DeliverySettings, Message
from alerts.transports.deadline import Deadline
from inspections.said import one_line

_GONE = 410
_BUSY = (429, 502, 503, 504)  # of the receiver, whatever the message: nothing else is sent there meanwhile
_READ = 2000  # bytes of a refusal that we read, for its words


def send(message: Message, channel: Channel, settings: DeliverySettings) -> str:
    """Posts the payload. Returns status and reason; only 2xx is success, and its body is not read.

    The time in the signature is this machine's clock, not `now`: the receiver compares it with its own.
    """
    url = _checked(channel.address)
    body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()
    with Deadline(settings.webhook_limit) as deadline, _session(channel, deadline) as session:
        try:
            answer = session.post(
                url, data=body, headers=headers(message.key, body, channel, datetime.now(UTC), settings.user_agent),
                allow_redirects=False, stream=True, timeout=settings.webhook_limit.total_seconds(),
            )  # fmt: skip
        except requests.RequestException as error:
            raise _no_answer(error, channel, settings, deadline) from error
        with answer:
            if deadline.over:  # a head that we cut off ourselves looks like a whole one
                raise _no_answer(requests.Timeout(), channel, settings, deadline)
            said = one_line(f"{answer.status_code} {answer.reason or ''}")
            if not 200 <= answer.status_code < 300:
                raise _refused(answer, said, settings.longest_retry_after)
    return said


def headers(key: str, body: bytes, channel: Channel, at: datetime, user_agent: str) -> dict[str, str]:
    """The headers of one attempt: the id stays the same at every attempt, the time is the attempt's own.

    One signature for every secret, so that a receiver can change its secret without a gap.
    """
    stamped = {
        "Content-Type": "application/json",
        "User-Agent": user_agent,
        "Accept-Encoding": "identity",
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
    }
    if channel.secrets:
        signatures = [Webhook(secret).sign(key, at, body.decode()) for secret in channel.secrets]
        stamped["webhook-signature"] = " ".join(signatures)
    return stamped


def retry_after(stated: Mapping[str, str], now: datetime) -> timedelta | None:
    """What the header Retry-After asks for, in seconds or as a date; None where it asks for nothing readable."""
    value = stated.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return timedelta(seconds=int(value))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta())


class _Watched(HTTPAdapter):
    """Every connection is under the deadline from before its TLS handshake."""

    deadline: Deadline

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        deadline, kind = self.deadline, pool.ConnectionCls

        class Connection(kind):  # type: ignore[misc, valid-type]
            def _new_conn(self) -> Any:
                connection = super()._new_conn()
                deadline.watch(connection)
                return connection

        pool.ConnectionCls = Connection
        return pool


class _Public(_Watched, IPFilterAdapter):  # type: ignore[misc]
    """Connects to public addresses only: the address is looked up once, checked, and that one is used."""

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        address = ipaddress.ip_address(str(host["host"]).strip("[]"))
        if not address.is_global or address.is_multicast or getattr(address, "is_site_local", False):
            raise InvalidIPAddress(address)
        return host, pool


def _session(channel: Channel, deadline: Deadline) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy and no password from the environment
    for scheme, over_tls in (("http://", False), ("https://", True)):
        adapter: _Watched = _Watched() if channel.allow_private else _Public(over_tls)
        adapter.deadline = deadline
        session.mount(scheme, adapter)
    return session


def _checked(url: str) -> str:
    """The URL, if every reader of URLs sees the same host in it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise DeliveryError(
            f"the webhook address of {parts.hostname or 'this channel'} is not an http or https URL without a password",
            permanent=True,
        )
    if re.search(r"[\s\\\x00-\x1f\x7f]", url):
        raise DeliveryError("the webhook address holds a space, a backslash or a control character", permanent=True)
    return url


def _refused(answer: requests.Response, said: str, longest: timedelta) -> DeliveryError:
    status, host = answer.status_code, urlsplit(answer.url).hostname
    if status == _GONE:
        kept = f"{host} says that this webhook is gone ({said}); its messages are kept"
        return DeliveryError(kept, permanent=False, disable=True, counts=False)
    asked = retry_after(answer.headers, datetime.now(UTC))
    wait = asked if asked is None else min(asked, longest)
    if 300 <= status < 400:
        place = one_line(answer.headers.get("Location", "nowhere"), 200)
        reason = f"{host} sends us on to {place} ({said}); we do not follow, configure that address if it is right"
        return DeliveryError(reason, permanent=False, retry_after=wait)
    words = _words(answer)
    return DeliveryError(
        f"{host} answered {said}{': ' + words if words else ''}",
        permanent=False, retry_after=wait, whole_channel=status in _BUSY,
    )  # fmt: skip


def _words(answer: requests.Response) -> str:
    try:
        return one_line(answer.raw.read(_READ, decode_content=False), 200)
    except Exception:  # whatever breaks here, the status is known
        return ""


def _no_answer(
    error: requests.RequestException, channel: Channel, settings: DeliverySettings, deadline: Deadline
) -> DeliveryError:
    """Says what happened without the path of the URL: it often is a password."""
    host = urlsplit(channel.address).hostname
    if isinstance(error, InvalidIPAddress):
        return DeliveryError(
            f"{host} is a private address; nothing was sent. Set allow_private for a receiver of your own network",
            permanent=False, retry_after=settings.pause, whole_channel=True, counts=False,
        )  # fmt: skip
    if deadline.over or isinstance(error, requests.Timeout):
        reason = f"{host} did not answer within {settings.webhook_limit.total_seconds():.0f} s"
    elif isinstance(error, requests.exceptions.SSLError):
        reason = f"the certificate of {host} is not valid, or it speaks no TLS; nothing was sent"
    else:
        reason = f"{host} gave no answer ({type(error).__name__})"
    return DeliveryError(reason, permanent=False, whole_channel=True)
