"""Which sources are polled for the authorities, providers and remits that the settings name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlsplit

from config.model import OfstedSettings
from inspections.model import Authority, Kind
from scraper.model import Source

AUTHORITY_TYPE = 44  # the number in /provider/44/…

# Ofsted's search knows remits by numbers (level 1, level 2); those of the other remits were never seen.
REMITS: dict[Kind, tuple[int, tuple[int, ...]]] = {
    Kind.SCHOOL: (1, (1, 2)),
    Kind.FURTHER_EDUCATION: (1, (3,)),
    Kind.EARLY_YEARS: (2, ()),
    Kind.CHILDRENS_HOME: (3, (11,)),
}


def of_authorities(ofsted: OfstedSettings, authorities: Sequence[Authority]) -> list[Source]:
    """One search, newest report first, for all of them, and each one's own page."""
    known = [authority for authority in authorities if authority.urn]
    if not known:
        return []
    urns = [authority.urn for authority in known if authority.urn]
    search = _search(ofsted, "ofsted-search", "Ofsted: children's services, newest first", _newest(3, (12,)), urns)
    return [search, *(_page(ofsted, authority) for authority in known)]


def of_providers(ofsted: OfstedSettings, urns: Iterable[str]) -> list[Source]:
    """One search by URN for each: the page's address holds a type that only the search knows."""
    return [
        _search(ofsted, f"ofsted-find-{urn.lower()}", f"Ofsted: provider {urn}", f"q={quote(urn)}", [urn])
        for urn in dict.fromkeys(urns)
    ]


def of_remits(ofsted: OfstedSettings, remits: Iterable[Kind], authorities: Sequence[Authority]) -> list[Source]:
    """One search for each remit within each authority."""
    return [
        _search(
            ofsted, f"ofsted-{remit}-{authority.code}", f"Ofsted: {remit} in {authority.name}",
            _newest(*REMITS[remit], authority=authority.code), None, authority.name,
        )
        for remit in dict.fromkeys(remits) for authority in authorities if authority.code
    ]  # fmt: skip


def _newest(level_1: int, level_2: Sequence[int], authority: str | None = None) -> str:
    """The query for a type of provider, latest report first; the site gives at most 100 rows, whatever is asked for."""
    types = "".join(f"&level_2_types%5B%5D={number}" for number in level_2)
    within = f"&local_authority%5B%5D={authority}" if authority else ""
    place = "q=&location=&lat=&lon=&radius="
    return f"{place}&level_1_types={level_1}{types}{within}&sort=date&order=desc&start=0&rows=100"


def _search(
    ofsted: OfstedSettings, id: str, name: str, query: str, urns: list[str] | None, authority: str | None = None
) -> Source:
    return Source(
        id=id, name=name, url=f"{ofsted.reports}/search?{query}", parser="ofsted_search", authority=authority,
        publisher="ofsted", every=ofsted.every, options={} if urns is None else {"urns": urns}, hosts=_hosts(ofsted),
        allow_private=ofsted.allow_private,
    )  # fmt: skip


def _page(ofsted: OfstedSettings, authority: Authority) -> Source:
    return Source(
        id=f"ofsted-{authority.urn}", name=f"Ofsted: {authority.name}", parser="ofsted_provider",
        url=f"{ofsted.reports}/provider/{AUTHORITY_TYPE}/{authority.urn}", authority=authority.name,
        publisher="ofsted", every=ofsted.sweep, hosts=_hosts(ofsted), allow_private=ofsted.allow_private,
    )  # fmt: skip


def _hosts(ofsted: OfstedSettings) -> tuple[str, ...]:
    """Where links may lead besides the site itself: to its files. A replica has a port."""
    return (urlsplit(ofsted.files).netloc,)
