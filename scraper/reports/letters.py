"""Letters on focused, monitoring and assurance visits to a council's children's services. They hold no grade.

The opening sentence says kind, authority and dates; the signatory led the visit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Evidence, Finding, Kind
from scraper import dates
from scraper.reports import deadlines, named, passage, priorities
from scraper.reports.passage import Passage
from scraper.reports.text import Document, Line, evidence, straight

KINDS = {"focused": Kind.FOCUSED_VISIT, "monitoring": Kind.MONITORING_VISIT, "assurance": Kind.ASSURANCE_VISIT}
WHOLE_SERVICE = "whole service"
LAG = range(22, 105)  # days from the last day of a visit to its letter, as 371 letters have them
LONGEST = 31  # days a visit may span before one of its dates must be a misprint

_SORT = r"(?P<sort>focused|focussed|monitoring|assurance)"
_OPENING = re.compile(
    rf"(?:This letter|I am writing to)\s+(?:summari[sz]es?|contains?|sets? out|outlines?|reports?(?: on)?"
    rf"|confirms?)\s+"
    rf"(?:the|our)\s+(?:\w+ )?findings\s+(?:of|from)\s+(?:a|an|the|our|Ofsted's)\s+(?:\w+"
    rf" ){{0,3}}?{_SORT}\s+(?:\w+ )?visit\s+"
    r"(?P<rest>.+?)(?:(?<!\bSt)\.(?=\s+[A-Z'\"]|\s*\Z)|\s(?=(?:The|Inspectors|During|Her|His"
    r"|This)\s+(?:inspectors|visit|looked"
    r"|this|Majesty's Inspectors)))",
    re.IGNORECASE,
)
_TITLE = re.compile(rf"{_SORT} visit (?:to|of) .+", re.IGNORECASE)
_TITLE_ENDS = re.compile(r"(?:This letter|Her Majesty|His Majesty|I am writing|Dear|The visit|Inspectors)\b.*")
_BEFORE_DATES = re.compile(r",?\s*\b(?:on|between|from|during|carried out(?: on)?)\b(?:\s+(?:the|both))?\s*\Z")
_AFTER_NAME = re.compile(r"\s*(?:\bcarried out by|,? (?:who|which) ).*")
_BEFORE_NAME = re.compile(r"^\s*,?\s*(?:to|of|in)\s+")
_OF_ITS = re.compile(r"[’']s? children(?:[’']s|s[’'])? .*services?\b.*\Z")
_SERVICES = re.compile(
    r"\s+(?:local authority[’']?s?\s+)?children(?:[’']s|s[’']|s)?(?: and [\w’' ]+?)?(?: social care)? services?\b.*\Z"
)
_THEME = re.compile(
    r"(?:(?:The )?[Ii]nspectors?|This visit|During (?:this|the) visit,? inspectors|The visit|The focus of (?:this"
    r"|the)(?:"
    r" \w+)? visit was(?: on)?)\s*"
    r"(?:(?:also )?(?:looked at|considered|reviewed|evaluated|examined|assessed|focused on|focussed on))?\s*"
    r"(?:the (?:[\w ]{1,40}'s )?(?=(?:arrangements|practice|services?|work|support)\b))?"
    r"(?:(?:arrangements|practice|services?|work|support) (?:for|at|in|to|with) )?"
    r"(?P<theme>\S.+?)(?P<end>\.['\"]?(?=\s+[A-Z\"']|\s*\Z)|:(?=\s))",
    re.DOTALL,
)
_THEME_STARTS = re.compile(
    r"(?:(?:The )?[Ii]nspectors? (?:looked at|considered|reviewed|evaluated|examined|assessed|focused on) (?!a"
    r" (?:broad "
    r"|wide )?range|case)"
    r"|During (?:this|the) visit,? inspectors (?:looked at|considered|reviewed|evaluated)"
    r"|(?:This|The) visit (?:looked at|considered|focused on|evaluated)|The focus of (?:this|the)(?: \w+)? visit was)"
)
_FRAMEWORK = re.compile(
    r",?\s*(?:and )?(?:in accordance|in line) with the inspections? of local authority.*\Z", re.IGNORECASE | re.DOTALL
)
_WHOLE = re.compile(r"key decision-making across help and protection,? .*care leavers", re.IGNORECASE)
_PANDEMIC = re.compile(
    r"Chief Inspector.{0,80}is leading Ofsted's work into how England's social care system"
    r"|(?:delivery model|methodology)(?: for this visit)? was adapted to reflect the COVID-19 context",
    re.IGNORECASE,
)
_SEVENTY = re.compile(
    r"(?:submit|action plan).{0,160}?within (?:70|seventy) working days(?: of (?:receiving|receipt of) this letter)?"
)
_METHOD = re.compile(
    r"(?:This visit|The visit|A (?:wide |broad )?range|Inspectors|We|In |The inspect|Headline|Overview|What"
    r" needs|Areas?)\b.*"
)
_SIGNED = re.compile(
    r"(?:(?P<name>[^\d,]{4,40}),?\s)?(?:(?:Her|His) Majesty['’]s (?:Senior )?Inspector|HMI)(?: \(?designate\)?)?[.,]?"
)
_GREETED = re.compile(r"Yours? ")
_NAME = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?[^\W\d_a-z][\w.'’-]*(?: (?:d[aei]|van|von|de la|le))?(?:"
    r" [^\W\d_a-z][\w.'’-]*){1,4}"
)
_ORDINAL = re.compile(
    r"This was the (?P<which>\w+)(?: \w+)? monitoring visit since .{0,80}?judged inadequate(?: overall)? in"
    r" (?P<when>\w+ \d{4})"
)


def recognises(document: Document) -> bool:
    if _OPENING.search(straight(document.opening)):
        return True
    greeted = any(line.text.startswith("Dear ") for line in document.front)
    return greeted and _title_at(document.front) is not None


def title(document: Document) -> str | None:
    at = _title_at(document.front)
    if at is None:
        return None
    words = [document.front[at].text]
    for line in document.front[at + 1 : at + 3]:
        if _TITLE_ENDS.match(line.text) or words[-1].endswith("services"):
            break
        words.append(line.text)
    return " ".join(words).rstrip(".")


def read(document: Document, authorities: Authorities, fetched_on: date | None) -> Finding:
    lines = passage.without_sender(document.lines)
    front = Passage(line for line in lines if line.page <= 2)
    opening = _OPENING.search(straight(front.text))
    notes: list[str] = []
    shown: dict[str, Evidence] = {}
    written = letter_date(lines, shown, notes)
    if opening:
        kind = KINDS[opening["sort"].lower().replace("focussed", "focused")]
        shown["kind"] = front.quote(opening)
        who = _phrase(front.text[slice(*opening.span("rest"))])
        shown["authority"] = front.quote(opening, "rest")
    else:
        printed = title(document) or ""
        found = _TITLE.match(printed)
        kind = KINDS[found["sort"].lower().replace("focussed", "focused")] if found else Kind.OTHER
        who = _phrase(printed.split(" visit ", 1)[-1])
        shown["kind"] = shown["authority"] = evidence(1, printed)
        notes.append("the opening sentence was not found: kind and authority are those of the title")
    authority, provider = named.authority(who, authorities, written, notes, _addressed(lines))
    first, last = _visited(front, opening, written, shown, notes)
    if written and last and last.date and written.date and last.date >= written.date:
        notes.append(
            f"the letter is dated {written}, but the visit ended on {last}: one is a misprint; publication date unknown"
        )
        written = None
        shown.pop("published_on", None)
    theme = _theme(front, shown, notes)
    new, actions = priorities.actions(lines, shown, notes)
    improvements = priorities.improvements(lines, shown, notes)
    _progress(front, notes)
    lead, due = signatory(lines, shown, notes), _deadlines(lines, written, shown)
    return replace(
        passage.finding(
            document, kind, (first, last), shown, notes, authority=authority, provider=provider, written=written
        ),
        lead_inspector=lead,
        theme=theme,
        priority_action=new,
        priority_actions=actions,
        improvements=improvements,
        deadlines=due,
    )


def letter_date(lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]) -> Day | None:
    """The date that stands alone on a line: above the greeting, else the only one on the first page."""
    first = [line for line in lines if line.page == 1]
    greeting = next((at for at, line in enumerate(first) if line.text.startswith("Dear ")), len(first))
    above = [(line, day) for line in first[:greeting] if (day := _alone(line.text))]
    below = [(line, day) for line in first[greeting:] if (day := _alone(line.text))]
    if above or len(below) == 1:
        line, day = (above or below)[0]
        shown["published_on"] = evidence(line.page, line.text)
        return day
    notes.append("no letter date was read on the first page")
    return None


def _alone(text: str) -> Day | None:
    """The whole date that is all of a line, but for "Date:" before it or the sender's address behind it."""
    found = dates.spans(text)
    if len(found) != 1 or not found[0].first.date or found[0].first != found[0].last:
        return None
    before, after = text[: found[0].start].strip(" :"), text[found[0].end :].strip(" .,")
    named = before.lower() in ("", "date")
    return found[0].first if named and (not after or passage.is_sender(after)) else None


def _title_at(lines: Sequence[Line]) -> int | None:
    return next((at for at, line in enumerate(lines) if _TITLE.fullmatch(line.text) and line.text[0].isupper()), None)


def _phrase(rest: str) -> str:
    """Who was visited, from what follows "visit": dates, "to" and "children's services" taken away."""
    found = dates.spans(rest)
    if found:
        before = _BEFORE_DATES.sub("", rest[: found[0].start])
        rest = before if re.sub(r"\b(?:to|of|the)\b|\W", "", before) else rest[found[-1].end :]
    for pattern in (_AFTER_NAME, _BEFORE_NAME, _OF_ITS, _SERVICES):
        rest = pattern.sub("", rest)
    return rest.strip(" ,.’'")


def _addressed(lines: Sequence[Line]) -> str:
    """The words above the greeting, where the council may be named beside a trust."""
    end = next((at for at, line in enumerate(lines) if line.text.startswith("Dear ")), 0)
    return "\n".join(line.text for line in lines[:end])


def _visited(
    front: Passage, opening: re.Match[str] | None, written: Day | None, shown: dict[str, Evidence], notes: list[str]
) -> tuple[Day | None, Day | None]:
    """First and last day, a missing year taken from the letter's; a day that contradicts the letter is unknown."""
    if opening is None:
        return None, None
    start = opening.start("rest")
    span = dates.whole(front.text[slice(*opening.span("rest"))])
    if span is None:
        notes.append("the opening sentence holds no date")
        return None, None
    if not span.first.year and written and written.date:
        span = dates.resolve_year(span, written.date)
        notes.append("the year of the visit is not printed; it is that of the letter")
    first: Day | None = span.first
    last: Day | None = span.last
    shown["inspected_from"] = shown["inspected_to"] = front.evidence(start + span.start, start + span.end)
    if not dates.plausible_length(first, last, LONGEST):
        notes.append(f"the visit is printed as {span.text!r}, longer than {LONGEST} days: the first day is unknown")
        first = None
        shown.pop("inspected_from")
    if written and written.date and last and last.date and (written.date - last.date).days not in LAG:
        lag = (written.date - last.date).days
        notes.append(f"the letter of {written} is {lag} days after the visit; expected {LAG.start} to {LAG.stop - 1}")
    return first, last


def _theme(front: Passage, shown: dict[str, Evidence], notes: list[str]) -> str | None:
    words = straight(front.text)
    begins = _THEME_STARTS.search(words)
    found = _THEME.match(words, begins.start()) if begins else None
    pandemic = _PANDEMIC.search(words)
    whole = _WHOLE.search(words)
    if whole or (found is None and pandemic):
        shown["theme"] = front.quote(whole or pandemic)  # type: ignore[arg-type]
        return WHOLE_SERVICE
    if found is None:
        notes.append("no sentence says what the visit looked at")
        return None
    end = found.end("theme")
    text = _FRAMEWORK.sub("", front.text[found.start("theme") : end])
    shown["theme"] = front.evidence(found.start(), end)
    if found["end"] == ":":
        text = "; ".join([f"{text}:", *_theme_bullets(front, end)]).replace(":;", ":")
    return text


def _theme_bullets(front: Passage, at: int) -> list[str]:
    """The bullets that belong to the theme: they are no areas for improvement."""
    after = passage.below(front.lines, front.index(at), _METHOD)
    return [item.text.rstrip(".;") for item in passage.items(after)]


def _progress(front: Passage, notes: list[str]) -> None:
    """What a monitoring letter says of the judgement that it follows."""
    found = _ORDINAL.search(straight(front.text))
    if found:
        notes.append(f"{found['which']} monitoring visit since the inspection of {found['when']} judged it inadequate")


def signatory(lines: Sequence[Line], shown: dict[str, Evidence], notes: list[str]) -> str | None:
    """The name above "His Majesty's Inspector" at the end; "Yours sincerely" may be lost."""
    for at in range(len(lines) - 1, max(len(lines) - 40, 0), -1):
        line = lines[at]
        found = _SIGNED.fullmatch(line.text)
        if not found:
            continue
        name = found["name"] or (lines[at - 1].text if not _GREETED.match(lines[at - 1].text) else "")
        name = name.strip(" ,")
        if _NAME.fullmatch(name):
            shown["lead_inspector"] = evidence(line.page, f"{name} {line.text}" if not found["name"] else line.text)
            return name
    notes.append("no signatory was read; the lead inspector is unknown")
    return None


def _deadlines(lines: Sequence[Line], written: Day | None, shown: dict[str, Evidence]) -> dict[str, Day]:
    whole = Passage(lines)
    found = whole.search(_SEVENTY)
    if not found or written is None or written.date is None:
        return {}
    shown["deadlines.action_plan"] = whole.quote(found)
    due = deadlines.after_working_days(written.date, 70)
    return {"action_plan": Day.of(due.year, due.month, due.day)}
