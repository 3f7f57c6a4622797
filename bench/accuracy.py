"""Scores the reading of real reports against hand-checked labels: `python bench/accuracy.py [FOLDER]`.

FOLDER holds the PDFs and their labels.csv; without it, shared/corpus/reports beside the checkout. Every PDF is read in
the guarded child, as the service reads it. A field is right, wrong, or unknown (not read, and never guessed). Exit 1
where a bar is missed.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from inspections.authorities import Authorities  # noqa: E402
from inspections.model import Finding, Kind  # noqa: E402
from scraper.child import Readers  # noqa: E402
from scraper.model import Page, ParseError, Reading  # noqa: E402

CORPUS = ROOT.parent / "shared" / "corpus" / "reports"
KINDS = {"ilacs_unspecified": "ilacs", "area_send_full": "area_send", "adult_learning": "further_education"}
AREAS = ("overall", "help_protection", "in_care", "care_leavers", "leaders", "in_care_and_care_leavers")
GRADES = {"requires improvement": "requires_improvement", "not judged": "not_judged"}
OTHER_AREAS = {"adoption": "adoption", "lscb": "lscb", "capacity_to_improve": "capacity_to_improve",
               "outcomes_lac": "outcomes_for_looked_after_children_and_young_people",
               "quality_of_provision": "quality_of_provision"}  # fmt: skip
NEVER_WRONG = ("kind", "grades", "outcome")
BARS = {"grades": 0.995, "all fields": 0.99}
FIELDS = ("kind", "authority", "inspected_from", "inspected_to", "lead_inspector", "judgements", "outcome",
          "priority_action", "improvements", "published_on")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--own", action="store_true", help="also measure our own code, without pdfium, in this process")
    given = parser.parse_args()
    labels = given.folder / "labels.csv"
    if not labels.is_file():
        print(f"there is no {labels}: the corpus of real reports is not beside this checkout", file=sys.stderr)
        return 2
    with labels.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (given.folder / row["file"]).is_file()]
    authorities = Authorities.load()
    scores: dict[str, Counter[str]] = defaultdict(Counter)
    misses: list[str] = []
    times: list[float] = []
    with Readers(number=1) as readers:
        for row in rows:
            began = time.perf_counter()
            reading = _read(readers, given.folder / row["file"])
            times.append(time.perf_counter() - began)
            for field, verdict, said in judge(row, reading, authorities):
                scores[field][verdict] += 1
                scores["all fields"][verdict] += field != "grades"
                if verdict != "right":
                    misses.append(f"{row['file']}: {field} {verdict}: {said}")
    _print_table(scores, misses)
    _print_times(times)
    if given.own:
        _print_own(given.folder, rows, authorities)
    return 0 if _reached(scores) else 1


def _read(readers: Readers, path: Path) -> Reading | ParseError:
    try:
        return readers.read(Page(body=path.read_bytes()), as_type="report")
    except ParseError as error:
        return error


def judge(
    row: dict[str, str], reading: Reading | ParseError, authorities: Authorities
) -> Iterator[tuple[str, str, str]]:
    """(field, "right" | "wrong" | "unknown", what was read and what is right) for every field that has a label."""
    finding = reading.findings[0] if isinstance(reading, Reading) and reading.findings else None
    for field, expected in _expected(row, authorities):
        found = _found(finding, field, authorities)
        if field == "judgements":
            yield from _judge_grades(expected, found)
            continue
        right = found in expected.split("|") if isinstance(expected, str) and found else found == expected
        verdict = "right" if right else "unknown" if found is None else "wrong"
        yield field, verdict, f"read {found!r}, label {expected!r}" + (f" ({reading})" if finding is None else "")


def _judge_grades(expected: Any, found: Any) -> Iterator[tuple[str, str, str]]:
    """The same for every area of two mappings of area to grade, and for the mapping as a whole."""
    verdicts = []
    for area in sorted({*expected, *found}):
        read, label = found.get(area), expected.get(area)
        if read is None and label is None:
            continue  # a note says that it was expected and not printed
        verdicts.append("right" if read == label else "unknown" if read is None else "wrong")
        yield "grades", verdicts[-1], f"{area}: read {read!r}, label {label!r}"
    whole = "wrong" if "wrong" in verdicts else "unknown" if "unknown" in verdicts else "right"
    yield "judgements", whole, f"read {found}, label {expected}"


def _expected(row: dict[str, str], authorities: Authorities) -> Iterator[tuple[str, object]]:
    """The labels that are to be scored, as our values."""
    kinds = [KINDS.get(kind, kind.partition(":")[0]) for kind in row["kind"].split("|")]
    yield "kind", "|".join(kinds)
    started = date.fromisoformat(row["inspection_start"]) if row["inspection_start"] else None
    known = authorities.find(row["authority"], started)
    yield "authority", known.name if known else row["authority"]
    yield "inspected_from", row["inspection_start"]
    yield "inspected_to", row["inspection_end"]
    if row["lead_inspector"]:
        yield "lead_inspector", row["lead_inspector"]
    grades = {area: GRADES.get(row[area], row[area]) for area in AREAS if row[area]}
    for other in filter(None, row["other_judgements"].split(";")):
        area, _, grade = other.partition("=")
        if area in OTHER_AREAS:
            grades[OTHER_AREAS[area]] = GRADES.get(grade, grade)
    yield "judgements", grades
    outcome = row["send_outcome"].rpartition(":")[2].removeprefix("send_")
    yield "outcome", outcome or None
    if row["has_priority_action"]:
        yield "priority_action", row["has_priority_action"] == "1"
    counted = kinds[0] not in ("sif", "focused_visit") and not (kinds[0] == "jtai" and row["inspection_start"] < "2022")
    if counted and row["count_of_areas_for_improvement"]:
        yield "improvements", int(row["count_of_areas_for_improvement"])
    if row["published_source"] == "document":
        yield "published_on", row["published"]


def _found(finding: Finding | None, field: str, authorities: Authorities) -> object:
    if finding is None:
        return {} if field == "judgements" else None
    if field == "judgements":
        return {area: str(grade) if grade else None for area, grade in finding.judgements.items()}
    if field == "improvements":
        return len(finding.improvements)
    value = getattr(finding, field)
    if field == "kind" and value is Kind.ASSURANCE_VISIT:
        return str(value)
    return str(value) if value is not None and field != "priority_action" else value


def _print_table(scores: dict[str, Counter[str]], misses: list[str]) -> None:
    print(f"| {'field':<16} | right | wrong | unknown | share |")
    print(f"|{'-' * 18}|------:|------:|--------:|------:|")
    for field in (*FIELDS, "all fields", "grades"):
        score = scores[field]
        total = sum(score.values())
        if total:
            share = f"{score['right'] / total:.1%}"
            print(f"| {field:<16} | {score['right']:5} | {score['wrong']:5} | {score['unknown']:7} | {share:>5} |")
    print()
    for miss in misses:
        print(f"- {miss}")


def _print_times(times: list[float]) -> None:
    ordered = sorted(times[1:])  # the first starts the child
    print(
        f"\n{len(times)} PDFs in one guarded child: median {statistics.median(ordered) * 1000:.0f} ms, "
        f"95 % within {ordered[int(len(ordered) * 0.95)] * 1000:.0f} ms, slowest {ordered[-1] * 1000:.0f} ms, "
        f"{len(times) / sum(times):.0f} a second"
    )


def _print_own(folder: Path, rows: list[dict[str, str]], authorities: Authorities) -> None:
    """What is spent beside pdfium, and the memory of a process that reads all of them."""
    import resource

    from scraper.reports import read_report
    from scraper.reports.text import pages

    spent = []
    for row in rows:
        texts = pages((folder / row["file"]).read_bytes())
        began = time.process_time()
        read_report(texts, authorities)
        spent.append((time.process_time() - began) * 1000)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"our own code: median {statistics.median(spent):.1f} ms, slowest {max(spent):.0f} ms; this process {most} MB"
    )


def _reached(scores: dict[str, Counter[str]]) -> bool:
    good = all(not scores[field]["wrong"] for field in NEVER_WRONG)
    for field, bar in BARS.items():
        score = scores[field]
        good = good and score["right"] >= bar * sum(score.values())
    return good


if __name__ == "__main__":
    sys.exit(main())
