"""What a text lists beside its grades: outcome sentences, the theme of a visit, areas for improvement."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from inspections.model import Evidence, Finding, Kind, Outcome
from scraper.announcements.cues import MAX_EVIDENCE, Sentence, phrase, plain

_SEND = (
    (Outcome.SYSTEMIC_FAILINGS, r"\bwidespread (?:and/or|and|or)? ?systemic failings\b|\bsystemic failings\b"
                                r"|\bwidespread failings\b|\blowest (?:possible )?of (?:the )?three\b|\bworst of"
                                r" (?:the )?three\b"),
    (Outcome.INCONSISTENT, r"\binconsistent (?:experiences|outcomes)\b|['\"]inconsistent['\"]|\b(?:middle"
                           r"|second)(?: \w+)? (?:of (?:the )?three|(?:judge?ment|outcome|rating|finding)(?: of|"
                           r" out of) (?:the )?three)\b|\bexperiences(?: and outcomes)? (?:were|are|being)"
                           r" inconsistent\b|\bbranded inconsistent\b"),
    (Outcome.TYPICALLY_POSITIVE, r"\btypically (?:lead(?:s|ing)? to )?(?:\w+ )?positive\b|\b(?:leads? to|providing"
                                 r"|provides|secures?|have|has|noted(?: the)?|enjoy|receive|result in|deliver(?:s"
                                 r"|ing)?) ['\"]?positive experiences and outcomes\b|['\"]positive experiences and"
                                 r" outcomes\b"
                                 r"|\b(?:highest|best|top)(?: possible)?(?: of (?:the )?three)? (?:outcome"
                                 r"|judge?ment|rating|grade|grading)?s?(?: of (?:the"
                                 r" )?three)?\b(?=.{0,60}\b(?:send|inspect|ofsted|available|possible|three)\b)"),
)  # fmt: skip
_STATEMENT = (
    (Outcome.WRITTEN_STATEMENT_NOT_REQUIRED, r"\b(?:no|not|without)\b[^.;]{0,40}\bwritten statement of action\b"
                                             r"|\b(?:no|without)[^.;]{0,20}\bwsoa\b|\bwritten statement of"
                                             r" action\b[^.;]{0,20}\b(?:is|was) not (?:required|needed)\b"),
    (Outcome.WRITTEN_STATEMENT_REQUIRED, r"\bwritten statement of action\b|\bwsoa\b"),
)  # fmt: skip
_PROGRESS_2016 = (
    (
        Outcome.INSUFFICIENT_PROGRESS,
        r"\b(?:insufficient|not (?:yet )?(?:been )?(?:made|making|make) (?:sufficient|enough)|not (?:yet"
        r" )?(?:sufficient|enough)) progress\b",
    ),
    (Outcome.SUFFICIENT_PROGRESS, r"\bsufficient progress\b"),
)
_PROGRESS = (
    (Outcome.INSUFFICIENT_PROGRESS, r"\binsufficient progress\b"),
    (Outcome.SIGNIFICANT_PROGRESS, r"\bsignificant progress\b"),
    (Outcome.REASONABLE_PROGRESS, r"\breasonable progress\b"),
)
_ACCOMMODATION = (
    (Outcome.SERIOUS_WEAKNESSES, r"\bserious (?:or|and|and/or) widespread weaknesses\b|\bserious weaknesses\b"),
    (Outcome.INCONSISTENT, r"\binconsistent quality\b|['\"]inconsistent['\"]"),
    (Outcome.CONSISTENTLY_STRONG, r"\bconsistently strong\b"),
)
_INTERIM = (
    (Outcome.IMPROVED_EFFECTIVENESS, r"\bimproved effectiveness\b"),
    (Outcome.SUSTAINED_EFFECTIVENESS, r"\bsustained effectiveness\b"),
    (Outcome.DECLINED_EFFECTIVENESS, r"\bdeclined (?:in )?effectiveness\b"),
)
_SCHOOL = (
    (Outcome.REMAINS_OUTSTANDING, r"\bremain(?:s|ed) (?:an )?['\"]?outstanding['\"]?(?! practice)|\bcontinues to"
                                  r" be (?:an )?outstanding\b"),
    (Outcome.REMAINS_GOOD, r"\bcontinues to be a ['\"]?good['\"]? school\b|\bremains a ['\"]?good['\"]? school\b"),
    (Outcome.STANDARDS_MAINTAINED, r"\btaken effective action to maintain (?:the )?standards\b|\bstandards (?:have"
                                   r" been )?maintained\b"),
)  # fmt: skip
_BY_KIND = {
    Kind.AREA_SEND: _SEND, Kind.SUPPORTED_ACCOMMODATION: _ACCOMMODATION, Kind.CHILDRENS_HOME: _INTERIM,
    Kind.FURTHER_EDUCATION: _PROGRESS, Kind.SCHOOL: _SCHOOL,
}  # fmt: skip
_LOOKS_BACK = phrase(
    r"\b(?:previous(?:ly)?|last inspection|in (?:19|20)\d\d|since (?:19|20)\d\d|years? ago|(?:months"
    r"|years?) after (?:they|it|ofsted|inspectors)|earlier inspection|were"
    r" required in)\b"
)
_POSSIBLE = phrase(
    r"\b(?:three|3) (?:possible )?(?:outcomes|judge?ments)|\bpossible outcomes\b|\beither\b|\bcould be\b|\bwhether\b"
    r"|\btypes of (?:outcome|judge?ment)s?\b"
)
_VISIT_OF_PROGRESS = phrase(
    r"\b(?:progress|monitoring|new provider)(?: monitoring)? visit\b|\bvisit to (?:judge|monitor) progress\b|\bof"
    r" ofsted visit\b"
)
_REVISIT = phrase(r"\brevisit|\bre-visit|\breturned\b|\bsecond visit\b|\bfollow-up\b")


def outcome_of(read: Sequence[Sentence], kind: Kind) -> tuple[Outcome | None, Sentence | None, str]:
    """The outcome, the sentence that says it, and a note. Two different outcomes in one text are none."""
    if kind == Kind.AREA_SEND_MONITORING:
        return None, None, ""
    text = " ".join(sentence.plain for sentence in read)
    if kind == Kind.FURTHER_EDUCATION and not _VISIT_OF_PROGRESS.search(text):
        return None, None, ""
    table: tuple[tuple[Outcome, str], ...] = _BY_KIND.get(kind, ())
    if kind == Kind.AREA_SEND_2016:
        revisited = _REVISIT.search(text) and phrase(r"\b(?:sufficient|enough) progress\b").search(text)
        table = _PROGRESS_2016 if revisited else _STATEMENT
    found: dict[Outcome, Sentence] = {}
    for sentence in read:
        stated = _stated(sentence, table)
        if stated and (len(stated) < 2 or not _POSSIBLE.search(sentence.plain)):
            for outcome in stated:
                found.setdefault(outcome, sentence)
    if len(found) == 1:
        outcome, sentence = next(iter(found.items()))
        return outcome, sentence, f"outcome {outcome}: “{sentence.evidence}”"
    if found:
        return None, None, f"the page names {' and '.join(found)}, so no outcome is taken"
    return None, None, ""


def _stated(sentence: Sentence, table: tuple[tuple[Outcome, str], ...]) -> list[Outcome]:
    text = sentence.plain
    stated = []
    for outcome, pattern in table:
        match = phrase(pattern).search(text)
        if match and not (_LOOKS_BACK.search(text[: match.start()]) and not sentence.title):
            stated.append(outcome)
            text = text[: match.start()] + " " * (match.end() - match.start()) + text[match.end() :]
    return stated


_THEMES = {
    Kind.FOCUSED_VISIT: phrase(
        r"\b(?:looked at|focus(?:s?ed|ing|es)? on|examined|considered|reviewed|evaluated)(?: at)? (?:the (?:local"
        r" authority's|council's|borough's|county's|city's|authority's)|its|their|our|the)? ?(?:arrangements for"
        r"|services for|response to|work with|support for) ([^.,;:()]{5,90})"
    ),
    Kind.JTAI: phrase(r"\bmulti-agency (?:response|arrangements|partnership response)(?: (?:to|for))(?: the)?"
                      r" ([^.,;:()]{5,90})"),
}  # fmt: skip
_THEME_ENDS = phrase(
    r" (?:with a|in particular|particularly|by the|across|in (?-i:[A-Z])\w+|and found|and how|including|who (?:are"
    r"|have)|during|at (?:the )?)\b.*"
)


def theme_of(read: Sequence[Sentence], kind: Kind) -> tuple[str | None, Sentence | None]:
    """What a visit or joint inspection looked at, where the text says it plainly, in its words."""
    pattern = _THEMES.get(kind)
    for sentence in read if pattern else ():
        if pattern and (found := pattern.search(sentence.plain)):
            words = _THEME_ENDS.sub("", sentence.printed[found.start(1) : found.end(1)]).strip(" '\"’”")
            return words or None, sentence
    return None, None


_HEADING = phrase(
    r"(?:(?:the )?(?:main |key |identified |further |three |two |four |five |six )?(?:areas?|points?"
    r"|recommendations?|actions?)"
    r" (?:for|of|needing|that need|requiring|in need of) (?:further )?(?:improvement|development)s?"
    r"|what (?:needs|need) to (?:improve|be improved)|(?:what (?:we|the council) )?(?:must|should|needs? to) improve"
    r"|recommendations|areas to improve)(?: (?:identified|included?|were|are|by|from|the|inspectors|ofsted|report"
    r"|in))*:?"
)
_LEADS_TO_LIST = phrase(
    r"[^.]{0,160}\b(?:areas? (?:for|of|needing|that need|requiring|in need of) (?:further )?(?:improvement|development)"
    r"|what needs to improve|recommendations)\b[^.]{0,60}:"
)
_OF_BEFORE = phrase(r"\b(?:previous(?:ly)?|last|earlier|no|not|since|addressed|progress|improved|20\d\d)\b")
_ITEM = re.compile(r"\s*(?:[•*·▪–-]|\d{1,2}[.)])\s+(?P<words>.+)")


def listed(base: Finding, lines: Sequence[str]) -> Finding:
    """The finding with the entries of the list under "Areas for improvement", verbatim; prose is none of them."""
    for index, line in enumerate(lines):
        printed = plain(line).strip()
        if _ITEM.match(line) or not (_HEADING.fullmatch(printed) or _LEADS_TO_LIST.fullmatch(printed)):
            continue
        if _OF_BEFORE.search(printed):
            continue
        items = []
        for entry in lines[index + 1 :]:
            if not (found := _ITEM.match(entry)):
                break
            items.append(found["words"].strip()[:MAX_EVIDENCE])
        if items:
            evidence = {**base.evidence, "improvements": Evidence(text=line.strip()[:MAX_EVIDENCE])}
            return replace(base, improvements=tuple(items), evidence=evidence)
    return base
