"""Area SEND: one of three outcomes by its sentence, tables read row by row, and the letters of 2016 to 2022."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from inspections.authorities import Authorities
from inspections.model import Authority, Finding, Kind, Outcome
from scraper.reports import send, text
from scraper.reports.text import Document
from tests.scraper.reports.made import FIXTURES, printed

COUNCILS = Authorities([Authority(code="990", name="Westmere"), Authority(code="991", name="Norhaven")])
BOX = """There are widespread and/or systemic failings leading to significant concerns about the 
experiences and outcomes of children and young people"""
GOOD = "The local area partnership’s arrangements typically lead to positive experiences and \noutcomes for children"
MIXED = "The local area partnership’s arrangements lead to inconsistent experiences and \noutcomes for children"


def read(name: str, *changes: tuple[str, str]) -> Finding:
    document = printed(name, *changes)
    assert send.recognises(document)
    finding = send.read(document, COUNCILS, None)
    assert isinstance(finding, Finding)
    return finding


def test_a_report_gives_every_field_with_its_words() -> None:
    finding = read("area-send-2024")
    assert (finding.kind, finding.authority) == (Kind.AREA_SEND, "Westmere")
    assert (finding.inspected_from, finding.inspected_to) == ("2023-12-11", "2023-12-15")
    assert finding.published_on is None
    assert finding.lead_inspector == "Tamsin Orchard"
    assert "previous inspection: 7 November 2016 to 11 November 2016" in finding.notes
    assert finding.evidence["outcome"].page == 1
    assert finding.evidence["improvements"].page == 3


@pytest.mark.parametrize(
    ("sentence", "outcome"),
    [(BOX, Outcome.SYSTEMIC_FAILINGS), (MIXED, Outcome.INCONSISTENT), (GOOD, Outcome.TYPICALLY_POSITIVE)],
)
def test_the_outcome_is_known_by_its_sentence(sentence: str, outcome: Outcome) -> None:
    assert read("area-send-2024", (BOX, sentence)).outcome is outcome


@pytest.mark.fault("D8")
def test_two_of_the_sentences_make_the_outcome_unknown() -> None:
    finding = read("area-send-2024", (BOX, BOX + ". " + GOOD))
    assert finding.outcome is None
    assert any("outcome is unknown" in note for note in finding.notes)


@pytest.mark.fault("R7")
def test_no_sentence_makes_the_outcome_unknown() -> None:
    finding = read("area-send-2024", (BOX, "There are strengths in what is done for children and young people"))
    assert finding.outcome is None
    assert "outcome" not in finding.evidence


def test_rows_of_both_tables_are_items_without_bodies_and_feet() -> None:
    finding = read("area-send-2024")
    assert finding.priority_action is True
    assert finding.priority_actions == (
        "Leaders across the partnership should act with urgency, so that young people are ready for adult life when they "
        "leave school. They should ensure that: ▪ annual reviews from Year 9 look ahead ▪ plans are shared.",
        "Leaders should urgently address the delays in issuing plans, so that every plan is issued in the time set by law.",
    )
    assert finding.improvements == (
        "Leaders across the partnership should hear families sooner when services are planned, and should say in plain "
        "words what came of it. This has to include how children take part. In particular, leaders should listen.",
        "Leaders across the partnership should make better use of what schools and clinics already know of each child, "
        "to ensure that: ▪ everyone works in a joined-up way ▪ they secure improvements to services.",
    )


def test_a_numbered_table_goes_by_its_numbers() -> None:
    numbered = (
        ("Leaders across the partnership should hear families", "1. Leaders should hear families"),
        ("Leaders across the partnership should make better use", "2. Leaders should make better use"),
    )
    finding = read("area-send-2024", *numbered)
    assert [item[:7] for item in finding.improvements] == ["Leaders", "Leaders"]


def test_without_its_table_there_is_no_priority_action() -> None:
    words = (FIXTURES / "area-send-2024.txt").read_text(encoding="utf-8")
    start, end = words.index("Areas for priority action\nResp"), words.index("Areas for improvement \n")
    document = Document.of((words[:start] + words[end:]).split("\f"))
    finding = send.read(document, COUNCILS, None)
    assert isinstance(finding, Finding)
    assert (finding.priority_action, len(finding.improvements)) == (False, 2)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("approximately three years", "approximately 3 years"), "2026-12"),
        (("approximately three years", "approximately five years"), "2028-12"),
        (("The next full \nreinspection will be", "The next full area SEND inspection will take place"), "2026-12"),
    ],
)
def test_the_next_inspection_is_expected_in_a_month(change: tuple[str, str], expected: str) -> None:
    deadlines = read("area-send-2024", change).deadlines
    assert deadlines == {"next_inspection": expected, "monitoring_inspection": "2025-06"}


@pytest.mark.parametrize(
    ("team", "lead"),
    [
        ("Tamsin Orchard, Ofsted Lead inspector Nia Osei, CQC Lead inspector", "Tamsin Orchard"),
        ("Tamsin Orchard HMI, Ofsted lead inspector\nNia Osei, CQC Lead inspector", "Tamsin Orchard"),
        ("Tamsin Orchard, HMI, Ofsted Lead inspector Nia Osei, CQC Lead inspector", "Tamsin Orchard"),
        ("Nia Osei, CQC Lead inspector\nMr Idris de Vale, Ofsted HMI, Lead Inspector", "Idris de Vale"),
        ("Nia Osei, CQC Lead inspector\nCallum Frey, CQC Inspector", None),
    ],
)
def test_the_lead_inspector_is_that_of_ofsted(team: str, lead: str | None) -> None:
    old = "Dr Tamsin Orchard, Ofsted HMI lead \ninspector\nNia Osei, CQC lead inspector"
    assert read("area-send-2024", (old, team)).lead_inspector == lead


def test_a_joint_area_gives_a_finding_for_each_authority() -> None:
    document = printed(
        "area-send-2024", ("of Westmere Local Area \nPartnership", "of Westmere and Norhaven Local \nArea Partnership")
    )
    findings = send.read(document, COUNCILS, None)
    assert isinstance(findings, list)
    assert [(finding.authority, finding.outcome) for finding in findings] == [
        ("Westmere", Outcome.SYSTEMIC_FAILINGS),
        ("Norhaven", Outcome.SYSTEMIC_FAILINGS),
    ]


def test_a_monitoring_inspection_has_no_outcome_and_sets_nothing_anew() -> None:
    finding = read("area-send-2024", ("Area SEND inspection of", "Area SEND monitoring inspection of"))
    assert (finding.kind, finding.outcome, finding.deadlines) == (Kind.AREA_SEND_MONITORING, None, {})
    assert (finding.priority_action, finding.priority_actions, finding.improvements) == (None, (), ())


def test_a_letter_that_asks_for_a_written_statement_says_so() -> None:
    finding = read("area-send-letter-2018")
    assert (finding.kind, finding.authority) == (Kind.AREA_SEND_2016, "Norhaven")
    assert (finding.inspected_from, finding.inspected_to) == ("2018-01-15", "2018-01-19")
    assert (finding.published_on, finding.lead_inspector) == ("2018-03-23", "Beatrix Lund")
    assert finding.outcome is Outcome.WRITTEN_STATEMENT_REQUIRED


ASKED = (
    (FIXTURES / "area-send-letter-2018.txt")
    .read_text(encoding="utf-8")
    .split("Act 2014.\n")[1]
    .split("Main findings")[0]
)


def test_the_demand_may_stand_at_the_end_of_the_letter() -> None:
    last = "Needs are identified late.\nThe local area is required to produce and submit a written statement of action to Ofsted."
    finding = read("area-send-letter-2018", (ASKED, ""), ("Needs are identified late.", last))
    assert finding.outcome is Outcome.WRITTEN_STATEMENT_REQUIRED


def test_a_whole_letter_that_asks_for_none_requires_none() -> None:
    assert read("area-send-letter-2018", (ASKED, "")).outcome is Outcome.WRITTEN_STATEMENT_NOT_REQUIRED


@pytest.mark.parametrize("lost", ["Yours sincerely\n", "The effectiveness of the local area in identifying"])
def test_a_letter_that_may_be_cut_leaves_it_unknown(lost: str) -> None:
    finding = read("area-send-letter-2018", (ASKED, ""), (lost, ""))
    assert finding.outcome is None
    assert any("is unknown" in note for note in finding.notes)


def test_a_revisit_is_not_mistaken_for_the_decision_that_it_quotes() -> None:
    finding = read("area-send-revisit-2020")
    assert (finding.inspected_from, finding.inspected_to) == ("2020-01-27", "2020-01-29")
    assert finding.outcome is Outcome.INSUFFICIENT_PROGRESS
    assert any("three of the four" in note for note in finding.notes)


PROGRESS = (
    (FIXTURES / "area-send-revisit-2020.txt").read_text(encoding="utf-8").split("2018.\nThe area ")[1].split("Yours")[0]
)


@pytest.mark.parametrize(
    ("sentence", "outcome"),
    [
        ("has made sufficient progress in addressing all of the significant weaknesses.", Outcome.SUFFICIENT_PROGRESS),
        ("has made sufficient progress in addressing five of the five weaknesses.", Outcome.SUFFICIENT_PROGRESS),
        ("has made sufficient progress in addressing three of the five weaknesses.", Outcome.INSUFFICIENT_PROGRESS),
        ("has not made sufficient progress in addressing any of the weaknesses.", Outcome.INSUFFICIENT_PROGRESS),
        ("has made sufficient progress in addressing three weaknesses.", None),
        ("has done much.", None),
    ],
)
def test_progress_is_sufficient_only_where_it_is_so_for_every_weakness(sentence: str, outcome: Outcome | None) -> None:
    assert read("area-send-revisit-2020", (PROGRESS, sentence + "\n")).outcome is outcome


def test_a_report_that_speaks_of_an_area_send_inspection_is_none() -> None:
    words = "Inspection of Westmere children’s services\nInspection dates: 1 to 5 July 2024\nThe Area SEND inspection of 2023 was read."
    assert not send.recognises(Document.of([words]))


@pytest.mark.corpus
def test_every_real_report_is_read_as_its_label_says(corpus: Path) -> None:
    authorities = Authorities.load()
    outcomes = {"1": Outcome.TYPICALLY_POSITIVE, "2": Outcome.INCONSISTENT, "3": Outcome.SYSTEMIC_FAILINGS}
    with (corpus / "reports" / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "area_send_full"]
    for row in rows:
        document = Document.of(text.pages((corpus / "reports" / row["file"]).read_bytes()))
        finding = send.read(document, authorities, None)
        known = authorities.find(row["authority"])
        assert isinstance(finding, Finding) and known
        assert finding.authority == known.name, row["file"]
        assert (finding.inspected_from, finding.inspected_to) == (row["inspection_start"], row["inspection_end"])
        assert finding.outcome is outcomes[row["send_outcome"][0]], row["file"]
        assert finding.lead_inspector == row["lead_inspector"], row["file"]
        assert len(finding.improvements) == int(row["count_of_areas_for_improvement"]), row["file"]
        assert len(finding.priority_actions) == int(row["count_priority_action"]), row["file"]
        assert "next_inspection" in finding.deadlines, row["file"]
    assert len(rows) == 14
