"""The receivers of docs/webhooks.md verify what we send, and refuse what we did not."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import HTTPServer
from pathlib import Path

import pytest
from msgspec.structs import replace

from alerts.model import Channel, DeliveryError, DeliverySettings
from alerts.transports import webhook

DOCS = Path(__file__).parent.parent.parent / "docs" / "webhooks.md"
OLD, NEW, OTHER = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
BODY = json.dumps({"type": "digest", "data": "Ynys Môn"}, ensure_ascii=False).encode()
NOW = datetime(2025, 4, 23, 8, 41, tzinfo=UTC)

Verify = Callable[[list[str], dict[str, str], bytes], bool]


def example(language: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return code


def by_python(secrets: list[str], headers: dict[str, str], body: bytes) -> bool:
    known: dict[str, object] = {"__name__": "example"}
    exec(example("python"), known)
    try:
        return bool(known["verified"](secrets, headers, body, now=NOW.timestamp()) == json.loads(BODY))
    except ValueError:
        return False


def by_node(secrets: list[str], headers: dict[str, str], body: bytes) -> bool:
    given = json.dumps([secrets, headers, body.decode(), NOW.timestamp()])
    script = example("js").replace("require.main === module", "false") + (
        "const [s, h, b, n] = JSON.parse(require('node:fs').readFileSync(0));"
        "try { verified(s, h, Buffer.from(b), n); console.log('yes'); } catch { console.log('no'); }"
    )
    ran = subprocess.run(["node", "-e", script], input=given, capture_output=True, text=True, timeout=30, check=True)
    return ran.stdout.strip() == "yes"


@pytest.fixture(params=["python", "node"])
def verify(request: pytest.FixtureRequest) -> Verify:
    if request.param == "node" and shutil.which("node") is None:
        pytest.skip("Node is not installed")
    return by_python if request.param == "python" else by_node


def signed(*secrets: str, at: datetime = NOW) -> dict[str, str]:
    channel = Channel(kind="webhook", address="https://hooks.example/", secrets=secrets)
    return {name.lower(): value for name, value in webhook.headers("k-1", BODY, channel, at, "test").items()}


@pytest.mark.fault("M19")
def test_the_receiver_of_the_documentation_accepts_what_we_sign(verify):
    assert verify([OLD], signed(OLD), BODY)
    assert verify([OLD], signed(NEW, OLD), BODY), "a receiver that knows only the old secret"
    assert verify([NEW, OLD], signed(OLD), BODY), "a receiver that knows both"


@pytest.mark.fault("M19")
@pytest.mark.parametrize(
    ("why", "headers", "body"),
    [
        ("another secret", signed(OTHER), BODY),
        ("another body", signed(OLD), BODY.replace(b"digest", b"operator")),
        ("another id", signed(OLD) | {"webhook-id": "k-2"}, BODY),
        ("another time", signed(OLD) | {"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, BODY),
        ("too old", signed(OLD, at=NOW - timedelta(minutes=6)), BODY),
        ("from the future", signed(OLD, at=NOW + timedelta(minutes=6)), BODY),
        ("no signature", {name: text for name, text in signed(OLD).items() if "signature" not in name}, BODY),
        (
            "another version",
            signed(OLD) | {"webhook-signature": signed(OLD)["webhook-signature"].replace("v1", "v2")},
            BODY,
        ),
        ("an empty one", signed(OLD) | {"webhook-signature": "v1,"}, BODY),
    ],
)
def test_the_receiver_of_the_documentation_refuses_what_is_forged(verify, why, headers, body):
    assert not verify([OLD], headers, body), why


@pytest.mark.fault("M19")
def test_the_python_receiver_runs_and_takes_each_id_once(letter, monkeypatch, capsys):
    known: dict[str, object] = {"__name__": "example"}
    exec(example("python"), known)
    known["SECRETS"][:] = [OLD]
    server = HTTPServer(("127.0.0.1", 0), known["Receiver"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    channel = Channel(
        kind="webhook", address=f"http://127.0.0.1:{server.server_port}/", secrets=(OLD,), allow_private=True
    )
    message = replace(letter, payload={"type": "operator", "data": {"inspection": None}})
    for _ in range(3):
        assert webhook.send(message, channel, DeliverySettings()).startswith("204")
    assert list(known["seen"]) == [letter.key]
    with pytest.raises(DeliveryError, match="401"):
        webhook.send(message, replace(channel, secrets=(OTHER,)), DeliverySettings())
    server.shutdown()
    server.server_close()


def test_the_clock_of_the_signature_is_the_machines_own(receiver, hook, letter):
    webhook.send(letter, hook, DeliverySettings())
    assert abs(int(receiver.requests[0][1]["webhook-timestamp"]) - time.time()) < 60


def test_the_example_needs_nothing_beyond_the_standard_library():
    imported = set(re.findall(r"^(?:import|from) (.*?)(?: import .*)?$", example("python"), re.MULTILINE))
    modules = {name.split(".")[0].strip() for line in imported for name in line.split(",")}
    assert modules <= set(sys.stdlib_module_names)
