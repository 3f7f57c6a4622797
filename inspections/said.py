"""How days, lines of other people's text and outcomes are written for people, wherever they read them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from inspections import compare, frameworks
from inspections.days import Day
from inspections.model import OVERALL, SAFEGUARDING, Certainty, Change, Inspection, Kind, State

QUOTED = 300  # characters a field, of publishers other than Ofsted
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

# What of an authority is inspected, where the authority itself is: "Blackburn with Darwen children's services".
_SERVICES = {
    Kind.ILACS: "children's services", Kind.SIF: "children's services", Kind.FOCUSED_VISIT: "children's services",
    Kind.MONITORING_VISIT: "children's services", Kind.JTAI: "local area partnership", Kind.AREA_SEND: "area SEND",
    Kind.AREA_SEND_MONITORING: "area SEND", Kind.AREA_SEND_2016: "area SEND", Kind.FOSTERING: "fostering service",
    Kind.ADOPTION: "adoption service", Kind.FURTHER_EDUCATION: "adult learning",
}  # fmt: skip
_DOCUMENTS = {
    Kind.FOCUSED_VISIT: "focused visit letter", Kind.MONITORING_VISIT: "monitoring visit letter",
    Kind.ASSURANCE_VISIT: "assurance visit report", Kind.JTAI: "joint targeted area inspection letter",
    Kind.AREA_SEND_MONITORING: "monitoring letter", Kind.AREA_SEND_2016: "letter", Kind.OTHER: "document",
}  # fmt: skip
_STAGES = {
    State.UNDER_WAY: "inspection under way", State.DUE: "inspected, report awaited", State.OVERDUE: "report overdue",
}  # fmt: skip
# Controls, line and paragraph separators, halves of characters, and marks that turn the direction of writing.
_BREAKING = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
_MISLEADING = re.compile(r"[\s\\<>\"'`\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
_MOST_AREAS = 2


def day(stated: Day | None) -> str:
    """ "24 May 2024", "January 2022", "23 April"; "" where it is unknown."""
    if stated is None:
        return ""
    month = MONTHS[stated.month - 1]
    return " ".join(str(part) for part in (stated.day, month, stated.year) if part)


def span(start: Day | None, end: Day | None) -> str:
    """ "23 to 24 April 2024", "24 January to 4 February 2022"; one day where both are the same."""
    if start is None or end is None or start == end:
        return day(start or end)
    first = day(start)
    if start.day and end.day and start.year == end.year:
        first = str(start.day) if start.month == end.month else f"{start.day} {MONTHS[start.month - 1]}"
    return f"{first} to {day(end)}"


def one_line(text: str | bytes | None, longest: int = QUOTED) -> str:
    """The text in one line, control characters and line breaks as single spaces; cut at `longest` with an ellipsis."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    kept = "".join(" " if unicodedata.category(each) in _BREAKING else each for each in text or "")
    kept = re.sub(r"\s+", " ", kept).strip()
    return kept if len(kept) <= longest else kept[: longest - 1].rstrip() + "…"


def quoted(items: Sequence[str]) -> list[str]:
    """As many of the items as make up a quotation of 300 characters, the last one cut."""
    kept: list[str] = []
    left = QUOTED
    for item in items:
        if left < 2:
            break
        kept.append(one_line(item, left))
        left -= len(kept[-1])
    return kept


def safe(url: str) -> str | None:
    """The address, if a reader can follow it without being misled: http(s), no password, nothing invisible."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or _MISLEADING.search(url):
        return None
    return parts._replace(netloc=host + port).geturl()


def who(inspection: Inspection) -> str:
    if inspection.provider:
        return one_line(inspection.provider, 120)
    name = one_line(inspection.authority or inspection.urn or "Unnamed provider", 120)
    return f"{name} {_SERVICES[inspection.kind]}" if inspection.kind in _SERVICES else name


def outcome(inspection: Inspection) -> str:
    """The outcome in a few words, old → new where both are known; what was published, where there is no grade."""
    if inspection.certainty not in (Certainty.PUBLISHED, Certainty.ANNOUNCED):
        return _STAGES.get(inspection.state, "inspection")
    urgent = ", with areas for priority action" if inspection.priority_action else ""
    known = [change for change in compare.changes(inspection) if change.after]
    if not known:
        document = _DOCUMENTS.get(inspection.kind, "inspection report")
        stated = ", grade not stated" if frameworks.is_graded(inspection.kind) else ""
        return f"{document} published{stated}{urgent}"
    first = next((change for change in known if change.area in (OVERALL, "outcome")), None)
    if first is not None:
        return _moved(first) + urgent
    if len(known) <= _MOST_AREAS:
        return "; ".join(f"{in_sentence(each.area, inspection)}: {_moved(each)}" for each in known) + urgent
    return _counted(known) + urgent


def _moved(change: Change) -> str:
    assert change.after is not None
    after = frameworks.words(change.after)
    if change.before is None:
        return after
    return f"{after}, unchanged" if change.before == change.after else f"{frameworks.words(change.before)} → {after}"


def _counted(changes: list[Change]) -> str:
    """ "3 areas good, 1 requires improvement; 1 better, 2 worse", for kinds without an overall grade."""
    safe = next((change.after for change in changes if change.area == SAFEGUARDING and change.after), None)
    grades = Counter(change.after for change in changes if change.after and change.area != SAFEGUARDING)
    best_first = sorted(grades, key=lambda grade: (-grades[grade], -(frameworks.rank(grade) or 0)))
    parts = [f"{grades[grade]} {frameworks.words(grade)}" for grade in best_first]
    counted = parts[0].replace(" ", " areas " if grades[best_first[0]] > 1 else " area ", 1)
    moved = Counter(change.direction for change in changes)
    steps = [f"{moved[way]} {word}" for way, word in (("up", "better"), ("down", "worse")) if moved[way]]
    also = [", ".join(steps)] if steps else []
    also += [f"safeguarding {frameworks.words(safe)}"] if safe else []
    return "; ".join([", ".join([counted, *parts[1:]]), *also])


def in_sentence(key: str, inspection: Inspection) -> str:
    """An area in the middle of a sentence."""
    return lowered(one_line(frameworks.label(key, inspection.kind), 120))


def lowered(label: str) -> str:
    """A label in the middle of a sentence: "help and protection", and "SEND" as it is."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
