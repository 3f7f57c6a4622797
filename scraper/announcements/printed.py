"""A body that the table of authorities does not have, under the name that the page prints for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from inspections.authorities import Authorities
from inspections.model import Kind
from scraper.announcements.cues import Sentence

_TIER = r"(?:City|County|Borough|Metropolitan|District|Unitary|London|Royal|MBC|MDC|BC|CC|UA)"
_WORD = r"(?:St\.(?= [A-Z])|[A-Z][a-z]+(?:-(?:[A-Z][a-z]+|[a-z]{2,5}))*)"
_NAME = rf"{_WORD}(?:(?: (?:and|of|the|upon|on|in|by|with))* {_WORD}){{0,4}}"
_CARE = (
    r"(?:[Cc]hild(?:ren)?(?:'s|s'?)?(?: and (?:[Ff]amil(?:y|ies)|[Yy]oung [Pp]eople)(?:'s)?)?(?: [Ss]ocial"
    r" (?:[Cc]are|[Ss]ervices)| [Ss]ervices|(?= (?:[Dd]epartment|[Dd]irectorate)))"
    r"|SEND (?:[Ss]ervices|[Pp]rovision|[Pp]artnership)|[Ll]ocal [Aa]rea [Pp]artnership)"
)
_SERVICE = rf"(?:{_CARE}|(?:[Ff]ostering|[Aa]doption|[Aa]dult [Ll]earning) [Ss]ervices?|[Cc]hildren's [Hh]omes?)"
# The service's own name, its place, and the council as it calls itself.
_OF_THE_SERVICE = re.compile(
    rf"(?<![\w'.-])(?P<name>{_NAME})(?P<council>(?: {_TIER}){{0,3}} Council)?(?P<own>'s?)? {_CARE}\b"
)
_IN_A_PLACE = re.compile(
    rf"\b{_CARE}(?: (?:in|at|for|across|of|run by|provided by|delivered by)) (?P<of>(?:the )?(?:{_TIER} )*(?:{_TIER}|"
    rf"[Cc]ity|[Cc]ounty|[Bb]orough|[Dd]istrict|[Tt]own) of )?(?P<name>{_NAME})(?P<council>(?: {_TIER}){{0,3}}"
    rf" Council)?\b"
)
_COUNCIL = re.compile(
    rf"(?<![\w'.-])(?P<name>{_NAME})(?P<council>(?: {_TIER}){{0,3}} Council)\b(?! (?:tax|house|leader))"
)
_RUN_BY = re.compile(
    rf"(?<![\w'.-])(?P<name>{_NAME})(?P<council>(?: {_TIER}){{0,3}} Council)'s? {_SERVICE}\b"
    rf"|\b{_SERVICE} (?:is |are |was )?(?:run|provided|delivered) by (?:the )?(?P<name2>{_NAME})"
    rf"(?P<council2>(?: {_TIER}){{0,3}} Council)\b"
)
# Words that stand before "children's services" or "Council" without being anybody's name.
_NO_NAME = frozenset({
    "a", "all", "an", "and", "another", "any", "area", "as", "at", "award-winning", "bad", "best", "better", "big",
    "both", "bright", "british", "britain", "brilliant", "by", "children", "city", "commissioners", "core",
    "councils", "council", "councillors", "county", "current", "damning", "dedicated", "department", "director",
    "disabled", "district", "each", "early", "east", "eastern", "effective", "england", "english", "entire", "europe",
    "every", "excellent", "exceptional", "failing", "family", "few", "first", "five", "for", "former", "four", "from",
    "front", "frontline", "full", "future", "good", "great", "hard", "head", "health", "his", "her", "high", "highly",
    "how", "if", "improved", "inadequate", "inside", "inspectors", "integrated", "is", "it", "its", "joint",
    "key", "lead", "leader", "leaders", "leading", "little", "local", "london's", "major", "many", "mayor", "member",
    "metropolitan", "midlands", "minister", "modern", "more", "most", "multi-agency", "my", "national",
    "neighbouring", "new", "news", "no", "north", "northern", "not", "now", "of", "ofsted", "on", "one", "opinion",
    "other", "our", "outstanding", "parish", "parents", "poor", "portfolio", "praise", "previous", "public",
    "quality", "regional", "regulator", "report", "residents", "revealed", "safer", "safeguarding", "scotland",
    "scottish", "several", "she", "show", "six", "social", "some", "south", "southern", "special", "specialist",
    "staff", "standards", "statutory", "strong", "struggling", "such", "super", "team", "than", "the", "their",
    "these", "they", "this", "those", "three", "top", "town", "transformed", "troubled", "trust", "two", "uk",
    "under", "unitary", "updated", "update", "video", "vulnerable", "wales", "watch", "watchdog", "we", "weak",
    "welsh", "west", "western", "what", "when", "where", "which", "while", "who", "whole", "why", "with", "young",
    "your", "youth", "borough", "cabinet", "community", "arts", "research", "school", "schools", "academy", "college",
    "university", "nhs", "hospital", "police", "church", "probation", "foundation", "charity", "partnership", "ltd",
    "limited", "plc", "group", "services", "service", "trustee", "housing", "care", "government", "education",
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "christmas",
    "easter", "today", "yesterday", "meanwhile", "however", "following", "after", "before", "yorkshire", "humber",
    "midland", "together", "cqc", "cllr", "councillor", "mr", "mrs", "ms", "miss", "dr", "sir", "dame",
    "lord", "lady", "mp", "send", "jtai", "ilacs", "dfe", "lga", "barnardo",
})  # fmt: skip
_ENDINGS = ("ing", "ed", "ly")
_BOROUGH_OF = re.compile(rf"(?:[Tt]he )?(?:{_TIER} )*{_TIER} of (?:the )?")
_PERSON_BEFORE = re.compile(r"\b(?:Cllr|Councillor|Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Mayor|MP)\.? (?:\w+ )?\Z")
_A_PERSON = (
    r"(?:\b(?:Cllr|Councillor|Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady)\.? |\b(?:said|says|added) ){name}\b"
    r"|\b{name}(?: (?:said|says|told|added|MP)\b|, (?:\d\d\b|(?:the |our |its )?(?:[a-z']+ )?(?:[Cc]abinet|[Dd]irector"
    r"|[Ee]xecutive|[Ll]ead\b|[Ll]eader|[Cc]hief|[Pp]ortfolio)))"
)
_REGIONS = frozenset({
    "north east", "north west", "south east", "south west", "west midlands", "east midlands", "east of england",
    "east anglia", "home counties", "yorkshire and the humber", "great britain", "united kingdom", "northern ireland",
    "greater london",
})  # fmt: skip
_COMPASS = frozenset({
    "north", "south", "east", "west", "mid", "greater", "upper", "lower", "new", "great", "little", "central", "royal",
})  # fmt: skip
_SMALL = frozenset({
    "and", "of", "the", "upon", "on", "in", "by", "with",
})  # fmt: skip
_WIDE = {Kind.CHILDRENS_HOME, Kind.FOSTERING, Kind.ADOPTION, Kind.FURTHER_EDUCATION, Kind.SUPPORTED_ACCOMMODATION}

_MOST = 60  # names looked at; whose service is judged is said early


class Printed(Struct, frozen=True, kw_only=True):
    """A name as printed, without "Council" and what stands before that word; where it stands in its sentence."""

    name: str
    start: int
    end: int
    sentence: Sentence
    council: bool  # named as a council, not by its services or its place


def printed(read: Sequence[Sentence], authorities: Authorities, kind: Kind, itself: bool) -> list[Printed]:
    """The bodies whose judged service the text names, and which the table does not have, in reading order.

    itself: whether the kind inspects authorities; of other kinds only what a council is said to run counts.
    """
    patterns = (_OF_THE_SERVICE, _IN_A_PLACE, _COUNCIL) if itself else (_RUN_BY,) if kind in _WIDE else ()
    prose = [sentence.plain for sentence in read if not _capitals(sentence.plain)]
    matches = (
        (sentence, match) for sentence in read for pattern in patterns for match in pattern.finditer(sentence.plain)
    )
    found = []
    for sentence, match in islice(matches, _MOST):
        groups = match.groupdict()
        second = "2" if groups.get("name2") else ""
        council = bool(groups.get("council" + second))
        own = council or bool(groups.get("own"))
        if place := _named(sentence, *match.span("name" + second), own, prose, authorities):
            name = sentence.plain[slice(*place)]
            found.append(Printed(name=name, start=place[0], end=place[1], sentence=sentence, council=council))
    return found


def _named(
    sentence: Sentence, start: int, end: int, own: bool, prose: Sequence[str], authorities: Authorities
) -> tuple[int, int] | None:
    """Where the name proper stands; None where the words are no name, or one that the table has."""
    text = sentence.plain
    tail = re.search(rf"(?: {_TIER})+\Z", text[start:end])
    end = start + tail.start() if tail else end
    if before := _BOROUGH_OF.match(text[start:end]):
        start += before.end()
    while (word := re.match(r"(\S+) ", text[start:end])) and (_plain(word[1]) in {"the", "of", "in"} or (
        _begins(text, start) and _ordinary(word[1]) and not _COMPASS & {_plain(word[1])}
    )):  # fmt: skip
        start += word.end()
    words = text[start:end].split(" ")
    if not _is_name(words) or _PERSON_BEFORE.search(text[:start]):
        return None
    name = text[start:end]
    person = re.compile(_A_PERSON.format(name=re.escape(name)))
    if any(person.search(other) for other in prose):
        return None
    known = authorities.find(name)
    if known is not None or _within(name, authorities):
        return None
    if _capitals(text) or (_begins(text, start) and len(words) == 1 and not own):
        elsewhere = re.compile(rf"(?<=[a-z,] ){re.escape(name)}\b")
        if not any(elsewhere.search(other) for other in prose) and (
            (_capitals(text) and not _begins(text, start)) or _ordinary(words[0])
        ):
            return None
    return start, end


def _is_name(words: Sequence[str]) -> bool:
    plain = [_plain(word) for word in words]
    if " ".join(plain) in _REGIONS or plain[-1] in _SMALL or plain[0] in _SMALL:
        return False
    proper = [word for word in plain if word not in _SMALL]
    bare = [word for word in proper if word not in _COMPASS]
    return bool(bare) and not any(word in _NO_NAME and word not in _COMPASS for word in proper)


def _ordinary(word: str) -> bool:
    """Whether a capital at the start of a sentence is all that makes a name of this word."""
    return _plain(word) in _NO_NAME or _plain(word).endswith(_ENDINGS)


def _plain(word: str) -> str:
    return word.lower().removesuffix("'s").strip(".'")


def _begins(text: str, start: int) -> bool:
    """Whether the place is the first of its sentence, quotation or headline part."""
    return not text[:start].strip(" '\"") or text[:start].rstrip(" '\"")[-1:] in ":;.!?|-"


def _capitals(text: str) -> bool:
    """Whether the line is printed with a capital for every word, so that capitals name nobody."""
    words = [word for word in re.findall(r"[A-Za-z][\w'-]*", text) if len(word) > 3]
    raised = sum(word[0].isupper() for word in words)
    return len(words) > 3 and raised >= 0.8 * len(words)


def _within(name: str, authorities: Authorities) -> bool:
    """Whether the name is one of the table's with ordinary words around it: not a longer name of somebody else.

    "Ashcombe Vale" and "North Marlshire" are not Ashcombe and Marlshire; "Marlshire and Partners" is Marlshire.
    """
    for mention in authorities.mentioned(name):
        before, after = name[: mention.start].strip(), name[mention.end :].strip()
        longer = re.fullmatch(r"[A-Z][a-z]+(?: [A-Z][a-z]+)?", after) if after else None
        if before and not after and _plain(before) in _COMPASS:
            continue
        if longer and not before:
            continue
        return True
    return False


def hidden(found: Sequence[Printed], sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Where this sentence holds one of those names: a shorter name of the table within it is not named."""
    for name in dict.fromkeys(one.name for one in found):
        for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", sentence.plain):
            yield match.span()
