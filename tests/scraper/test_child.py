"""Guarded children: what they read, what they survive, and that the parent is never harmed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from fixtures import hostile_pdfs, make_reports
from fixtures.listings.town import TOWN
from inspections.days import Day
from scraper import probe
from scraper.child import Readers
from scraper.frames import Limits
from scraper.model import Code, Page, ParseError, Source

SHORT = Limits(cpu_seconds=2, wall_seconds=8)
SLOW = Limits(cpu_seconds=600, wall_seconds=0.8, memory=1 << 40)
TABLE = "code,name\n990,Exampleshire\n"


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    table = tmp_path_factory.mktemp("tables") / "authorities.csv"
    table.write_text(TABLE, encoding="utf-8")
    with Readers([table], number=1, limits=SHORT) as opened:
        yield opened


def good() -> Page:
    return Page(body=make_reports.ilacs(), url="https://example.org/report.pdf", fetched_on=date(2024, 7, 1))


def refused(readers: Readers, body: bytes, as_type: str | None = None) -> ParseError:
    with pytest.raises(ParseError) as caught:
        readers.read(Page(body=body), as_type=as_type)
    return caught.value


def processes_of(readers: Readers) -> list[int]:
    return [child._process.pid for child in (*readers._idle, *readers._busy)]


def test_a_report_comes_back_as_it_was_read(readers: Readers) -> None:
    reading = readers.read(good())
    (finding,) = reading.findings
    assert finding.authority == "Exampleshire"  # from the further table that the child loaded
    assert type(finding.inspected_from) is Day
    assert (finding.inspected_from, finding.lead_inspector) == ("2024-05-06", "Ada Sample")
    assert finding.judgements["help_protection"] == "requires_improvement"


def test_the_source_goes_with_the_page(readers: Readers) -> None:
    source = Source(id="news", name="News", url="https://example.org/", parser="feed", every=timedelta(minutes=7))
    feed = b"<rss version='2.0'><channel><title>N</title><item><title>Ofsted</title><link>https://example.org/1</link></item></channel></rss>"
    reading = readers.read(Page(body=feed, url="https://example.org/feed"), source=source)
    assert [item.title for item in reading.items] == ["Ofsted"]


def test_how_a_newsroom_can_be_read_is_found_out_in_a_child_too(readers: Readers) -> None:
    room = TOWN[0]
    page = Page(body=room.page(room.stories(6)), url=room.url(), fetched_on=date(2025, 9, 19))
    assert readers.discover(page) == probe.discover(page)
    with pytest.raises(ParseError) as closed:
        readers.discover(Page(body=b"<html><head><title>Just a moment...</title></head><body></body></html>"))
    assert closed.value.outcome == "blocked"


def test_errors_arrive_as_the_child_raised_them(readers: Readers) -> None:
    error = refused(readers, b"")
    assert (error.code, error.outcome) == (Code.EMPTY, "empty")
    with pytest.raises(LookupError, match="no type 'sonnet'"):
        readers.read(good(), as_type="sonnet")


@pytest.mark.fault("D3")
@pytest.mark.fault("D4")
@pytest.mark.fault("D5")
@pytest.mark.parametrize(
    ("make", "codes"),
    [
        (hostile_pdfs.flate_bomb, {Code.LIMIT}),
        (hostile_pdfs.text_bomb, {Code.LIMIT}),
        (hostile_pdfs.doubly_deflated, {Code.LIMIT}),
        (hostile_pdfs.form_bomb, {Code.LIMIT}),
        (hostile_pdfs.operators, {Code.LIMIT, Code.NO_TEXT}),
        (hostile_pdfs.many_pages, {Code.NO_TEXT}),
        (hostile_pdfs.endless_tree, {Code.LIMIT, Code.DAMAGED}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_hostile_pdf_costs_a_child_and_the_next_is_read(readers: Readers, make, codes: set[Code]) -> None:  # type: ignore[no-untyped-def]
    error = refused(readers, make())
    assert error.code in codes
    assert len(str(error)) > 20
    assert readers.read(good()).findings


@pytest.mark.fault("D5")
@pytest.mark.parametrize("more", [300, 5000])
def test_of_a_report_of_thousands_of_pages_the_first_are_read(readers: Readers, more: int) -> None:
    reading = readers.read(Page(body=hostile_pdfs.lengthened(make_reports.ilacs(), more)), as_type="report")
    assert reading.findings[0].judgements["help_protection"] == "requires_improvement"
    assert reading.notes[-1].startswith("the first 300 of its ")
    assert reading.text.count("\f") == 299


@pytest.mark.fault("D3")
def test_no_bomb_takes_more_than_half_a_gigabyte(readers: Readers) -> None:
    assert Limits().memory <= 512 << 20
    for make in (hostile_pdfs.flate_bomb, hostile_pdfs.doubly_deflated, hostile_pdfs.text_bomb):
        with pytest.raises(ParseError):
            readers.read(Page(body=make()))
        assert readers.read(good()).findings


@pytest.mark.fault("D2")
@pytest.mark.fault("D6")
@pytest.mark.fault("D7")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (make_reports.ilacs()[: len(make_reports.ilacs()) // 2], Code.DAMAGED),
        (make_reports.ilacs()[: len(make_reports.ilacs()) * 95 // 100], Code.DAMAGED),
        (make_reports.pdf([["secret"]], password="sesame"), Code.ENCRYPTED),
        (make_reports.pdf([[""]]), Code.NO_TEXT),
        (b"<html><title>Report not found</title><h1>Report not found</h1></html>", Code.REPORT_NOT_FOUND),
        (b"<html><h1>Somewhere else</h1></html>", Code.NOT_A_PDF),
        (make_reports.pdf([["A letter about the weather."]]), Code.NOT_RECOGNISED),
    ],
    ids=["half", "95 %", "encrypted", "no text", "Ofsted's error page", "a web page", "another document"],
)
def test_a_file_that_cannot_be_read_has_its_code(readers: Readers, body: bytes, code: Code) -> None:
    assert refused(readers, body, as_type="report").code is code


@pytest.mark.fault("O5")
@pytest.mark.fault("D4")
def test_processor_time_ends_a_child() -> None:
    with Readers(number=1, limits=Limits(cpu_seconds=0, wall_seconds=20, memory=1 << 40)) as readers:
        error = refused(readers, hostile_pdfs.form_bomb(12, 9))
        assert error.code is Code.LIMIT
        assert "processor time" in str(error)


@pytest.mark.fault("O5")
def test_the_clock_ends_a_child_and_its_group() -> None:
    with Readers(number=1, limits=SLOW) as readers:
        readers.read(good())
        (first,) = processes_of(readers)
        error = refused(readers, hostile_pdfs.form_bomb(12, 9))
        assert error.code is Code.LIMIT
        assert "longer than 0.8 s" in str(error)
        with pytest.raises(ProcessLookupError):
            os.killpg(first, 0)
        assert readers.read(good()).findings


def test_too_large_a_body_never_reaches_a_child() -> None:
    with Readers(number=1, limits=Limits(body=100)) as readers:
        assert refused(readers, make_reports.ilacs()).code is Code.TOO_LARGE
        assert processes_of(readers) == []


def test_too_long_an_answer_is_a_limit() -> None:
    with Readers(number=1, limits=Limits(answer=300)) as readers:
        assert refused(readers, make_reports.ilacs()).code is Code.LIMIT


def test_children_start_when_needed_and_are_replaced_after_their_documents() -> None:
    with Readers(number=2, limits=Limits(documents=2)) as readers:
        assert processes_of(readers) == []
        seen = []
        for _ in range(4):
            readers.read(good())
            seen += processes_of(readers)
        assert len(set(seen)) == 2  # the second and the fourth document were the last of their child


def test_many_threads_share_few_children() -> None:
    with Readers(number=2) as readers, ThreadPoolExecutor(8) as pool:
        page = good()
        found = list(pool.map(lambda _: readers.read(page).findings[0].lead_inspector, range(24)))
        assert found == ["Ada Sample"] * 24
        assert len(processes_of(readers)) <= 2


def test_a_child_that_was_killed_while_idle_is_replaced() -> None:
    with Readers(number=1) as readers:
        readers.read(good())
        (first,) = processes_of(readers)
        os.kill(first, signal.SIGKILL)
        readers._idle[0]._process.wait()
        assert readers.read(good()).findings


def test_a_child_that_cannot_start_is_said_to_have_ended_by_itself(tmp_path: Path) -> None:
    with Readers([tmp_path / "absent.csv"], number=1) as readers:
        error = refused(readers, make_reports.ilacs())
        assert error.code is Code.UNREADABLE
        assert "ended by itself (status 1)" in str(error)


def test_close_ends_children_that_are_reading() -> None:
    readers = Readers(number=1, limits=Limits(cpu_seconds=60, wall_seconds=60, memory=1 << 40))
    readers.read(good())
    ended: list[ParseError] = []
    thread = threading.Thread(target=lambda: ended.append(refused(readers, hostile_pdfs.form_bomb(12, 9))))
    thread.start()
    while not readers._busy:
        thread.join(timeout=0.01)
    (child,) = processes_of(readers)
    readers.close()
    thread.join(timeout=20)
    assert ended and ended[0].code is Code.LIMIT
    with pytest.raises(ProcessLookupError):
        os.killpg(child, 0)
    with pytest.raises(RuntimeError, match="closed"):
        readers.read(good())


def test_a_child_inherits_no_file_no_environment_and_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "sesame")
    with Path(__file__).open() as held, Readers(number=1) as readers:
        os.set_inheritable(held.fileno(), True)
        readers.read(good())
        (child,) = processes_of(readers)
        if not Path(f"/proc/{child}").is_dir():
            pytest.skip("this platform has no /proc to look at a child")
        environment = Path(f"/proc/{child}/environ").read_bytes()
        files = {os.readlink(entry) for entry in Path(f"/proc/{child}/fd").iterdir()}
        assert b"sesame" not in environment
        assert str(Path(__file__)) not in files
        assert os.listdir(f"/proc/{child}/cwd") == []
        assert os.getsid(child) == child


@pytest.mark.fault("K21")
@pytest.mark.parametrize(
    "act",
    [
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "import pathlib; pathlib.Path('left-behind').write_bytes(b'1')",
    ],
)
def test_a_confined_process_can_neither_call_out_nor_start_another_nor_write(act: str, tmp_path: Path) -> None:
    code = f"from scraper.child import confine; from scraper.frames import Limits; confine(Limits()); {act}"
    here = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": here},
        timeout=60,
    )
    assert done.returncode != 0
    assert "may not do this" in done.stderr or "File too large" in done.stderr


def test_the_parent_imports_no_parser() -> None:
    code = "import scraper.child, sys; print([m for m in ('bs4','lxml','trafilatura','pypdfium2','feedparser') if m in sys.modules])"
    here = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": here}, timeout=60
    )
    assert done.stdout.strip() == "[]"
