"""Any order of arrival: the same inspections with the same facts, and everybody told the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.model import Told
from alerts.news import news, told_after
from inspections.compare import events
from inspections.model import Certainty, Claim, Inspection, Overrule, State
from inspections.resolve import resolve
from tests.inspections.made import history

TODAY = date(2025, 12, 1)
HISTORY = history()


def arrived(claims: Sequence[Claim]) -> list[Claim]:
    """The same claims, stored in this order."""
    return [replace(claim, seq=seq) for seq, claim in enumerate(claims)]


def facts(inspections: Sequence[Inspection]) -> str:
    """All that an inspection says of itself. Its id is that of its oldest claim, which the order decides."""
    same = [replace(one, id="", claims=tuple(sorted(one.claims))) for one in inspections]
    return repr(sorted(repr(one) for one in same))


def delivered(claims: Sequence[Claim], cuts: Sequence[int]) -> tuple[dict[str, Told], list[Inspection]]:
    """What a recipient was told in the end, where the claims come in these portions and each is delivered at once.

    Told facts are kept by inspection, and go with the oldest id as the archive moves them.
    """
    told: dict[str, Told] = {}
    sent_at: dict[str, int] = {}
    known: list[Inspection] = []
    for end in sorted({*cuts, len(claims)}):
        now = resolve(claims[:end], (), TODAY)
        for then in known:
            home = next((one for one in now if set(then.claims) & set(one.claims)), None)
            if home is not None and home.id != then.id and then.id in told:
                gone, at = told.pop(then.id), sent_at.pop(then.id)
                if at >= sent_at.get(home.id, -1):  # of two messages on what is now one, the later counts
                    told[home.id], sent_at[home.id] = gone, at
        for event in events(known, now):
            found = news(told.get(event.inspection.id), event.inspection)
            if found is not None:
                told[event.inspection.id] = told_after(event.inspection, found, "key")
                sent_at[event.inspection.id] = len(told) + end * 100
        known = now
    return told, known


def test_the_made_history_has_its_inspections() -> None:
    assert len(HISTORY) == 60
    found = resolve(HISTORY, (), TODAY)
    assert sorted((one.kind.value, one.state.value) for one in found) == sorted(
        [("ilacs", "published"), ("ilacs", "published"), ("ilacs", "corrected"), ("ilacs", "announced")]
        + [("focused_visit", "published")] * 6
        + [("area_send", "published"), ("area_send", "announced"), ("jtai", "published"), ("jtai", "overdue")]
    )
    visit = next(one for one in found if one.published_on == "2025-02-27")
    assert len(visit.claims) == 5  # one of them calls it an inspection


def test_a_thousand_orders_of_arrival_give_one_set_of_inspections_and_of_told_facts() -> None:
    chance = random.Random(5)
    inspections, told = set(), set()
    for _ in range(1000):
        claims = arrived(chance.sample(HISTORY, len(HISTORY)))
        sent, known = delivered(claims, [chance.randrange(1, len(claims)) for _ in range(2)])
        inspections.add(facts(known))
        told.add(repr(sorted(_told_of(sent, one) for one in known)))
        for one in known:
            assert one.id == min((claim for claim in claims if claim.id in one.claims), key=lambda claim: claim.seq).id
    assert len(inspections) == 1
    assert len(told) == 1


def _told_of(sent: dict[str, Told], inspection: Inspection) -> tuple[str, bool, bool, bool]:
    """Whether it was told; whether anything is left to tell; and whether what was told is what is known now."""
    told = sent.get(inspection.id)
    left = news(told, inspection) is not None
    after = replace(told, stage=inspection.state) if told else None
    true = after is None or all(
        grade is None or inspection.judgements.get(area, grade) == grade for area, grade in after.judgements.items()
    )
    name = f"{inspection.kind} {inspection.inspected_from} {inspection.published_on}"
    return (name, told is not None, left and inspection.state != State.OVERDUE, true)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 59), max_size=6))
def test_reading_parts_of_it_again_after_the_whole_makes_no_event(chance: random.Random, again: list[int]) -> None:
    claims = arrived(chance.sample(HISTORY, len(HISTORY)))
    whole = resolve(claims, (), TODAY)
    shuffled = [*claims]
    chance.shuffle(shuffled)
    assert events(whole, resolve(shuffled, (), TODAY)) == []
    assert events(whole, resolve([claims[n] for n in range(60) if n not in again] + [claims[n] for n in set(again)], (),
                                 TODAY)) == []  # fmt: skip


def test_a_merge_and_a_split_stand_in_any_order_of_arrival() -> None:
    rules = (
        Overrule(kind="merge", claim="c00", other="c58"),
        Overrule(kind="split", claim="c00", other="newsroom/50000001"),
    )
    chance = random.Random(7)
    found = {facts(resolve(arrived(chance.sample(HISTORY, 60)), rules, TODAY)) for _ in range(200)}
    assert len(found) == 1
    together = resolve(HISTORY, rules, TODAY)
    whole = next(one for one in together if "c00" in one.claims)
    assert "c58" in whole.claims
    assert "c01" not in whole.claims


def test_a_merge_survives_what_is_read_later() -> None:
    rules = (Overrule(kind="merge", claim="c00", other="c58"),)
    for end in range(59, 61):
        whole = next(one for one in resolve(HISTORY[:end], rules, TODAY) if "c00" in one.claims)
        assert "c58" in whole.claims


def test_an_undecided_page_opens_nothing_whenever_it_comes() -> None:
    unsure = next(claim for claim in HISTORY if claim.finding.certainty == Certainty.UNDECIDED)
    assert all(unsure.id not in one.claims for one in resolve(HISTORY, (), TODAY))


def test_an_open_case_is_the_same_whichever_of_its_pages_came_first() -> None:
    cases = {
        next(one.state for one in resolve(arrived(claims), (), TODAY) if one.inspected_from == "2025-06-02")
        for claims in (HISTORY, HISTORY[::-1])
    }
    assert cases == {State.OVERDUE}
