"""Inspections as all-day events for a diary: published, report due, expected next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from inspections.clock import OPEN
from inspections.model import Certainty, Inspection
from web import words
from web.site import GRADED, LONG_AGO, SEND, Site, path_of_authority, slug

_FOLD = 73  # bytes of a line before it is folded; RFC 5545 allows 75


def calendar(title: str, found: Sequence[Inspection], site: Site, *, expected: bool) -> str:
    """An RFC 5545 calendar; `expected`: also of what comes next.

    The same inspections give the same text, whenever it is asked for.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ofsted Watch//EN", "CALSCALE:GREGORIAN"]
    lines += [f"NAME:{_escaped(title)}", f"X-WR-CALNAME:{_escaped(title)}", "REFRESH-INTERVAL;VALUE=DURATION:PT12H"]
    due = site.due_by(each for each in found if each.state in OPEN)
    for each in found:
        lines += _events(each, due.get(each.id), site)
    lines += _expected(found, site) if expected else ()
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _events(each: Inspection, by: date | None, site: Site) -> Iterator[str]:
    """The day of publication; of an open case, the day after which its report is overdue."""
    page = f"/inspections/{each.id}"
    out = each.published_on.date if each.published_on else None
    if each.certainty in (Certainty.PUBLISHED, Certainty.ANNOUNCED):
        if out:
            yield from _event(f"{each.id}-out", out, words.headline(each), site.changed_at(each), site.absolute(page))
        return
    if by:
        title = f"Report due by now: {words.who(each)}"
        yield from _event(f"{each.id}-due", by, title, site.changed_at(each), site.absolute(page))


def _expected(found: Sequence[Inspection], site: Site) -> Iterator[str]:
    """What follows for each council whose graded inspections or area SEND inspections are among those found."""
    councils = {each.authority for each in found if each.authority and each.kind in (*GRADED, *SEND)}
    for each, after in sorted(site.expected(sorted(councils)), key=lambda pair: pair[1].authority or ""):
        if each.on >= site.today and after.authority:
            title = f"Expected about now: {words.kind(each.kind)}, {after.authority} ({each.why})"
            page = site.absolute(path_of_authority(after.authority) or "/due")
            yield from _event(f"{slug(after.authority)}-{each.kind}-{each.on}", each.on, title, LONG_AGO, page)


def _event(uid: str, on: date, title: str, changed: datetime, page: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}@ofsted-watch"
    yield f"DTSTAMP:{changed.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(title)}"
    yield f"URL:{page}"
    yield f"DESCRIPTION:{_escaped(words.ATTRIBUTION)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    plain = words.line(text, 400).replace("\\", "\\\\")
    return plain.replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 bytes, no letter cut in two."""
    if len(line.encode("utf-8")) <= _FOLD:
        yield line
        return
    piece = b""
    for letter in line:
        coded = letter.encode("utf-8")
        if len(piece) + len(coded) > _FOLD:
            yield piece.decode("utf-8")
            piece = b" "
        piece += coded
    yield piece.decode("utf-8")
