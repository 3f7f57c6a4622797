"""The case clock: usual times, the silence before elections, and what is likely to come next."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from inspections import clock
from inspections.days import Day
from inspections.model import Certainty, Grade, Inspection, Kind, Outcome, State


def inspection(kind: Kind = Kind.ILACS, certainty: Certainty = Certainty.PUBLISHED, **more: object) -> Inspection:
    facts: dict[str, object] = {
        "inspected_to": Day("2024-02-09"), "published_on": Day("2024-03-20"), "state": State.PUBLISHED,
    }  # fmt: skip
    return Inspection(id="i", kind=kind, authority="Marlshire", certainty=certainty, **{**facts, **more})


def test_the_measured_table_counts_until_the_archive_knows_five_reports_of_the_kind() -> None:
    assert clock.usual_from(Kind.ILACS, [40, 41, 42, 43]) == clock.usual(Kind.ILACS) == timedelta(days=74)
    assert clock.usual_from(Kind.ILACS, [40, 41, 42, 43, 44]) == timedelta(days=44)
    assert clock.usual_from(Kind.ILACS, [39, *[46] * 8, 90, 214]) == timedelta(days=90)
    assert clock.usual(Kind.SCHOOL) == timedelta(days=60)


@pytest.mark.parametrize(
    ("last_day", "due"),
    [
        ("2023-09-01", "2023-10-21"),  # no election near
        ("2024-05-10", "2024-08-10"),  # 42 days of the general election of 2024 do not count
        ("2024-06-01", "2024-08-25"),  # it had begun
        ("2025-03-10", "2025-06-06"),  # local elections of 2025
    ],
)
def test_days_of_silence_before_an_election_do_not_count(last_day: str, due: str) -> None:
    assert clock.due_on(date.fromisoformat(last_day), timedelta(days=50)) == date.fromisoformat(due)


def test_the_general_election_of_2024_is_known() -> None:
    assert any((one.first, one.last) == (date(2024, 5, 25), date(2024, 7, 5)) for one in clock.SILENCES)
    assert all(one.first < one.last for one in clock.SILENCES)
    assert all(one.last < other.first for one, other in zip(clock.SILENCES, clock.SILENCES[1:], strict=False))


def test_a_case_goes_from_under_way_to_due_to_overdue() -> None:
    case = inspection(certainty=Certainty.BEFORE, inspected_to=Day("2023-09-15"), published_on=None)
    known, wait = date(2023, 9, 4), timedelta(days=50)
    states = [clock.state(case, on, known, wait) for on in (date(2023, 9, 15), date(2023, 9, 16), date(2023, 11, 5))]
    assert states == [State.UNDER_WAY, State.DUE, State.OVERDUE]


def test_an_inspection_without_days_lasts_a_fortnight_from_the_first_word_of_it() -> None:
    case = inspection(certainty=Certainty.BEFORE, inspected_to=None, published_on=None)
    known = date(2023, 9, 4)
    states = [clock.state(case, on, known, timedelta(days=50)) for on in (date(2023, 9, 18), date(2023, 9, 19))]
    assert states == [State.UNDER_WAY, State.DUE]


@pytest.mark.parametrize(
    ("found", "kind", "on"),
    [
        (inspection(judgements={"overall": Grade.GOOD}), Kind.ILACS, date(2027, 2, 9)),
        (inspection(judgements={"overall": Grade.INADEQUATE}), Kind.MONITORING_VISIT, date(2024, 7, 20)),
        (inspection(Kind.AREA_SEND, outcome=Outcome.TYPICALLY_POSITIVE), Kind.AREA_SEND, date(2029, 3, 20)),
        (inspection(Kind.AREA_SEND, outcome=Outcome.SYSTEMIC_FAILINGS), Kind.AREA_SEND_MONITORING, date(2025, 9, 20)),
        (
            inspection(Kind.AREA_SEND, outcome=Outcome.INCONSISTENT, deadlines={"next_inspection": Day("2026-11")}),
            Kind.AREA_SEND,
            date(2026, 11, 1),
        ),
    ],
)
def test_what_is_likely_next_follows_from_the_framework_or_from_the_report_itself(
    found: Inspection, kind: Kind, on: date
) -> None:
    following = clock.next_due(found)
    assert following
    assert (following.kind, following.on) == (kind, on)
    assert following.why


def test_nothing_is_foretold_of_a_visit_or_of_an_outcome_that_is_not_published() -> None:
    assert clock.next_due(inspection(Kind.FOCUSED_VISIT)) is None
    assert clock.next_due(inspection(certainty=Certainty.ANNOUNCED)) is None


def test_of_several_inspections_only_the_newest_of_a_history_foretells_the_next() -> None:
    old = inspection(inspected_to=Day("2021-02-05"), published_on=Day("2021-03-20"), judgements={"overall": Grade.GOOD})
    new = inspection(judgements={"overall": Grade.GOOD})
    visit = inspection(Kind.FOCUSED_VISIT, inspected_to=Day("2025-02-05"))
    assert [one.on for one, _ in clock.expected([old, visit, new])] == [date(2027, 2, 9)]
    inadequate = inspection(judgements={"overall": Grade.INADEQUATE})
    monitored = inspection(Kind.MONITORING_VISIT, published_on=Day("2024-09-02"))
    ((following, _),) = clock.expected([monitored, inadequate])
    assert (following.kind, following.on) == (Kind.MONITORING_VISIT, date(2025, 1, 2))


def test_nothing_is_foretold_where_a_case_of_the_line_is_open() -> None:
    old = inspection(judgements={"overall": Grade.GOOD})
    case = inspection(certainty=Certainty.BEFORE, state=State.DUE, inspected_to=None, published_on=None, urn=None)
    elsewhere = inspection(Kind.AREA_SEND, certainty=Certainty.BEFORE, state=State.DUE, published_on=None)
    assert clock.expected([case, old]) == []
    assert len(clock.expected([elsewhere, old])) == 1
