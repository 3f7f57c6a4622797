"""What must not go unnoticed, and what must not be told: faults begun, repeated, over; a simulated year."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive
from bench import rhythm
from scraper.model import Source
from service.assembly import Watch, assemble
from service.health.incidents import Fault, find, look_after

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def source(name: str, host: str | None = None, publisher: str = "council", every: timedelta = HOUR) -> Source:
    return Source(
        id=name, name=name.title(), url=f"https://{host or name + '.example'}/{name}", parser="feed", every=every,
        publisher=publisher,
    )  # fmt: skip


class World:
    """Sources that are polled by a fake clock, and the faults that are found."""

    def __init__(self, archive: Archive, *sources: Source) -> None:
        self.archive, self.sources, self.now = archive, sources, START
        archive.watch(sources, START)

    def poll(self, name: str, outcome: str = "ok", *, seen: int = 20, new: int = 0, note: str = "") -> None:
        self.archive.polled(
            name, outcome=outcome, now=self.now, next_due=self.now + HOUR, seen=seen, new=new, note=note,
            baseline_done=True,
        )  # fmt: skip

    def days(self, number: int, name: str, *, new_every: int = 1, outcome: str = "ok") -> None:
        """One poll a day, with something new on every so manieth."""
        for n in range(number):
            self.now += DAY
            self.poll(name, outcome, new=int(bool(new_every) and n % new_every == 0))

    def faults(self) -> list[tuple[str, str]]:
        return [(one.code, one.subject) for one in self.found()]

    def found(self) -> list[Fault]:
        return list(find(self.archive, self.sources, self.now, stale_after=14))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "state") as opened:
        yield opened


def test_a_source_that_fails_is_told_of_after_a_day_and_not_before(archive: Archive) -> None:
    world = World(archive, source("leeds"), source("hull"))
    for name in ("leeds", "hull"):
        world.poll(name, new=3)
    for hours in (1, 10, 13):
        world.now = START + timedelta(hours=hours)
        world.poll("leeds", "timeout", note="www.leeds.example did not answer within 30 s")
        world.poll("hull")
    assert world.faults() == []
    world.now = START + timedelta(hours=25)
    world.poll("hull")
    [fault] = world.found()
    assert (fault.code, fault.subject) == ("not-read", "leeds")
    assert "could not be read since 02 March 2026 09:00 UTC: www.leeds.example did not answer" in fault.text
    assert "Nothing that was stored is lost" in fault.text
    assert "ofsted-watch check leeds" in fault.text


def test_a_source_that_was_never_read_has_a_day_too(archive: Archive) -> None:
    world = World(archive, source("leeds"), source("hull"))
    world.poll("hull")
    world.poll("leeds", "dns")
    assert world.faults() == []
    world.now += timedelta(hours=25)
    world.poll("hull")
    assert world.faults() == [("not-read", "leeds")]


def test_a_slow_source_has_three_of_its_intervals(archive: Archive) -> None:
    world = World(archive, source("weekly", every=7 * DAY), source("hull"))
    world.poll("weekly")
    world.now += 8 * DAY
    world.poll("weekly", "timeout")
    world.poll("hull")
    assert world.faults() == []
    world.now += 14 * DAY
    world.poll("hull")
    assert world.faults() == [("not-read", "weekly")]


@pytest.mark.fault("R1")
def test_a_page_without_items_is_told_of_at_its_second_poll(archive: Archive) -> None:
    world = World(archive, source("leeds"), source("hull"))
    world.poll("leeds", seen=25, new=25)
    world.poll("hull")
    for expected in ([], [("reads-empty", "leeds")]):
        world.now += HOUR
        world.poll("leeds", "zero-items", seen=0, note="the page was read (41 kB), but no item was found in it")
        world.poll("hull")
        assert world.faults() == expected
    world.now += HOUR
    world.poll("leeds", seen=25)
    assert world.faults() == []


@pytest.mark.fault("R1")
def test_a_page_that_is_empty_once_after_another_fault_is_not_told_of_and_a_fault_in_between_closes_nothing(
    archive: Archive,
) -> None:
    world = World(archive, source("leeds"), source("hull"))
    world.poll("leeds", seen=25, new=25)
    empty = ("reads-empty", "leeds")
    for outcome, expected in (("server-error", []), ("zero-items", []), ("timeout", []), ("zero-items", [empty]),
                              ("timeout", [empty]), ("ok", [])):  # fmt: skip
        world.now += HOUR
        world.poll("leeds", outcome, seen=25 if outcome == "ok" else 0)
        world.poll("hull")
        assert world.faults() == expected


@pytest.mark.fault("R8")
def test_a_site_that_alternates_between_good_and_empty_is_not_reported(archive: Archive) -> None:
    world = World(archive, source("leeds"), source("hull"))
    for n in range(40):
        world.now += HOUR
        world.poll("leeds", "zero-items" if n % 2 else "ok", seen=0 if n % 2 else 25)
        world.poll("hull")
        assert world.faults() == []


@pytest.mark.fault("R3")
def test_a_list_that_falls_to_a_quarter_is_told_of_at_its_second_poll(archive: Archive) -> None:
    world = World(archive, source("leeds"))
    for n in range(10):
        world.now += HOUR
        world.poll("leeds", "ok" if n % 3 else "unchanged", seen=24 if n % 3 else 0)
    for seen, expected in ((6, []), (5, [("reads-empty", "leeds")]), (22, [])):
        world.now += HOUR
        world.poll("leeds", seen=seen)
        assert world.faults() == expected
        assert not expected or "lists 5 items where it used to list 24" in world.found()[0].text


@pytest.mark.fault("N11")
def test_when_everything_fails_there_is_one_fault_and_not_forty(archive: Archive) -> None:
    sources = [source(f"news-{n}") for n in range(37)]
    world = World(archive, *sources)
    for one in sources:
        world.poll(one.id)
    world.now += timedelta(minutes=40)
    for one in sources:
        world.poll(one.id, "dns", note="the name could not be found")
    assert world.faults() == [], "a short break of the line is nobody's business"
    world.now += 2 * DAY
    [fault] = world.found()
    assert (fault.code, fault.subject) == ("offline", "all")
    assert "37 of 37 sources cannot be read since 02 March 2026 09:00 UTC" in fault.text
    world.poll("news-0")
    assert len(world.faults()) == 36


def test_all_pages_of_one_host_are_one_fault(archive: Archive) -> None:
    pages = [source(f"ofsted-{n}", "reports.example", "ofsted") for n in range(10)]
    world = World(archive, *pages, source("hull"))
    for one in pages:
        world.poll(one.id, new=1)
    world.now += timedelta(hours=30)
    for one in pages:
        world.poll(one.id, "maintenance", note="the site says that it is being mended")
    world.poll("hull")
    assert world.faults() == [("not-read", "reports.example")]
    world.poll("ofsted-3")
    assert len(world.faults()) == 9


@pytest.mark.fault("R9")
def test_a_daily_newsroom_is_quiet_after_a_fortnight(archive: Archive) -> None:
    world = World(archive, source("leeds"))
    world.days(60, "leeds")
    world.days(14, "leeds", new_every=0)
    assert world.faults() == []
    world.days(1, "leeds", new_every=0)
    [fault] = world.found()
    assert (fault.code, fault.subject) == ("quiet", "leeds")
    assert "15 days, where 14 are the most to be expected" in fault.text
    world.days(1, "leeds")
    assert world.faults() == []


@pytest.mark.fault("R9")
def test_a_slow_newsroom_is_given_three_times_its_longest_silence(archive: Archive) -> None:
    world = World(archive, source("leeds"))
    world.days(150, "leeds", new_every=10)
    world.days(100, "leeds", new_every=0)
    assert world.faults() == []
    world.days(30, "leeds", new_every=0)
    assert world.faults() == [("quiet", "leeds")]


def test_days_on_which_nobody_read_are_no_silence(archive: Archive) -> None:
    world = World(archive, source("leeds"))
    world.days(60, "leeds")
    world.now += 40 * DAY  # the machine was off
    world.days(3, "leeds", new_every=0)
    assert world.faults() == []


def test_christmas_is_no_silence(archive: Archive) -> None:
    world = World(archive, source("leeds"))
    world.now = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
    world.days(110, "leeds")  # to 20 December
    world.days(20, "leeds", new_every=0)
    assert world.faults() == []
    world.days(6, "leeds", new_every=0)
    assert world.faults() == [("quiet", "leeds")]


def test_a_newsroom_of_which_nothing_is_known_is_not_silent_for_ever(archive: Archive) -> None:
    world = World(archive, source("leeds"))
    world.poll("leeds", new=10)
    world.days(80, "leeds", new_every=0)
    assert world.faults() == []
    world.days(12, "leeds", new_every=0)
    assert world.faults() == [("quiet", "leeds")]


def test_one_authority_s_page_at_ofsted_may_be_silent_for_years(archive: Archive) -> None:
    world = World(archive, source("ofsted-80430", "reports.example", "ofsted"))
    world.poll("ofsted-80430", new=4)
    world.days(700, "ofsted-80430", new_every=0)
    assert world.faults() == []


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    (tmp_path / "sources").mkdir()
    (tmp_path / "ofsted-watch.toml").write_text(
        f'archive = "{tmp_path / "archive"}"\noperator = {{ maildir = "{tmp_path / "operator"}" }}\n'
        "authorities = []\nsources = []\n[health]\nfree_space = 1\n",
        "utf-8",
    )
    for name in ("leeds", "hull"):
        (tmp_path / "sources" / f"{name}.toml").write_text(
            f'name = "{name.title()} news"\nurl = "https://{name}.example/feed"\nparser = "feed"\n', "utf-8"
        )
    with assemble(tmp_path, START) as opened:
        yield opened


def polled(watch: Watch, name: str, outcome: str, now: datetime) -> None:
    watch.archive.polled(name, outcome=outcome, now=now, next_due=now + HOUR, seen=20, note=f"it was {outcome}")


def notices(watch: Watch) -> list[str]:
    """The subjects of what the operator was told, in order."""
    return [json.loads(row.content)["subject"] for row in reversed(watch.archive.messages())]


def test_a_fault_is_told_once_repeated_weekly_and_closed_with_a_word(watch: Watch) -> None:
    now = START
    for name in ("leeds", "hull"):
        polled(watch, name, "ok", now)
    for hours in range(1, 20 * 24):
        now = START + timedelta(hours=hours)
        polled(watch, "leeds", "timeout", now)
        polled(watch, "hull", "ok", now)
        look_after(watch, now)
    assert notices(watch) == ["Ofsted Watch: not-read: leeds"] * 3
    assert len({row.key for row in watch.archive.messages()}) == 3
    polled(watch, "leeds", "ok", now)
    for _ in range(3):
        look_after(watch, now)
    assert notices(watch)[3:] == ["Ofsted Watch: Over: not-read, leeds"]
    assert watch.archive.incidents() == []


@pytest.mark.fault("N11")
def test_a_source_s_own_fault_is_not_called_over_while_the_line_is_down(watch: Watch) -> None:
    for name in ("leeds", "hull"):
        polled(watch, name, "ok", START)
    now = START + 30 * HOUR
    polled(watch, "leeds", "timeout", now)
    polled(watch, "hull", "ok", now)
    look_after(watch, now)
    now += 2 * HOUR
    polled(watch, "leeds", "dns", now)
    polled(watch, "hull", "dns", now)
    look_after(watch, now)
    assert notices(watch) == ["Ofsted Watch: not-read: leeds", "Ofsted Watch: offline: all"]
    now += HOUR
    polled(watch, "hull", "ok", now)
    look_after(watch, now)
    assert notices(watch)[2:] == ["Ofsted Watch: Over: offline, all"]


@pytest.mark.fault("C10")
def test_a_source_that_is_watched_no_longer_closes_its_fault(watch: Watch) -> None:
    polled(watch, "hull", "ok", START)
    polled(watch, "leeds", "timeout", START)
    now = START + 26 * HOUR
    polled(watch, "hull", "ok", now)
    polled(watch, "leeds", "timeout", now)
    look_after(watch, now)
    assert watch.folder
    (watch.folder / "sources" / "leeds.toml").unlink()
    watch.reconfigure(now)
    look_after(watch, now)
    last = json.loads(watch.archive.messages()[0].content)
    assert "leeds is watched no longer" in last["text"]
    assert watch.archive.source_states(watched_only=False)


def test_messages_that_nobody_takes_are_told_of(watch: Watch) -> None:
    watch.archive.freeze("one.1.x", "email:a@example.org", b'{"subject": "s"}', told={}, rows=[], now=START)
    for n in range(4):
        at = START + n * 2 * HOUR
        row = watch.archive.claim_message(at, at + HOUR)
        assert row
        watch.archive.failed(row.key, at, "451 try again later", at + HOUR)
        assert not [one for one in look_after(watch, at) if one.code == "not-accepted"]
    [fault] = [one for one in look_after(watch, START + 7 * HOUR) if one.code == "not-accepted"]
    assert (fault.subject, "451 try again later" in fault.text) == ("email:a@example.org", True)
    watch.archive.failed("one.1.x", START + 8 * HOUR, "550 no such user", None)
    codes = [one.code for one in look_after(watch, START + 8 * HOUR)]
    assert codes == ["undeliverable"]


@pytest.mark.fault("S4")
def test_a_disk_that_fills_is_told_of_before_it_is_full(watch: Watch) -> None:
    [fault] = look_after(watch, START, free=lambda folder: 0)
    assert fault.code == "disk"
    assert "Only 0 MB are free" in fault.text


@pytest.mark.fault("S8")
def test_a_log_that_somebody_keeps_from_being_cut_is_told_of_until_they_end(watch: Watch) -> None:
    watch.archive.log_limit = 1_000_000
    reader = sqlite3.connect(f"file:{watch.archive.path}?mode=ro", uri=True)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sources").fetchall()
    for n in range(20):
        watch.archive.keep_note("much", str(n) * 100_000)
    [fault] = look_after(watch, START)
    assert (fault.code, "archive.db-wal has grown to" in fault.text) == ("log", True)
    reader.execute("COMMIT")
    reader.close()
    assert look_after(watch, START + HOUR) == []
    assert notices(watch) == ["Ofsted Watch: log: archive", "Ofsted Watch: Over: log, archive"]


@pytest.mark.fault("S15")
def test_a_log_that_was_deleted_is_told_of_until_each_source_was_read(tmp_path: Path, watch: Watch) -> None:
    assert watch.folder
    (watch.archive.folder / "archive.commits").write_text("100000")
    watch.close()
    with assemble(watch.folder, START) as again:
        [fault] = look_after(again, START)
        assert fault.code == "rolled-back"
        assert "lost its last transactions" in fault.text and "-wal deleted" in fault.text
        for n, name in enumerate(("leeds", "hull")):
            assert [one.code for one in look_after(again, START + n * HOUR)] == ["rolled-back"]
            polled(again, name, "ok", START + n * HOUR)
        assert look_after(again, START + 2 * HOUR) == []
        assert notices(again) == ["Ofsted Watch: rolled-back: archive", "Ofsted Watch: Over: rolled-back, archive"]


def test_in_a_simulated_year_every_death_is_noticed_and_no_living_source_called_dead(tmp_path: Path) -> None:
    seed = 7
    figures = rhythm.simulate(tmp_path / "year", years=1, number=30, deaths=8, seed=seed)
    assert (figures["missed"], figures["false"], figures["deaths"]) == (0, 0, 8), f"seed {seed}: {figures}"
