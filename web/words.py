"""How days, grades and inspections are written for readers of the pages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from msgspec import Struct

from inspections import compare, frameworks
from inspections.compare import Contrast
from inspections.days import Day
from inspections.model import OVERALL, SAFEGUARDING, Certainty, Change, Grade, Inspection, Kind, Outcome, State

QUOTED = 300  # characters a field, of publishers other than Ofsted
ATTRIBUTION = "Contains Ofsted information © Crown copyright, licensed under the Open Government Licence v3.0."
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
STATES = {
    State.UNDER_WAY: "under way", State.DUE: "report awaited", State.OVERDUE: "report overdue",
    State.ANNOUNCED: "announced, report not seen", State.PUBLISHED: "published", State.CORRECTED: "corrected",
}  # fmt: skip
# What an arrow means stands beside it, for those who see none.
SHAPES = {"up": ("▲", "better"), "down": ("▼", "worse"), "same": ("=", "unchanged"), None: ("", "")}
_STAGES = {
    State.UNDER_WAY: "inspection under way", State.DUE: "inspected, report awaited", State.OVERDUE: "report overdue",
}  # fmt: skip
_SERVICES = {
    Kind.ILACS: "children’s services", Kind.SIF: "children’s services", Kind.FOCUSED_VISIT: "children’s services",
    Kind.MONITORING_VISIT: "children’s services", Kind.ASSURANCE_VISIT: "children’s services",
    Kind.JTAI: "local area partnership", Kind.AREA_SEND: "area SEND", Kind.AREA_SEND_MONITORING: "area SEND",
    Kind.AREA_SEND_2016: "area SEND", Kind.FOSTERING: "fostering service", Kind.ADOPTION: "adoption service",
    Kind.FURTHER_EDUCATION: "adult learning",
}  # fmt: skip
_FIELDS = {
    "outcome": "Outcome", "published_on": "Published", "inspected_from": "First day", "inspected_to": "Last day",
    "lead_inspector": "Lead inspector", "theme": "Theme", "priority_action": "Areas for priority action",
    "priority_actions": "Areas for priority action", "urn": "URN", "improvements": "What needs to improve",
}  # fmt: skip
_TONES = {2: ("bad", "good"), 3: ("bad", "weak", "good"), 4: ("bad", "weak", "good", "best"),
          5: ("bad", "weak", "good", "good", "best")}  # fmt: skip
_BREAKING = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})  # among them marks that turn the writing round
_MISLEADING = re.compile(r"[\s\\<>\"'`\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
_MOST_AREAS = 2


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
    return Chip(words=words, short=short, tone=_TONES[len(scale)][place], pips=pips)


def line(text: str | None, longest: int = QUOTED) -> str:
    """Other people's text in one line: no breaks, no control characters; cut at `longest` with an ellipsis."""
    kept = "".join(" " if unicodedata.category(each) in _BREAKING else each for each in text or "")
    kept = re.sub(r"\s+", " ", kept).strip()
    return kept if len(kept) <= longest else kept[: longest - 1].rstrip() + "…"


def quoted(items: Sequence[str]) -> list[str]:
    """As many of the items as make up one quotation, the last one cut."""
    kept: list[str] = []
    left = QUOTED
    for item in items:
        if left < 2:
            break
        kept.append(line(item, left))
        left -= len(kept[-1])
    return kept


def safe(url: str | None) -> str | None:
    """The address, if a reader can follow it without being misled: http(s), no password, nothing invisible."""
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or _MISLEADING.search(url or ""):
        return None
    return parts._replace(netloc=host + port).geturl()


def host(url: str) -> str:
    return (safe(url) and urlsplit(url).hostname) or ""


def day(stated: Day | date | None) -> str:
    """ "24 May 2024", "January 2022", "23 April"; "" where it is unknown."""
    if stated is None:
        return ""
    return " ".join(str(part) for part in (stated.day, MONTHS[stated.month - 1], stated.year) if part)


def span(start: Day | None, end: Day | None) -> str:
    """ "23 to 24 April 2024", "24 January to 4 February 2022"; one day where both are the same."""
    if start is None or end is None or start == end:
        return day(start or end)
    first = day(start)
    if start.day and end.day and start.year == end.year:
        first = str(start.day) if start.month == end.month else f"{start.day} {MONTHS[start.month - 1]}"
    return f"{first} to {day(end)}"


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


def who(inspection: Inspection) -> str:
    if inspection.provider:
        return line(inspection.provider, 120)
    name = line(inspection.authority or inspection.urn or "Unnamed provider", 120)
    return f"{name} {_SERVICES[inspection.kind]}" if inspection.kind in _SERVICES else name


def headline(inspection: Inspection) -> str:
    """ "Northbridge children’s services: requires improvement → good"."""
    return f"{who(inspection)}: {result(inspection)}"


def result(inspection: Inspection) -> str:
    """The outcome in a few words, old → new where both are known; what was published, where there is no grade."""
    if inspection.certainty not in (Certainty.PUBLISHED, Certainty.ANNOUNCED):
        return _STAGES.get(inspection.state, "inspection")
    urgent = ", with areas for priority action" if inspection.priority_action else ""
    known = [change for change in compare.changes(inspection) if change.after]
    if not known:
        stated = ", grade not stated" if frameworks.is_graded(inspection.kind) else ""
        return f"{kind(inspection.kind).lower()} published{stated}{urgent}"
    first = next((change for change in known if change.area in (OVERALL, "outcome")), None)
    if first is not None:
        return _moved(first) + urgent
    if len(known) <= _MOST_AREAS:
        named = (f"{area(each.area, inspection.kind).lower()}: {_moved(each)}" for each in known)
        return "; ".join(named) + urgent
    return _counted(known) + urgent


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


def _moved(change: Change) -> str:
    assert change.after is not None
    after = frameworks.words(change.after)
    if change.before is None:
        return after
    return f"{after}, unchanged" if change.before == change.after else f"{frameworks.words(change.before)} → {after}"


def _counted(changes: list[Change]) -> str:
    """ "3 areas good, 1 requires improvement; 1 better, 2 worse", for kinds without an overall grade."""
    grades = Counter(change.after for change in changes if change.after and change.area != SAFEGUARDING)
    best_first = sorted(grades, key=lambda grade: (-grades[grade], -(frameworks.rank(grade) or 0)))
    parts = [f"{grades[grade]} {frameworks.words(grade)}" for grade in best_first]
    if not parts:
        return "; ".join(f"{change.area} {_moved(change)}" for change in changes)
    counted = parts[0].replace(" ", " areas " if grades[best_first[0]] > 1 else " area ", 1)
    moved = Counter(change.direction for change in changes)
    steps = [f"{moved[way]} {word}" for way, word in (("up", "better"), ("down", "worse")) if moved[way]]
    return "; ".join([", ".join([counted, *parts[1:]]), *([", ".join(steps)] if steps else [])])
