"""Who was inspected, from the words in which a document names them."""

from __future__ import annotations

import re

from msgspec import structs

from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Authority, Finding

# A body that runs the services for a council: it is the provider, and the council stays the authority.
_BODY = re.compile(
    r"\b(?:Trust|Limited|Ltd|Company|CIC|C\.I\.C\.|Achieving for Children|Children First|Together for Children)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\s*(?:,|&|\band\b)\s*")


def authority(
    printed: str, authorities: Authorities, on: Day | None, notes: list[str], around: str = ""
) -> tuple[str | None, str | None]:
    """The authority by the table's name, else as printed and noted; and the trust or company, where one is named.

    around: words that may name the council where `printed` names only a trust, such as an addressee's.
    """
    printed = " ".join(printed.split())
    if not printed:
        notes.append("no authority was read")
        return None, None
    day = on.first if on else None
    provider = printed if _BODY.search(printed) else None
    found = authorities.find(printed, day)
    if found is None:
        meant = {mention.authority.name for mention in authorities.mentioned(printed, day)}
        if not meant and provider:
            meant = {mention.authority.name for mention in authorities.mentioned(around, day)}
        if len(meant) == 1:
            name = meant.pop()
            notes.append(f"the document names {printed!r}, read as {name}")
            return name, provider
        notes.append(f"{printed!r} is in no table of authorities; kept as printed")
        return printed, provider
    return found.name, provider


def joint(printed: str, authorities: Authorities, on: Day | None) -> list[Authority]:
    """The authorities of a joint area, "X and Y": the name as a whole is nobody's and every part is somebody's."""
    day = on.first if on else None
    if authorities.find(printed, day):
        return []
    mentions = authorities.mentioned(printed, day)
    rest = printed
    for mention in reversed(mentions):
        rest = rest[: mention.start] + rest[mention.end :]
    whole = not re.sub(r"\b(?:the|and|local|area|partnerships?)\b|\W", "", rest, flags=re.IGNORECASE)
    return [mention.authority for mention in mentions] if whole and len(mentions) > 1 else []


def shared(finding: Finding, joint: list[Authority], printed: str) -> Finding | list[Finding]:
    """The finding; for a joint area, one for each of its authorities, noted."""
    if not joint:
        return finding
    notes = (*finding.notes, f"one inspection of a joint area, {printed}")
    return [structs.replace(finding, authority=each.name, notes=notes) for each in joint]
