"""`alerts list|show|preview|test|retry`: what a person sees of what was sent."""

from __future__ import annotations

import json

import pytest

from tests.stories.conftest import Report, Town
from tests.stories.test_killed import ilacs, past

NOW, LATER = "2025-04-23T12:00:00Z", "2025-04-24T12:00:00Z"


@pytest.fixture
def told(town: Town) -> Town:
    past(town)
    town.poll("2025-04-01T09:00:00Z")
    town.reports.append(Report("50276001", "Children's services inspection", "03 March 2025", "23 April 2025",
                               ilacs("3 to 14 March 2025", "Good")))  # fmt: skip
    (town.folder / "subscriptions" / "desk.toml").write_text("[[to]]\nlog = true\n", "utf-8")
    town.poll(NOW)
    return town


def key_of(told: Town) -> str:
    return str(told.ask("alerts", "list", now=LATER)[0]["key"])


def test_a_past_message_and_its_event_are_shown_as_each_channel_shows_them(told: Town) -> None:
    (inspection,) = told.ask("inspections", "--since", "2025-01-01")
    for name in (key_of(told), inspection["id"], f"{inspection['id']}.1"):
        said = told.run("alerts", "preview", name, now=LATER).stdout
        for part in ("Mail\n", "Chat and telephone", "Webhook\n", "Log\n"):
            assert part in said
        assert "requires improvement → good" in said
        payload = json.loads(said.split("Webhook\n───────\n")[1].split("\n\nLog\n")[0])
        assert payload["type"] == "inspection.published"
        assert payload["data"]["inspection"]["judgements"]["overall"] == "good"


def test_the_html_of_a_message_is_written_to_a_file(told: Town) -> None:
    page = told.folder / "message.html"
    told.run("alerts", "preview", key_of(told), "--html", str(page), now=LATER)
    assert "<!DOCTYPE html>" in page.read_text("utf-8") and "Blackburn with Darwen" in page.read_text("utf-8")


def test_what_nobody_knows_cannot_be_shown(told: Town) -> None:
    result = told.run("alerts", "preview", "nothing.7", now=LATER, code=None)
    assert result.exit_code != 0 and "nothing.7" in result.output


def test_the_list_fits_eighty_columns_and_show_names_every_attempt(told: Town) -> None:
    listed = told.run("alerts", "list", now=LATER).stdout
    assert key_of(told) in listed and max(map(len, listed.splitlines())) <= 80
    assert "1. 23 Apr 2025 12:00:00 UTC: accepted" in told.run("alerts", "show", key_of(told), now=LATER).stdout


def test_a_test_message_says_what_the_server_said_and_why_it_came(told: Town) -> None:
    said = told.run("alerts", "test", "desk", now=LATER).stdout
    assert said.startswith(("log:: sent", "log: sent"))
    (key,) = [one["key"] for one in told.ask("alerts", "list", now=LATER) if one["key"].startswith("test.")]
    assert "because of your subscription desk" in told.run("alerts", "show", key, now=LATER).stdout
