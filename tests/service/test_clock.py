"""Sleep, jumps of the clock, and many sources that came due together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.clock import Clock, from_now

TICK = timedelta(seconds=5)
NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


class Fake:
    """A wall clock and one that never jumps."""

    def __init__(self) -> None:
        self.wall, self.ticks = NOON, 100.0
        self.clock = Clock(lambda: self.wall, lambda: self.ticks)

    def pass_time(self, seconds: float, jump: timedelta = timedelta()) -> None:
        self.ticks += seconds
        self.wall += timedelta(seconds=seconds) + jump


@pytest.mark.fault("T3")
@pytest.mark.fault("T4")
@pytest.mark.parametrize("jump", [timedelta(days=3), timedelta(days=-1), timedelta(minutes=3), timedelta(days=-400)])
def test_a_jump_in_either_direction_is_noticed_once(jump: timedelta) -> None:
    fake = Fake()
    fake.pass_time(5)
    assert not fake.clock.jumped()
    fake.pass_time(5, jump)
    assert fake.clock.jumped()
    assert fake.clock.jump == jump
    fake.pass_time(5)
    assert not fake.clock.jumped()


def test_a_slow_tick_and_a_corrected_second_are_no_jump() -> None:
    fake = Fake()
    fake.pass_time(1800)
    assert not fake.clock.jumped()
    fake.pass_time(5, timedelta(seconds=1))
    assert not fake.clock.jumped()


def allowed(fake: Fake, sources: int, minutes: float) -> list[int]:
    found = []
    for _ in range(int(minutes * 60 / TICK.total_seconds())):
        found.append(fake.clock.allowance(sources, 60, TICK))
        fake.pass_time(TICK.total_seconds())
    return found


@pytest.mark.fault("T3")
@pytest.mark.fault("N11")
@pytest.mark.parametrize("sources", [37, 150, 300, 3000])
def test_after_a_sleep_each_source_has_its_turn_within_ten_minutes_and_not_at_once(sources: int) -> None:
    fake = Fake()
    fake.pass_time(3600)
    assert fake.clock.allowance(sources, 60, TICK) == 60
    fake.pass_time(5, timedelta(days=3))
    assert fake.clock.jumped()
    turns = allowed(fake, sources, 10)
    assert turns[0] >= 1, "the first is read at once"
    assert sources <= sum(turns) + 1 <= sources + 3
    assert max(turns) <= sources // 100 + 3
    assert fake.clock.allowance(sources, 60, TICK) == 60


def test_a_handful_of_sources_is_read_at_once() -> None:
    assert Fake().clock.allowance(6, 60, TICK) == 60


def test_a_given_moment_goes_on_from_there() -> None:
    clock = from_now(NOON)
    first = clock()
    assert NOON <= first <= clock() < NOON + timedelta(minutes=1)
