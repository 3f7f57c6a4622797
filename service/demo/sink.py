"""Where the demo's messages arrive: a mail server and a webhook receiver on loopback."""

from __future__ import annotations

import secrets
import socket
import threading
from base64 import b64encode
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from msgspec import Struct
from standardwebhooks import Webhook, WebhookVerificationError


class MissingExtra(Exception):
    """The mail sink needs the extra `demo`; the message says how to get it."""


class MailSink:
    """A mail server on 127.0.0.1 that keeps what it is given, from `with` to its end. Raises MissingExtra."""

    def __init__(self) -> None:
        try:
            from aiosmtpd.controller import Controller
        except ImportError:
            raise MissingExtra(
                "The demo's mail server comes with the extra `demo`, which is not installed. Nothing was started. "
                'Install it with: pip install "ofsted-watch[demo]"'
            ) from None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]  # aiosmtpd cannot take port 0
        self.host = "127.0.0.1"
        self.messages: list[EmailMessage] = []
        self._controller = Controller(self, hostname=self.host, port=self.port, ready_timeout=10)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 Kept"

    def __enter__(self) -> MailSink:
        self._controller.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._controller.stop()


class Delivered(Struct, frozen=True, kw_only=True):
    """One webhook that was signed as it should be."""

    id: str  # the same at every attempt
    payload: dict[str, Any]


class WebhookSink:
    """A receiver on 127.0.0.1 that checks Standard Webhooks signatures, from `with` to its end.

    What is not signed with `secret`, or was signed more than five minutes ago by this machine's clock, gets 401.
    """

    def __init__(self) -> None:
        self.secret = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
        self.delivered: list[Delivered] = []
        self.refused = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/ofsted"

    def __enter__(self) -> WebhookSink:
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="webhook sink", daemon=True).start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _received(self, headers: Message, body: bytes) -> int:
        try:
            payload = Webhook(self.secret).verify(body, dict(headers.items()))
        except (WebhookVerificationError, ValueError):
            self.refused += 1
            return 401
        self.delivered.append(Delivered(id=headers["webhook-id"], payload=payload))
        return 204

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        received = self._received

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            timeout = 30

            def do_POST(self) -> None:
                length = min(int(self.headers.get("Content-Length", 0)), 1_000_000)
                self.send_response(received(self.headers, self.rfile.read(length)))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: the driver tells what happens."""

        return Handler
