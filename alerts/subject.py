"""The subject that says it all: who, what the outcome is and was, who says so, and when."""

from __future__ import annotations

from collections import Counter

from alerts.lines import one_line
from alerts.story import Story, area, day, graded, span
from inspections import compare, frameworks
from inspections.model import OVERALL, SAFEGUARDING, Certainty, Change, Inspection, Kind, State

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
_ANNOUNCERS = {"council": "announced by the council", "media": "reported by local media"}
_MOST_AREAS = 2


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
        return "; ".join(f"{_area(each.area, inspection)}: {_moved(each)}" for each in known) + urgent
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


def _differing(story: Story) -> str:
    """What differs from what was told: the one thing, or how many."""
    differences = story.news.differences
    if not differences:
        return outcome(story.inspection)
    first = next((each for each in differences if each.area == OVERALL), differences[0])
    told_as = "announced as" if story.news.type == "inspection.contradicted" else "not"
    now = graded(first.now, unknown="no longer stated")
    more = f", and {len(differences) - 1} more" if len(differences) > 1 else ""
    return f"{_area(first.area, story.inspection)} {now}, {told_as} {graded(first.told)}{more}"


def _area(key: str, inspection: Inspection) -> str:
    """An area in the middle of a sentence."""
    label = area(key, inspection)
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
