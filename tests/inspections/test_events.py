"""Announced, published, corrected, contradicted, withdrawn; grades that carry over and those that do not."""

from __future__ import annotations

from datetime import date

from inspections.authorities import Authorities
from inspections.compare import changes, contrasts, events
from inspections.days import Day
from inspections.model import Authority, Certainty, Claim, Evidence, Finding, Grade, Inspection, Kind, Outcome
from inspections.model import Overrule as Rule
from inspections.resolve import group_of, resolve

GOOD, RI, INADEQUATE = Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE
TODAY = date(2025, 12, 1)
DORSETS = [
    Authority(code="001", name="Marlshire", valid_to=date(2019, 3, 31)),
    Authority(code="002", name="Marlshire", valid_from=date(2019, 4, 1), predecessors=("001",)),
]
_numbers = iter(range(10**6))


def claim(day: str, kind: Kind = Kind.ILACS, *, official: bool = True, read: bool = True, **facts: object) -> Claim:
    number = next(_numbers)
    given = {key: Day(str(value)) if key.startswith("inspected") else value for key, value in facts.items()}
    evidence = {"kind": Evidence(text="Inspection of", page=1 if official and read else None)}
    finding = Finding(
        kind=kind, authority="Marlshire", evidence=evidence,
        certainty=Certainty.PUBLISHED if official else Certainty.ANNOUNCED, **given,
    )  # fmt: skip
    return Claim(
        id=f"e{number:03}", seq=number, source="ofsted" if official else "newsroom", ref=str(50000000 + number),
        title="A page", url="https://example.org/", official=official, published_on=Day(day),
        seen_on=date.fromisoformat(day), finding=finding,
    )  # fmt: skip


def resolved(*claims: Claim, table: list[Authority] | None = None, rules: tuple[Rule, ...] = ()) -> list[Inspection]:
    return resolve(claims, rules, TODAY, authorities=table or ())


def test_grades_do_not_carry_over_from_an_authority_that_bore_the_same_name() -> None:
    old = claim("2018-05-01", inspected_from="2018-03-05", inspected_to="2018-03-09", judgements={"overall": RI})
    new = claim("2021-05-01", inspected_from="2021-03-08", inspected_to="2021-03-12", judgements={"overall": GOOD})
    assert resolved(old, new)[1].previous == {"overall": RI}
    assert resolved(old, new, table=DORSETS)[1].previous == {}
    newer = claim("2024-05-01", inspected_from="2024-03-04", inspected_to="2024-03-08", judgements={"overall": RI})
    assert resolved(old, new, newer, table=DORSETS)[2].previous == {"overall": GOOD}


def test_a_council_that_was_two_has_no_grades_from_before_in_the_table_that_we_ship() -> None:
    table = Authorities.load()
    named = [row.name for row in table]
    assert named.count("Dorset") == 2
    before = group_of(Finding(kind=Kind.ILACS, authority="Northamptonshire", certainty=Certainty.PUBLISHED))
    after = group_of(Finding(kind=Kind.ILACS, authority="West Northamptonshire", certainty=Certainty.PUBLISHED))
    assert before != after


def test_the_outcome_of_the_send_inspection_before_stands_beside_the_new_one() -> None:
    old = claim("2023-05-01", Kind.AREA_SEND, inspected_from="2023-03-06", inspected_to="2023-03-10",
                outcome=Outcome.SYSTEMIC_FAILINGS)  # fmt: skip
    new = claim("2025-05-01", Kind.AREA_SEND, inspected_from="2025-03-03", inspected_to="2025-03-07",
                outcome=Outcome.INCONSISTENT)  # fmt: skip
    (change,) = changes(resolved(new, old)[1])
    assert (change.before, change.after, change.direction) == (Outcome.SYSTEMIC_FAILINGS, Outcome.INCONSISTENT, "up")


def test_a_sif_without_a_grade_for_care_leavers_covered_them_as_looked_after() -> None:
    sif = claim("2017-05-01", Kind.SIF, inspected_from="2017-03-06", inspected_to="2017-03-30",
                judgements={"in_care": RI, "overall": RI})  # fmt: skip
    ilacs = claim("2023-05-01", inspected_from="2023-03-06", inspected_to="2023-03-10",
                  judgements={"in_care": GOOD, "care_leavers": GOOD, "overall": GOOD})  # fmt: skip
    assert resolved(sif, ilacs)[1].previous == {"in_care": RI, "care_leavers": RI, "overall": RI}


def test_an_announcement_of_the_joint_grade_is_set_beside_both_areas_of_the_report() -> None:
    report = claim("2025-05-01", inspected_from="2025-03-03", inspected_to="2025-03-14",
                   judgements={"in_care": GOOD, "care_leavers": RI, "overall": GOOD})  # fmt: skip
    said = claim("2025-05-01", official=False, judgements={"in_care_and_care_leavers": GOOD, "overall": GOOD})
    (inspection,) = resolved(report, said)
    (beside,) = contrasts([report, said], inspection)
    assert (beside.area, beside.said, beside.found) == ("care_leavers", GOOD, RI)


def test_a_table_or_a_page_never_overrules_a_document() -> None:
    report = claim("2025-05-01", inspected_from="2025-03-03", inspected_to="2025-03-14", judgements={"overall": RI})
    table = claim("2025-06-01", read=False, inspected_from="2025-03-02", judgements={"overall": GOOD})
    (inspection,) = resolved(table, report)
    assert inspection.judgements == {"overall": RI}
    assert inspection.state == "published"
    assert inspection.published_on == "2025-05-01"


def test_two_inspections_of_one_page_are_two() -> None:
    page = claim("2025-05-01", Kind.CHILDRENS_HOME, read=False, inspected_from="2025-03-03", judgements={"overall": RI})
    older = claim(
        "2025-05-01", Kind.CHILDRENS_HOME, read=False, inspected_from="2024-03-03", judgements={"overall": GOOD}
    )
    assert len(resolved(page, Claim(**{**_fields(older), "ref": page.ref, "source": page.source}))) == 2


def test_two_announcements_that_turn_out_to_be_one_inspection_are_corrected_for_who_heard_the_wrong_one() -> None:
    first = claim("2025-04-20", official=False, judgements={"overall": RI})
    replaced = claim("2025-05-10", inspected_from="2025-03-03", inspected_to="2025-03-14", judgements={"overall": GOOD})
    apart = resolved(first, replaced)
    assert len(apart) == 2
    original = claim("2025-04-21", inspected_from="2025-03-03", inspected_to="2025-03-14", judgements={"overall": RI})
    found = events(apart, resolved(first, replaced, original))
    assert [event.type for event in found] == ["contradicted"]
    assert found[0].earlier
    assert found[0].earlier.judgements == {"overall": RI}


def test_a_page_that_is_split_off_does_not_tell_the_report_again() -> None:
    said = claim("2025-05-01", official=False, judgements={"overall": GOOD})
    report = claim("2025-05-01", inspected_from="2025-03-03", inspected_to="2025-03-14", judgements={"overall": GOOD})
    whole = resolved(said, report)
    assert len(whole) == 1
    rule = Rule(kind="split", claim=report.id, other=f"{said.source}/{said.ref}")
    assert [event.type for event in events(whole, resolved(said, report, rules=(rule,)))] == ["announced"]


def test_pages_before_an_outcome_are_one_case_and_go_to_the_report_though_it_is_late() -> None:
    pages = [
        Claim(
            **{**_fields(page), "finding": Finding(kind=Kind.ILACS, authority="Marlshire", certainty=Certainty.BEFORE)}
        )
        for page in (claim(day, official=False) for day in ("2024-10-03", "2024-12-24", "2025-03-19"))
    ]
    (case,) = resolved(*pages)
    assert (case.judgements, case.published_on, case.state) == ({}, None, "overdue")
    late = claim(
        "2025-05-13", inspected_from="2024-09-30", inspected_to="2024-10-11", judgements={"overall": INADEQUATE}
    )
    (inspection,) = resolved(*pages, late)
    assert inspection.judgements == {"overall": INADEQUATE}
    assert len(inspection.claims) == 4


def test_a_page_without_days_joins_the_nearest_of_those_that_state_them() -> None:
    june = claim("2025-06-02", Kind.FOCUSED_VISIT, official=False, inspected_from="2025-05-06")
    july = claim("2025-07-02", Kind.FOCUSED_VISIT, official=False, inspected_from="2025-06-03")
    early = claim("2025-06-01", Kind.FOCUSED_VISIT, official=False)
    late = claim("2025-06-20", Kind.FOCUSED_VISIT, official=False)
    homes = {frozenset(one.claims) for one in resolved(early, june, late, july)}
    assert homes == {frozenset({june.id, early.id}), frozenset({july.id, late.id})}


def test_a_page_before_the_outcome_that_speaks_of_the_wrong_kind_joins_the_report() -> None:
    page = claim("2025-02-20", Kind.MONITORING_VISIT, official=False)
    unsure = Finding(kind=Kind.MONITORING_VISIT, authority="Marlshire", certainty=Certainty.BEFORE)
    before = Claim(**{**_fields(page), "finding": unsure})
    report = claim("2025-05-01", inspected_from="2025-03-03", inspected_to="2025-03-14", judgements={"overall": GOOD})
    assert [len(one.claims) for one in resolved(before, report)] == [2]


def test_a_page_that_recalls_an_outcome_does_not_join_a_case_that_is_still_open() -> None:
    pages = (claim(day, official=False) for day in ("2025-09-03", "2025-10-24"))
    before, after = (
        Claim(**{**_fields(page), "finding": Finding(kind=Kind.ILACS, authority="Marlshire", certainty=certainty)})
        for page, certainty in zip(pages, (Certainty.BEFORE, Certainty.AFTER), strict=True)
    )
    assert [one.claims for one in resolved(before, after)] == [(before.id,)]


def test_the_same_headline_of_two_trusts_or_of_two_agencies_is_two_inspections() -> None:
    facts = {"kind": Kind.FOSTERING, "certainty": Certainty.ANNOUNCED, "judgements": {"overall": GOOD}}
    agencies = [Finding(provider=name, authority=None, **facts) for name in ("Elm Fostering", "Oak Fostering")]
    again = Finding(provider="ELM  fostering", authority=None, **facts)
    groups = [group_of(one) for one in (*agencies, again)]
    assert groups[0] == groups[2] != groups[1]
    councils = [
        Finding(kind=Kind.ILACS, authority=name, provider="The Trust", certainty=Certainty.PUBLISHED)
        for name in ("North Marlshire", "West Marlshire")
    ]
    assert group_of(councils[0]) != group_of(councils[1])


def _fields(one: Claim) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__struct_fields__}
