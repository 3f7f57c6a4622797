from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from msgspec import Struct

from archive import Archive
from archive.model import ListedProvider
from inspections.days import Day
from inspections.model import Publication

HOUR = timedelta(hours=1)


class Page(Struct):
    id: str
    url: str = "https://news.example/"
    authority: str | None = None


class Marks(Struct):
    etag: str | None = None
    last_modified: str | None = None


@pytest.fixture
def watched(archive: Archive, now: datetime) -> Archive:
    archive.watch([Page(id="a"), Page(id="b"), Page(id="c")], now)
    return archive


@pytest.mark.fault("O9")
def test_a_source_is_claimed_once_and_again_only_after_the_lease(watched: Archive, now: datetime) -> None:
    assert watched.claim_due(now, limit=2) == ["a", "b"]
    assert watched.claim_due(now, limit=2) == ["c"]
    assert watched.claim_due(now, limit=2) == []
    assert watched.claim_due(now + HOUR, limit=9) == ["a", "b", "c"]


def test_named_sources_are_claimed_whether_due_or_not(watched: Archive, now: datetime) -> None:
    watched.claim_due(now, limit=9)
    assert watched.claim_due(now, limit=9, only=["b", "unknown"]) == ["b"]


def test_a_source_that_is_no_longer_declared_is_not_claimed_and_keeps_its_state(
    watched: Archive, now: datetime
) -> None:
    watched.polled("a", outcome="ok", now=now, next_due=now, seen=3, baseline_done=True)
    watched.watch([Page(id="b")], now)
    assert watched.claim_due(now, limit=9) == ["b"]
    watched.watch([Page(id="a"), Page(id="b")], now)
    state = watched.source_state("a")
    assert state is not None
    assert state.baseline_done


def test_success_and_failure_move_the_clocks_that_they_should(watched: Archive, now: datetime) -> None:
    watched.polled("a", outcome="ok", now=now, next_due=now + HOUR, seen=25, new=1, validators=Marks(etag='"1"'))
    watched.polled("a", outcome="unchanged", now=now + HOUR, next_due=now + 2 * HOUR)
    for n in (2, 3):
        watched.polled("a", outcome="timeout", now=now + n * HOUR, next_due=now + 9 * HOUR, note="10 s")
    state = watched.source_state("a")
    assert state is not None
    assert (state.fail_streak, state.outcome, state.note) == (2, "timeout", "10 s")
    assert (state.last_polled, state.last_ok) == (now + 3 * HOUR, now + HOUR)
    assert (state.last_new, state.last_nonzero, state.last_seen) == (now, now, 25)
    assert (state.etag, state.next_due) == ('"1"', now + 9 * HOUR)
    assert [poll.outcome for poll in watched.polls("a")] == ["timeout", "timeout", "unchanged", "ok"]
    assert watched.forget_polls(now + 9 * HOUR) == 3


def test_the_validators_of_another_address_are_not_believed(watched: Archive, now: datetime) -> None:
    watched.polled("a", outcome="ok", now=now, next_due=now, validators=Marks(etag='"1"'))
    watched.watch([Page(id="a", url="https://news.example/new")], now)
    state = watched.source_state("a")
    assert state is not None
    assert (state.etag, state.url) == (None, "https://news.example/new")


@pytest.mark.fault("S1")
def test_validators_are_stored_with_what_was_read_or_not_at_all(
    watched: Archive, report: Callable[..., Publication], now: datetime
) -> None:
    with suppress(LookupError), watched.writing():
        watched.record(report(), now=now, baseline=False)
        watched.polled("a", outcome="ok", now=now, next_due=now, validators=Marks(etag='"1"'))
        raise LookupError
    state = watched.source_state("a")
    assert state is not None
    assert (state.etag, watched.known("ofsted")) == (None, {})


def test_the_hold_of_a_restored_archive_ends_with_the_first_success(watched: Archive, now: datetime) -> None:
    watched.hold_source("a", "restored")
    watched.polled("a", outcome="dns", now=now, next_due=now)
    held = watched.source_state("a")
    watched.polled("a", outcome="unchanged", now=now, next_due=now)
    free = watched.source_state("a")
    assert held is not None
    assert free is not None
    assert (held.hold, free.hold) == ("restored", None)


def test_an_announcement_makes_a_source_due_but_never_later(watched: Archive, now: datetime) -> None:
    watched.polled("a", outcome="ok", now=now, next_due=now + 5 * HOUR)
    watched.make_due("a", now + HOUR)
    watched.make_due("a", now + 3 * HOUR)
    state = watched.source_state("a")
    assert state is not None
    assert state.next_due == now + HOUR


@pytest.mark.fault("T4")
def test_what_a_wrong_clock_booked_far_ahead_is_due_now(watched: Archive, now: datetime) -> None:
    watched.polled("a", outcome="ok", now=now, next_due=now + timedelta(days=400))
    assert watched.reset_far_due(now, timedelta(days=1)) == 1
    assert watched.next_due() == now


def test_a_search_page_names_the_providers_to_be_read_once(archive: Archive, now: datetime) -> None:
    home = ListedProvider(urn="SC043210", name="Elm House", url="https://reports.example/", listed_on="2025-04-01")
    newer = ListedProvider(urn="SC043210", name="Elm House", url="https://reports.example/", listed_on="2025-05-01")
    assert archive.remember_providers([home], now) == [home]
    assert archive.remember_providers([home], now) == []
    assert archive.remember_providers([newer], now) == [newer]
    assert archive.provider("SC043210") == newer


@pytest.mark.fault("K20")
def test_a_host_s_count_of_the_day_survives_a_restart(archive: Archive, now: datetime) -> None:
    assert [archive.count_request("a.example", now.date()) for _ in range(2)] == [1, 2]
    with Archive.open(archive.folder) as again:
        assert again.count_request("a.example", now.date()) == 3
        assert again.count_request("a.example", now.date() + timedelta(days=1)) == 1
        assert again.count_request("b.example", now.date()) == 1


def test_an_incident_opens_once_and_closes_once(archive: Archive, now: datetime) -> None:
    assert archive.open_incident("E-DRIFT", "a", "no item was found", now=now)
    assert not archive.open_incident("E-DRIFT", "a", "still none", now=now)
    (incident,) = archive.incidents()
    archive.incident_told(incident.id, now=now)
    assert archive.close_incident("E-DRIFT", "a", now=now + HOUR)
    assert not archive.close_incident("E-DRIFT", "a", now=now + HOUR)
    assert archive.incidents() == []
    (closed,) = archive.incidents(open_only=False)
    assert (closed.text, closed.told_at, closed.closed_at) == ("still none", now, now + HOUR)
    assert archive.open_incident("E-DRIFT", "a", "again", now=now)


def test_the_days_of_a_source_are_those_it_states_before_it_was_watched_and_those_we_saw_since(
    watched: Archive, now: datetime
) -> None:
    def seen(ref: str, published: str | None, days: int) -> None:
        at = now + timedelta(days=days)
        day = None if published is None else Day(published)
        page = Publication(
            source="a", ref=ref, url=f"https://news.example/{ref}", title=ref, text=ref, published_on=day
        )  # fmt: skip
        watched.record(page, now=at, baseline=True)

    start = now.date()
    old = start - timedelta(days=40)
    watched.polled("a", outcome="ok", now=now, next_due=now, seen=3, new=3)
    seen("dated", old.isoformat(), 0)
    seen("to-the-month", f"{old:%Y-%m}", 0)
    seen("undated", None, 0)
    watched.polled("a", outcome="timeout", now=now + timedelta(days=1), next_due=now)
    watched.polled("a", outcome="unchanged", now=now + timedelta(days=2), next_due=now)
    watched.polled("a", outcome="ok", now=now + timedelta(days=3), next_due=now, seen=4, new=1)
    seen("dated-before-we-saw-it", (start + timedelta(days=1)).isoformat(), 3)
    found = watched.days_of("a")
    assert found.began == start
    assert found.read == {start, start + timedelta(days=2), start + timedelta(days=3)}
    assert found.news == {old, start + timedelta(days=3)}
    watched.forget_polls(now + timedelta(days=9))
    assert watched.days_of("a").news == found.news
    assert watched.days_of("b").news == frozenset()
