"""Joint targeted area inspections, in the form of 2016 to 2020 and that of 2022."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from inspections.authorities import Authorities
from inspections.model import Authority, Finding, Kind
from scraper.reports import jtai, text
from scraper.reports.text import Document
from tests.scraper.reports.made import printed

COUNCILS = Authorities(
    [
        Authority(code="990", name="Westmere"),
        Authority(code="991", name="Norhaven"),
        Authority(code="992", name="St. Brannoc"),
    ]
)


def read(name: str, *changes: tuple[str, str]) -> Finding:
    document = printed(name, *changes)
    assert jtai.recognises(document)
    finding = jtai.read(document, COUNCILS, None)
    assert isinstance(finding, Finding)
    return finding


def test_the_newer_form_gives_every_field() -> None:
    finding = read("jtai-2024")
    assert (finding.kind, finding.authority, finding.lead_inspector) == (Kind.JTAI, "Westmere", None)
    assert (finding.inspected_from, finding.inspected_to) == ("2024-03-18", "2024-03-22")
    assert (finding.published_on, finding.published_origin) == ("2024-05-17", "document")
    assert finding.theme == "serious youth violence"
    assert finding.deadlines == {"written_statement": "2024-08-27"}
    assert (finding.judgements, finding.outcome) == ({}, None)


def test_demands_of_the_newer_form_end_at_the_next_heading() -> None:
    finding = read("jtai-2024")
    assert finding.improvements == (
        "The response of the emergency duty team to incidents at night.",
        "Waits for mental health assessments.",
    )
    assert finding.priority_action is True
    assert finding.priority_actions == ("The partnership must agree at once who leads when children go missing.",)


def test_without_that_heading_there_is_no_priority_action() -> None:
    heading = "Areas for priority action\n◼ The partnership must agree at once who leads when children go missing.\n"
    assert read("jtai-2024", (heading, "")).priority_action is False


def test_the_older_form_gives_every_field() -> None:
    finding = read("jtai-2017")
    assert (finding.kind, finding.authority) == (Kind.JTAI, "Norhaven")
    assert finding.published_on == "2017-03-09"
    assert finding.theme == "children living with domestic abuse"
    assert finding.deadlines == {"written_statement": "2017-06-20"}


def test_days_without_a_year_take_that_of_the_letter() -> None:
    finding = read("jtai-2017")
    assert (finding.inspected_from, finding.inspected_to) == ("2017-01-09", "2017-01-13")
    assert any("year of the inspection is not printed" in note for note in finding.notes)


def test_an_inspection_before_new_year_is_of_the_year_before_its_letter() -> None:
    finding = read("jtai-2017", ("Between 9 and 13 January,", "Between 12 and 16 December,"))
    assert (finding.inspected_from, finding.inspected_to) == ("2016-12-12", "2016-12-16")


def test_an_item_that_says_there_are_no_priority_actions_is_none() -> None:
    finding = read("jtai-2017")
    assert (finding.priority_action, finding.priority_actions) == (False, ())


def test_headings_between_items_are_no_part_of_them() -> None:
    assert read("jtai-2017").improvements == (
        "Risk is not always seen early, because information from schools reaches the hub late and in part.",
        "Strategy discussions lack health partners and do not weigh all that is known.",
        "Audits do not involve all agencies.",
    )


def test_a_theme_in_the_title_is_taken_before_that_of_the_text() -> None:
    finding = read(
        "jtai-2017",
        (
            "multi-agency response to abuse and\nneglect in Norhaven\nBetween",
            "multi-agency response to sexual\nabuse in the family in Norhaven\nBetween",
        ),
    )
    assert finding.theme == "sexual abuse in the family"


def test_an_area_that_the_title_does_not_name_is_read_from_the_sentence_on_agencies() -> None:
    finding = read(
        "jtai-2017",
        ("neglect in Norhaven\nBetween", "neglect of children missing from home, care or education\nBetween"),
    )
    assert finding.authority == "Norhaven"


def test_a_full_stop_in_a_name_does_not_end_it() -> None:
    assert read("jtai-2017", ("agencies in\nNorhaven.", "agencies in\nSt. Brannoc.")).authority == "St. Brannoc"


def test_an_area_that_only_the_title_names_is_read_from_there() -> None:
    finding = read("jtai-2017", ("of individual agencies in\nNorhaven.", "of all agencies."))
    assert finding.authority == "Norhaven"


def test_a_joint_area_gives_a_finding_for_each_authority() -> None:
    document = printed("jtai-2024", ("inspection of Westmere\n", "inspection of Westmere and Norhaven\n"))
    findings = jtai.read(document, COUNCILS, None)
    assert isinstance(findings, list)
    assert [finding.authority for finding in findings] == ["Westmere", "Norhaven"]
    assert all("joint area, Westmere and Norhaven" in finding.notes[-1] for finding in findings)


def test_a_box_inside_the_list_is_noted() -> None:
    finding = read("jtai-2017", ("all agencies.\nCase study", "all\nCase study"))
    assert any("a box stands inside the list" in note for note in finding.notes)
    assert not any("a box stands" in note for note in read("jtai-2017").notes)


def test_the_title_is_put_together_from_its_lines() -> None:
    expected = "Joint targeted area inspection of the multi-agency response to abuse and neglect in Norhaven"
    assert jtai.title(printed("jtai-2017")) == expected


def test_another_kind_that_speaks_of_such_an_inspection_is_not_one() -> None:
    words = (
        "Inspection of Westmere local authority children’s services\nInspection dates: 1 to 5 July 2024\n"
        "The joint targeted area inspection of Westmere took place from 4 to 8 March 2024. It was good."
    )
    assert not jtai.recognises(Document.of([words]))


@pytest.mark.corpus
def test_every_real_letter_is_read_as_its_label_says(corpus: Path) -> None:
    authorities = Authorities.load()
    with (corpus / "reports" / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "jtai"]
    for row in rows:
        document = Document.of(text.pages((corpus / "reports" / row["file"]).read_bytes()))
        finding = jtai.read(document, authorities, None)
        known = authorities.find(row["authority"])
        assert isinstance(finding, Finding) and known
        assert finding.authority == known.name, row["file"]
        assert (finding.inspected_from, finding.inspected_to) == (row["inspection_start"], row["inspection_end"])
        assert (finding.published_on, finding.priority_action) == (row["published"], row["has_priority_action"] == "1")
        assert "written_statement" in finding.deadlines, row["file"]
        if row["count_of_areas_for_improvement"]:
            assert len(finding.improvements) == int(row["count_of_areas_for_improvement"]), row["file"]
    assert len(rows) == 15
