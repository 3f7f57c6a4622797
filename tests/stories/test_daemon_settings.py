"""The first minutes of an operator: init by a scripted terminal, check, twenty mistakes, subscriptions."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.commands import cli

NOW = "2026-03-11T08:00:00Z"
ANSWERS = ("desk@example.org", "Leeds; north-east", "desk@example.org", "localhost:2525", "")


def run(folder: Path, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, [*arguments, "--config", str(folder), "--now", NOW])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def typed(folder: Path, answers: tuple[str, ...]) -> tuple[int, str]:
    """`init` at a terminal: each answer is typed when its question stands there."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"XDG_STATE_HOME": str(folder.parent / "state"), "TERM": "dumb"}
    with subprocess.Popen(
        [sys.executable, "-m", "service", "init", str(folder)], stdin=theirs, stdout=theirs, stderr=theirs, env=environ
    ) as one:  # fmt: skip
        os.close(theirs)
        shown, left, until = "", list(answers), time.monotonic() + 30
        try:
            while time.monotonic() < until:
                if select.select([ours], [], [], 0.1)[0]:
                    try:
                        shown += os.read(ours, 10_000).decode()
                    except OSError:
                        break  # the terminal was hung up: it has ended
                if left and shown.rstrip().endswith(":") and shown.count("\n") == len(answers) - len(left):
                    os.write(ours, left.pop(0).encode() + b"\n")
        finally:
            one.kill() if one.poll() is None and time.monotonic() >= until else None
            os.close(ours)
        return one.wait(10), shown


def test_a_scripted_terminal_answers_init_and_check_passes_on_what_it_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    code, shown = typed(folder, ANSWERS)
    assert code == 0, shown
    assert f"Next: ofsted-watch check --config {folder}" in " ".join(shown.split())
    assert sorted(path.name for path in folder.rglob("*.toml")) == ["first.toml", "ofsted-watch.toml"]
    said = run(folder, "check").stdout
    assert "is right" in said
    lines = [line for line in said.splitlines() if line.startswith("  ofsted")]
    assert len(lines) >= 13  # Leeds, and the twelve of the north-east, or one search for all
    assert all(line.count(":") >= 4 for line in lines), "each shows its next three runs"


def test_init_changes_nothing_that_stands_there(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    assert typed(folder, ANSWERS)[0] == 0
    before = (folder / "ofsted-watch.toml").read_bytes()
    code, shown = typed(folder, ANSWERS)
    assert code == 2
    assert "already there and was left as it is" in " ".join(shown.split())
    assert (folder / "ofsted-watch.toml").read_bytes() == before


def test_check_shows_the_next_runs_by_london_s_clock(tmp_path: Path) -> None:
    (tmp_path / "ofsted-watch.toml").write_text('authorities = ["Leeds"]\n[ofsted]\nsweep = "14d"\n', "utf-8")
    said = run(tmp_path, "check").stdout
    [page] = [
        line
        for line in said.splitlines()
        if line.startswith("  ofsted-") and "never" not in line and "search" not in line
    ][:1]
    assert page.split(": ", 1)[1] == "Wed 11 Mar 09:40, Wed 11 Mar 10:20, Wed 11 Mar 12:30"


MISTAKES = {
    "bad TOML": ("ofsted-watch.toml", "authorities = [", "ofsted-watch.toml, line"),
    "an unknown key": ("ofsted-watch.toml", 'authoritys = ["Leeds"]', 'did you mean "authorities"?'),
    "an unknown key in a table": ("ofsted-watch.toml", '[fetch]\ngapp = "5s"', 'did you mean "gap"?'),
    "a wrong council": ("ofsted-watch.toml", 'authorities = ["Leedz"]', 'did you mean "Leeds"?'),
    "a wrong region": ("subscriptions/desk.toml", 'regions = ["north-wset"]\n[[to]]\nlog = true', 'did you mean "north-west"?'),
    "a wrong remit": ("ofsted-watch.toml", 'remits = ["childrens_homes"]', 'did you mean "childrens_home"?'),
    "a wrong source": ("ofsted-watch.toml", 'sources = ["blackburn-live"]', 'did you mean "blackburn-life"?'),
    "no URN": ("ofsted-watch.toml", 'providers = ["Leeds"]', 'a URN such as "116780"'),
    "no duration": ("ofsted-watch.toml", '[poll]\nevery = "5 sec"', "poll.every"),
    "an interval that is too short": ("ofsted-watch.toml", '[poll]\nevery = "1m"', "15 minutes or more"),
    "no gap": ("ofsted-watch.toml", '[fetch]\ngap = "0s"', "fetch.gap"),
    "a time that never comes": ("ofsted-watch.toml", '[ofsted]\ntimes = ["25:00"]', "ofsted.times"),
    "a number out of range": ("ofsted-watch.toml", "[fetch]\nworkers = 99", "from 1 to 8"),
    "text for a number": ("ofsted-watch.toml", '[web]\nport = "8043"', "web.port"),
    "a secret in plain text": ("ofsted-watch.toml", '[smtp]\npassword = "hunter2"', "password_env"),
    "no mail server": ("subscriptions/desk.toml", '[[to]]\nemail = "desk@example.org"', "[smtp] needs host and sender"),
    "two addresses in one": ("subscriptions/desk.toml", '[[to]]\nemail = "a@example.org,b@example.org"', "one mail address"),
    "nowhere to send to": ("subscriptions/desk.toml", 'kinds = ["ilacs"]', "to"),
    "two ways in one recipient": ("subscriptions/desk.toml", '[[to]]\nlog = true\nmaildir = "m"', "exactly one of"),
    "a wrong kind": ("subscriptions/desk.toml", 'kinds = ["ilac"]\n[[to]]\nlog = true', 'did you mean "ilacs"?'),
    "a webhook without a secret": ("subscriptions/desk.toml", '[[to]]\nwebhook = "https://receiver.example/x"', "secret"),
    "a wrong parser": ("sources/news.toml", 'name = "N"\nurl = "https://n.example/"\nparser = "fead"', 'did you mean "feed"?'),
    "a source without a page": ("sources/news.toml", 'name = "N"\nparser = "feed"', "url"),
    "a page with a password": ("sources/news.toml", 'name = "N"\nurl = "https://u:p@n.example/"\nparser = "feed"', "news.toml"),
}  # fmt: skip


@pytest.mark.fault("C1")
@pytest.mark.fault("C2")
@pytest.mark.fault("C4")
@pytest.mark.fault("C5")
@pytest.mark.parametrize("name", MISTAKES)
def test_check_names_a_planted_mistake_with_its_file(tmp_path: Path, name: str) -> None:
    file, text, said = MISTAKES[name]
    for folder in ("subscriptions", "sources"):
        (tmp_path / folder).mkdir()
    (tmp_path / "ofsted-watch.toml").write_text("", "utf-8")
    (tmp_path / file).write_text(text + "\n", "utf-8")
    shown = run(tmp_path, "check", code=2).output
    assert said in shown
    assert ".toml" in shown
    assert "Traceback" not in shown
    assert "hunter2" not in shown


def test_twenty_mistakes_are_named_at_once_with_their_lines(tmp_path: Path) -> None:
    for folder in ("subscriptions", "sources"):
        (tmp_path / folder).mkdir()
    (tmp_path / "ofsted-watch.toml").write_text(
        'authoritys = []\nauthorities = ["Leedz"]\noperator = "nobody"\nremits = ["childrens_homes"]\n'
        'sources = ["blackburn-live"]\nproviders = ["Leeds"]\n[ofsted]\ntimes = ["25:00"]\nreports = "here"\n'
        '[poll]\nevery = "5 sec"\ndocuments = 0\n[fetch]\ngapp = "5s"\nworkers = 99\n[web]\nport = "8043"\n'
        '[smtp]\npassword = "hunter2"\nsecurity = "tsl"\n[quiet]\nstart = "20:00"\n[health]\nprot = 1\n',
        "utf-8",
    )
    (tmp_path / "subscriptions" / "desk.toml").write_text('kinds = ["ilac"]\n[[to]]\nemail = "a b@c"\n', "utf-8")
    (tmp_path / "sources" / "news.toml").write_text(
        'name = "N"\nurl = "https://n.example/"\nparser = "fead"\n', "utf-8"
    )
    shown = run(tmp_path, "check", code=2).output.splitlines()
    assert len(shown) >= 20
    assert sum(", line " in line for line in shown) >= 18


@pytest.mark.fault("C11")
def test_an_empty_configuration_starts_and_says_that_nobody_is_told(tmp_path: Path) -> None:
    (tmp_path / "ofsted-watch.toml").write_text(f'archive = "{tmp_path / "archive"}"\n', "utf-8")
    said = run(tmp_path, "check").stdout
    assert "0 sources are watched; name councils in authorities" in said
    assert "1 subscriptions: log" in said
    run(tmp_path, "poll")
    assert "Nobody is mailed: what is found goes to the log." in run(tmp_path, "doctor").stdout


@pytest.mark.fault("C3")
def test_a_missing_secret_stops_what_sends_and_not_what_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OW_HOOK", raising=False)
    (tmp_path / "ofsted-watch.toml").write_text(f'archive = "{tmp_path / "archive"}"\nauthorities = []\n', "utf-8")
    (tmp_path / "subscriptions").mkdir()
    (tmp_path / "subscriptions" / "desk.toml").write_text(
        '[[to]]\nwebhook = "https://receiver.example/x"\nsecret_env = "OW_HOOK"\n', "utf-8"
    )
    for looking in (["subscriptions"], ["doctor"]):
        assert "Traceback" not in run(tmp_path, *looking).output
    assert "OW_HOOK" in run(tmp_path, "check").stdout
    assert "OW_HOOK" in run(tmp_path, "poll", code=2).output


def test_a_subscription_is_written_listed_and_put_aside(tmp_path: Path) -> None:
    (tmp_path / "ofsted-watch.toml").write_text(f'archive = "{tmp_path / "archive"}"\n', "utf-8")
    run(tmp_path, "subscribe", "desk", "--maildir", "mail", "--authority", "Leeds", "--authority", "north-east",
        "--kind", "ilacs", "--when", "weekly")  # fmt: skip
    said = " ".join(run(tmp_path, "subscriptions").stdout.split())
    assert "desk (weekly)" in said
    assert "authorities: Leeds; regions: north-east; kinds: ilacs" in said
    assert "is there already" in run(tmp_path, "subscribe", "desk", "--log", code=2).output
    assert "disabled" in run(tmp_path, "unsubscribe", "desk").stdout
    assert "there is no subscription 'desk'" in run(tmp_path, "unsubscribe", "desk", code=2).output


def test_a_subscription_that_cannot_be_used_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "ofsted-watch.toml").write_text("", "utf-8")
    assert 'did you mean "Leeds"?' in run(tmp_path, "subscribe", "desk", "--log", "--authority", "Leedz", code=2).output
    assert "says nowhere to send to" in run(tmp_path, "subscribe", "desk", code=2).output
    assert list(tmp_path.rglob("desk.toml")) == []
