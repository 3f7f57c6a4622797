"""Whom a page says to be inspected: the authority that is judged, never by default the site's own;"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from msgspec import Struct

from inspections.authorities import TABLE_DATE, Authorities, stood
from inspections.model import Authority, Kind
from scraper.announcements import printed
from scraper.announcements.cues import Sentence, phrase

AUTHORITY_ITSELF = frozenset({
    Kind.ILACS, Kind.SIF, Kind.FOCUSED_VISIT, Kind.MONITORING_VISIT, Kind.ASSURANCE_VISIT, Kind.JTAI, Kind.AREA_SEND,
    Kind.AREA_SEND_2016, Kind.AREA_SEND_MONITORING,
})  # fmt: skip

_ASIDE_BEFORE = phrase(
    r"\b(?:neighbour\w*|like|such as|including|alongside|compared (?:to|with)|similar to|partner(?:s|ed|ing"
    r"|ship)?(?: with| authority| council|,)?|support(?:ed)? (?:by|from)|led by|help(?:ed)? (?:by|from)|work(?:s|ed"
    r"|ing)? (?:closely )?with|unlike|other (?:boroughs|councils|authorities)"
    r"|formerly (?:at|of|with)|previously (?:at|of|with)|joined (?:us )?from|director (?:at|of|in)|career (?:at|in)"
    r"|advice from|advis\w+ (?:by|from)|mp for|mps? (?:in|from)|bishop of|university of|joins|join|beat|ahead of"
    r"|behind|shared with|commissioned (?:by|from)|while in|and in|whereas|practice (?:in|from|at)|stand"
    r" alongside)(?: (?:the|of|both|a|an|and|outstanding|inadequate|good|rated))* ?\Z"
)
_ASIDE_AFTER = phrase(
    r"^(?:'s)?,? (?:live|chronicle|echo|telegraph|courier|gazette|times|mail|radio|evening|express|observer|news"
    r"|post|mp\b|mps\b|reporter|guardian|standard|independent|today|online|tv|fm|sentinel|press|review|journal"
    r"|examiner|herald|mercury|argus|star|advertiser|world|college|university|hospital|nhs|ccg|icb|police"
    r"|constabulary|safeguarding adults)\b"
    r"|^(?: \w+){0,2}, (?:our|their|its|the council's) (?:improvement )?partner|^,? (?:our|their|its|the)"
    r" (?:improvement |sector-led )?partner\b|^(?:,| and)? (?:is|was|has been|have been)? ?(?:helping|supporting"
    r"|advising)\b"
)
_BODY_AFTER = phrase(
    r"^(?:'s?)?,? (?:(?:city|county|borough|metropolitan|district|unitary) )*(?:council|authority|children|child"
    r"|social|services?|send|send's|local area|local authority|area|partnership|partners|trust|department)"
)
_INSPECTED_BEFORE = phrase(
    r"\b(?:inspect(?:ed|ion|ions) (?:of|in|at)|rat(?:ed|es|ing for)|judg(?:ed|es|ement (?:for|of))|services (?:in"
    r"|for|across)|report (?:on|into)|visit(?:ed)? (?:to)?|people in|children in|findings (?:on|for)|support in"
    r"|families in|care in|leavers in|needs in|across|in)(?: (?:the|of|city|borough|county))* ?\Z"
)
_OWN = phrase(
    r"\b(?:our|we|us|the council|the borough|the city|the county|the authority|the service|local (?:leaders|area"
    r"|authority|partnership))\b"
)
_WE = phrase(r"\b(?:our|we|us)\b")
_COMPASS = re.compile(r"\b(North|South|East|West) and (North|South|East|West) ([A-Z][a-z]+)\b")
_COUNCILS = phrase(r"^(?:'s)? (?:\w+ )?councils\b")
_AND = phrase(r"^(?:'s)?(?: council)? (?:and|&) \Z")
_BOTH = phrase(
    r"\bboth (?:councils|authorities|local authorities|areas|boroughs|counties|unitaries)\b|\b(?:the )?two"
    r" (?:councils|authorities|local authorities|unitaries)\b"
)


class Judged(Struct, frozen=True, kw_only=True):
    """One body inspected. authority: the table's name, else as printed."""

    authority: str | None
    why: str


def judged(
    read: Sequence[Sentence], authorities: Authorities, kind: Kind, hint: str | None, own_site: bool, on: date | None
) -> list[Judged]:
    """The authorities inspected, by weight of place and words. More than one only where the text joins them.

    hint: the authority whose newsroom it is. own_site: the council's own, where "we" is that council. A body that the
    table does not have stands under its printed name, where no authority of the table is judged.
    """
    others = printed.printed(read, authorities, kind, kind in AUTHORITY_ITSELF)
    points: dict[str, float] = {}
    first: dict[str, Sentence] = {}
    ended: dict[str, Authority] = {}
    for sentence in read:
        place = 6.0 if sentence.title else 3.0 if sentence.lead else 1.0
        seen: dict[str, float] = {}
        somebody_else = list(printed.hidden(others, sentence))
        for mention in authorities.mentioned(sentence.plain):
            if any(start <= mention.start < end for start, end in somebody_else):
                continue
            row = mention.authority
            weight = place * _relevance(sentence.plain, mention.start, mention.end)
            if not stood(row, on or TABLE_DATE):
                ended[row.name] = row
            seen[row.name] = max(seen.get(row.name, 0.0), weight)
        for name, weight in seen.items():
            points[name] = points.get(name, 0.0) + weight
            first.setdefault(name, sentence)
    if hint in points:
        points[hint] = points[hint] + 1.5
    joined = _joined(read, authorities)
    if joined and kind not in AUTHORITY_ITSELF:
        return [Judged(authority=None, why=f"{' and '.join(joined)} share the provider")]
    if (
        joined
        and max((points[name] for name in points if name not in joined and name not in ended), default=0.0) <= 6.0
    ):
        return [Judged(authority=name, why=f"{' and '.join(joined)} are named together") for name in joined]
    ranked = sorted((name for name in points if points[name] > 0), key=lambda name: (-points[name], first[name].index))
    if not ranked:
        return [_of_no_table(read, others, hint if own_site else None)]
    best = ranked[0]
    if best in ended:
        return [Judged(authority=None, why=f"{best} is named, which ended on {ended[best].valid_to}")]
    return [Judged(authority=best, why=f"authority {best}: “{first[best].evidence}”")]


def _of_no_table(read: Sequence[Sentence], others: Sequence[printed.Printed], own: str | None) -> Judged:
    """Whose site it is, where the text speaks of its own council; else the body that it prints a name for."""
    points: dict[str, float] = {}
    for one in others:
        place = 6.0 if one.sentence.title else 3.0 if one.sentence.lead else 1.0
        points[one.name] = points.get(one.name, 0.0) + place * _relevance(one.sentence.plain, one.start, one.end)
    name = max((name for name in points if points[name] > 0), key=lambda name: points[name], default=None)
    as_council = any(one.council for one in others if one.name == name)
    ours = _WE if name and as_council else _OWN
    if own and any(ours.search(sentence.plain) for sentence in read):
        return Judged(authority=own, why=f"the page names no other authority and is {own}'s own")
    if name is None:
        return Judged(authority=None, why="no authority is named")
    said = next(one.sentence.evidence for one in others if one.name == name)
    return Judged(authority=name, why=f"{name} is as printed; the table of authorities does not have it: “{said}”")


def _relevance(text: str, start: int, end: int) -> float:
    before, after = text[max(0, start - 60) : start], text[end : end + 40]
    if _ASIDE_BEFORE.search(before) or _ASIDE_AFTER.search(after):
        return 0.0
    weight = 1.0
    if _BODY_AFTER.search(after) or "ouncil" in text[start:end]:
        weight += 1.0
    if _INSPECTED_BEFORE.search(before):
        weight += 0.5
    return weight


def _joined(read: Sequence[Sentence], authorities: Authorities) -> list[str]:
    """ "North and West X", or "X and Y councils", in the headline or the lead: both are judged."""
    for sentence in read:
        if not (sentence.title or sentence.lead):
            continue
        if found := _COMPASS.search(sentence.plain):
            rows = [authorities.find(f"{found[part]} {found[3]}") for part in (1, 2)]
            if all(rows):
                return [row.name for row in rows if row]
        mentions = authorities.mentioned(sentence.plain)
        for one, other in pairwise(mentions):
            between = sentence.plain[one.end : other.start]
            after = sentence.plain[other.end : other.end + 40]
            near = sentence.plain[: one.start].lower()[-12:]
            both = "both" in near or _COUNCILS.search(after) or any(_BOTH.search(each.plain) for each in read)
            if both and one.authority.name != other.authority.name and _AND.search(between):
                return [one.authority.name, other.authority.name]
    return []


def speaks_of_itself(read: Sequence[Sentence]) -> bool:
    """Whether "we", "the council" or "local leaders" are spoken of: somebody is judged, though nobody is named."""
    return any(_OWN.search(sentence.plain) for sentence in read)


def subjects(sentence: Sentence, authorities: Authorities) -> list[tuple[int, str]]:
    """Where the sentence names authorities that it may judge: neither partners nor places that people come from."""
    return [
        (mention.start, mention.authority.name)
        for mention in authorities.mentioned(sentence.plain)
        if _relevance(sentence.plain, mention.start, mention.end) > 0
    ]


def names_both(text: str) -> bool:
    """ "North and South X": the name itself joins two authorities."""
    return bool(_COMPASS.search(text))
