"""Mail through a real server on loopback: what it takes, refuses, delays, and how it breaks off."""

from __future__ import annotations

import email
import email.policy
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from alerts.model import Channel, DeliveryError, DeliverySettings, Message, SmtpSettings
from alerts.transports import email as mail

ADA = Channel(kind="email", address="ada@readers.example")


def parsed(letter: bytes) -> Any:
    return email.message_from_bytes(letter, policy=email.policy.default)


def refusal(message: Message, settings: DeliverySettings, to: Channel = ADA) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        mail.send(message, to, settings)
    return caught.value


def test_a_letter_arrives_over_starttls_and_login_and_the_servers_words_are_returned(mail_server, postbox, letter):
    said = mail.send(letter, ADA, mail_server())
    assert said == "250 queued as A1B2"
    sender, recipients, content = postbox.letters[0]
    assert (sender, recipients) == ("watch@northbridge.example", ["ada@readers.example"])
    got = parsed(content)
    assert got["Subject"] == letter.subject
    assert got["Message-ID"] == "<k-0001@northbridge.example>"
    assert got["List-Unsubscribe"] == "<mailto:desk@northbridge.example?subject=unsubscribe>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Date"].datetime == letter.created_at
    assert got.get_body(("plain",)).get_content().replace("\r\n", "\n") == letter.text
    assert got.get_body(("html",)).get_content().strip() == letter.html


def test_the_bytes_are_the_same_at_every_attempt(mail_server, postbox, letter):
    settings = mail_server()
    for _ in range(3):
        mail.send(letter, ADA, settings)
    assert len({content for _, _, content in postbox.letters}) == 1


def test_a_later_message_follows_the_first_in_its_thread(letter):
    settings = DeliverySettings(smtp=SmtpSettings(sender="watch@northbridge.example"))
    first = parsed(mail.written(letter, ADA, settings))
    second = parsed(mail.written(replace(letter, key="k-0002", in_reply_to=letter.key), ADA, settings))
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]


def test_identifiers_stay_whole_with_long_keys_and_domains(letter):
    settings = DeliverySettings(smtp=SmtpSettings(sender=f"watch@{'children.' * 9}example.gov.uk"))
    long = replace(letter, key="a key: with everything / in it " * 9, in_reply_to="another key " * 20)
    raw = mail.written(long, ADA, settings)
    assert b"=?utf-8?q?=3C" not in raw.lower()
    assert raw.count(b"In-Reply-To: <") == 1 or raw.count(b"In-Reply-To:\r\n <") == 1


def test_names_beyond_ascii_arrive_as_they_are(mail_server, postbox, letter):
    settings = mail_server(sender="Zoë Þórsdóttir – Wächter <watch@northbridge.example>")
    mail.send(letter, ADA, settings)
    got = parsed(postbox.letters[0][2])
    assert got["From"].addresses[0].display_name == "Zoë Þórsdóttir – Wächter"
    assert postbox.letters[0][2].isascii()


@pytest.mark.fault("M1")
@pytest.mark.parametrize("answer", ["421 busy", "450 greylisted", "451 later", "452 full"])
def test_a_server_that_puts_off_is_asked_again_with_the_same_message_id(mail_server, postbox, letter, answer):
    settings = mail_server()
    postbox.answers = {"RCPT ada@readers.example": [answer]}
    error = refusal(letter, settings)
    assert not error.permanent and error.counts and answer in str(error)
    assert not error.whole_channel
    mail.send(letter, ADA, settings)
    assert parsed(postbox.letters[0][2])["Message-ID"] == "<k-0001@northbridge.example>"


@pytest.mark.fault("M2")
def test_an_unknown_user_is_refused_for_good_with_the_servers_words(mail_server, postbox, letter):
    settings = mail_server()
    postbox.answers = {"RCPT ada@readers.example": ["550 5.1.1 no such user here"]}
    error = refusal(letter, settings)
    assert error.permanent and not error.whole_channel and not error.disable
    assert "550 5.1.1 no such user here" in str(error)
    assert mail.send(letter, Channel(kind="email", address="bob@readers.example"), settings).startswith("250")


@pytest.mark.fault("M3")
def test_a_refused_login_pauses_the_channel_for_an_hour_and_uses_up_no_attempt(mail_server, postbox, letter):
    settings = mail_server(password="not the password")
    error = refusal(letter, settings)
    assert (error.permanent, error.counts, error.whole_channel) == (False, False, True), str(error)
    assert error.retry_after == timedelta(hours=1)
    assert "535" in str(error) and "[smtp]" in str(error) and "not the password" not in str(error)
    assert postbox.letters == []


@pytest.mark.fault("M4")
@pytest.mark.parametrize("answer", ["552 5.3.4 too large", "554 5.7.1 looks like spam"])
def test_a_message_too_large_or_taken_for_spam_is_offered_once_in_its_short_form(mail_server, postbox, letter, answer):
    settings = mail_server()
    postbox.answers = {"DATA": [answer]}
    assert mail.send(letter, ADA, settings).endswith("(in the short form)")
    got = parsed(postbox.letters[0][2])
    assert got.get_content().strip() == "Short." and got["Message-ID"] == "<k-0001@northbridge.example>"
    postbox.answers = {"DATA": [answer, answer]}
    error = refusal(letter, settings)
    assert error.permanent and answer in str(error)
    assert postbox.seen.count("DATA") == 4


@pytest.mark.fault("M5")
def test_nothing_goes_in_clear_where_starttls_is_not_offered(mail_server, postbox, letter):
    settings = mail_server(starttls=False, security="starttls")
    error = refusal(letter, settings)
    assert not error.permanent and not error.counts and "STARTTLS" in str(error)
    assert postbox.letters == [] and postbox.logins == [] and postbox.seen == []


@pytest.mark.fault("M5")
def test_nothing_goes_to_a_server_whose_certificate_is_not_trusted(mail_server, postbox, letter):
    error = refusal(letter, mail_server(trusted=False))
    assert not error.permanent and not error.counts and "certificate" in str(error)
    assert postbox.letters == [] and postbox.logins == []


@pytest.mark.fault("M5")
def test_clear_text_is_for_loopback_only(mail_server, postbox, letter):
    assert mail.send(letter, ADA, mail_server(starttls=False, login=False)).startswith("250")
    other = DeliverySettings(smtp=SmtpSettings(host="192.0.2.7", sender="w@northbridge.example", security="none"))
    error = refusal(letter, other)
    assert not error.counts and "192.0.2.7 is another" in str(error)


@pytest.mark.fault("M6")
def test_of_five_recipients_each_has_an_envelope_and_a_fate_of_its_own(mail_server, postbox, letter):
    settings = mail_server()
    postbox.answers = {"RCPT r2@readers.example": ["451 later"], "RCPT r4@readers.example": ["550 unknown"]}
    fates = []
    for number in range(5):
        channel = Channel(kind="email", address=f"r{number}@readers.example")
        try:
            mail.send(letter, channel, settings)
            fates.append("sent")
        except DeliveryError as error:
            fates.append("dead" if error.permanent else "again")
    assert fates == ["sent", "sent", "again", "sent", "dead"]
    assert [recipients for _, recipients, _ in postbox.letters] == [[f"r{n}@readers.example"] for n in (0, 1, 3)]


def dialogue(*, silent_at: str = "", close_after_data: bool = False) -> Callable[[socket.socket], None]:
    """A mail server by hand: falls silent at a step, or hangs up after the final dot."""

    def script(connection: socket.socket) -> None:
        lines = connection.makefile("rb")

        def say(text: str, step: str) -> None:
            if step == silent_at:
                for _ in range(600):  # a byte now and then, so that no timeout of a step ends it
                    connection.sendall(b"2")
                    time.sleep(0.05)
            connection.sendall(text.encode() + b"\r\n")

        say("220 by hand", "banner")
        for line in lines:
            verb = line.split()[0].upper().decode()
            if verb == "DATA":
                say("354 go on", "DATA")
                while lines.readline() not in (b".\r\n", b""):
                    pass
                if close_after_data:
                    connection.shutdown(socket.SHUT_RDWR)
                    return
                say("250 taken", "end")
            else:
                say("250 fine", verb)

    return script


def by_hand(port: int, limit: float = 1.0) -> DeliverySettings:
    smtp = SmtpSettings(
        host="127.0.0.1", port=port, security="none", sender="w@northbridge.example", timeout=timedelta(seconds=30)
    )
    return DeliverySettings(smtp=smtp, email_limit=timedelta(seconds=limit))


@pytest.mark.fault("M7")
def test_a_connection_lost_after_the_final_dot_is_tried_again_and_says_that_it_may_repeat(scripted_server, letter):
    error = refusal(letter, by_hand(scripted_server(dialogue(close_after_data=True)), limit=10))
    assert not error.permanent and error.counts and "repeats" in str(error)


@pytest.mark.fault("M8")
@pytest.mark.parametrize("step", ["banner", "EHLO", "MAIL", "RCPT", "DATA", "end"])
def test_a_server_that_stalls_at_any_step_is_left_when_the_attempt_is_over(scripted_server, letter, step):
    settings = by_hand(scripted_server(dialogue(silent_at=step)), limit=0.6)
    began = time.monotonic()
    error = refusal(letter, settings)
    assert time.monotonic() - began < 3
    assert not error.permanent and "not done within" in str(error)


def test_a_server_that_is_not_there_is_tried_again(letter, scripted_server):
    error = refusal(letter, by_hand(1))
    assert not error.permanent and error.counts and error.whole_channel


def test_without_a_mail_server_the_sentence_says_what_to_set(letter):
    error = refusal(letter, DeliverySettings())
    assert not error.permanent and not error.counts and "set host and sender of [smtp]" in str(error)


@pytest.mark.fault("K8")
@pytest.mark.parametrize(
    "address", ["a@b.example, c@d.example", "a b@c.example", "nobody", "a@b@c", "x@y\r\nBcc: z@w", ""]
)
def test_what_is_not_one_address_is_refused(mail_server, postbox, letter, address):
    error = refusal(letter, mail_server(), Channel(kind="email", address=address))
    assert error.permanent and postbox.seen == []


def test_the_password_stands_in_no_words_about_the_settings():
    assert "s3cret" not in repr(SmtpSettings(host="h", password="s3cret"))
