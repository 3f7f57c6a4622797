"""Pages before an outcome and after it: which are kept, and what they never state."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from inspections.authorities import Authorities
from inspections.model import Certainty, Claim, Grade, State
from inspections.resolve import resolve
from scraper import article
from scraper.announcements import cues, occasions, told_again
from scraper.model import Page, Reading

FIXTURES = Path(__file__).parents[3] / "fixtures"


@pytest.fixture(scope="module")
def table() -> Authorities:
    return Authorities.load(FIXTURES / "authorities.csv")


def read(table: Authorities, text: str, fetched_on: date | None = None) -> Reading:
    return article.read(Page(body=text.encode(), content_type="text/plain", fetched_on=fetched_on), None, table)


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("Ofsted inspectors are in Marlshire this week.", True),
        ("Ofsted has begun its inspection.", True),
        ("Ofsted will visit the council next week.", True),
        ("The council is to be inspected by Ofsted this week.", True),
        ("Ofsted has told us that it will inspect.", False),
        ("We have been notified of an Ofsted inspection.", True),
        ("The report is expected in May.", True),
        ("The council awaits the Ofsted report.", True),
        ("Ofsted has still not published its report.", True),
        ("We should be graded on 11 October.", True),
        ("We are preparing for Ofsted.", False),
        ("Ofsted could visit at any time.", False),
        ("The council is due an inspection.", False),
        ("An inspection is likely next year.", False),
        ("Ofsted is here for the annual conversation.", False),
        ("Ofsted is here for a mock inspection.", False),
    ],
)
def test_an_inspection_is_known_of_only_where_it_is_called_or_under_way(sentence: str, kept: bool) -> None:
    assert told_again.foretold(cues.sentences(None, sentence)).kept is kept


@pytest.mark.parametrize(
    ("text", "latest", "first", "last"),
    [
        ("Inspectors will visit from 3 March.", date(2025, 2, 20), "2025-03-03", "2025-03-03"),
        ("Inspectors will visit from 5 January.", date(2025, 12, 20), "2026-01-05", "2026-01-05"),
        ("The Ofsted inspection began. It began on 12 May and will end on 23 May.", date(2025, 5, 13), "2025-05-12",
         "2025-05-23"),
        ("Inspectors will be here from 3 to 14 March.", None, "XXXX-03-03", "XXXX-03-14"),
    ],
)  # fmt: skip
def test_the_days_of_an_inspection_to_come_count_forward(text: str, latest: date | None, first: str, last: str) -> None:
    found = told_again.coming(cues.sentences(None, text), latest)
    assert found
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["Ofsted will publish its report on 3 March.", "Inspectors are in Marlshire, last rated good on 3 March 2021.",
     "Ofsted will visit; the council meets on 3 March."],
)  # fmt: skip
def test_other_days_are_not_the_inspections(text: str) -> None:
    assert told_again.coming(cues.sentences(None, text), date(2025, 2, 20)) is None


def test_grades_named_before_an_outcome_are_earlier_ones_or_none(table: Authorities) -> None:
    (standing,) = read(
        table, "Inspectors are here\nOfsted is inspecting Marlshire’s children’s services, which are rated good."
    ).findings
    assert (standing.certainty, standing.judgements) == (Certainty.BEFORE, {})
    (leaked,) = read(
        table, "Leaked report\nA leaked draft report by Ofsted rates Marlshire’s children’s services inadequate."
    ).findings
    assert (leaked.certainty, leaked.judgements, leaked.previous) == (Certainty.BEFORE, {}, {})


def test_an_expected_day_is_a_note_and_no_day_of_publication(table: Authorities) -> None:
    text = "Ofsted report awaited\nThe Ofsted report on Marlshire’s children’s services is expected on 3 May 2025."
    (finding,) = read(table, text).findings
    assert finding.published_on is None
    assert any(note.startswith("the outcome is awaited: “The Ofsted report") for note in finding.notes)


@pytest.mark.parametrize(
    "text",
    [
        "Inspection under way\nOfsted is inspecting our area. Inspectors of children’s services are on site.",
        "Ofsted in Marlshire\nOfsted inspectors are in Marlshire this week.",
        "Ofsted to visit school\nOfsted inspectors will visit a primary school in Marlshire this week.",
        "Director retires\nMarlshire’s children’s services director retires. Ofsted rated them good earlier this year.",
        "£3m boost\nMarlshire is to invest £3m in children’s services that Ofsted rated inadequate last year.",
    ],
)
def test_without_kind_authority_or_an_outcome_as_subject_nothing_is_kept(table: Authorities, text: str) -> None:
    reading = read(table, text)
    assert reading.findings == ()
    assert reading.notes


def test_a_page_before_opens_an_ungraded_case_and_a_page_after_opens_none(table: Authorities) -> None:
    before = read(table, "Inspectors are here\nOfsted is inspecting Marlshire’s children’s services.")
    after = read(
        table, "Scrutiny hears\nThe scrutiny committee considered the Ofsted report that rated Eastmere’s children’s"
        " services as good.",
    )  # fmt: skip
    claims = [
        Claim(
            id=f"f{index}", seq=index, source="own", ref=str(index), title="", url="", official=False,
            published_on=None, seen_on=date(2025, 5, 13), finding=reading.findings[0],
        )
        for index, reading in enumerate((before, after))
    ]  # fmt: skip
    assert [claim.finding.certainty for claim in claims] == [Certainty.BEFORE, Certainty.AFTER]
    (case,) = resolve(claims[:1], [], date(2025, 5, 13))
    assert (case.state, case.judgements, case.certainty) == (State.UNDER_WAY, {}, Certainty.BEFORE)
    assert resolve(claims[1:], [], date(2025, 5, 13)) == []


def test_the_grades_that_a_later_page_restates_are_bound_as_ever(table: Authorities) -> None:
    (finding,) = read(
        table, "Cabinet considers report\nCabinet considered the Ofsted report on Eastmere’s children’s services. They were"
        " rated good overall and outstanding for care leavers, up from requires improvement.",
    ).findings  # fmt: skip
    assert finding.certainty == Certainty.AFTER
    assert finding.judgements == {"overall": Grade.GOOD, "care_leavers": Grade.OUTSTANDING}
    assert finding.previous == {"overall": Grade.REQUIRES_IMPROVEMENT}


@pytest.mark.parametrize(
    ("words", "year"),
    [
        ("The inspection took place in September.", "2026"),
        ("The inspection took place in September last year.", "XXXX"),
        ("The inspection took place in September, a year ago.", "XXXX"),
        ("The inspection took place in September. It was inadequate four years ago, in 2021.", "XXXX"),
        ("The inspection took place in September. It was inadequate four years ago, in 2022.", "2026"),
        ("The inspection took place in September. It was inadequate in 2021.", "2026"),
        ("The inspection took place in September. The report was published on Wednesday 22 November.", "2023"),
        ("The inspection took place in September this year, 2024.", "XXXX"),
    ],
)
def test_a_late_fetch_gives_no_year_to_what_the_text_calls_past(words: str, year: str) -> None:
    read = cues.sentences("Ofsted report", words)
    found = occasions.occasions(read, None, date(2026, 11, 22)).inspected
    assert found
    assert found.first == f"{year}-09"


def test_what_is_told_only_by_the_way_is_undecided_and_a_lead_of_its_own_is_not(table: Authorities) -> None:
    aside = (
        "Offices approved\nNew offices in Marlshire will house children’s services that Ofsted said this week require"
        " improvement."
    )
    (finding,) = read(table, aside).findings
    assert finding.certainty == Certainty.UNDECIDED
    told = (
        "Change in Marlshire\nOfsted has rated Marlshire’s children’s services inadequate in a report published this"
        " week."
    )
    (finding,) = read(table, told).findings
    assert finding.certainty == Certainty.ANNOUNCED
