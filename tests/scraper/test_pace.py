"""Turns, gaps and budgets."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scraper.pace import LONGEST_GAP, DailyCount, Pace, Stopping


class Slept(list[float]):
    at = 0.0

    def __call__(self, seconds: float) -> None:
        self.append(seconds)
        self.at += seconds


def pace() -> tuple[Pace, Slept]:
    slept = Slept()
    return Pace(monotonic=lambda: slept.at, sleep=slept), slept


@pytest.mark.fault("K20")
def test_the_gap_runs_from_the_end_of_the_last_request_and_for_one_host_only() -> None:
    turns, slept = pace()
    turns.wait("a.example")
    turns.asked("a.example", timedelta(seconds=5))
    slept.at += 2
    turns.wait("b.example")
    turns.wait("a.example")
    assert slept == [3]


def test_a_longer_hold_is_not_shortened_by_a_later_one() -> None:
    turns, _ = pace()
    turns.hold("a.example", timedelta(hours=2))
    turns.hold("a.example", timedelta(minutes=1))
    assert turns.held("a.example") == timedelta(hours=2)
    assert turns.held("b.example") <= timedelta(0)


@pytest.mark.fault("H8")
def test_no_host_is_left_alone_for_more_than_a_day() -> None:
    turns, _ = pace()
    turns.hold("a.example", timedelta(days=3650))
    assert turns.held("a.example") == timedelta(hours=24)


def test_an_absurd_crawl_delay_is_taken_as_two_minutes() -> None:
    turns, slept = pace()
    turns.asked("a.example", timedelta(days=1))
    turns.wait("a.example")
    assert slept == [LONGEST_GAP.total_seconds()]


def test_stopping_ends_a_wait() -> None:
    turns = Pace(monotonic=lambda: 0.0, sleep=lambda seconds: True)
    turns.asked("a.example", timedelta(seconds=5))
    with pytest.raises(Stopping):
        turns.wait("a.example")


def test_a_turn_is_given_back_when_it_fails() -> None:
    turns, _ = pace()
    with pytest.raises(ZeroDivisionError), turns.turn("a.example"):
        raise ZeroDivisionError
    with turns.turn("a.example"):
        turns.wait("a.example")


def test_requests_are_counted_by_host_and_day() -> None:
    count = DailyCount()
    assert [count("a", date(2026, 3, 1)), count("a", date(2026, 3, 1)), count("b", date(2026, 3, 1))] == [1, 2, 1]
    assert count("a", date(2026, 3, 2)) == 1
