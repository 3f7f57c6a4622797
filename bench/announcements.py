"""Scores the reading of real announcements against hand-checked labels: `python bench/announcements.py [FOLDER]`.

FOLDER holds texts and labels.csv. Rows marked BORDERLINE are not scored. A label "a|b" means that either is right; a
value that is not stated is unknown, never wrong; a day whose year the text leaves out ("XXXX-04-23") agrees with any.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from inspections.authorities import Authorities  # noqa: E402
from inspections.model import Certainty, Finding  # noqa: E402
from scraper import article  # noqa: E402
from scraper.model import Page, Reading  # noqa: E402

FIELDS = ("authority", "kind", "provider", "grades", "previous", "inspected_from", "inspected_to", "published_on")
AREAS = {"leadership": "leaders"}
OUTCOMES = {"wsoa_required": "written_statement_required", "wsoa_not_required": "written_statement_not_required"}
COUNTED = ("_areas", "_area")  # "four_areas=inadequate" names none


@dataclass
class Score:
    """Per field the texts read right, wrong and not at all; and those where the alarm itself was wrong."""

    right: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIELDS})
    bad: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIELDS})
    unknown: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIELDS})
    found: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)

    def wrong(self, name: str) -> list[str]:
        return self.bad[name]

    @property
    def precision(self) -> float:
        alarms = len(self.found) + len(self.false_alarms)
        return len(self.found) / alarms if alarms else 1.0

    @property
    def recall(self) -> float:
        outcomes = len(self.found) + len(self.missed)
        return len(self.found) / outcomes if outcomes else 1.0


def score(folder: Path) -> Score:
    authorities, made = Authorities.load(), Score()
    with (folder / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            name = row.get("file") or next(iter(row.values()))
            if "BORDERLINE" not in row["notes"]:
                page = Page(body=(folder / name).read_bytes(), content_type="text/plain")
                _add(made, name, row, article.read(page, None, authorities))
    return made


def _add(made: Score, name: str, row: dict[str, str], reading: Reading) -> None:
    announced = [finding for finding in reading.findings if finding.certainty == Certainty.ANNOUNCED]
    if any(finding.certainty == Certainty.UNDECIDED for finding in reading.findings):
        made.undecided.append(f"{name}: {reading.notes[-1]}")
    if row["is_outcome"] != "1":
        if announced:
            made.false_alarms.append(f"{name}: {announced[0].kind} of {announced[0].authority}: {reading.notes}")
        return
    if not announced:
        made.missed.append(f"{name}: {reading.notes}")
        return
    made.found.append(name)
    finding = next((one for one in announced if one.authority == row["authority"]), announced[0])
    for key, wanted, stated in _pairs(row, finding, reading):
        if not wanted:
            continue
        place = made.unknown if not stated else made.right if _agree(wanted, stated) else made.bad
        place[key].append(f"{name}: {stated or 'nothing'}, expected {wanted}")


def _pairs(row: dict[str, str], finding: Finding, reading: Reading) -> list[tuple[str, str, str]]:
    """(field, label, what was read); a grade for every labelled area, and the outcome among them."""
    pairs = [
        ("authority", row["authority"], finding.authority or ""),
        ("kind", row["kind"], str(finding.kind)),
        ("provider", row["provider"].replace("'s", ""), (finding.provider or "").replace("'s", "")),
        ("previous", row["previous_grade"], str(finding.previous.get("overall", ""))),
        ("inspected_from", row["inspection_start"], finding.inspected_from or ""),
        ("inspected_to", row["inspection_end"], finding.inspected_to or ""),
        ("published_on", row["published_date"], finding.published_on or reading.published_on or ""),
    ]
    overall = row["overall_grade"]
    if overall.startswith("send_") or overall.endswith("_progress"):
        wanted = OUTCOMES.get(overall.removeprefix("send_"), overall.removeprefix("send_"))
        pairs.append(("grades", wanted, str(finding.outcome or "")))
        overall = ""
    graded = {"overall": overall} | dict(part.split("=") for part in row["sub_grades"].split(";") if part)
    for area, grade in graded.items():
        if not area.endswith(COUNTED):
            stated = finding.judgements.get(AREAS.get(area, area)) or ""
            pairs.append(("grades", grade, str(stated)))
    if not overall and finding.judgements.get("overall"):
        pairs.append(("grades", "no overall grade", str(finding.judgements["overall"])))
    return pairs


def _agree(wanted: str, stated: str) -> bool:
    return any(one == stated or _same_day(one, stated) for one in wanted.split("|"))


def _same_day(one: str, other: str) -> bool:
    """The same month and day, where one of them has no year."""
    return one[4:5] == "-" and "XXXX" in (one[:4], other[:4]) and one[4:] == other[4:]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    options.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "corpus" / "announcements")
    folder = options.parse_args().folder
    began = time.perf_counter()
    made = score(folder)
    took = time.perf_counter() - began
    print(f"{'':16}right  wrong  unknown")
    for name in FIELDS:
        print(f"{name:16}{len(made.right[name]):5}  {len(made.bad[name]):5}  {len(made.unknown[name]):7}")
    print(
        f"outcomes found {len(made.found)}, missed {len(made.missed)}, false alarms {len(made.false_alarms)},"
        f" undecided {len(made.undecided)}"
    )
    print(f"precision {made.precision:.3f}, recall {made.recall:.3f}; {took:.2f} s for all")
    listed = [("missed", made.missed), ("false alarm", made.false_alarms), ("undecided", made.undecided)]
    for title, rows in listed + [(f"wrong {name}", made.bad[name]) for name in FIELDS]:
        for row in rows:
            print(f"{title}: {row}")
    return 1 if made.false_alarms or made.bad["grades"] or made.bad["authority"] else 0


if __name__ == "__main__":
    sys.exit(main())
