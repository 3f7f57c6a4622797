"""Which grade is new, which is an earlier one, and which is nobody's: clause by clause."""

from __future__ import annotations

from datetime import date

import pytest

from inspections.model import Kind
from scraper.announcements import cues, grades

NOW = date(2025, 4, 24)


def roles(text: str, now: date | None = None) -> list[str]:
    return [
        f"{row.mention.grade} {row.role}" + (f" {row.year}" if row.year else "")
        for sentence in cues.sentences(None, text)
        for row in grades.graded(sentence, Kind.ILACS, now)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Services jumped from inadequate to good, Ofsted said.", ["inadequate earlier", "good new"]),
        ("Ofsted rated the services good, up from ‘requires improvement’.", ["good new", "requires_improvement earlier"]),
        ("Services have moved out of ‘inadequate’.", ["inadequate earlier"]),
        ("Services are no longer inadequate.", ["inadequate earlier"]),
        ("Services remain inadequate.", ["inadequate again"]),
        ("The council retained its ‘good’ rating.", ["good again"]),
        ("It was rated outstanding for the third time in a row.", ["outstanding again"]),
        ("Services require improvement to be good.", ["requires_improvement new"]),
        ("They were rated inadequate in 2019 but have now been rated good.", ["inadequate earlier 2019", "good new"]),
        ("‘Inadequate’ children's services to improve, Ofsted says.", ["inadequate aside"]),
        ("Staff at Elm House, rated outstanding by Ofsted, sang.", ["outstanding aside"]),
        ("The CQC rated adult social care as ‘good’.", ["good aside"]),
        ("Councils are rated either outstanding, good, requires improvement or inadequate.", []),
        ("Inspectors found good practice and outstanding relationships.", []),
        ("We are on our journey to good, and then to outstanding.", []),
        ("Services fall short of ‘good’, Ofsted found.", []),
        ("More than 90 per cent of schools are good or outstanding.", []),
    ],
)  # fmt: skip
def test_a_grade_has_the_role_that_its_clause_gives_it(text: str, expected: list[str]) -> None:
    assert roles(text) == expected


def test_a_dated_grade_is_new_only_where_the_text_is_of_that_time() -> None:
    text = "An inspection in November 2024 rated services good."
    assert roles(text, NOW) == ["good new 2024"]
    assert roles(text, date(2026, 4, 24)) == ["good earlier 2024"]
    assert roles(text) == ["good earlier 2024"]
