"""What Ofsted's site calls its documents, and which kind of inspection each label means."""

from __future__ import annotations

import re
from datetime import date

from msgspec import Struct

from inspections.days import Day
from inspections.model import Kind

REFUSED = frozenset({17, 18, 49})  # childminders, home childcarers and registered persons are people: never read
LOCAL_AUTHORITY = 44

# What the number in /provider/44/… says of the inspections there. 45 is an agency of some sort: its labels must say.
KINDS: dict[int, Kind] = {
    2: Kind.CHILDRENS_HOME, 15: Kind.EARLY_YEARS, 16: Kind.EARLY_YEARS,
    20: Kind.SCHOOL, 21: Kind.SCHOOL, 22: Kind.SCHOOL, 23: Kind.SCHOOL, 24: Kind.SCHOOL, 25: Kind.SCHOOL,
    27: Kind.SCHOOL, 28: Kind.SCHOOL, 46: Kind.SCHOOL,
    31: Kind.FURTHER_EDUCATION, 39: Kind.FURTHER_EDUCATION, 43: Kind.FURTHER_EDUCATION,
}  # fmt: skip
SOCIAL_CARE = frozenset({2, 45})


class Label(Struct, frozen=True, kw_only=True):
    """Words of a label, in lower case, that mean a kind on pages of these provider types, in this time."""

    words: str  # a regular expression, found anywhere in the label
    kind: Kind
    types: frozenset[int] | None = None  # None: any
    before: date | None = None  # the inspection began before that day
    since: date | None = None


_LA = frozenset({LOCAL_AUTHORITY})
_SIF_BEGAN, _ILACS_BEGAN, _SIF_ENDED, _SEND_2023 = (
    date(2013, 11, 1),
    date(2018, 1, 1),
    date(2018, 9, 1),
    date(2023, 1, 1),
)
_SCHOOLS = frozenset(number for number, kind in KINDS.items() if kind is Kind.SCHOOL)
_INSPECTION = (
    r"inspection|interim assessment|section \d|short|full|ungraded|graded|urgent|emergency|unannounced|monitoring"
)

# The first row that fits decides. "Children's services inspection" was the label of three frameworks: the day decides,
# and from January to August 2018, when two of them ran side by side, only the document can.
LABELS: tuple[Label, ...] = (
    Label(words=r"conversion|predecessor|complaint|registration (?:visit|inspection)|pre-registration|material change",
          kind=Kind.OTHER),
    Label(words=r"\bsend\b.*monitoring|monitoring.*\bsend\b", kind=Kind.AREA_SEND_MONITORING, types=_LA),
    Label(words=r"\bwsoa\b|written statement|\bsend\b.*re-?visit|re-?visit.*\bsend\b",
          kind=Kind.AREA_SEND_2016, types=_LA),
    Label(words=r"\bsend\b.*thematic|thematic.*\bsend\b", kind=Kind.OTHER, types=_LA),
    Label(words=r"\bsend\b|special educational needs", kind=Kind.AREA_SEND_2016, types=_LA, before=_SEND_2023),
    Label(words=r"\bsend\b|special educational needs", kind=Kind.AREA_SEND, types=_LA, since=_SEND_2023),
    Label(words=r"joint (?:targeted )?area (?:child protection )?inspection|\bjtai\b", kind=Kind.JTAI, types=_LA),
    Label(words=r"joint area review|looked[- ]after|safeguarding children board|\blscb\b", kind=Kind.OTHER, types=_LA),
    Label(words=r"focus(?:s?ed)? visit", kind=Kind.FOCUSED_VISIT, types=_LA),
    Label(words=r"monitoring (?:visit|inspection)", kind=Kind.MONITORING_VISIT, types=_LA | SOCIAL_CARE),
    Label(words=r"assurance (?:visit|inspection)", kind=Kind.ASSURANCE_VISIT, types=_LA | SOCIAL_CARE),
    Label(words=r"single inspection", kind=Kind.SIF, types=_LA),
    Label(words=r"fostering", kind=Kind.FOSTERING, types=_LA | SOCIAL_CARE),
    Label(words=r"adoption", kind=Kind.ADOPTION, types=_LA | SOCIAL_CARE),
    Label(words=r"residential family cent", kind=Kind.RESIDENTIAL_FAMILY_CENTRE),
    Label(words=r"supported accommodation", kind=Kind.SUPPORTED_ACCOMMODATION),
    Label(words=r"children.?s? services.*inspection", kind=Kind.ILACS, types=_LA, since=_SIF_ENDED),
    Label(words=r"children.?s? services.*inspection", kind=Kind.SIF, types=_LA, since=_SIF_BEGAN, before=_ILACS_BEGAN),
    Label(words=r"children.?s? services.*inspection", kind=Kind.OTHER, types=_LA, before=_SIF_BEGAN),
    Label(words=_INSPECTION, kind=Kind.CHILDRENS_HOME, types=frozenset({2})),
    Label(words=_INSPECTION, kind=Kind.SCHOOL, types=_SCHOOLS),
    Label(words=_INSPECTION, kind=Kind.EARLY_YEARS, types=frozenset({15, 16})),
    Label(words=_INSPECTION, kind=Kind.FURTHER_EDUCATION, types=frozenset({31, 39, 43})),
)  # fmt: skip


def kind_of(label: str, provider_type: int | None, inspected_on: Day | date | None = None) -> Kind | None:
    """The kind that a document's label means on a provider's page; None for a label that we do not know.

    inspected_on: where one label was used under several frameworks; without it the label means what it means today.
    """
    text = " ".join(label.replace("’", "'").split()).casefold()
    began = inspected_on.first if isinstance(inspected_on, Day) else inspected_on
    for row in LABELS:
        if row.types is not None and provider_type not in row.types:
            continue
        if not re.search(row.words, text):
            continue
        too_late = row.before is not None and (began is None or began >= row.before)
        too_early = row.since is not None and began is not None and began < row.since
        if not (too_late or too_early):
            return row.kind
    return None
