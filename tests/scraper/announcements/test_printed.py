"""A body in no table: its printed name where the judged service bears it, and nothing where the words are no name."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspections.authorities import Authorities
from scraper import article
from scraper.model import Page, Reading, Source

FIXTURES = Path(__file__).parents[3] / "fixtures"
OUT = "Ofsted’s report on the services was published today."
RATED = "Children’s services rated good"


@pytest.fixture(scope="module")
def table() -> Authorities:
    return Authorities.load(FIXTURES / "authorities.csv")


def read(table: Authorities, title: str, text: str, own: str | None = None) -> Reading:
    source = Source(id="own", name="Own", url="https://own.example/", parser="listing", authority=own)
    page = Page(body=f"{title}\n{text}".encode(), content_type="text/plain")
    return article.read(page, source if own else None, table)


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("Ofsted inspection: Ashcombe Vale children’s services judged requires improvement to be good", OUT, "Ashcombe Vale"),
        ("Northmere children’s services rated good", OUT, "Northmere"),
        (RATED, "Ofsted has rated children’s services in Northmere good, in a report published today.", "Northmere"),
        (RATED, "Ofsted has rated Holm Council’s children’s services good in a report published today.", "Holm"),
        (RATED, "Ofsted has rated Holm City Council good for its children’s services, it said today.", "Holm"),
        (RATED, "Ofsted has rated the Royal Borough of Northmere’s children’s services good, it said today.", "Northmere"),
        (RATED, "Children’s services at Wick-on-Sea have been rated good by Ofsted in a new report.", "Wick-on-Sea"),
        (RATED, "Wold and Harbour’s children’s services have been rated good by Ofsted in a new report.", "Wold and Harbour"),
        ("North Marlshire children’s services rated good", OUT, "North Marlshire"),
        (RATED, "Children’s services in St. Northmere have been rated good by Ofsted in a new report.", "St. Northmere"),
        ("Northmere Children’s Services Rated Good By Ofsted", "Families of Northmere read it today.", "Northmere"),
    ],
)  # fmt: skip
def test_the_judged_service_bears_the_name(table: Authorities, title: str, text: str, name: str) -> None:
    (finding,) = read(table, title, text).findings
    assert finding.authority == name
    assert any(f"{name} is as printed; the table of authorities does not have it" in note for note in finding.notes)


@pytest.mark.parametrize(
    "lead",
    [
        "Ofsted has rated the council’s children’s services good.",
        "Ofsted has rated the borough’s children’s services good.",
        "Ofsted has rated our children’s services good.",
        "Local children’s services have been rated good by Ofsted.",
        "Council children’s services have been rated good by Ofsted.",
        "Vulnerable children’s services have been rated good by Ofsted.",
        "Improving children’s services have been rated good by Ofsted.",
        "Improved children’s services have been rated good by Ofsted.",
        "Newly children’s services have been rated good by Ofsted.",
        "Outstanding children’s services were rated good by Ofsted.",
        "City children’s services have been rated good by Ofsted.",
        "County Council children’s services have been rated good by Ofsted.",
        "The City Council’s children’s services have been rated good by Ofsted.",
        "English children’s services have been rated good by Ofsted.",
        "Ofsted has rated children’s services in England good.",
        "Ofsted has rated children’s services in the North West good.",
        "Ofsted has rated children’s services in the East Midlands good.",
        "Ofsted has rated children’s services in East Anglia good.",
        "Ofsted has rated children’s services in March as good.",
        "Ofsted has rated children’s services on Tuesday as good.",
        "Barnardo’s children’s services have been rated good by Ofsted.",
        "Brightwater Trust’s children’s services have been rated good by Ofsted.",
        "Brightwater Foundation children’s services have been rated good by Ofsted.",
        "Stepping University’s children’s services have been rated good by Ofsted.",
        "Cllr Ann Hollis’s children’s services have been rated good by Ofsted.",
        "Ann Hollis’s children’s services have been rated good by Ofsted. “Good,” said Ann Hollis.",
        "Mrs Hollis’s children’s services have been rated good by Ofsted.",
        "Ofsted has rated the services good, said Ann Hollis, Director of Children’s Services.",
        "Two Children’s Services have been rated good by Ofsted.",
        "Parish Council thanks staff after Ofsted rated children’s services good.",
        "Ofsted has rated children’s services good. They are supported by Northmere Council.",
        "Ofsted has rated children’s services good, unlike those of neighbouring Northmere Council.",
        "Ofsted has rated the children’s services good. “I joined from Northmere Council,” said the director.",
        "Ofsted Has Rated Delighted Council Children’s Services Good.",
    ],
)  # fmt: skip
def test_words_that_are_no_name_give_none(table: Authorities, lead: str) -> None:
    findings = read(table, RATED, f"{lead} {OUT}").findings
    assert [finding.authority for finding in findings] == [None]


def test_an_authority_of_the_table_that_is_judged_stands_before_any_printed_name(table: Authorities) -> None:
    text = (
        f"Ofsted has rated children’s services in Marlshire good. Northmere Council was rated inadequate in 2019. {OUT}"
    )
    assert [finding.authority for finding in read(table, RATED, text).findings] == ["Marlshire"]
    both = f"Ashcombe’s children’s services are rated good. Ashcombe Vale Council sent congratulations. {OUT}"
    assert [finding.authority for finding in read(table, RATED, both).findings] == ["Ashcombe"]


def test_the_councils_own_site_stands_before_a_printed_name_where_it_speaks_of_itself(table: Authorities) -> None:
    ours = f"Our children’s services are rated good by Ofsted, as children’s services in Pellbury show. {OUT}"
    assert [finding.authority for finding in read(table, RATED, ours, "Marlshire").findings] == ["Marlshire"]
    theirs = f"Northmere Council’s children’s services are rated good by Ofsted. The council is pleased. {OUT}"
    assert [finding.authority for finding in read(table, RATED, theirs, "Marlshire").findings] == ["Northmere"]


def test_a_school_story_does_not_take_the_council_that_it_mentions(table: Authorities) -> None:
    text = "Hollowbrook Primary School has been rated good by Ofsted. Northmere Council congratulated it today."
    assert [finding.authority for finding in read(table, "School rated good", text).findings] == [None]
