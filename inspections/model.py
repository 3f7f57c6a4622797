"""The records that every room shares. All are frozen; `*_on` is a Day or a date, `*_at` an aware UTC datetime."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field

from inspections.days import Day

Record = TypeVar("Record")


class Kind(StrEnum):
    """What sort of inspection, visit or review it is."""

    ILACS = "ilacs"
    SIF = "sif"
    FOCUSED_VISIT = "focused_visit"
    MONITORING_VISIT = "monitoring_visit"
    ASSURANCE_VISIT = "assurance_visit"
    JTAI = "jtai"
    AREA_SEND = "area_send"
    AREA_SEND_MONITORING = "area_send_monitoring"
    AREA_SEND_2016 = "area_send_2016"
    SCHOOL = "school"
    EARLY_YEARS = "early_years"
    FURTHER_EDUCATION = "further_education"
    CHILDRENS_HOME = "childrens_home"
    FOSTERING = "fostering"
    ADOPTION = "adoption"
    RESIDENTIAL_FAMILY_CENTRE = "residential_family_centre"
    SUPPORTED_ACCOMMODATION = "supported_accommodation"
    OTHER = "other"


class Grade(StrEnum):
    """A grade of any scale; which scale belongs to which kind and time is in `inspections.frameworks`."""

    OUTSTANDING = "outstanding"
    GOOD = "good"
    REQUIRES_IMPROVEMENT = "requires_improvement"
    INADEQUATE = "inadequate"
    NOT_JUDGED = "not_judged"
    ADEQUATE = "adequate"  # the third grade before November 2013
    EXCEPTIONAL = "exceptional"
    STRONG_STANDARD = "strong_standard"
    EXPECTED_STANDARD = "expected_standard"
    NEEDS_ATTENTION = "needs_attention"
    URGENT_IMPROVEMENT = "urgent_improvement"
    MET = "met"
    NOT_MET = "not_met"
    EFFECTIVE = "effective"
    NOT_EFFECTIVE = "not_effective"


class Outcome(StrEnum):
    """What stands in place of grades where a kind has none."""

    TYPICALLY_POSITIVE = "typically_positive"
    INCONSISTENT = "inconsistent"
    SYSTEMIC_FAILINGS = "systemic_failings"
    CONSISTENTLY_STRONG = "consistently_strong"
    SERIOUS_WEAKNESSES = "serious_weaknesses"
    WRITTEN_STATEMENT_REQUIRED = "written_statement_required"
    WRITTEN_STATEMENT_NOT_REQUIRED = "written_statement_not_required"
    SIGNIFICANT_PROGRESS = "significant_progress"
    REASONABLE_PROGRESS = "reasonable_progress"
    SUFFICIENT_PROGRESS = "sufficient_progress"
    INSUFFICIENT_PROGRESS = "insufficient_progress"
    IMPROVED_EFFECTIVENESS = "improved_effectiveness"
    SUSTAINED_EFFECTIVENESS = "sustained_effectiveness"
    DECLINED_EFFECTIVENESS = "declined_effectiveness"
    REMAINS_GOOD = "remains_good"
    REMAINS_OUTSTANDING = "remains_outstanding"
    STANDARDS_MAINTAINED = "standards_maintained"
    IMPROVED_SIGNIFICANTLY = "improved_significantly"
    NOT_AS_STRONG = "not_as_strong"


class Certainty(StrEnum):
    """How far a page commits itself."""

    PUBLISHED = "published"  # an official document or page
    ANNOUNCED = "announced"  # somebody says that an outcome is out
    BEFORE = "before"  # an inspection is under way or expected
    AFTER = "after"  # an outcome told before is spoken of again
    UNDECIDED = "undecided"  # kept for review, never alerted


class State(StrEnum):
    """Where an inspection stands on the case clock."""

    UNDER_WAY = "under_way"
    DUE = "due"
    OVERDUE = "overdue"
    ANNOUNCED = "announced"
    PUBLISHED = "published"
    CORRECTED = "corrected"


# Area keys. Others are the snake_case of the printed area; one provision's grade is "apprenticeships/achievement".
OVERALL, LEADERS, HELP_PROTECTION = "overall", "leaders", "help_protection"
IN_CARE, CARE_LEAVERS, IN_CARE_AND_CARE_LEAVERS = "in_care", "care_leavers", "in_care_and_care_leavers"
ADOPTION_AREA, LSCB, SAFEGUARDING = "adoption", "lscb", "safeguarding"
ALL = "all"  # somebody says "every area"; never in an official finding


class Authority(Struct, frozen=True, kw_only=True):
    """An upper-tier council, or one that was; a row of authorities.csv."""

    code: str  # the DfE's three digits, "889"
    name: str
    gss: str | None = None
    urn: str | None = None  # Ofsted's, of its children's services
    aliases: tuple[str, ...] = ()
    region: str | None = None
    domain: str | None = None
    valid_from: date | None = None  # None: since before 2018
    valid_to: date | None = None  # the last day; None: still stands
    predecessors: tuple[str, ...] = ()  # codes
    former_gss: tuple[str, ...] = ()  # the ONS gave it a new code, the council stayed


class Provider(Struct, frozen=True, kw_only=True):
    """Who is inspected. Identity is the URN; names change, and the number in /provider/44/… is a type."""

    urn: str
    name: str
    kind: Kind | None = None
    type: int | None = None  # the number in /provider/44/…
    authority: str | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """The words from which a field was read, and where they stand."""

    text: str  # exact words, at most 300 characters
    page: int | None = None  # of a PDF, counted from 1
    path: str | None = None  # of an HTML page: a CSS path


class Finding(Struct, frozen=True, kw_only=True):
    """What one publication says about one inspection. None is unknown, never "none"."""

    kind: Kind
    authority: str | None  # the table's name, else as printed; None where none is meant
    provider: str | None = None  # None where the authority itself is inspected
    urn: str | None = None
    certainty: Certainty
    inspected_from: Day | None = None
    inspected_to: Day | None = None
    published_on: Day | None = None  # when the outcome was published
    published_origin: str | None = None  # where that date was read: "text", "json-ld", "provider page", "feed", …
    lead_inspector: str | None = None
    theme: str | None = None
    judgements: dict[str, Grade | None] = field(default_factory=dict)  # None: expected, but not read for certain
    previous: dict[str, Grade] = field(default_factory=dict)  # the latest earlier grade that it names, by area
    outcome: Outcome | None = None
    priority_action: bool | None = None  # True only for actions set anew by this inspection
    priority_actions: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()  # verbatim, in printed order
    deadlines: dict[str, Day] = field(default_factory=dict)  # "written_statement", "action_plan", "next_inspection"
    notes: tuple[str, ...] = ()
    evidence: dict[str, Evidence] = field(default_factory=dict)  # field → words; "judgements.overall" for one area


class Publication(Struct, frozen=True, kw_only=True):
    """One page or document that says something. (source, ref) is its identity, for ever."""

    source: str
    ref: str  # the source's own stable id, "50179544"; else the canonical URL
    url: str  # where a person reads it
    page_url: str | None = None  # the provider page that lists the document
    title: str
    published_on: Day | None = None
    published_at: datetime | None = None
    published_origin: str | None = None
    official: bool = False
    document_sha256: str | None = None  # None: listed, but its document could not be read
    type: str | None = None  # "report", "article", …, as `read` names it
    text: str = ""
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


class Claim(Struct, frozen=True, kw_only=True):
    """A finding as the archive holds it: with its own id and what is known of the publication that makes it."""

    id: str
    seq: int  # the order in which findings were first stored
    source: str
    ref: str
    title: str
    url: str
    page_url: str | None = None
    official: bool
    published_on: Day | None  # the publication's own date
    seen_on: date  # when we first read it
    corrected: bool = False  # its document was read before with other grades, outcome or priority action
    finding: Finding


class Inspection(Struct, frozen=True, kw_only=True):
    """The event in the world to which findings resolve: a finding's facts, official where there are any."""

    id: str
    state: State
    kind: Kind
    authority: str | None
    provider: str | None = None
    urn: str | None = None
    certainty: Certainty
    inspected_from: Day | None = None
    inspected_to: Day | None = None
    published_on: Day | None = None
    published_origin: str | None = None
    lead_inspector: str | None = None
    theme: str | None = None
    judgements: dict[str, Grade | None] = field(default_factory=dict)
    previous: dict[str, Grade] = field(default_factory=dict)  # by the archive's own history, else as named
    outcome: Outcome | None = None
    previous_outcome: Outcome | None = None  # of the inspection of this kind before, by the archive's own history
    priority_action: bool | None = None
    priority_actions: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()
    deadlines: dict[str, Day] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    evidence: dict[str, Evidence] = field(default_factory=dict)
    claims: tuple[str, ...] = ()  # ids, oldest first
    merged: tuple[str, ...] = ()  # ids that answer with this one, as the archive knows them


class Overrule(Struct, frozen=True, kw_only=True):
    """A person's decision, an input of `resolve` like any finding. Later ones stand over earlier ones.

    "merge": the claims `claim` and `other` are of one inspection. "split": the claims of the publication `other`
    ("source/ref") are not of the inspection of `claim`. "accept", "reject": of an undecided claim, in review.
    """

    kind: str
    claim: str
    other: str = ""


class Change(Struct, frozen=True, kw_only=True):
    """One area, old → new. Direction: "up", "down", "same", or None where the two cannot be compared."""

    area: str
    before: Grade | Outcome | None = field(name="from", default=None)
    after: Grade | Outcome | None = field(name="to", default=None)
    direction: str | None = None


class Event(Struct, frozen=True, kw_only=True):
    """A fact about an inspection that came to be known: what `compare.events` finds between two resolutions."""

    type: str  # "announced", "published", "updated", "corrected", "contradicted", "withdrawn", "overdue"
    inspection: Inspection
    earlier: Inspection | None = None  # the same inspection as it was known before this event
    why: str = ""


def to_json(value: Any) -> bytes:
    """Any record as JSON, its keys in the order of their definition."""
    return msgspec.json.encode(value, enc_hook=_written)


def to_plain(value: Any) -> Any:
    """Any record as dicts, lists and strings."""
    return msgspec.to_builtins(value, enc_hook=_written)


def from_json(text: bytes | str, type: type[Record]) -> Record:
    """The record that `to_json` wrote. Raises msgspec.ValidationError for anything else."""
    return msgspec.json.decode(text, type=type, dec_hook=_day)


def _written(value: Any) -> str:
    if isinstance(value, Day):
        return "".join(value)  # msgspec takes str itself, not its subclasses
    raise NotImplementedError(f"no encoder for {type(value)!r}")


def _day(type: type, value: Any) -> Any:
    if type is Day:
        return Day(value)
    raise NotImplementedError(f"no decoder for {type!r}")
