"""What happens in the demo, act by act. Data only: the driver moves the clock, the replica shows what is new."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct


class Act(Struct, frozen=True, kw_only=True):
    """One step of the story. `at` is on the demo's own clock, aware UTC; in January that is also London's time."""

    number: int
    at: datetime
    name: str
    told: str  # for the person who watches


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


ACTS = (
    Act(
        number=1, at=_at(19, 16, 0), name="first reading",
        told="Monday 19 January 2026, 16:00. Three invented councils are watched. Their past is read, without alerts.",
    ),
    Act(
        number=2, at=_at(20, 9, 15), name="the council announces",
        told="Tuesday, 09:15. Marlshire's newsroom says that its children's services are rated good overall.",
    ),
    Act(
        number=3, at=_at(20, 9, 40), name="Ofsted publishes",
        told="Tuesday, 09:40. Ofsted publishes the report on the same inspection.",
    ),
    Act(
        number=4, at=_at(20, 12, 30), name="the blog copies",
        told="Tuesday, 12:30. A local blog writes about it, comments and widgets below.",
    ),
    Act(
        number=5, at=_at(21, 9, 40), name="a focused visit",
        told="Wednesday, 09:40. Ofsted publishes a letter on a focused visit to Westfold. Such letters hold no grade.",
    ),
    Act(
        number=6, at=_at(22, 9, 40), name="a dead link",
        told='Thursday, 09:40. A new report on Westfold is listed; its link answers with a page "Report not found".',
    ),
    Act(
        number=7, at=_at(23, 10, 20), name="a correction",
        told="Friday, 10:20. Ofsted replaces the report on Eastmere of last week: same link, another grade.",
    ),
    Act(
        number=8, at=_at(23, 12, 30), name="the newsroom goes dark",
        told="Friday, 12:30. Marlshire's newsroom answers 503.",
    ),
    Act(
        number=9, at=_at(26, 9, 40), name="the newsroom stays dark",
        told="Monday, 09:40. It has been dark for more than a day: the operator is told, once.",
    ),
    Act(
        number=10, at=_at(27, 9, 40), name="the newsroom comes back",
        told="Tuesday, 09:40. The newsroom is back, with one more story.",
    ),
)  # fmt: skip
