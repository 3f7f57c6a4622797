"""The subject that says it all: who, what the outcome is and was, who says so, and when."""

from __future__ import annotations

from alerts.story import Story, area, graded
from inspections.model import OVERALL, Certainty
from inspections.said import day, lowered, outcome, span, who

_ANNOUNCERS = {"council": "announced by the council", "media": "reported by local media"}


def subject(story: Story) -> str:
    """ "Blackburn with Darwen children's services: requires improvement → good (Ofsted, 23 April 2025)"."""
    return f"{headline(story)} ({source(story)})"


def headline(story: Story) -> str:
    """The subject without who says so and when."""
    by_type = {"inspection.corrected": "Correction: ", "inspection.contradicted": "Report differs: "}
    start = by_type.get(story.news.type, "")
    said = _differing(story) if start else outcome(story.inspection)
    return f"{start}{who(story.inspection)}: {said}"


def source(story: Story) -> str:
    """ "Ofsted, 23 April 2025"; "announced by the council, 23 April 2025"; "expected by usual times"."""
    inspection = story.inspection
    if inspection.certainty == Certainty.PUBLISHED:
        said, when = "Ofsted", day(inspection.published_on)
    elif inspection.certainty == Certainty.ANNOUNCED:
        said, when = announced(story), day(inspection.published_on)
    else:
        said, when = "inspected", span(inspection.inspected_from, inspection.inspected_to)
    return f"{said} {when}" if when and said == "inspected" else ", ".join(part for part in (said, when) if part)


def announced(story: Story) -> str:
    """Who says so: the publisher of the first publication that announces it, where that is known."""
    for claim in story.claims:
        publisher = story.publishers.get(claim.source)
        if claim.finding.certainty == Certainty.ANNOUNCED and publisher in _ANNOUNCERS:
            return _ANNOUNCERS[publisher]
    return "announced"


def _differing(story: Story) -> str:
    """What differs from what was told: the one thing, or how many."""
    differences = story.news.differences
    if not differences:
        return outcome(story.inspection)
    first = next((each for each in differences if each.area == OVERALL), differences[0])
    told_as = "announced as" if story.news.type == "inspection.contradicted" else "not"
    now = graded(first.now, unknown="no longer stated")
    more = f", and {len(differences) - 1} more" if len(differences) > 1 else ""
    return f"{lowered(area(first.area, story.inspection))} {now}, {told_as} {graded(first.told)}{more}"
