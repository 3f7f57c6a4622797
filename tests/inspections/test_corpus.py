"""All real reports and announcements: no two inspections in one, no page apart from its own, each grade's old → new."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import combinations

import pytest

from inspections.authorities import Authorities
from inspections.compare import changes, contrasts
from inspections.model import Claim, Inspection
from inspections.resolve import group_of, resolve
from tests.inspections.conftest import KINDS, Labelled

TODAY = date(2026, 9, 30)
AREAS = ("overall", "help_protection", "in_care", "care_leavers", "leaders", "in_care_and_care_leavers")

pytestmark = pytest.mark.corpus

# Pages of the corpus whose report is in it too, beside those that the labels put into one event.
ALSO = {"020": "ilacs--islington--2025-01-29", "140": "focused-visit--east-sussex--2025-09-01"}


@pytest.fixture(scope="module")
def resolved(reports: list[Labelled], announcements: list[Labelled], table: Authorities) -> dict[str, list[Inspection]]:
    groups: dict[str, list[Claim]] = defaultdict(list)
    for one in [*reports, *announcements]:
        groups[group_of(one.claim.finding)].append(one.claim)
    return {group: resolve(claims, (), TODAY, authorities=table) for group, claims in groups.items()}


@pytest.fixture(scope="module")
def home(resolved: dict[str, list[Inspection]]) -> dict[str, Inspection]:
    """The inspection of each claim."""
    return {claim: one for inspections in resolved.values() for one in inspections for claim in one.claims}


def test_every_official_inspection_stands_alone(reports: list[Labelled], home: dict[str, Inspection]) -> None:
    assert len(reports) == 270
    together = defaultdict(set)
    for one in reports:
        event = (one.row["authority"], one.row["kind"], one.row["inspection_start"])
        together[home[one.claim.id].id].add(event)
    assert [events for events in together.values() if len(events) > 1] == []
    assert len(together) == len({event for events in together.values() for event in events})


def test_no_page_is_put_to_another_event(
    reports: list[Labelled], announcements: list[Labelled], home: dict[str, Inspection]
) -> None:
    wrong = []
    officials = {one.claim.id: one for one in reports}
    for page in announcements:
        inspection = home.get(page.claim.id)
        for other in inspection.claims if inspection else ():
            if other in officials and not _tells_of(page.row, officials[other].row):
                wrong.append((page.row["file"], officials[other].row["file"]))
    for one, other in combinations(announcements, 2):
        if one.row["event"] != other.row["event"] or not one.row["event"]:
            a, b = home.get(one.claim.id), home.get(other.claim.id)
            if a and b and a.id == b.id and one.row["file"] != other.row["file"]:
                wrong.append((one.row["file"], other.row["file"]))
    assert wrong == []


def test_no_page_of_an_event_stays_apart(
    reports: list[Labelled], announcements: list[Labelled], home: dict[str, Inspection]
) -> None:
    events: dict[str, set[str]] = defaultdict(set)
    apart = []
    for page in announcements:
        found = home.get(page.claim.id)
        event = page.row["event"] or (page.row["file"] if page.row["id"] in ALSO else "")
        if not event:
            continue
        if found is None:
            apart.append(page.row["file"])
            continue
        events[event].add(found.id)
        for report in reports:
            if _tells_of(page.row, report.row) and report.claim.id not in found.claims:
                apart.append(page.row["file"])
    assert {event: ids for event, ids in events.items() if len(ids) > 1} == {}
    assert apart == []
    assert len(events) == 7


def test_each_area_is_set_against_its_grade_before_as_the_labels_give_it(
    reports: list[Labelled], home: dict[str, Inspection]
) -> None:
    compared = 0
    for one in reports:
        inspection = home[one.claim.id]
        expected = _before(one.row, [other.row for other in reports])
        found = {change.area: str(change.before) for change in changes(inspection) if change.before}
        known = {area: grade for area, grade in expected.items() if inspection.judgements.get(area)}
        history = {area: grade for area, grade in found.items() if area in known}
        assert history == known, one.row["file"]
        compared += len(known)
    assert compared > 100


def test_the_two_documents_of_the_user_and_six_of_ofsted_are_their_inspections_and_no_more(
    reports: list[Labelled], seeds: list[Claim], table: Authorities
) -> None:
    official = [one.claim for one in reports if one.row["authority"] == "Blackburn with Darwen"]
    claims = [*official, *seeds]
    found = resolve(claims, (), TODAY, authorities=table)
    assert [(one.kind.value, one.published_on, one.state.value, len(one.claims)) for one in found] == [
        ("sif", "2017-12-08", "published", 1),
        ("focused_visit", "2020-03-23", "published", 1),
        ("ilacs", "2022-03-18", "published", 1),
        ("jtai", "2023-07-14", "published", 1),
        ("focused_visit", "2024-05-24", "published", 2),
        ("ilacs", "2025-04-23", "published", 2),
    ]
    last = found[-1]
    directions = {change.area: (change.before, change.after, change.direction) for change in changes(last)}
    assert directions["care_leavers"] == ("requires_improvement", "requires_improvement", "same")
    assert directions["in_care"] == ("requires_improvement", "good", "up")
    (beside,) = contrasts(claims, last)
    assert (beside.area, beside.said, beside.found) == ("care_leavers", "good", "requires_improvement")
    assert beside.quotation
    assert "across the board" in beside.quotation.text
    assert beside.report
    assert "equires improvement" in beside.report.text


def _tells_of(page: dict[str, str], report: dict[str, str]) -> bool:
    """Whether the page is of the report's event, by the labels: its event's year and kind, or the list above."""
    if page["id"] in ALSO:
        return report["file"].startswith(ALSO[page["id"]])
    kind = KINDS.get(report["kind"], report["kind"])
    if page["event"]:
        year = page["event"].rpartition("-")[2]
        return page["authority"] == report["authority"] and page["event"].split("-")[1] == kind and (
            report["published"].startswith(year))  # fmt: skip
    return page["id"] == "044" and "northamptonshire" in report["file"] and report["published"] == "2022-11-25"


def _before(row: dict[str, str], rows: list[dict[str, str]]) -> dict[str, str]:
    """The grades of the newest earlier graded inspection, by date and area; nothing of the code that is tested."""
    earlier = [
        other for other in rows
        if other["authority"] == row["authority"] and other["inspection_start"] < row["inspection_start"]
        and KINDS.get(other["kind"], other["kind"]) in ("ilacs", "sif")
    ]  # fmt: skip
    if not earlier or KINDS.get(row["kind"], row["kind"]) not in ("ilacs", "sif"):
        return {}
    last = max(earlier, key=lambda other: other["inspection_start"])
    joint = last["in_care_and_care_leavers"]
    grades = {area: last[area] for area in AREAS}
    grades["in_care"] = grades["in_care"] or joint
    grades["care_leavers"] = grades["care_leavers"] or joint or last["in_care"]
    grades["in_care_and_care_leavers"] = joint or last["in_care"]
    return {area: grade.replace(" ", "_") for area, grade in grades.items() if grade and row[area]}
