"""A town whose news is told by webhook and by mail, real receivers of both on loopback, and what must hold of them."""

from __future__ import annotations

import ast
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from archive.captures import Captures
from tests.stories.conftest import Town

ROOT = Path(__file__).resolve().parent.parent.parent
BEFORE, AFTER, LATER = "2025-04-01T09:00:00+00:00", "2025-04-23T12:00:00+00:00", "2025-04-23T12:20:00+00:00"
MAIN = {
    "publications": "SELECT source, ref, fingerprint FROM publications",
    "findings": "SELECT id, inspection, json FROM findings",
    "inspections": "SELECT id, json FROM inspections",
    "events": "SELECT id, type, inspection, baseline FROM events",
    "messages": "SELECT key, recipient, state FROM messages",
    "told": "SELECT recipient, inspection, message FROM told",
    "outbox": "SELECT recipient, inspection, state FROM outbox WHERE state != 'dropped'",
}
KEY_FUNCTIONS = (
    ("service/deliver.py", "_attempt"),
    ("service/poll.py", "record"),
    ("service/poll.py", "queue_events"),
)
State = dict[str, list[tuple[Any, ...]]]


class Receivers:
    """A webhook and a mail server; `got` is (recipient, key) of every message that was accepted, in order."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []
        self.answer = 204
        receivers = self

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receivers.answer < 300:
                    receivers.bodies.append(body)
                    receivers.got.append(("webhook", self.headers["webhook-id"]))
                self.send_response(receivers.answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Nothing: what came is kept."""

        class Mail:
            async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
                if receivers.answer >= 300:
                    return "451 try again later"
                receivers.bodies.append(envelope.content)
                message = message_from_bytes(envelope.content, policy=policy.default)
                receivers.got.append(("email", str(message["Message-ID"])))
                return "250 OK"

        self.hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        self.hook.daemon_threads = True
        threading.Thread(target=self.hook.serve_forever, args=(0.05,), daemon=True).start()
        self.mail = Controller(Mail(), hostname="127.0.0.1", port=_free_port())
        self.mail.start()

    def close(self) -> None:
        self.mail.stop()
        self.hook.shutdown()
        self.hook.server_close()


class Crasher:
    """The process that forks, runs and kills the service: see crashing.py, and traced.py."""

    def __init__(self, script: str = "crashing.py") -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(script))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        )  # fmt: skip

    def run(self, folder: Path, **job: Any) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        job = {"now": AFTER, "later": AFTER, "folder": str(folder)} | job
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "Traceback" not in answer["said"], answer["said"]
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


class Scene:
    """The town before and after its news, an archive that can be put back, and the undisturbed end to compare with."""

    def __init__(self, town: Town, receivers: Receivers, crasher: Crasher) -> None:
        self.town, self.receivers, self.crasher = town, receivers, crasher
        self.archive = town.folder.parent / "archive"
        self.saved = town.folder.parent / "saved"
        self.undisturbed: State = {}
        self.keys: set[tuple[str, str]] = set()

    def told_by_both(self) -> None:
        """Subscriptions and mail server of this scene."""
        secret = self.town.folder / "hook.secret"
        secret.write_text("whsec_" + "QUJD" * 11, "utf-8")
        secret.chmod(0o600)
        (self.town.folder / "subscriptions" / "desk.toml").write_text(
            f'[[to]]\nwebhook = "http://127.0.0.1:{self.receivers.hook.server_port}/hook"\nsecret_file = "{secret}"\n'
            'allow_private = true\n\n[[to]]\nemail = "desk@example.org"\n', "utf-8",
        )  # fmt: skip
        with open(self.town.folder / "ofsted-watch.toml", "a", encoding="utf-8") as main:
            main.write(f'[smtp]\nhost = "127.0.0.1"\nport = {self.receivers.mail.port}\nsecurity = "none"\n'
                       'sender = "Ofsted Watch <watch@example.org>"\n')  # fmt: skip

    def save(self) -> None:
        shutil.copytree(self.archive, self.saved)

    def put_back(self) -> None:
        shutil.rmtree(self.archive, ignore_errors=True)
        shutil.copytree(self.saved, self.archive)
        self.receivers.got.clear()

    def run(self, **job: Any) -> dict[str, Any]:
        return self.crasher.run(self.town.folder, **job)

    def settled(self) -> None:
        """A restart as an operator would make it: the same poll again, and what is due when its lease has run out."""
        answer = self.run(later=LATER)
        assert answer["said"] == "done", answer

    def state(self) -> State:
        return read_state(self.archive / "archive.db")

    def check_half_way(self) -> None:
        """What must hold at once after a kill: (v) an ETag is stored only with all that its page listed, (vi)."""
        with_etag = sqlite3.connect(self.archive / "archive.db")
        try:
            kept = set(with_etag.execute("SELECT source, ref FROM publications"))
            etags = with_etag.execute("SELECT id, etag FROM sources WHERE etag IS NOT NULL").fetchall()
            assert with_etag.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            hashes = [row[0] for row in with_etag.execute("SELECT sha256 FROM captures")]
        finally:
            with_etag.close()
        due = {(source, ref) for source, ref, _ in self.undisturbed["publications"]}
        old = dict(sqlite_rows(self.saved / "archive.db", "SELECT id, etag FROM sources"))
        for source, etag in etags:
            if etag != old.get(source):
                missing = {pair for pair in due if pair[0] == source} - kept
                assert not missing, f"the ETag of {source} was stored before {missing}"
        captures = Captures(self.archive / "captures")
        for sha256 in hashes:
            captures.get(sha256)

    def check_end(self) -> int:
        """The invariants after the restart; returns how many messages were repeated, each under the key it had."""
        now = self.state()
        for table, rows in self.undisturbed.items():  # (i), (ii), (viii): all sent
            assert now[table] == rows, f"{table}: {sorted(set(rows) ^ set(now[table]))[:3]}"
        got = Counter(self.receivers.got)
        assert set(got) == self.keys, f"(iii), (iv): {got}"
        return sum(got.values()) - len(got)

    def undisturbed_run(self) -> list[tuple[str, int, int]]:
        """Every line that a poll with its delivery executes, with how often; notes its end as what must always be."""
        self.put_back()
        answer = self.run(trace=True)
        assert answer["said"] == "done", answer
        self.undisturbed, self.keys = self.state(), set(self.receivers.got)
        assert {name for name, _ in self.keys} == {"webhook", "email"}
        return [(name, line, n) for name, line, n in answer["lines"]]


def read_state(path: Path) -> State:
    return {name: sorted(sqlite_rows(path, query)) for name, query in MAIN.items()}


def sqlite_rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    archive = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return archive.execute(query).fetchall()
    finally:
        archive.close()


def points(lines: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """The first and the last execution of every line."""
    return sorted({(name, line, n) for name, line, times in lines for n in (1, times)})


def window(points: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """The lines that record, settle, send and note: where a wrong order of writing would lose something."""
    spans = [(name, *_span(ROOT / name, function)) for name, function in KEY_FUNCTIONS]
    return [point for point in points if any(name == point[0] and a <= point[1] <= b for name, a, b in spans)]


def _span(path: Path, function: str) -> tuple[int, int]:
    tree = ast.parse(path.read_text("utf-8"))
    (found,) = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name == function]
    return found.lineno, found.end_lineno or found.lineno


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
