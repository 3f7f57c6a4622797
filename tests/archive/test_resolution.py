"""What the archive hands to the rules that make inspections of claims: its table of authorities, and its own history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from archive import Archive
from inspections import clock
from inspections.days import Day
from inspections.model import Authority, Certainty, Grade, Inspection, Kind, Publication, State

Make = Callable[..., Publication]
FIRST = Authority(code="991", name="Eastmoor", valid_to=date(2019, 3, 31))
SECOND = Authority(code="992", name="Eastmoor", valid_from=date(2019, 4, 1), predecessors=("991",))


def latest_of_two_eastmoors(archive: Archive, report: Make, now: datetime) -> Inspection:
    archive.record(report(authority="Eastmoor", day="2016-05-20"), now=now, baseline=True)
    archive.record(report(ref="2", authority="Eastmoor", day="2021-05-20"), now=now, baseline=True)
    return archive.inspections()[0]


def test_the_grades_of_an_abolished_council_are_not_those_before_its_namesakes(
    tmp_path: Path, report: Make, now: datetime
) -> None:
    with Archive.open(tmp_path / "without") as archive:
        assert latest_of_two_eastmoors(archive, report, now).previous["overall"] == Grade.GOOD
    with Archive.open(tmp_path / "with", authorities=[FIRST, SECOND]) as archive:
        latest = latest_of_two_eastmoors(archive, report, now)
        assert (latest.published_on, latest.previous) == ("2021-05-20", {})


def state_after(days: int, archive: Archive, article: Make, last: date) -> State:
    """Where an inspection stands so many days after its last day, when all that is known is that it was held."""
    now = datetime.combine(last + timedelta(days=days), time(9), UTC)
    held = article(
        ref="https://news.example/held", authority="Southmoor", day=last.isoformat(), judgements={},
        certainty=Certainty.BEFORE, inspected_from=Day((last - timedelta(days=11)).isoformat()),
        inspected_to=Day(last.isoformat()),
    )  # fmt: skip
    archive.record(held, now=now, baseline=True)
    archive.reconsider(now)
    [found] = [one for one in archive.inspections() if one.authority == "Southmoor"]
    return found.state


def test_when_a_report_is_overdue_is_learned_from_the_reports_that_the_archive_has(
    archive: Archive, report: Make, article: Make, now: datetime
) -> None:
    last, after = date(2025, 6, 13), 40
    assert timedelta(days=after) < clock.usual(Kind.ILACS)
    assert state_after(after, archive, article, last) == State.DUE
    for n in range(6):  # each published twenty days after its last day
        held = Day(f"2024-0{n + 1}-03")
        day = (held.first + timedelta(days=20)).isoformat() if held.first else ""
        quick = report(ref=f"6{n}", authority=f"Moor {n}", day=day, inspected_from=held, inspected_to=held)
        archive.record(quick, now=now, baseline=True)
    assert state_after(after, archive, article, last) == State.OVERDUE
