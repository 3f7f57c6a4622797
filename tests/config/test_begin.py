"""The first configuration and subscriptions, as programs write them: they load, and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.model import Channel
from config.begin import QUESTIONS, AlreadyThere, begin, subscribe, unsubscribe
from config.load import ConfigError, load
from inspections.model import Kind

DEFAULTS = {key: default for key, _, default in QUESTIONS}


def test_five_answers_become_a_folder_that_loads(tmp_path: Path) -> None:
    folder = tmp_path / "watch"
    answers = {
        "contact": "desk@example.org", "authorities": "Hull; north west; Bournemouth, Christchurch and Poole",
        "email": "desk@example.org", "smtp": "mail.example.org:2525", "archive": str(tmp_path / 'a "kept" folder'),
    }  # fmt: skip
    written = begin(folder, answers)
    assert written == [folder / "ofsted-watch.toml", folder / "subscriptions" / "first.toml"]
    found = load(folder, {"HOME": str(tmp_path)})
    assert len(QUESTIONS) == 5
    assert found.contact == "desk@example.org"
    assert found.authorities == ("Kingston upon Hull, City of", "north-west", "Bournemouth, Christchurch and Poole")
    assert found.sources == ()
    assert found.archive == tmp_path / 'a "kept" folder'
    assert (found.smtp.host, found.smtp.port, found.smtp.security) == ("mail.example.org", 2525, "starttls")
    assert found.subscriptions[0].to == (Channel(kind="email", address="desk@example.org"),)


def test_the_answers_that_are_proposed_load_and_mail_nobody(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "ofsted-watch"
    assert begin(None, DEFAULTS, {"HOME": str(tmp_path)}) == [folder / "ofsted-watch.toml"]
    found = load(None, {"HOME": str(tmp_path)})
    assert found.folder == folder
    assert found.authorities == ("Blackburn with Darwen",)
    assert found.sources == ("blackburn-life",)
    assert [channel.kind for each in found.subscriptions for channel in each.to] == ["log"]


def test_mail_through_this_machine_needs_neither_password_nor_encryption(tmp_path: Path) -> None:
    begin(tmp_path / "c", DEFAULTS | {"email": "desk@example.org"})
    found = load(tmp_path / "c", {})
    assert (found.smtp.host, found.smtp.port, found.smtp.security) == ("localhost", 25, "none")
    assert found.smtp.sender == "Ofsted Watch <desk@example.org>"


def test_what_stands_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "subscriptions").mkdir()
    (tmp_path / "subscriptions" / "first.toml").write_text("# mine\n")
    with pytest.raises(AlreadyThere, match=r"first.toml is already there and was left as it is"):
        begin(tmp_path, DEFAULTS | {"email": "desk@example.org"})
    assert (tmp_path / "subscriptions" / "first.toml").read_text() == "# mine\n"
    assert not (tmp_path / "ofsted-watch.toml").exists()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"authorities": "Leeds; Bolten"}, '"Bolten" is not an authority or a region; did you mean "Bolton"?'),
        ({"email": "nobody"}, '"nobody" is not one mail address'),
    ],
)
def test_an_answer_that_cannot_be_used_is_named_and_nothing_is_written(
    tmp_path: Path, answer: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        begin(tmp_path / "c", DEFAULTS | answer)
    assert said in str(caught.value)
    assert not (tmp_path / "c").exists()


def test_a_subscription_is_written_read_and_put_aside(tmp_path: Path) -> None:
    begin(tmp_path, DEFAULTS)
    filters = {"authorities": ["Leeds", "north-east"], "kinds": ["ilacs"], "priority_action": True, "when": "daily"}
    path = subscribe(tmp_path, "desk", {"maildir": 'my "mail"'}, filters)
    assert path == tmp_path / "subscriptions" / "desk.toml"
    [found] = load(tmp_path, {}).subscriptions
    assert (found.id, found.authorities, found.regions) == ("desk", ("Leeds",), ("north-east",))
    assert (found.kinds, found.priority_action, found.when) == ((Kind.ILACS,), True, "daily")
    assert found.to == (Channel(kind="maildir", address=str(tmp_path / 'my "mail"')),)
    with pytest.raises(AlreadyThere):
        subscribe(tmp_path, "desk", {"log": True}, {})
    assert unsubscribe(tmp_path, "desk") == tmp_path / "subscriptions" / "disabled" / "desk.toml"
    assert [each.id for each in load(tmp_path, {}).subscriptions] == ["log"]
    with pytest.raises(LookupError, match=r"there is no subscription 'desk' in .*; there are: none"):
        unsubscribe(tmp_path, "desk")
    with pytest.raises(ConfigError, match="cannot name a subscription"):
        subscribe(tmp_path, "../desk", {"log": True}, {})
    subscribe(tmp_path, "desk", {"log": True}, {})
    with pytest.raises(AlreadyThere, match="disabled"):
        unsubscribe(tmp_path, "desk")
