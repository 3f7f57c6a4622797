"""One inspection to be told to one recipient, and how its facts are written for people."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from alerts.model import Told
from alerts.news import PRIORITY_ACTION, News
from inspections import frameworks
from inspections.compare import Contrast
from inspections.model import Claim, Grade, Inspection, Outcome
from inspections.said import one_line

# Fields that are no area, as a reader is told of them.
FIELDS = {
    "outcome": "Outcome",
    "published_on": "Date of publication",
    "inspected_from": "First day of the inspection",
    "inspected_to": "Last day of the inspection",
    "lead_inspector": "Lead inspector",
    "theme": "Theme",
    PRIORITY_ACTION: "Areas for priority action",
    "priority_actions": "Areas for priority action",
}


class Story(Struct, frozen=True, kw_only=True):
    """One inspection to be told to one recipient, with all that the message needs to know of it."""

    inspection: Inspection
    news: News
    told: Told | None = None  # what the recipient was told before
    claims: tuple[Claim, ...] = ()  # the publications behind it
    contrasts: tuple[Contrast, ...] = ()  # where publications say other than the report
    subscriptions: tuple[str, ...] = ()  # whose filter it passed
    publishers: Mapping[str, str] = field(default_factory=dict)  # of a claim's source: "council", "media", "ofsted"


def graded(value: Grade | Outcome | bool | None, unknown: str = "not stated") -> str:
    """A grade, an outcome, or whether there are priority actions, in words."""
    if isinstance(value, bool):
        return "set" if value else "none"
    return frameworks.words(value) if value else unknown


def area(key: str, inspection: Inspection) -> str:
    return FIELDS.get(key) or one_line(frameworks.label(key, inspection.kind), 120)
