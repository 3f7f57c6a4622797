from __future__ import annotations

import gc
import os
import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import archive as room
from archive import Archive, ArchiveError, Busy, NoSpace
from archive.locks import FileLock
from inspections.model import Publication

Make = Callable[..., Publication]


def in_child(work: Callable[[], None]) -> int:
    """Run in a forked process; its exit code, or minus the signal that ended it."""
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def kill_at(connection: sqlite3.Connection, n: int) -> None:
    """End this process, as by kill -9, before the n-th statement from now."""
    seen = 0

    def count(statement: str) -> None:
        nonlocal seen
        seen += 1
        if seen == n:
            os.kill(os.getpid(), signal.SIGKILL)

    connection.set_trace_callback(count)


@pytest.mark.fault("S1")
def test_a_recording_killed_at_any_statement_is_whole_or_absent(
    tmp_path: Path, report: Make, article: Make, alert: Callable[..., object], now: datetime
) -> None:
    def poll(archive: Archive) -> None:
        with archive.writing():
            events = archive.record(report(), now=now, baseline=False, body=b"%PDF-1.7 a report")
            archive.queue([alert(inspection=event.inspection.id) for event in events], now)  # type: ignore[misc]
            archive.polled("ofsted", outcome="ok", now=now, next_due=now, seen=1, new=len(events))

    def counts(archive: Archive) -> list[int]:
        tables = ("publications", "findings", "inspections", "events", "outbox", "polls", "captures", "texts")
        return [archive.sql(f"SELECT count(*) FROM {table}").rows[0][0] for table in tables]

    seen_absent = seen_whole = 0
    for n in range(1, 400):
        folder = tmp_path / str(n)
        with Archive.open(folder) as archive:
            archive.record(article(), now=now, baseline=True)

        def child(folder: Path = folder, n: int = n) -> None:
            archive = Archive.open(folder)
            kill_at(archive.db.conn, n)
            poll(archive)

        code = in_child(child)
        with Archive.open(folder) as archive:
            found = counts(archive)
            assert found in ([1, 1, 1, 1, 0, 0, 0, 1], [2, 2, 1, 2, 1, 1, 1, 2]), f"killed at statement {n}"
            assert archive.integrity() == []
            poll(archive)
            assert counts(archive)[:5] == [2, 2, 1, 2, 1], "a clean poll then completes it"
        if code == 0:
            seen_whole += 1
            break
        assert code == -signal.SIGKILL
        seen_absent += 1
    assert seen_absent > 20, "the interesting window was hit"
    assert seen_whole == 1


@pytest.mark.fault("S2")
def test_a_delivery_killed_at_any_statement_keeps_one_key_and_tells_what_was_sent(
    tmp_path: Path, report: Make, alert: Callable[..., object], now: datetime
) -> None:
    """The receiver is a file to which the message is appended, as a server that has accepted it."""
    recipient = "email:a@example.org"

    def deliver(archive: Archive, receiver: Path, at: datetime) -> None:
        for row in archive.due_recipients(at):
            rows = archive.open_rows(row, at)
            with archive.writing():
                key = archive.next_key(row, rows[0].inspection.id)
                archive.freeze(key, row, b"bytes", {rows[0].inspection.id: b'"told"'}, rows, at)
        while (message := archive.claim_message(at, at + timedelta(minutes=1))) is not None:
            with open(receiver, "a") as accepted:
                accepted.write(f"{message.key} {message.content!r}\n")
            archive.sent(message.key, at)

    repeats = ended = 0
    for n in range(1, 100):
        folder = tmp_path / str(n)
        receiver = tmp_path / f"{n}.received"
        with Archive.open(folder) as archive:
            (event,) = archive.record(report(), now=now, baseline=False)
            archive.queue([alert(inspection=event.inspection.id)], now)  # type: ignore[list-item]

        def child(folder: Path = folder, n: int = n, receiver: Path = receiver) -> None:
            archive = Archive.open(folder)
            kill_at(archive.db.conn, n)
            deliver(archive, receiver, now)

        code = in_child(child)
        with Archive.open(folder) as archive:
            (message,) = archive.messages() or [None]
            assert (archive.told(recipient, event.inspection.id) is None) == (
                message is None or message.state != "sent"
            )
            deliver(archive, receiver, now + timedelta(minutes=2))
            received = receiver.read_text().splitlines()
            assert len(set(received)) == 1, "one key, the same bytes"
            assert archive.told(recipient, event.inspection.id) == b'"told"'
            repeats += len(received) > 1
        if code == 0:
            ended = 1
            break
    assert repeats > 0, "the window between acceptance and note was hit"
    assert ended


def test_two_processes_write_at_once_and_nothing_is_lost(tmp_path: Path, report: Make, now: datetime) -> None:
    Archive.open(tmp_path).close()
    children = []
    for name in ("a", "b"):
        child = os.fork()
        if not child:
            try:
                with Archive.open(tmp_path) as archive:
                    for n in range(30):
                        archive.record(report(ref=f"{name}{n}", authority=f"{name}{n}"), now=now, baseline=False)
                os._exit(0)
            except BaseException:
                os._exit(1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    with Archive.open(tmp_path) as archive:
        assert archive.status().publications == 60
        assert archive.integrity() == []


@pytest.mark.fault("S9")
def test_readers_see_whole_commits_while_a_writer_works(archive: Archive, report: Make, now: datetime) -> None:
    stop, wrong, looked = threading.Event(), list[object](), 0

    def read() -> None:
        nonlocal looked
        try:
            while not stop.is_set():
                with archive.reading():
                    status = archive.status()
                    if status.publications != len(archive.publications(limit=1000)):
                        wrong.append(status)
                    looked += 1
        except Exception as error:
            wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for n in range(40):
        archive.record(report(ref=str(n), authority=f"Council {n}"), now=now, baseline=False)
    stop.set()
    for reader in readers:
        reader.join(10)
    assert wrong == []
    assert looked > 0


def test_threads_that_all_read_at_once_leave_few_connections_each_with_its_memory(archive: Archive) -> None:
    def connections() -> int:
        return sum(isinstance(one, sqlite3.Connection) for one in gc.get_objects())

    before = connections()
    together = threading.Barrier(12)

    def read() -> None:
        with archive.reading():
            together.wait(10)

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert connections() - before <= 4


def test_threads_that_come_and_go_leave_no_open_files(archive: Archive) -> None:
    def files() -> int:
        return len(os.listdir("/proc/self/fd" if os.path.isdir("/proc") else "/dev/fd"))

    archive.status()
    before = files()
    for _ in range(30):
        thread = threading.Thread(target=archive.status)
        thread.start()
        thread.join()
    assert files() == before


def test_a_write_holds_the_lock_between_processes_and_a_reader_does_not(archive: Archive) -> None:
    lock = FileLock(archive.folder / "archive.lock")
    with archive.writing(), pytest.raises(Busy), lock.held(wait=0):
        pytest.fail("two hold it")
    with archive.reading(), lock.held(wait=0):
        assert archive.status().publications == 0
    lock.close()


@pytest.mark.fault("S7")
def test_reading_first_and_writing_after_never_meets_a_stale_snapshot(
    tmp_path: Path, report: Make, now: datetime
) -> None:
    with Archive.open(tmp_path) as one, Archive.open(tmp_path) as other:
        other.patience = 0.05
        with one.writing():
            assert one.known("ofsted") == {}
            with pytest.raises(Busy):  # were the first transaction a deferred one, this would be let in between
                other.record(report(), now=now, baseline=False)
            one.record(report(), now=now, baseline=False)
        assert other.record(report(), now=now, baseline=False) == []


def test_every_transaction_that_writes_begins_as_a_writer() -> None:
    folder = Path(room.__file__).parent
    begun = [
        (path.name, found)
        for path in folder.glob("*.py")
        for found in re.findall(r'execute\("BEGIN[^"]*"\)|\.atomic\(|\.begin\(', path.read_text("utf-8"))
    ]
    deferred = [found for found in begun if "IMMEDIATE" not in found[1]]
    assert deferred == [("store.py", 'execute("BEGIN")')], "only `reading` begins without IMMEDIATE"


def test_a_transaction_that_fails_leaves_nothing_and_a_part_of_it_only_itself(
    archive: Archive, report: Make, now: datetime
) -> None:
    with archive.writing():
        archive.record(report(ref="kept"), now=now, baseline=False)
        with suppress(LookupError), archive.writing():
            archive.record(report(ref="lost", authority="Southmoor"), now=now, baseline=False)
            raise LookupError
    assert set(archive.known("ofsted")) == {"kept"}
    with suppress(LookupError), archive.writing():
        archive.record(report(ref="lost"), now=now, baseline=False)
        raise LookupError
    assert set(archive.known("ofsted")) == {"kept"}


@pytest.mark.fault("S4")
def test_a_full_disk_rolls_back_and_is_said(tmp_path: Path, report: Make, now: datetime) -> None:
    with Archive.open(tmp_path) as archive:
        archive.record(report(), now=now, baseline=False)

    def child() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Archive.open(tmp_path) as archive:
            resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
            with pytest.raises(NoSpace, match="nothing was recorded"):
                archive.record(report(ref="2", text="so many words " * 20_000), now=now, baseline=False)
            with pytest.raises(NoSpace, match="Free space"):
                archive.captures.put(random.Random(1).randbytes(100_000))
            assert set(archive.known("ofsted")) == {"50100001"}

    assert in_child(child) == 0
    with Archive.open(tmp_path) as archive:
        assert archive.integrity() == []
        assert len(archive.record(report(ref="2", authority="Southmoor"), now=now, baseline=False)) == 1


@pytest.mark.fault("S10")
@pytest.mark.parametrize(
    "content", [b"", b"not a database at all, but words" * 9, b"SQLite format 3\0" + b"\xff" * 4080]
)
def test_a_file_that_is_no_archive_is_refused_unchanged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "archive.db").write_bytes(content)
    for readonly in (True, False):
        with pytest.raises(ArchiveError, match="Nothing was changed"):
            Archive.open(tmp_path, readonly=readonly)
    assert (tmp_path / "archive.db").read_bytes() == content


def test_an_archive_that_has_gone_while_its_captures_are_there_is_not_begun_anew(
    tmp_path: Path, report: Make, now: datetime
) -> None:
    with Archive.open(tmp_path) as archive:
        archive.record(report(), now=now, baseline=False, body=b"%PDF")
    (tmp_path / "archive.db").unlink()
    with pytest.raises(ArchiveError, match="is missing"):
        Archive.open(tmp_path)


def test_an_archive_opened_for_reading_cannot_be_written(tmp_path: Path, report: Make, now: datetime) -> None:
    with pytest.raises(ArchiveError, match="there is no archive"):
        Archive.open(tmp_path / "none", readonly=True)
    with Archive.open(tmp_path) as archive:
        archive.record(report(), now=now, baseline=False)
        with Archive.open(tmp_path, readonly=True) as reader:
            assert len(reader.inspections()) == 1
            with pytest.raises(ArchiveError, match="opened for reading"):
                reader.record(report(ref="2"), now=now, baseline=False)


@pytest.mark.fault("O2")
def test_only_one_process_polls(archive: Archive, now: datetime) -> None:
    held = f"process {os.getpid()}, polling since 2025-04-24T09:00"
    with Archive.open(archive.folder) as other:
        with archive.poll_lock(now), pytest.raises(Busy, match=held), other.poll_lock(now):
            pytest.fail("two poll")
        with other.poll_lock(now), pytest.raises(Busy, match=held), archive.poll_lock(now):
            pytest.fail("the lock did not go over to the other")


def test_the_settings_that_the_guarantees_rest_on_are_set(archive: Archive) -> None:
    def setting(name: str) -> object:
        return archive.db.execute(f"PRAGMA {name}").fetchone()[0]

    found = {name: setting(name) for name in ("journal_mode", "synchronous", "foreign_keys", "mmap_size")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "mmap_size": 0}
    assert setting("application_id") == 0x4F465754


def test_reading_the_archive_imports_nothing_heavy(archive: Archive) -> None:
    work = (
        "import sys; from archive import Archive; a = Archive.open(sys.argv[1], readonly=True); a.status(); a.close();"
        "print(sorted({'sqlite_utils', 'xlsxwriter', 'click', 'requests'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", work, str(archive.folder)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
