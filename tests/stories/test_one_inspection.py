"""One inspection, one alert: many pages, one event in the world, told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures import make_reports
from tests.stories.conftest import Report, Story, Town, page
from tests.stories.test_killed import ilacs, past

BEFORE = "2025-04-01T09:00:00Z"
GOOD, RI = "Good", "Requires improvement to be good"
FIXTURES = Path(__file__).parents[2] / "fixtures"
LETTER = FIXTURES / "reports" / "focused-visit-2024.txt"


def report(town: Town, grade: str = GOOD, *, id: str = "50276001", body: bytes | None = None) -> None:
    made = body or ilacs("3 to 14 March 2025", grade)
    town.reports.append(Report(id, "Children's services inspection", "03 March 2025", "23 April 2025", made))


def letter(town: Town) -> None:
    """The letter on a focused visit of 1 and 2 April 2025, out on the day of the report."""
    words = LETTER.read_text("utf-8").replace("Westmere Borough Council", "Blackburn with Darwen Borough Council")
    words = words.replace("30 April and 1 May 2024", "1 and 2 April 2025").replace("14 June 2024", "23 April 2025")
    body = make_reports.pdf([one.replace("◼", make_reports.BULLET).split("\n") for one in words.split("\f")])
    town.reports.append(Report("50276002", "Children's services focused visit", "01 April 2025", "23 April 2025", body))


def announce(town: Town, *said: str, slug: str = "rated", title: str = "Children’s services rated good",
             day: str = "Wednesday 23 April 2025") -> None:  # fmt: skip
    text = said or ("Children’s services in Blackburn with Darwen have been rated good by Ofsted in a report published "
                    "today.", "The inspection of local authority children’s services took place in March 2025.")  # fmt: skip
    town.news.append(Story(slug, title, f"Published {day} at 9:37", list(text)))


@pytest.fixture
def settled(town: Town) -> Town:
    """The town, its past known and nobody told of it."""
    past(town)
    town.poll(BEFORE)
    return town


def test_the_first_reading_is_silent_whatever_it_finds(town: Town) -> None:
    past(town)
    announce(town)
    report(town)
    town.poll("2025-04-23T12:00:00Z")
    assert town.mail() == []
    assert len(town.ask("inspections")) == 3


def test_the_announcement_in_the_morning_and_the_report_at_noon_are_one_alert(settled: Town) -> None:
    announce(settled)
    settled.poll("2025-04-23T08:45:00Z")
    report(settled)
    settled.poll("2025-04-23T12:00:00Z")
    (alert,) = settled.mail()
    assert "good" in alert["Subject"]
    (latest,) = settled.ask("inspections", "--since", "2025-01-01")
    assert latest["state"] == "published"


def test_a_report_that_says_other_than_the_announcement_is_told_again_as_that(settled: Town) -> None:
    announce(settled)
    settled.poll("2025-04-23T08:45:00Z")
    report(settled, RI)
    settled.poll("2025-04-23T12:00:00Z")
    first, second = settled.mail()
    assert second["Subject"].startswith("Report differs:")
    assert second["In-Reply-To"] == first["Message-ID"]


def test_an_announcement_read_after_the_report_announces_nothing(settled: Town) -> None:
    report(settled)
    settled.poll("2025-04-23T08:45:00Z")
    announce(settled)
    settled.poll("2025-04-23T12:00:00Z")
    assert len(settled.mail()) == 1


def test_two_inspections_in_one_week_are_two_alerts(settled: Town) -> None:
    report(settled)
    letter(settled)
    settled.poll("2025-04-23T12:00:00Z")
    assert sorted(one["kind"] for one in settled.ask("inspections", "--since", "2025-01-01")) == [
        "focused_visit",
        "ilacs",
    ]
    assert len(settled.mail()) == 2


def test_the_same_headline_of_two_councils_is_two_inspections(settled: Town) -> None:
    (settled.folder / "authorities.csv").write_bytes((FIXTURES / "authorities.csv").read_bytes())
    settings = settled.folder / "ofsted-watch.toml"
    settings.write_text(settings.read_text("utf-8").replace('n"]', 'n", "Marlshire"]', 1), "utf-8")
    other = Town(settled.site, settled.folder, authority="Marlshire", urn="89901")
    other.reports = settled.reports[:1]
    settled.site[f"/provider/44/{other.urn}"] = lambda asked: page(other._provider(), asked)
    settled.poll("2025-04-02T09:00:00Z")
    for name in ("Blackburn with Darwen", "Marlshire"):
        said = f"Inspectors have praised the council in a report published today. {name} Council’s children’s services "
        announce(settled, said + f"were rated good by Ofsted. The inspection of {name} was in March 2025.",
                 slug=name.lower().replace(" ", "-"), title="Inspectors praise children’s services")  # fmt: skip
    settled.poll("2025-04-23T12:00:00Z")
    found = settled.ask("inspections", "--since", "2025-04-01")
    assert sorted(one["authority"] for one in found) == ["Blackburn with Darwen", "Marlshire"]
    assert len(settled.mail()) == 2


def test_an_old_visit_inside_a_new_story_opens_no_inspection_of_its_own(settled: Town) -> None:
    announce(settled, "Children’s services in Blackburn with Darwen have been rated good by Ofsted in a report published "
                      "today, after the inspection of March 2025.",
             "A focused visit in October 2023 had found weaknesses in the service for care leavers.")  # fmt: skip
    settled.poll("2025-04-23T08:45:00Z")
    (found,) = settled.ask("inspections", "--since", "2023-01-01")
    assert found["kind"] == "ilacs"
    assert len(settled.mail()) == 1


def test_a_report_that_is_put_up_again_under_a_new_link_is_the_same_inspection(settled: Town) -> None:
    report(settled)
    settled.poll("2025-04-23T12:00:00Z")
    report(settled, RI, id="50276999")
    settled.poll("2025-04-25T12:00:00Z")
    first, second = settled.mail()
    assert second["Subject"].startswith("Correction:")
    (latest,) = settled.ask("inspections", "--since", "2025-01-01")
    assert (latest["state"], latest["judgements"]["overall"]) == ("corrected", "requires_improvement")
    assert second["In-Reply-To"] == first["Message-ID"]


def test_reading_everything_again_after_a_restart_is_no_event(settled: Town) -> None:
    announce(settled)
    report(settled)
    settled.poll("2025-04-23T12:00:00Z")
    query = "select count(*) from events"
    before = settled.ask("sql", query), settled.ask("inspections")
    for day in (24, 25, 26):
        settled.poll(f"2025-04-{day}T12:00:00Z")
    assert (settled.ask("sql", query), settled.ask("inspections")) == before
    assert len(settled.mail()) == 1


def redesign(town: Town) -> None:
    """Every article of the newsroom stands under another address, one of them on an old outcome."""
    town.news = [Story(f"archive/{n}", f"Road works on Mill Lane, part {n}", f"Published Monday {n} January 2024 at 9:10",
                       ["Works go on as planned."]) for n in range(1, 12)]  # fmt: skip
    announce(town, slug="archive/rated", day="Wednesday 19 March 2025")


def test_a_redesign_holds_its_alerts_and_a_new_judgement_of_ofsted_passes(settled: Town) -> None:
    redesign(settled)
    report(settled)
    settled.poll("2025-04-23T12:00:00Z")
    (alert,) = settled.mail()
    assert "good" in alert["Subject"]
    assert all("redesign" in one["held"] for one in settled.ask("alerts", "list", "--state", "held"))


def test_what_is_held_is_told_when_it_is_released_and_never_when_it_is_dismissed(settled: Town) -> None:
    redesign(settled)
    settled.poll("2025-04-02T12:00:00Z")
    assert settled.mail() == []
    (held,) = settled.ask("alerts", "list", "--state", "held")
    assert held["type"] == "announced"
    settled.run("alerts", "release", held["id"], now="2025-04-02T13:00:00Z")
    assert len(settled.mail()) == 1
    assert settled.ask("alerts", "list", "--state", "held") == []


def test_what_is_dismissed_is_never_told(settled: Town) -> None:
    redesign(settled)
    settled.poll("2025-04-02T12:00:00Z")
    assert "1 dismissed" in settled.run("alerts", "dismiss", now="2025-04-02T13:00:00Z").stdout
    settled.run("alerts", "release", now="2025-04-02T14:00:00Z")
    settled.poll("2025-04-02T15:00:00Z")
    assert settled.mail() == []
    assert len(settled.ask("inspections", "--since", "2025-01-01")) == 1


def test_a_restored_archive_holds_what_was_published_since_the_copy(settled: Town, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar"
    settled.run("backup", str(copy), now="2025-04-02T09:00:00Z")
    report(settled)
    settled.poll("2025-04-23T12:00:00Z")
    assert len(settled.mail()) == 1
    settled.run("restore", str(copy), "--yes", now="2025-04-24T09:00:00Z")
    settled.poll("2025-04-24T10:00:00Z")
    assert len(settled.mail()) == 1
    (held,) = settled.ask("alerts", "list", "--state", "held")
    assert held["type"] == "published"


def test_a_merge_and_a_split_are_remembered_whatever_is_read_later(settled: Town) -> None:
    announce(settled)
    settled.poll("2025-04-23T08:45:00Z")
    report(settled)
    settled.poll("2025-04-23T12:00:00Z")
    (latest,) = settled.ask("inspections", "--since", "2025-01-01")
    (said,) = [claim for claim in settled.ask("show", latest["id"])[0]["claims"] if not claim["official"]]
    settled.run("split", latest["id"], f"{said['source']}/{said['ref']}", now="2025-04-23T13:00:00Z")
    apart = settled.ask("inspections", "--since", "2025-01-01")
    assert sorted(one["state"] for one in apart) == ["announced", "published"]
    announce(settled, slug="again", day="Thursday 24 April 2025")
    settled.poll("2025-04-24T12:00:00Z")
    assert len(settled.ask("inspections", "--since", "2025-01-01")) == 2
    settled.run("merge", apart[0]["id"], apart[1]["id"], now="2025-04-24T13:00:00Z")
    (whole,) = settled.ask("inspections", "--since", "2025-01-01")
    assert whole["id"] == latest["id"]
    for one in apart:
        assert settled.ask("show", one["id"])[0]["inspection"]["id"] == whole["id"]
