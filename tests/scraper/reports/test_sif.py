"""The single inspection framework of 2013 to 2018, and the papers before it and beside it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from fixtures import make_reports
from inspections.authorities import Authorities
from inspections.model import Authority, Finding, Kind
from scraper.model import Reading
from scraper.reports import read_report
from scraper.reports.text import pages

AUTHORITIES = Authorities(
    [Authority(code="990", name="Exampleshire"), Authority(code="991", name="Sampleton", aliases=("Sampleton City",))]
)
GRADES = {
    "help_protection": "Requires improvement",
    "in_care": "Good",
    "adoption": "Outstanding",
    "care_leavers": "Inadequate",
    "leaders": "Requires improvement",
}
TITLE = (
    "Exampleshire County Council\nInspection of services for children in need of help and\nprotection, children looked"
    " after and care leavers\nInspection date: 3 November 2015 to 26 November 2015\n"
)
SENTENCE = "Children’s services in Exampleshire are good\n"
TABLE = (
    "1. Children who need help and protection Good\n2. Children looked after and achieving\npermanence\nGood\n"
    "2.1 Adoption performance Good\n2.2 Experiences and progress of care leavers Good\n"
    "3. Leadership, management and governance Good\n"
)


def reading(made: bytes) -> Reading:
    return read_report(pages(made), AUTHORITIES)


def read(made: bytes) -> Finding:
    (finding,) = reading(made).findings
    return finding


def read_text(*text: str) -> Finding:
    (finding,) = read_report(text, AUTHORITIES).findings
    return finding


def test_every_field_is_read_with_its_page_and_words() -> None:
    told = reading(make_reports.sif())
    (finding,) = told.findings
    assert (finding.kind, finding.authority) == (Kind.SIF, "Exampleshire")
    assert (finding.inspected_from, finding.inspected_to) == ("2015-11-03", "2015-11-26")
    assert (finding.published_on, finding.published_origin, told.published_on) == ("2016-01-18", "text", "2016-01-18")
    assert finding.judgements == {
        "help_protection": "requires_improvement", "in_care": "good", "adoption": "outstanding",
        "care_leavers": "inadequate", "leaders": "requires_improvement", "overall": "requires_improvement", "lscb": "good",
    }  # fmt: skip
    assert finding.lead_inspector == "Bede Sample"
    assert finding.improvements == ("Ensure that plans are clear.", "Ensure that visits are made.")
    assert (finding.priority_action, finding.priority_actions, finding.notes) == (False, (), ())
    assert finding.evidence["judgements.lscb"].page == 3
    assert (
        finding.evidence["judgements.overall"].text
        == "Children’s services in Exampleshire require improvement to be good"
    )
    assert finding.evidence["lead_inspector"].page == 4


def test_a_re_inspection_has_no_board_and_none_is_expected() -> None:
    finding = read(make_reports.sif(again=True, board=[]))
    assert finding.kind is Kind.SIF
    assert "lscb" not in finding.judgements
    assert finding.notes == ()


def test_a_board_that_the_title_names_and_no_heading_grades_is_unknown() -> None:
    finding = read(make_reports.sif(board=["The board meets often."]))
    assert finding.judgements["lscb"] is None
    assert any("no heading gives its grade" in note for note in finding.notes)


@pytest.mark.parametrize(
    ("sentence", "grade"),
    [
        ("The overall judgement is Inadequate", "inadequate"),
        ("The overall judgement is requires improvement.", "requires_improvement"),
        ("The overall judgement is that children’s services are\ngood", "good"),
        ("The overall judgement is that children’s services require\nimprovement", "requires_improvement"),
        ("Children’s services in Stoke-on-Trent City Council are outstanding", "outstanding"),
        (
            "Children’s services in the Royal Borough of\nExample and Sample require improvement to be\ngood",
            "requires_improvement",
        ),
        ("Children’s services on the Isle of Sample requires improvement to be good", "requires_improvement"),
        ("Children’s services require improvement to be good", "requires_improvement"),
        ("Children’s services in Exampleshire are not yet good", None),
        ("Children’s services in Exampleshire are good\nChildren’s services in Exampleshire are inadequate", None),
        ("There are no widespread failures.", None),
    ],
)
def test_the_overall_grade_is_a_sentence(sentence: str, grade: str | None) -> None:
    finding = read_text(TITLE + sentence + "\n" + TABLE, "Recommendations\n1. One.\n")
    assert finding.judgements["overall"] == grade
    assert finding.judgements["help_protection"] == "good"
    assert (grade is None) == any("overall grade" in note for note in finding.notes)


@pytest.mark.parametrize(
    ("heading", "grade"),
    [
        ("The Local Safeguarding Children Board is good", "good"),
        ("The Local Safeguarding Children Board (LSCB) requires\nimprovement.", "requires_improvement"),
        ("The effectiveness of the Local Safeguarding Children Board (LSCB) is\ninadequate", "inadequate"),
        ("The effectiveness of the LSCB is outstanding", "outstanding"),
        (
            "The Sampleton and Exampleshire Safeguarding Children Board (SESCB) requires improvement to be good",
            "requires_improvement",
        ),
        ("The Local Safeguarding Children Board is good at listening to children", None),
        ("An LSCB that is good coordinates the activity of partners", None),
    ],
)
def test_the_board_is_graded_by_a_heading(heading: str, grade: str | None) -> None:
    finding = read_text(
        TITLE + SENTENCE + TABLE, "Recommendations\n1. One.\n", f"end of a sentence.\n{heading}\nMore follows."
    )
    assert finding.judgements.get("lscb") == grade


@pytest.mark.fault("D8")
def test_two_headings_that_differ_leave_the_board_unknown() -> None:
    text = "The Local Safeguarding Children Board is good\nwords.\nThe effectiveness of the LSCB is inadequate\nwords."
    finding = read_text(TITLE + SENTENCE + TABLE, text)
    assert finding.judgements["lscb"] is None
    assert any(
        "differ" in note and "good on page 2" in note and "inadequate on page 2" in note for note in finding.notes
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("3. Leadership", "1. Leadership"),
        ("3. Leadership", "Leadership"),
        ("2.1 Adoption", "Adoption"),
        ("governance Good", "governance. Good1"),
    ],
)
def test_numbers_of_rows_do_not_matter(old: str, new: str) -> None:
    finding = read_text(TITLE + SENTENCE + TABLE.replace(old, new))
    assert {finding.judgements[area] for area in GRADES} == {"good"}


def test_not_judged_is_a_grade_and_so_is_require_improvement() -> None:
    table = TABLE.replace("performance Good", "performance Not judged").replace(
        "leavers Good", "leavers Require\nimprovement"
    )
    judgements = read_text(TITLE + SENTENCE + table).judgements
    assert (judgements["adoption"], judgements["care_leavers"]) == ("not_judged", "requires_improvement")


def test_a_footnote_and_a_page_between_rows_do_not_end_the_table() -> None:
    first, second = TABLE.split("2.2 ")
    note = "1 Ofsted produces this report under its power to combine reports in accordance with section 152.\n"
    finding = read_text(TITLE + SENTENCE + first + note, "2\n2.2 " + second + "Executive summary\n")
    assert {finding.judgements[area] for area in GRADES} == {"good"}


def test_the_last_word_of_the_sentence_above_is_no_grade_of_the_table() -> None:
    finding = read_text(
        TITLE
        + "Children’s services in Exampleshire require improvement to be\ngood\n"
        + TABLE.replace("Good", "Inadequate", 1)
    )
    assert finding.judgements["help_protection"] == "inadequate"
    assert finding.judgements["overall"] == "requires_improvement"


@pytest.mark.fault("D8")
def test_a_section_heading_that_contradicts_the_table_leaves_neither() -> None:
    deep = "Key judgement\nThe experiences and progress of\nchildren who need help and protection Inadequate\nwords"
    finding = read_text(TITLE + SENTENCE + TABLE, deep)
    assert finding.judgements["help_protection"] is None
    assert any("neither is taken" in note for note in finding.notes)


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("Report published: 12/02/2016", "2016-02-12"),
        ("Report published: 01 September 2016", "2016-09-01"),
        ("Published: 18 January 2016", "2016-01-18"),
        ("", None),
    ],
)
def test_the_publication_date_is_taken_where_it_is_printed(printed: str, day: str | None) -> None:
    finding = read(make_reports.sif(published=printed))
    assert (finding.published_on, finding.published_origin) == (day, "text" if day else None)


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        ("19 November-11 December 2013 and 28 – 30 January 2014", "2013-11-19", "2014-01-30"),
        ("18 Feb 2014 – 12 March 2014", "2014-02-18", "2014-03-12"),
        ("12/09/2016 – 06/10/2016", "2016-09-12", "2016-10-06"),
        ("11 July 2016", "2016-07-11", "2016-07-11"),
    ],
)
def test_dates_in_all_their_forms(days: str, first: str, last: str) -> None:
    finding = read(make_reports.sif(days=days))
    assert (finding.inspected_from, finding.inspected_to) == (first, last)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Lead inspector: Bede Sample", "Bede Sample"),
        ("Lead inspector on site: Bede Sample, HMI", "Bede Sample"),
        ("Lead inspector Bede Sample (HMI)", "Bede Sample"),
        ("Lead inspector: Bede Sample Senior HMI", "Bede Sample"),
        ("Deputy lead inspector: Bede Sample", None),
    ],
)
def test_the_lead_inspector_stands_near_the_end(label: str, name: str | None) -> None:
    assert read(make_reports.sif(lead=label)).lead_inspector == name


def test_priority_actions_are_apart_from_areas_for_improvement() -> None:
    needs = [
        "What does the local authority need to improve?", "Priority and immediate action", "Leadership and management",
        "1. Put into place a framework, to include:", "• data", "• arrangements.", "Quality of practice",
        "2. See children alone.", "Areas for improvement", "3. Ensure oversight.", "Children looked after",
        "4. Ensure that plans", "are informed.",
    ]  # fmt: skip
    text = "\n".join(needs).replace("\n", "\n")
    finding = read_text(TITLE + SENTENCE + TABLE, f"{text}\nThe local authority’s strengths\n5. It listens.\n")
    assert finding.priority_action is True
    assert finding.priority_actions == (
        "Put into place a framework, to include: • data • arrangements.",
        "See children alone.",
    )
    assert finding.improvements == ("Ensure oversight.", "Ensure that plans are informed.")


@pytest.mark.parametrize(
    "none",
    [
        "The inspection did not find any areas for priority and immediate action.",
        "1. There are no areas for priority and immediate action.",
    ],
)
def test_no_priority_action_is_said_in_words_or_as_an_item(none: str) -> None:
    text = f"What does the local authority need to improve?\nPriority and immediate action\n{none}\nAreas for improvement\n2. Ensure oversight.\nSummary for children\n"
    finding = read_text(TITLE + SENTENCE + TABLE, text)
    assert (finding.priority_action, finding.improvements) == (False, ("Ensure oversight.",))


@pytest.mark.parametrize(
    "end",
    [
        "Summary for children and young people",
        "Summary for children",
        "The local authority has the following strengths:",
    ],
)
def test_a_list_ends_where_the_next_section_begins(end: str) -> None:
    finding = read_text(TITLE + SENTENCE + TABLE, f"Recommendations\n1. One.\n2. Two.\n{end}\n3. It is not an item.\n")
    assert finding.improvements == ("One.", "Two.")


def test_the_list_of_the_board_is_not_the_authoritys() -> None:
    finding = read_text(
        TITLE + SENTENCE + TABLE,
        "Contents\nRecommendations 7\nSummary for children 8\n",
        "Recommendations:\n1. One.\nExecutive summary\nRecommendations\n9. The board’s.",
    )
    assert finding.improvements == ("One.",)


def test_items_with_bullets_in_place_of_numbers() -> None:
    text = "What does the Local Authority need to improve?\nAreas for improvement\n\uf06e When families need plans,\nthese are made.\n\uf06e Visit children.\nInformation about this inspection\n"
    assert read_text(TITLE + SENTENCE + TABLE, text).improvements == (
        "When families need plans, these are made.",
        "Visit children.",
    )


def test_the_authority_may_take_two_lines_and_a_page_number_above() -> None:
    assert (
        read_text(
            "1\n" + TITLE.replace("Exampleshire County Council", "Sampleton City\nCouncil") + SENTENCE + TABLE
        ).authority
        == "Sampleton"
    )


def test_the_previous_grade_is_read_where_it_is_plain() -> None:
    text = "Executive summary\nSince the last inspection, when services were judged to be inadequate, much has changed."
    assert read_text(TITLE + SENTENCE + TABLE, text).previous == {"overall": "inadequate"}


def test_looked_after_papers_are_other_and_their_grades_are_read() -> None:
    finding = read(make_reports.looked_after())
    assert (finding.kind, finding.authority, finding.lead_inspector) == (Kind.OTHER, "Exampleshire", "Ada Sample")
    assert (finding.inspected_from, finding.inspected_to, finding.published_on) == (
        "2013-07-08",
        "2013-07-12",
        "2013-08-16",
    )
    assert finding.judgements == {
        "overall": "adequate", "capacity_to_improve": "good",
        "outcomes_for_looked_after_children_and_young_people": "adequate", "leaders": "inadequate",
    }  # fmt: skip
    assert finding.notes == ()


def test_a_review_of_the_board_alone_is_other() -> None:
    title = "Exampleshire County Council\nReview of the effectiveness of the Local Safeguarding Children Board\nReview dates: 1 to 3 June 2015\n"
    finding = read_text(title + "The Local Safeguarding Children Board is good\nwords")
    assert (finding.kind, finding.authority, finding.judgements) == (Kind.OTHER, "Exampleshire", {"lscb": "good"})
    assert finding.inspected_to == "2015-06-03"
    assert "this form was never checked on a real document" in finding.notes


@pytest.mark.corpus
def test_real_reports_agree_with_their_labels(corpus: Path) -> None:
    authorities = Authorities.load()
    with (corpus / "reports" / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "sif"]
    for row in rows[::6]:
        (finding,) = read_report(pages((corpus / "reports" / row["file"]).read_bytes()), authorities).findings
        expected = {area: row[area].replace(" ", "_") for area in (*GRADES, "overall") if row.get(area)}
        expected |= dict(part.replace(" ", "_").split("=") for part in row["other_judgements"].split(";") if part)
        assert finding.judgements == expected, row["file"]
        assert len(finding.priority_actions) == int(row["count_priority_action"]), row["file"]
