from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from archive import Archive
from archive.record import finding_id
from archive.store import RESTORED
from inspections.days import Day
from inspections.model import Certainty, Grade, Kind, Overrule, Publication, State

Make = Callable[..., Publication]


def test_a_second_identical_reading_adds_nothing(archive: Archive, report: Make, now: datetime) -> None:
    first = archive.record(report(), now=now, baseline=False, body=b"%PDF-1.7")
    before = [archive.sql(f"SELECT count(*) FROM {table}").rows for table in TABLES]
    assert [event.type for event in first] == ["published"]
    assert archive.record(report(), now=now + timedelta(days=1), baseline=False, body=b"%PDF-1.7") == []
    assert [archive.sql(f"SELECT count(*) FROM {table}").rows for table in TABLES] == before


TABLES = (
    "publications",
    "texts",
    "findings",
    "inspections",
    "judgements",
    "events",
    "captures",
    "revisions",
    "aliases",
)


def test_an_announcement_and_its_report_are_one_inspection(
    archive: Archive, report: Make, article: Make, now: datetime
) -> None:
    (announced,) = archive.record(article(), now=now, baseline=False)
    (told,) = archive.record(report(), now=now, baseline=False)
    (inspection,) = archive.inspections()
    assert (announced.type, inspection.id) == ("announced", announced.inspection.id)
    assert told.type in ("published", "contradicted")
    assert (inspection.state, inspection.judgements["care_leavers"]) == (State.PUBLISHED, Grade.REQUIRES_IMPROVEMENT)
    assert [claim.source for claim in archive.claims_of(inspection.id)] == ["gazette", "ofsted"]


def test_a_baseline_is_stored_without_telling_anybody(archive: Archive, report: Make, now: datetime) -> None:
    assert archive.record(report(), now=now, baseline=True) == []
    (inspection,) = archive.inspections()
    (event,) = archive.events(inspection=inspection.id)
    assert event.baseline
    assert event.event is None
    assert archive.events() == []


@pytest.mark.fault("P9")
def test_an_edited_page_is_a_revision_of_the_same_record(archive: Archive, report: Make, now: datetime) -> None:
    archive.record(report(), now=now, baseline=False)
    edited = report(judgements={"overall": Grade.INADEQUATE, "care_leavers": Grade.INADEQUATE})
    (event,) = archive.record(edited, now=now + timedelta(hours=1), baseline=False)
    kept = archive.publication("ofsted", "50100001")
    assert event.type == "corrected"
    assert kept is not None
    assert (kept.revision, kept.publication) == (2, edited)
    assert archive.sql("SELECT count(*), max(revision) FROM revisions").rows == ((1, 1),)
    assert "good" in archive.sql("SELECT json FROM revisions").rows[0][0]
    assert len(archive.inspections()) == 1


def test_findings_keep_their_ids_when_an_edit_puts_another_before_them(
    archive: Archive, article: Make, now: datetime
) -> None:
    page = article()
    other = replace(page.findings[0], authority="Southmoor")
    archive.record(page, now=now, baseline=False)
    archive.record(replace(page, findings=(other, *page.findings)), now=now, baseline=False)
    found = dict(archive.sql("SELECT json_extract(json, '$.authority'), id FROM findings").rows)
    assert found == {
        "Northmoor": finding_id("gazette", page.ref, 0), "Southmoor": finding_id("gazette", page.ref, 1)
    }  # fmt: skip


def test_a_finding_that_moves_to_another_council_leaves_the_first_without_it(
    archive: Archive, article: Make, now: datetime
) -> None:
    archive.record(article(), now=now, baseline=False)
    events = archive.record(article(authority="Southmoor"), now=now, baseline=False)
    assert {event.type for event in events} == {"announced", "withdrawn"}
    assert [one.authority for one in archive.inspections()] == ["Southmoor"]


def test_the_id_of_a_merged_inspection_answers_with_the_survivor(
    archive: Archive, report: Make, article: Make, now: datetime
) -> None:
    late = article(ref="https://news.example/2", day="2025-08-01")
    archive.record(report(), now=now, baseline=False)
    (event,) = archive.record(late, now=now, baseline=False)
    apart = event.inspection.id
    survivor = next(one for one in archive.inspections() if one.id != apart)
    archive.overrule(Overrule(kind="merge", claim=survivor.id, other=apart), now=now, reason="same inspection")
    (merged,) = archive.inspections()
    assert (merged.id, merged.merged) == (survivor.id, (apart,))
    found = archive.inspection(apart)
    assert found is not None
    assert found.id == survivor.id
    archive.overrule(Overrule(kind="split", claim=survivor.id, other=f"{late.source}/{late.ref}"), now=now)
    again = archive.inspection(apart)
    assert again is not None
    assert (again.id, len(archive.inspections())) == (apart, 2)


def test_a_merge_across_councils_is_refused(archive: Archive, report: Make, now: datetime) -> None:
    (one,) = archive.record(report(), now=now, baseline=False)
    (other,) = archive.record(report(ref="2", authority="Southmoor"), now=now, baseline=False)
    with pytest.raises(ValueError, match="authority:Southmoor"):
        archive.overrule(Overrule(kind="merge", claim=one.inspection.id, other=other.inspection.id), now=now)
    with pytest.raises(KeyError, match="gazette/1 says nothing of authority:Northmoor"):
        archive.overrule(Overrule(kind="split", claim=one.inspection.id, other="gazette/1"), now=now)
    with pytest.raises(KeyError, match="unknown"):
        archive.overrule(Overrule(kind="accept", claim="unknown"), now=now)


def test_an_undecided_finding_waits_and_is_told_when_it_is_accepted(
    archive: Archive, article: Make, now: datetime
) -> None:
    assert archive.record(article(certainty=Certainty.UNDECIDED), now=now, baseline=False) == []
    (claim,) = archive.undecided()
    (event,) = archive.overrule(Overrule(kind="accept", claim=claim.id), now=now)
    assert event.type == "announced"
    assert archive.undecided() == []


def test_held_events_wait_for_a_person(archive: Archive, report: Make, now: datetime) -> None:
    archive.polled("ofsted", outcome="timeout", now=now, next_due=now)
    archive.hold_source("ofsted", RESTORED)
    assert archive.record(report(), now=now, baseline=False) == []
    assert archive.record(report(ref="2", authority="Southmoor"), now=now, baseline=False) == []
    first, second = archive.held_events()
    assert (first.held, first.type) == (RESTORED, "published")
    (released,) = archive.release([first.id], now=now)
    assert released.inspection.authority == "Northmoor"
    assert [event.inspection.authority for event in archive.dismiss(None, now=now)] == ["Southmoor"]
    assert archive.held_events() == []
    assert archive.release([second.id], now=now) == []


@pytest.mark.fault("R6")
def test_a_new_judgement_of_ofsted_passes_when_a_redesign_holds_the_rest(
    archive: Archive, report: Make, article: Make, now: datetime
) -> None:
    for source in ("ofsted", "gazette"):
        archive.polled(source, outcome="ok", now=now, next_due=now)
        archive.hold_source(source, "every item looks new")
    old = report(ref="1", authority="Southmoor", day="2024-06-20")
    assert archive.record(old, now=now, baseline=False, hold=lambda event: None) == []
    assert archive.record(article(authority="Eastmoor"), now=now, baseline=False) == []
    assert len(archive.record(report(ref="2"), now=now, baseline=False, hold=lambda event: None)) == 1
    assert [event.held for event in archive.held_events()] == ["every item looks new"] * 2


def test_a_reason_may_hold_one_event_and_let_another_pass(archive: Archive, report: Make, now: datetime) -> None:
    def hold(event: object) -> str | None:
        return "flood" if "Northmoor" in repr(event) else None

    assert archive.record(report(), now=now, baseline=False, hold=hold) == []
    assert len(archive.record(report(ref="2", authority="Southmoor"), now=now, baseline=False, hold=hold)) == 1


def test_what_complete_listings_no_longer_show_is_withdrawn_after_the_third(
    archive: Archive, report: Make, now: datetime
) -> None:
    archive.record(report(), now=now, baseline=False)
    assert [archive.swept("ofsted", ["other"], now=now) for _ in range(2)] == [[], []]
    (gone,) = archive.swept("ofsted", ["other"], now=now)
    assert (gone.type, archive.inspections()) == ("withdrawn", [])
    found = archive.inspection(gone.inspection.id)
    assert found is not None, "its id still answers"
    (back,) = archive.swept("ofsted", ["50100001"], now=now)
    assert (back.type, len(archive.inspections())) == ("published", 1)


def test_order_is_time_of_publication_not_of_arrival(archive: Archive, report: Make, now: datetime) -> None:
    for ref, day in (("b", "2022-05-01"), ("c", "2024-01-10"), ("a", "2014-02-02"), ("d", "2999-01-01")):
        archive.record(report(ref=ref, authority=f"Council {ref}", day=day), now=now, baseline=True)
    assert [kept.publication.ref for kept in archive.publications()] == ["d", "c", "b", "a"]
    archive.record(report(ref="a", authority="Council a", day="2023-02-02"), now=now, baseline=True)
    assert [kept.publication.ref for kept in archive.publications()] == ["d", "c", "a", "b"]
    assert [hit.publication.publication.ref for hit in archive.search("advisers")] == ["d", "c", "a", "b"]


def test_a_report_that_is_overdue_is_told_by_time_alone(archive: Archive, article: Make, now: datetime) -> None:
    before = article(certainty=Certainty.BEFORE, judgements={}, published_on=None, inspected_from=Day("2025-04-21"))
    archive.record(before, now=now, baseline=False)
    assert archive.reconsider(now + timedelta(days=5)) == []
    (event,) = archive.reconsider(now + timedelta(days=365))
    assert event.type == "overdue"
    assert archive.reconsider(now + timedelta(days=366)) == []


def test_documents_that_could_not_be_read_are_tried_again_until_they_are(
    archive: Archive, report: Make, now: datetime
) -> None:
    listed = replace(report(), document_sha256=None, findings=())
    archive.record(listed, now=now, baseline=False)
    archive.document_failed("ofsted", "50100001", now=now, next_try=now + timedelta(hours=1), error="HTTP 503")
    assert archive.missing_documents(now) == []
    assert archive.missing_documents(now + timedelta(hours=1)) == [("ofsted", "50100001", listed.url, 1)]
    archive.record(report(), now=now, baseline=False)
    assert archive.missing_documents(now + timedelta(days=1)) == []


def test_kinds_and_words_of_every_finding_come_back_as_they_were(archive: Archive, report: Make, now: datetime) -> None:
    page = report(kind=Kind.FOCUSED_VISIT, judgements={}, theme="Front door", improvements=("The pace of plans.",))
    archive.record(page, now=now, baseline=False)
    kept = archive.publication(page.source, page.ref)
    assert kept is not None
    assert kept.publication == page
    assert set(archive.known("ofsted")) == {page.ref}


def test_any_order_of_arrival_gives_the_same_inspections(
    tmp_path: Path, report: Make, article: Make, now: datetime
) -> None:
    pages = [
        report(ref="1", day="2019-05-20", judgements={"overall": Grade.INADEQUATE}),
        report(ref="2", day="2022-03-21", judgements={"overall": Grade.GOOD}),
        report(ref="3", day="2025-04-23"),
        article(ref="https://news.example/a", day="2025-04-24"),
        article(ref="https://news.example/b", day="2022-03-22", judgements={"overall": Grade.GOOD}),
        report(ref="4", authority="Southmoor", day="2025-04-23"),
    ]
    found = set()
    for seed in range(12):
        random.Random(seed).shuffle(pages)
        with Archive.open(tmp_path / str(seed)) as archive:
            for page in pages:
                archive.record(page, now=now, baseline=False)
            again = [archive.record(page, now=now + timedelta(days=1), baseline=False) for page in pages]
            assert again == [[]] * len(pages)
            claims = {
                one.id: (one.source, one.ref) for found in archive.inspections() for one in archive.claims_of(found.id)
            }
            found.add(
                str([
                    (one.authority, one.published_on, one.judgements, one.previous, one.state,
                     sorted(claims[claim] for claim in one.claims))
                    for one in sorted(archive.inspections(), key=lambda one: (str(one.authority), str(one.published_on)))
                ])
            )  # fmt: skip
    assert len(found) == 1
    assert found.pop().count("published") == 4
