"""The case of the person who asked for this: two announcements, two official documents, two alerts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.conftest import Report, Story, Town

VISIT = "2024-05-24"
JUDGEMENT = "2025-04-23"


def seed(corpus: Path, name: str) -> tuple[str, list[str]]:
    """Headline and paragraphs of one of the user's documents, without date line, comments and widgets."""
    lines = [line.strip() for line in (corpus / "seeds" / name).read_text("utf-8").splitlines() if line.strip()]
    return lines[0], lines[1:]


@pytest.fixture
def history(town: Town, corpus: Path) -> Town:
    """The town as it was before: two older inspections are on Ofsted's page."""
    reports = corpus / "reports"
    town.reports += [
        Report("50004442", "Single inspection of LA children's services as pdf", "25 September 2017", "08 December 2017",
               (reports / "sif--blackburn-with-darwen-borough-council--2017-12-08.pdf").read_bytes()),
        Report("50178891", "Children's services inspection", "24 January 2022", "18 March 2022",
               (reports / "ilacs--blackburn-with-darwen--2022-03-18.pdf").read_bytes()),
    ]  # fmt: skip
    town.poll("2024-05-20T09:00:00Z")
    return town


def publish_visit(town: Town, corpus: Path) -> None:
    title, paragraphs = seed(corpus, "000_b87bceb919d869ca.txt")
    town.news.append(
        Story("young-people-leaving-care", title, "Published Friday 24 May 2024 at 9:37", paragraphs[1:-1])
    )
    letter = corpus / "reports" / "focused-visit--blackburn-with-darwen--2024-05-24.pdf"
    town.reports.append(
        Report("50247201", "Children's services focused visit", "23 April 2024", "24 May 2024", letter.read_bytes())
    )


def publish_judgement(town: Town, corpus: Path) -> None:
    title, paragraphs = seed(corpus, "004_7611f33f2ccc8399.txt")
    end = paragraphs.index("Comments")
    town.blog.append(Story("good-ofsted-judgement_90601", title, JUDGEMENT, paragraphs[1:end]))
    report = corpus / "reports" / "ilacs--blackburn-with-darwen--2025-04-23.pdf"
    town.reports.append(
        Report("50276001", "Children's services inspection", "03 March 2025", "23 April 2025", report.read_bytes())
    )


@pytest.mark.corpus
def test_the_first_reading_alerts_nobody_and_knows_the_past(history: Town) -> None:
    assert history.mail() == []
    assert [one["kind"] for one in history.ask("inspections")] == ["ilacs", "sif"]


@pytest.mark.corpus
def test_the_newsroom_and_the_letter_are_one_inspection_and_one_alert(history: Town, corpus: Path) -> None:
    publish_visit(history, corpus)
    history.poll(f"{VISIT}T09:00:00Z")
    visit = history.ask("inspections", "--kind", "focused_visit")
    assert len(visit) == 1
    assert (visit[0]["inspected_from"], visit[0]["inspected_to"]) == ("2024-04-23", "2024-04-24")
    assert (visit[0]["published_on"], visit[0]["state"]) == (VISIT, "published")
    (alert,) = history.mail()
    assert "Blackburn with Darwen" in alert["Subject"]
    assert "focused visit" in alert["Subject"]


@pytest.mark.corpus
def test_the_blog_and_the_report_are_one_inspection_and_one_alert_with_the_contrast(
    history: Town, corpus: Path
) -> None:
    publish_visit(history, corpus)
    history.poll(f"{VISIT}T09:00:00Z")
    publish_judgement(history, corpus)
    history.poll(f"{JUDGEMENT}T12:00:00Z")
    (latest,) = history.ask("inspections", "--since", "2025-01-01")
    assert latest["judgements"]["overall"] == "good"
    assert latest["judgements"]["care_leavers"] == "requires_improvement"
    assert latest["previous"]["overall"] == "requires_improvement"
    alerts = history.mail()
    assert len(alerts) == 2
    assert "requires improvement → good" in alerts[1]["Subject"]
    text = alerts[1].get_body(("plain",)).get_content()
    shown = history.run("show", latest["id"], now="2026-01-01T00:00:00Z").stdout
    for place in (text, shown):
        assert "across the board" in " ".join(place.split())
        assert "are leavers" in place


@pytest.mark.corpus
def test_reading_the_same_pages_again_adds_nothing_and_alerts_nobody(history: Town, corpus: Path) -> None:
    publish_visit(history, corpus)
    publish_judgement(history, corpus)
    history.poll(f"{JUDGEMENT}T12:00:00Z")
    told, known = len(history.mail()), history.ask("inspections")
    for hour in (13, 14, 15):
        history.poll(f"{JUDGEMENT}T{hour}:00:00Z")
    assert len(history.mail()) == told
    assert history.ask("inspections") == known
