"""The real documents as claims: every report read once a session, every announcement with the day it was fetched."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import Certainty, Claim, Finding, Kind
from scraper.child import Readers
from scraper.model import Page, Source

# When each page was fetched: its day of publication as far as it is known, else a day that its text or the story's
# event allows. Public facts; the texts themselves lie beside the checkout.
FETCHED = {
    "001": "2022-03-18", "002": "2023-07-14", "003": "2019-08-07", "004": "2025-04-23", "005": "2025-04-24",
    "006": "2025-04-24", "007": "2023-07-17", "008": "2026-02-20", "009": "2023-08-08", "020": "2025-01-29",
    "021": "2025-01-20", "022": "2022-07-27", "027": "2022-05-05", "029": "2023-11-22", "033": "2024-03-22",
    "037": "2025-05-13", "038": "2025-05-16", "039": "2024-03-20", "044": "2022-11-25", "049": "2025-11-10",
    "066": "2021-11-26", "068": "2018-07-20", "073": "2026-01-14", "074": "2023-01-13", "075": "2024-11-21",
    "077": "2025-06-20", "079": "2021-12-06", "082": "2019-03-20", "083": "2022-09-05", "090": "2021-11-19",
    "096": "2025-12-01", "106": "2024-10-02", "107": "2024-06-20", "108": "2024-12-24", "109": "2025-03-19",
    "112": "2026-01-08", "136": "2022-04-12", "137": "2022-04-14", "140": "2025-11-12",
}  # fmt: skip
KINDS = {"ilacs_unspecified": "ilacs", "area_send_full": "area_send"}


class Labelled(Struct, frozen=True, kw_only=True):
    """A claim with what a person says that it is."""

    claim: Claim
    row: dict[str, str]

    @property
    def official(self) -> bool:
        return self.claim.official


@pytest.fixture(scope="session")
def table() -> Authorities:
    return Authorities.load()


@pytest.fixture(scope="session")
def reports(corpus: Path, table: Authorities) -> list[Labelled]:
    """Each report of the corpus as the service would hold it: published on the day that its label gives."""
    with (corpus / "reports" / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with Readers(number=2) as readers, ThreadPoolExecutor(2) as pool:

        def read(row: dict[str, str]) -> tuple[Finding, ...]:
            body = (corpus / "reports" / row["file"]).read_bytes()
            return readers.read(Page(body=body, content_type="application/pdf"), as_type="report").findings

        readings = list(pool.map(read, rows))
    made = []
    for number, (row, findings) in enumerate(zip(rows, readings, strict=True)):
        day = date.fromisoformat(row["published"])
        authority = table.find(row["authority"], day)
        assert authority, row["authority"]
        for finding in findings:
            claim = Claim(
                id=f"r{number}", seq=number, source=f"ofsted-{row['urn']}", ref=str(50000000 + number),
                title=row["file"], url=f"https://reports.example/{number}", official=True,
                published_on=Day(row["published"]), seen_on=day, finding=_of(finding, authority.name),
            )  # fmt: skip
            made.append(Labelled(claim=claim, row={**row, "authority": authority.name}))
    return made


@pytest.fixture(scope="session")
def announcements(corpus: Path, table: Authorities) -> list[Labelled]:
    """Each announcement of the corpus, read as a page of its newsroom; those before and after an outcome too."""
    from scraper import article

    folder, made = corpus / "announcements", []
    with (folder / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["id"] in FETCHED]
    for number, row in enumerate(rows, 1000):
        fetched = date.fromisoformat(FETCHED[row["id"]])
        source = Source(
            id=sha256(row["publisher"].encode()).hexdigest()[:8], name=row["publisher"], url=row["url"], parser="feed",
            authority=row["authority"] or None, publisher=row["publisher_kind"],
        )  # fmt: skip
        body = (folder / row["file"]).read_bytes()
        reading = article.read(Page(body=body, content_type="text/plain", fetched_on=fetched), source, table)
        for n, finding in enumerate(reading.findings or _spoken_of(row)):
            # One condensed text names no council (its address does), so that its label has to.
            finding = _of(finding, finding.authority or row["authority"])
            claim = Claim(
                id=f"a{row['id']}.{n}", seq=number, source=source.id, ref=row["url"], title=reading.title or "",
                url=row["url"], official=False, published_on=reading.published_on, seen_on=fetched, finding=finding,
            )  # fmt: skip
            made.append(Labelled(claim=claim, row=row))
    return made


@pytest.fixture(scope="session")
def seeds(corpus: Path, table: Authorities) -> list[Claim]:
    """The two documents of the user, as their sites' declarations have them read."""
    from scraper import article

    made = []
    for n, (day, path) in enumerate(
        zip(("2024-05-24", "2025-04-23"), sorted((corpus / "seeds").glob("*.txt")), strict=True), 2000
    ):
        source = Source(id=f"seed{n}", name="A newsroom", url="https://news.example/", parser="feed",
                        authority="Blackburn with Darwen")  # fmt: skip
        page = Page(body=path.read_bytes(), content_type="text/plain", fetched_on=date.fromisoformat(day))
        (finding,) = article.read(page, source, table).findings
        made.append(
            Claim(id=f"s{n}", seq=n, source=source.id, ref=path.name, title=path.name, url=source.url, official=False,
                  published_on=None, seen_on=date.fromisoformat(day), finding=finding)
        )  # fmt: skip
    return made


def _of(finding: Finding, authority: str) -> Finding:
    return replace(finding, authority=authority or None)


def _spoken_of(row: dict[str, str]) -> Iterator[Finding]:
    """What a page says that tells of no new outcome: that there is an inspection, by its label."""
    certainty = Certainty.BEFORE if row["notes"].startswith("before") else Certainty.AFTER
    kind = row["event"].split("-")[1] if row["event"] else ""
    if kind and row["authority"]:
        yield Finding(kind=Kind(kind), authority=row["authority"], certainty=certainty)
    elif row["id"] == "140":  # the cabinet on a focused visit of July
        yield Finding(kind=Kind.FOCUSED_VISIT, authority=row["authority"], certainty=certainty)
