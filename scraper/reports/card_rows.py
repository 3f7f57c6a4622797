"""The grades of a report card, `{Area}  {Band}` line by line, and the table of the older forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from inspections import frameworks
from inspections.model import Evidence, Grade, Kind
from scraper.reports import grades
from scraper.reports.text import Document, Line, evidence, straight

KINDS = (Kind.SCHOOL, Kind.EARLY_YEARS, Kind.FURTHER_EDUCATION)
PROVISIONS = (
    "education programmes for young people", "adult learning programmes", "apprenticeships",
    "provision for learners with high needs", "provision for learners with special educational needs and disabilities",
)  # fmt: skip
_WHOLE = "whole provider"  # the heading of what is graded once for all provisions
_PROVISION_HEADINGS = frozenset({*PROVISIONS, _WHOLE})
PREVIOUS = "previous"
OLDER = {
    "overall effectiveness": "overall",
    "the quality of education": "quality_of_education",
    "quality of education": "quality_of_education",
    "behaviour and attitudes": "behaviour_and_attitudes",
    "personal development": "personal_development",
    "leadership and management": "leadership_and_management",
    "effectiveness of leadership and management": "leadership_and_management",
    "quality of teaching, learning and assessment": "quality_of_teaching_learning_and_assessment",
    "personal development, behaviour and welfare": "personal_development_behaviour_and_welfare",
    "outcomes for pupils": "outcomes_for_pupils",
    "outcomes for children": "outcomes_for_children",
    "outcomes for learners": "outcomes_for_learners",
    "early years provision": "early_years_provision",
    "sixth form provision": "sixth_form_provision",
    "sixth-form provision": "sixth_form_provision",
    "16 to 19 study programmes": "16_to_19_study_programmes",
    "education programmes for young people": "education_programmes_for_young_people",
    "adult learning programmes": "adult_learning_programmes",
    "apprenticeships": "apprenticeships",
    "provision for learners with high needs": "provision_for_learners_with_high_needs",
    "this inspection": "overall",  # under "The quality and standards of the early years provision"
    "previous inspection": PREVIOUS,
    "previous inspection grade": PREVIOUS,
    "overall effectiveness at previous inspection": PREVIOUS,
    "overall effectiveness at last inspection": PREVIOUS,
}

_BANDS = {
    "exceptional": Grade.EXCEPTIONAL,
    "strong standard": Grade.STRONG_STANDARD,
    "expected standard": Grade.EXPECTED_STANDARD,
    "needs attention": Grade.NEEDS_ATTENTION,
    "urgent improvement": Grade.URGENT_IMPROVEMENT,
    "insufficient evidence": None,
}
_ROW = re.compile(rf"(?P<area>[A-Z].{{3,90}}?)\s+(?P<band>{'|'.join(band.capitalize() for band in _BANDS)})")
_MET = re.compile(r"Safeguarding(?: standards)?\s*:?\s+(?P<said>met|not met|insufficient evidence)", re.IGNORECASE)
_OVER_TWO_ROWS = re.compile(r"(?:The quality and standards of the )?early years provision", re.IGNORECASE)
_NONE_BEFORE = re.compile(
    r"(?:Previous inspection(?: grade)?|Overall effectiveness at (?:previous|last) inspection)\s*:?\s+not .{3,60}",
    re.IGNORECASE,
)
_SCHOOL_IS = re.compile(
    r"This is an? (?P<grade>outstanding|good|inadequate) school|This school"
    r" (?P<ri>requires improvement)"
)


def card(
    document: Document, shown: dict[str, Evidence], notes: list[str]
) -> tuple[dict[str, Grade | None], dict[str, Grade]]:
    """The areas of a report card. The legend's bands stand without an area and are no grades."""
    judgements: dict[str, Grade | None] = {}
    for area, band, group, line, words in _rows(document.lines):
        grade = _BANDS[band]
        conflict = None
        if grade is None:
            conflict = f"{area}: insufficient evidence, so it has no grade"
        elif group and group != band:
            conflict = f"{area}: its line says {band!r}, but it stands under {group!r}; neither is taken"
        elif area in judgements and judgements[area] is not grade:
            conflict = f"{area}: graded more than once, last as {band!r}; no grade is taken"
        judgements[area] = None if conflict else grade
        if conflict:
            notes.append(conflict)
            shown.pop(f"judgements.{area}", None)
        else:
            shown[f"judgements.{area}"] = evidence(line.page, words)
    judgements["safeguarding"] = _safeguarding(document.lines, shown, notes)
    return judgements, {}


def older(
    document: Document, shown: dict[str, Evidence], notes: list[str]
) -> tuple[dict[str, Grade | None], dict[str, Grade]]:
    """The rows of the table on the first pages. "Previous inspection grade" is the grade before this inspection."""
    table = grades.read_table(_without_no_grade(document.front), OLDER)
    judgements = dict(table.judgements)
    before = judgements.pop(PREVIOUS, None)
    said = _SCHOOL_IS.search(document.opening)
    if said and judgements.get("overall"):
        told = Grade.REQUIRES_IMPROVEMENT if said["ri"] else Grade(said["grade"])
        if told is not judgements["overall"]:
            notes.append(f"the table says {judgements['overall']}, the text {said[0]!r}; neither is taken")
            judgements["overall"] = None
    if judgements:
        notes += table.problems
    for area, words in table.evidence.items():
        if area == PREVIOUS:
            shown["previous.overall"] = words
        elif judgements.get(area):
            shown[f"judgements.{area}"] = words
    return judgements, {"overall": before} if before else {}


def older_rows(lines: Sequence[Line]) -> int:
    """Whether there is a table of the older forms."""
    return len(grades.read_table(_without_no_grade(lines), OLDER).judgements)


def _without_no_grade(lines: Sequence[Line]) -> list[Line]:
    """The lines without a row that says that there was no inspection before, and without what two rows stand under."""
    pairs = zip_longest(lines, lines[1:])
    return [
        line
        for line, below in pairs
        if not _NONE_BEFORE.fullmatch(line.text)
        and not (_OVER_TWO_ROWS.fullmatch(line.text) and below and below.text.startswith("This inspection"))
    ]


def areas(kind: Kind) -> frozenset[str]:
    """Every area that a report card of the kind can grade, as its key."""
    row = frameworks.frameworks(kind)[-1]
    return frozenset((*row.areas, *row.optional, *row.by_provision)) - {"safeguarding"}


def key(printed: str) -> str:
    """ "Personal development and well-being" → "personal_development_and_wellbeing"."""
    words = straight(printed).lower().replace("'", "").replace("well-being", "wellbeing")
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_")


def _rows(lines: Sequence[Line]) -> Iterator[tuple[str, str, str | None, Line, str]]:
    """Area, band, the band of the heading above, line and words. A label may wrap; its band may stand below it."""
    known = frozenset[str]().union(*(areas(kind) for kind in KINDS))
    group: str | None = None
    provision = ""
    for at, line in enumerate(lines):
        if line.text.lower() in _BANDS:
            group = line.text.lower()
            continue
        if line.text.lower() in _PROVISION_HEADINGS:
            provision, group = line.text.lower().removesuffix(_WHOLE), None
            continue
        following = lines[at + 1].text if at + 1 < len(lines) else ""
        found = _ROW.fullmatch(line.text)
        area = _area(found["area"], known, provision) if found else None
        if found and area:
            yield area, found["band"].lower(), group, line, line.text
            continue
        wrapped = _ROW.fullmatch(f"{line.text} {following}")
        area = _area(wrapped["area"], known, provision) if wrapped else None
        below = following.lower() in _BANDS and following.lower() == group
        if wrapped and area and (following.lower() not in _BANDS or below):
            yield area, wrapped["band"].lower(), group, line, f"{line.text} {following}"


def _area(printed: str, known: frozenset[str], heading: str) -> str | None:
    """The key of a known area, with its provision before it where one is printed beside it, or heads its section."""
    plain = key(printed)
    if plain in known:
        by_provision = heading and plain in frameworks.frameworks(Kind.FURTHER_EDUCATION)[-1].by_provision
        return f"{key(heading)}/{plain}" if by_provision else plain
    for provision in PROVISIONS:
        for area in known:
            if plain in (f"{key(provision)}_{area}", f"{area}_{key(provision)}"):
                return f"{key(provision)}/{area}"
    return None


def _safeguarding(lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]) -> Grade | None:
    """Met or not met, from the line that says only that: the explanation below holds both words in every card."""
    said = {found["said"].lower(): line for line in lines if (found := _MET.fullmatch(line.text.rstrip(".")))}
    if len(said) != 1 or "insufficient evidence" in said:
        notes.append(f"safeguarding is unknown: the card says {' and '.join(said) or 'nothing of it'}")
        return None
    word, line = said.popitem()
    shown["judgements.safeguarding"] = evidence(line.page, line.text)
    return Grade.NOT_MET if word == "not met" else Grade.MET
