"""Providers of children's social care under the common inspection framework: homes, agencies, family centres.

Supported accommodation has an outcome of three and no grade. A home is never named, only its URN; what is printed of
people (managers, responsible individuals) and of addresses is left out of every finding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from inspections import frameworks
from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Evidence, Finding, Grade, Kind, Outcome
from scraper import dates
from scraper.reports import grades, passage
from scraper.reports.passage import Passage
from scraper.reports.text import Document, Line, evidence, straight

LONGEST = 31  # days

_FRAMEWORK = re.compile(r"\binspected under the social care common inspection framework\b", re.IGNORECASE)
_ABOUT = re.compile(
    r"Information about (?:this|the) (?P<what>[^.]{4,70}?)(?: (?:provider"
    r"|service))?(?=\s+(?:The|This|It|A|An|There|[A-Z])\b)"
)
# What the document says the service is, in the order in which they are looked for.
_KINDS = (
    (re.compile(r"supported accommodation", re.IGNORECASE), Kind.SUPPORTED_ACCOMMODATION),
    (re.compile(r"residential family centre", re.IGNORECASE), Kind.RESIDENTIAL_FAMILY_CENTRE),
    (re.compile(r"fostering", re.IGNORECASE), Kind.FOSTERING),
    (re.compile(r"adoption", re.IGNORECASE), Kind.ADOPTION),
    (re.compile(r"children's home|secure children", re.IGNORECASE), Kind.CHILDRENS_HOME),
)
_VISIT = re.compile(
    r"(?P<sort>full|interim|monitoring|assurance|reduced assurance|post-registration)\s+(?P<form>inspection|visit)\b",
    re.IGNORECASE,
)
_WITHOUT_GRADE = {
    "monitoring": Kind.MONITORING_VISIT,
    "assurance": Kind.ASSURANCE_VISIT,
    "reduced assurance": Kind.ASSURANCE_VISIT,
}
_PEOPLE = (
    "children and young people", "children", "young people", "children and parents", "children and adults",
    "children, young people and adults", "service users", "people",
)  # fmt: skip
LABELS = (
    {
        f"{the}overall experiences and progress of {who}, taking into account": "overall"
        for the in ("", "the ")
        for who in _PEOPLE
    }
    | {f"how well {who} are helped and protected": "help_protection" for who in _PEOPLE}
    | {"children's education and learning": "childrens_education_and_learning", "children's health": "childrens_health"}
    | {"the effectiveness of leaders and managers": "leaders", "the effectiveness of leaders and manager": "leaders"}
)
_HEADINGS = LABELS | {label.removesuffix(", taking into account"): area for label, area in LABELS.items()}
_OUTCOMES = {
    Outcome.CONSISTENTLY_STRONG: re.compile(r"consistently strong service delivery leads to", re.IGNORECASE),
    Outcome.INCONSISTENT: re.compile(r"inconsistent quality of service delivery adversely affects", re.IGNORECASE),
    Outcome.SERIOUS_WEAKNESSES: re.compile(
        r"serious (?:or|and|and/or) widespread weaknesses lead to significant concerns", re.IGNORECASE
    ),
}
_INTERIM = {
    Outcome.IMPROVED_EFFECTIVENESS: re.compile(r"\bimproved effectiveness\b"),
    Outcome.SUSTAINED_EFFECTIVENESS: re.compile(r"\bsustained effectiveness\b"),
    Outcome.DECLINED_EFFECTIVENESS: re.compile(r"\bdeclined (?:in )?effectiveness\b"),
}
_URN = re.compile(r"(?:(?:Unique reference number(?: \(URN\))?|URN)\s*:?\s*)?(?P<urn>SC\d{6}|\d{7})", re.IGNORECASE)
_DATES = re.compile(r"(?:Inspection|Visit) dates?\s*:\s*(?P<when>.{4,80})", re.IGNORECASE)
_REGISTERED = re.compile(r"(?:Registered provider|Provider)(?: name)?\s*:\s*(?P<name>.{2,120})")
_COMPANY = re.compile(
    r"\b(?:Ltd|Limited|LLP|plc|CIC|Trust|Council|Borough|Group|Services?|Care|Homes?|Agency|Foundation|Charity"
    r"|Society"
    r"|Association|Company|Partnership|Solutions|Academy|School|Centre|Support|Fostering|Barnardo|Action for"
    r" Children)\b",
    re.IGNORECASE,
)
_PRIVATE = re.compile(
    r"^(?:registered manager|responsible individual|registered person|manager|(?:registered )?provider address|address)"
    r"\s*:.*(?:\n(?!.*:).*\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b.*)?$\n?",
    re.IGNORECASE | re.MULTILINE,
)
_LAST_GRADE = re.compile(r"Overall judgement at last inspection\s*:\s*(?P<grade>.{3,40})", re.IGNORECASE)
_LAST_DATE = re.compile(r"Date of (?:last|previous) inspection\s*:\s*(?P<when>.{4,40})", re.IGNORECASE)
_IMPROVE = re.compile(r"what (?:does|do) .{3,60} need to do to improve\s?\??\s?\d?", re.IGNORECASE)
_LISTED = re.compile(r"(?:statutory requirements?|recommendations?|points for improvement)\s*:?", re.IGNORECASE)
_ENDS = re.compile(
    r"information about this inspection|.{3,60} details|inspectors?|recent inspection history|areas? for development"
    r"|inspection judgements|statutory requirements?|recommendations?",
    re.IGNORECASE,
)
_INSPECTOR = re.compile(r"inspectors?\s*:?", re.IGNORECASE)
_INSPECTOR_NAME = re.compile(
    r"(?P<name>[^\W\d_a-z][\w.'’-]*(?: [^\W\d_a-z][\w.'’-]*){1,4}),?\s+"
    r"(?i:social care|regulatory|lead|senior|(?:her|his) majesty)\b.*"
)


def recognises(document: Document) -> bool:
    words = straight(document.opening)
    if not _FRAMEWORK.search(words):
        return _kind(words) is Kind.SUPPORTED_ACCOMMODATION and any(each.search(words) for each in _OUTCOMES.values())
    return _kind(words) is not None


def title(document: Document) -> str | None:
    """The sort of visit, what was visited, and its URN: a home is never named."""
    words = straight(document.opening)
    visit, about = _VISIT.search(words), _ABOUT.search(words)
    parts = (visit and visit[0].capitalize(), about and about["what"].removeprefix("this "), _urn(document.lines))
    return ", ".join(part for part in parts if part) or None


def read(document: Document, authorities: Authorities, fetched_on: date | None) -> Finding:
    front = Passage(document.front)
    words = straight(front.text)
    notes = ["this form was never checked on a real document"]
    shown: dict[str, Evidence] = {}
    remit = _kind(words) or Kind.OTHER
    visit = _VISIT.search(words)
    sort = visit["sort"].lower() if visit else ""
    kind = _WITHOUT_GRADE.get(sort, remit)
    says = visit if kind is not remit else _ABOUT.search(words)
    if says:
        shown["kind"] = front.quote(says)
    if kind is not remit:
        notes.append(f"a visit, no full {frameworks.KIND_NAMES.get(remit, remit)}; it ends without a grade")
    urn = _urn(document.lines)
    if urn:
        shown["urn"] = evidence(document.page_of(urn) or 1, urn)
    provider, authority = _provider(document.lines, authorities, shown, notes)
    inspected = _inspected(document.front, shown, notes)
    judgements, previous = _judged(document, kind, shown, notes)
    lead = _inspector(document.lines, shown)
    outcome = _outcome(front, remit, sort, shown, notes)
    improvements = _improvements(document.lines, shown, notes)
    return replace(
        passage.finding(document, kind, inspected, shown, notes, authority=authority, provider=provider),
        urn=urn,
        lead_inspector=lead,
        judgements=judgements,
        previous=previous,
        outcome=outcome,
        improvements=improvements,
    )


def without_people(text: str) -> str:
    """The text without the lines that name a manager, a responsible individual or an address: it is kept for search."""
    return _PRIVATE.sub("", text)


def _kind(words: str) -> Kind | None:
    """By what the document says the service is; a provider's name ("… Fostering Agency") says nothing."""
    about = _ABOUT.search(words)
    said = about["what"] if about else ""
    return next((kind for pattern, kind in _KINDS if pattern.search(said)), None)


def _urn(lines: Sequence[Line]) -> str | None:
    """Alone among the first lines, or under its label on any page."""
    found = (_URN.fullmatch(line.text) for line in [*lines[:12], *(line for line in lines if ":" in line.text)])
    return next((match["urn"].upper() for match in found if match), None)


def _provider(
    lines: Sequence[Line], authorities: Authorities, shown: dict[str, Evidence], notes: list[str]
) -> tuple[str | None, str | None]:
    """The registered provider, where it is a body and not a person; and the council, where that is the provider."""
    for line in lines:
        found = _REGISTERED.fullmatch(line.text)
        if not found or "address" in line.text.lower():
            continue
        council = authorities.find(found["name"])
        if not council and not _COMPANY.search(found["name"]):
            notes.append("the registered provider may be a person, and is not kept")
            return None, None
        shown["provider"] = evidence(line.page, line.text)
        if council:
            shown["authority"] = shown["provider"]
        return found["name"], council.name if council else None
    return None, None


def _inspected(lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]) -> tuple[Day | None, Day | None]:
    for line in lines:
        found = _DATES.fullmatch(line.text)
        span = dates.whole(found["when"]) if found else None
        if span is None:
            continue
        if not dates.plausible_length(span.first, span.last, LONGEST):
            notes.append(
                f"the inspection is printed as {span.text!r}, longer than {LONGEST} days; its days are unknown"
            )
            return None, None
        shown["inspected_from"] = shown["inspected_to"] = evidence(line.page, line.text)
        return span.first, span.last
    notes.append("no inspection dates were read")
    return None, None


def _judged(
    document: Document, kind: Kind, shown: dict[str, Evidence], notes: list[str]
) -> tuple[dict[str, Grade | None], dict[str, Grade]]:
    """The three grades of the table on the first pages; and the overall one of the last inspection."""
    previous = {}
    for line in document.front:
        found = _LAST_GRADE.fullmatch(line.text)
        grade = grades.grade_of(found["grade"]) if found else None
        if grade:
            previous = {"overall": grade}
            shown["previous.overall"] = evidence(line.page, line.text)
        when = _LAST_DATE.fullmatch(line.text)
        if when:
            notes.append(f"last inspection: {when['when']}")
    expected = frameworks.frameworks(kind)
    if not any(row.graded for row in expected):
        return {}, previous
    table = _table(document)
    if not table.judgements:
        notes.append("no grades were read: the table on the first pages was not found")
        return dict.fromkeys(expected[-1].areas), previous
    notes += table.problems
    shown |= {f"judgements.{area}": words for area, words in table.evidence.items() if table.judgements.get(area)}
    own = [area for area in table.judgements if area not in expected[-1].areas]  # of secure homes
    return {area: table.judgements.get(area) for area in (*expected[-1].areas, *own)}, previous


def _table(document: Document) -> grades.Table:
    """The table, whose grades are in lower case, and so may be taken for the end of another ("… to be / good").

    One that is doubtful for that alone counts where the heading of its section repeats it.
    """
    table = grades.read_table(document.front, LABELS)
    headings = grades.headings([line for line in document.lines if line not in table.lines], _HEADINGS)
    capital = {line: Line(line.text.capitalize(), line.page) for line in document.front if grades.grade_of(line.text)}
    second = grades.read_table([capital.get(line, line) for line in document.front], LABELS)
    repeated = {area for area, _, _ in headings}
    if table.problems and not second.problems:
        doubtful = [area for area in second.judgements if not table.judgements.get(area) and area not in repeated]
        table = second
        for area, words in table.evidence.items():
            table.evidence[area] = evidence(words.page, _as_printed(words.text, capital))
        for area in doubtful:
            table.judgements[area] = None
            table.problems.append(f"{area}: {table.evidence.pop(area).text!r} may be torn, and no heading repeats it")
    grades.compare_headings(table, headings)
    return table


def _as_printed(words: str, capital: dict[Line, Line]) -> str:
    for line, changed in capital.items():
        words = words.replace(changed.text, line.text)
    return words


def _outcome(front: Passage, remit: Kind, sort: str, shown: dict[str, Evidence], notes: list[str]) -> Outcome | None:
    if remit is Kind.SUPPORTED_ACCOMMODATION and sort not in _WITHOUT_GRADE:
        known = _OUTCOMES
    elif sort == "interim":
        known = _INTERIM
    else:
        return None
    said = {which: found for which, pattern in known.items() if (found := front.search(pattern))}
    if len(said) != 1:
        notes.append(f"the outcome is unknown: the first two pages hold {len(said)} of its sentences")
        return None
    which, found = said.popitem()
    shown["outcome"] = front.quote(found)
    return which


def _improvements(lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]) -> tuple[str, ...]:
    """The bulleted items of the requirements and recommendations."""
    at = passage.heading_at(lines, _IMPROVE)
    if at is None:
        return ()
    shown["improvements"] = evidence(lines[at].page, lines[at].text)
    section = list(passage.below(lines, at, _ENDS))
    index = at + 1 + len(section)
    while index < len(lines) and _LISTED.fullmatch(lines[index].text):
        more = passage.below(lines, index, _ENDS)
        section += more
        index += 1 + len(more)
    listed = passage.items(section)
    if section and not listed:
        notes.append("what needs to improve is not a list that was understood")
    return tuple(item.text for item in listed)


def _inspector(lines: Sequence[Line], shown: dict[str, Evidence]) -> str | None:
    """The first name under "Inspector" on the last pages."""
    for at in range(len(lines) - 2, -1, -1):
        found = _INSPECTOR_NAME.fullmatch(lines[at + 1].text)
        if _INSPECTOR.fullmatch(lines[at].text) and found:
            shown["lead_inspector"] = evidence(lines[at + 1].page, lines[at + 1].text)
            return found["name"]
    return None
