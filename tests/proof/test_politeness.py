"""Half a day of polling with restarts, as the sites see it; bench/politeness.py simulates a week."""

from __future__ import annotations

import pytest

from bench import politeness


@pytest.mark.fault("K20")
@pytest.mark.fault("O9")
def test_over_restarts_no_host_is_asked_too_soon_nor_too_often() -> None:
    week = politeness.simulate(days=0.3, restarts=4, sources=12, hosts=2, budget=24, faulty=0.0, seed=3)
    assert week.made["restarts"] == 4
    assert week.close() == []
    assert max(week.a_day().values()) == 24, "the budget was never reached, so nothing was shown"
