"""Which providers a page names, and which of several a grade belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inspections.model import OVERALL, Kind
from scraper.announcements.areas import COUNTED
from scraper.announcements.cues import Sentence, phrase
from scraper.announcements.grades import Graded
from scraper.announcements.judged import AUTHORITY_ITSELF
from scraper.announcements.roles import Role

_NAME = r"(?:[A-Z][\w'&.-]*(?:,? (?:of|the|and|in|on|at|for|with|C|St|[A-Z][\w'&.-]*))*? )"
_PROVIDERS: dict[Kind, tuple[str, ...]] = {
    Kind.SCHOOL: (rf"({_NAME}(?:School|Academy(?: [A-Z][a-z]+(?= (?:was|is|has|had|in|which|were)\b))?|Academy School"
                  rf"|Pupil Referral Unit|UTC)\b(?: (?:in|and) Nursery)?)",),
    Kind.EARLY_YEARS: (rf"({_NAME}(?:Day Nursery|Nursery School|Nursery|Pre-?[Ss]chool|Playgroup|Kindergarten"
                       rf"|Childcare|Children's Centre|Club|Day Care)\b)",),
    Kind.FURTHER_EDUCATION: (
        rf"({_NAME}(?:Adult (?:and Community |& Community |Community )?(?:Education|Learning|Skills)(?: (?:and|&)"
        rf" (?:Skills|Training|Community Learning))?(?: [Ss]ervice)?|Sixth Form College|College(?: Group)?"
        rf"|Community Learning(?: Service)?|Learning and Skills(?: Service)?|Training)\b)",
    ),
    Kind.CHILDRENS_HOME: (rf"({_NAME}(?:House|Lodge|Cottage|Farm|View|Children's Home|Grange|Place|Drive|Road"
                          rf"|Close|Avenue|Crescent|Respite Centre|Resource Centre|Unit|Hall)\b)",),
    Kind.FOSTERING: (
        rf"({_NAME}(?:Independent )?(?:Fostering Agency|Fostering Service|Fostering Services|Foster Care"
        rf"|Fostering)\b)", rf"((?:Foster(?:ing)?|Capstone|Team) {_NAME.removesuffix(' )')}))",
        r"(?P<trust>[A-Z][\w']+(?: (?:and|&|[A-Z][\w']+)){0,4} Children(?:'s|s)? (?:and Families )?Trust)",
    ),
    Kind.ADOPTION: (rf"({_NAME}(?:Adoption Agency|Adoption Service|Adoption Partnership|Adoption)\b)",
        r"((?:Adopt|Adoption|One Adoption) [A-Z][\w']+(?: (?:and|&|[A-Z][\w']+))*)"),
    Kind.RESIDENTIAL_FAMILY_CENTRE: (rf"({_NAME}(?:Family Centre|Family Assessment Centre|Residential Family"
                                     rf" Centre|House)\b)",),
    Kind.SUPPORTED_ACCOMMODATION: (rf"({_NAME}(?:Supported (?:Accommodation|Living)|House|Housing|Care|Services"
                                   rf"|Lodge)\b)",),
}  # fmt: skip
_LEADING = re.compile(
    r"\A(?:The|A|An|At|In|For|And|But|(?:Staff|Pupils|Students|Learners|Governors|Teachers|Leaders) at|Inspectors"
    r"|Ofsted|Last|This|Children at|Children's|Parents"
    r" at|Headteacher of|Following|After|Both|Council-run|Our|Its|Their|When|Meanwhile|While|As|On|Of|From|Praise"
    r" for|Celebrations at|Good|Outstanding|Inadequate|Top) "
)


_IN = phrase(r"\b(?:in|at|near|from|across|around|outside)(?: the)? ?\Z|\A(?:in|near|from) ")
_MANY = phrase(
    r"\b(?:both|two|three|four|five|six|several|another|other|all|our|its|council-run|the council's)\b(?: [\w'-]+){0,5}"
    r" (?:homes|schools|nurseries|centres|settings|agencies|academies|colleges)\b|\b(?:another|the (?:other|second"
    r"|third))"
    r" (?:of the )?(?:home|school|nursery|centre|setting|agency)\b"
)
# A home without such a word, beside one that has it: "The Copse and Mill Lodge".
_HOUSE = re.compile(
    r"(?<![\w'])The (?!(?:Council|County|City|Borough|Government|Authority|Leader|Report|Homes?|Trust|Director"
    r"|Regulator"
    r"|Watchdog|Inspectors?|Ofsted|Service|Team|Inspection|Children)\b)[A-Z][a-z]+\b(?! [A-Z])"
)
_OUR_HOME = re.compile(
    r"\bhome,? (?:called |named |known as )?(The (?!Council|Home)[A-Z][a-z]+)(?=,| (?:has|was|is)\b)"
)
_BOTH = phrase(r"\bboth\b")
_MOST = 20  # no announcement tells of more; a list of all of them is another page
_RESPECTIVELY = phrase(r"\brespectively\b")


def providers(read: Sequence[Sentence], kind: Kind) -> list[str]:
    """The providers of that kind that the text names, in order, each once; none where the authority is inspected."""
    if kind in AUTHORITY_ITSELF:
        return []
    found: list[str] = []
    runs_it: list[str] = []  # a trust, which is the provider where no name of the service itself stands
    several = any(_MANY.search(sentence.plain) for sentence in read)
    for sentence in read:
        for pattern in _PROVIDERS.get(kind, ()) if len(found) < _MOST else ():
            for match in re.finditer(pattern, sentence.plain):
                for name in _parts(_after_its_place(sentence.plain, match), kind, several):
                    if re.search(rf"(?<=[a-z,] )The {re.escape(name)}", sentence.plain):
                        name = f"The {name}"
                    own = runs_it if match.lastgroup == "trust" else found
                    if " " in name and not any(name in other or other in name for other in own):
                        own.append(name)
    if not found and kind == Kind.CHILDRENS_HOME:
        found += dict.fromkeys(match[1] for sentence in read for match in _OUR_HOME.finditer(sentence.plain))
    found = found or runs_it
    if several and found and kind == Kind.CHILDRENS_HOME:
        houses = (match[0] for sentence in read for match in _HOUSE.finditer(sentence.plain))
        found += [name for name in dict.fromkeys(houses) if not any(name in other for other in found)]
    return found[:_MOST]


def parted(named: Sequence[str], rows: Sequence[Graded]) -> dict[str, list[Graded]]:
    """The grades of each provider: those that follow its name and precede the next one in their sentence."""
    own: dict[str, list[Graded]] = {name: [] for name in named}
    for index in dict.fromkeys(row.mention.sentence.index for row in rows):
        there = [row for row in rows if row.mention.sentence.index == index]
        text = there[0].mention.sentence.plain
        places = sorted((place, name) for name in named if (place := text.find(name)) >= 0)
        if _RESPECTIVELY.search(text) and len(places) == len(there) > 1:
            for (_, name), row in zip(places, there, strict=True):
                own[name].append(row)
            continue
        for row in there:
            before = [name for place, name in places if place < row.mention.start]
            if places:
                between = text[places[-1][0] : row.mention.start]
                together = len(before) == len(places) > 1 and _BOTH.search(between)
                for name in before if together else before[-1:] or [places[0][1]]:
                    own[name].append(row)
    return {name: theirs for name, theirs in own.items() if theirs}


def several_untold(read: Sequence[Sentence], kind: Kind, rows: Sequence[Graded]) -> str:
    """Why no grade is taken: several providers have different ones, and the text does not say which has which."""
    if kind in AUTHORITY_ITSELF or not any(_MANY.search(sentence.plain) for sentence in read):
        return ""
    new = [row for row in rows if row.role in (Role.NEW, Role.AGAIN)]
    # "one was rated good and the other outstanding" counts homes, where no grade is anybody's whole
    new = [row for row in new if set(row.areas) <= {OVERALL}] or [row for row in new if set(row.areas) == {COUNTED}]
    grades = sorted({str(row.mention.grade) for row in new})
    if len(grades) < 2:
        return ""
    return f"several providers with different grades ({', '.join(grades)}), not told apart: no grade is taken"


def _after_its_place(text: str, match: re.Match[str]) -> str:
    """The name without a place that a comma parts from it: "based in Ashcombe, Bright Futures Fostering"."""
    place = _IN.search(text[: match.start(1)]) or _IN.match(match[1])
    return match[1].rsplit(", ", maxsplit=1)[-1] if place else match[1]


def _parts(printed: str, kind: Kind, several: bool) -> list[str]:
    """One name, or the two that "and" joins where the text speaks of several homes; without the place before it."""
    if kind != Kind.CHILDRENS_HOME:
        return [_trimmed(printed)]
    joined = [part.rsplit(", ", maxsplit=1)[-1] for part in printed.split(" and ")]
    if several and len(joined) > 1 and all(" " in part for part in joined):
        return [part if part.startswith("The ") else _trimmed(part) for part in joined]
    return [_trimmed(printed.rsplit(", ", maxsplit=1)[-1])]


def _trimmed(name: str) -> str:
    while (shorter := _LEADING.sub("", name).lstrip("abcdefghijklmnopqrstuvwxyz' ")) != name:
        name = shorter
    return name.strip(" ,.'")
