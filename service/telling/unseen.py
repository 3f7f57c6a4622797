"""What a digest cannot hold: sources of the subscription that nobody can read just now, named in its digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

from alerts.model import Subscription
from alerts.select import depends_on
from alerts.when import due_at
from alerts.wording import notice
from archive.model import Incident, SourceState
from archive.outbox import recipient_mark
from inspections.days import Day
from inspections.model import to_json
from inspections.said import day
from scraper.model import Source
from service.assembly import Watch
from service.health.incidents import EVERYTHING, OFSTED
from service.timetable import LONDON

# What a reader is told of an incident, before the day since which it is so.
_SAID = {
    "offline": "not read since",
    "not-read": "not read since",
    "reads-empty": "reads as good as empty since",
    "quiet": "nothing new, for longer than is usual, since",
}
_TITLE = "Part of what you subscribe to cannot be seen"
_MEANS = "What was published there since then may be missing. The operator knows of it, and news of it will follow."


def unseen(watch: Watch, subscriptions: Sequence[Subscription], now: datetime) -> list[str]:
    """A sentence for each thing amiss where news for these subscriptions could come from, the oldest first."""
    on = now.astimezone(LONDON).date()
    found = [(incident, _wanted(watch, sources, subscriptions, on)) for incident, sources in _amiss(watch)]
    return [_line(watch, incident, sources) for incident, sources in found if sources]


def tell_of_unseen(watch: Watch, now: datetime) -> Iterator[str]:
    """A notice in place of the digest, where there was none since it began: silence would look like no news.

    Gives the recipients who have a digest, one after the other, each with its notices frozen where they are due.
    """
    amiss, on = _amiss(watch), now.astimezone(LONDON).date()
    for recipient in watch.channels if amiss else ():
        digests = digests_of(watch, recipient)
        if not digests:
            continue
        yield recipient
        for incident, sources in amiss:
            began = incident.opened_at
            key = f"unseen-{incident.id}.1.{recipient_mark(recipient)}"
            if now < min(due_at(one, began) for one in digests) or watch.archive.message(key) is not None:
                continue
            wanted = _wanted(watch, sources, digests, on)
            rows = watch.archive.messages(recipient=recipient, limit=1000) if wanted else []
            if not wanted or any(row.created_at >= began and row.key.startswith("digest.") for row in rows):
                continue
            worded = notice(
                key, _TITLE, f"{_line(watch, incident, wanted)}\n\n{_MEANS}", settings=watch.sending, now=now,
                subscriptions=[one.id for one in digests],
            )  # fmt: skip
            watch.archive.freeze(key, recipient, to_json(worded), told={}, rows=[], now=now)


def digests_of(watch: Watch, recipient: str) -> list[Subscription]:
    """This recipient's subscriptions that come as a digest."""
    return [one for one in watch.subscribed.get(recipient, ()) if one.when != "instant"]


def _amiss(watch: Watch) -> list[tuple[Incident, list[Source]]]:
    """Every incident that readers are told of, with the sources that it is of; the oldest first."""
    standing = [one for one in reversed(watch.archive.incidents(limit=10_000)) if one.code in _SAID]
    return [(incident, _sources_of(watch, incident)) for incident in standing]


def _wanted(watch: Watch, sources: Sequence[Source], subscriptions: Sequence[Subscription], on: date) -> list[Source]:
    """Those from which news for one of the subscriptions could come."""
    return [
        source
        for source in sources
        if any(
            depends_on(one, source.id, source.authority, on, official=source.official, authorities=watch.authorities)
            for one in subscriptions
        )
    ]


def _sources_of(watch: Watch, incident: Incident) -> list[Source]:
    """An incident is of a source, of a host, of all that is Ofsted's, or of everything."""
    if incident.subject == EVERYTHING:
        return list(watch.sources)
    return [
        source
        for source in watch.sources
        if incident.subject in (source.id, urlsplit(source.url).hostname)
        or (incident.subject == OFSTED and source.official)
    ]


def _line(watch: Watch, incident: Incident, sources: Sequence[Source]) -> str:
    states = [watch.state(source) for source in sources]
    days = [last for state in states if (last := _last(incident, state))]
    since = min(days, default=incident.opened_at).astimezone(LONDON).date()
    if len(sources) == 1:
        name = sources[0].name
    elif all(source.official for source in sources):
        name = "Ofsted’s site"
    else:
        name = f"{len(sources)} sources" if incident.subject == EVERYTHING else incident.subject
    return f"{name}: {_SAID[incident.code]} {day(Day(since.isoformat()))}."


def _last(incident: Incident, state: SourceState) -> datetime | None:
    return state.last_new if incident.code == "quiet" else state.last_ok
