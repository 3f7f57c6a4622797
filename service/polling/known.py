"""What is known of a source before it is read, and what of its listing is therefore new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from scraper.model import Item, Reading, Source, Validators

_WATCHED_FOR_CORRECTION = timedelta(days=60)
_PAGES_OF_A_LISTING = 3
_PAGES_OF_A_GAP = 10  # while nothing known is met, and what is met is younger than the last reading
_PAGES_OF_A_SEARCH = 50
_FEW = 3  # items, of which nobody can say that a whole listing is new


class Held(Struct, frozen=True, kw_only=True):
    """What the archive holds of one item of a source."""

    fingerprint: str | None = None  # of the listing's entry when it was last read; None: not remembered
    validators: Validators = Validators()  # of its page or document
    missing: bool = False  # its document could not be read and is due again


class Round(Struct, kw_only=True):
    """What reading one source needs to know beforehand."""

    source: Source
    validators: Validators = Validators()
    held: Mapping[str, Held] = field(default_factory=dict)
    persistent: bool = False  # its last poll failed too: what cannot be fetched now counts as missing
    limit: int = 20  # documents a poll
    flood: int = 10  # so many items at once, all unknown and most of them old, are a redesign
    last_read: date | None = None
    begun: int = 0  # pages of the listing of which the last poll did not read every entry
    on: date  # London's


def fingerprint(item: Item) -> str:
    """What a listing says of an item: when it changes, the item is read again. Addresses carry passing tokens."""
    return sha256(item.title.encode()).hexdigest()[:16]


def wanted(item: Item, round: Round) -> bool:
    """New, edited, missing its document, or an official document young enough to be replaced by a corrected one."""
    held = round.held.get(item.ref)
    if held is None or held.missing or held.fingerprint not in (None, fingerprint(item)):
        return True
    published = item.published_on.last if item.published_on else None
    return round.source.official and published is not None and round.on - published <= _WATCHED_FOR_CORRECTION


def goes_on(round: Round, page: Reading, pages: int) -> bool:
    """Whether the page after this one is to be read. A search is read to its end.

    A listing is read on while a page shows nothing that is held, or ends with news since the last reading: featured
    articles stand first, however old. At the first reading it goes on as far as one poll may read, so that an older
    article that moves up later, since another was taken away, is no news. Entries that the last poll left over stand
    on the pages that it began.
    """
    if page.type == "search":
        return pages < _PAGES_OF_A_SEARCH
    if pages < round.begun:
        return True
    if pages >= _PAGES_OF_A_LISTING and not _is_within_a_gap(round, page, pages):
        return False
    if not round.held:
        return (pages + 1) * len(page.items) <= round.limit
    if not any(item.ref in round.held for item in page.items):
        return True
    last = page.items[-1]
    return last.ref not in round.held and _is_young(last, round)


def _is_within_a_gap(round: Round, page: Reading, pages: int) -> bool:
    known = any(item.ref in round.held for item in page.items)
    return bool(
        pages < _PAGES_OF_A_GAP and round.held and page.items and not known and _is_young(page.items[-1], round)
    )


def has_gap(round: Round, items: Sequence[Item]) -> bool:
    """Whether more may have come since the last reading than the listing shows: nothing known is left in it.

    Ofsted's pages show everything that they have; a listing that was redesigned has lost nothing.
    """
    if round.source.official or not round.held or len(items) < _FEW or looks_redesigned(round, items):
        return False
    return not any(item.ref in round.held for item in items)


def each_once(round: Round, items: Iterable[Item]) -> tuple[Item, ...]:
    """One item a ref. An article that is held as another of the source's hosts has it keeps the ref of that one."""
    hosts = [urlsplit(round.source.url).netloc, *round.source.hosts]
    hosts = list(dict.fromkeys(host.removeprefix("www.") for host in hosts))
    seen: dict[str, Item] = {}
    for item in items:
        twins = [twin for twin in _twins(item.ref, hosts) if twin in round.held or twin in seen]
        known = item.ref in round.held or not twins
        once = item if known else replace(item, ref=twins[0])
        seen.setdefault(once.ref, once)
    return tuple(seen.values())


def looks_redesigned(round: Round, items: Sequence[Item]) -> bool:
    """Every item of a long-known listing is new, though most headlines are known, or most days are before its last
    reading, or there are many without a date.

    After a long absence every item is new as well, but younger. Ofsted's own file ids do not change.
    """
    if not round.held or round.source.official or any(one.ref in round.held for one in items):
        return False
    headlines = {held.fingerprint for held in round.held.values()}
    moved = [item for item in items if fingerprint(item) in headlines]
    old = [item for item in items if _is_dated(item) and not _is_young(item, round)]
    young = [item for item in items if _is_dated(item) and _is_young(item, round)]
    if len(items) >= _FEW and 2 * max(len(moved), len(old)) > len(items):
        return True
    return len(items) >= round.flood and 2 * len(young) < len(items)


def _is_dated(item: Item) -> bool:
    return item.published_on is not None and item.published_on.last is not None


def _is_young(item: Item, round: Round) -> bool:
    """Dated on the day of the last reading or later."""
    last = item.published_on.last if item.published_on else None
    return last is not None and round.last_read is not None and last >= round.last_read


def _twins(ref: str, hosts: Sequence[str]) -> list[str]:
    """The ref as each of the hosts would have it, where it is one of theirs."""
    own = next((host for host in hosts if ref.startswith((f"{host}#", f"https://{host}/"))), None)
    return [ref.replace(own, host, 1) for host in hosts if host != own] if own else []
