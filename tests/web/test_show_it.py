"""`serve` and `feed`, by the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.commands import cli


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Callable[..., Result]:
    """A command over the archive of invented councils, whose rows lie beside the settings."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "ofsted-watch.toml").write_text(f'archive = "{folder}"\n', encoding="utf-8")

    def run(*words: str) -> Result:
        environ = {"OFSTED_WATCH_CONFIG": str(config), "OFSTED_WATCH_NOW": "2026-06-18T08:20:00Z"}
        return CliRunner().invoke(cli, list(words), env=environ)

    return run


def test_feed_prints_what_serve_gives(run: Callable[..., Result]) -> None:
    held = json.loads(run("feed", "--format", "json", "--kind", "jtai").stdout)
    assert len(held["items"]) == 3 and held["items"][0]["url"].startswith("http://127.0.0.1:8043/inspections/")
    assert run("feed").stdout.startswith("<?xml") and run("feed", "--format", "ics").stdout.startswith(
        "BEGIN:VCALENDAR"
    )
    assert len(json.loads(run("feed", "--format", "json", "--search", "pathway").stdout)["items"]) > 5


def test_a_filter_that_no_table_has_is_a_mistake_of_use(run: Callable[..., Result]) -> None:
    answer = run("feed", "--kind", "nonsense")
    assert answer.exit_code == 2 and "expected one of ilacs" in answer.output
    assert run("feed", "--format", "ics", "--search", "care").exit_code == 2


def test_serve_listens_to_others_only_under_a_name_and_never_in_private(run: Callable[..., Result]) -> None:
    answer = run("serve", "--host", "0.0.0.0")
    assert answer.exit_code == 2 and "base_url" in answer.output
    answer = run("serve", "--host", "0.0.0.0", "--private")
    assert answer.exit_code == 2 and "loopback only" in answer.output


def test_a_port_that_is_taken_is_a_sentence(run: Callable[..., Result]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = run("serve", "--port", str(taken.getsockname()[1]))
    assert answer.exit_code == 1 and "cannot be listened on" in answer.output
