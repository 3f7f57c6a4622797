"""Mail over SMTP: one recipient a message, never in clear, at every attempt the same bytes."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import re
import smtplib
import socket
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, parseaddr
from typing import Any, NoReturn

from alerts.model import Channel, DeliveryError, DeliverySettings, Message, SmtpSettings
from alerts.transports.deadline import Deadline
from inspections.said import one_line

# Long lines: where the email package folds a header between plain and encoded words, readers see two spaces.
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=998)
_SHORT_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,34}[A-Za-z0-9_-]")
_LOGIN_REFUSED = (530, 534, 535, 538)
_TOO_MUCH = (552, 554)  # too large; looks like spam


def send(message: Message, channel: Channel, settings: DeliverySettings) -> str:
    """Gives the message to the configured mail server. Returns its last words, with the number of its queue.

    A message that the server finds too large or takes for spam is offered once more in its short form.
    """
    smtp = settings.smtp
    _refuse_clear_text(settings)
    recipient = _address(channel.address)
    letters = [written(message, channel, settings)]
    if message.short:
        letters.append(written(message, channel, settings, short=True))
    with Deadline(settings.email_limit) as deadline, _session(settings, deadline) as server:
        for number, letter in enumerate(letters, start=1):
            code, words = _offer(server, recipient, letter, settings, deadline)
            if code == 250:
                return f"{code} {words}" + (" (in the short form)" if number == 2 else "")
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.rset()
    raise DeliveryError(f"{_name(smtp)} refused the message: {code} {words}", permanent=True)


def written(message: Message, channel: Channel, settings: DeliverySettings, *, short: bool = False) -> bytes:
    """The letter as it goes over the wire. It depends on nothing but its arguments: no clock, no chance."""
    sender = one_line(settings.smtp.sender)
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = sender
    letter["To"] = Address(addr_spec=_address(channel.address))
    # The email package reads "=?utf-8?q?=0ABcc:…?=" in a value as the line break that it encodes, and writes it out.
    letter["Subject"] = one_line(message.subject, 400).replace("=?", "= ?")
    letter["Date"] = format_datetime(message.created_at)
    letter["Message-ID"] = _message_id(message.key, sender)
    if message.in_reply_to:
        letter["In-Reply-To"] = letter["References"] = _message_id(message.in_reply_to, sender)
    letter["List-Unsubscribe"] = _unsubscribe(settings.operator or "", sender)
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"  # what Exchange heeds in place of Auto-Submitted
    letter.set_content(message.short if short else message.text, cte="quoted-printable")
    if message.html and not short:
        letter.add_alternative(message.html, subtype="html", cte="quoted-printable")
        letter.set_boundary("=_" + hashlib.sha256(message.key.encode()).hexdigest()[:32])
    return letter.as_bytes()


class _Smtp(smtplib.SMTP):
    """A connection whose whole life is under a deadline. smtplib connects while it constructs: hence a class each."""

    deadline: Deadline

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self.deadline.watch(connection)
        return connection


class _SmtpOverTls(smtplib.SMTP_SSL, _Smtp):
    """The same, with TLS from its first byte."""


@contextlib.contextmanager
def _session(settings: DeliverySettings, deadline: Deadline) -> Any:
    """A connection, encrypted and logged in; closed afterwards, whatever the server says to that."""
    smtp = settings.smtp
    try:
        server = _connected(settings, deadline)
    except DeliveryError as error:
        if deadline.over:  # an answer that we cut off ourselves looks like another one
            raise _unreachable(f"{_name(smtp)} gave no usable answer: {_said(error, deadline)}") from error
        raise
    except ssl.SSLCertVerificationError as error:
        _pause(settings, f"the certificate of {_name(smtp)} is not valid ({error.verify_message}); nothing was sent")
    except smtplib.SMTPAuthenticationError as error:
        code, words = error.smtp_code, one_line(error.smtp_error)
        if code in _LOGIN_REFUSED:
            _pause(settings, f"{_name(smtp)} refused the login ({code} {words}); check the user and password of [smtp]")
        raise _unreachable(f"{_name(smtp)} could not log us in now ({code} {words})") from error
    except smtplib.SMTPNotSupportedError as error:
        _pause(settings, f"{_name(smtp)} offers no login ({one_line(str(error))}); check user and port of [smtp]")
    except (OSError, smtplib.SMTPException) as error:
        raise _unreachable(f"{_name(smtp)} gave no usable answer: {_said(error, deadline)}") from error
    try:
        yield server
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _connected(settings: DeliverySettings, deadline: Deadline) -> smtplib.SMTP:
    smtp = settings.smtp
    context = ssl.create_default_context(cafile=smtp.ca_file)
    if smtp.ca_file:
        context.load_default_certs()
    step = min(smtp.timeout, settings.email_limit).total_seconds()
    given: dict[str, Any] = {"context": context} if smtp.security == "tls" else {}
    kind = type("Watched", (_SmtpOverTls if smtp.security == "tls" else _Smtp,), {"deadline": deadline})
    server: smtplib.SMTP = kind(smtp.host, smtp.port, local_hostname=socket.gethostname(), timeout=step, **given)
    try:
        server.ehlo_or_helo_if_needed()
        if smtp.security == "starttls":
            if not server.has_extn("starttls"):
                _pause(settings, f"{_name(smtp)} does not offer STARTTLS; nothing was sent, for it would go in clear")
            server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
        if smtp.user:
            server.login(smtp.user, smtp.password or "")
    except BaseException:
        server.close()
        raise
    return server


def _offer(
    server: smtplib.SMTP, recipient: str, letter: bytes, settings: DeliverySettings, deadline: Deadline
) -> tuple[int, str]:
    """One dialogue. Returns 250, or one of _TOO_MUCH, with the server's words; raises for every other refusal."""
    name, sender = _name(settings.smtp), parseaddr(settings.smtp.sender)[1]
    step = "MAIL"
    try:
        code, words = server.mail(sender, [f"size={len(letter)}"] if server.has_extn("size") else [])
        if code == 250:
            step = "RCPT"
            code, words = server.rcpt(recipient)
        if code in (250, 251):
            step = "DATA"
            code, words = server.data(letter)
    except smtplib.SMTPDataError as error:
        code, words = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
    except (OSError, smtplib.SMTPException) as error:
        raise _broken_off(name, step, error, deadline) from error
    if deadline.over:  # an answer that we cut off ourselves looks like another one
        raise _broken_off(name, step, TimeoutError(), deadline)
    said = f"{code} {one_line(words)}"
    if code == 250:
        return code, one_line(words)
    if 400 <= code < 500 or code < 200:
        raise _temporary(f"{name} put the message off at {step}: {said}")
    if code in _LOGIN_REFUSED:
        _pause(settings, f"{name} wants a login first ({said}); set user and password of [smtp]")
    if code in _TOO_MUCH and step != "RCPT":
        return code, one_line(words)
    if step == "MAIL":
        _pause(settings, f"{name} does not accept the sender {sender} ({said}); check sender of [smtp]")
    raise DeliveryError(f"{name} refused {recipient}: {said}", permanent=True)


def _broken_off(name: str, step: str, error: Exception, deadline: Deadline) -> DeliveryError:
    repeat = "; it may have taken the message, so that the next attempt repeats it" if step == "DATA" else ""
    return _temporary(f"{name} broke off at {step}: {_said(error, deadline)}{repeat}")


def _refuse_clear_text(settings: DeliverySettings) -> None:
    smtp = settings.smtp
    if not smtp.host or not smtp.sender:
        _pause(settings, "no mail server is configured; set host and sender of [smtp]")
    if smtp.security != "none" or smtp.host == "localhost":
        return
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(smtp.host).is_loopback:
            return
    _pause(
        settings,
        f'security = "none" is for a mail server on this machine, and {smtp.host} is another; use "starttls" or "tls"',
    )


def _address(text: str) -> str:
    """The bare address. A comma or a second address would make two recipients of one."""
    found = getaddresses([text])
    address = found[0][1] if len(found) == 1 else ""
    odd = re.search(r"[\x00-\x1f\x7f]", text) or re.search(r"[\s,;<>]", address)
    if address.count("@") != 1 or odd or not address.isascii():
        raise DeliveryError(f"{one_line(text)!r} is not one mail address", permanent=True)
    return address


def _message_id(key: str, sender: str) -> str:
    # An identifier longer than a line would be broken up by the folding of headers.
    left = key if _SHORT_KEY.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()[:32]
    domain = parseaddr(sender)[1].rpartition("@")[2] or "ofsted-watch.invalid"
    return f"<{left}@{domain[-38:].lstrip('.-')}>"


def _unsubscribe(operator: str, sender: str) -> str:
    address = parseaddr(operator)[1] if "@" in operator and "://" not in operator else ""
    address = address or parseaddr(sender)[1]
    link = f"<mailto:{address}?subject=unsubscribe>"
    return link if len(link) <= 72 else f"<mailto:{address}>"


def _pause(settings: DeliverySettings, reason: str) -> NoReturn:
    """A person has to act: the channel waits, and no message of it dies."""
    raise DeliveryError(reason, permanent=False, retry_after=settings.pause, whole_channel=True, counts=False)


def _temporary(reason: str) -> DeliveryError:
    return DeliveryError(reason, permanent=False)


def _unreachable(reason: str) -> DeliveryError:
    return DeliveryError(reason, permanent=False, whole_channel=True)


def _said(error: Exception, deadline: Deadline) -> str:
    if deadline.over:
        return f"not done within {deadline.limit.total_seconds():.0f} s"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {one_line(error.smtp_error)}"
    return one_line(str(error)) or type(error).__name__


def _name(smtp: SmtpSettings) -> str:
    return f"the mail server {smtp.host}:{smtp.port}"
