"""Webhooks to a real receiver on loopback: signatures, answers of every kind, and addresses that must not be reached."""

from __future__ import annotations

import json
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alerts.model import Channel, DeliveryError, DeliverySettings
from alerts.transports import webhook

OLD, NEW = "whsec_" + "QUJD" * 11, "whsec_" + "WFla" * 11
SETTINGS = DeliverySettings(webhook_limit=timedelta(seconds=5))


def refusal(letter, channel, settings=SETTINGS) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        webhook.send(letter, channel, settings)
    return caught.value


def test_the_body_is_the_payload_and_verifies_with_every_secret(receiver, hook, letter):
    assert webhook.send(letter, replace(hook, secrets=(NEW, OLD)), SETTINGS) == "204 No Content"
    path, headers, body = receiver.requests[0]
    assert path == "/hook?token=hidden-token"
    for secret in (NEW, OLD):
        assert Webhook(secret).verify(body, headers) == letter.payload
    assert json.loads(body)["data"]["name"] == "Ynys Môn – Straße"
    assert headers["webhook-id"] == "k-0001" and headers["Content-Type"] == "application/json"


def test_a_signature_fits_neither_another_body_nor_another_id_time_or_secret(receiver, hook, letter):
    webhook.send(letter, hook, SETTINGS)
    _, headers, body = receiver.requests[0]
    wrong = [
        (OLD, headers, body + b" "),
        (OLD, headers | {"webhook-id": "k-0002"}, body),
        (OLD, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, body),
        (NEW, headers, body),
        (OLD, headers | {"webhook-signature": headers["webhook-signature"].replace("v1,", "v1a,")}, body),
    ]
    for secret, changed, content in wrong:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(content, changed)


@pytest.mark.fault("M19")
def test_every_attempt_has_the_same_id_and_body(receiver, hook, letter):
    receiver.answer(500)
    refusal(letter, hook)
    receiver.answer(200)
    webhook.send(letter, hook, SETTINGS)
    (_, first, one), (_, second, other) = receiver.requests
    assert first["webhook-id"] == second["webhook-id"] and one == other


@pytest.mark.fault("M9")
@pytest.mark.fault("M13")
@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 413, 422, 500, 501, 502, 503, 504])
def test_a_refusal_is_tried_again_and_says_what_the_receiver_said(receiver, hook, letter, status):
    receiver.answer(status, b"no\x1b[31m\nthanks", Retry_After="120")
    error = refusal(letter, hook)
    assert not error.permanent and not error.disable and error.counts
    assert error.retry_after == timedelta(minutes=2)
    assert str(status) in str(error) and "no [31m thanks" in str(error)
    assert error.whole_channel == (status in (502, 503, 504))


@pytest.mark.fault("M14")
def test_too_many_requests_makes_the_whole_channel_wait_as_long_as_asked(receiver, hook, letter):
    receiver.answer(429, Retry_After="3600")
    error = refusal(letter, hook)
    assert not error.permanent and error.whole_channel and error.retry_after == timedelta(hours=1)


def test_a_receiver_cannot_silence_its_channel_for_years(receiver, hook, letter):
    receiver.answer(429, Retry_After="999999999")
    assert refusal(letter, hook).retry_after == timedelta(hours=24)


@pytest.mark.fault("M12")
def test_gone_disables_the_channel(receiver, hook, letter):
    receiver.answer(410)
    error = refusal(letter, hook)
    assert error.disable and not error.permanent and not error.counts


@pytest.mark.fault("M11")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_new_address_is_named(receiver, hook, letter, status):
    receiver.answer(status, Location="https://elsewhere.example/hook")
    error = refusal(letter, hook)
    assert not error.permanent and "https://elsewhere.example/hook" in str(error)
    assert len(receiver.requests) == 1


@pytest.mark.fault("M10")
def test_an_answer_that_drips_is_cut_off(scripted_server, letter):
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        for each in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 600:
            connection.sendall(bytes([each]))
            time.sleep(0.05)

    channel = Channel(kind="webhook", address=f"http://127.0.0.1:{scripted_server(drip)}/", allow_private=True)
    began = time.monotonic()
    error = refusal(letter, channel, DeliverySettings(webhook_limit=timedelta(seconds=0.6)))
    assert time.monotonic() - began < 3
    assert not error.permanent and "did not answer within" in str(error)


@pytest.mark.fault("M10")
def test_an_endless_body_after_a_success_is_not_read(scripted_server, letter):
    def endless(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            connection.sendall(b"x" * 1000)
            time.sleep(0.01)

    channel = Channel(kind="webhook", address=f"http://127.0.0.1:{scripted_server(endless)}/", allow_private=True)
    began = time.monotonic()
    assert webhook.send(letter, channel, SETTINGS) == "202 Accepted"
    assert time.monotonic() - began < 2


@pytest.mark.fault("M9")
def test_a_receiver_that_is_not_there_or_hangs_up_is_tried_again(scripted_server, letter):
    gone = scripted_server(lambda connection: connection.close())
    for port in (1, gone):
        channel = Channel(kind="webhook", address=f"http://127.0.0.1:{port}/secret-path", allow_private=True)
        error = refusal(letter, channel)
        assert not error.permanent and error.counts and "secret-path" not in str(error)


PRIVATE = [
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://2130706433:{port}/", "http://127.1:{port}/",
    "http://0x7f000001:{port}/", "http://0177.0.0.1:{port}/", "http://0.0.0.0:{port}/", "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://10.0.0.1:{port}/", "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/", "http://192.168.1.1/", "http://[fd00::1]/", "http://[fe80::1]/", "http://[fec0::1]/",
    "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://224.0.0.1/", "http://[ff02::1]/",
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_is_not_reached_in_any_spelling(receiver, letter, url):
    channel = Channel(kind="webhook", address=url.format(port=receiver.server.server_port))
    error = refusal(letter, channel)
    assert receiver.requests == [] and not error.permanent and not error.counts
    assert "private address" in str(error)


def test_a_name_that_leads_to_a_private_address_is_not_reached(receiver, letter, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.server.server_port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    channel = Channel(kind="webhook", address=f"http://hooks.example:{receiver.server.server_port}/")
    assert "private address" in str(refusal(letter, channel)) and receiver.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1\\@example.org/",
        "ftp://example.org/",
        "http://ada:pw@example.org/",
        "http://ex ample.org/",
        "x",
    ],
)
def test_an_address_that_two_readers_read_differently_is_refused(letter, url):
    error = refusal(letter, Channel(kind="webhook", address=url, allow_private=True))
    assert error.permanent and "pw" not in str(error)


def test_neither_proxy_nor_netrc_of_the_environment_is_used(receiver, hook, letter, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password stolen\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    webhook.send(letter, hook, SETTINGS)
    assert "Authorization" not in receiver.requests[0][1]


def test_the_certificate_of_the_receiver_is_checked(certificate, scripted_server, letter):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def tls(connection: socket.socket) -> None:
        context.wrap_socket(connection, server_side=True).recv(10)

    channel = Channel(kind="webhook", address=f"https://127.0.0.1:{scripted_server(tls)}/", allow_private=True)
    assert "certificate" in str(refusal(letter, channel))


AT = datetime(2025, 4, 23, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("120", timedelta(minutes=2)), ("0", timedelta()), ("Wed, 23 Apr 2025 09:00:00 GMT", timedelta(hours=1)),
        ("Wed, 23 Apr 2025 07:00:00 GMT", timedelta()), ("soon", None), ("-5", None), ("", None), ("1" * 40, None),
        (f"Wed, 23 Apr {'9' * 30} 09:00:00 GMT", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_both_its_forms(stated, meant):
    assert webhook.retry_after({"Retry-After": stated}, AT) == meant


@given(st.text(max_size=60))
def test_no_retry_after_breaks_the_reader(stated):
    wait = webhook.retry_after({"Retry-After": stated}, AT)
    assert wait is None or wait >= timedelta()
