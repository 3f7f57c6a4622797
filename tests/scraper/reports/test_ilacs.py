"""Inspections of local authority children's services: every field, every trap, and tables however they wrap."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fixtures import make_reports
from fixtures.make_reports import ILACS_LABELS, Row
from inspections.authorities import Authorities
from inspections.model import Authority, Certainty, Finding, Grade, Kind
from scraper.reports import read_report
from scraper.reports.text import pages

AUTHORITIES = Authorities(
    [Authority(code="990", name="Exampleshire"), Authority(code="991", name="Sampleton", aliases=("Sampleton City",))]
)
PRINTED = {
    Grade.OUTSTANDING: "Outstanding",
    Grade.GOOD: "Good",
    Grade.REQUIRES_IMPROVEMENT: "Requires improvement to be good",
    Grade.INADEQUATE: "Inadequate",
}
FIVE = ("leaders", "help_protection", "in_care", "care_leavers", "overall")


def read(made: bytes) -> Finding:
    (finding,) = read_report(pages(made), AUTHORITIES).findings
    return finding


def read_text(*text: str) -> Finding:
    (finding,) = read_report(text, AUTHORITIES).findings
    return finding


def table_of(**grades: str) -> list[make_reports.Block]:
    return [Row(ILACS_LABELS[area], grade) for area, grade in grades.items()]


def page(
    table: str,
    days: str = "6 to 17 May 2024",
    title: str = "Inspection of Exampleshire local authority\nchildren’s services",
) -> str:
    return f"{title}\nInspection dates: {days}\nLead inspector: Ada Sample, His Majesty’s Inspector\nJudgement Grade\n{table}\nChildren are safe here."


def test_every_field_is_read_with_its_page_and_words() -> None:
    finding = read(make_reports.ilacs())
    assert (finding.kind, finding.certainty, finding.authority) == (Kind.ILACS, Certainty.PUBLISHED, "Exampleshire")
    assert (finding.inspected_from, finding.inspected_to) == ("2024-05-06", "2024-05-17")
    assert finding.lead_inspector == "Ada Sample"
    assert finding.judgements == {
        "leaders": "good", "help_protection": "requires_improvement", "in_care": "good", "care_leavers": "outstanding",
        "overall": "good",
    }  # fmt: skip
    assert finding.improvements == ("The timeliness of assessments.", "The quality of plans.")
    assert (finding.published_on, finding.provider, finding.priority_action, finding.notes) == (None, None, False, ())
    assert finding.evidence["judgements.overall"].text == "Overall effectiveness Good"
    assert finding.evidence["improvements"].page == 2
    wanted = {"kind", "authority", "inspected_from", "inspected_to", "lead_inspector", "improvements"}
    assert set(finding.evidence) == wanted | {f"judgements.{area}" for area in FIVE}
    assert all(shown.page and shown.text for shown in finding.evidence.values())


def test_the_form_before_2023_has_one_grade_for_care_and_care_leavers() -> None:
    grades = {
        "leaders": "Inadequate",
        "help_protection": "Good",
        "in_care_and_care_leavers": "Good",
        "overall": "Inadequate",
    }
    finding = read(make_reports.ilacs(days="5 to 16 December 2022", judgements=grades))
    assert finding.judgements == {area: grade.lower() for area, grade in grades.items()}
    assert finding.notes == ()


def test_the_form_of_2026_has_no_overall_and_none_is_taken_from_the_story() -> None:
    grades = {"leaders": "Good", "help_protection": "Good", "in_care": "Good", "care_leavers": "Good"}
    story = ["Services were judged to be good overall at the last inspection in 2023."]
    finding = read(make_reports.ilacs(days="27 April to 1 May 2026", judgements=grades, story=story))
    assert finding.judgements == dict.fromkeys(grades, "good")
    assert finding.notes == ()


def test_a_report_on_a_day_before_the_change_has_its_overall_whenever_published() -> None:
    finding = read(make_reports.ilacs(days="16 to 20 March 2026"))
    assert finding.judgements["overall"] == "good"


def test_an_area_that_is_expected_and_not_printed_is_unknown_and_noted() -> None:
    grades = {"leaders": "Good", "help_protection": "Good", "in_care": "Good", "overall": "Good"}
    finding = read(make_reports.ilacs(judgements=grades))
    assert finding.judgements["care_leavers"] is None
    assert finding.judgements["overall"] == "good"
    assert any("not printed" in note and "care_leavers" in note for note in finding.notes)


def test_an_area_that_is_printed_and_not_expected_is_noted_and_not_taken() -> None:
    grades = {
        "leaders": "Good",
        "help_protection": "Good",
        "in_care": "Good",
        "care_leavers": "Good",
        "overall": "Inadequate",
    }
    table = [*table_of(**grades), Row(ILACS_LABELS["in_care_and_care_leavers"], "Good")]
    finding = read(make_reports.ilacs(table=table, sections=grades))
    assert "in_care_and_care_leavers" not in finding.judgements
    assert any("printed and not expected" in note for note in finding.notes)


def test_the_areas_of_another_time_are_taken_as_printed_and_noted() -> None:
    finding = read(make_reports.ilacs(days="6 to 17 May 2027"))
    assert finding.judgements["overall"] == "good"
    assert any("areas printed are those of inspections that began from 2023" in note for note in finding.notes)


def test_a_heading_that_contradicts_the_table_leaves_neither() -> None:
    said = {"help_protection": "Inadequate", "in_care": "Good"}
    finding = read(make_reports.ilacs(sections=said))
    assert finding.judgements["help_protection"] is None
    assert finding.judgements["in_care"] == "good"
    assert any(
        "help_protection: the table says requires improvement" in note and "inadequate" in note
        for note in finding.notes
    )
    assert "judgements.help_protection" not in finding.evidence


@pytest.mark.parametrize(
    "table",
    [
        "The impact of leaders on social work\npractice with children and families\nGood\n",
        "The impact of leaders on social work Good\npractice with children and families\n",
        "Good\nThe impact of leaders on social work\npractice with children and families\n",
        "The impact of leaders on social\nGood\nwork practice with children and families.\n",
    ],
    ids=["below", "on the first line", "above", "between"],
)
def test_a_grade_is_bound_to_its_label_wherever_it_stands_in_the_row(table: str) -> None:
    rest = (
        "The experiences and progress of children who need help and protection\nRequires improvement\nto be good\n"
        "The experiences and progress of children in care Outstanding\n"
        "The experiences and progress of care\nleavers\ninadequate\nOverall effectiveness Requires Improvement\n"
    )
    assert read_text(page(table + rest)).judgements == {
        "leaders": "good", "help_protection": "requires_improvement", "in_care": "outstanding",
        "care_leavers": "inadequate", "overall": "requires_improvement",
    }  # fmt: skip


def test_columns_read_one_after_the_other_are_bound_row_by_row() -> None:
    labels = "\n".join(ILACS_LABELS[area] for area in FIVE)
    finding = read_text(page(f"{labels}\nGood\nInadequate\nRequires improvement\nto be good\nOutstanding\nGood\n"))
    assert list(finding.judgements.values()) == ["good", "inadequate", "requires_improvement", "outstanding", "good"]


def test_columns_with_a_grade_missing_bind_nothing() -> None:
    labels = "\n".join(ILACS_LABELS[area] for area in FIVE)
    finding = read_text(page(f"{labels}\nGood\nInadequate\nOutstanding\nGood\n"))
    assert set(finding.judgements.values()) == {None}
    assert any("5 labels and 4 grades" in note for note in finding.notes)


def test_a_missing_grade_does_not_shift_the_others() -> None:
    table = "\n".join(f"{ILACS_LABELS[area]} {'' if area == 'in_care' else 'Good'}" for area in FIVE)
    finding = read_text(page(table))
    assert finding.judgements == {
        "leaders": "good",
        "help_protection": "good",
        "in_care": None,
        "care_leavers": "good",
        "overall": "good",
    }


def test_an_unknown_label_keeps_its_grade_to_itself() -> None:
    table = "\n".join(f"{ILACS_LABELS[area]} Good" for area in FIVE)
    finding = read_text(
        page(table.replace("progress of care leavers Good", "progress of young care leavers in families Inadequate"))
    )
    assert finding.judgements["care_leavers"] is None
    assert finding.judgements["overall"] == "good"


HP, IC, CL = (
    ILACS_LABELS[area].removeprefix("The experiences ") for area in ("help_protection", "in_care", "care_leavers")
)
SHIFTED = {
    # The label of the last row is lost, and every grade stands inside the label of its row: none fits the row above.
    "inside the next label": (
        f"{ILACS_LABELS['leaders']}\nThe experiences\nOutstanding\n{HP}\nThe experiences\nRequires improvement\nto be good\n{IC}\n"
        f"The experiences\nInadequate\n{CL}\nGood"
    ),
    # "good" was moved from the second row to the top, so that the second row's grade runs into the third's.
    "of two rows": (
        f"good\n{ILACS_LABELS['leaders']}\nOutstanding\nThe experiences\n{HP}\nRequires improvement to be\n"
        f"The experiences\nGood\n{IC}\nThe experiences\nInadequate\n{CL}\nOverall effectiveness\nInadequate"
    ),
    # The first grade is lost, and a second stands at the end: equal numbers, but each one row too low.
    "one row too low": "\n".join(ILACS_LABELS[area] + ("" if area == "leaders" else "\nInadequate") for area in FIVE)
    + "\nGood",
    # A grade too many stands above the first label, and the last is lost: equal numbers, but each one row too high.
    "one row too high": "Good\n"
    + "\n".join("Inadequate\n" * (area != "overall") + ILACS_LABELS[area] for area in FIVE),
}


@pytest.mark.parametrize("table", SHIFTED.values(), ids=SHIFTED)
def test_grades_that_stand_in_other_rows_are_not_bound(table: str) -> None:
    judgements = read_text(page(table)).judgements
    right = {
        "inside the next label": {
            "help_protection": "outstanding",
            "in_care": "requires_improvement",
            "care_leavers": "inadequate",
        },
        "of two rows": {
            "leaders": "outstanding",
            "in_care": "good",
            "care_leavers": "inadequate",
            "overall": "inadequate",
        },
        "one row too low": dict.fromkeys(FIVE[1:], "inadequate"),
        "one row too high": dict.fromkeys(FIVE[:-1], "inadequate"),
    }[next(name for name, made in SHIFTED.items() if made == table)]
    assert {area: grade for area, grade in judgements.items() if grade not in (None, right.get(area))} == {}


def test_a_small_good_alone_on_its_line_may_be_the_end_of_another_grade_unless_its_section_repeats_it() -> None:
    table = "\n".join(f"{ILACS_LABELS[area]}\ngood" for area in FIVE)
    finding = read_text(page(table), f"{ILACS_LABELS['in_care']}: good\n1. Most are.")
    assert finding.judgements == dict.fromkeys(FIVE) | {"in_care": "good"}
    assert sum("may be the end of another" in note for note in finding.notes) == 4
    assert finding.evidence["judgements.in_care"].text == f"{ILACS_LABELS['in_care']} good"


def test_a_label_of_the_table_printed_twice_gives_no_grade() -> None:
    table = "\n".join(f"{ILACS_LABELS[area]} Good" for area in (*FIVE, "overall"))
    assert set(read_text(page(table)).judgements.values()) == {None}


def test_a_table_that_crosses_a_page_is_one_table() -> None:
    lines = [f"{ILACS_LABELS[area]} Good" for area in FIVE]
    foot = "Inspection of Exampleshire local authority children’s services\n6 to 17 May 2024"
    first = page("\n".join(lines[:2])).removesuffix("Children are safe here.")
    finding = read_text(
        first, f"{foot} 2\n" + "\n".join(lines[2:]) + "\nChildren are safe.", f"{foot} 3\nx", f"{foot} 4\ny"
    )
    assert finding.judgements == dict.fromkeys(FIVE, "good")


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Ada Sample, His Majesty’s Inspector", "Ada Sample"),
        ("Ada Sample HMI", "Ada Sample"),
        ("Ada Sample\nHer Majesty's Inspector", "Ada Sample"),
        ("Ada Sample, Her Majesty’s\nInspector", "Ada Sample"),
        ("Ada de la Sample-O’Hara, HMI", "Ada de la Sample-O’Hara"),
        ("Dr Ada Sample", "Ada Sample"),
        ("Ada Sample (HMI)", "Ada Sample"),
        ("Ada Sample Senior HMI", "Ada Sample"),
        ("\nAda Sample, HMI", "Ada Sample"),
        ("to be confirmed", None),
    ],
)
def test_the_lead_inspector_is_a_name_without_its_title(printed: str, name: str | None) -> None:
    table = "\n".join(f"{ILACS_LABELS[area]} Good" for area in FIVE)
    text = page(table).replace("Ada Sample, His Majesty’s Inspector", printed)
    assert read_text(text).lead_inspector == name


def test_a_report_without_a_lead_inspector_says_so() -> None:
    finding = read(make_reports.ilacs(lead=""))
    assert finding.lead_inspector is None
    assert any("no lead inspector" in note for note in finding.notes)


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        ("30 September to 11 October 2024 and 13 to 16 January 2025", "2024-09-30", "2025-01-16"),
        ("24 February 2025 to 7 March 2025", "2025-02-24", "2025-03-07"),
        ("19 February–1 March 2024", "2024-02-19", "2024-03-01"),
        ("6 May 2024", "2024-05-06", "2024-05-06"),
        ("12/05/2025 – 16/05/2025", "2025-05-12", "2025-05-16"),
    ],
)
def test_dates_in_all_their_forms(days: str, first: str, last: str) -> None:
    finding = read(make_reports.ilacs(days=days))
    assert (finding.inspected_from, finding.inspected_to) == (first, last)


@pytest.mark.parametrize("days", ["6 May 2024 to 17 May 2025", "17 May to 6 July 2024", "soon"])
def test_dates_that_cannot_be_right_are_noted_and_not_taken(days: str) -> None:
    finding = read(make_reports.ilacs(days=days))
    assert (finding.inspected_from, finding.inspected_to) == (None, None)
    assert any(days in note for note in finding.notes)


def test_a_foot_with_other_dates_is_noted_and_the_covers_are_taken() -> None:
    table = "\n".join(f"{ILACS_LABELS[area]} Good" for area in FIVE)
    feet = [f"Inspection of Exampleshire\n6 to 17 May 2025 {number}\nwords {number * 'x'}" for number in range(2, 6)]
    finding = read_text(page(table), *feet)
    assert finding.inspected_from == "2024-05-06"
    assert any("6 to 17 May 2025" in note and "cover" in note for note in finding.notes)


@pytest.mark.parametrize(
    ("title", "authority", "provider"),
    [
        ("Sampleton\nInspection of children’s social care services", "Sampleton", None),
        ("1\nSampleton City Council\nInspection of local authority children’s services", "Sampleton", None),
        ("Inspection of the City of Sampleton\nchildren’s services", "Sampleton", None),
        ("Inspection of Sampleton Council local\nauthority children’s services", "Sampleton", None),
        ("Inspection of Sampleton Children and\nFamilies Trust", "Sampleton", "Sampleton Children and Families Trust"),
        ("Inspection of Nowhere Borough Council\nlocal authority children’s services", "Nowhere Borough Council", None),
    ],
)
def test_whom_the_title_names(title: str, authority: str, provider: str | None) -> None:
    table = "\n".join(f"{ILACS_LABELS[area]} Good" for area in FIVE)
    finding = read_text(page(table, title=title))
    assert (finding.authority, finding.provider) == (authority, provider)
    assert any("no table" in note for note in finding.notes) == (authority not in ("Sampleton",))


def test_a_title_that_is_read_after_the_dates_is_found() -> None:
    lines = page("\n".join(f"{ILACS_LABELS[area]} Good" for area in FIVE)).split("\n")
    finding = read_text("\n".join([*lines[2:4], *lines[:2], *lines[4:]]))
    assert (finding.authority, finding.inspected_from, finding.lead_inspector) == (
        "Exampleshire",
        "2024-05-06",
        "Ada Sample",
    )
    assert finding.judgements["overall"] == "good"


@pytest.mark.parametrize(
    "heading",
    [
        "What needs to improve?",
        "What needs to improve",
        "What needs to improve:",
        "What needs to improve?1",
        "What needs to improve?\n1",
    ],
)
def test_items_under_every_form_of_the_heading(heading: str) -> None:
    table = "\n".join(f"{ILACS_LABELS[area]} Good" for area in FIVE)
    body = (
        f"{heading}\n\uf06e The quality of plans, so that\nchildren are safe.\n\uf06e The response to:\n- one thing\n- another thing.\n"
        "1 The areas for improvement have been cross-referenced with guidance.\nIt sets out a purpose."
    )
    after = "\uf06e Support (outcome 4, national\nframework)\nThe experiences and progress of children in care: good\n1. Most are.\n\uf06e not this"
    finding = read_text(page(table), body, after)
    assert finding.improvements == (
        "The quality of plans, so that children are safe.",
        "The response to: - one thing - another thing.",
        "Support (outcome 4, national framework)",
    )


def test_prose_in_place_of_items_is_a_note() -> None:
    finding = read(make_reports.ilacs(items=["There is a very small number of matters to attend to."]))
    assert finding.improvements == ()
    assert any("said in prose" in note and "very small number" in note for note in finding.notes)


def test_priority_action_needs_a_heading_of_its_own() -> None:
    history = ["Areas for priority action were set at the focused visit of 2022.", "areas for priority action"]
    assert read(make_reports.ilacs(story=history)).priority_action is False
    told = ["Areas for priority action", "■ Children must be seen alone."]
    finding = read(make_reports.ilacs(more=told))
    assert (finding.priority_action, finding.priority_actions) == (True, ("Children must be seen alone.",))
    assert (
        read(
            make_reports.ilacs(more=["Areas for priority action", "There are no areas for priority action."])
        ).priority_action
        is False
    )


@pytest.mark.parametrize(
    ("story", "grade"),
    [
        (
            "Since the last inspection in 2022, when services were judged to be good overall, leaders have acted.",
            "good",
        ),
        ("In 2016, services were judged to require improvement to be good.", "requires_improvement"),
        ("At the previous inspection in 2017, the local authority was judged inadequate.", "inadequate"),
        (
            "Since the last inspection in 2022, when services for care leavers were judged to be good, much is done.",
            None,
        ),
        (
            "Since the last inspection of the predecessor council in 2021, when services were judged to be inadequate, much is done.",
            None,
        ),
        ("Children’s services are now judged to be outstanding overall since the last inspection.", None),
        ("Since the last inspection, all four children’s homes have been judged to be good.", None),
        ("Practice was found to be good.", None),
    ],
)
def test_a_previous_grade_is_read_only_where_it_is_plainly_overall(story: str, grade: str | None) -> None:
    finding = read(make_reports.ilacs(story=[story]))
    assert finding.previous == ({"overall": grade} if grade else {})
    assert ("previous.overall" in finding.evidence) == (grade is not None)


def test_the_latest_previous_grade_counts_and_older_ones_are_noted() -> None:
    story = ["In 2016, services were judged to be inadequate.", "In 2019, services were judged to be good."]
    finding = read(make_reports.ilacs(story=story))
    assert finding.previous == {"overall": "good"}
    assert any("inadequate (2016)" in note for note in finding.notes)


@some.composite
def tables(draw: some.DrawFn) -> tuple[dict[str, Grade], str]:
    """Grades, and the text of their table with labels and grades wrapped anywhere and each grade anywhere in its row."""
    grades = {area: draw(some.sampled_from(list(PRINTED))) for area in FIVE}
    lines: list[str] = []
    for area, grade in grades.items():
        label, printed = ILACS_LABELS[area].split(), PRINTED[grade].split()
        parts = _wrapped(draw, label)
        place = draw(some.integers(1 if lines else 0, len(parts)))
        lines += [*parts[:place], *_wrapped(draw, printed), *parts[place:]]
    return grades, "\n".join(lines)


def _wrapped(draw: some.DrawFn, words: list[str]) -> list[str]:
    cut = draw(some.integers(2, max(2, len(words))))
    return [" ".join(part) for part in (words[:cut], words[cut:]) if part]


@settings(max_examples=150, deadline=None)
@given(tables())
def test_no_wrapping_makes_a_wrong_grade(made: tuple[dict[str, Grade], str]) -> None:
    grades, text = made
    assert read_text(page(text)).judgements == grades


@settings(max_examples=100, deadline=None)
@given(tables(), some.data())
def test_a_lost_or_moved_line_never_makes_a_wrong_grade(
    made: tuple[dict[str, Grade], str], data: some.DataObject
) -> None:
    grades, text = made
    lines = text.split("\n")
    lost = lines.pop(data.draw(some.integers(0, len(lines) - 1)))
    if data.draw(some.booleans()) and lost.split()[0] not in ("Good", "Outstanding", "Inadequate", "Requires", "to"):
        lines.insert(data.draw(some.integers(0, len(lines))), lost)
    judgements = read_text(page("\n".join(lines))).judgements
    assert {area: grade for area, grade in judgements.items() if grade not in (None, grades.get(area))} == {}


@pytest.mark.corpus
def test_real_reports_agree_with_their_labels(corpus: Path) -> None:
    import csv

    authorities = Authorities.load()
    with (corpus / "reports" / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "ilacs_unspecified"]
    for row in rows[::6]:
        (finding,) = read_report(pages((corpus / "reports" / row["file"]).read_bytes()), authorities).findings
        expected = {area: row[area].replace(" ", "_") for area in (*FIVE, "in_care_and_care_leavers") if row[area]}
        assert finding.judgements == expected, row["file"]
        assert finding.inspected_from is not None
        assert finding.inspected_from.date == date.fromisoformat(row["inspection_start"])
