"""The scene in which the service is killed: see scene.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.proof.scene import BEFORE, Crasher, Receivers, Scene
from tests.stories.conftest import Town, town  # noqa: F401  (a fixture)
from tests.stories.test_killed import past, present


@pytest.fixture
def scene(town: Town) -> Iterator[Scene]:  # noqa: F811
    yield from _scene(town, Crasher())


@pytest.fixture
def traced(town: Town) -> Iterator[Scene]:  # noqa: F811
    yield from _scene(town, Crasher("traced.py"))


def _scene(town: Town, crasher: Crasher) -> Iterator[Scene]:  # noqa: F811
    receivers = Receivers()
    made = Scene(town, receivers, crasher)
    try:
        made.told_by_both()
        past(town)
        town.refresh()
        assert made.run(warm=True, now=BEFORE, later=BEFORE)["said"] == "done"
        assert receivers.got == [], "the first reading has told somebody"
        made.save()
        present(town)
        town.refresh()
        assert made.run(warm=True)["said"] == "done"
        yield made
    finally:
        crasher.close()
        receivers.close()
