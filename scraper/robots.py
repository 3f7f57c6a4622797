"""What a site's robots.txt allows (RFC 9309). Reading it over the network is the fetcher's work."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from msgspec import Struct

AGENT = "OfstedWatch"
KEPT_FOR = timedelta(hours=24)
LARGEST = 500_000  # bytes that are read; RFC 9309 asks for at least 500 KiB of sense, the rest is dropped


class Rules(Struct, frozen=True, kw_only=True):
    """A robots.txt as last read. An empty one allows everything."""

    text: str
    read_at: datetime  # aware, UTC

    def allows(self, url: str) -> bool:
        return not self.text or bool(_parsed(self.text).can_fetch(url, AGENT))

    @property
    def crawl_delay(self) -> timedelta:
        """The gap that the site asks for; zero where it asks for none."""
        seconds = _parsed(self.text).crawl_delay(AGENT) if self.text else None
        return timedelta(seconds=min(max(float(seconds or 0), 0.0), KEPT_FOR.total_seconds()))


def rules_of(status: int, body: bytes, read_at: datetime) -> Rules:
    """The rules that an answer to GET /robots.txt means: 4xx, and whatever is not text, allow everything."""
    if status != 200:
        return Rules(text="", read_at=read_at)
    text = body[:LARGEST].decode("utf-8-sig", "replace")
    return Rules(text=text if "\0" not in text else "", read_at=read_at)


def kept(rules: MutableMapping[str, Rules], place: str, now: datetime) -> Rules | None:
    """The rules of a host, where they were read within 24 hours; read in the future means that the clock jumped."""
    found = rules.get(place)
    return found if found and timedelta(0) <= now - found.read_at < KEPT_FOR else None


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    from protego import Protego  # 23 ms to import, and most hosts have been asked before

    return Protego.parse(text)
