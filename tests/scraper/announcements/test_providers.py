"""Several providers in one text: each has its own grade, or none has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspections.authorities import Authorities
from inspections.model import Kind
from scraper import article
from scraper.announcements import cues, providers
from scraper.model import Page

FIXTURES = Path(__file__).parents[3] / "fixtures"


@pytest.fixture(scope="module")
def table() -> Authorities:
    return Authorities.load(FIXTURES / "authorities.csv")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Both homes, The Copse and Mill Lodge, were visited.", ["The Copse", "Mill Lodge"]),
        ("Two homes in Marlshire, Birch House and Fern Cottage, were visited.", ["Birch House", "Fern Cottage"]),
        ("The Copse was visited, as was Mill Lodge. Both homes are run by the council.", ["Mill Lodge", "The Copse"]),
        ("The home in Marlshire, Birch House, was visited.", ["Birch House"]),
        ("Rose and Crown House, a home, was visited.", ["Rose and Crown House"]),
        ("The Council and The Leader praised two homes. Birch House was visited.", ["Birch House"]),
        ("Two homes were visited.", []),
    ],
)
def test_homes_are_named_one_by_one(text: str, names: list[str]) -> None:
    assert providers.providers(cues.sentences(None, text), Kind.CHILDRENS_HOME) == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Copse was rated good and Mill Lodge was rated outstanding.",
         {"The Copse": "good", "Mill Lodge": "outstanding"}),
        ("The Copse and Mill Lodge were rated good and outstanding respectively.",
         {"The Copse": "good", "Mill Lodge": "outstanding"}),
        ("The Copse and Mill Lodge were both rated good.", {"The Copse": "good", "Mill Lodge": "good"}),
        ("One was rated good and the other was rated outstanding.", {None: None}),
        ("One home was rated good. Another home was rated requires improvement.", {None: None}),
        ("Both were rated good.", {None: "good"}),
    ],
)  # fmt: skip
def test_each_home_has_its_own_grade_or_none_has_one(
    table: Authorities, text: str, expected: dict[str | None, str | None]
) -> None:
    page = f"Homes inspected\nOfsted has published reports on two of Marlshire Council’s children’s homes. {text}"
    findings = article.read(Page(body=page.encode(), content_type="text/plain"), None, table).findings
    assert {finding.provider: finding.judgements.get("overall") for finding in findings} == expected
    told = any("several providers with different grades" in note for note in findings[0].notes)
    assert told is (None in expected.values())
