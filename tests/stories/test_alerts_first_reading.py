"""A source's first reading tells nobody of what was there before it, whatever goes wrong in it."""

from __future__ import annotations

import pytest

from tests.servers import Reply
from tests.stories.conftest import Town
from tests.stories.test_killed import past, poll_and_kill, present

NOW, NEXT, LATER = "2025-04-23T12:00:00Z", "2025-04-24T12:00:00Z", "2025-04-25T12:00:00Z"


@pytest.mark.fault("M21")
def test_a_first_reading_that_is_killed_again_and_again_alerts_nobody(town: Town) -> None:
    past(town)
    present(town)
    killed = sum(poll_and_kill(town, NOW, seconds) for seconds in (0.3, 0.5, 0.7, 0.9))
    assert killed, "the kills came too late to prove anything"
    town.poll(NOW)
    town.poll(NEXT)
    assert len(town.ask("inspections")) == 3
    assert town.mail() == []


@pytest.mark.fault("M22")
@pytest.mark.parametrize("at_first", [Reply(status=503), Reply(body=b"<html><body><main></main></body></html>")])
def test_a_first_reading_that_fails_or_finds_nothing_is_still_to_come(town: Town, at_first: Reply) -> None:
    past(town)
    present(town)
    for place in ("/news/", "/wp-json/wp/v2/posts", f"/provider/44/{town.urn}"):
        town.site[place] = at_first
    town.poll(NOW, code=1)
    assert town.ask("inspections") == []
    town.open()
    town.poll(NEXT)
    assert len(town.ask("inspections")) == 3
    assert town.mail() == []
