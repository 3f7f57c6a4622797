"""How councils are named in print: the forms around a name, and where a text names one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

# What stands before or after a council's own name without being part of it. The longest that fits is taken off first.
BEFORE = (
    "the", "council of the", "council of", "city of", "county of", "borough of", "district of", "corporation of",
    "london borough of", "royal borough of", "metropolitan borough of", "metropolitan district of",
    "city and county of", "city and borough of",
)  # fmt: skip
AFTER = (
    "local authority", "local area", "local area partnership", "local safeguarding children partnership",
    "local safeguarding partnership", "safeguarding children partnership", "safeguarding partnership",
    "safeguarding children board", "council", "councils", "city", "county", "borough", "metropolitan", "district",
    "unitary", "unitary authority", "mbc", "mdc", "bc", "cc", "la", "childrens services", "children services",
    "childrens social care", "childrens trust", "children and families trust", "council childrens services",
    "partnership",
)  # fmt: skip

# Longer names that hold a council's name and are somebody else.
OTHERS = (
    "Avon and Somerset", "Bath Spa", "Bury St Edmunds", "Bury St. Edmunds", "Cheshire and Merseyside",
    "Derbyshire Dales", "Devon and Cornwall", "East Cambridgeshire", "East Devon", "East Hampshire",
    "East Hertfordshire", "East Lancashire", "East Staffordshire", "East Suffolk", "Greater Lincolnshire",
    "Greater Manchester", "Hereford and Worcester", "Kentish Town", "Lancashire and South Cumbria",
    "Liverpool City Region", "Mid Devon", "Mid Suffolk", "Mid Sussex", "Newcastle-under-Lyme", "North Devon",
    "North East Derbyshire", "North Hertfordshire", "North Norfolk", "North Warwickshire",
    "North West Leicestershire", "South Cambridgeshire", "South Derbyshire", "South Norfolk", "South Oxfordshire",
    "South Somerset", "South Staffordshire", "Sutton Coldfield", "Sutton-in-Ashfield", "West Devon",
    "West Lancashire", "West Oxfordshire", "West Suffolk",
)  # fmt: skip

# A body that shares the council's name: police forces and the health service are inspected beside it and are not it.
_BODY_AFTER = re.compile(
    r"\s+(?:Academy|Airport|Cathedral|Clinical Commissioning|Colleges?|Combined Authority|Community Rehabilitation"
    r"|Constabulary|Crown|Diocese|FC|Fire|Football|Grammar|High School|Hospitals?|ICB|ICS|Integrated Care|Magistrates"
    r"|Mayoral|NHS|Police|Primary|Probation|Teaching|University|Avenue|Lane|Road|Street)\b"
)
_BODY_BEFORE = re.compile(
    r"\b(?:Universit(?:y|ies)|Diocese|Bishop|Baroness|Viscount|Earl|Duke|Duchess|Lord|Lady|Cllr|Councillor|Mr|Mrs|Ms"
    r"|Miss|Dr|Sir)\.?\s+(?:of\s+)?(?:[A-Z][a-z]+\s+)?\Z"
)

# Names that are also words, surnames or other towns: they count where the text shows that a place is meant.
_DOUBTFUL = frozenset(
    {"barnet", "bedford", "brent", "bury", "halton", "hereford", "kingston", "newcastle", "reading", "redcar",
     "richmond", "stockton", "stoke", "sutton", "telford", "westmorland"}
)  # fmt: skip
_PLACE_BEFORE = re.compile(
    r"(?:\b(?:in|across|at|from|for|around|of|to|by|that|and|within|near|over|serving|both)|[,&(])\s+\Z"
)
_PLACE_AFTER = re.compile(
    r"\s*(?:['’]s\b|\s(?:council|borough|children|families|social|services|was|has|(?:is|are)\b.*\b(?:rated|judged)))",
    re.IGNORECASE,
)
_SUBJECT_AFTER = re.compile(
    r",?\s*(?:(?:and|&|,|/)\s*)?(?:writing|maths|mathematics|phonics|skills|books?|ages?|levels?|corner)\b",
    re.IGNORECASE,
)

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})


def plain(printed: str) -> str:
    """A name as it is compared: lower case, single spaces, "and" for "&", neither punctuation nor "'s"."""
    text = unicodedata.normalize("NFKC", printed).translate(_APOSTROPHES).casefold().replace("&", " and ")
    text = re.sub(r"\bchildren'?s'?\b", "childrens", text)
    text = re.sub(r"(?<=\w)'s?\b|(?<=s)'", "", text)
    return " ".join(re.sub(r"[^\w]+", " ", text).split())


def forms(printed: str) -> Iterator[str]:
    """The plain name, then what is left as the words around it are taken off one after the other, each once."""
    seen: set[str] = set()
    waiting = [plain(printed)]
    while waiting:
        name = waiting.pop(0)
        if not name or name in seen:
            continue
        seen.add(name)
        yield name
        after = [name.removesuffix(" " + words) for words in AFTER if name.endswith(" " + words)]
        before = [name.removeprefix(words + " ") for words in BEFORE if name.startswith(words + " ")]
        waiting += sorted(after, key=len) + sorted(before, key=len)


def pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Matches any of the names as `name`, and the longer names that are somebody else's as `other`."""
    others = "|".join(_printed(name) for name in OTHERS)
    wanted = "|".join(_printed(name) for name in sorted(set(names), key=lambda name: (-len(name), name)))
    of = r"(?:[Bb]orough|[Cc]ity|[Cc]ounty|[Cc]ouncil)\s+of\s+"
    before = rf"(?:(?:[Tt]he\s+)?(?:(?:London|Royal|Metropolitan)\s+)?{of}(?:the\s+)?)?"
    tier = r"(?:[Cc]ity|[Cc]ounty|[Bb]orough|[Mm]etropolitan|[Dd]istrict|CITY|COUNTY|BOROUGH)"
    after = rf"(?:\s+(?:{tier}\s+){{0,3}}(?:[Cc]ouncil|COUNCIL)\b)?"
    name = rf"(?P<other>{others})|{before}(?P<name>{wanted}){after}"
    return re.compile(rf"(?<![\w-])(?:{name})(?!\w)(?!-(?:in|on|upon|under|le|by)-)")


def names_a_council(text: str, start: int, end: int, bare: bool) -> bool:
    """False where the name at start:end is a person's, another body's, a school subject or the start of a sentence.

    bare: nothing but the name itself stands there, without "Council" or "Borough of".
    """
    before, after = text[max(0, start - 40) : start], text[end : end + 60]
    if not bare:
        return True
    if _BODY_AFTER.match(after) or _BODY_BEFORE.search(before):
        return False
    if plain(text[start:end]) not in _DOUBTFUL:
        return True
    if _SUBJECT_AFTER.match(after):
        return False
    return bool(_PLACE_BEFORE.search(before) or _PLACE_AFTER.match(after))


def _printed(name: str) -> str:
    """A pattern for the name with any space, hyphen and "and", and for the name in capitals."""
    written = []
    for form in dict.fromkeys((name, name.upper())):
        words = [re.escape(word) for word in re.split(r"[\s-]+", form)]
        joined = r"[\s\u2010-\u2015-]+".join(
            "(?:and|And|AND|&)" if word.casefold() in ("and", "&") else word for word in words
        )
        written.append(
            joined.replace("'", "['’]").replace(r"St\.", r"St\.?").replace(r"ST\.", r"ST\.?").replace(",", ",?")
        )
    return "|".join(written)
