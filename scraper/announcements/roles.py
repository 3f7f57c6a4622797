"""What a grade is in its sentence: new, the same again, an earlier one, or nobody's; by the words of its own clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from scraper import dates
from scraper.announcements.cues import Cue, cues, phrase
from scraper.announcements.mentions import Mention

FRESH = timedelta(days=240)  # an inspection this long before its announcement can still be the one announced

_CLAUSE = phrase(
    r";|: (?-i:(?=[A-Z]))|,? but (?!one\b|two\b)|,? (?:while|whilst|although|though|whereas|having|despite|compared"
    r" (?:with|to)|instead of|removing|lifting|moving (?:it )?out)\b"
    r"|,? which\b|,? who (?:was|were|had)\b| when | since | after (?:it|they|previous\w+|years)\b| following (?:its"
    r"|their|a previous|previous)\b|,? up from | \(|\)| - |,? and (?:is|are|has|have|had|was|were) |, (?:and|with) |"
    r" from an? |, an? (?=\w+ (?:on|from|of))"
)
_YEAR_AFTER = phrase(
    r"^['\")]*(?: (?:rating|grade|judge?ment))?(?: by ofsted)?,? \(?(?:in|of|from|since|at|back in) (?:an? |its |the"
    r" )?(?:[a-z]+ )?(?:19|20)\d\d\b"
)
_YEAR_IN_BRACKETS = phrase(r"^['\"]*,? \((?:in |from |of )?(?:[a-z]+ )?(?:19|20)\d\d\)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NUMBERS = r"(?:second|third|fourth|fifth|sixth|two|three|four|five)"

BEFORE = cues(
    ("earlier", 2, r"\b(?:previous(?:ly)?|formerly|historically|prior|(?:at|in) (?:its|the|their|our) (?:last"
                   r"|previous)|last (?:full |ofsted |graded |major )?(?:inspect\w+|rat\w+|judg\w+|report|time"
                   r"|visit\w*)"
                   r"|earlier (?:inspection|rating|report|judge?ment|grade)s?|most recent(?:ly)? one in|at the"
                   r" time|back in|once rated|originally|predecessor)\b"),
    ("had been", 2, r"\bhad (?:been|received|rated|judged|graded|found|given)\b"),
    ("since then", 2, r"^\W*since\b|\bsince (?:it|they|being|the|its|our|\d{4})\b"),
    ("when it was", 2, r"^\W*when (?:it|they|the|services|we|I|he|she|you)\b"),
    ("after being", 2, r"^\W*after (?:it|they) (?:was|were)\b|^\W*after previous\w+\b|\b(?:years?|months) (?:ago"
                       r"|earlier|after)\b|\b(?:years?|months) on from\b"),
    ("having been", 2, r"^\W*having (?:been|previously|received)\b"),
    ("compared to", 2, r"^\W*(?:compared|instead|rather)\b|\bthan (?:the|its|a|an|their|our)\b"),
)  # fmt: skip
_ADJACENT = cues(
    ("no longer", 2, r"\bno longer (?:\w+ )?(?:an? )?['\"(]*\Z"),
    ("out of", 2, r"\b(?:out of|away from|remov\w+ (?:\w+ )?from|lift\w+ (?:\w+ )?from|up from|down from|improv\w+"
                  r" (?:up)?on|better than|shed\w*|shake off|shaken off|escap\w+|exit\w*|leav(?:es|ing)|climb\w+"
                  r" from|ris\w+ from|emerg\w+ from"
                  r"|stripp?\w+ of|los(?:es?|ing|t)|miss(?:es|ed|ing)? out on|improv\w+ from|progress\w+ from|mov\w+"
                  r" (?:on |up )?from|jump\w* from|up \w+ (?:grades?|places?"
                  r"|levels?|notches) from|upgraded from|downgraded from|fell from|dropp\w+ from|slipp\w+ from"
                  r"|falling from|(?:chang|turn|rais)\w+ (?:\w+ ){0,4}from)"
                  r" (?:(?:an?|the|its|their|our|being|it|them|previous|rated|overall|standard|rating|grade"
                  r"|judge?ment|of|special|measures|and|'s)[\s:]+)*['\"(]*\Z"),
    ("out of", 2, r"\b(?:fall|drop|slip|slide|decline|descent|rise|step|climb|jump|leap|advance)(?: (?:up|down))?(?:"
                  r" \w+)?"
                  r" from (?:(?:an?|the|its|their|being|previous|rated)\s)*['\"(]*\Z"),
    ("the end of it", 2, r"\b(?:years|decades?|months|spells?|periods?|string|series|run) of ['\"(]*\Z"
                         r"|\b(?:years|decades?|months) (?:being |spent |stuck )?(?:rated|judged|graded|deemed|branded)"
                         r" (?:as |at )?['\"(]*\Z|\b(?:ends?|ended"
                         r"|ending|end (?:to|of|for))\b(?! (?:(?:of|the|this|our|an?) )+(?:\w+ )?(?:day|week|month"
                         r"|term|year))[^.;]{0,30}\Z"),
    ("than before", 2, r"\b(?:previous|former|earlier|last|old|prior|existing) (?:ofsted )?(?:overall"
                       r" )?(?:(?:rating|grade|judge?ment|inspection|report)s? (?:of|as|was|were|found|in \d{4},?)"
                       r" (?:an? |the )?)?['\"(]*\Z"),
)  # fmt: skip
_AFTERWARDS = cues(
    ("at its last inspection", 2, r"^['\")]*[^.;]{0,30}\b(?:at (?:its|the|their|our) (?:last|previous)|(?:years?"
                                  r"|months) (?:ago|earlier|previously)|last (?:time|year|term|summer|autumn|winter"
                                  r"|spring|january|february|march|april|may|june|july|august|september|october"
                                  r"|november|december)|previously|at the time|in the (?:previous|last)"
                                  r" inspection)\b"),
)  # fmt: skip
_HAD = phrase(r"\b(?:had|having)\b")
_SINCE_THEN = phrase(r"^['\")]*(?: by ofsted| overall)?,? (?:ever )?since (?:[a-z]+ )?(?:19|20)\d\d\b")
_PREVIOUS_WERE = phrase(
    r"^\W*(?:the |its |our |their |both |two |three )*(?:previous|earlier|past|prior|last)(?: [\w']+){0,3}?"
    r" (?:judge?ments?"
    r"|ratings?|grades?|inspections?|results?|outcomes?) (?:was|were|had been|gave|found|saw|rated|of)\b"
)
_TURNS = phrase(r"\b(?:but|now|this time|while|whereas|has|have|today|since)\b|;")
_NO_MORE = phrase(r"^['\")]* no (?:more|longer)\b")
_WHEN_LAST = phrase(
    r"^['\")]*(?: overall)?,?(?: as| just as)? (?:when|the last time|at the time) (?:it |they |the \w+ |ofsted "
    r"|inspectors )?"
    r"(?:(?:was|were) )?(?:last |previously |first )?(?:inspect|rat|judg|grad|assess|visit)\w*"
)
AGAIN = cues(
    ("remains", 2, r"\b(?:remain(?:s|ed|ing)?|retain(?:s|ed|ing)?|maintain(?:s|ed|ing)?|kept|keeps|keeping|hold(?:s"
                   r"|ing)? on to|held on to|sustain(?:s|ed)?"
                   r"|continues? to be(?: rated| judged)?|stays?|stayed|re-?affirm(?:s|ed)?)(?: (?:as|a|an|the|its"
                   r"|their|our|rated|judged|graded|prestigious|overall|coveted|solid|top|at|being|to be|status"
                   r"|rating|of|highest|possible))* ['\"(]*\Z"),
    ("still", 2, r"\b(?:still|again|once again)(?: been)?(?: (?:rated|judged|graded|branded|found|labelled|deemed"
                 r"|considered))?(?: (?:as|an?|the|at|to be|being|overall|only))* ['\"(]*\Z"),
)  # fmt: skip
_AGAIN_ANYWHERE = cues(
    ("in a row", 2, rf"\b(?:in a row|in succession|{_NUMBERS}(?: time)? running|consecutive(?:ly)?|successive|once"
                    rf" again (?:rated|judged|been)|yet again)\b"),
    ("same as before", 2, r"\b(?:the )?same (?:overall )?(?:rating|ranking|grade|judge?ment|result|verdict|outcome"
                          r"|score) (?:as|at|it|that|in)\b|\b(?:rating|grade|judge?ment) (?:is |was |remains"
                          r" )?unchanged\b|\bunchanged from (?:its|the)\b"),
)  # fmt: skip
_ASIDE = cues(
    ("in somebody's former post", 2, r"\bwhere (?:she|he)\b"),
    ("another inspectorate", 2, r"\b(?:cqc|care quality commission|adult social care|adults' services|probation"
                                r"|youth justice|youth offending|hospital|peer review|audit office)\b"),
    ("others", 2, r"\b(?:nationally|across (?:england|the country)|elsewhere|other (?:councils|authorities|local"
                  r" authorities|areas)|neighbouring|nearby|best practice|improvement partner"
                  r"|sector[- ]led)\b(?!.{0,30}\bto be\b)"),
)  # fmt: skip
_ONE_OF = phrase(r"\b(?:one of|only|among|joins|first|just)\b")
_EPITHET = phrase(
    r"^['\"]? (?:children'?s?|council|services?|service|authority|department|social|county|city|borough|trust|school"
    r"|nursery|home|academy|local|provision|send"
    r"|(?:fostering|adoption|adult (?:education|learning)|care leavers?'?|family|learning) (?:service|team|agency"
    r"|provision|offer|support))\b"
)
_APPOSED = phrase(
    r"\w['\"]?, (?:(?:which|who) (?:is|are) |already |currently |itself )?(?:rated|judged|graded)(?: as)? (?:an?"
    r" )?['\"]?\Z"
)
_APPOSED_ENDS = phrase(r"^['\"]?(?: (?:by|in|for)(?: \w+){1,6})?, ")
_RELATIVE = phrase(
    r"(?<!report)(?<!inspection)(?<!ofsted)(?<!letter)(?<!judgement)(?<!inspectors),? (?:which|that|who)(?: (?:was"
    r"|were|had been|is|are|ofsted|inspectors|the watchdog|the regulator))?"
    r" (?:(?:says?|said) (?:is|are|was|were)|rated|judged|graded|found to be|deemed|branded|labelled)\b[^.;]{0,60}\Z"
)
_TO = phrase(
    r"^['\")]*,? ?(?:(?:rating|grade|judge?ment|overall|ofsted|status|in \d{4}|\(\d{4}\)|in [A-Z][a-z]+ \d{4}|just"
    r" \w+ years ago|at its last inspection|(?:\w+ ){1,3}years ago),? )*(?:up |right |straight |all the way )?"
    r"to (?:(?:a|an|now|being|overall|rated|its|their|the|current|new|be|become|at least|at)\s)*['\"(]*\Z"
)
_MOVED = phrase(
    r"\b(?:spun|spins?|turn(?:s|ed)?|mov(?:es?|ed|ing)|lift(?:s|ed)|rais(?:es?|ed)|jump(?:s|ed)?|improv(?:es?|ed)"
    r"|leap(?:s|ed|t)?|upgrad(?:es?|ed)|downgrad(?:es?|ed)|chang(?:es?|ed)|tak(?:es?|en)|took)\b[^.;]{0,30}\Z"
)
_TO_AT_LAST = phrase(r"^[^.;]{0,60} (?:in)?to (?:(?:a|an|now|being|overall|rated|its|their|the)\s)*['\"(]*\Z")
_NOW = phrase(
    r"\b(?:now|today|currently)(?: (?:been|being|be|rated|judged|graded|officially|deemed|found|to|as|a|an|upgraded"
    r"|downgraded|again|both|all))* ['\"(]*\Z"
)
_FROM = phrase(
    r"^['\")]*,? ?(?:(?:rating|grade|judge?ment|overall|ofsted|status|in \d{4}|\(\d{4}\)),? ?)*from (?:(?:a|an|being"
    r"|its|their|the|previous|rated|of|rating|judge?ment|grade)\s)*['\"(]*\Z"
)
_OF_PUBLICATION = phrase(r"\b(?:publish\w+|releas\w+|issued|out)\b[^,.;]{0,30}?\b(?:19|20)\d\d\b")
_PERFECT = phrase(
    r"\b(?:has|have) (?:now |just |again )?(?:been )?(?:rated|judged|graded|given|awarded)|published (?:today|this)"
    r"|\btoday\b|\bnow\b"
)
_THIS_WEEK = phrase(r"\btoday|this (?:week|morning)\b")
_UNCHANGED = phrase(r"\b(?:unchanged|same)\b")
_RATED_JUST_NOW = phrase(r"\brat(?:ed|es)\W*\Z")
_NEVER_EPITHETS = ("rated so, after its object", "a line of a list")


_COLUMN_BEFORE = phrase(r"\b(?:previous\w*|last|before|earlier|former\w*|old|prior|then|was)\b")
_COLUMN_NOW = phrase(r"\b(?:current\w*|now|new|this|latest|today|present|is|outcome)\b")


class Role(StrEnum):
    NEW = "new"
    AGAIN = "again"  # new, and the same as before
    EARLIER = "earlier"
    ASIDE = "aside"  # an epithet, or somebody else's


class _Place(Struct, frozen=True, kw_only=True):
    """A grade's surroundings: its sentence on both sides, its own clause, and what lies between it and other grades."""

    mention: Mention
    text: str
    left: str
    right: str
    clause: str
    before: str  # of its clause, the part before it
    own: str  # the part before it that is no other grade's
    after: str  # of its clause, the part after it
    since: str | None  # between the grade before and this one
    until: str | None  # between this grade and the next
    year: int | None


Ruling = tuple[Role, str]


def role_of(found: Sequence[Mention], index: int, now: date | None) -> tuple[Role, str, int | None]:
    """The role of found[index], why, and the year that its clause gives it. `now` is the day of the text."""
    place = _place(found, index)
    for rule in _RULES:
        if ruling := rule(place):
            bracketed = _YEAR_IN_BRACKETS.match(place.right)
            return *ruling, place.year or (_year(bracketed[0]) if bracketed else None)
    return *_by_date(place, now), place.year


def _place(found: Sequence[Mention], index: int) -> _Place:
    mention, text = found[index], found[index].sentence.plain
    start, end = _clause(text, mention.start, mention.end)
    behind = found[index - 1].end if index else 0
    ahead = found[index + 1].start if index + 1 < len(found) else len(text)
    own = text[max(start, behind) : mention.start]
    unclaimed = _YEAR_AFTER.sub("", own, count=1) if index else own  # "good in 2015 and …": not this one's year
    return _Place(
        mention=mention, text=text, left=text[: mention.start], right=text[mention.end :], clause=text[start:end],
        before=text[start : mention.start], own=own, after=text[mention.end : end],
        since=text[behind : mention.start] if index else None,
        until=text[mention.end : ahead] if index + 1 < len(found) else None,
        year=_year(text[mention.end : min(end, ahead)]) or _year_beside(text[mention.end : ahead]) or _year(unclaimed),
    )  # fmt: skip


def _from_to(place: _Place) -> Ruling | None:
    to = place.until is not None and (
        _TO.search(place.until) or (_MOVED.search(place.left) and _TO_AT_LAST.search(place.until))
    )
    return (Role.EARLIER, "from one grade to another") if to or (place.since and _FROM.search(place.since)) else None


def _again(place: _Place) -> Ruling | None:
    return _named(Role.AGAIN, AGAIN, place.left)


def _now(place: _Place) -> Ruling | None:
    return (Role.NEW, "now") if _NOW.search(place.left) else None


def _adjacent(place: _Place) -> Ruling | None:
    return _named(Role.EARLIER, _ADJACENT, place.left)


def _others(place: _Place) -> Ruling | None:
    found = _named(Role.ASIDE, _ASIDE, place.clause)
    ofsted = found and found[1] == "another inspectorate" and "ofsted" in place.clause.lower()
    return None if _ONE_OF.search(place.clause) or ofsted else found


def _epithet(place: _Place) -> Ruling | None:
    if place.mention.cue.name in _NEVER_EPITHETS or _RATED_JUST_NOW.search(place.left):
        return None
    return (Role.ASIDE, "an epithet") if _EPITHET.search(place.right) else None


def _in_passing(place: _Place) -> Ruling | None:
    if _APPOSED.search(place.left) and _APPOSED_ENDS.search(place.right):
        return Role.ASIDE, "said by the way"
    if _RELATIVE.search(place.left) and not _THIS_WEEK.search(place.right):
        return Role.EARLIER if place.year or place.until is not None else Role.ASIDE, "said in passing"
    return None


def _again_anywhere(place: _Place) -> Ruling | None:
    dated = place.year and not _UNCHANGED.search(place.text)
    return None if dated else _named(Role.AGAIN, _AGAIN_ANYWHERE, place.text)


def _standing(place: _Place) -> Ruling | None:
    if not _SINCE_THEN.search(place.right):
        return None
    return (Role.EARLIER, "had been") if _HAD.search(place.before) else (Role.ASIDE, "it has stood for years")


def _opens_with_before(place: _Place) -> Ruling | None:
    """ "Previous judgements were 'requires improvement' (2018) and 'good' (2023)": all that such a sentence lists."""
    opening = _PREVIOUS_WERE.match(place.text)
    if opening and not _TURNS.search(place.text[opening.end() : place.mention.start]):
        return Role.EARLIER, "earlier"
    return None


def _looks_back(place: _Place) -> Ruling | None:
    if _NO_MORE.search(place.right):
        return Role.EARLIER, "no longer"
    if _WHEN_LAST.search(place.right):
        return Role.EARLIER, "when last inspected"
    return _named(Role.EARLIER, BEFORE, place.before) or _named(Role.EARLIER, _AFTERWARDS, place.after)


def _column(place: _Place) -> Ruling | None:
    """By what stands above the grade's column, where the row has other grades: "2019 | 2023", "Previous | Now"."""
    header = place.mention.sentence.header
    if not header or (place.since is None and place.until is None):
        return None
    own = place.left.strip(" |").count("|") + (1 if place.left.rstrip().endswith("|") else 0)
    above = header[own] if own < len(header) else ""
    years = [int(year) for cell in header for year in _YEAR.findall(cell)]
    stated = [int(year) for year in _YEAR.findall(above)]
    if _COLUMN_BEFORE.search(above) or (stated and max(stated) < max(years)):
        return Role.EARLIER, f"in the column {above!r}"
    if _COLUMN_NOW.search(above) or (stated and len(set(years)) > 1):
        return Role.NEW, f"in the column {above!r}"
    return Role.ASIDE, "one of several grades in a table's row"


_RULES: tuple[Callable[[_Place], Ruling | None], ...] = (
    _column, _from_to, _again, _now, _adjacent, _others, _epithet, _in_passing,
    _standing, _opens_with_before, _again_anywhere, _looks_back,
)  # fmt: skip


def _named(role: Role, table: Iterable[Cue], text: str) -> Ruling | None:
    return next(((role, cue.name) for cue in table if cue.pattern.search(text)), None)


def _by_date(place: _Place, now: date | None) -> Ruling:
    """A clause that dates its grade: without the day of the text, or long before it, an earlier one."""
    year = place.year
    if year is None or _PERFECT.search(place.own):
        return Role.NEW, "no word of an earlier inspection"
    if now is None:
        return Role.EARLIER, f"dated {year}"
    days = [span.first.last for span in dates.spans(place.clause) if span.first.year == year]
    known = next((day for day in days if day), None)
    if year < now.year and (known is None or now - known > FRESH):
        return Role.EARLIER, f"dated {year}"
    return Role.NEW, f"dated {year}, which is recent"


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    first, last = 0, len(text)
    for match in _CLAUSE.finditer(text):
        if match.end() <= start:
            first = match.start()
        elif match.start() >= end:
            last = match.start()
            break
    return first, last


def _year_beside(after: str) -> int | None:
    """ "(Good) in 2017": the year stands right after the brackets of the grade."""
    found = _YEAR_AFTER.match(after)
    return _year(found[0]) if found else None


def _year(text: str) -> int | None:
    years = [int(year) for year in _YEAR.findall(_OF_PUBLICATION.sub(" ", text))]
    return min(years) if years else None
