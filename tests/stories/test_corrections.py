"""What was published may change, or may not be there: told once, as what it is."""

from __future__ import annotations

import pytest

from tests.stories.conftest import Report, Town
from tests.stories.test_killed import ilacs, past

BEFORE, NEW = "2025-04-01T09:00:00Z", "2025-04-23T12:00:00Z"


def good_report(town: Town, body: bytes) -> None:
    town.reports.append(Report("50276001", "Children's services inspection", "03 March 2025", "23 April 2025", body))


@pytest.mark.fault("D9")
def test_a_report_replaced_under_the_same_link_is_told_once_as_a_correction(town: Town) -> None:
    past(town)
    town.poll(BEFORE)
    good_report(town, ilacs("3 to 14 March 2025", "Good"))
    town.poll(NEW)
    town.reports[-1].body = ilacs("3 to 14 March 2025", "Requires improvement to be good")
    for day in (25, 26, 27):
        town.poll(f"2025-04-{day}T12:00:00Z")
    alert, correction = town.mail()
    assert correction["Subject"].startswith("Correction:")
    assert correction["In-Reply-To"] == alert["Message-ID"]
    (latest,) = town.ask("inspections", "--since", "2025-01-01")
    assert latest["state"] == "corrected"
    assert latest["judgements"]["overall"] == "requires_improvement"


def test_a_correction_of_what_nobody_was_told_says_what_stood_before(town: Town) -> None:
    past(town)
    good_report(town, ilacs("3 to 14 March 2025", "Good"))
    town.poll(NEW)
    assert town.mail() == []
    town.reports[-1].body = ilacs("3 to 14 March 2025", "Requires improvement to be good")
    town.poll("2025-04-25T12:00:00Z")
    (correction,) = town.mail()
    assert correction["Subject"].startswith("Correction:")


def test_a_report_that_is_listed_and_not_there_is_told_without_a_grade_and_again_with_it(town: Town) -> None:
    past(town)
    town.poll(BEFORE)
    good_report(town, b"<html><title>Report not found</title><h1>Report not found</h1></html>")
    town.poll(NEW)
    (first,) = town.mail()
    assert "not stated" in first["Subject"]
    town.reports[-1].body = ilacs("3 to 14 March 2025", "Good")
    town.poll("2025-04-23T12:30:00Z")
    assert len(town.mail()) == 1, "it is tried again after an hour"
    town.poll("2025-04-23T13:30:00Z")
    again = town.mail()[1]
    assert "good" in again["Subject"]
    town.poll("2025-04-23T16:30:00Z")
    assert len(town.mail()) == 2
