"""Hear once, and again only when what you were told changes: rules (a) to (d), and what is no news."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Told
from alerts.news import news, told_after
from inspections.model import Certainty, Grade, Inspection, Kind, State

GOOD, RI, BAD, BEST = Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE, Grade.OUTSTANDING


def known(certainty: Certainty = Certainty.PUBLISHED, state: State | None = None, **facts) -> Inspection:
    stages = {Certainty.PUBLISHED: State.PUBLISHED, Certainty.ANNOUNCED: State.ANNOUNCED}
    return Inspection(
        id="i", kind=Kind.ILACS, authority="Northbridge", certainty=certainty,
        state=state or stages.get(certainty, State.DUE), **{"claims": ("c1",), **facts},
    )  # fmt: skip


def announced(**facts) -> Inspection:
    return known(Certainty.ANNOUNCED, **facts)


def told(first: Inspection, then: Inspection, **more) -> tuple[str, str] | None:
    """What somebody who was told of the first hears of the second: type and reason."""
    found = news(told_after(first, key="m1"), then, **more)
    return (found.type, found.reason) if found else None


def test_the_first_trustworthy_word_is_told_whether_announced_or_published():
    assert news(None, announced()).type == "inspection.announced"
    assert news(None, known()).type == "inspection.published"
    assert news(None, known(state=State.CORRECTED)).reason == "first"


@pytest.mark.parametrize("state", [State.UNDER_WAY, State.DUE])
@pytest.mark.parametrize("certainty", [Certainty.BEFORE, Certainty.AFTER])
def test_what_is_not_out_is_no_news_unless_every_stage_is_asked_for(state, certainty):
    one = known(certainty, state)
    assert news(None, one) is None
    found = news(None, one, every_stage=True)
    assert found is not None and found.reason == "stage"
    assert news(told_after(one), one, every_stage=True) is None


def test_undecided_pages_are_never_told():
    for state in State:
        assert news(None, known(Certainty.UNDECIDED, state), every_stage=True) is None


def test_overdue_is_told_once_and_the_outcome_after_it_is_the_first_word():
    late = known(Certainty.BEFORE, State.OVERDUE)
    assert news(None, late).type == "inspection.overdue"
    assert told(late, late) is None
    assert told(late, known()) == ("inspection.published", "first")
    assert news(None, known(Certainty.AFTER, State.OVERDUE)) is None


def test_a_further_source_and_the_report_that_confirms_are_no_news():
    first = announced(judgements={"overall": GOOD})
    assert told(first, announced(judgements={"overall": GOOD}, claims=("c1", "c2"))) is None
    assert told(first, known(judgements={"overall": GOOD, "leaders": GOOD, "in_care": BEST})) is None


def test_every_stage_hears_of_the_further_source_and_of_the_report_that_confirms():
    first = announced(judgements={"overall": GOOD})
    assert told(first, first, every_stage=True) is None
    second = announced(judgements={"overall": GOOD}, claims=("c1", "c2"))
    assert told(first, second, every_stage=True) == ("inspection.announced", "stage")
    report = known(judgements={"overall": GOOD, "leaders": GOOD})
    assert told(first, report, every_stage=True) == ("inspection.published", "stage")


def test_a_grade_that_is_now_another_or_withdrawn_is_a_correction():
    first = known(judgements={"overall": GOOD, "leaders": GOOD})
    assert told(first, known(judgements={"overall": RI, "leaders": GOOD})) == ("inspection.corrected", "changed")
    assert told(first, known(judgements={"overall": BEST, "leaders": GOOD})) == ("inspection.corrected", "changed")
    assert told(first, known(judgements={"overall": None, "leaders": GOOD})) == ("inspection.corrected", "withdrawn")
    assert told(first, known(judgements={"leaders": GOOD})) == ("inspection.corrected", "withdrawn")
    assert told(first, known(Certainty.BEFORE)) == ("inspection.corrected", "withdrawn")


def test_an_announcement_that_another_source_disputes_is_corrected():
    assert told(announced(judgements={"overall": GOOD}), announced(judgements={"overall": None})) == (
        "inspection.corrected", "withdrawn",
    )  # fmt: skip


def test_an_outcome_or_priority_action_that_is_another_is_a_correction():
    first = known(outcome="inconsistent", priority_action=False)
    assert told(first, known(outcome="systemic_failings", priority_action=False))[0] == "inspection.corrected"
    assert told(first, known(outcome="inconsistent", priority_action=True))[0] == "inspection.corrected"
    assert told(first, known(outcome=None, priority_action=False)) == ("inspection.corrected", "withdrawn")
    assert told(first, known(outcome="inconsistent", priority_action=None)) is None


def test_a_grade_after_a_message_without_one_is_news():
    assert told(announced(), announced(judgements={"overall": GOOD})) == ("inspection.announced", "graded")
    assert told(announced(), known(judgements={"overall": GOOD})) == ("inspection.published", "graded")
    assert told(known(judgements={"overall": None}), known(judgements={"overall": BAD}))[1] == "graded"
    assert told(known(), known(outcome="inconsistent")) == ("inspection.published", "graded")


def test_a_report_with_a_grade_worse_than_any_that_was_told_is_news():
    first = announced(judgements={"overall": GOOD, "leaders": BEST})
    assert told(first, known(judgements={"overall": GOOD, "care_leavers": RI})) == ("inspection.published", "worse")
    weak = announced(judgements={"overall": GOOD, "leaders": RI})
    assert told(weak, known(judgements={"overall": GOOD, "leaders": RI, "care_leavers": RI})) is None
    assert told(first, announced(judgements={"overall": GOOD, "leaders": BEST, "care_leavers": RI})) is None


def test_grades_of_another_scale_are_not_worse():
    first = announced(judgements={"overall": GOOD})
    assert told(first, known(judgements={"overall": GOOD, "safeguarding": Grade.MET})) is None


def test_a_report_with_priority_action_is_news():
    first = announced(judgements={"overall": GOOD})
    report = known(judgements={"overall": GOOD}, priority_action=True)
    assert told(first, report) == ("inspection.published", "priority_action")
    assert told(report, report) is None


def test_a_report_that_says_other_than_was_announced_contradicts_it():
    first = announced(judgements={"overall": GOOD})
    assert told(first, known(judgements={"overall": RI})) == ("inspection.contradicted", "contradicted")
    assert told(first, known(judgements={"overall": BEST}))[0] == "inspection.contradicted"
    assert told(first, known(judgements={"overall": None})) is None, "not read is not contradicted"


def test_every_area_good_is_contradicted_by_one_that_is_not():
    first = announced(judgements={"overall": GOOD, "all": GOOD})
    report = known(judgements={"overall": GOOD, "leaders": GOOD, "care_leavers": RI})
    found = news(told_after(first), report)
    assert found.type == "inspection.contradicted"
    assert [(each.area, each.told, each.now) for each in found.differences] == [("care_leavers", GOOD, RI)]
    assert told(first, known(judgements={"overall": GOOD, "leaders": GOOD, "safeguarding": Grade.MET})) is None


def test_a_grade_for_a_joint_area_is_set_against_its_two_parts():
    first = announced(judgements={"in_care_and_care_leavers": GOOD})
    assert told(first, known(judgements={"in_care": GOOD, "care_leavers": GOOD})) is None
    assert told(first, known(judgements={"in_care": GOOD, "care_leavers": RI}))[0] == "inspection.contradicted"


def test_what_was_told_keeps_the_first_message_for_its_thread():
    first, then = known(judgements={"overall": GOOD}), known(judgements={"overall": RI})
    after = told_after(first, news(None, first), "m1")
    found = news(after, then)
    assert told_after(then, found, "m2").message == "m1"
    assert told_after(then, found, "m2").judgements == {"overall": RI}


grades = st.dictionaries(
    st.sampled_from(["overall", "leaders", "in_care", "care_leavers", "all"]), st.sampled_from([*Grade, None])
)
STATES = {
    Certainty.PUBLISHED: (State.PUBLISHED, State.CORRECTED),
    Certainty.ANNOUNCED: (State.ANNOUNCED,),
}  # fmt: skip
stages = st.sampled_from(Certainty).flatmap(
    lambda certainty: st.tuples(
        st.just(certainty), st.sampled_from(STATES.get(certainty, (State.UNDER_WAY, State.DUE, State.OVERDUE)))
    )
)
facts = st.fixed_dictionaries(
    {
        "judgements": grades,
        "outcome": st.sampled_from([None, "inconsistent", "systemic_failings"]),
        "priority_action": st.sampled_from([None, True, False]),
    }
)
inspections = st.builds(lambda stage, stated: known(*stage, **stated), stages, facts)


@given(inspections, st.booleans())
def test_the_same_is_never_told_twice(one, every_stage):
    assert news(told_after(one), one, every_stage=every_stage) is None


@given(inspections, inspections)
def test_a_grade_that_was_told_and_is_now_worse_is_always_heard_of(first, then):
    before = Told(stage="published", judgements={"overall": GOOD})
    if then.certainty is Certainty.PUBLISHED and then.judgements.get("overall") is BAD:
        assert news(before, then) is not None
    if news(told_after(first), then) is not None:
        assert news(told_after(first), then, every_stage=True) is not None
