"""Many pages, one event: the seeds' own story, its near-misses, and every order of arrival."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from inspections.compare import changes, contrasts, events
from inspections.days import Day
from inspections.model import Certainty, Claim, Evidence, Finding, Grade, Inspection, Kind, Overrule, State
from inspections.resolve import group_of, resolve

GOOD, RI, INADEQUATE = Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE
TODAY = date(2025, 5, 1)
SPLIT = ("leaders", "help_protection", "in_care", "care_leavers", "overall")
_ids = iter(range(10**6))


def claim(
    kind: Kind, certainty: Certainty, *, page: str | None = None, seen: str = "2025-04-23", source: str = "", id: str = "",
    **finding: Any,
) -> Claim:  # fmt: skip
    official = certainty == Certainty.PUBLISHED
    number = next(_ids)
    finding = {key: Day(value) if key.endswith(("_on", "_from", "_to")) else value for key, value in finding.items()}
    if official:
        finding.setdefault("evidence", {"kind": Evidence(text="Inspection of", page=1)})
    return Claim(
        id=id or f"c{number}", seq=number, source=source or ("ofsted-80999" if official else "newsroom"),
        ref=str(50000000 + number), title="A page", url=f"https://example.org/{number}", official=official,
        published_on=Day(page) if page else None, seen_on=date.fromisoformat(seen),
        finding=Finding(kind=kind, authority="Marlshire", certainty=certainty, **finding),
    )  # fmt: skip


def report(start: str, end: str, page: str, grades: Any = GOOD, kind: Kind = Kind.ILACS, **more: Any) -> Claim:
    judgements = grades if isinstance(grades, dict) else dict.fromkeys(SPLIT, grades)
    if kind != Kind.ILACS:
        judgements = {}
    return claim(
        kind, Certainty.PUBLISHED, page=page, inspected_from=start, inspected_to=end, judgements=judgements, **more
    )


def story(*claims: Claim, on: date = TODAY, overrules: tuple[Overrule, ...] = ()) -> list[Inspection]:
    return resolve(claims, overrules, on)


def test_an_announcement_of_the_month_and_the_report_of_the_days_are_one_inspection() -> None:
    said = claim(
        Kind.ILACS, Certainty.ANNOUNCED, seen="2025-04-24", published_on="XXXX-04-23", inspected_from="XXXX-03",
        inspected_to="XXXX-03", judgements={"overall": GOOD, "all": GOOD},
    )  # fmt: skip
    found = report("2025-03-03", "2025-03-14", "2025-04-23", {**dict.fromkeys(SPLIT, GOOD), "care_leavers": RI})
    (inspection,) = story(said, found)
    assert inspection.id == said.id
    assert inspection.state == State.PUBLISHED
    assert inspection.judgements["care_leavers"] == RI
    assert inspection.published_on == "2025-04-23"
    assert inspection.inspected_from == "2025-03-03"


def test_until_the_report_comes_the_inspection_is_provisional_and_says_what_was_announced() -> None:
    said = claim(Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-23", judgements={"overall": GOOD})
    copy = claim(Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-25", source="blog", judgements={"overall": GOOD})
    (inspection,) = story(copy, said)
    assert inspection.state == State.ANNOUNCED
    assert inspection.judgements == {"overall": GOOD}
    assert inspection.published_on == "2025-04-23"


def test_announcements_that_differ_leave_the_grade_unknown_and_say_so() -> None:
    said = claim(Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-23", judgements={"overall": GOOD})
    other = claim(Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-23", source="blog", judgements={"overall": RI})
    (inspection,) = story(said, other)
    assert inspection.judgements == {"overall": None}
    assert any("differ" in note for note in inspection.notes)


def test_two_visits_of_one_kind_in_one_spring_stay_two() -> None:
    first = report("2025-01-07", "2025-01-08", "2025-02-11", kind=Kind.FOCUSED_VISIT)
    second = report("2025-04-01", "2025-04-02", "2025-04-29", kind=Kind.FOCUSED_VISIT)
    said = claim(Kind.FOCUSED_VISIT, Certainty.ANNOUNCED, page="2025-04-29", seen="2025-04-29")
    assert [len(one.claims) for one in story(said, first, second)] == [1, 2]


def test_two_kinds_in_one_week_stay_two() -> None:
    ilacs = report("2025-03-03", "2025-03-14", "2025-04-23")
    send = claim(Kind.AREA_SEND, Certainty.ANNOUNCED, page="2025-04-24")
    assert len(story(ilacs, send)) == 2


def test_a_visit_called_inspection_joins_the_letter_while_it_names_no_grade() -> None:
    letter = report("2025-03-03", "2025-03-04", "2025-04-23", kind=Kind.FOCUSED_VISIT)
    said = claim(Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-23")
    graded = claim(Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-23", judgements={"overall": GOOD})
    assert len(story(letter, said)) == 1
    assert len(story(letter, graded)) == 2


def test_stated_dates_that_do_not_fit_keep_a_page_apart_from_a_report_of_the_same_day() -> None:
    found = report("2025-03-03", "2025-03-14", "2025-04-23")
    old = claim(
        Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-23", inspected_from="2022-01", judgements={"overall": RI}
    )
    assert len(story(found, old)) == 2


def test_a_page_that_recalls_an_outcome_opens_nothing_and_attaches_where_it_belongs() -> None:
    found = report("2024-03-04", "2024-03-15", "2024-04-23")
    after = claim(Kind.ILACS, Certainty.AFTER, page="2025-02-01", judgements={"overall": GOOD})
    assert story(after) == []
    (inspection,) = story(after, found)
    assert after.id in inspection.claims


def test_a_page_before_the_outcome_opens_a_case_without_a_grade_whose_report_falls_due() -> None:
    before = claim(Kind.ILACS, Certainty.BEFORE, page="2025-03-03", seen="2025-03-03", inspected_from="2025-03-03",
                   inspected_to="2025-03-14")  # fmt: skip
    states = [story(before, on=day)[0].state for day in (date(2025, 3, 10), date(2025, 4, 1), date(2025, 7, 10))]
    assert states == [State.UNDER_WAY, State.DUE, State.OVERDUE]
    assert story(before)[0].judgements == {}
    (inspection,) = story(before, report("2025-03-03", "2025-03-14", "2025-04-23"))
    assert inspection.state == State.PUBLISHED


def test_undecided_pages_wait_for_a_person_and_count_once_accepted() -> None:
    unsure = claim(Kind.ILACS, Certainty.UNDECIDED, page="2025-04-23", judgements={"overall": GOOD})
    assert story(unsure) == []
    (inspection,) = story(unsure, overrules=(Overrule(kind="accept", claim=unsure.id),))
    assert inspection.certainty == Certainty.ANNOUNCED
    assert story(unsure, overrules=(Overrule(kind="reject", claim=unsure.id),)) == []


def test_a_person_can_merge_and_split() -> None:
    found = report("2025-03-03", "2025-03-14", "2025-04-23")
    far = claim(Kind.ILACS, Certainty.ANNOUNCED, page="2025-09-01", seen="2025-09-01", judgements={"overall": GOOD})
    assert len(story(found, far)) == 2
    merge = Overrule(kind="merge", claim=found.id, other=far.id)
    assert len(story(found, far, overrules=(merge,))) == 1
    split = Overrule(kind="split", claim=found.id, other=f"{far.source}/{far.ref}")
    assert len(story(found, far, overrules=(merge, split))) == 2


def test_a_report_that_was_replaced_is_corrected_by_the_later_file() -> None:
    first = report("2025-03-03", "2025-03-14", "2025-04-23", RI)
    second = report("2025-03-03", "2025-03-14", "2025-04-25", GOOD)
    (inspection,) = story(second, first)
    assert inspection.state == State.CORRECTED
    assert inspection.judgements["overall"] == GOOD


def test_each_area_is_set_against_what_it_was_across_frameworks() -> None:
    sif = claim(
        Kind.SIF, Certainty.PUBLISHED, page="2017-12-08", inspected_from="2017-09-25", inspected_to="2017-10-19",
        judgements={"overall": GOOD, "in_care": GOOD, "care_leavers": Grade.OUTSTANDING, "leaders": GOOD},
    )  # fmt: skip
    joint = report("2022-01-24", "2022-02-04", "2022-03-18",
                   {"leaders": RI, "help_protection": RI, "in_care_and_care_leavers": RI, "overall": RI})  # fmt: skip
    split = report("2025-03-03", "2025-03-14", "2025-04-23", {**dict.fromkeys(SPLIT, GOOD), "care_leavers": RI})
    _, middle, last = story(split, joint, sif)
    assert middle.previous == {"leaders": GOOD, "in_care_and_care_leavers": GOOD, "overall": GOOD}
    assert last.previous == dict.fromkeys(SPLIT, RI)
    assert {change.area: change.direction for change in changes(last)} == {
        "leaders": "up", "help_protection": "up", "in_care": "up", "care_leavers": "same", "overall": "up",
    }  # fmt: skip


def test_every_area_in_an_announcement_is_written_out_and_set_against_the_report() -> None:
    said = claim(
        Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-23", inspected_from="2025-03", judgements={"overall": GOOD, "all": GOOD},
        evidence={"judgements.all": Evidence(text="‘Good’ across the board", path="p")},
    )  # fmt: skip
    found = report("2025-03-03", "2025-03-14", "2025-04-23", {**dict.fromkeys(SPLIT, GOOD), "care_leavers": RI},
                   evidence={"judgements.care_leavers": Evidence(text="care leavers Requires improvement", page=1)})  # fmt: skip
    (announced,) = story(said)
    assert [change.area for change in changes(announced)] == list(SPLIT)
    (inspection,) = story(said, found)
    (contrast,) = contrasts([said, found], inspection)
    assert (contrast.area, contrast.said, contrast.found) == ("care_leavers", GOOD, RI)
    assert contrast.quotation and "across the board" in contrast.quotation.text
    assert contrast.report and contrast.report.page == 1


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((), ("said",), ["announced"]),
        ((), ("found",), ["published"]),
        (("said",), ("said", "copy"), []),
        (("said",), ("said", "found"), ["published"]),
        (("wrong",), ("wrong", "found"), ["contradicted"]),
        (("found",), ("found", "said"), []),
        (("found",), ("found", "again"), ["corrected"]),
        (("said",), (), ["withdrawn"]),
    ],
)
def test_events_are_what_came_to_be_known(before: tuple[str, ...], after: tuple[str, ...], expected: list[str]) -> None:
    pages = {
        "said": claim(Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-23", judgements={"overall": GOOD}),
        "copy": claim(Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-24", source="b", judgements={"overall": GOOD}),
        "wrong": claim(Kind.ILACS, Certainty.ANNOUNCED, page="2025-04-23", judgements={"overall": INADEQUATE}),
        "found": report("2025-03-03", "2025-03-14", "2025-04-23", GOOD),
        "again": report("2025-03-03", "2025-03-14", "2025-04-25", RI),
    }
    known, now = (story(*(pages[name] for name in names)) for names in (before, after))
    assert [event.type for event in events(known, now)] == expected


def test_any_order_of_arrival_gives_the_same_inspections_with_the_same_facts() -> None:
    claims = []
    for year in range(2014, 2026):
        claims.append(report(f"{year}-03-03", f"{year}-03-14", f"{year}-04-23", random.Random(year).choice([GOOD, RI])))
        for source, day in (("newsroom", "23"), ("blog", "25"), ("paper", "29")):
            claims.append(claim(Kind.ILACS, Certainty.ANNOUNCED, page=f"{year}-04-{day}", source=source,
                                seen=f"{year}-05-01", judgements={"overall": GOOD}))  # fmt: skip
        claims.append(claim(Kind.FOCUSED_VISIT, Certainty.ANNOUNCED, page=f"{year}-10-02", seen=f"{year}-10-03"))
    facts = {_facts(story(*claims))}
    for seed in range(200):
        shuffled = list(claims)
        random.Random(seed).shuffle(shuffled)
        facts.add(_facts(story(*shuffled)))
    assert len(facts) == 1
    assert len(story(*claims)) == 24


def test_what_a_group_is() -> None:
    authority = Finding(kind=Kind.ILACS, authority="Marlshire", urn="80999", certainty=Certainty.PUBLISHED)
    home = Finding(kind=Kind.CHILDRENS_HOME, authority="Marlshire", urn="SC123456", certainty=Certainty.PUBLISHED)
    assert group_of(authority) == "authority:Marlshire"
    assert group_of(home) == "urn:SC123456"


def _facts(inspections: list[Inspection]) -> str:
    return repr(
        [(one.id, one.state, one.judgements, one.previous, one.published_on, sorted(one.claims)) for one in inspections]
    )


def test_a_page_that_shows_another_grade_than_the_document_is_noted_and_does_not_rule() -> None:
    found = report("2025-03-03", "2025-03-14", "2025-04-23", GOOD)
    shown = claim(
        Kind.ILACS, Certainty.PUBLISHED, inspected_from="2025-03-14", inspected_to="2025-03-14",
        judgements={"overall": RI}, evidence={"judgements.overall": Evidence(text="Overall: RI", path="div")},
    )  # fmt: skip
    (inspection,) = story(found, shown)
    assert inspection.judgements["overall"] == GOOD
    assert any("shows requires_improvement for overall; the document says good" in note for note in inspection.notes)
