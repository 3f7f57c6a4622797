"""Faults met by the whole service: what is lost (nothing), what is told, what goes on."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fixtures import make_reports
from tests.servers import Reply
from tests.stories.conftest import SAID, Report, Story, Town
from tests.stories.test_daemon_process import Running, start  # noqa: F401 - a fixture

BEFORE, AFTER = "2026-03-02T10:00:00Z", "2026-03-11T10:00:00Z"


def announced(slug: str = "rated-good") -> Story:
    return Story(
        slug, "Children’s services rated good by Ofsted", "Published Wednesday 11 March 2026 at 9:37", list(SAID)
    )


def report(id: str = "50300001") -> Report:
    judgements = dict.fromkeys(("leaders", "help_protection", "in_care", "care_leavers", "overall"), "Good")
    body = make_reports.ilacs(authority="Blackburn with Darwen", days="2 to 13 February 2026", judgements=judgements)
    return Report(id, "Children's services inspection", "02 February 2026", "11 March 2026", body)


@pytest.mark.fault("H7")
def test_a_report_whose_file_is_missing_is_told_of_and_its_grades_follow(town: Town) -> None:
    town.poll(BEFORE)
    town.reports.append(report())
    town.refresh()
    whole, town.refresh = town.refresh, lambda: None  # type: ignore[method-assign]
    town.site["/v1/file/50300001"] = Reply(status=404, body=b"not here")
    town.poll(AFTER)
    [first] = town.mail()
    assert "grade not stated" in first["Subject"]
    town.refresh = whole  # type: ignore[method-assign]
    town.poll("2026-03-11T11:30:00Z")
    assert len(town.mail()) == 2
    assert "good" in town.mail()[1]["Subject"]
    assert [one["judgements"]["overall"] for one in town.ask("inspections", now=AFTER)] == ["good"]


@pytest.mark.fault("S17")
def test_two_newsrooms_with_one_story_make_one_inspection_and_one_alert(town: Town) -> None:
    town.poll(BEFORE)
    town.news.append(announced())
    town.blog.append(Story("good-news", "Children’s services rated good by Ofsted", "2026-03-11", list(SAID)))
    town.poll(AFTER)
    assert len(town.ask("inspections", now=AFTER)) == 1
    assert len(town.mail()) == 1


@pytest.mark.fault("R5")
def test_a_redesign_that_makes_everything_look_new_is_held_until_a_person_says(town: Town) -> None:
    town.news += [Story(f"old-{n}", f"Library hours, week {n}", "Published Monday 5 January 2026 at 9:00", ["As before."])
                  for n in range(12)]  # fmt: skip
    town.poll(BEFORE)
    for story in town.news:
        story.slug = f"{story.slug}-2026"
    town.news.append(announced())
    town.poll(AFTER)
    assert town.mail() == []
    [held] = town.ask("alerts", "list", "--state", "held", now=AFTER)
    assert "redesign" in held["held"]
    town.run("alerts", "release", now=AFTER)
    assert len(town.mail()) == 1


@pytest.mark.fault("R2")
@pytest.mark.fault("R1")
def test_an_empty_page_is_a_failure_and_one_that_says_so_is_not(town: Town) -> None:
    town.poll(BEFORE)
    page = '<html><link href="/wp-content/themes/teamtalk/style.css" rel="stylesheet"><body><main><h1>News</h1>{}</main></body></html>'
    town.site["/news/"] = Reply(body=page.format("<p>Welcome.</p>").encode(), headers={"Content-Type": "text/html"})
    said = town.run("poll", "theshuttle", now=AFTER, code=1).output
    assert "zero-items" in said
    town.site["/news/"] = Reply(
        body=page.format("<p>There are no news items.</p>").encode(), headers={"Content-Type": "text/html"}
    )
    said = town.run("poll", "theshuttle", now=AFTER).output
    assert "zero-items" not in said


@pytest.mark.fault("S6")
@pytest.mark.fault("O3")
def test_a_command_waits_for_another_that_writes(town: Town) -> None:
    town.poll(BEFORE)
    lock = town.folder.parent / "archive" / "archive.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import fcntl, time, sys; f = open({str(lock)!r}, 'r+'); fcntl.flock(f, fcntl.LOCK_EX); "
         "print('held', flush=True); time.sleep(1.5)"],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    began = time.monotonic()
    town.poll(AFTER)
    assert time.monotonic() - began > 1
    holder.wait()
    holder.stdout.close()
    with open(lock, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.fault("O3")
@pytest.mark.fault("S14")
def test_commands_write_beside_the_daemon(town: Town, start: object, tmp_path: Path) -> None:  # noqa: F811
    daemon: Running = start(now=BEFORE)  # type: ignore[operator]
    daemon.until_said("poll source=theshuttle outcome=ok")
    town.run("alerts", "test", now=BEFORE)
    town.run("backup", str(tmp_path / "one.zip"), now=BEFORE)
    town.run("status", now=BEFORE)
    assert len(town.mail()) == 1
    assert daemon.end()[0] == 0


def children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


@pytest.mark.fault("O14")
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc")
def test_the_parsing_children_inherit_neither_archive_nor_sockets(town: Town, start: object) -> None:  # noqa: F811
    daemon: Running = start(now=BEFORE)  # type: ignore[operator]
    daemon.until_said("poll source=theshuttle outcome=ok")
    found = children(daemon.process.pid)
    assert found
    for child in found:
        held = [os.readlink(path) for path in Path(f"/proc/{child}/fd").iterdir()]
        assert not [one for one in held if "archive" in one], held
    daemon.end()
    assert not [child for child in found if Path(f"/proc/{child}").exists()], "the children end with the daemon"


@pytest.mark.fault("O15")
@pytest.mark.fault("T3")
def test_suspended_in_the_middle_of_a_poll_it_goes_on_and_tells_once(town: Town, start: object) -> None:  # noqa: F811
    town.poll(BEFORE)
    town.news.append(announced())
    daemon: Running = start(now="2026-03-11T10:00:00Z")  # type: ignore[operator]
    daemon.until(lambda: len(town.site.requests) > 12)
    daemon.process.send_signal(signal.SIGSTOP)
    time.sleep(2)
    daemon.process.send_signal(signal.SIGCONT)
    daemon.until(lambda: len(town.mail()) == 1)
    assert daemon.end()[0] == 0
    town.poll("2026-03-11T12:00:00Z")
    assert len(town.mail()) == 1


@pytest.mark.fault("O8")
def test_without_file_descriptors_it_fails_its_polls_and_lives(town: Town) -> None:
    town.poll(BEFORE)
    limited = subprocess.run(
        [sys.executable, "-c", "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24)); "
         "from service.commands import main; sys.argv[0] = 'ofsted-watch'; main()",
         "poll", "--config", str(town.folder), "--now", AFTER],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert limited.returncode in (0, 1, 3), limited.stderr
    town.news.append(announced())
    town.poll("2026-03-11T12:00:00Z")
    assert len(town.mail()) == 1


@pytest.mark.fault("N3")
def test_without_any_site_the_daemon_starts_says_so_and_reads_when_they_are_back(town: Town, start: object) -> None:  # noqa: F811
    page = town.site._scripts["/news/"]
    town.site["/news/"] = Reply(reset_after=0)
    daemon: Running = start(now=BEFORE)  # type: ignore[operator]
    daemon.until_said("poll source=theshuttle outcome=network")
    town.site["/news/"] = page
    assert daemon.end()[0] == 0
    assert town.run("poll", "theshuttle", now=AFTER).exit_code == 0


@pytest.mark.fault("T7")
def test_london_is_known_on_a_machine_without_time_zones() -> None:
    code = "from service.timetable import LONDON; from datetime import datetime; print(datetime(2026, 7, 1, tzinfo=LONDON).utcoffset())"
    said = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONTZPATH": ""}, capture_output=True, text=True
    )
    assert said.stdout == "1:00:00\n", said.stderr


@pytest.mark.fault("C12")
@pytest.mark.parametrize(("encoded", "code"), [("utf-8-sig", 0), ("utf-8", 0), ("utf-16", 2), ("latin-1", 2)])
def test_settings_are_utf_8_with_or_without_a_mark_and_any_line_ends(tmp_path: Path, encoded: str, code: int) -> None:
    from tests.stories.test_daemon_settings import run

    text = f'# Größe\r\narchive = "{tmp_path}"\r\nauthorities = ["Leeds"]\r\n'
    (tmp_path / "ofsted-watch.toml").write_bytes(text.encode(encoded))
    said = run(tmp_path, "check", code=code).output
    assert ("is right" in said) is (code == 0)
    assert "Traceback" not in said


@pytest.mark.fault("C6")
@pytest.mark.parametrize("name", ["A b", "über", "x" * 200, "-x", "a_b!"])
def test_a_source_s_name_is_a_plain_word(tmp_path: Path, name: str) -> None:
    from tests.stories.test_daemon_settings import run

    (tmp_path / "sources").mkdir()
    (tmp_path / "ofsted-watch.toml").write_text("", "utf-8")
    (tmp_path / "sources" / f"{name}.toml").write_text(
        'name = "N"\nurl = "https://n.example/"\nparser = "feed"\n', "utf-8"
    )
    assert f"{name}.toml" in run(tmp_path, "check", code=2).output


@pytest.mark.fault("C7")
@pytest.mark.parametrize(
    "url",
    [
        "https://u:p@n.example/",
        "ftp://n.example/",
        "https://n.example/a b",
        "https://n.example\\@x.example/",
        "n.example",
    ],
)
def test_an_address_with_a_password_or_none_at_all_is_refused(tmp_path: Path, url: str) -> None:
    from tests.stories.test_daemon_settings import run

    (tmp_path / "sources").mkdir()
    (tmp_path / "ofsted-watch.toml").write_text("", "utf-8")
    (tmp_path / "sources" / "news.toml").write_text(f"name = 'N'\nurl = '{url}'\nparser = 'feed'\n", "utf-8")
    assert "url" in run(tmp_path, "check", code=2).output


@pytest.mark.fault("C8")
def test_a_selector_that_is_none_is_refused_when_it_is_checked(tmp_path: Path) -> None:
    from tests.stories.test_daemon_settings import run

    (tmp_path / "sources").mkdir()
    (tmp_path / "ofsted-watch.toml").write_text("", "utf-8")
    (tmp_path / "sources" / "news.toml").write_text(
        'name = "N"\nurl = "https://n.example/"\nparser = "listing"\n[options]\nitem = "li[["\n', "utf-8"
    )
    assert "item" in run(tmp_path, "check", code=2).output
