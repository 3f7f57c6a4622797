"""How a newsroom can be read when nobody, or its declaration no longer, can say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct, convert
from msgspec.structs import asdict, replace

from scraper.model import NotModified, Page, Reading, ScrapeError, Source, Validators
from scraper.probe import Candidate, declaration, is_sound, judge
from service.polling.known import Round
from service.polling.rounds import Done, Fetch, Listed, Parse, Read, read_source
from service.timetable import LONDON

if TYPE_CHECKING:
    from archive.model import SourceState
    from service.assembly import Watch

MOST_REQUESTS = 6  # to find out about one newsroom, its own page included
_AGAIN = timedelta(days=1)  # between two tries for one source
_MAY_BE_ANOTHER_KIND = frozenset({"not_recognised", "zero-items", "suspect"})  # outcomes of a reading

Discover = Callable[[Page], list[Candidate]]


class Trial(Struct, frozen=True, kw_only=True):
    """One candidate that was tried; `refused` says why it will not do, and is empty for one that is sound."""

    candidate: Candidate
    source: Source
    page: Page
    reading: Reading | None = None
    refused: str = ""


def trials(newsroom: Source, fetch: Fetch, discover: Discover, parse: Parse, now: datetime) -> Iterator[Trial]:
    """The ways to read the newsroom at this address, each tried in turn; take the first that is sound.

    Raises ScrapeError where the newsroom's own page cannot be had, or is none. At most MOST_REQUESTS are made.
    """
    page = _fetched(newsroom, fetch, now)
    requests = 1
    for candidate in discover(page):
        source = as_declared(newsroom, candidate)
        if candidate.hopeless:
            yield Trial(candidate=candidate, source=source, page=page, refused=candidate.hopeless)
            continue
        own = candidate.url == page.url
        if not own and requests >= MOST_REQUESTS:
            continue
        requests += not own
        try:
            got = page if own else _fetched(source, fetch, now)
            reading = parse(got, source=source)
        except ScrapeError as error:
            yield Trial(candidate=candidate, source=source, page=page, refused=str(error))
            continue
        verdicts = judge(candidate, reading)
        refused = "" if is_sound(verdicts) else "; ".join(one.said for one in verdicts if not one.ok)
        yield Trial(candidate=candidate, source=source, page=page, reading=reading, refused=refused)


def as_declared(newsroom: Source, candidate: Candidate) -> Source:
    """The newsroom, read in this way."""
    hosts = tuple(dict.fromkeys([*newsroom.hosts, *candidate.hosts]))
    own = {name: value for name, value in newsroom.options.items() if name in ("container", "ignore_robots")}
    return replace(
        newsroom, url=candidate.url, parser=candidate.parser, family=candidate.family,
        options={**own, **candidate.options}, hosts=hosts,
    )  # fmt: skip


def learned_source(source: Source, state: SourceState) -> Source:
    """The source as it is to be read: in the way that was learned, while its declaration is still the one it mends."""
    found = _kept(state.learned.get("declaration"), source)
    return as_declared(source, found) if found else source


def learned_declaration(watch: Watch, source_id: str) -> str | None:
    """What was found out about a source, as the text of its file; None where nothing was, or it no longer applies."""
    source = {**watch.settings.declarations, **{one.id: one for one in watch.sources}}.get(source_id)
    state = watch.archive.source_state(source_id)
    if state is None or source is None:
        return None
    kept = (_kept(state.learned.get(name), source) for name in ("proposal", "declaration"))
    found = next((one for one in kept if one), None)
    return declaration(as_declared(source, found), found.why) if found else None


def read_or_probe(
    round: Round, state: SourceState, fetch: Fetch, parse: Parse, discover: Discover, now: datetime
) -> Iterator[Listed | Read | Done]:
    """As `read_source`; a newsroom that was never read, and that its declaration does not fit, is probed first.

    What is found is read at once, and stands in the Done to be kept. A newsroom that was read before and no longer
    reads is not read in another way by itself: what is found is only proposed.
    """
    declared, round.source = round.source, learned_source(round.source, state)
    never_read = state.last_ok is None and declared.verified_on is None
    may_probe = _may_probe(declared, state, now)

    def probed() -> Trial | None:
        try:
            tried = trials(declared, fetch, discover, parse, now)
            return next((trial for trial in tried if not trial.refused), None)
        except ScrapeError:
            return None

    found = probed() if never_read and may_probe and _is_open(round.source) else None
    if found is None:
        steps = _marked(read_source(round, fetch, parse), round.source, declared)
        first = next(steps)
        if not (may_probe and isinstance(first, Done) and first.outcome in _MAY_BE_ANOTHER_KIND):
            yield first
            yield from steps
            return
        found = probed()
        if found is None or not never_read:
            yield _proposed(first, found, declared, now)
            return
    round.source, round.validators = found.source, Validators()
    for step in read_source(round, fetch, parse):
        yield _adopted(step, found, declared, now) if isinstance(step, Done) else step


def _marked(steps: Iterator[Listed | Read | Done], source: Source, declared: Source) -> Iterator[Listed | Read | Done]:
    """The steps, whose end says where the source is read when that is not as it is declared; a fault speaks alone."""
    for step in steps:
        if isinstance(step, Done) and step.outcome in ("ok", "unchanged") and source != declared:
            said = f"probed: read at {source.url}"
            step = replace(step, note=f"{said}; {step.note}" if step.note else said)
        yield step


def _adopted(done: Done, found: Trial, declared: Source, now: datetime) -> Done:
    said = f"probed: {found.candidate.why}, {found.candidate.url}"
    learned = {"declaration": _keeping(found.candidate, declared), "probed_at": now.isoformat()}
    return replace(done, note=f"{said}; {done.note}" if done.note else said, learned=learned)


def _proposed(done: Done, found: Trial | None, declared: Source, now: datetime) -> Done:
    learned: dict[str, Any] = {"probed_at": now.isoformat()}
    if found is None:
        return replace(done, note=f"{done.note} Probed: no other way was found to read it.", learned=learned)
    learned["proposal"] = _keeping(found.candidate, declared)
    said = f"Probed: {found.candidate.url} can be read ({found.candidate.why})"
    return replace(done, note=f"{done.note} {said}; it is not read until a person declares it.", learned=learned)


def _may_probe(source: Source, state: SourceState, now: datetime) -> bool:
    at = state.learned.get("probed_at")
    rested = at is None or now - datetime.fromisoformat(at) >= _AGAIN
    return rested and source.parser in ("feed", "wordpress", "listing")


def _is_open(source: Source) -> bool:
    """A declaration that leaves open how the page is to be read."""
    return source.parser == "listing" and source.family is None and "item" not in source.options


def _fetched(source: Source, fetch: Fetch, now: datetime) -> Page:
    page = fetch(source.url, source=source, fetched_on=now.astimezone(LONDON).date())
    assert not isinstance(page, NotModified)  # nothing is known of it yet
    return page


def _mark(declared: Source) -> list[str | None]:
    return [declared.url, declared.parser, declared.family]


def _keeping(candidate: Candidate, declared: Source) -> dict[str, Any]:
    return {**asdict(candidate), "instead_of": _mark(declared)}


def _kept(value: Any, declared: Source) -> Candidate | None:
    """The candidate as it was kept; None where there is none, or a person has declared the source anew since."""
    if not isinstance(value, dict) or value.get("instead_of") != _mark(declared):
        return None
    return convert({name: cell for name, cell in value.items() if name != "instead_of"}, Candidate)
