"""Which areas and grades belong to a kind at a day, and how they are written."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from inspections import frameworks
from inspections.frameworks import (
    GRADES,
    KIND_NAMES,
    SCALES,
    framework,
    grade,
    is_graded,
    label,
    one_scale,
    rank,
    words,
)
from inspections.model import Grade, Kind, Outcome

FOUR = ("leaders", "help_protection")


@pytest.mark.parametrize(
    ("began", "areas"),
    [
        (date(2018, 1, 1), (*FOUR, "in_care_and_care_leavers", "overall")),
        (date(2022, 12, 31), (*FOUR, "in_care_and_care_leavers", "overall")),
        (date(2023, 1, 1), (*FOUR, "in_care", "care_leavers", "overall")),
        (date(2026, 3, 31), (*FOUR, "in_care", "care_leavers", "overall")),
        (date(2026, 4, 1), (*FOUR, "in_care", "care_leavers")),
    ],
)
def test_the_areas_of_ilacs_follow_from_the_first_day_of_the_inspection(began: date, areas: tuple[str, ...]) -> None:
    found = framework(Kind.ILACS, began)
    assert found is not None
    assert found.areas == areas
    assert found.overall == ("overall" in areas)
    assert found.grades("leaders")[0] == Grade.INADEQUATE


def test_without_a_day_a_framework_is_known_only_where_there_was_but_one() -> None:
    assert framework(Kind.ILACS, None) is None
    assert framework(Kind.ILACS, date(2017, 12, 31)) is None
    assert framework(Kind.OTHER, date(2024, 1, 1)) is None
    sif = framework(Kind.SIF, None)
    assert sif is not None
    assert sif.optional == ("lscb",)
    assert sif.areas == ("help_protection", "in_care", "adoption", "care_leavers", "leaders", "overall")


def test_the_times_of_one_kind_neither_overlap_nor_leave_a_gap() -> None:
    for kind in Kind:
        rows = frameworks.frameworks(kind)
        for earlier, later in pairwise(rows):
            assert earlier.ended is not None
            assert later.began == earlier.ended + timedelta(days=1)


def test_report_cards_have_five_grades_safeguarding_met_or_not_and_no_overall() -> None:
    card = framework(Kind.SCHOOL, date(2025, 11, 10))
    before = framework(Kind.SCHOOL, date(2025, 11, 9))
    assert card is not None
    assert before is not None
    assert len(card.grades("achievement")) == 5
    assert card.grades("safeguarding") == (Grade.NOT_MET, Grade.MET)
    assert before.grades("safeguarding") == (Grade.NOT_EFFECTIVE, Grade.EFFECTIVE)
    assert not card.overall
    assert not before.overall
    assert card.grades("overall") == ()
    assert Outcome.STANDARDS_MAINTAINED in before.outcomes


def test_further_education_grades_some_areas_once_for_each_provision() -> None:
    card = framework(Kind.FURTHER_EDUCATION, date(2026, 1, 5))
    assert card is not None
    assert Grade.STRONG_STANDARD in card.grades("apprenticeships/achievement")
    assert card.grades("apprenticeships/overall") == card.grades("achievement") == ()


def test_homes_and_agencies_have_three_grades_and_supported_accommodation_an_outcome() -> None:
    for kind in (Kind.CHILDRENS_HOME, Kind.FOSTERING, Kind.ADOPTION, Kind.RESIDENTIAL_FAMILY_CENTRE):
        found = framework(kind, date(2025, 1, 1))
        assert found is not None
        assert found.areas == ("overall", "help_protection", "leaders")
    supported = framework(Kind.SUPPORTED_ACCOMMODATION, date(2025, 1, 1))
    assert supported is not None
    assert supported.outcomes == (Outcome.CONSISTENTLY_STRONG, Outcome.INCONSISTENT, Outcome.SERIOUS_WEAKNESSES)


def test_visits_and_area_inspections_have_no_grades() -> None:
    ungraded = {kind for kind in Kind if not is_graded(kind)}
    assert ungraded == {
        Kind.FOCUSED_VISIT, Kind.MONITORING_VISIT, Kind.ASSURANCE_VISIT, Kind.JTAI, Kind.AREA_SEND,
        Kind.AREA_SEND_MONITORING, Kind.AREA_SEND_2016, Kind.SUPPORTED_ACCOMMODATION, Kind.OTHER,
    }  # fmt: skip
    assert frameworks.has_outcome(Kind.AREA_SEND)
    assert not frameworks.has_outcome(Kind.JTAI)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Requires improvement to be good", Grade.REQUIRES_IMPROVEMENT), ("Requires Improvement", Grade.REQUIRES_IMPROVEMENT),
        ("Require improvement", Grade.REQUIRES_IMPROVEMENT), ("Requires\n improvement\u00a0to be good.", Grade.REQUIRES_IMPROVEMENT),
        ("requires-improvement", Grade.REQUIRES_IMPROVEMENT), ("Good", Grade.GOOD), ("INADEQUATE", Grade.INADEQUATE),
        ("Met", Grade.MET), ("Not met", Grade.NOT_MET), ("Strong standard", Grade.STRONG_STANDARD),
        ("Adequate", Grade.ADEQUATE), ("Not judged", Grade.NOT_JUDGED), ("goodness", None), ("", None), ("to be good", None),
    ],
)  # fmt: skip
def test_printed_words_are_read_as_the_grade_that_they_name(printed: str, expected: Grade | None) -> None:
    assert grade(printed) == expected


def test_every_grade_and_outcome_is_written_and_read_back() -> None:
    assert {grade(words(each)) for each in Grade} == set(Grade)
    assert len({words(each) for each in Outcome}) == len(Outcome)
    assert set(GRADES.values()) == set(Grade)
    assert set(KIND_NAMES) == set(Kind)


def test_ranks_rise_from_the_worst_and_scales_are_not_mixed() -> None:
    for scale in SCALES.values():
        values = [Grade(each) if each in set(Grade) else Outcome(each) for each in scale]
        assert [rank(each) for each in values] == list(range(1, len(values) + 1))
    assert rank(Grade.NOT_JUDGED) is None
    assert one_scale(Grade.GOOD, Grade.INADEQUATE)
    assert one_scale(Grade.ADEQUATE, Grade.GOOD)
    assert not one_scale(Grade.ADEQUATE, Grade.REQUIRES_IMPROVEMENT)
    assert not one_scale(Grade.GOOD, Grade.EXPECTED_STANDARD)


def test_areas_are_written_for_people() -> None:
    assert label("help_protection") == "Help and protection"
    assert label("in_care", Kind.SIF) == "Children looked after and achieving permanence"
    assert label("overall", Kind.CHILDRENS_HOME) == "Overall experiences and progress"
    assert label("overall", Kind.ILACS) == "Overall effectiveness"
    assert label("apprenticeships/achievement") == "Apprenticeships: Achievement"
    assert label("attendance_and_behaviour") == "Attendance and behaviour"


@pytest.mark.corpus
def test_every_graded_report_of_the_corpus_has_the_areas_of_its_framework(corpus: Path) -> None:
    kinds = {"ilacs_unspecified": Kind.ILACS, "sif": Kind.SIF}
    columns = ("overall", "help_protection", "in_care", "care_leavers", "leaders", "in_care_and_care_leavers")
    checked = 0
    with (corpus / "reports" / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["kind"] in kinds and row["inspection_start"]:
                found = framework(kinds[row["kind"]], date.fromisoformat(row["inspection_start"]))
                assert found is not None, row["file"]
                assert {area for area in columns if row[area]} == set(found.areas) - {"adoption"}, row["file"]
                checked += 1
    assert checked > 100
