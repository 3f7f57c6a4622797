"""Who has subscribed to a source that nobody can read is told so in the digest, and not by silence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.model import Message
from inspections.model import from_json
from service.health.incidents import EVERYTHING
from tests.service.desk import Desk

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAILY, WEEKLY = 'when = "daily"\nat = "07:30"', 'when = "weekly"\nat = "07:30"\nweekday = "friday"'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "desk", MONDAY)
    sources = made.folder / "sources"
    sources.mkdir()
    for name, authority, publisher in (("leeds", "Leeds", "council"), ("kent", "Kent", "council")):
        (sources / f"{name}-news.toml").write_text(
            f'name = "{authority} newsroom"\nurl = "https://{name}.example/news"\nparser = "feed"\n'
            f'authority = "{authority}"\npublisher = "{publisher}"\n',
            "utf-8",
        )
    for name, rules in (
        ("of-leeds", 'authorities = ["Leeds"]\n' + DAILY),
        ("of-kent", 'authorities = ["Kent"]\n' + DAILY),
    ):
        made.subscribe(name, f'maildir = "{tmp_path / name}"', rules=rules)
    with made.open():
        made.watch.begin(MONDAY)
        for source in ("leeds-news", "kent-news"):
            poll(made, source, "ok", new=1)
        yield made


def poll(desk: Desk, source: str, outcome: str, new: int = 0) -> None:
    desk.watch.archive.polled(
        source, outcome=outcome, now=desk.now, next_due=desk.now + timedelta(hours=1), seen=20, new=new,
        baseline_done=True,
    )  # fmt: skip


def told(desk: Desk, name: str) -> list[Message]:
    """Every message to the recipient of that subscription, the oldest first."""
    rows = desk.watch.archive.messages(limit=1000)
    return [from_json(row.content, Message) for row in reversed(rows) if row.recipient.endswith(name)]


def test_a_digest_names_the_sources_of_its_subscription_that_cannot_be_read(desk: Desk) -> None:
    desk.watch.archive.open_incident("not-read", "leeds-news", "for the operator", now=desk.now)
    desk.publish("Leeds")
    desk.publish("Kent")
    desk.run(MONDAY + timedelta(days=1), timedelta(hours=1))
    [of_leeds], [of_kent] = told(desk, "of-leeds"), told(desk, "of-kent")
    assert of_leeds.type == "digest"
    assert "NOT SEEN" in of_leeds.text
    assert "Leeds newsroom: not read since 2 March 2026." in of_leeds.text
    assert "Leeds newsroom: not read since 2 March 2026." in of_leeds.html
    assert not re.search("not seen", of_kent.text + of_kent.html, re.IGNORECASE)


def test_where_there_is_no_news_the_darkness_itself_is_told_once_and_at_the_time_of_the_digest(desk: Desk) -> None:
    desk.watch.archive.open_incident("quiet", "leeds-news", "for the operator", now=desk.now)
    desk.run(datetime(2026, 3, 3, 7, 0, tzinfo=UTC), timedelta(hours=1))
    assert told(desk, "of-leeds") == []
    desk.run(datetime(2026, 3, 9, 9, 0, tzinfo=UTC), timedelta(hours=1))
    [notice] = told(desk, "of-leeds")
    assert notice.created_at == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
    assert "Leeds newsroom: nothing new, for longer than is usual, since 2 March 2026." in " ".join(notice.text.split())
    assert "of-leeds" in notice.text
    assert told(desk, "of-kent") == []


def test_a_digest_that_has_said_it_makes_a_notice_of_its_own_needless(desk: Desk) -> None:
    desk.watch.archive.open_incident("not-read", "leeds.example", "three pages of one host", now=desk.now)
    desk.publish("Leeds")
    desk.run(MONDAY + timedelta(days=4), timedelta(hours=1))
    assert [one.type for one in told(desk, "of-leeds")] == ["digest"]


def test_a_line_that_is_down_is_told_as_one_and_what_is_over_is_told_no_more(desk: Desk) -> None:
    desk.watch.archive.open_incident("offline", EVERYTHING, "no source can be read", now=desk.now)
    desk.run(MONDAY + timedelta(days=1), timedelta(hours=1))
    [notice] = told(desk, "of-leeds")
    assert notice.text.count("not read since") == 1
    desk.watch.archive.close_incident("offline", EVERYTHING, now=desk.now)
    desk.publish("Leeds")
    desk.run(MONDAY + timedelta(days=2), timedelta(hours=1))
    assert "NOT SEEN" not in told(desk, "of-leeds")[-1].text


def test_who_is_told_at_once_is_told_only_of_news(desk: Desk, tmp_path: Path) -> None:
    desk.subscribe("at-once", f'maildir = "{tmp_path / "at-once"}"', rules='authorities = ["Leeds"]')
    desk.reload()
    desk.watch.archive.open_incident("not-read", "leeds-news", "for the operator", now=desk.now)
    desk.run(MONDAY + timedelta(days=2), timedelta(hours=1))
    assert told(desk, "at-once") == []
