"""The past: providers' whole histories read without alerts, and official tables set beside what was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from archive.record import finding_id
from config.watched import of_authorities
from inspections import frameworks
from inspections.model import Authority, Claim, Inspection, Publication
from scraper.model import Source
from service.assembly import Watch
from service.poll import Polled, poll
from service.terminal import tables

_TRIES = 2  # in a row without a single new document: the site does not answer, and is left for another day


class Imported(Struct, frozen=True, kw_only=True):
    """What came of a table."""

    table: str
    new: int  # rows that the archive did not hold
    held: int
    alone: int  # inspections that nothing but the table tells of
    differences: tuple[str, ...]  # where it says other than what was read
    unread: tuple[str, ...]


def histories(watch: Watch, authorities: Sequence[Authority]) -> list[Source]:
    """Ofsted's pages of these authorities, watched or not; without names, of all that are watched."""
    if not authorities:
        return [source for source in watch.sources if source.parser == "ofsted_provider"]
    wanted = of_authorities(watch.settings.ofsted, authorities)
    return [source for source in wanted if source.parser == "ofsted_provider"]


def backfill(
    watch: Watch, sources: Sequence[Source], *, now: Callable[[], datetime],
    report: Callable[[Polled, bool], None] = lambda polled, whole: None,
) -> list[Polled]:  # fmt: skip
    """Read each history to its end, a few documents a round and with the gate's pauses; tell nobody of it.

    A history that was read before is not read again, so that a call that was interrupted goes on where it stopped.
    report: called for each round of each source, with whether its history is whole now. Returns those that are not.
    """
    waiting = [source for source in sources if not watch.state(source).baseline_done]
    idle = dict.fromkeys((source.id for source in waiting), 0)
    given_up: list[Polled] = []
    while waiting:
        results = {polled.source: polled for polled in poll(watch, waiting, now=now())}
        left = []
        for source in waiting:
            polled = results[source.id]
            whole = watch.state(source).baseline_done
            report(polled, whole)
            idle[source.id] = 0 if polled.new else idle[source.id] + 1
            if not whole and idle[source.id] >= _TRIES:
                given_up.append(polled)
            elif not whole:
                left.append(source)
        waiting = left
    return given_up


def imported(watch: Watch, path: Path, now: datetime) -> Imported:
    """Keep what an official table says, without alerts, and set it beside what was read. Importing again adds nothing.

    Raises tables.TableError and OSError.
    """
    table = tables.read(path, watch.authorities, page=f"{watch.settings.ofsted.reports}/provider/44/{{urn}}")
    known = watch.archive.known(tables.SOURCE)
    body: bytes | None = path.read_bytes()
    for publication in table.publications:
        watch.archive.record(publication, now=now, baseline=True, body=body)
        body = None  # the file is kept once
    alone = 0
    differences: list[str] = []
    for publication in table.publications:
        inspection = watch.archive.inspection(finding_id(publication.source, publication.ref, 0))
        read = [claim for claim in watch.archive.claims_of(inspection.id) if claim.official] if inspection else []
        others = [claim for claim in read if claim.source != tables.SOURCE]
        alone += not others
        if inspection and others:
            differences += _differences(publication, inspection, others)
    new = sum(publication.ref not in known for publication in table.publications)
    return Imported(
        table=table.name, new=new, held=len(table.publications) - new, alone=alone, differences=tuple(differences),
        unread=table.unread,
    )  # fmt: skip


def _differences(publication: Publication, inspection: Inspection, read: Sequence[Claim]) -> Iterator[str]:
    (said,) = publication.findings
    whom = f"{inspection.authority}, {frameworks.KIND_NAMES[inspection.kind]} of {said.inspected_from}"
    for area, grade in said.judgements.items():
        found = next((claim.finding.judgements[area] for claim in read if claim.finding.judgements.get(area)), None)
        if grade and found and found != grade:
            label = frameworks.label(area, inspection.kind)
            yield f"{whom}: {label} is {frameworks.words(grade)} in the table, {frameworks.words(found)} as read"
    outcome = next((claim.finding.outcome for claim in read if claim.finding.outcome), None)
    if said.outcome and outcome and outcome != said.outcome:
        yield f"{whom}: {frameworks.words(said.outcome)} in the table, {frameworks.words(outcome)} as read"
    days = [claim.published_on for claim in read if claim.published_on]
    if said.published_on and days and said.published_on not in days:
        yield f"{whom}: published on {said.published_on} in the table, on {days[0]} as read"
