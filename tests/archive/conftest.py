"""A fresh archive, and publications of invented councils to put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from archive import Archive
from inspections.days import Day
from inspections.model import Certainty, Finding, Grade, Kind, Publication

NOW = datetime(2025, 4, 24, 9, 0, tzinfo=UTC)


class Alert(Struct, frozen=True, kw_only=True):
    """As `alerts.model.Delivery`, which this room does not know."""

    recipient: str = "email:a@example.org"
    inspection: str
    event: str = "published"
    due_at: datetime = NOW
    digest: bool = False
    every_stage: bool = False
    subscription: str = "north"


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "state") as opened:
        yield opened


@pytest.fixture
def report() -> Callable[..., Publication]:
    """Ofsted's report on a council: published on `day`, inspected in the month before."""

    def made(
        ref: str = "50100001", authority: str = "Northmoor", day: str = "2025-04-23", text: str = "", **finding: Any
    ) -> Publication:
        facts: dict[str, Any] = {
            "kind": Kind.ILACS, "authority": authority, "certainty": Certainty.PUBLISHED, "published_on": Day(day),
            "judgements": {"overall": Grade.GOOD, "care_leavers": Grade.REQUIRES_IMPROVEMENT},
        }  # fmt: skip
        if facts["kind"] == Kind.ILACS:
            month = Day(day).first
            assert month is not None
            start = Day.of(month.year if month.month > 1 else month.year - 1, (month.month - 2) % 12 + 1, 3)
            facts |= {"inspected_from": start, "inspected_to": Day(start[:8] + "14")}
        return Publication(
            source="ofsted", ref=ref, url=f"https://reports.example/{ref}", title=f"Inspection of {authority}",
            published_on=Day(day), official=True, document_sha256="0" * 64, type="report",
            text=text or f"Children in {authority} are helped early.\fPersonal advisers know their care leavers well.",
            findings=(Finding(**{**facts, **finding}),),
        )  # fmt: skip

    return made


@pytest.fixture
def article() -> Callable[..., Publication]:
    """A newsroom's announcement, "good across the board"."""

    def made(
        ref: str = "https://news.example/1", authority: str = "Northmoor", day: str = "2025-04-23", text: str = "",
        **finding: Any,
    ) -> Publication:  # fmt: skip
        facts: dict[str, Any] = {
            "kind": Kind.ILACS, "authority": authority, "certainty": Certainty.ANNOUNCED, "published_on": Day(day),
            "judgements": {"all": Grade.GOOD},
        }  # fmt: skip
        return Publication(
            source="gazette", ref=ref, url=ref, title=f"Praise for {authority}", published_on=Day(day), type="article",
            text=text or "Inspectors found us good across the board.", findings=(Finding(**{**facts, **finding}),),
        )  # fmt: skip

    return made


@pytest.fixture
def alert() -> Callable[..., Alert]:
    return Alert
