"""Which recipients may have to be told, and when: every filter, overlapping subscriptions, abolished councils."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from alerts.model import Channel, QuietHours, Subscription
from alerts.select import matches, select, successors
from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Authority, Certainty, Event, Grade, Inspection, Kind

NOW = datetime(2025, 4, 23, 8, 41, tzinfo=UTC)
ADA = Channel(kind="email", address="ada@readers.example")
BOB = Channel(kind="webhook", address="https://hooks.example/bob")
TABLE = Authorities(
    [
        Authority(code="901", name="Northbridge", region="North West", aliases=("Northbridge City",)),
        Authority(code="902", name="Eastmere", region="East of England"),
        Authority(code="903", name="Oldshire", region="North West", valid_to=date(2025, 3, 31)),
        Authority(code="904", name="West Oldshire", region="North West", valid_from=date(2025, 4, 1), predecessors=("903",)),
        Authority(code="905", name="East Oldshire", region="North East", valid_from=date(2025, 4, 1), predecessors=("903",)),
    ]
)  # fmt: skip


def subscription(id: str = "s", **facts) -> Subscription:
    return Subscription(id=id, **{"to": (ADA,), **facts})


@pytest.fixture
def one(invented) -> Inspection:
    return invented.inspection(
        judgements=invented.grades(overall="good", care_leavers="requires_improvement"),
        previous=invented.grades(overall="requires_improvement", care_leavers="requires_improvement"),
        theme="the front door", improvements=("Responses to neglected children.",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("filter", "fits"),
    [
        ({}, True),
        ({"authorities": ("Northbridge",)}, True),
        ({"authorities": ("northbridge city",)}, True),
        ({"authorities": ("Eastmere",)}, False),
        ({"regions": ("north-west",)}, True),
        ({"regions": ("North West",)}, True),
        ({"regions": ("east-of-england",)}, False),
        ({"authorities": ("Eastmere",), "regions": ("north-west",)}, True),
        ({"providers": ("80999",)}, False),
        ({"authorities": ("Northbridge",), "providers": ("80999",)}, True),
        ({"kinds": (Kind.ILACS,)}, True),
        ({"kinds": (Kind.SCHOOL,)}, False),
        ({"grades": (Grade.REQUIRES_IMPROVEMENT,)}, True),
        ({"grades": (Grade.INADEQUATE,)}, False),
        ({"directions": ("up",)}, True),
        ({"directions": ("same", "down")}, True),
        ({"directions": ("down",)}, False),
        ({"keywords": ("FRONT DOOR",)}, True),
        ({"keywords": ("neglect",)}, False),
        ({"keywords": ("neglect*",)}, True),
        ({"keywords": ("door (front", "[")}, False),
        ({"sources": ("ofsted",)}, True),
        ({"sources": ("theshuttle",)}, False),
        ({"keywords": ("Inspection report",)}, True),
        ({"priority_action": True}, False),
        ({"official_only": True}, True),
        ({"kinds": (Kind.ILACS,), "grades": (Grade.INADEQUATE,)}, False),
    ],
)
def test_each_filter_lets_through_what_it_names(invented, one, filter, fits):
    claims = {"i1-report": invented.claim(one)}
    event = Event(type="published", inspection=one)
    assert matches(subscription(**filter), event, NOW.date(), authorities=TABLE, claims=claims) is fits
    assert bool(select([event], [subscription(**filter)], NOW, TABLE, claims)) is fits


def test_a_provider_is_found_by_its_urn_whatever_its_letters(invented):
    home = invented.inspection(kind=Kind.CHILDRENS_HOME, provider="Larch House", urn="SC099991", authority=None)
    event = Event(type="published", inspection=home)
    assert matches(subscription(providers=("sc099991",)), event, NOW.date(), authorities=TABLE)
    assert not matches(subscription(authorities=("Northbridge",)), event, NOW.date(), authorities=TABLE)


def test_official_only_waits_for_the_document(invented):
    said = invented.inspection(certainty=Certainty.ANNOUNCED)
    assert not matches(subscription(official_only=True), Event(type="announced", inspection=said), NOW.date())


def test_who_was_told_of_a_grade_hears_that_it_was_none(invented):
    was = invented.inspection(judgements=invented.grades(overall="inadequate"))
    now = invented.inspection(judgements=invented.grades(overall="good"))
    wanted = subscription(grades=(Grade.INADEQUATE,))
    assert matches(wanted, Event(type="corrected", inspection=now, earlier=was), NOW.date())
    assert not matches(wanted, Event(type="updated", inspection=now, earlier=was), NOW.date())


def test_an_abolished_council_lives_on_in_its_successors(invented):
    old, on = subscription(authorities=("Oldshire",)), NOW.date()
    for name in ("West Oldshire", "East Oldshire"):
        heir = invented.inspection(authority=name, inspected_from=Day("2025-04-07"))
        assert matches(old, Event(type="published", inspection=heir), on, authorities=TABLE)
        assert not matches(old, Event(type="published", inspection=heir), on)
    own = invented.inspection(authority="Oldshire")
    assert matches(old, Event(type="published", inspection=own), on, authorities=TABLE)
    new = subscription(authorities=("West Oldshire",))
    assert not matches(new, Event(type="published", inspection=own), on, authorities=TABLE)
    assert successors(old, TABLE, on) == {"Oldshire": ["West Oldshire", "East Oldshire"]}
    assert successors(old, TABLE, date(2025, 3, 31)) == {} == successors(new, TABLE, on)


def test_an_authority_in_no_table_is_found_by_its_printed_name(invented):
    strange = Event(type="published", inspection=invented.inspection(authority="Isle of Nowhere"))
    assert matches(subscription(authorities=("isle of nowhere",)), strange, NOW.date(), authorities=TABLE)


def test_overlapping_subscriptions_of_an_address_make_one_delivery_and_the_quickest_decides(one):
    weekly = subscription("weekly", when="weekly", every_stage=True)
    instant = subscription("instant", to=(ADA, BOB))
    daily = subscription("daily", when="daily")
    found = select([Event(type="published", inspection=one)], [weekly, instant, daily], NOW)
    assert [(each.recipient, each.subscription, each.due_at, each.digest) for each in found] == [
        ("email:ada@readers.example", "instant", NOW, False),
        ("webhook:https://hooks.example/bob", "instant", NOW, False),
    ]
    assert [each.every_stage for each in found] == [True, False]


def test_two_events_of_one_inspection_make_one_delivery(one):
    events = [Event(type="announced", inspection=one), Event(type="published", inspection=one)]
    assert [each.event for each in select(events, [subscription()], NOW)] == ["announced"]


def test_quiet_hours_and_digests_set_the_time_and_the_worst_news_passes(invented, one):
    night = datetime(2025, 4, 23, 22, 30, tzinfo=UTC)
    quiet = subscription(quiet=QuietHours(start=time(22), end=time(7)))
    (calm,) = select([Event(type="published", inspection=one)], [quiet], night)
    assert calm.due_at == datetime(2025, 4, 24, 6, tzinfo=UTC)
    grave = invented.inspection(judgements=invented.grades(overall="inadequate"))
    (urgent,) = select([Event(type="published", inspection=grave)], [quiet], night)
    assert urgent.due_at == night
    (collected,) = select([Event(type="published", inspection=grave)], [subscription(when="daily")], night)
    assert collected.digest and collected.due_at - night < timedelta(days=1)


@pytest.mark.fault("M24")
def test_a_renamed_subscription_reaches_the_same_recipient_whose_told_facts_stay(one):
    event = Event(type="published", inspection=one)
    (before,), (after,) = select([event], [subscription("old")], NOW), select([event], [subscription("new")], NOW)
    assert before.recipient == after.recipient == ADA.id
    assert (
        Channel(kind="webhook", address="https://h.example/", secrets=("whsec_x",)).id == "webhook:https://h.example/"
    )


def test_no_subscription_no_delivery(one):
    assert select([Event(type="published", inspection=one)], [], NOW) == []
