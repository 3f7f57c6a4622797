"""When a message is tried again: the schedules, their jitter, and what the server asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.model import DeliverySettings, Schedule
from alerts.transports import TRANSPORTS, retry_at

NOW = datetime(2025, 4, 23, 8, 41, tzinfo=UTC)
SETTINGS = DeliverySettings()


def pauses(kind: str, settings: DeliverySettings = SETTINGS) -> list[timedelta]:
    """The pauses after each attempt until the schedule ends."""
    found: list[timedelta] = []
    while (at := retry_at(kind, len(found) + 1, NOW, settings, key="k")) is not None:
        found.append(at - NOW)
    return found


@pytest.mark.fault("M1")
def test_mail_is_tried_after_1_5_15_30_and_60_minutes_and_then_every_two_hours_for_five_days():
    found = [pause.total_seconds() / 60 for pause in pauses("email")]
    assert found[:6] == [1, 5, 15, 30, 60, 120]
    assert set(found[5:]) == {120}
    assert timedelta(days=4.9) < sum(pauses("email"), timedelta()) <= timedelta(days=5)


@pytest.mark.fault("M9")
@pytest.mark.fault("M16")
def test_a_webhook_is_tried_ten_times_in_75_hours_and_35_minutes():
    steady = DeliverySettings(schedules={"webhook": Schedule(pauses=SETTINGS.schedules["webhook"].pauses,
        lifetime=SETTINGS.schedules["webhook"].lifetime)})  # fmt: skip
    found = pauses("webhook", steady)
    assert len(found) == 9
    assert sum(found, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)


@pytest.mark.fault("M9")
def test_the_jitter_is_a_fifth_at_most_and_the_same_for_everybody_who_asks():
    bare = SETTINGS.schedules["webhook"].pauses
    found = [retry_at("webhook", 3, NOW, SETTINGS, key=f"k{number}") for number in range(500)]
    shares = [(at - NOW) / bare[2] for at in found if at]
    assert len(shares) == 500 and 0.8 <= min(shares) < 0.83 and 1.17 < max(shares) <= 1.2
    assert retry_at("webhook", 3, NOW, SETTINGS, key="k7") == found[7]


@pytest.mark.fault("M14")
def test_retry_after_counts_where_it_is_later_up_to_a_day():
    hour, week = timedelta(hours=1), timedelta(days=7)
    assert retry_at("webhook", 1, NOW, SETTINGS, key="k", retry_after=hour) == NOW + hour
    assert retry_at("webhook", 1, NOW, SETTINGS, key="k", retry_after=week) == NOW + timedelta(days=1)
    later = retry_at("webhook", 9, NOW, SETTINGS, key="k", retry_after=hour)
    assert later is not None and later > NOW + timedelta(hours=19)


def test_every_way_of_sending_has_a_schedule():
    assert set(TRANSPORTS) == set(SETTINGS.schedules)
