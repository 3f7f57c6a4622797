"""The made history through the archive: recorded in any order, opened anew in between, killed in the middle."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from archive import Archive
from archive.record import finding_id
from inspections.model import Certainty, Claim, Inspection, Kind, Overrule, Publication
from tests.inspections.made import GOOD, RI, History, history

NOW = datetime(2025, 12, 1, 9, 0, tzinfo=UTC)
SOME = history()[28:]  # an inspection that is corrected, its visits, area SEND, JTAI: thirty-two publications


def publication(claim: Claim) -> Publication:
    return Publication(
        source=claim.source, ref=claim.ref, url=claim.url, title=claim.title, published_on=claim.published_on,
        official=claim.official, document_sha256=claim.id * 20, findings=(claim.finding,),
    )  # fmt: skip


def facts(found: Sequence[Inspection]) -> list[str]:
    return sorted(repr(replace(one, id="", merged=(), claims=tuple(sorted(one.claims)))) for one in found)


def recorded(folder: Path, claims: Sequence[Claim], restarts: Sequence[int]) -> list[Inspection]:
    """All claims recorded in this order; the archive is closed and opened anew before these, and once cut off."""
    archive = Archive.open(folder)
    for n, claim in enumerate(claims):
        if n in restarts:
            cut_off(archive, claim)
            archive.close()
            archive = Archive.open(folder)
        archive.record(publication(claim), now=NOW + timedelta(seconds=n), baseline=False)
    again = [archive.record(publication(claim), now=NOW, baseline=False) for claim in claims]
    assert not any(again), "what is known already is no event"
    found = archive.history("Marlshire")
    archive.close()
    return found


def cut_off(archive: Archive, claim: Claim) -> None:
    """Ended before the transaction is: nothing of it may be there."""
    with suppress(KeyboardInterrupt), archive.writing():
        archive.record(publication(claim), now=NOW, baseline=False)
        raise KeyboardInterrupt


def dated(claims: Sequence[Claim]) -> list[Claim]:
    """Those of which the day does not follow from when they were read."""
    return [claim for claim in claims if claim.published_on]


def test_any_order_with_restarts_gives_the_same_inspections(tmp_path: Path) -> None:
    chance = random.Random(9)
    seen = []
    for turn in range(12):
        claims = chance.sample(dated(SOME), len(dated(SOME)))
        found = recorded(tmp_path / str(turn), claims, restarts=chance.sample(range(len(claims)), 3))
        seen.append(facts(found))
        oldest = {finding_id(claim.source, claim.ref, 0): n for n, claim in enumerate(claims)}
        assert all(one.id == min(one.claims, key=oldest.__getitem__) for one in found)
    assert all(one == seen[0] for one in seen)
    assert len(seen[0]) == 8


def test_every_id_that_an_inspection_ever_had_answers_with_it(tmp_path: Path) -> None:
    claims = dated(SOME)[::-1]
    with Archive.open(tmp_path) as archive:
        ids: set[str] = set()
        for claim in claims:
            archive.record(publication(claim), now=NOW, baseline=False)
            ids |= {one.id for one in archive.history("Marlshire")}
        final = {one.id for one in archive.history("Marlshire")}
        assert len(ids) > len(final)
        found = {one: archive.inspection(one) for one in ids}
        assert all(inspection and inspection.id in final for inspection in found.values())


def test_a_merge_and_a_split_survive_what_is_read_later(tmp_path: Path) -> None:
    claims = dated(SOME)
    with Archive.open(tmp_path) as archive:
        for claim in claims[:-6]:
            archive.record(publication(claim), now=NOW, baseline=False)
        report, said = (finding_id(claim.source, claim.ref, 0) for claim in claims[:2])
        archive.overrule(Overrule(kind="split", claim=report, other=f"{claims[1].source}/{claims[1].ref}"), now=NOW)
        for claim in claims[-6:]:
            archive.record(publication(claim), now=NOW, baseline=False)
        one, other = archive.inspection(report), archive.inspection(said)
        assert one
        assert other
        assert one.id != other.id
        archive.overrule(Overrule(kind="merge", claim=one.id, other=other.id), now=NOW)
        again, whole = archive.inspection(said), archive.inspection(report)
        assert again
        assert whole
        assert again.id == whole.id


def test_a_page_that_is_split_off_still_joins_the_report_to_which_it_belongs(tmp_path: Path) -> None:
    made = History()
    made.add(Kind.ILACS, Certainty.ANNOUNCED, "2025-05-06", source="newsroom", judgements={"overall": GOOD})
    made.report(Kind.ILACS, "2025-03-03", "2025-03-07", "2025-05-01", {"overall": RI})
    made.report(Kind.ILACS, "2025-03-24", "2025-03-28", "2025-05-06", {"overall": GOOD})
    said, wrong, right = made.claims
    with Archive.open(tmp_path) as archive:
        for claim in (said, wrong):
            archive.record(publication(claim), now=NOW, baseline=False)
        (whole,) = archive.history("Marlshire")
        archive.overrule(Overrule(kind="split", claim=whole.id, other=f"{said.source}/{said.ref}"), now=NOW)
        archive.record(publication(right), now=NOW, baseline=False)
        assert sorted(len(one.claims) for one in archive.history("Marlshire")) == [1, 2]


def test_a_document_that_several_whole_readings_miss_is_withdrawn_and_comes_back(tmp_path: Path) -> None:
    report = next(claim for claim in SOME if claim.official)
    with Archive.open(tmp_path) as archive:
        archive.record(publication(report), now=NOW, baseline=True)
        sweeps = [archive.swept(report.source, [], now=NOW + timedelta(days=n)) for n in range(4)]
        assert [[event.type for event in events] for events in sweeps] == [[], [], ["withdrawn"], []]
        assert archive.history("Marlshire") == []
        back = archive.swept(report.source, [report.ref], now=NOW + timedelta(days=5))
        assert [event.type for event in back] == ["published"]


def test_an_old_report_that_the_site_hides_is_not_withdrawn(tmp_path: Path) -> None:
    report = next(claim for claim in SOME if claim.official)
    assert report.published_on
    with Archive.open(tmp_path) as archive:
        archive.record(publication(report), now=NOW, baseline=True)
        for n in range(5):
            later = NOW + timedelta(days=n)
            assert archive.swept(report.source, [], now=later, since=(later - timedelta(days=90)).date()) == []
        assert len(archive.history("Marlshire")) == 1


def test_a_report_that_is_withdrawn_leaves_the_announcement_and_says_so(tmp_path: Path) -> None:
    report, said = SOME[0], SOME[1]
    with Archive.open(tmp_path) as archive:
        for claim in (report, said):
            archive.record(publication(claim), now=NOW, baseline=True)
        events = [event for n in range(3) for event in archive.swept(report.source, [], now=NOW + timedelta(days=n))]
        assert [event.type for event in events] == ["withdrawn"]
        (left,) = archive.history("Marlshire")
        assert left.state == "announced"


def test_the_passing_of_time_makes_a_report_overdue_once(tmp_path: Path) -> None:
    case = next(claim for claim in SOME if claim.finding.certainty == "before" and claim.finding.kind == "jtai")
    with Archive.open(tmp_path) as archive:
        archive.record(publication(case), now=datetime(2025, 6, 2, 9, 0, tzinfo=UTC), baseline=False)
        days = [archive.reconsider(datetime(2025, month, 20, 9, 0, tzinfo=UTC)) for month in (6, 7, 8, 9, 10)]
        assert [[event.type for event in events] for events in days] == [[], [], ["overdue"], [], []]
