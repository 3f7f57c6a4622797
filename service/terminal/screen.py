"""Inspections as text for a terminal of any width; grades in words and shapes, never in colour alone."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from inspections import frameworks
from inspections.compare import Contrast, changes
from inspections.days import Day
from inspections.model import Change, Claim, Grade, Inspection, Outcome, State
from inspections.said import day
from inspections.said import span as days

if TYPE_CHECKING:
    from archive.model import Hit
    from inspections.clock import Next
    from service.read import Line

_NARROWEST = 12
SHAPES = {"up": "▲", "down": "▼", "same": "=", None: ""}


def width() -> int:
    """Columns of the terminal, at most 100; 80 where there is none."""
    return min(shutil.get_terminal_size((80, 24)).columns, 100)


def subject(inspection: Inspection) -> str:
    """Whom it is about."""
    return inspection.provider or inspection.authority or "an unnamed provider"


def word(value: Grade | Outcome | None) -> str:
    return frameworks.words(value) if value else "not known"


def result(inspection: Inspection) -> str:
    """In one phrase: the overall grade, else the outcome, else every grade, else that there is none."""
    moved = {change.area: change for change in changes(inspection)}
    if "overall" in moved and moved["overall"].after:
        return _arrow(moved["overall"])
    if inspection.outcome:
        return word(inspection.outcome)
    graded = [change for change in moved.values() if change.after]
    if graded:
        return ", ".join(dict.fromkeys(word(change.after) for change in graded))
    if frameworks.is_graded(inspection.kind) and inspection.certainty in ("announced", "published"):
        return "grade not stated"
    return "priority action" if inspection.priority_action else "no grade"


def line(inspection: Inspection) -> list[str]:
    """One row of a table: id, published, whom, kind, result, state."""
    published = str(inspection.published_on or "")
    return [
        inspection.id, published, subject(inspection), inspection.kind.replace("_", " "), result(inspection),
        inspection.state.replace("_", " "),
    ]  # fmt: skip


def expected_line(next_: Next, after: Inspection) -> list[str]:
    """One row of what is likely next: about when, whom, what, why."""
    return [day(Day(next_.on.isoformat())), subject(after), next_.kind.replace("_", " "), next_.why]


def table(rows: Sequence[Sequence[str]], heads: Sequence[str], flexible: Sequence[int]) -> str:
    """Columns fitted to the terminal: those that are flexible wrap, the widest first, down to 12 characters."""
    from tabulate import tabulate

    widths: list[int] = [max(len(str(row[n])) for row in [heads, *rows]) for n in range(len(heads))]
    over = sum(widths) + 2 * (len(heads) - 1) - width()
    while over > 0 and any(widths[n] > _NARROWEST for n in flexible):
        widest = max(flexible, key=lambda n: widths[n])
        widths[widest] -= 1
        over -= 1
    return tabulate([list(row) for row in rows], headers=list(heads), tablefmt="simple", maxcolwidths=list(widths))


def show(inspection: Inspection, claims: Sequence[Claim], contrasts: Iterable[Contrast]) -> str:
    """Everything that is known of one inspection, each field with the words it was read from."""
    parts = [_head(inspection), _grades(inspection)]
    parts += [_listed("What needs to improve", inspection.improvements)]
    parts += [_listed("Areas for priority action", inspection.priority_actions)]
    parts += [_beside(contrasts), _publications(claims), _evidence(inspection), _listed("Notes", inspection.notes)]
    return "\n\n".join(part for part in parts if part)


def _head(inspection: Inspection) -> str:
    kind = frameworks.KIND_NAMES.get(inspection.kind, inspection.kind)
    facts = [f"Id {inspection.id}, {inspection.state.replace('_', ' ')}"]
    if inspection.authority and inspection.provider:
        facts.append(f"Authority: {inspection.authority}")
    if inspection.inspected_from or inspection.inspected_to:
        facts.append(f"Inspected {days(inspection.inspected_from, inspection.inspected_to)}")
    if inspection.published_on:
        verb = "Announced" if inspection.state == State.ANNOUNCED else "Published"
        facts.append(f"{verb} {day(inspection.published_on)}")
    if inspection.lead_inspector:
        facts.append(f"Lead inspector: {inspection.lead_inspector}")
    if inspection.theme:
        facts.append(f"Theme: {inspection.theme}")
    facts += [f"{name.replace('_', ' ').capitalize()} by {day(on)}" for name, on in inspection.deadlines.items()]
    title = textwrap.fill(f"{subject(inspection)}: {kind}", width())
    return "\n".join([title, "─" * min(width(), len(title)), *(textwrap.fill(fact, width()) for fact in facts)])


def _grades(inspection: Inspection) -> str:
    moved = changes(inspection)
    if not moved:
        return "" if not frameworks.is_graded(inspection.kind) else "Published or announced; the grade is not stated."
    rows = [
        [
            frameworks.label(change.area, inspection.kind), word(change.before) if change.before else "",
            word(change.after), SHAPES[change.direction],
        ]
        for change in moved
    ]  # fmt: skip
    return table(rows, ["Area", "Before", "Now", ""], flexible=(0, 1, 2))


def _arrow(change: Change) -> str:
    if change.before is None:
        return word(change.after)
    shape = SHAPES[change.direction]
    return f"{word(change.before)} → {word(change.after)}" + (f" {shape}" if shape else "")


def _listed(title: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    return "\n".join([title, *(hung(f"• {item}") for item in items)])


def _beside(contrasts: Iterable[Contrast]) -> str:
    lines = []
    for one in contrasts:
        area = frameworks.label(one.area) if one.area != "outcome" else "the outcome"
        lines.append(hung(f"• {one.title}: {word(one.said)} for {area.lower()}. {_quoted(one.quotation)}"))
        lines.append(hung(f"  The report: {word(one.found)}. {_quoted(one.report)}"))
    return "\n".join(["The announcement beside the report", *lines]) if lines else ""


def _publications(claims: Sequence[Claim]) -> str:
    lines = []
    for claim in sorted(claims, key=lambda one: (str(one.published_on or one.seen_on), one.seq)):
        who = "Ofsted" if claim.official else claim.source
        lines.append(hung(f"• {day(claim.published_on) or 'no date'}, {who}: {claim.title}"))
        lines += [f"  {url}" for url in dict.fromkeys((claim.page_url, claim.url)) if url]
    return "\n".join(["Publications", *lines]) if lines else ""


def _evidence(inspection: Inspection) -> str:
    lines = []
    for name, evidence in inspection.evidence.items():
        where = f"page {evidence.page}" if evidence.page else evidence.path or "text"
        lines.append(hung(f"• {name} ({where}): “{evidence.text}”"))
    return "\n".join(["Read from", *lines]) if lines else ""


def _quoted(evidence: object) -> str:
    text, page = getattr(evidence, "text", ""), getattr(evidence, "page", None)
    return (f"“{text}”" + (f" (page {page})" if page else "")) if text else ""


def hung(text: str) -> str:
    return textwrap.fill(text, width(), subsequent_indent="  ", break_on_hyphens=False)


def said(line: Line) -> str:
    """What one file says, in a few lines."""
    if line.error:
        return f"{line.file}: {line.error.code}. {line.error.message}"
    lines = [f"{line.file}: {line.type}" + (f", “{line.title}”" if line.title else "")]
    if line.published_on:
        lines.append(f"  of {day(line.published_on)}")
    for finding in line.findings:
        about = finding.provider or finding.authority or "unnamed"
        lines.append(hung(f"  • {about}: {finding.kind.replace('_', ' ')}, {finding.certainty}; "
                           f"inspected {days(finding.inspected_from, finding.inspected_to) or 'unknown'}"))  # fmt: skip
        for area, grade in finding.judgements.items():
            lines.append(f"    {frameworks.label(area, finding.kind)}: {word(grade)}")
        if finding.outcome:
            lines.append(f"    Outcome: {word(finding.outcome)}")
        if finding.priority_action:
            lines.append("    Areas for priority action")
    lines += [hung(f"  • {item.published_on or '          '} {item.title}") for item in line.items]
    lines += [hung(f"  Note: {note}") for note in line.notes]
    return "\n".join(lines)


def hit(found: Hit, styled: bool) -> str:
    """A publication that holds the words, with the place; matches are marked in asterisks where there is no style."""
    start, end = ("\x1b[1m", "\x1b[0m") if styled else ("*", "*")
    kept = found.publication.publication
    snippet = "".join(f"{start}{piece}{end}" if matched else piece for piece, matched in found.snippet)
    where = f", page {found.page}" if found.page else ""
    about = f"  {', '.join(found.inspections)}" if found.inspections else ""
    title = f"{day(kept.published_on) or 'no date'}, {kept.source}: {kept.title}{where}"
    return "\n".join([hung(title), hung(f"  {' '.join(snippet.split())}"), f"  {kept.url}{about}"])


def timeline(name: str, inspections: Sequence[Inspection]) -> str:
    """An authority's years: what was graded as a table of areas, each with its direction, and what was not."""
    lines = [name, "─" * len(name)]
    for inspection in sorted(inspections, key=lambda one: str(one.published_on or one.inspected_from or "")):
        when = day(inspection.published_on) or f"inspected {days(inspection.inspected_from, inspection.inspected_to)}"
        lines.append(f"\n{when}  {inspection.kind.replace('_', ' ')}  ({inspection.id}, {inspection.state})")
        for change in changes(inspection):
            area = frameworks.label(change.area, inspection.kind) if change.area != "outcome" else "Outcome"
            lines.append(f"  {SHAPES[change.direction] or ' '} {area:<34.34} {_arrow(change)}")
        if inspection.priority_action:
            lines.append("  ! areas for priority action")
    return "\n".join(lines if inspections else [*lines, "Nothing is in the archive."])


def side_by_side(found: Mapping[str, Inspection | None], announced: Iterable[Inspection] = ()) -> str:
    """An area a row, a council a column, three at a time; "–" where the latest inspection has no such grade. Councils
    without a graded report stand in one line at the end, after what is announced and its report not seen."""
    names = [name for name, one in found.items() if one is not None]
    parts = [_beside_each_other(names[n : n + 3], found) for n in range(0, len(names), 3)]
    parts += [
        hung(f"Announced since, report not seen: {subject(one)}, {result(one)}, {day(one.published_on)}.")
        for one in announced
    ]
    absent = [name for name, one in found.items() if one is None]
    parts += [hung(f"No graded report is in the archive: {', '.join(absent)}.")] if absent else []
    return "\n\n".join(parts)


def _beside_each_other(names: Sequence[str], found: Mapping[str, Inspection | None]) -> str:
    moved = {name: {change.area: change for change in changes(one)} if (one := found[name]) else {} for name in names}
    areas = list(dict.fromkeys(area for grades in moved.values() for area in grades))
    rows = [["Published", *(str(one.published_on or "") if (one := found[name]) else "" for name in names)]]
    for area in areas:
        rows.append([frameworks.label(area), *(_cell(moved[name].get(area)) for name in names)])
    return table(rows, ["", *names], flexible=range(len(names) + 1))


def _cell(change: Change | None) -> str:
    return f"{word(change.after)} {SHAPES[change.direction]}".strip() if change else "–"
