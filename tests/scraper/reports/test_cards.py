"""Report cards and the older forms of schools: a legend is no grade, and the last row of a table is the grade before."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspections.authorities import Authorities
from inspections.model import Authority, Finding, Grade, Kind, Outcome
from scraper.reports import cards
from scraper.reports.text import Document
from tests.scraper.reports.made import FIXTURES, printed

COUNCILS = Authorities([Authority(code="991", name="Norhaven")])


def read(name: str, *changes: tuple[str, str]) -> Finding:
    document = printed(name, *changes)
    assert cards.recognises(document)
    finding = cards.read(document, COUNCILS, None)
    assert isinstance(finding, Finding)
    return finding


def test_a_card_has_the_grade_on_each_areas_own_line() -> None:
    finding = read("report-card-2026")
    assert (finding.kind, finding.urn, finding.provider) == (Kind.SCHOOL, "199999", "Gannet Rock Primary School")
    assert finding.judgements == {
        "personal_development_and_wellbeing": Grade.STRONG_STANDARD,
        "attendance_and_behaviour": Grade.EXPECTED_STANDARD,
        "early_years": Grade.EXPECTED_STANDARD,
        "inclusion": Grade.EXPECTED_STANDARD,
        "leadership_and_governance": Grade.EXPECTED_STANDARD,
        "achievement": Grade.NEEDS_ATTENTION,
        "curriculum_and_teaching": Grade.NEEDS_ATTENTION,
        "safeguarding": Grade.MET,
    }


def test_a_card_prints_its_last_day_only() -> None:
    finding = read("report-card-2026")
    assert (finding.inspected_from, finding.inspected_to, finding.published_on) == (None, "2026-03-03", None)


@pytest.mark.parametrize(
    ("line", "grade"),
    [
        ("Safeguarding standards not met", Grade.NOT_MET),
        ("Safeguarding standards insufficient evidence", None),
        ("Safeguarding", None),
    ],
)
def test_safeguarding_is_read_from_its_own_line_and_not_from_the_explanation(line: str, grade: Grade | None) -> None:
    assert read("report-card-2026", ("Safeguarding standards met", line)).judgements["safeguarding"] is grade


def test_an_area_that_cannot_be_read_is_unknown_and_noted() -> None:
    finding = read("report-card-2026", ("Inclusion Expected standard", "Inclusion"))
    assert finding.judgements["inclusion"] is None
    assert any("expected and not read: inclusion" in note for note in finding.notes)


def test_a_line_that_contradicts_the_heading_above_it_is_unknown() -> None:
    finding = read("report-card-2026", ("Achievement Needs attention", "Achievement Exceptional"))
    assert finding.judgements["achievement"] is None
    assert any("neither is taken" in note for note in finding.notes)


def test_an_area_graded_twice_is_unknown() -> None:
    again = ("Too few pupils", "Attendance and behaviour Needs attention\nToo few pupils")
    assert read("report-card-2026", again).judgements["attendance_and_behaviour"] is None


def test_an_area_whose_label_or_band_wraps_is_read() -> None:
    finding = read(
        "report-card-2026",
        ("Personal development and wellbeing Strong", "Personal development and\nwellbeing Strong"),
        ("Achievement Needs attention", "Achievement\nNeeds attention"),
    )
    assert finding.judgements["personal_development_and_wellbeing"] is Grade.STRONG_STANDARD
    assert finding.judgements["achievement"] is Grade.NEEDS_ATTENTION


def test_well_being_with_a_hyphen_is_the_same_area() -> None:
    finding = read(
        "report-card-2026", ("Personal development and wellbeing Strong", "Personal development and well-being Strong")
    )
    assert finding.judgements["personal_development_and_wellbeing"] is Grade.STRONG_STANDARD


def test_areas_of_early_years_and_of_further_education_tell_their_kind() -> None:
    early = ("Attendance and behaviour", "Behaviour, attitudes and establishing routines")
    assert read("report-card-2026", early).kind is Kind.EARLY_YEARS
    skills = ("Attendance and behaviour Expected", "Contribution to meeting skills needs Expected")
    finding = read("report-card-2026", skills, ("Achievement Needs", "Apprenticeships: Achievement Needs"))
    assert finding.kind is Kind.FURTHER_EDUCATION
    assert finding.judgements["apprenticeships/achievement"] is Grade.NEEDS_ATTENTION


def test_the_form_of_2019_keeps_the_previous_grade_apart() -> None:
    finding = read("school-2022")
    assert (finding.kind, finding.authority, finding.urn) == (Kind.SCHOOL, "Norhaven", "199999")
    assert (finding.inspected_from, finding.inspected_to) == ("2022-03-08", "2022-03-09")
    assert finding.judgements == {
        "overall": Grade.REQUIRES_IMPROVEMENT,
        "quality_of_education": Grade.REQUIRES_IMPROVEMENT,
        "behaviour_and_attitudes": Grade.GOOD,
        "personal_development": Grade.GOOD,
        "leadership_and_management": Grade.REQUIRES_IMPROVEMENT,
        "early_years_provision": Grade.GOOD,
    }
    assert finding.previous == {"overall": Grade.OUTSTANDING}
    assert (finding.lead_inspector, len(finding.improvements)) == ("Idris Vale", 2)


def test_without_an_overall_row_there_is_no_overall_grade() -> None:
    finding = read(
        "school-2022",
        ("Overall effectiveness Requires improvement\n", ""),
        ("8 and 9 March 2022", "18 and 19 March 2025"),
        ("Previous inspection grade Outstanding", "Previous inspection grade Inadequate"),
    )
    assert "overall" not in finding.judgements
    assert finding.previous == {"overall": Grade.INADEQUATE}


def test_a_section_5_report_is_read_by_its_own_labels() -> None:
    finding = read(
        "school-2022",
        ("Inspection dates: 8 and 9 March 2022", "Inspection dates 8–9 November 2016"),
        ("The quality of education Requires", "Quality of teaching, learning and assessment Requires"),
        ("Behaviour and attitudes Good\nPersonal development Good", "Personal development, behaviour and welfare Good"),
        ("Leadership and management", "Effectiveness of leadership and management"),
        ("Early years provision Good", "Outcomes for pupils Good"),
        ("Previous inspection grade", "Overall effectiveness at previous inspection"),
        ("Pupils are happy", "This is a good school. Pupils are happy"),
    )
    assert finding.inspected_from == "2016-11-08"
    assert finding.judgements["outcomes_for_pupils"] is Grade.GOOD
    assert finding.judgements["overall"] is None  # the table and the sentence contradict each other
    assert finding.previous == {"overall": Grade.OUTSTANDING}


@pytest.mark.parametrize(
    ("sentence", "outcome"),
    [
        ("Gannet Rock continues to be a good school.", Outcome.REMAINS_GOOD),
        (
            "Gannet Rock has taken effective action to maintain the standards identified before.",
            Outcome.STANDARDS_MAINTAINED,
        ),
        ("The evidence is that the work may not be as strong as before.", Outcome.NOT_AS_STRONG),
        ("Gannet Rock is a school.", None),
    ],
)
def test_an_ungraded_inspection_has_an_outcome_and_no_grade(sentence: str, outcome: Outcome | None) -> None:
    words = (FIXTURES / "school-2022.txt").read_text(encoding="utf-8")
    table = words[words.index("Overall effectiveness") : words.index("What is it like")]
    finding = read("school-2022", (table, f"Outcome\n{sentence}\n"))
    assert (finding.outcome, finding.judgements) == (outcome, {})


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Progress monitoring", "progress monitoring inspection"),
        ("Pre-registration inspection", "pre-registration inspection"),
        ("Material change inspection", "material change inspection"),
    ],
)
def test_an_inspection_that_judges_nothing_gives_no_finding_and_the_reason(title: str, words: str) -> None:
    document = printed("independent-school-monitoring-2026", ("Progress monitoring", title))
    assert cards.recognises(document)
    reason = cards.read(document, COUNCILS, None)
    assert isinstance(reason, str)
    assert words in reason and "does not meet all of the independent school standards" in reason


def test_a_notice_on_an_academy_gives_no_finding() -> None:
    document = Document.of(
        [
            "Existing academy: Gannet Rock\nURN: 199999\nPredecessor school: Gannet\nAcademy conversion and predecessor schools\n"
        ]
    )
    assert cards.recognises(document)
    assert cards.read(document, COUNCILS, None) == "a notice on the conversion to an academy: no judgement"
    assert cards.title(document) == "Gannet Rock"


@pytest.mark.corpus
def test_real_cut_texts_are_read_without_a_wrong_grade(corpus: Path) -> None:
    found: dict[str, Finding | str] = {}
    for path in sorted((corpus / "texts").glob("*.txt")):
        document = Document.of([path.read_text(encoding="utf-8")])
        assert cards.recognises(document), path.name
        found[path.name] = cards.read(document, COUNCILS, None)
    assert sum(isinstance(each, Finding) for each in found.values()) == 4
    card = found["50308721_djanogly_strelley.txt"]
    assert isinstance(card, Finding)
    assert {area for area, grade in card.judgements.items() if grade is Grade.STRONG_STANDARD} == {
        "early_years", "inclusion", "leadership_and_governance",
    }  # fmt: skip
    assert card.judgements["safeguarding"] is Grade.MET
    assert Grade.URGENT_IMPROVEMENT not in card.judgements.values()
    school = found["50276206_abberley.txt"]
    assert isinstance(school, Finding)
    assert set(school.judgements.values()) == {Grade.GOOD} and "overall" not in school.judgements


def test_a_table_without_a_title_above_it_is_read_by_its_rows() -> None:
    finding = read("section-5-2016")
    assert (finding.authority, finding.provider, finding.urn) == ("Norhaven", "Harbour View Academy", "199991")
    assert finding.judgements["overall"] is Grade.INADEQUATE and len(finding.judgements) == 6
    assert finding.previous == {"overall": Grade.GOOD}


def test_nurseries_of_two_frameworks_are_read() -> None:
    finding = read("early-years-2023")
    assert (finding.kind, finding.urn, finding.provider) == (Kind.EARLY_YEARS, "EY999999", "Little Acorns Day Nursery")
    assert (finding.judgements["overall"], finding.previous) == (Grade.INADEQUATE, {"overall": Grade.OUTSTANDING})
    older = read("early-years-2018")
    assert (older.kind, older.inspected_from) == (Kind.EARLY_YEARS, "2018-05-16")
    assert older.judgements == {
        "overall": Grade.GOOD,
        "leadership_and_management": Grade.GOOD,
        "quality_of_teaching_learning_and_assessment": Grade.GOOD,
        "personal_development_behaviour_and_welfare": Grade.OUTSTANDING,
        "outcomes_for_children": Grade.GOOD,
    }
    assert older.previous == {"overall": Grade.REQUIRES_IMPROVEMENT}


def test_a_first_inspection_of_a_nursery_has_no_grade_before() -> None:
    finding = read(
        "early-years-2018", ("Previous inspection: Requires Improvement 3", "Previous inspection: Not applicable")
    )
    assert (finding.judgements["overall"], len(finding.judgements), finding.previous) == (Grade.GOOD, 5, {})


def test_a_college_is_read_by_its_own_title() -> None:
    finding = read("further-education-2024")
    assert (finding.kind, finding.judgements["adult_learning_programmes"]) == (Kind.FURTHER_EDUCATION, Grade.GOOD)


def test_each_provision_of_a_college_has_its_own_grades_under_its_heading() -> None:
    judgements = read("report-card-college-2026").judgements
    assert judgements["adult_learning_programmes/achievement"] is Grade.EXPECTED_STANDARD
    assert judgements["apprenticeships/achievement"] is Grade.NEEDS_ATTENTION
    assert judgements["contribution_to_meeting_skills_needs"] is Grade.EXCEPTIONAL
    assert "achievement" not in judgements or judgements["achievement"] is None


def test_teacher_training_is_of_no_kind_that_is_read_here() -> None:
    document = printed("school-2022", ("School report", "Initial teacher education inspection report"))
    assert not cards.recognises(document)
