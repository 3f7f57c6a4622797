"""Canary secrets: a password, a webhook's secret and its token, searched for in everything that the service leaves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from archive.captures import Captures
from tests.proof.scene import Receivers
from tests.stories.conftest import Town, town  # noqa: F401  (a fixture)
from tests.stories.test_killed import AFTER, BEFORE, past, present

PASSWORD, TOKEN = "canary-of-the-password", "canary-of-the-token"
SECRET = "whsec_" + "Y2FuYXJ5" * 4  # "canary" four times, and its raw bytes
CANARIES = [one.encode() for one in (PASSWORD, SECRET, "Y2FuYXJ5" * 4, "canarycanary")]
COMMANDS = (["status"], ["status", "--json"], ["alerts", "list"], ["alerts", "list", "--json"], ["subscriptions"],
            ["doctor", "--quick"], ["inspections"], ["check"])  # fmt: skip


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below, captures unpacked."""
    found = {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("secret")
    }
    captures = Captures(folder / "archive" / "captures")
    return found | {f"capture {name}": captures.get(name) for name in captures.names()}


def leaks(town: Town, monkeypatch: pytest.MonkeyPatch, canaries: list[bytes], token: str) -> set[str]:  # noqa: F811
    """Where one of them stands after polls, deliveries that fail, and every command that shows something."""
    receivers = Receivers()
    monkeypatch.setenv("CANARY_PASSWORD", PASSWORD)
    monkeypatch.setenv("CANARY_SECRET", SECRET)
    hook = f"http://127.0.0.1:{receivers.hook.server_port}/hook{token}"
    (town.folder / "subscriptions" / "desk.toml").write_text(
        f'[[to]]\nwebhook = "{hook}"\nsecret_env = "CANARY_SECRET"\nallow_private = true\n'
        f'[[to]]\nwebhook = "http://127.0.0.1:1/hook{token}"\nsecret_env = "CANARY_SECRET"\nallow_private = true\n'
        '[[to]]\nemail = "desk@example.org"\n', "utf-8",
    )  # fmt: skip
    with open(town.folder / "ofsted-watch.toml", "a", encoding="utf-8") as main:
        main.write(f'[smtp]\nhost = "127.0.0.1"\nport = {receivers.mail.port}\nsecurity = "none"\nuser = "watch"\n'
                   'password_env = "CANARY_PASSWORD"\nsender = "Ofsted Watch <watch@example.org>"\n')  # fmt: skip
    try:
        past(town)
        said = [town.poll(BEFORE).output]
        present(town)
        said.append(town.run("poll", now=AFTER, code=None).output)
        receivers.answer = 503
        for command in COMMANDS:
            said.append(town.run(*command, now=AFTER, code=None).output)
        log = subprocess.run(
            [sys.executable, "-m", "service", "poll", "--config", str(town.folder), "--now", "2025-04-24T09:00:00Z"],
            capture_output=True, timeout=60,
        )  # fmt: skip
        left = everything(town.folder.parent)
        left.pop(str(town.folder / "subscriptions" / "desk.toml"))  # a token stands where its owner wrote it
        left |= {f"output {n}": text.encode() for n, text in enumerate(said)} | {"log": log.stdout + log.stderr}
        left |= {f"message {n}": body for n, body in enumerate(receivers.bodies)}
        assert receivers.bodies, "nothing was sent"
        assert any("127.0.0.1" in text for text in said), "no failure was shown"
        return {f"{Path(name).name}: {one.decode()}" for name, body in left.items() for one in canaries if one in body}
    finally:
        receivers.close()


@pytest.mark.fault("K13")
def test_no_password_or_signing_secret_stands_in_what_the_service_leaves(
    town: Town, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    assert not leaks(town, monkeypatch, CANARIES, "")


@pytest.mark.fault("K13")
def test_no_token_of_a_webhooks_address_stands_in_what_the_service_leaves(
    town: Town, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    assert not leaks(town, monkeypatch, [TOKEN.encode()], f"?token={TOKEN}")
