"""The town of the stories, met by pages, feeds and documents that were made to harm or to mislead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scraper.child import Readers
from scraper.frames import Limits
from tests.alerts.conftest import invented as invented  # a fixture
from tests.stories.conftest import town as town  # a fixture


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    """One parsing child at a time, with seconds instead of the service's tens of seconds."""
    with Readers(number=1, limits=Limits(cpu_seconds=3, wall_seconds=15)) as opened:
        yield opened
