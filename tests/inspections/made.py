"""A made history of one council: sixty publications of nine years, with every trap that resolution has to pass."""

from __future__ import annotations

from datetime import date
from typing import Any

from inspections.days import Day
from inspections.model import Certainty, Claim, Evidence, Finding, Grade, Kind, Outcome

GOOD, RI, INADEQUATE = Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE
JOINT = ("leaders", "help_protection", "in_care_and_care_leavers", "overall")
SPLIT = ("leaders", "help_protection", "in_care", "care_leavers", "overall")


class History:
    """Claims in the order in which they are made; each page's id, source and day are its own, whatever the order."""

    def __init__(self) -> None:
        self.claims: list[Claim] = []

    def add(
        self, kind: Kind, certainty: Certainty, day: str, *, source: str, page: bool = True, **finding: Any
    ) -> None:
        number = len(self.claims)
        days = {key: Day(value) if key.endswith(("_on", "_from", "_to")) else value for key, value in finding.items()}
        self.claims.append(
            Claim(
                id=f"c{number:02}", seq=number, source=source, ref=f"{50000000 + number}", title=f"Page {number}",
                url=f"https://example.org/{number}", official=certainty == Certainty.PUBLISHED,
                published_on=Day(day) if page else None, seen_on=date.fromisoformat(day),
                finding=Finding(kind=kind, authority="Marlshire", certainty=certainty, **days),
            )
        )  # fmt: skip

    def report(self, kind: Kind, start: str, end: str, day: str, grades: dict[str, Grade], **more: Any) -> None:
        read = {"judgements.overall": Evidence(text="Overall effectiveness", page=1)}
        self.add(kind, Certainty.PUBLISHED, day, source="ofsted-80999", inspected_from=start, inspected_to=end,
                 judgements=grades, evidence=read, **more)  # fmt: skip

    def press(self, kind: Kind, day: str, certainty: Certainty = Certainty.ANNOUNCED, **finding: Any) -> None:
        for source, later in (("newsroom", 0), ("gazette", 1), ("blog", 5)):
            out = date.fromordinal(date.fromisoformat(day).toordinal() + later).isoformat()
            self.add(
                kind,
                certainty,
                out,
                source=source,
                page=source != "blog",
                theme=source,
                notes=(f"as the {source} says",),
                **finding,
            )


def history() -> list[Claim]:
    """Sixty claims on fourteen inspections, three of them without a report."""
    made = History()
    for year, grade, areas in ((2018, RI, JOINT), (2021, INADEQUATE, JOINT), (2024, RI, SPLIT)):
        made.report(Kind.ILACS, f"{year}-03-05", f"{year}-03-16", f"{year}-04-30", dict.fromkeys(areas, grade))
        made.press(Kind.ILACS, f"{year}-04-30", judgements={"overall": grade})
        made.add(Kind.ILACS, Certainty.BEFORE, f"{year}-03-06", source="gazette", inspected_from="XXXX-03-05")
        made.add(Kind.ILACS, Certainty.AFTER, f"{year}-09-10", source="gazette", judgements={"overall": grade})
        for month in ("02", "10"):
            made.report(
                Kind.FOCUSED_VISIT, f"{year + 1}-{month}-04", f"{year + 1}-{month}-05", f"{year + 1}-{month}-27", {}
            )
            made.press(Kind.FOCUSED_VISIT, f"{year + 1}-{month}-27")
    made.add(Kind.ILACS, Certainty.PUBLISHED, "2024-04-30", source="tables", inspected_from="2024-03-06",
             judgements={"overall": RI})  # fmt: skip
    made.report(Kind.ILACS, "2024-03-05", "2024-03-16", "2024-05-10", dict.fromkeys(SPLIT, GOOD))  # it is corrected
    made.press(Kind.AREA_SEND, "2024-05-02", outcome=Outcome.INCONSISTENT)
    made.report(Kind.AREA_SEND, "2024-02-19", "2024-02-23", "2024-05-02", {}, outcome=Outcome.INCONSISTENT)
    made.press(Kind.AREA_SEND, "2020-01-20")  # no report of it was ever read
    made.add(Kind.JTAI, Certainty.BEFORE, "2025-06-02", source="newsroom", inspected_from="2025-06-02")
    made.add(Kind.JTAI, Certainty.BEFORE, "2025-07-14", source="blog", page=False)
    made.add(Kind.OTHER, Certainty.UNDECIDED, "2025-01-01", source="blog")
    made.report(Kind.JTAI, "2022-11-07", "2022-11-11", "2022-12-20", {}, priority_action=True)
    made.add(Kind.ILACS, Certainty.ANNOUNCED, "2025-02-27", source="paper")  # a visit, called an inspection
    made.press(Kind.ILACS, "2023-06-01", judgements={"overall": GOOD, "all": GOOD}, inspected_from="2023-04")
    made.add(Kind.AREA_SEND, Certainty.AFTER, "2024-11-20", source="gazette", page=False, outcome=Outcome.INCONSISTENT)
    return made.claims
