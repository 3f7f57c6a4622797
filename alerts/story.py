"""One inspection to be told to one recipient, and how its facts are written for people."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from alerts.lines import one_line
from alerts.model import Told
from alerts.news import PRIORITY_ACTION, News
from inspections import frameworks
from inspections.compare import Contrast
from inspections.days import Day
from inspections.model import Claim, Grade, Inspection, Outcome

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

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


def graded(value: Grade | Outcome | bool | None, unknown: str = "not stated") -> str:
    """A grade, an outcome, or whether there are priority actions, in words."""
    if isinstance(value, bool):
        return "set" if value else "none"
    return frameworks.words(value) if value else unknown


def area(key: str, inspection: Inspection) -> str:
    return FIELDS.get(key) or one_line(frameworks.label(key, inspection.kind), 120)
