"""Grades of an earlier inspection that a report names plainly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from inspections.days import Day
from inspections.model import OVERALL, Evidence, Grade
from scraper import dates
from scraper.reports.grades import grade_of
from scraper.reports.passage import Passage
from scraper.reports.text import Line, straight

# "… when services in Exampleshire were judged to be good overall": a verb of the past, then a grade.
_JUDGED = re.compile(
    r"\b(?:was|were|been)\s(?:overall\s)?(?:judged|rated|graded|found)\s(?:by Ofsted\s)?(?:overall\s)?"
    r"(?:to\s)?(?:be\s|as\s(?:being\s)?)?"
    r"['\"]?(?P<grade>outstanding|good|inadequate|requir(?:es?|ed|ing) improvement(?: to be good)?)\b"
    r"(?P<after>[^.,;]*)",
    re.IGNORECASE,
)
# In the same sentence stands which inspection it was.
_EARLIER = re.compile(
    r"\b(?:last|previous|single|full|graded|standard|short)\s(?:\w+\s){0,3}?inspection\b"
    r"|\binspect(?:ion|ed)\s(?:in|of)\s(?:\w+\s)?20\d\d\b|\bIn\s(?:\w+\s)?20\d\d\b",
    re.IGNORECASE,
)
# The subject of that verb is the services as a whole; anything else is one area, a home or a school.
_SUBJECT = re.compile(
    r"(?:(?:the\s)?overall effectiveness of\s|all\s|its\s|their\s|the\s)?(?:local authority's\s|council's\s)?"
    r"(?:children's (?:social care )?services|services(?: for children)?(?: and (?:families|young people))?|they|it"
    r"|(?:local authority|council|service)|[A-Z][\w ]+ (?:Council|local authority))"
    r"(?:\s(?:in|across|for)\s[\w' ]+?)?(?:\soverall)?\s?",
    re.IGNORECASE,
)
_BREAK = re.compile(r",\s|;\s|\b(?:when|where|which|that|and|inspection)\s")
_AREA = re.compile(
    r"\b(?:in care|care leavers|leadership|looked after|leaving care|adoption|protection|for the)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"\b(?:predecessor|former|inherit\w+|neighbouring|homes?|school)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\d?\s+(?=[A-Z‘“])")


@dataclass
class Previous:
    """The latest earlier overall grade; others in `notes`."""

    grades: dict[str, Grade] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_previous(lines: Sequence[Line], inspected_from: Day | None) -> Previous:
    """What the lines say of an earlier overall grade. A sentence on one area, or on another body, is left alone."""
    passage = Passage(lines)
    text = straight(passage.text)
    found: dict[tuple[str, Grade], Evidence] = {}
    for judged in _JUDGED.finditer(text):
        start, end = _sentence(text, judged.start(), judged.end())
        sentence = text[start:end]
        grade = grade_of(re.sub(r"^requir\w+", "requires", judged["grade"].lower()))
        if grade and _EARLIER.search(sentence) and not _OTHERS.search(sentence) and _of_all(text, start, judged):
            found.setdefault((_year(sentence, inspected_from), grade), passage.evidence(start, end))
    return _latest(found)


def _of_all(text: str, start: int, judged: re.Match[str]) -> bool:
    """Whether the grade is that of the services as a whole."""
    before = re.sub(r"\s(?:had|have|has|previously)\s?$", " ", text[start : judged.start()])
    subject = _BREAK.split(before)[-1].strip()
    return _SUBJECT.fullmatch(subject) is not None and not _AREA.search(f"{subject} {judged['after']}")


def _latest(found: dict[tuple[str, Grade], Evidence]) -> Previous:
    previous = Previous()
    if not found:
        return previous
    newest = max(when for when, _ in found)
    grades = {grade for when, grade in found if when == newest}
    if len(grades) > 1:
        previous.notes.append("earlier grades are named, and cannot be told apart: " + ", ".join(sorted(grades)))
        return previous
    grade = grades.pop()
    previous.grades[OVERALL] = grade
    previous.evidence[f"previous.{OVERALL}"] = found[newest, grade]
    for when, other in sorted(found):
        if when != newest:
            previous.notes.append(f"an earlier overall grade is named too: {other} ({when or 'without a year'})")
    return previous


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence round a place."""
    before = [found.end() for found in _SENTENCE_END.finditer(text, max(0, start - 600), start)]
    after = _SENTENCE_END.search(text, end)
    return (before[-1] if before else max(0, start - 600)), (after.start() if after else len(text))


def _year(sentence: str, inspected_from: Day | None) -> str:
    """The latest year that the sentence names and that is not after this inspection; "" where it names none."""
    days = [span.first for span in dates.spans(sentence)]
    days += [Day(f"{year}-01") for year in re.findall(r"\b(?:[Ii]n|of|[Ss]ince)\s+(20\d\d)\b", sentence)]
    return max((str(day.year) for day in days if day.year and day < (inspected_from or "9999")), default="")
