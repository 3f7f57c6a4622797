"""Letters on visits: whom they name, when the visit was, what it demands; and never a grade."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from inspections.authorities import Authorities
from inspections.model import Authority, Finding, Kind
from scraper.reports import letters, text
from scraper.reports.text import Document
from tests.scraper.reports.made import printed

COUNCILS = Authorities(
    [
        Authority(code="990", name="Westmere", aliases=("Westmere Children’s Trust",)),
        Authority(code="991", name="Norhaven"),
        Authority(code="992", name="St. Brannoc"),
    ]
)
OPENING = "focused visit to Westmere Borough Council \nchildren’s services on 30 April and 1 May 2024."


def read(name: str, *changes: tuple[str, str]) -> Finding:
    document = printed(name, *changes)
    assert letters.recognises(document)
    return letters.read(document, COUNCILS, None)


def test_a_focused_visit_letter_gives_every_field_with_its_words() -> None:
    finding = read("focused-visit-2024")
    assert finding.kind is Kind.FOCUSED_VISIT
    assert (finding.authority, finding.provider) == ("Westmere", None)
    assert (finding.inspected_from, finding.inspected_to) == ("2024-04-30", "2024-05-01")
    assert (finding.published_on, finding.published_origin) == ("2024-06-14", "document")
    assert finding.lead_inspector == "Tamsin Orchard"
    assert finding.certainty == "published"
    assert set(finding.evidence) == {
        "kind", "authority", "inspected_from", "inspected_to", "published_on", "lead_inspector", "theme",
        "priority_action", "improvements",
    }  # fmt: skip
    assert (finding.evidence["improvements"].page, finding.evidence["lead_inspector"].page) == (2, 3)


def test_improvements_are_the_items_of_their_list_without_feet_or_the_bullets_of_the_theme() -> None:
    assert read("focused-visit-2024").improvements == (
        "Pathway plans, so that they keep pace with the circumstances of every young person. "
        "(outcome 2, national framework)",
        "The clarity of the local offer.",
        "Visits that follow need rather than a timetable, and their recording in multi-agency plans.",
    )


def test_the_bullets_below_the_theme_belong_to_it() -> None:
    assert read("focused-visit-2024").theme == (
        "care leavers aged 18 to 25, with a particular focus on: the plans that care leavers make with their advisers; "
        "the offer made to care leavers, and what they know of it"
    )


def test_no_grade_is_ever_read_from_a_letter() -> None:
    for name in (
        "focused-visit-2024",
        "focused-visit-priority-2021",
        "focused-visit-covid-2021",
        "monitoring-visit-2022",
    ):
        finding = read(name)
        assert (finding.judgements, finding.previous, finding.outcome) == ({}, {}, None)


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        ("on 30 April 2024", "2024-04-30", "2024-04-30"),
        ("on 30 April to 1 May 2024", "2024-04-30", "2024-05-01"),
        ("on the 29 and 30 of April 2024", "2024-04-29", "2024-04-30"),
        ("between 29 and 30 April 2024", "2024-04-29", "2024-04-30"),
        ("on 22–23 April 2024", "2024-04-22", "2024-04-23"),
        ("on 23, 24 and 30 April 2024", "2024-04-23", "2024-04-30"),
        ("on 23 and 24 April, and 2 May 2024", "2024-04-23", "2024-05-02"),
        ("on 30 April and 1 May", "2024-04-30", "2024-05-01"),
    ],
)
def test_the_days_of_a_visit_are_read_however_they_are_written(days: str, first: str, last: str) -> None:
    finding = read("focused-visit-2024", ("on 30 April and 1 May 2024", days))
    assert (finding.inspected_from, finding.inspected_to) == (first, last)
    assert finding.authority == "Westmere"


def test_a_year_that_is_not_printed_is_that_of_the_letter_and_noted() -> None:
    finding = read(
        "focused-visit-2024",
        ("on 30 April and 1 May 2024", "on 11 and 12 December"),
        ("14 June 2024", "17 January 2024"),
    )
    assert (finding.inspected_from, finding.inspected_to) == ("2023-12-11", "2023-12-12")
    assert any("year of the visit is not printed" in note for note in finding.notes)


def test_a_first_day_with_the_wrong_year_is_unknown_and_noted() -> None:
    finding = read("focused-visit-2024", ("on 30 April and 1 May 2024", "on 30 April 2023 to 1 May 2024"))
    assert (finding.inspected_from, finding.inspected_to) == (None, "2024-05-01")
    assert "inspected_from" not in finding.evidence
    assert any("30 April 2023 to 1 May 2024" in note for note in finding.notes)


def test_a_letter_dated_before_its_visit_has_no_publication_date() -> None:
    finding = read("focused-visit-2024", ("14 June 2024", "14 June 2023"))
    assert (finding.published_on, finding.inspected_to) == (None, "2024-05-01")
    assert any("2023-06-14" in note and "2024-05-01" in note for note in finding.notes)


@pytest.mark.parametrize("days", ["16 May 2024", "2 September 2024"])
def test_a_lag_that_no_letter_had_is_noted(days: str) -> None:
    finding = read("focused-visit-2024", ("14 June 2024", days))
    assert finding.published_on is not None
    assert any("days after the visit" in note for note in finding.notes)


@pytest.mark.parametrize("line", ["", "14 June 20245"])
def test_a_letter_without_a_readable_date_has_none(line: str) -> None:
    finding = read("focused-visit-2024", ("14 June 2024 ", line))
    assert finding.published_on is None
    assert any("no letter date was read" in note for note in finding.notes)


@pytest.mark.parametrize(
    "named",
    [
        "Westmere \nchildren’s services on",
        "the London Borough of Westmere local authority \nchildren’s services on",
        "Westmere MBC children's services on",
        "Westmere local \nauthority children’s services on",
        "Westmere Council on",
        "Westmere children and young people’s services on",
        "City of Westmere council children’s social care services on",
    ],
)
def test_an_authority_is_found_in_every_form_of_its_name(named: str) -> None:
    finding = read("focused-visit-2024", ("Westmere Borough Council \nchildren’s services on", named))
    assert (finding.authority, finding.provider) == ("Westmere", None)


def test_a_name_with_a_full_stop_does_not_end_the_opening_sentence() -> None:
    finding = read(
        "focused-visit-2024",
        ("Westmere Borough Council \nchildren’s services on", "St. Brannoc children’s services on"),
    )
    assert (finding.authority, finding.inspected_to) == ("St. Brannoc", "2024-05-01")


def test_a_trust_is_the_provider_and_its_council_the_authority() -> None:
    finding = read(
        "focused-visit-2024", ("Westmere Borough Council \nchildren’s services on", "Westmere Children’s Trust on")
    )
    assert (finding.authority, finding.provider) == ("Westmere", "Westmere Children’s Trust")


def test_a_trust_that_names_no_council_belongs_to_the_one_that_the_letter_is_addressed_to() -> None:
    finding = read(
        "focused-visit-2024",
        ("Westmere Borough Council \nchildren’s services on", "Bright Harbour Children’s Trust on"),
    )
    assert (finding.authority, finding.provider) == ("Westmere", "Bright Harbour Children’s Trust")
    assert any("Bright Harbour" in note for note in finding.notes)


def test_dates_may_stand_before_the_name() -> None:
    changed = "focused visit on 30 April and 1 May 2024 to Westmere Borough Council, who delegate services to a trust."
    finding = read("focused-visit-2024", (OPENING, changed))
    assert (finding.authority, finding.inspected_from) == ("Westmere", "2024-04-30")


def test_an_authority_in_no_table_keeps_its_printed_name_and_is_noted() -> None:
    finding = read(
        "focused-visit-2024", ("Westmere Borough Council \nchildren’s services on", "Farholm children’s services on")
    )
    assert finding.authority == "Farholm"
    assert any("'Farholm'" in note for note in finding.notes)


@pytest.mark.parametrize(
    ("change", "lead"),
    [
        (("Yours sincerely\n", "Your sincerely,\n"), "Tamsin Orchard"),
        (("Yours sincerely\n", ""), "Tamsin Orchard"),
        (("Tamsin Orchard\nHis Majesty", "Tamsin O’Neill-Orchard \nHis Majesty"), "Tamsin O’Neill-Orchard"),
        (("Tamsin Orchard\nHis Majesty’s Inspector", "Tamsin Orchard, HMI"), "Tamsin Orchard"),
        (("Tamsin Orchard\nHis Majesty’s Inspector", ""), None),
    ],
)
def test_the_signatory_led_the_visit(change: tuple[str, str], lead: str | None) -> None:
    assert read("focused-visit-2024", change).lead_inspector == lead


def test_priority_action_set_anew_beside_earlier_ones_is_new() -> None:
    finding = read("focused-visit-priority-2021")
    assert finding.priority_action is True
    assert finding.priority_actions == (
        "Visits to children in proportion to risk.",
        "Timely escalation to pre-proceedings.",
    )
    assert finding.improvements == ("The size of caseloads.",)


def test_the_action_plan_is_due_seventy_working_days_after_the_letter() -> None:
    finding = read("focused-visit-priority-2021")
    assert finding.deadlines == {"action_plan": "2022-03-16"}  # over Christmas 2021, with its two substitute days
    assert "70 working days" in finding.evidence["deadlines.action_plan"].text


def test_no_deadline_is_made_up_where_the_letter_states_none() -> None:
    assert read("focused-visit-priority-2021", ("within 70 working days of", "soon after")).deadlines == {}
    assert read("focused-visit-2024").deadlines == {}


LEAD_IN = """In addition to addressing the two priority actions not resolved following the last 
focused visit, the local authority needs to take swift and decisive action to address 
the following areas of weakness:
◼ Visits to children in proportion to risk.
◼ Timely escalation to pre-proceedings.
"""


@pytest.mark.parametrize(
    ("below", "state", "note"),
    [
        ("There are no priority actions arising from this visit.\n", False, "there are none"),
        ("◼ There are no areas for priority action\n", False, "there are none"),
        (
            "The areas for priority action set at the last focused visit in May 2020 remain:\n◼ Visits.\n",
            False,
            "carried over",
        ),
        ("There are no new priority actions. Those of 2020 are:\n◼ Visits.\n◼ Plans.\n", False, "there are none"),
        (
            "The areas for priority action identified at our visit in May 2020 remain in place:\n◼ Visits.\n",
            False,
            "carried",
        ),
        ("", None, "unknown"),
    ],
)
def test_the_heading_on_priority_action_alone_says_nothing(below: str, state: bool | None, note: str) -> None:
    finding = read("focused-visit-priority-2021", (LEAD_IN, below))
    assert finding.priority_action is state
    assert finding.priority_actions == ()
    assert any(note in each for each in finding.notes)


def test_actions_set_beside_earlier_ones_that_remain_are_new() -> None:
    lead = "In addition to those set at the last focused visit, which remain, the council needs to take swift action on:\n◼ Visits.\n"
    finding = read("focused-visit-priority-2021", (LEAD_IN, lead))
    assert (finding.priority_action, finding.priority_actions) == (True, ("Visits.",))


def test_priority_actions_told_of_without_their_heading_are_unknown() -> None:
    finding = read("focused-visit-priority-2021", ("Areas for priority action\n" + LEAD_IN, ""))
    assert finding.priority_action is None
    assert any("no heading names them" in note for note in finding.notes)


def test_history_that_begins_a_line_is_no_heading() -> None:
    finding = read("focused-visit-2024", ("Areas for priority action identified in 2022", "areas for priority action"))
    assert finding.priority_action is False


def test_improvements_in_prose_are_noted_and_not_listed() -> None:
    listed = "◼ The size of caseloads."
    finding = read(
        "focused-visit-priority-2021", (listed, "The areas found at the last inspection remain to be improved.")
    )
    assert finding.improvements == ()
    assert any("is prose, not a list" in note for note in finding.notes)


@pytest.mark.parametrize(
    "heading",
    [
        "What needs to improve in this area of social work practice",
        "What needs to improve in this area of practice:",
        "What needs to improve in this area of social work practice?1",
        "What needs to improve in this area of social work\npractice?",
        "Areas for improvement:",
    ],
)
def test_the_list_is_found_below_each_form_of_its_heading(heading: str) -> None:
    finding = read("focused-visit-2024", ("What needs to improve in this area of social work practice?", heading))
    assert len(finding.improvements) == 3


@pytest.mark.parametrize("bullet", ["\uf06e", "\uf0a7", "•", "▪", "o"])
def test_items_are_found_by_whatever_bullet(bullet: str) -> None:
    assert len(read("focused-visit-2024", ("◼", bullet)).improvements) == 3


def test_a_page_that_begins_with_a_heading_is_read_as_any_other() -> None:
    broken = read("focused-visit-priority-2021", ("Areas for priority action\n", "\fAreas for priority action\n"))
    whole = read("focused-visit-priority-2021")
    assert (broken.priority_actions, broken.improvements) == (whole.priority_actions, whole.improvements)


def test_a_visit_of_the_pandemic_to_all_services_has_the_whole_service_for_its_theme() -> None:
    finding = read("focused-visit-covid-2021")
    assert (finding.kind, finding.theme) == (Kind.FOCUSED_VISIT, letters.WHOLE_SERVICE)


def test_a_visit_of_the_pandemic_with_a_theme_keeps_it() -> None:
    added = (
        "What needs to improve",
        "Inspectors looked at the local authority’s arrangements for care leavers.\nWhat needs to improve",
    )
    assert read("focused-visit-covid-2021", added).theme == "care leavers"


def test_the_senders_address_is_in_no_item_even_where_it_wraps() -> None:
    finding = read(
        "focused-visit-2024",
        ("Headline findings\n", "What needs to improve\n◼ Visits that follow need,\n"),
        ("Since the last inspection, when services were judged to be inadequate, leaders have \n", ""),
        ("made steady progress. Senior leaders know their services well.\n", "and that are recorded\n"),
        ("Textphone 0161 618 8524", "Textphone 0161 618\n8524"),
    )
    assert finding.improvements == ("Visits that follow need, and that are recorded",)


def test_a_monitoring_letter_tells_the_judgement_that_it_follows_and_lists_no_old_concern() -> None:
    finding = read("monitoring-visit-2022")
    assert (finding.kind, finding.authority) == (Kind.MONITORING_VISIT, "Norhaven")
    assert (finding.inspected_from, finding.inspected_to) == ("2022-10-04", "2022-10-05")
    assert (finding.improvements, finding.priority_actions, finding.priority_action) == ((), (), False)
    assert finding.theme == "the ‘front door’"
    assert "second monitoring visit since the inspection of December 2021 judged it inadequate" in finding.notes


def test_an_assurance_visit_is_one_where_the_letter_says_so() -> None:
    finding = read("focused-visit-2024", ("of the focused visit", "of the assurance visit"))
    assert finding.kind is Kind.ASSURANCE_VISIT


def test_without_its_opening_sentence_a_letter_says_its_kind_by_its_title_and_no_days() -> None:
    finding = read(
        "focused-visit-2024", ("This letter summarises the findings of the focused visit", "Inspectors visited")
    )
    assert (finding.kind, finding.authority, finding.inspected_from) == (Kind.FOCUSED_VISIT, "Westmere", None)


def test_the_title_is_one_line_and_does_not_decide_where_it_is_torn() -> None:
    assert (
        letters.title(printed("focused-visit-2024")) == "Focused visit to Westmere Borough Council children’s services"
    )
    torn = ("Focused visit to Westmere Borough Council children’s \nservices", "WM1 4QX visit to Westmere\nFocused")
    assert read("focused-visit-2024", torn).kind is Kind.FOCUSED_VISIT


def test_a_document_that_only_mentions_a_focused_visit_is_none() -> None:
    words = "Inspection of Westmere children’s services\nAt the focused visit to Westmere in 2022 leaders were new."
    assert not letters.recognises(Document.of([words]))


@pytest.mark.corpus
def test_every_real_letter_is_read_as_its_label_says(corpus: Path) -> None:
    authorities = Authorities.load()
    missed = []
    with (corpus / "reports" / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"].startswith("focused_visit")]
    for row in rows:
        document = Document.of(text.pages((corpus / "reports" / row["file"]).read_bytes()))
        finding = letters.read(document, authorities, None)
        known = authorities.find(row["authority"])
        expected = (
            known.name if known else None,
            row["inspection_start"],
            row["inspection_end"],
            row["has_priority_action"] == "1",
        )
        got = (finding.authority, finding.inspected_from, finding.inspected_to, finding.priority_action)
        if got != expected or (finding.published_on != row["published"] and row["published_source"] == "document"):
            missed.append((row["file"], expected, got, finding.published_on))
        assert finding.lead_inspector and not finding.judgements
        assert len(finding.priority_actions) == int(row["count_priority_action"])
    assert len(rows) > 100
    assert missed == []
