"""What a source loses while it reads without a fault: the dates or links of its entries, entries between readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from archive.model import SourceState
from inspections.model import to_json
from scraper.model import Source
from service.polling.rounds import Listed

_REMEMBERED = 20  # readings by which it is known what is usual
_ENOUGH = 5  # of them, before anything is called unusual
_FEW = 3  # entries, of which nobody can say what is usual
_TWICE = 2  # readings in a row, so that one bad page is no incident
_GAP_SHOWN = timedelta(days=7)


def noted(source: Source, state: SourceState, listed: Listed, now: datetime) -> dict[str, Any]:
    """What is to be remembered of this reading beside the source's state: `fields`, and `gap` where there was one.

    fields: the shares of entries with a date and with a link at the last ordinary readings; a reading that shows half
    as many or fewer is counted and not taken for ordinary. Begun anew when the source's declaration changes.
    """
    found: dict[str, Any] = {}
    declared = sha256(to_json([source.url, source.parser, source.family, source.options])).hexdigest()[:16]
    before = state.learned.get("fields") or {}
    if before.get("of") != declared:
        before = {"of": declared}
    usual, shown = before.get("usual", []), len(listed.items)
    boxes = shown + listed.linkless
    if shown:
        counts = [[listed.dated, shown], [shown, boxes]]
        low = _low(usual, counts)
        ordinary = usual if low else [*usual, [round(part / whole, 3) for part, whole in counts]][-_REMEMBERED:]
        times = before.get("times", 0) + 1 if low else 0
        found["fields"] = {"of": declared, "usual": ordinary, "times": times, "low": low}
    if listed.gap:
        earlier = _standing(state.learned.get("gap"), now)
        since = earlier["since"] if earlier else state.last_ok.isoformat() if state.last_ok else None
        found["gap"] = {"since": since, "at": now.isoformat(), "shown": shown}
    return found


def faults(source: Source, state: SourceState, now: datetime) -> Iterator[tuple[str, str]]:
    """The code and text of each fault that stands: `fields-lost` from the second reading on, `gap` for a week."""
    fields = state.learned.get("fields") or {}
    if fields.get("times", 0) >= _TWICE:
        lost = " and ".join(f"{name} {part} of {whole}" for name, part, whole in fields["low"])
        yield "fields-lost", (
            f"The entries of {source.name} ({source.url}) have lost what they used to have: {lost}. What has a link is "
            "read and recorded, and dated by its own page where the list gives no date; what has none cannot be "
            f"read. Was the site redesigned? `ofsted-watch check {source.id}` shows what is found."
        )  # fmt: skip
    gap = _standing(state.learned.get("gap"), now)
    if gap:
        at = datetime.fromisoformat(gap["at"])
        since = f"{datetime.fromisoformat(gap['since']):%d %B %Y %H:%M}" if gap["since"] else "the reading before"
        yield "gap", (
            f"{source.name} ({source.url}) shows {gap['shown']} entries, and on {at:%d %B %Y %H:%M} UTC none of those "
            f"known before was among them: news from between then and {since} UTC may have been missed. What it shows "
            "was recorded. Look through its newsroom for that time; a shorter `every` in its declaration prevents it."
        )  # fmt: skip


def _low(usual: list[list[float]], counts: list[list[int]]) -> list[tuple[str, int, int]]:
    """Each field of which fewer than half as many entries have one as is usual: its name, how many, of how many."""
    if len(usual) < _ENOUGH:
        return []
    found = []
    for n, (name, (part, whole)) in enumerate(zip(("a date,", "a link,"), counts, strict=True)):
        expected = whole * sum(shares[n] for shares in usual) / len(usual)
        if expected >= _FEW and part < expected / 2:
            found.append((name, part, whole))
    return found


def _standing(gap: Mapping[str, Any] | None, now: datetime) -> Mapping[str, Any] | None:
    return gap if gap and now - datetime.fromisoformat(gap["at"]) < _GAP_SHOWN else None
