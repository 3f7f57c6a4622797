"""Killed at any moment, nothing is lost, nothing is there twice, and every alert keeps its key."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from fixtures import make_reports
from tests.stories.conftest import Report, Story, Town

BEFORE, AFTER = "2025-04-01T09:00:00Z", "2025-04-23T12:00:00Z"
TABLES = {
    "publications": "SELECT source, ref, fingerprint FROM publications",
    "findings": "SELECT id, inspection, json FROM findings",
    "inspections": "SELECT id, json FROM inspections",
    "messages": "SELECT key, recipient FROM messages",
}


def ilacs(days: str, grade: str) -> bytes:
    old = int(days[-4:]) < 2023
    areas = (
        "leaders",
        "help_protection",
        *(("in_care_and_care_leavers",) if old else ("in_care", "care_leavers")),
        "overall",
    )
    return make_reports.ilacs(authority="Blackburn with Darwen", days=days, judgements=dict.fromkeys(areas, grade))


def past(town: Town) -> None:
    for n, (year, grade) in enumerate((("2018", "Inadequate"), ("2022", "Requires improvement to be good"))):
        town.reports.append(
            Report(f"5000{n}", "Children's services inspection", f"05 March {year}", f"20 April {year}",
                   ilacs(f"5 to 16 March {year}", grade))
        )  # fmt: skip


def present(town: Town) -> None:
    said = ["Children’s services in Blackburn with Darwen have been rated good by Ofsted in a report published today.",
            "The inspection of local authority children’s services took place in March 2025."]  # fmt: skip
    town.news.append(
        Story("rated-good", "Children’s services rated good", "Published Wednesday 23 April 2025 at 9:37", said)
    )
    town.blog.append(Story("good-news_90601", "Children’s services rated good by Ofsted", "2025-04-23", said))
    town.reports.append(
        Report("50276001", "Children's services inspection", "03 March 2025", "23 April 2025",
               ilacs("3 to 14 March 2025", "Good"))
    )  # fmt: skip


def poll_and_kill(town: Town, now: str, after: float) -> bool:
    """Start a real poll and kill it with its whole group; whether it was still running."""
    town.refresh()
    poll = subprocess.Popen(
        [sys.executable, "-m", "service", "poll", "--config", str(town.folder), "--now", now],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        poll.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(poll.pid, signal.SIGKILL)
        poll.wait()
        return True
    return False


def kept(town: Town) -> dict[str, list[tuple[object, ...]]]:
    archive = sqlite3.connect(f"file:{town.folder.parent / 'archive' / 'archive.db'}?mode=ro", uri=True)
    try:
        return {name: sorted(archive.execute(query).fetchall()) for name, query in TABLES.items()}
    finally:
        archive.close()


def empty(town: Town, aside: Path) -> None:
    (town.folder.parent / "archive").rename(aside)
    (town.folder / "mail").rename(aside.with_suffix(".mail"))


def test_ten_kills_and_one_clean_poll_leave_what_an_undisturbed_run_leaves(town: Town, tmp_path: Path) -> None:
    past(town)
    town.poll(BEFORE)
    calm_reports, calm_news, calm_blog = list(town.reports), list(town.news), list(town.blog)
    present(town)
    town.poll(AFTER)
    undisturbed = kept(town)
    assert len(undisturbed["inspections"]) == 3
    assert len(undisturbed["messages"]) == 1

    empty(town, tmp_path / "calm")
    town.reports, town.news, town.blog = calm_reports, calm_news, calm_blog
    chance = random.Random(2025)
    killed = sum(poll_and_kill(town, BEFORE, chance.uniform(0.2, 1.2)) for _ in range(5))
    town.poll(BEFORE)
    present(town)
    killed += sum(poll_and_kill(town, AFTER, chance.uniform(0.2, 1.2)) for _ in range(5))
    town.poll(AFTER)
    assert killed >= 5, "the kills came too late to prove anything"
    assert kept(town) == undisturbed
    assert len({mail["Message-ID"] for mail in town.mail()}) == 1
