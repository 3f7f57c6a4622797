"""A fetcher with a clock that only sleeping moves, and a server that does wrong what it is told to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scraper.fetch import Fetcher, FetchSettings
from scraper.model import FetchError, Page, Source
from tests.servers import FaultServer

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.at

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.at - 1000)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def fetcher(clock: Clock, **given: Any) -> Fetcher:
    settings = {"gap": timedelta(0), "contact": "watch@marlshire.example"} | given.pop("settings", {})
    clocks = {"monotonic": clock.monotonic, "sleep": clock.sleep, "now": clock.now}
    return Fetcher(FetchSettings(**settings), **(clocks | given))


def source(url: str, **given: Any) -> Source:
    return Source(
        **({"id": "marlshire", "name": "Marlshire", "url": url, "parser": "listing", "allow_private": True} | given)
    )


def get(site: FaultServer, clock: Clock, path: str = "/news", **given: Any) -> Page:
    page = fetcher(clock, **given).get(site.url(path), source=source(site.url("/news")), fetched_on=TODAY)
    assert isinstance(page, Page)
    return page


def failure(site: FaultServer, clock: Clock, path: str = "/news", **given: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(site, clock, path, **given)
    return caught.value
