"""The single inspection framework (SIF), November 2013 to 2018, and its re-inspections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from msgspec.structs import replace

from inspections import frameworks
from inspections.authorities import Authorities
from inspections.model import (
    ADOPTION_AREA,
    CARE_LEAVERS,
    HELP_PROTECTION,
    IN_CARE,
    LEADERS,
    LSCB,
    OVERALL,
    Evidence,
    Finding,
    Grade,
    Kind,
)
from scraper import dates
from scraper.reports import front as fronts
from scraper.reports.earlier import read_previous
from scraper.reports.front import Front, title_lines
from scraper.reports.grades import Table, compare_headings, grade_of, headings, outside, read_table
from scraper.reports.passage import Item, Passage, below, heading_at, items
from scraper.reports.text import Document, Line, evidence, joined, straight, without_footnotes

LABELS = {
    "children who need help and protection": HELP_PROTECTION,
    "children looked after and achieving permanence": IN_CARE,
    "adoption performance": ADOPTION_AREA,
    "experiences and progress of care leavers": CARE_LEAVERS,
    "experience and progress of care leavers": CARE_LEAVERS,
    "leadership management and governance": LEADERS,
}
_SECTIONS = {
    "the experiences and progress of children who need help and protection": HELP_PROTECTION,
    "the experiences and progress of children looked after and achieving permanence": IN_CARE,
    "the graded judgement for adoption performance": ADOPTION_AREA,
    "the graded judgement about the experience and progress of care leavers": CARE_LEAVERS,
    "the graded judgement about the experiences and progress of care leavers": CARE_LEAVERS,
    "leadership management and governance": LEADERS,
}
LONGEST = 45  # days on site, four weeks as a rule
FRONT_PAGES = 3

_TITLE = re.compile(
    r"(?P<who>.*?)\s*\b(?:Re-?\s?inspection|Inspection) of services for children in need of help and protection\b.*",
    re.IGNORECASE,
)
_GRADE = r"(?P<grade>outstanding|good|inadequate|adequate|not judged|requires? improvement(?: to be good)?)"
# A place as it is written, so that "are not yet good" is none.
_PLACE = (
    r"(?: (?:in|for|across|on|within) (?:the )?(?-i:[A-Z])[\w'&,.-]*"
    r"(?: (?:(?-i:[A-Z])[\w'&,.-]*|and|of|the|upon|on|with|in|by|area|council|city|borough|county|local|authority))*?)?"
)
_OVERALL = re.compile(
    rf"(?:The overall judgement is(?: that)?(?: (?:the )?(?:children's services{_PLACE}|local authority)(?: are| is)?)?"
    rf"|(?:Children's services|Services for children){_PLACE}(?: are| is)?(?: judged(?: to be)?)?) {_GRADE}\b",
    re.IGNORECASE,
)
_BOARD = re.compile(
    r"(?:The )?(?:(?:overall )?effectiveness of the )?(?:[\w'&,-]+ ){0,6}?"
    r"(?:Safeguarding Children(?:'s)? Board(?: \(\w+\))?|LSCB)"
    rf"(?: (?:for|in|of) [\w' ]{{2,40}}?)?(?: is| are)? {_GRADE}\.?",
    re.IGNORECASE,
)
_OF_BOARD = re.compile(r"Safeguarding Children(?:.s)? Board|\bLSCB\b", re.IGNORECASE)
_PUBLISHED = re.compile(r"(?:Report )?published\s*:?", re.IGNORECASE)
_IMPROVE = re.compile(r"(?:What does the local authority need to improve\??|Recommendations:?)\s*\d?", re.IGNORECASE)
_PRIORITY = re.compile(r"(?:Areas? for )?priority (?:and immediate )?actions?:?", re.IGNORECASE)
_AREAS = re.compile(r"Areas? for improvement:?", re.IGNORECASE)
_ENDS = re.compile(
    r"The local authority(?:'|’)s strengths.*|The local authority has the following strengths:?|Strengths:?"
    r"|Summary (?:for|of) .*|Information about .*|Executive summary|Inspection findings|Section \d.*"
    r"|Progress since the last inspection.*|Key judgement.*|What does the LSCB need to improve.*",
    re.IGNORECASE,
)
_WITHIN = re.compile(rf"{_PRIORITY.pattern}|{_AREAS.pattern}", re.IGNORECASE)
_NONE_SET = re.compile(
    r"(?:\d{1,3}\.\s*)?"
    r"(?:There (?:are|were) no\b|The inspection (?:did not|has not) (?:find|identif|found)|No areas?\b|None\b)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?P<number>\d{1,3})[.)]\s+(?=\S)")
_SUBHEADING = 75  # characters at most


def recognises(document: Document) -> bool:
    """By the title, which also says whether it is a re-inspection."""
    return _TITLE.fullmatch(straight(joined(title_lines(document)))) is not None


def title(document: Document) -> str | None:
    return joined(title_lines(document)) or None


def read(document: Document, authorities: Authorities, fetched_on: date | None) -> Finding:
    """One finding: overall from its sentence, five areas from the table, the board's from its heading."""
    front = Front()
    fronts.read_dates(document, front, LONGEST)
    fronts.read_lead(document.lines, front)
    _read_authority(document, authorities, front)
    body = without_footnotes(document.lines)
    lines = tuple(line for line in body if line.page <= FRONT_PAGES)
    table = read_table(lines, LABELS)
    compare_headings(table, headings(outside(table, document.lines), _SECTIONS))
    _read_overall(lines, table)
    read_board(document.lines, table, expected="safeguarding" in straight(joined(title_lines(document))).lower())
    started = front.inspected_from.first if front.inspected_from else None
    judgements, notes = fronts.settle(Kind.SIF, started, table)
    read_published(document, front)
    needs = Needs(body)
    previous = read_previous(fronts.narrative(document, table), front.inspected_from)
    finding = fronts.finding(Kind.SIF, document, front, table, judgements)
    return replace(
        finding,
        previous=previous.grades,
        priority_action=bool(needs.actions),
        priority_actions=tuple(item.text for item in needs.actions),
        improvements=tuple(item.text for item in needs.improvements),
        notes=(*finding.notes, *notes, *needs.notes, *previous.notes),
        evidence={**finding.evidence, **needs.evidence, **previous.evidence},
    )


def read_board(lines: Sequence[Line], table: Table, expected: bool) -> None:
    """The board's grade: in a box on page 1 in early reports, else in a heading deep in the report; both must agree."""
    found = [read for index in range(len(lines)) if (read := _board_at(lines[index : index + 3]))]
    grades = {grade for grade, _ in found}
    if len(grades) == 1:
        table.judgements[LSCB], table.evidence[LSCB] = found[0]
    elif grades:
        table.judgements[LSCB] = None
        said = ", ".join(f"{frameworks.words(grade)} on page {shown.page}" for grade, shown in found)
        table.problems.append(f"the grades of the safeguarding board differ: {said}; none is taken")
    elif expected:
        table.judgements[LSCB] = None
        table.problems.append("the title names a review of the safeguarding board, but no heading gives its grade")


def _board_at(lines: Sequence[Line]) -> tuple[Grade, Evidence] | None:
    """The grade in a heading that begins with the first line, and takes up to all of them."""
    if not lines[0].text[:1].isupper() or not _OF_BOARD.search(joined(lines[:2])):
        return None
    for length in range(1, len(lines) + 1):
        words = joined(lines[:length])
        found = _BOARD.fullmatch(straight(words))
        grade = grade_of(found["grade"]) if found else None
        if grade:
            return grade, evidence(lines[0].page, words)
    return None


def read_published(document: Document, front: Front) -> None:
    """The day behind "Report published:"."""
    for line in document.front:
        label = _PUBLISHED.match(line.text)
        day = dates.one(line.text[label.end() :]) if label else None
        if day:
            front.published_on = day
            front.evidence["published_on"] = evidence(line.page, line.text)
            return


def _read_authority(document: Document, authorities: Authorities, front: Front) -> None:
    """The name stands above the title."""
    printed = joined([line for line in title_lines(document) if line.text != "Ofsted"])
    found = _TITLE.fullmatch(straight(printed))
    if found is None or not found["who"]:
        front.notes.append(f"no authority stands above the title {printed[:120]!r}")
        return
    fronts.read_authority(printed[slice(*found.span("who"))].strip(), document, authorities, front)


def _read_overall(lines: Sequence[Line], table: Table) -> None:
    """The overall grade is a sentence between the title and the table: "Children's services in X are good"."""
    dated = next((n for n, line in enumerate(lines) if fronts.DATES.match(line.text)), 0)
    first = table.lines[0] if table.lines else None
    ends = next((n for n, line in enumerate(lines) if line is first), len(lines))
    passage = Passage(lines[dated + 1 : ends])
    found = list(_OVERALL.finditer(straight(passage.text)))
    grades = {grade_of(each["grade"]) for each in found}
    table.judgements[OVERALL] = grades.pop() if len(grades) == 1 else None
    if table.judgements[OVERALL]:
        table.evidence[OVERALL] = passage.quote(found[0])
    elif grades:
        said = ", ".join(repr(each[0]) for each in found)
        table.problems.append(f"the sentences on the overall grade differ: {said}; none is taken")
    else:
        table.problems.append("no sentence between title and table gives the overall grade")


class Needs:
    """What the local authority must do: priority actions apart from the other items. A later list is the board's."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.actions: tuple[Item, ...] = ()
        self.improvements: tuple[Item, ...] = ()
        self.evidence: dict[str, Evidence] = {}
        self.notes: list[str] = []
        section = _section(lines)
        if not section:
            self.notes.append("no list of what needs to improve was found")
            return
        urgent = heading_at(section, _PRIORITY)
        areas = heading_at(section, _AREAS)
        if urgent is not None:
            self.actions = tuple(self._listed(below(section, urgent, _AREAS)))
        self.improvements = tuple(self._listed(section if areas is None else section[areas + 1 :]))
        if areas is None and urgent is not None:
            self.improvements = tuple(self._listed(section[:urgent]))
        self._show("priority_action", self.actions)
        self._show("improvements", self.improvements)
        if not self.improvements:
            self.notes.append(f"what needs to improve is said in prose: {joined(section)[:200]!r}")

    def _show(self, name: str, found: Sequence[Item]) -> None:
        if found:
            self.evidence[name] = evidence(found[0].page, found[0].text)

    def _listed(self, lines: Sequence[Line]) -> Iterable[Item]:
        listed = _numbered(lines) if any(_NUMBERED.match(line.text) for line in lines) else items(lines)
        return (item for item in listed if not _NONE_SET.match(item.text))


def _section(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines below the heading: not those of the table of contents, where no item follows."""
    at = heading_at(lines, _IMPROVE)
    while at is not None:
        section = below(lines, at, _ENDS)
        if any(_NUMBERED.match(line.text) for line in section) or items(section):
            return section
        at = heading_at(lines, _IMPROVE, at + 1)
    return ()


def _numbered(lines: Sequence[Line]) -> list[Item]:
    """Items whose numbers follow one another; bullets and dashes within one belong to it, headings between do not."""
    found: list[tuple[int, list[Line]]] = []
    for index, line in enumerate(lines):
        mark = _NUMBERED.match(line.text)
        if mark and (not found or 0 < int(mark["number"]) - found[-1][0] <= 2):
            found.append((int(mark["number"]), [Line(line.text[mark.end() :], line.page)]))
        elif found and not _is_subheading(lines, index):
            found[-1][1].append(line)
    return [Item(joined(parts), parts[0].page) for _, parts in found]


def _is_subheading(lines: Sequence[Line], index: int) -> bool:
    """A short line with a capital and without a full stop, between the end of one item and the number of the next."""
    text, before = lines[index].text, lines[index - 1].text
    after = next((line.text for line in lines[index + 1 : index + 3] if _NUMBERED.match(line.text)), None)
    ended = before[-1:] in ".;:?!)" or before[-1:].isdigit() or (index > 1 and _is_subheading(lines[:index], index - 1))
    short = len(text) <= _SUBHEADING and text[-1:] not in ".;,"
    return bool(text[:1].isupper() and short and ended and (after or index + 1 >= len(lines)))
