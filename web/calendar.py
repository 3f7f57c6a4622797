"""Inspections as all-day events for a diary: published, report due, expected next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from inspections import clock
from inspections.model import Certainty, Inspection
from web import words
from web.site import GRADED, SEND, Site

_FOLD = 73  # bytes of a line before it is folded; RFC 5545 allows 75


def calendar(title: str, found: Sequence[Inspection], site: Site) -> str:
    """An RFC 5545 calendar. The same inspections give the same text, whenever it is asked for."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ofsted Watch//EN", "CALSCALE:GREGORIAN"]
    lines += [f"NAME:{_escaped(title)}", f"X-WR-CALNAME:{_escaped(title)}", "REFRESH-INTERVAL;VALUE=DURATION:PT12H"]
    for each in found:
        lines += _events(each, site)
    lines += _expected(found, site)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _events(each: Inspection, site: Site) -> Iterator[str]:
    out = each.published_on.date if each.published_on else None
    changed = site.changed_at(each)
    if each.certainty in (Certainty.PUBLISHED, Certainty.ANNOUNCED):
        if out:
            yield from _event(f"{each.id}-out", out, words.headline(each), each, changed, site)
        return
    last = each.inspected_to or each.inspected_from or each.published_on
    if last is not None and last.last:
        by = clock.due_on(last.last, clock.usual(each.kind))
        yield from _event(f"{each.id}-due", by, f"Report due by now: {words.who(each)}", each, changed, site)


def _expected(found: Sequence[Inspection], site: Site) -> Iterator[str]:
    """What follows the newest inspection of each council, by the rules."""
    seen = set()
    for each in sorted(found, key=lambda one: "".join(one.published_on or ""), reverse=True):
        family = next((n for n, kinds in enumerate((GRADED, SEND)) if each.kind in kinds), None)
        if family is None or (each.authority, family) in seen:
            continue
        seen.add((each.authority, family))
        following = clock.next_due(each)
        if following and following.on >= site.today:
            changed = site.changed_at(each)
            title = f"Expected about now: {words.kind(following.kind)}, {each.authority} ({following.why})"
            yield from _event(f"{each.id}-next", following.on, title, each, changed, site)


def _event(uid: str, on: date, title: str, of: Inspection, changed: datetime, site: Site) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}@ofsted-watch"
    yield f"DTSTAMP:{changed.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(title)}"
    yield f"URL:{site.absolute(f'/inspections/{of.id}')}"
    yield f"DESCRIPTION:{_escaped(f'{words.kind(of.kind)}. {words.ATTRIBUTION}')}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    plain = words.line(text, 400).replace("\\", "\\\\")
    return plain.replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 bytes, no letter cut in two."""
    piece = b""
    for letter in line:
        coded = letter.encode("utf-8")
        if len(piece) + len(coded) > _FOLD:
            yield piece.decode("utf-8")
            piece = b" "
        piece += coded
    yield piece.decode("utf-8")
