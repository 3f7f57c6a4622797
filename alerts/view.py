"""What a template is given: one inspection as plain words, every text of others made safe for a line.

docs/alerts.md lists these keys: people write their own templates with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from alerts import payload, subject
from alerts.news import PRIORITY_ACTION, Difference
from alerts.story import FIELDS, Story, area, graded
from inspections import compare, frameworks, said
from inspections.compare import Contrast
from inspections.model import Certainty, Change, Evidence, Grade, Inspection, Kind, Outcome
from inspections.said import day, one_line, span, who

_UNREAD = "published, and its document could not be read"  # how the note of such a publication begins
_MOST = {"improvements": 25, "evidence": 14, "contrasts": 8}  # of each in one message; the rest stands in the report

# What an arrow means, for those who see no arrow. None: there was nothing to compare with.
SHAPES = {"up": ("▲", "better"), "down": ("▼", "worse"), "same": ("=", "unchanged"), None: ("•", "")}

# Behind a grade's words: how it is tinted. Colour never says what the words do not.
TONES: dict[object, str] = {
    Grade.OUTSTANDING: "best", Grade.EXCEPTIONAL: "best", Grade.STRONG_STANDARD: "good", Grade.GOOD: "good",
    Grade.EXPECTED_STANDARD: "good", Grade.MET: "good", Grade.EFFECTIVE: "good", Grade.REQUIRES_IMPROVEMENT: "weak",
    Grade.ADEQUATE: "weak", Grade.NEEDS_ATTENTION: "weak", Grade.INADEQUATE: "bad", Grade.URGENT_IMPROVEMENT: "bad",
    Grade.NOT_MET: "bad", Grade.NOT_EFFECTIVE: "bad", Outcome.TYPICALLY_POSITIVE: "good",
    Outcome.CONSISTENTLY_STRONG: "good", Outcome.INCONSISTENT: "weak", Outcome.SYSTEMIC_FAILINGS: "bad",
    Outcome.SERIOUS_WEAKNESSES: "bad", Outcome.WRITTEN_STATEMENT_REQUIRED: "weak",
    Outcome.WRITTEN_STATEMENT_NOT_REQUIRED: "good", Outcome.INSUFFICIENT_PROGRESS: "weak",
    Outcome.SUFFICIENT_PROGRESS: "good",
}  # fmt: skip


def view(story: Story) -> dict[str, Any]:
    """The story in words; lists are empty and texts are "" where there is nothing to say."""
    inspection = story.inspection
    official = inspection.certainty == Certainty.PUBLISHED
    return {
        "type": story.news.type,
        "reason": story.news.reason,
        "why": story.news.why,
        "official": official,
        "kicker": _kicker(story),
        "headline": subject.headline(story),
        "source": subject.source(story),
        "who": who(inspection),
        "standfirst": _standfirst(story),
        "theme": one_line(inspection.theme or ""),
        "facts": _facts(inspection),
        "told_as": "you were told" if story.news.was_told else "it was",
        "differences": [_difference(each, inspection) for each in story.news.differences],
        "ungraded": _ungraded(story),
        "unread_at": _listed_at(story) if _unread(story) else "",
        "rows": [_row(each, inspection) for each in compare.changes(inspection)],
        "priority_actions": _texts(inspection.priority_actions, official),
        "priority_action": inspection.priority_action is True,
        "improvements": _texts(inspection.improvements, official)[: _MOST["improvements"]],
        "more_improvements": max(0, len(inspection.improvements) - _MOST["improvements"]) if official else 0,
        "contrasts": [_contrast(each, inspection) for each in story.contrasts[: _MOST["contrasts"]]],
        "evidence": _evidence(inspection)[: _MOST["evidence"]],
        "links": [each | {"host": urlsplit(each["url"]).netloc} for each in payload.links(story.claims)],
        "subscriptions": [one_line(each, 80) for each in story.subscriptions],
    }


def _kicker(story: Story) -> str:
    """What this message is, in capitals above its headline."""
    inspection = story.inspection
    by_type = {
        "inspection.corrected": "Correction to what you were told" if story.news.was_told else "Correction",
        "inspection.contradicted": "The report says other than the announcement",
        "inspection.overdue": "Report overdue",
    }
    if story.news.type in by_type:
        return by_type[story.news.type]
    if inspection.certainty == Certainty.PUBLISHED:
        return "Published by Ofsted"
    if inspection.certainty == Certainty.ANNOUNCED:
        return f"{subject.announced(story).capitalize()} – not yet seen at Ofsted"
    return "Stage of an inspection"


def _standfirst(story: Story) -> str:
    """The kind and the days, and why it is news to somebody who was told of it before."""
    inspection = story.inspection
    days = span(inspection.inspected_from, inspection.inspected_to)
    kind = frameworks.KIND_NAMES[inspection.kind]
    whole = f"{kind[:1].upper()}{kind[1:]}{', ' if days else ''}{days}."
    return whole if story.news.reason == "first" else f"{whole} {story.news.why}"


def _ungraded(story: Story) -> str:
    """Why no grade stands here, where none does; "" where there is one, or no outcome yet."""
    inspection = story.inspection
    out = inspection.certainty in (Certainty.PUBLISHED, Certainty.ANNOUNCED)
    if _unread(story):
        why = one_line(_unread(story).removeprefix(_UNREAD).lstrip(": "))
        why = f" ({why})" if why else ""
        return (
            f"Ofsted lists it, and its document could not be read{why}. It is tried again; you hear of a grade in it."
        )
    if not out or inspection.kind == Kind.OTHER or inspection.outcome or any(inspection.judgements.values()):
        return ""
    if not frameworks.is_graded(inspection.kind) and not frameworks.has_outcome(inspection.kind):
        return "Inspectors give no grade at the end of such a visit or inspection."
    return "No grade could be read for certain. Please look it up in the document."


def _unread(story: Story) -> str:
    """The note of a document that is listed and could not be read; "" where all that counts was read."""
    graded_all = story.inspection.outcome or any(story.inspection.judgements.values())
    return "" if graded_all else next((note for note in story.inspection.notes if note.startswith(_UNREAD)), "")


def _listed_at(story: Story) -> str:
    """Ofsted's page of the provider, where a person finds the document."""
    pages = [claim.page_url for claim in story.claims if claim.official and claim.page_url]
    return next((address for page in pages if (address := said.safe(page))), "")


def _facts(inspection: Inspection) -> list[dict[str, str]]:
    found = {
        "Inspected": span(inspection.inspected_from, inspection.inspected_to),
        "Published" if inspection.certainty == Certainty.PUBLISHED else "Announced": day(inspection.published_on),
        "Theme": one_line(inspection.theme or ""),
        "Lead inspector": one_line(inspection.lead_inspector or "", 120),
        "URN": one_line(inspection.urn or "", 20),
    }
    deadlines = {f"{name.replace('_', ' ').capitalize()} due": day(on) for name, on in inspection.deadlines.items()}
    return [{"name": name, "value": value} for name, value in (found | deadlines).items() if value]


def _row(change: Change, inspection: Inspection) -> dict[str, str]:
    shape, meaning = SHAPES[change.direction]
    if change.direction is None and change.before and change.after:
        meaning = "not comparable"
    return {
        "key": change.area,
        "area": area(change.area, inspection),
        "before": graded(change.before, unknown=""),
        "after": graded(change.after),
        "before_tone": TONES.get(change.before, "none") if change.before else "none",
        "after_tone": TONES.get(change.after, "none") if change.after else "none",
        "shape": shape,
        "meaning": meaning,
        "direction": change.direction or "",
    }


def _difference(difference: Difference, inspection: Inspection) -> dict[str, str]:
    return {
        "area": area(difference.area, inspection),
        "told": graded(difference.told),
        "now": graded(difference.now, unknown="no longer stated"),
        "told_tone": TONES.get(difference.told, "none"),
        "now_tone": TONES.get(difference.now, "none"),
    }


def _contrast(contrast: Contrast, inspection: Inspection) -> dict[str, Any]:
    address = said.safe(contrast.url)
    report = contrast.report
    return {
        "area": area(contrast.area, inspection),
        "said": graded(contrast.said),
        "found": graded(contrast.found),
        "quotation": one_line(contrast.quotation.text) if contrast.quotation else "",
        "report": one_line(report.text) if report else "",
        "place": _place(report) if report else "",
        "title": one_line(contrast.title, 160),
        "url": address or "",
        "host": urlsplit(address).netloc if address else "",
    }


def _evidence(inspection: Inspection) -> list[dict[str, str]]:
    """The grades' first, then the other fields'; the same words once, for all that was read from them."""
    found: dict[tuple[str, str], list[str]] = {}
    for graded_first in (True, False):
        for name, words in inspection.evidence.items():
            key = name.removeprefix("judgements.")
            if (key != name) == graded_first and (graded_first or name in FIELDS):
                none = name == PRIORITY_ACTION and not inspection.priority_action
                called = "No areas for priority action" if none else area(key, inspection)
                found.setdefault((one_line(words.text), _place(words)), []).append(called)
    return [{"name": ", ".join(names), "text": text, "place": place} for (text, place), names in found.items()]


def _place(evidence: Evidence) -> str:
    return f"page {evidence.page}" if evidence.page else ""


def _texts(items: Sequence[str], official: bool) -> list[str]:
    """Ofsted's own text whole; of others no more than a quotation."""
    return [one_line(item, 2000) for item in items] if official else said.quoted(items)
