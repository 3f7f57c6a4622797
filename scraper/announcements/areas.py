"""Which areas a grade is given for: the names of areas, as announcements write them, and how a grade binds to them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from inspections.model import (
    ADOPTION_AREA,
    ALL,
    CARE_LEAVERS,
    HELP_PROTECTION,
    IN_CARE,
    IN_CARE_AND_CARE_LEAVERS,
    LEADERS,
    LSCB,
    OVERALL,
    SAFEGUARDING,
    Kind,
)
from scraper.announcements.cues import phrase

_COUNT = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})"
_HEADINGS = (
    r"(?:areas?|categor(?:y|ies)|judge?ments?|headings?|aspects?|measures?|elements?|criteria|sections?|counts?"
    r"|domains?)"
)
COUNTED = "counted"  # "good in three of four areas": which ones is not said

_EVERYBODY = (
    (COUNTED, rf"\b(?:all|every|each)(?: of)?(?: (?:the|its|our|their))? (?:other|remaining|further)(?: {_COUNT})?"
              rf"(?: [\w-]+)? {_HEADINGS}\b"),
    (ALL, rf"(?<!almost )(?<!nearly )\b(?:all|every|each)(?: of (?:the|its|our|their))?(?: {_COUNT})?(?: [\w-]+)?"
          rf" {_HEADINGS}\b(?! (?:but|apart|except|bar|other than|besides|with the exception))"),
    (ALL, r"\bacross the board\b|\bin all (?:four|five|six)\b"),
    (COUNTED, r"\ball but (?:one|two)\b"),
    (COUNTED, rf"\b(?:all|every|each)(?: [\w-]+)? {_HEADINGS}\b(?= (?:but|apart|except|bar|other than|besides|with"
              rf" the))"),
    (COUNTED, rf"\b(?:in |for )?(?:{_COUNT}|some|most|several|the (?:remaining|other)|other|another|both|remaining)"
              rf"(?: (?:more|further|other|others|out of|of|the|key|main|judged|assessed|inspected|sub)|"
              rf" {_COUNT})*(?:-| )?{_HEADINGS}\b"),
    (COUNTED, rf"\bin (?:another|{_COUNT}|others|the others?)(?: more)?\b(?! (?:inspection|report|letter|january"
              rf"|february|march|april|may|"
              r"june|july|august|september|october|november|december|years|weeks|\d))"),
    (COUNTED, rf"\b(?:{_COUNT}|the) others\b"),
    (COUNTED, r"\ball but\b|\b(?:nearly|almost) (?:all|every)\b|\bmost (?:areas|categories)\b"),
    (OVERALL, r"\boverall(?: effectiveness| experiences and progress(?: of (?:the )?children(?: and young"
              r" people)?)?)?\b"),
)  # fmt: skip
_CHILDRENS_SERVICES = (
    (IN_CARE_AND_CARE_LEAVERS, r"\b(?:children|those|young people)(?: and young people)?(?: who are)? in care and"
                               r" (?:for )?care[- ]leavers\b"),
    (HELP_PROTECTION, r"\b(?:(?:children|young people|those|families)(?: and \w+)* )?(?:who |in )?(?:need(?:ing)?"
                      r" (?:of )?)?help and protection\b"),
    (IN_CARE, r"\b(?:children|people|those|experiences?)(?: who are| living)? in care\b|\blooked[- ]after children\b"
              r"|\bchildren (?:who are )?looked after\b"
              r"|\bcared[- ]for children\b"),
    (CARE_LEAVERS, r"\bcare[- ]leavers\b|\bleaving care\b|\bleft care\b|\bcare[- ]experienced (?:young )?(?:people"
                   r"|adults)\b"),
    (LEADERS, r"\bimpact of (?:\w+ )?lead(?:ers|ership)\b|\bleaders' impact\b|\bleaders(?= (?:as|is|are|was|were|has"
              r" been"
              r"|have been|also)\b| ?[-:|] )|\bleadership(?:,? (?:and"
              r" )?management(?: and governance)?)?\b|\bimpact that leaders\b"),
    (LSCB, r"\b(?:local )?safeguarding children board\b|\blscb\b"),
    (ADOPTION_AREA, r"\badoption performance\b|\badoption services?\b"),
)  # fmt: skip
_HOMES = (
    (HELP_PROTECTION, r"\b(?:how well [\w\s,]{1,50} )?help(?:ed)? and protect(?:ed|ion)\b"),
    (LEADERS, r"\b(?:effectiveness of )?leaders and managers\b|\bleadership and management\b"),
    ("childrens_education_and_learning", r"\beducation and learning\b|\beducation(?= (?:is|are|was|were)\b)"),
    ("childrens_health", r"\bhealth(?= (?:is|are|was|were|outstanding|good|inadequate|requires?)\b)"),
)
_EDUCATION = (
    (SAFEGUARDING, r"\bsafeguarding\b"),
    ("leadership_and_governance", r"\bleadership and governance\b"),
    ("leadership_and_management", r"\bleadership(?: and management)?\b"),
    ("quality_of_education", r"\bquality of education\b"),
    ("quality_of_teaching_learning_and_assessment", r"\bquality of teaching(?:, learning and assessment)?\b"),
    ("outcomes_for_children", r"\boutcomes for children\b"),
    ("outcomes_for_pupils", r"\boutcomes for pupils\b"),
    ("outcomes_for_learners", r"\boutcomes for learners\b"),
    ("personal_development_behaviour_and_welfare", r"\bpersonal development, behaviour and welfare\b"),
    ("behaviour_attitudes_and_establishing_routines", r"\bbehaviour, attitudes(?:,? and establishing routines)?\b"),
    ("childrens_welfare_and_wellbeing", r"\b(?:children's )?welfare and well-?being\b"),
    ("contribution_to_meeting_skills_needs", r"\b(?:contribution to )?meeting (?:local )?skills needs\b"),
    ("participation_and_development", r"\bparticipation and development\b"),
    ("curriculum_teaching_and_training", r"\bcurriculum,? teaching and training\b"),
    ("adult_learning_programmes", r"\badult learning programmes\b"),
    ("education_programmes_for_young_people", r"\beducation programmes for young people\b"),
    ("post_16_provision", r"\bpost-16(?: provision)?\b"),
    ("behaviour_and_attitudes", r"\bbehaviour and attitudes\b"),
    ("attendance_and_behaviour", r"\battendance and behaviour\b"),
    ("personal_development_and_wellbeing", r"\bpersonal development and well-?being\b"),
    ("personal_development", r"\bpersonal development\b"),
    ("early_years_provision", r"\bearly years(?: provision)?\b"),
    ("sixth_form_provision", r"\bsixth[- ]form(?: provision)?\b"),
    ("curriculum_and_teaching", r"\bcurriculum and teaching\b"),
    ("inclusion", r"\binclusion\b"),
    ("achievement", r"\bachievement\b"),
    (COUNTED, r"\bbehaviour\b|\bpastoral care\b|\bteaching\b"),
)
_BY_KIND = {
    Kind.ILACS: _CHILDRENS_SERVICES, Kind.SIF: _CHILDRENS_SERVICES,
    Kind.CHILDRENS_HOME: _HOMES, Kind.FOSTERING: _HOMES, Kind.ADOPTION: _HOMES, Kind.RESIDENTIAL_FAMILY_CENTRE: _HOMES,
    Kind.SCHOOL: _EDUCATION, Kind.EARLY_YEARS: _EDUCATION, Kind.FURTHER_EDUCATION: _EDUCATION,
}  # fmt: skip
# Between a grade and the areas that follow it, and between areas and the grade that follows them.
_FORWARD = phrase(
    r"['\")\]]*\s*(?:(?:rating|grade|judge?ment|mark|score)s?\s+)?(?:both\s+)?(?:for|in|on|across)\b(?! (?:19"
    r"|20)\d\d)|['\"]*\s*:"
    r"|['\"]*\s*\(|['\"]*\s*[-|]\s|['\"]*\s+overall\b"
    r"|['\"]*\s+(?:was|is) the (?:verdict|grade|judge?ment|rating)\s+(?:on|for|in)\b"
    r"|['\"]*\s+(?:help|support|care|services?|work|provision|practice|offer)\s+(?:for|of|to|with)\b"
)
_COUNT_BEFORE = phrase(
    rf"\b(?:{_COUNT}|another|others?|the rest|remainder)(?: (?:was|were|is|are|being|rated|judged|graded|found|as|to"
    rf"|be))* ['\"]*\Z"
)
_APART_FROM = phrase(r"\b(?:apart from|except|other than|with the exception of)\b")
_EXCEPT = phrase(r"\b(?:but|apart|except|bar|other than|besides|exception)\b")
_ALSO = phrase(
    r"['\")]*,? (?:along with|as well as|together with|and so (?:is|are|was|were)|as (?:is|are|was|were|do|does|did))\b"
)
_WHOLE = (ALL, OVERALL, COUNTED)
_ADJECTIVE = phrase(r"['\"]* ")  # "outstanding leadership"
_JOINED = phrase(
    r"[\s,]*(?:(?:and|as well as|or|the|its|our|their|of|for|in|with|work|support|both|also|including)\b[\s,]*)*\Z"
)


class Area(Struct, frozen=True, kw_only=True):
    """An area named at a place in a sentence."""

    key: str
    start: int
    end: int


def named(text: str, kind: Kind) -> tuple[Area, ...]:
    """The areas named in this text, by place; the longer name wins where two share it."""
    found: list[Area] = []
    for key, pattern in (*_EVERYBODY, *_BY_KIND.get(kind, ())):
        for match in phrase(pattern).finditer(text):
            if not any(area.start < match.end() and match.start() < area.end for area in found):
                but = key == ALL and _APART_FROM.search(text, match.end())
                found.append(Area(key=COUNTED if but else key, start=match.start(), end=match.end()))
    return tuple(sorted(found, key=lambda area: area.start))


def bound(text: str, start: int, end: int, floor: int, ceiling: int, areas: Iterable[Area]) -> tuple[str, ...]:
    """The areas of the grade at start:end, which owns the text from floor to ceiling.

    "good for A, B and C" and "good: A, B" look ahead; "A and B are good" and "A - good" look back. Nothing named is
    the whole: an empty tuple.
    """
    rows = [area for area in areas if floor <= area.start and area.end <= ceiling]
    if beside := next(
        (area for area in rows if _ADJECTIVE.fullmatch(text[end : area.start]) and area.key not in _WHOLE), None
    ):
        return (beside.key,)
    ahead = [area for area in rows if area.start >= end]
    behind = [area for area in rows if area.end <= start]
    leads = _FORWARD.match(text, end)
    if ahead and leads and (ahead[0].start <= leads.end() + 40 or ahead[0].start < leads.end()):
        run = _run(text, ahead)
        return tuple(dict.fromkeys(run))
    if behind:
        keys = [area.key for area in behind]
        also = ahead and _ALSO.match(text, end)
        keys += _run(text, ahead) if also and ahead[0].start <= also.end() + 25 else []
        return tuple(dict.fromkeys(keys))
    if _COUNT_BEFORE.search(text[floor:start]):
        return (COUNTED,)
    near = [area.key for area in ahead if area.key in (ALL, COUNTED, OVERALL) and area.start - end < 40]
    return tuple(dict.fromkeys(near[:1]))


def looks_ahead(text: str, end: int) -> bool:
    """Whether the grade that ends here goes on with "for", "in" or a colon, and so with its areas."""
    return _FORWARD.match(text, end) is not None


def _run(text: str, ahead: list[Area]) -> list[str]:
    """The unbroken list of areas that begins with the first: "two categories, A and B" is A and B."""
    run = [ahead[0]]
    for area in ahead[1:]:
        between = text[run[-1].end : area.start]
        if not (
            _JOINED.match(between)
            or (len(between) < 30 and re.search(r"[,:(]", between))
            or (run[-1].key == COUNTED and not _EXCEPT.search(between))
        ):
            break
        run.append(area)
    keys = [area.key for area in run]
    return [key for key in keys if key != COUNTED] if len(keys) > 1 and keys[0] == COUNTED else keys


def whole(keys: Iterable[str], in_care_apart: bool) -> tuple[str, ...]:
    """Keys as the framework of the day has them: from 2023 children in care and care leavers are two."""
    made: list[str] = []
    for key in keys:
        made.extend((IN_CARE, CARE_LEAVERS) if key == IN_CARE_AND_CARE_LEAVERS and in_care_apart else (key,))
    return tuple(dict.fromkeys(made))


def heading(text: str, kind: Kind) -> re.Match[str] | None:
    """The start of a line that names an area and goes on with its grade: "Help and protection - "."""
    for area in named(text, kind):
        if area.start <= 12 and (match := phrase(r"[^.;]{0,40}?\s*(?:-|:|\|)\s*").match(text, area.end)):
            return match
    return None
