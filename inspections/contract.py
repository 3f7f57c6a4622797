"""An inspection as it leaves the archive: in webhooks, on the command line, in the JSON of the pages. A contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from inspections.model import Certainty, Change, Grade, Inspection, Kind, Outcome, State, to_plain
from inspections.said import QUOTED, one_line, quoted

PrintedDay = Annotated[
    str, Meta(pattern=r"^(\d{4}|XXXX)-\d{2}(-\d{2})?$", description="2024-05-24, 2022-01, XXXX-04-23 or XXXX-03")
]
GradeOrOutcome = Annotated[str, Meta(extra_json_schema={"enum": [str(each) for each in (*Grade, *Outcome)]})]


class Quotation(Struct, frozen=True, kw_only=True):
    """The words from which a field was read, and where they stand."""

    text: Annotated[str, Meta(max_length=QUOTED)]
    page: int | None
    path: str | None


class Inspected(Struct, frozen=True, kw_only=True):
    """An inspection: its id, its state, then a finding's keys. null is unknown."""

    id: str
    state: State
    kind: Kind
    authority: str | None
    provider: str | None
    urn: str | None
    certainty: Certainty
    inspected_from: PrintedDay | None
    inspected_to: PrintedDay | None
    published_on: PrintedDay | None
    lead_inspector: str | None
    theme: str | None
    judgements: dict[str, Grade | None]
    previous: dict[str, Grade]
    outcome: Outcome | None
    priority_action: bool | None
    priority_actions: list[str]
    improvements: list[str]
    notes: list[str]
    evidence: dict[str, Quotation]


class Moved(Struct, frozen=True, kw_only=True):
    """One area, old → new."""

    area: str
    before: GradeOrOutcome | None = field(name="from")
    after: GradeOrOutcome | None = field(name="to")
    direction: Literal["up", "down", "same"] | None


def inspected(inspection: Inspection) -> dict[str, Any]:
    """An inspection as the contract writes it: `data.inspection`, and a line of `inspections --json`.

    Of publishers other than Ofsted no field holds more than 300 characters of their text.
    """
    plain = to_plain(inspection)
    kept = {name: plain[name] for name in Inspected.__struct_fields__}
    kept |= {name: list(plain[name]) for name in ("improvements", "priority_actions", "notes")}
    kept["evidence"] = {
        name: {"text": one_line(words["text"]), "page": words["page"], "path": words["path"]}
        for name, words in plain["evidence"].items()
    }
    if inspection.certainty != Certainty.PUBLISHED:
        kept |= {name: quoted(plain[name]) for name in ("improvements", "priority_actions")}
        kept |= {name: one_line(plain[name]) or None for name in ("theme", "lead_inspector", "provider")}
        kept["notes"] = [one_line(note) for note in plain["notes"]]
    return kept


def changed(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [to_plain(each) for each in changes]
