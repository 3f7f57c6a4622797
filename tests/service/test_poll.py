"""A round of polling: what is a first reading, what is kept when, and what ends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Flag

import pytest

from inspections.days import Day
from inspections.model import Certainty, Finding, Kind, Publication
from scraper.model import FetchError, Item, Page, Reading, Source, Validators
from service.assembly import Watch, assemble
from service.poll import poll, record
from service.polling.known import Round
from service.polling.rounds import Done, Listed, Read, read_source

NOW = datetime(2025, 9, 19, 12, tzinfo=UTC)
AUTHORITY = "Leeds"


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    folder = tmp_path / "config"
    for name in ("sources", "subscriptions"):
        (folder / name).mkdir(parents=True)
    (folder / "ofsted-watch.toml").write_text(
        f'contact = "desk@example.org"\narchive = "{tmp_path / "archive"}"\n', "utf-8"
    )
    (folder / "subscriptions" / "desk.toml").write_text(f'[[to]]\nmaildir = "{tmp_path / "mail"}"\n', "utf-8")
    (folder / "sources" / "news.toml").write_text(
        'name = "News"\nurl = "https://news.example/list"\nparser = "feed"\n', "utf-8"
    )
    with assemble(folder, NOW) as assembled:
        yield assembled


def read(ref: str, *, kind: Kind = Kind.ILACS, on: str = "2025-09-18", title: str = "") -> Read:
    finding = Finding(
        kind=kind, authority=AUTHORITY, certainty=Certainty.ANNOUNCED, published_on=Day(on),
        judgements={}, evidence={},
    )  # fmt: skip
    publication = Publication(
        source="news", ref=ref, url=f"https://news.example/{ref}", title=title or f"About {ref}", official=False,
        published_on=Day(on), type="article", findings=(finding,),
    )  # fmt: skip
    body = f"{ref} {title}".encode()
    return Read(publication=publication, body=body, validators=Validators(etag=f'"{ref}"'))


def source_of(watch: Watch) -> Source:
    (source,) = watch.sources
    return source


def waiting(watch: Watch) -> int:
    return watch.archive.status().waiting


def test_the_first_reading_tells_nobody(watch: Watch) -> None:
    polled = record(watch, source_of(watch), [Listed(items={"a": "1"}), read("a"), Done(outcome="ok", seen=1)], NOW)
    assert (polled.outcome, polled.new, polled.events) == ("ok", 1, ())
    assert waiting(watch) == 0
    assert watch.state(source_of(watch)).baseline_done


def test_what_comes_while_the_first_reading_takes_several_polls_is_news(watch: Watch) -> None:
    """A long list is read in parts; what was in its first listing is the past, whatever comes after is not."""
    source, first = source_of(watch), {"a": "1", "b": "2"}
    part = Done(outcome="ok", seen=2, complete=False)
    record(watch, source, [Listed(items=first), read("a", kind=Kind.JTAI), part], NOW)
    assert not watch.state(source).baseline_done
    listed = Listed(items={"new": "3", **first})
    rest = [read("new"), read("b", kind=Kind.AREA_SEND), Done(outcome="ok", seen=3)]
    polled = record(watch, source, [listed, *rest], NOW + timedelta(minutes=1))
    assert [event.inspection.kind for event in polled.events] == [Kind.ILACS]
    assert waiting(watch) == 1


def test_validators_are_kept_of_what_was_read_to_its_end(watch: Watch) -> None:
    source, tag = source_of(watch), Validators(etag='"list"')
    record(watch, source, [Listed(items={"a": "1"}), Done(outcome="ok", complete=False, validators=tag)], NOW)
    assert watch.state(source).etag is None
    record(watch, source, [Listed(items={"a": "1"}), read("a"), Done(outcome="ok", validators=tag)], NOW)
    state = watch.state(source)
    assert state.etag == '"list"'
    assert state.learned["items"] == {"a": ["1", '"a"', None]}


def test_a_listing_that_looks_new_as_a_whole_alerts_nobody_until_somebody_looked(watch: Watch) -> None:
    source = source_of(watch)
    record(watch, source, [Listed(items={"a": "1"}), Done(outcome="ok")], NOW)
    redesigned = Listed(items={"b": "2"}, redesigned=True)
    polled = record(watch, source, [redesigned, read("b"), Done(outcome="ok")], NOW + timedelta(hours=1))
    assert polled.events == ()
    assert watch.archive.status().held == 1
    assert waiting(watch) == 0


def test_what_was_learned_is_kept_and_a_proposal_ends_with_the_next_success(watch: Watch) -> None:
    source = source_of(watch)
    failed = Done(outcome="zero-items", complete=False, learned={"proposal": {"url": "https://news.example/feed"}})
    record(watch, source, [failed], NOW)
    assert watch.state(source).learned["proposal"] == {"url": "https://news.example/feed"}
    record(watch, source, [Done(outcome="unchanged")], NOW + timedelta(hours=1))
    assert "proposal" not in watch.state(source).learned


def test_a_round_that_is_stopped_reads_nothing_more(watch: Watch) -> None:
    stop = Flag()
    stop.set()
    assert poll(watch, watch.sources, now=NOW, stop=stop) == []
    assert watch.state(source_of(watch)).last_polled is None


def test_what_a_stopped_round_has_left_unread_is_due_at_once_and_not_when_its_lease_ends(watch: Watch) -> None:
    claimed = watch.due(NOW, 10)
    assert claimed
    assert watch.due(NOW, 10) == []
    stop = Flag()
    stop.set()
    poll(watch, claimed, now=NOW, stop=stop)
    assert watch.due(NOW, 10) == claimed


def test_a_source_that_was_cut_short_is_due_at_once_and_one_that_was_read_is_not(watch: Watch) -> None:
    stop = Flag()

    class CutShort:
        def get(self, url: str, *, source: Source, **_: object) -> None:
            stop.set()
            raise FetchError("the service is stopping", outcome="stopped")

        def close(self) -> None: ...

    watch.__dict__["fetcher"] = CutShort()
    [polled] = poll(watch, watch.due(NOW, 10)[:1], now=NOW, stop=stop)
    assert polled.outcome == "stopped"
    assert [one.id for one in watch.due(NOW, 10)][:1] == [polled.source]


def test_being_stopped_is_no_fault_of_the_source(watch: Watch) -> None:
    source = source_of(watch)
    for n, outcome in enumerate(("stopped", "ok", "stopped", "timeout", "stopped")):
        record(watch, source, [Done(outcome=outcome, complete=False)], NOW + n * timedelta(hours=1))
        state = watch.state(source)
        assert (state.outcome, state.fail_streak) == [
            (None, 0), ("ok", 0), ("ok", 0), ("timeout", 1), ("timeout", 1)
        ][n]  # fmt: skip


def test_a_fault_of_ours_ends_the_round_and_is_not_taken_for_one_of_the_source(watch: Watch) -> None:
    class Broken:
        def get(self, *_: object, **__: object) -> None:
            raise RuntimeError("a fault of ours")

        def close(self) -> None: ...

    watch.__dict__["fetcher"] = Broken()
    with pytest.raises(RuntimeError, match="a fault of ours"):
        poll(watch, watch.sources, now=NOW)
    assert watch.state(source_of(watch)).outcome is None


@pytest.mark.parametrize(("outcome", "kept"), [("timeout", ["a"]), ("stopped", [])])
def test_what_could_not_be_read_because_we_stopped_does_not_count_as_missing(
    watch: Watch, outcome: str, kept: list[str]
) -> None:
    """Of a source whose last poll failed too, an item that cannot be fetched is kept as listed and tried ever later."""

    def fetch(url: str, **_: object) -> Page:
        if url.endswith("/a"):
            raise FetchError("no answer", outcome=outcome)
        return Page(body=b"x", url=url)

    def parse(page: Page, **_: object) -> Reading:
        return Reading(type="listing", items=(Item(ref="a", url="https://news.example/a", title="A headline"),))

    round = Round(source=source_of(watch), held={}, on=NOW.date(), limit=10, persistent=True)
    steps = list(read_source(round, fetch, parse))
    assert [step.publication.ref for step in steps if isinstance(step, Read)] == kept
    assert isinstance(steps[-1], Done) and steps[-1].outcome == ("ok" if kept else "stopped")
