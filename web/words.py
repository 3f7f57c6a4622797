"""How days, grades and inspections are written for readers of the pages."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from msgspec import Struct

from inspections import frameworks, said
from inspections.compare import Contrast
from inspections.days import Day
from inspections.model import Certainty, Grade, Inspection, Kind, Outcome, State
from inspections.said import MONTHS, QUOTED, quoted, safe, span
from inspections.said import one_line as line
from inspections.said import outcome as result

ATTRIBUTION = "Contains Ofsted information © Crown copyright, licensed under the Open Government Licence v3.0."
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"

STATES = {
    State.UNDER_WAY: "under way", State.DUE: "report awaited", State.OVERDUE: "report overdue",
    State.ANNOUNCED: "announced, report not seen", State.PUBLISHED: "published", State.CORRECTED: "corrected",
}  # fmt: skip
# What an arrow means stands beside it, for those who see none.
SHAPES = {"up": ("▲", "better"), "down": ("▼", "worse"), "same": ("=", "unchanged"), None: ("", "")}
_FIELDS = {
    "outcome": "Outcome", "published_on": "Published", "inspected_from": "First day", "inspected_to": "Last day",
    "lead_inspector": "Lead inspector", "theme": "Theme", "priority_action": "Areas for priority action",
    "priority_actions": "Areas for priority action", "urn": "URN", "improvements": "What needs to improve",
}  # fmt: skip


class Chip(Struct, frozen=True, kw_only=True):
    """A grade or outcome as it is drawn: words first, then pips, then a tint; none of them stands alone."""

    words: str
    short: str  # "RI", where a chart has no room
    tone: str  # "best", "good", "weak", "bad" or "none"
    pips: str  # "●●○○": its place on its scale; "" where it is on none


def chip(value: Grade | Outcome | None, unknown: str = "not stated") -> Chip:
    if value is None:
        return Chip(words=unknown, short="?", tone="none", pips="")
    words = frameworks.words(value)
    short = "".join(word[0] for word in words.split()).upper()
    scale = next((grades for grades in frameworks.SCALES.values() if value in grades), None)
    if scale is None:
        return Chip(words=words, short=short, tone="none", pips="")
    place = scale.index(value)
    pips = "●" * (place + 1) + "○" * (len(scale) - place - 1)
    return Chip(words=words, short=short, tone=frameworks.tone(value), pips=pips)


def host(url: str) -> str:
    return (safe(url) and urlsplit(url).hostname) or ""


def kind(value: Kind) -> str:
    name = frameworks.KIND_NAMES[value].replace("'", "’")
    return name[:1].upper() + name[1:]


def area(key: str, of: Kind | None = None) -> str:
    """ "judgements.overall" and "overall" are "Overall effectiveness"; a field is its own name."""
    field, _, inner = key.partition(".")
    if field in ("judgements", "previous") and inner:
        written = line(frameworks.label(inner, of), 120)
        return f"{written}, before" if field == "previous" else written
    return _FIELDS.get(key) or line(frameworks.label(key, of), 120)


def day(stated: Day | date | None) -> str:
    """ "24 May 2024"; "" where it is unknown."""
    return said.day(Day(stated.isoformat()) if isinstance(stated, date) else stated)


def who(inspection: Inspection) -> str:
    """Whom it is about, in the typography of a page."""
    return said.who(inspection).replace("'", "’")


def headline(inspection: Inspection) -> str:
    """ "Northbridge children’s services: requires improvement → good"."""
    return f"{who(inspection)}: {result(inspection)}"


def kicker(inspection: Inspection) -> str:
    """What this is, in capitals above its headline."""
    if inspection.state == State.CORRECTED:
        return "Corrected by Ofsted"
    if inspection.certainty == Certainty.PUBLISHED:
        return "Published by Ofsted"
    if inspection.certainty == Certainty.ANNOUNCED:
        return "Announced – not yet seen at Ofsted"
    return STATES[inspection.state].capitalize()


def differs(each: Contrast, of: Kind) -> str:
    """ "Care leavers: good in the announcement, requires improvement in the report." """
    said, found = frameworks.words(each.said), frameworks.words(each.found)
    return f"{area(each.area, of)}: {said} in the announcement, {found} in the report."


__all__ = ["MONTHS", "QUOTED", "line", "quoted", "result", "safe", "span"]
