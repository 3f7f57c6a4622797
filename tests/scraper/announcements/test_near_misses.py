"""Invented announcements and what only looks like one: what is read from each must be exactly what it says."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from inspections.authorities import Authorities
from inspections.model import Certainty, to_plain
from scraper import article
from scraper.model import Page, Reading, Source

FIXTURES = Path(__file__).parents[3] / "fixtures"


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['name']}")
        for file in sorted((FIXTURES / "announcements").glob("*.toml"))
        for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    ]


def from_tuple(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


@cache
def table() -> Authorities:
    return Authorities.load(FIXTURES / "authorities.csv")


def read(case: dict[str, Any]) -> Reading:
    name = case.get("source_authority")
    publisher = case.get("publisher", "council")
    source = Source(
        id="own", name="Own", url="https://own.example/news", parser="listing", authority=name, publisher=publisher
    )
    fetched_on = date.fromisoformat(case["fetched_on"]) if "fetched_on" in case else None
    page = Page(body=case["text"].strip().encode(), content_type="text/plain", fetched_on=fetched_on)
    return article.read(page, source if name else None, table())


@pytest.mark.parametrize("case", cases())
def test_a_page_says_what_it_says_and_no_more(case: dict[str, Any]) -> None:
    reading = read(case)
    expected = case["expect"]["findings"]
    stated = [
        {key: from_tuple(to_plain(finding)[key]) for key in wanted}
        for finding, wanted in zip(reading.findings, expected, strict=False)
    ]
    assert len(reading.findings) == len(expected), reading.notes
    assert stated == [{key: value if value != "" else None for key, value in wanted.items()} for wanted in expected]
    assert [finding.certainty for finding in reading.findings] == [
        wanted.get("certainty", Certainty.ANNOUNCED) for wanted in expected
    ]


@pytest.mark.parametrize("case", cases())
def test_every_decision_names_its_cue_and_every_fact_its_words(case: dict[str, Any]) -> None:
    reading = read(case)
    assert reading.notes
    words = f"{reading.title}\n{reading.text}"
    for finding in reading.findings:
        facts = [f"judgements.{area}" for area, grade in finding.judgements.items() if grade]
        facts += [name for name in ("inspected_from", "published_on", "outcome", "theme") if getattr(finding, name)]
        assert set(facts) <= set(finding.evidence)
        assert all(evidence.text in words and len(evidence.text) <= 300 for evidence in finding.evidence.values())


def test_there_are_twice_as_many_invented_texts_as_real_ones() -> None:
    assert len(cases()) >= 100
