"""Which grades are new, which are earlier ones, and for which areas: every grade binds to its own clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct, field

from inspections.model import ALL, OVERALL, Evidence, Grade, Kind
from scraper import dates
from scraper.announcements import areas
from scraper.announcements.cues import Sentence, cues, phrase
from scraper.announcements.mentions import Mention, mentions

FRESH = timedelta(days=240)  # an inspection this long before its announcement can still be the one announced

_CLAUSE = phrase(
    r";|: (?-i:(?=[A-Z]))|,? but (?!one\b|two\b)|,? (?:while|whilst|although|though|whereas|having|despite|compared (?:with|to)|instead of|removing|lifting|moving (?:it )?out)\b"
    r"|,? which\b|,? who (?:was|were|had)\b| when | since | after (?:it|they|previous\w+|years)\b| following (?:its|their|a previous|previous)\b|,? up from | \(|\)| - |,? and (?:is|are|has|have|had|was|were) |, (?:and|with) | from an? |, an? (?=\w+ (?:on|from|of))"
)
_YEAR_AFTER = phrase(
    r"^['\")]*(?: (?:rating|grade|judge?ment))?(?: by ofsted)?,? \(?(?:in|of|from|since|at|back in) (?:an? |its |the )?(?:[a-z]+ )?(?:19|20)\d\d\b"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NUMBERS = r"(?:second|third|fourth|fifth|sixth|two|three|four|five)"

BEFORE = cues(
    ("earlier", 2, r"\b(?:previous(?:ly)?|formerly|historically|prior|(?:at|in) (?:its|the|their|our) (?:last|previous)|last (?:full |ofsted |graded |major )?(?:inspect\w+|rat\w+|judg\w+|report|time|visit\w*)"
                   r"|earlier (?:inspection|rating|report|judge?ment|grade)s?|most recent(?:ly)? one in|at the time|back in|once rated|originally|predecessor)\b"),
    ("had been", 2, r"\bhad (?:been|received|rated|judged|graded|found|given)\b"),
    ("since then", 2, r"^\W*since\b|\bsince (?:it|they|being|the|its|our|\d{4})\b"),
    ("when it was", 2, r"^\W*when (?:it|they|the|services|we)\b"),
    ("after being", 2, r"^\W*after (?:it|they) (?:was|were)\b|^\W*after previous\w+\b|\b(?:years?|months) (?:ago|earlier|after)\b|\b(?:years?|months) on from\b"),
    ("having been", 2, r"^\W*having (?:been|previously|received)\b"),
    ("compared to", 2, r"^\W*(?:compared|instead|rather)\b|\bthan (?:the|its|a|an|their|our)\b"),
)  # fmt: skip
_ADJACENT = cues(
    ("no longer", 2, r"\bno longer (?:\w+ )?(?:an? )?['\"(]*\Z"),
    ("out of", 2, r"\b(?:out of|away from|remov\w+ (?:\w+ )?from|lift\w+ (?:\w+ )?from|up from|down from|improv\w+ (?:up)?on|better than|shed\w*|shake off|shaken off|escap\w+|exit\w*|leav(?:es|ing)|climb\w+ from|ris\w+ from|emerg\w+ from"
                  r"|improv\w+ from|progress\w+ from|mov\w+ (?:on |up )?from|jump\w* from|up \w+ (?:grades?|places?|levels?|notches) from|upgraded from|downgraded from|fell from|dropp\w+ from|slipp\w+ from|falling from|(?:chang|turn|rais)\w+ (?:\w+ ){0,4}from)"
                  r" (?:(?:an?|the|its|their|our|being|it|them|previous|rated|overall|standard|rating|grade|judge?ment|of|special|measures|and|'s)[\s:]+)*['\"(]*\Z"),
    ("than before", 2, r"\b(?:previous|former|earlier|last|old|prior|existing) (?:ofsted )?(?:overall )?(?:(?:rating|grade|judge?ment|inspection|report)s? (?:of|as|was|were|found|in \d{4},?) (?:an? |the )?)?['\"(]*\Z"),
)  # fmt: skip
_AFTERWARDS = cues(
    ("at its last inspection", 2, r"^['\")]*[^.;]{0,30}\b(?:at (?:its|the|their|our) (?:last|previous)|(?:years?|months) (?:ago|earlier|previously)|last (?:time|year|summer|autumn|winter|spring|january|february|march|april|may|june|july|august|september|october|november|december)|previously|at the time|in the (?:previous|last) inspection)\b"),
)  # fmt: skip
AGAIN = cues(
    ("remains", 2, r"\b(?:remain(?:s|ed|ing)?|retain(?:s|ed|ing)?|maintain(?:s|ed|ing)?|kept|keeps|keeping|hold(?:s|ing)? on to|held on to|(?:still|again|once again) (?:rated|judged|graded)|sustain(?:s|ed)?"
                   r"|continues? to be(?: rated| judged)?|stays?|stayed|re-?affirm(?:s|ed)?)(?: (?:as|a|an|the|its|their|our|rated|judged|graded|prestigious|overall|coveted|solid|top|at|being|to be|status|rating|of|highest|possible))* ['\"(]*\Z"),
)  # fmt: skip
_AGAIN_ANYWHERE = cues(
    ("in a row", 2, rf"\b(?:in a row|in succession|{_NUMBERS}(?: time)? running|consecutive(?:ly)?|successive|once again (?:rated|judged|been)|yet again)\b"),
    ("same as before", 2, r"\b(?:the )?same (?:overall )?(?:rating|ranking|grade|judge?ment|result|verdict|outcome|score) (?:as|at|it|that|in)\b|\b(?:rating|grade|judge?ment) (?:is |was |remains )?unchanged\b|\bunchanged from (?:its|the)\b"),
)  # fmt: skip
_ASIDE = cues(
    ("another inspectorate", 2, r"\b(?:cqc|care quality commission|adult social care|adults' services|probation|youth justice|youth offending|hospital|peer review|audit office)\b"),
    ("others", 2, r"\b(?:nationally|across (?:england|the country)|elsewhere|other (?:councils|authorities|local authorities|areas)|neighbouring|best practice|improvement partner|sector[- ]led)\b(?!.{0,30}\bto be\b)"),
)  # fmt: skip
_ONE_OF = phrase(r"\b(?:one of|only|among|joins|first|just)\b")
_EPITHET = phrase(
    r"^['\"]? (?:children'?s?|council|services?|service|authority|department|social|county|city|borough|trust|school|nursery|home|academy|local|provision|send)\b"
)
_APPOSED = phrase(
    r"\w['\"]?, (?:(?:which|who) (?:is|are) |already |currently |itself )?(?:rated|judged|graded)(?: as)? (?:an? )?['\"]?\Z"
)
_APPOSED_ENDS = phrase(r"^['\"]?(?: (?:by|in|for)(?: \w+){1,6})?, ")
_UP_FROM = phrase(r"\b(?:up|down|on|away|out) (?:from|of)(?: (?:an?|the|its|their|being|previous))* ['\"(]*\Z")
_RELATIVE = phrase(
    r"(?<!report)(?<!inspection)(?<!ofsted)(?<!letter)(?<!judgement)(?<!inspectors),? (?:which|that|who)(?: (?:was|were|had been|is|are|ofsted|inspectors|the watchdog|the regulator))?"
    r" (?:rated|judged|graded|found to be|deemed|branded|labelled)\b[^.;]{0,60}\Z"
)
_TO = phrase(
    r"^['\")]*,? ?(?:(?:rating|grade|judge?ment|overall|ofsted|status|in \d{4}|\(\d{4}\)|in [A-Z][a-z]+ \d{4}|just \w+ years ago|at its last inspection|(?:\w+ ){1,3}years ago),? )*(?:up |right |straight |all the way )?"
    r"to (?:(?:a|an|now|being|overall|rated|its|their|the|current|new|be|become|at least|at)\s)*['\"(]*\Z"
)
_MOVED = phrase(
    r"\b(?:spun|spins?|turn(?:s|ed)?|mov(?:es?|ed|ing)|lift(?:s|ed)|rais(?:es?|ed)|jump(?:s|ed)?|improv(?:es?|ed)|leap(?:s|ed|t)?|upgrad(?:es?|ed)|downgrad(?:es?|ed)|chang(?:es?|ed)|tak(?:es?|en)|took)\b[^.;]{0,30}\Z"
)
_TO_AT_LAST = phrase(r"^[^.;]{0,60} (?:in)?to (?:(?:a|an|now|being|overall|rated|its|their|the)\s)*['\"(]*\Z")
_NOW = phrase(
    r"\b(?:now|today|currently)(?: (?:been|being|be|rated|judged|graded|officially|deemed|found|to|as|a|an|upgraded|downgraded|again|both|all))* ['\"(]*\Z"
)
_FROM = phrase(
    r"^['\")]*,? ?(?:(?:rating|grade|judge?ment|overall|ofsted|status|in \d{4}|\(\d{4}\)),? ?)*from (?:(?:a|an|being|its|their|the|previous|rated|of|rating|judge?ment|grade)\s)*['\"(]*\Z"
)
_BOTH = phrase(r"^['\"]* ?(?:and|&|/) ?['\"]*\Z")


_OF_PUBLICATION = phrase(r"\b(?:publish\w+|releas\w+|issued|out)\b[^,.;]{0,30}?\b(?:19|20)\d\d\b")
_PERFECT = phrase(
    r"\b(?:has|have) (?:now |just |again )?(?:been )?(?:rated|judged|graded|given|awarded)|published (?:today|this)|\btoday\b|\bnow\b"
)


_REPORT_CARD = (Grade.EXCEPTIONAL, Grade.STRONG_STANDARD, Grade.EXPECTED_STANDARD, Grade.NEEDS_ATTENTION, Grade.URGENT_IMPROVEMENT)


class Role(StrEnum):
    NEW = "new"
    AGAIN = "again"  # new, and the same as before
    EARLIER = "earlier"
    DATED = "dated"  # new or earlier: the year alone does not tell
    ASIDE = "aside"  # an epithet, or somebody else's


class Graded(Struct, frozen=True, kw_only=True):
    """A grade with its role, why it has it, and its areas (none named: the whole)."""

    mention: Mention
    role: Role
    why: str
    areas: tuple[str, ...]
    year: int | None = None


class Grades(Struct, kw_only=True):
    """What a text says of one body's grades."""

    judgements: dict[str, Grade | None] = field(default_factory=dict)
    previous: dict[str, Grade] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def graded(sentence: Sentence, kind: Kind, now: date | None) -> list[Graded]:
    """The grades of one sentence with their roles and areas. `now` is the day of the text."""
    found = mentions(sentence, kind)
    text = sentence.plain
    named = areas.named(text, kind)
    made: list[Graded] = []
    for index, mention in enumerate(found):
        after = found[index + 1].start if index + 1 < len(found) else len(text)
        floor = found[index - 1].end if index else 0
        floor = max(floor, made[-1].mention.end if made else 0, _owned(text, made, named, mention.start))
        ceiling = _before_next(text, mention.end, after, found[index + 1].end if index + 1 < len(found) else after, named, index + 1 < len(found))
        role, why, year = _role(text, mention, found, index, now)
        if role == Role.EARLIER and _UP_FROM.search(text[floor : mention.start]):
            floor = mention.start
        keys = areas.bound(text, mention.start, mention.end, floor, ceiling, named)
        made.append(Graded(mention=mention, role=role, why=why, areas=keys, year=year))
    return made


def _owned(text: str, made: Sequence[Graded], named: Iterable[areas.Area], until: int) -> int:
    """How far the grade before has taken areas that stand after it."""
    if not made or not made[-1].areas:
        return 0
    start = made[-1].mention.end
    return max(
        (
            area.end
            for area in named
            if start <= area.start < until and area.key in made[-1].areas and not _IS.match(text, area.end)
        ),
        default=0,
    )


_IS = phrase(
    r"\s*(?:,? (?:both |all |each )?(?:is|are|was|were|being|rated|judged|graded|deemed|as|also|still|remains?|requires?|required)\b|-|:)"
)
_BARE = phrase(r"(?: [\w'-]+){0,6}? (?:as )?['\"]*")
_STRONG_BREAK = phrase(r"[;.]|,? (?:but|while|whilst|although|with|however|whereas)\b")
_WEAK_BREAK = phrase(r",? and\b")


def _before_next(text: str, end: int, after: int, until: int, named: Iterable[areas.Area], more: bool) -> int:
    """Where the text that belongs to the grade at `end` stops: "good for A, while B is outstanding" gives B away."""
    if not more:
        return after
    last = [area for area in named if end <= area.start and area.end <= after]
    if not last:
        return after
    looks_back = _BARE.fullmatch(text[last[-1].end : after]) and not areas.looks_ahead(text, until)
    if not (_IS.match(text, last[-1].end) or looks_back):
        return after
    breaks = [match.start() for match in _STRONG_BREAK.finditer(text, end, last[-1].start)]
    breaks = breaks or [match.start() for match in _WEAK_BREAK.finditer(text, end, last[-1].start)]
    return breaks[-1] if breaks else last[0].start


def _role(
    text: str, mention: Mention, found: Sequence[Mention], index: int, now: date | None
) -> tuple[Role, str, int | None]:
    start, end = _clause(text, mention.start, mention.end)
    clause, left, right = text[start:end], text[: mention.start], text[mention.end :]
    until = found[index + 1].start if index + 1 < len(found) else len(text)
    year = _year(text[mention.end : min(end, until)]) or _year(
        _unclaimed(text[max(start, found[index - 1].end if index else 0) : mention.start], index > 0)
    )
    if index + 1 < len(found) and _TO.search(text[mention.end : found[index + 1].start]):
        return Role.EARLIER, "from one grade to another", year
    if index and _FROM.search(text[found[index - 1].end : mention.start]):
        return Role.EARLIER, "from one grade to another", year
    if again := next((cue for cue in AGAIN if cue.pattern.search(left)), None):
        return Role.AGAIN, again.name, year
    if _NOW.search(left):
        return Role.NEW, "now", year
    if (
        index + 1 < len(found)
        and _MOVED.search(left)
        and _TO_AT_LAST.search(text[mention.end : found[index + 1].start])
    ):
        return Role.EARLIER, "from one grade to another", year
    if cue := next((cue for cue in _ADJACENT if cue.pattern.search(left)), None):
        return Role.EARLIER, cue.name, year
    if cue := next((cue for cue in _ASIDE if cue.pattern.search(clause)), None):
        if not (_ONE_OF.search(clause) or (cue.name == "another inspectorate" and "ofsted" in clause.lower())):
            return Role.ASIDE, cue.name, year
    if (
        _EPITHET.search(right)
        and mention.cue.name not in ("rated so, after its object", "a line of a list")
        and not phrase(r"\brat(?:ed|es)\W*\Z").search(left)
    ):
        return Role.ASIDE, "an epithet", year
    if _APPOSED.search(left) and _APPOSED_ENDS.search(right):
        return Role.ASIDE, "said by the way", year
    if _RELATIVE.search(left) and not phrase(r"\btoday|this (?:week|morning)\b").search(right):
        return (Role.EARLIER if year or index + 1 < len(found) else Role.ASIDE), "said in passing", year
    if again := next((cue for cue in _AGAIN_ANYWHERE if cue.pattern.search(text)), None):
        if not year or phrase(rf"\b(?:unchanged|same)\b").search(text):
            return Role.AGAIN, again.name, year
    if cue := next((cue for cue in BEFORE if cue.pattern.search(text[start : mention.start])), None):
        return Role.EARLIER, cue.name, year
    if cue := next((cue for cue in _AFTERWARDS if cue.pattern.search(text[mention.end : end])), None):
        return Role.EARLIER, cue.name, year
    own = text[max(start, found[index - 1].end if index else 0) : mention.start]
    return _by_date(clause, own, now, year)


def _by_date(clause: str, own: str, now: date | None, year: int | None) -> tuple[Role, str, int | None]:
    """A clause that dates its grade: long before the text it is an earlier one."""
    if year is None or _PERFECT.search(own):
        return Role.NEW, "no word of an earlier inspection", year
    if now is None:
        return Role.DATED, f"dated {year}", year
    days = [span.first.last for span in dates.spans(clause) if span.first.year == year]
    known = next((day for day in days if day), date(year, 12, 31))
    if year < now.year and now - known > FRESH or (not days and year < now.year):
        return Role.EARLIER, f"dated {year}", year
    return Role.NEW, f"dated {year}, which is recent", year


def _unclaimed(text: str, behind: bool) -> str:
    """The text before a grade without the year that belongs to the grade before it: "good in 2015 and ..."."""
    return _YEAR_AFTER.sub("", text, count=1) if behind else text


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    first, last = 0, len(text)
    for match in _CLAUSE.finditer(text):
        if match.end() <= start:
            first = match.start()
        elif match.start() >= end:
            last = match.start()
            break
    return first, last


def _year(clause: str) -> int | None:
    years = [int(year) for year in _YEAR.findall(_OF_PUBLICATION.sub(" ", clause))]
    return min(years) if years else None


def collect(rows: Sequence[Graded], overall: bool, in_care_apart: bool) -> Grades:
    """The judgements and earlier grades of one body. overall: whether its framework gives one."""
    made = Grades()
    rows = _settled(rows)
    mixed = {id(other) for one, other in zip(rows, rows[1:], strict=False) for other in (one, other)
             if _together(one, other)}  # fmt: skip
    votes: dict[str, dict[Grade, tuple[int, Sentence]]] = {}
    for row in rows:
        if row.role not in (Role.NEW, Role.AGAIN) or id(row) in mixed or row.mention.grade == Grade.ADEQUATE:
            continue
        for key in areas.whole(row.areas or (OVERALL,), in_care_apart):
            if key == areas.COUNTED:
                made.notes.append(f"“{row.mention.sentence.evidence}” counts areas without naming them")
                continue
            strength = _strength(row, explicit=bool(row.areas))
            best = votes.setdefault(key, {}).get(row.mention.grade)
            if best is None or strength > best[0]:
                votes[key][row.mention.grade] = strength, row.mention.sentence
    for key, grades in votes.items():
        _decide(made, key, grades)
    overall = overall and not any(grade in _REPORT_CARD for grade in made.judgements.values())
    if ALL in made.judgements and OVERALL not in made.judgements and overall:
        made.judgements = {OVERALL: made.judgements[ALL], **made.judgements}
        made.evidence[f"judgements.{OVERALL}"] = made.evidence[f"judgements.{ALL}"]
    if not overall and OVERALL in made.judgements:
        grade = made.judgements.pop(OVERALL)
        made.evidence.pop(f"judgements.{OVERALL}", None)
        made.notes.append(f"the page calls the whole {grade}; this framework gives no overall grade")
    _earlier(made, rows, in_care_apart)
    return made


def _settled(rows: Sequence[Graded]) -> list[Graded]:
    """A grade with a year is earlier where another stands without one, or with a later one."""
    fresh = any(row.role in (Role.NEW, Role.AGAIN) for row in rows)
    return [
        Graded(mention=row.mention, areas=row.areas, year=row.year, why=row.why, role=Role.EARLIER)
        if row.role == Role.DATED else row
        for row in rows
        if row.role != Role.DATED or fresh or row.year is not None
    ]  # fmt: skip


def _together(one: Graded, other: Graded) -> bool:
    """ "good and outstanding ratings": neither is the grade of the whole."""
    same = one.mention.sentence.index == other.mention.sentence.index
    if not same or one.mention.grade == other.mention.grade or one.areas or other.areas:
        return False
    return bool(_BOTH.search(one.mention.sentence.plain[one.mention.end : other.mention.start]))


def _strength(row: Graded, *, explicit: bool) -> int:
    if row.mention.paraphrase:
        return 0
    stated = 4 if explicit else 0
    return (
        stated + row.mention.cue.weight + (2 if row.mention.sentence.title else 1 if row.mention.sentence.lead else 0)
    )


def _decide(made: Grades, key: str, grades: dict[Grade, tuple[int, Sentence]]) -> None:
    best = sorted(grades.items(), key=lambda row: -row[1][0])
    grade, (strength, sentence) = best[0]
    if len(best) > 1 and best[1][1][0] == strength:
        made.judgements[key] = None
        made.notes.append(f"{key}: said to be {' and '.join(sorted(one for one, _ in best))}, so neither is taken")
        return
    made.judgements[key] = grade
    made.evidence[f"judgements.{key}"] = Evidence(text=sentence.evidence)
    made.notes += [f"{key}: {other} is said less plainly than {grade}" for other, _ in best[1:]]


def _earlier(made: Grades, rows: Sequence[Graded], in_care_apart: bool) -> None:
    """The latest earlier grade of each area; the rest, and where the order is not known, in the notes."""
    found: dict[str, list[tuple[int, Grade, Graded]]] = {}
    for row in rows:
        if row.role == Role.EARLIER or row.role == Role.AGAIN and (not row.areas or set(row.areas) <= {OVERALL, ALL}):
            keys = [OVERALL if key == ALL else key for key in areas.whole(row.areas or (OVERALL,), in_care_apart)]
            for key in dict.fromkeys(key for key in keys if key != areas.COUNTED):
                found.setdefault(key, []).append(
                    (row.year or (9999 if row.role == Role.AGAIN else 0), row.mention.grade, row)
                )
    for key, named in found.items():
        if len({grade for _, grade, _ in named}) > 1 and key not in made.previous:
            named.sort(key=lambda entry: -(entry[0] or 5000))
            made.notes.append(
                f"earlier grades of {key}: {', '.join(f'{grade} ({year})' if 0 < year < 9999 else str(grade) for year, grade, _ in named)}"
            )
        made.previous[key] = named[0][1]
        made.evidence[f"previous.{key}"] = Evidence(text=named[0][2].mention.sentence.evidence)
        made.notes.append(f"{named[0][1]} is an earlier grade: {named[0][2].why}")


Belongs = Callable[[Mention], bool]
