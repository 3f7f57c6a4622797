"""Area SEND inspections under the framework of 2023: an outcome of three, told by a sentence, and no grade.

Monitoring inspections and the letters of 2016 to 2022 (`send_letters`) belong here. No publication date is printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Certainty, Evidence, Finding, Kind, Outcome
from scraper import dates
from scraper.reports import deadlines, named, passage, send_letters, send_rows
from scraper.reports.passage import Passage
from scraper.reports.text import Document, Line, evidence, straight

LONGEST = 31  # days

_TITLE = re.compile(
    r"(?:Area SEND |(?=\S+ (?:inspection|visit) (?:of|to) [^.:]{2,100}? local area partnership\b))"
    r"(?P<sort>(?:full |monitoring |thematic )?)(?:re)?-?(?:inspection|visit) (?:of|to) (?P<area>.{2,100}?)"
    r"(?:\s+local area partnership)?(?=\s+(?:Inspection dates?\b|Dates? of|Inspection outcome|Not previously))",
    re.IGNORECASE,
)
_PARTNERSHIP = re.compile(r"\s*\blocal area partnership\b.*\Z", re.IGNORECASE)
_DATES = re.compile(
    r"Inspection dates?\s*:?\s*(?P<when>.+?)"
    r"(?=\s*Dates? of (?:the )?previous|\s*Inspection outcome|\s*Not previously|\Z)"
)
_PREVIOUS = re.compile(
    r"Dates?(?: ?\(s\))? of (?:the )?(?:previous|last)(?: full| area SEND)* inspections?(?:"
    r" ?\(s\))?\s*:?\s*(?P<when>.+?)"
    r"(?=\s*Inspection outcome|\s*Information about|\Z)|Not previously inspected",
    re.IGNORECASE,
)
_BOX = re.compile(r"Inspection outcome (?P<box>.+?)(?=Information about the local area partnership|\Z)", re.IGNORECASE)
_OUTCOMES = {
    Outcome.TYPICALLY_POSITIVE: re.compile(r"typically lead to positive experiences and outcomes", re.IGNORECASE),
    Outcome.INCONSISTENT: re.compile(r"lead to inconsistent experiences and outcomes", re.IGNORECASE),
    Outcome.SYSTEMIC_FAILINGS: re.compile(
        r"widespread (?:and ?/ ?or|and|or) systemic failings,? lead(?:ing)? to significant concerns", re.IGNORECASE
    ),
}
_NUMBER = r"(?P<number>\d{1,2}|one|two|three|four|five|six|twelve|eighteen)\s+(?P<unit>months?|years?)"
_WHEN = rf"(?:will\s+(?:be|take\s+place|be\s+carried\s+out)\s+)?(?:within|in)\s+approximately\s+{_NUMBER}"
_NEXT = re.compile(rf"(?:next\s+)?full\s+(?:area\s+SEND\s+)?(?:re-?)?inspection\s+{_WHEN}", re.IGNORECASE)
_MONITORING = re.compile(rf"monitoring\s+inspection\s+{_WHEN}", re.IGNORECASE)
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "twelve": 12, "eighteen": 18}
_CAPITAL = r"[^\W\d_a-z][\w'’.-]*"
_NAME = rf"(?:(?:Mr|Mrs|Ms|Miss|Dr|Professor)\.? )?(?P<name>{_CAPITAL}(?: {_CAPITAL}| (?:de|van|von|la|le)){{1,4}}?)"
_HMI = r"(?:S?HMI|Senior HMI|(?:His|Her) Majesty['’]s Inspector)"
_LEAD = (
    re.compile(
        rf"^{_NAME}(?:,? {_HMI})?(?:,|\s[-–])\s*(?:{_HMI},?\s+)?Ofsted['’]?s?,?\s+(?:{_HMI},?\s+)?"
        r"(?i:lead\s+inspector)\b",
        re.MULTILINE,
    ),
    re.compile(rf"^{_NAME}(?:,? {_HMI}|, Ofsted(?: {_HMI})?),?\s+(?i:\(?lead(?:\s+inspector)?\b)", re.MULTILINE),
    re.compile(rf"^{_NAME},(?:(?!CQC|Care Quality)[^\n]){{0,40}}?\b(?i:lead)\b", re.MULTILINE),
)


def recognises(document: Document) -> bool:
    return _TITLE.search(straight(document.opening)[:1500]) is not None or send_letters.recognises(document)


def title(document: Document) -> str | None:
    found = _TITLE.search(document.opening)
    return found[0].strip() if found else send_letters.title(document)


def read(document: Document, authorities: Authorities, fetched_on: date | None) -> Finding | list[Finding]:
    """One finding; for a joint area, one for each of its authorities."""
    front = Passage(document.front)
    found = _TITLE.search(straight(front.text)[:1500])
    if found is None:
        return send_letters.read(document, authorities)
    notes: list[str] = []
    shown = {"kind": front.quote(found), "authority": front.quote(found, "area")}
    sort = found["sort"].strip().lower()
    first, last = _inspected(front, shown, notes)
    area = _PARTNERSHIP.sub("", front.text[slice(*found.span("area"))]).strip()
    joint = named.joint(area, authorities, last)
    name = area if joint else named.authority(area, authorities, last, notes)[0]
    whole = sort in ("", "full")
    outcome = _outcome(front, shown, notes) if whole else None
    new, actions, improvements = send_rows.demands(document.lines, shown, notes) if whole else (None, (), ())
    if not whole:
        notes.append(f"a {sort} inspection: its form was never seen, and what it demands is not read")
    finding = Finding(
        kind={"monitoring": Kind.AREA_SEND_MONITORING, "thematic": Kind.OTHER}.get(sort, Kind.AREA_SEND),
        authority=name,
        certainty=Certainty.PUBLISHED,
        inspected_from=first,
        inspected_to=last,
        lead_inspector=_lead(document.lines, shown, notes),
        outcome=outcome,
        priority_action=new,
        priority_actions=actions,
        improvements=improvements,
        deadlines=_horizons(front, last, shown) if whole else {},
        notes=(*notes, *_previous(front)),
        evidence=passage.proven(document, shown),
    )
    return named.shared(finding, joint, area)


def _inspected(front: Passage, shown: dict[str, Evidence], notes: list[str]) -> tuple[Day | None, Day | None]:
    found = front.search(_DATES)
    span = dates.whole(found["when"]) if found else None
    if found is None or span is None:
        notes.append("no inspection dates were read on the first pages")
        return None, None
    shown["inspected_from"] = shown["inspected_to"] = front.quote(found)
    if not dates.plausible_length(span.first, span.last, LONGEST):
        notes.append(
            f"the inspection is printed as {span.text!r}, longer than {LONGEST} days: the first day is unknown"
        )
        shown.pop("inspected_from")
        return None, span.last
    return span.first, span.last


def _outcome(front: Passage, shown: dict[str, Evidence], notes: list[str]) -> Outcome | None:
    """The one of the three sentences that stands in the box; unknown where none does, or more than one."""
    box = _BOX.search(straight(front.text))
    end = box.end("box") if box else len(front.text)
    said = {which: found for which, each in _OUTCOMES.items() if (found := each.search(front.text, 0, end))}
    if len(said) != 1:
        told = " and ".join(found[0] for found in said.values()) or "none of the three sentences"
        notes.append(f"the outcome is unknown: the first two pages hold {told}")
        return None
    which, found = said.popitem()
    shown["outcome"] = front.quote(found)
    return which


def _horizons(front: Passage, last: Day | None, shown: dict[str, Evidence]) -> dict[str, Day]:
    """The months in which the next full inspection, and a monitoring one, are to be expected."""
    expected = {}
    for name, pattern in (("next_inspection", _NEXT), ("monitoring_inspection", _MONITORING)):
        found = front.search(pattern)
        if found is None or last is None:
            continue
        printed = found["number"].lower()
        number = _NUMBERS.get(printed) or int(printed)
        month = deadlines.after_months(last, number * (12 if found["unit"].startswith("year") else 1))
        if month:
            expected[name] = month
            shown[f"deadlines.{name}"] = front.quote(found)
    return expected


def _previous(front: Passage) -> list[str]:
    found = front.search(_PREVIOUS)
    if found is None:
        return []
    return [f"previous inspection: {found['when'].strip()}" if found["when"] else "not previously inspected"]


def _lead(lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]) -> str | None:
    """Ofsted's lead inspector, in the two-column block at the end; CQC's is not meant."""
    at = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].text.lower() == "inspection team"), None)
    team = lines[at + 1 :] if at is not None else ()
    text = "\n".join(line.text for line in team)
    for pattern in _LEAD:
        found = pattern.search(text)
        if found:
            line = team[text.count("\n", 0, found.start())]
            shown["lead_inspector"] = evidence(line.page, found[0])
            return found["name"]
    notes.append("no lead inspector of Ofsted was read in the inspection team")
    return None
