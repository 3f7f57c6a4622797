"""Real servers on loopback for the tests of alerts, and the invented inspections of the pictures."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from alerts.model import Channel, DeliverySettings, Message, SmtpSettings

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2025, 4, 23, 8, 41, tzinfo=UTC)
PASSWORD = "s3cret-of-the-test"


@pytest.fixture(scope="session")
def invented() -> ModuleType:
    """fixtures/make_screenshots.py: inspection(), claim(), story(), grades(), MESSAGES."""
    from fixtures import make_screenshots

    return make_screenshots


@pytest.fixture
def letter() -> Message:
    return Message(
        key="k-0001", type="inspection.published", subject="Northbridge: good → outstanding (Ofsted, 23 April 2025)",
        text="A letter.\n.\nWith a lone full stop.\n", html="<p>A letter.</p>", short="Short.",
        payload={"type": "inspection.published", "data": {"name": "Ynys Môn – Straße"}}, created_at=NOW,
    )  # fmt: skip


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, made for this run."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed; the tests of TLS make their certificate with it")
    folder = tmp_path_factory.mktemp("certificate")
    made, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(made)],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return made, key


class Postbox:
    """What the mail server says at each step, by recipient or by step; and what it took."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}  # "RCPT ada@…" or "MAIL", "DATA" → answers in turn; then 250
        self.letters: list[tuple[str, list[str], bytes]] = []
        self.logins: list[bytes] = []
        self.seen: list[str] = []

    def _answer(self, step: str) -> str:
        self.seen.append(step)
        waiting = self.answers.get(step, [])
        return waiting.pop(0) if waiting else "250 OK"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self._answer("MAIL")
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self._answer(f"RCPT {address}")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self._answer("DATA")
        if answer.startswith("250"):
            self.letters.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
            return "250 queued as A1B2"
        return answer

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append(data.password)
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


def free_port() -> int:
    with closing(socket.socket()) as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def mail_server(postbox: Postbox, certificate: tuple[Path, Path]) -> Iterator[Callable[..., DeliverySettings]]:
    """Starts a mail server and gives the settings that reach it: STARTTLS and login unless told otherwise."""
    running: list[Controller] = []

    def start(*, starttls: bool = True, login: bool = True, trusted: bool = True, **smtp: Any) -> DeliverySettings:
        context = None
        if starttls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
        server = Controller(
            postbox, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=starttls,
            authenticator=postbox.authenticate if login else None, auth_required=login, auth_require_tls=starttls,
        )  # fmt: skip
        server.start()
        running.append(server)
        given = {
            "host": "127.0.0.1", "port": server.port, "security": "starttls" if starttls else "none",
            "user": "ada" if login else None, "password": PASSWORD if login else None,
            "sender": "Ofsted Watch <watch@northbridge.example>", "timeout": timedelta(seconds=5),
            "ca_file": str(certificate[0]) if trusted else None,
        }  # fmt: skip
        return DeliverySettings(smtp=SmtpSettings(**given | smtp), operator="desk@northbridge.example")

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def scripted_server() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Starts a server that does with each connection what the script says; gives its port."""
    ended = threading.Event()
    opened: list[socket.socket] = []

    def start(script: Callable[[socket.socket], None]) -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(listening)

        def serve() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                opened.append(connection)
                with suppress(OSError):
                    script(connection)

        threading.Thread(target=serve, daemon=True).start()
        return int(listening.getsockname()[1])

    yield start
    ended.set()
    for each in opened:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


class Receiver:
    """A webhook receiver: answers what it is told, in turn; the last answer stays. Keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = [(204, {}, b"")]
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers), body))
                status, headers, answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                """Nothing: the requests are kept."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?token=hidden-token"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.answers = [(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def hook(receiver: Receiver) -> Channel:
    return Channel(kind="webhook", address=receiver.url, secrets=("whsec_" + "QUJD" * 11,), allow_private=True)
