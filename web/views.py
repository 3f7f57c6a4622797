"""What the templates are given: inspections, publications and sources in words, within what may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from archive.model import Filters, Hit, Incident, Kept, SourceState
from inspections import clock, compare, frameworks, said
from inspections.model import Certainty, Change, Claim, Evidence, Grade, Inspection, Kind, Outcome, State
from web import words
from web.asked import Asked, label
from web.site import GRADED, Site, london, path_of_authority, site

_LATELY = timedelta(days=400)  # in which a council's move is worth the front page
_QUIET = timedelta(days=3)  # without a successful reading
_FACETS = {
    "kind": (Kind.ILACS, Kind.FOCUSED_VISIT, Kind.MONITORING_VISIT, Kind.AREA_SEND, Kind.JTAI, Kind.CHILDRENS_HOME,
             Kind.SCHOOL, Kind.SUPPORTED_ACCOMMODATION),
    "grade": (Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE, Outcome.SYSTEMIC_FAILINGS),
    "direction": ("down", "up"),
}  # fmt: skip


def item(inspection: Inspection) -> dict[str, Any]:
    """An inspection in one line of a list."""
    changes = compare.changes(inspection)
    main = next((each for each in changes if each.area in ("overall", "outcome")), None)
    stated = inspection.published_on or inspection.inspected_to or inspection.inspected_from
    return {
        "id": inspection.id, "path": f"/inspections/{inspection.id}", "headline": words.headline(inspection),
        "who": words.who(inspection), "result": words.result(inspection), "kind": words.kind(inspection.kind),
        "kicker": words.kicker(inspection), "official": inspection.certainty == Certainty.PUBLISHED,
        "day": words.day(stated), "iso": "".join(stated) if stated and stated.year else "",
        "state": inspection.state.value, "change": _change(main, inspection) if main else None,
        "theme": words.line(inspection.theme) if inspection.theme else "",
        "priority_action": inspection.priority_action is True,
    }  # fmt: skip


def story(inspection: Inspection) -> dict[str, Any]:
    """An inspection with its table of grades, for the head of a page."""
    days = words.span(inspection.inspected_from, inspection.inspected_to)
    standfirst = f"{words.kind(inspection.kind)}{', ' if days else ''}{days}."
    if inspection.published_on:
        said = "Published" if inspection.certainty == Certainty.PUBLISHED else "Announced"
        standfirst += f" {said} {words.day(inspection.published_on)}."
    rows = [_change(each, inspection) for each in _headed(compare.changes(inspection))]
    return item(inspection) | {"standfirst": standfirst, "rows": rows}


def leading(inspection: Inspection, claims: Sequence[Claim]) -> dict[str, Any]:
    """The first story of the front page: what else the report says, or who announces it and how."""
    official = inspection.certainty == Certainty.PUBLISHED
    others = [_other(each, site()) for each in claims if not each.official]
    return story(inspection) | {
        "improvements": [words.line(each) for each in inspection.improvements[:3]] if official else [],
        "quotation": next((each for each in others if each["text"]), None),
        "contrasts": _contrasts(compare.contrasts(claims, inspection), inspection),
    }


def whole(inspection: Inspection, claims: Sequence[Claim], kept: Sequence[Kept], of: Site) -> dict[str, Any]:
    """Everything that is shown of one inspection."""
    read_from = [(one, each.publication) for one in claims if one.official for each in kept if _same(one, each)]

    def place(field: str, evidence: Evidence | None) -> dict[str, Any] | None:
        """Where these words stand, with a link to that page of the stored document."""
        if evidence is None:
            return None
        at = next((one for one, _ in read_from if one.finding.evidence.get(field) == evidence), None)
        return {
            "text": words.line(evidence.text), "page": evidence.page, "name": words.area(field, inspection.kind),
            "path": _document(at.source, at.ref, evidence.page or 1, field=field) if at else None,
        }  # fmt: skip

    history = of.archive.history(inspection.authority) if inspection.authority and not inspection.provider else []
    earlier = [each for each in history if each.kind == inspection.kind or {each.kind, inspection.kind} <= set(GRADED)]
    at = next((n for n, each in enumerate(earlier) if each.id == inspection.id), None)
    rows = []
    for each in _headed(compare.changes(inspection)):
        field = "outcome" if each.area == "outcome" else f"judgements.{each.area}"
        rows.append(_change(each, inspection) | {"field": field, "place": place(field, inspection.evidence.get(field))})
    placed = {row["field"] for row in rows if row["place"]}
    beside = _contrasts(compare.contrasts(claims, inspection), inspection)
    shown = {each["claim"] for each in beside}
    return {
        "story": story(inspection) | {"rows": rows}, "inspection": inspection, "ungraded": ungraded(inspection),
        "improvements": _listed(inspection.improvements, inspection),
        "priority_actions": _listed(inspection.priority_actions, inspection), "facts": _facts(inspection),
        "evidence": [place(name, each) for name, each in inspection.evidence.items() if name not in placed],
        "contrasts": beside,
        "others": [_other(each, of) for each in claims if not each.official and each.id not in shown],
        "publications": [publication(each) for each in kept],
        "before": item(earlier[at - 1]) if at else None,
        "after": item(earlier[at + 1]) if at is not None and at + 1 < len(earlier) else None,
        "authority_path": path_of_authority(inspection.authority),
        "notes": [words.line(each) for each in inspection.notes] if inspection.certainty == "published" else [],
    }  # fmt: skip


def ungraded(inspection: Inspection) -> str:
    """Why no grade stands here, where none does; "" where there is one, or no outcome yet."""
    out = inspection.certainty in (Certainty.PUBLISHED, Certainty.ANNOUNCED)
    if not out or inspection.kind == Kind.OTHER or inspection.outcome or any(inspection.judgements.values()):
        return ""
    if not frameworks.is_graded(inspection.kind) and not frameworks.has_outcome(inspection.kind):
        return "Inspectors give no grade at the end of such a visit or inspection."
    return "No grade could be read for certain. Please look it up in the document."


def over_years(graded: Sequence[Inspection]) -> dict[str, Any] | None:
    """The chart's text equivalent: areas by inspection, oldest first."""
    if not graded:
        return None
    found = [compare.stated(each) for each in graded]
    order = ("overall", "leaders", "help_protection", "in_care", "care_leavers", "in_care_and_care_leavers")
    areas = dict.fromkeys([*(area for area in order if any(area in each for each in found)),
                           *(area for each in found for area in each)])  # fmt: skip
    return {
        "heads": [item(each) for each in graded],
        "rows": [
            (words.area(area, Kind.ILACS), [words.chip(each[area]) if area in each else None for each in found])
            for area in areas
        ],
    }


def hit(found: Hit, searched: str = "") -> dict[str, Any]:
    """One publication with the place where the words stand; of others' text, that they stand there."""
    of = found.publication.publication
    shown = of.official or site().settings.private
    path = _document(of.source, of.ref, found.page or 1, words=searched) if shown and of.document_sha256 else None
    return publication(found.publication) | {
        "snippet": [(words.line(text, 400) if matched else text, matched) for text, matched in found.snippet]
        if shown and searched
        else [],
        "hidden": not shown and bool(searched), "page": found.page, "document": path,
        "inspections": [f"/inspections/{each}" for each in found.inspections],
        "about": _about(of.findings),
    }  # fmt: skip


def publication(kept: Kept) -> dict[str, Any]:
    """A publication as a link: title, where, when; Ofsted's with what is stored of it."""
    of = kept.publication
    open_here = of.official or site().settings.private
    return {
        "title": words.line(of.title) or of.url, "url": words.safe(of.url), "host": words.host(of.url),
        "page_url": words.safe(of.page_url) if of.page_url else None, "official": of.official,
        "day": words.day(of.published_on), "revision": kept.revision, "changed": words.day(london(kept.changed_at)),
        "original": f"/originals/{of.document_sha256}" if of.document_sha256 and open_here else None,
        "document": _document(of.source, of.ref, 1) if of.document_sha256 and open_here else None,
    }  # fmt: skip


def open_cases(found: Sequence[Inspection], of: Site, most: int | None = None) -> list[dict[str, Any]]:
    """Cases without a report: overdue first, then awaited, under way, and those that are only announced."""
    order = [State.OVERDUE, State.DUE, State.UNDER_WAY, State.ANNOUNCED]
    shown = sorted(found, key=lambda each: (order.index(each.state), "".join(each.inspected_from or "")))[:most]
    due = of.due_by(shown)
    return [
        item(each) | {"by": words.day(due.get(each.id)), "late": _late(due.get(each.id), of.today),
                      "stage": words.STATES[each.state],
                      "inspected": words.span(each.inspected_from, each.inspected_to)}
        for each in shown
    ]  # fmt: skip


def expected(following: Sequence[tuple[clock.Next, Inspection]], of: Site) -> list[dict[str, Any]]:
    """What is likely to come next, in words."""
    return [
        {"who": after.authority, "path": path_of_authority(after.authority), "kind": words.kind(each.kind),
         "why": each.why, "past": each.on < of.today, "month": f"{said.MONTHS[each.on.month - 1]} {each.on.year}"}
        for each, after in following
        if not after.provider
    ]  # fmt: skip


def moved(of: Site) -> dict[str, list[dict[str, Any]]]:
    """The councils whose overall grade rose and fell of late."""
    since = of.today - _LATELY
    return {
        way: [
            item(each)
            for each in of.archive.inspections(
                Filters(kinds=GRADED, directions=(way,), areas=("overall",), since=since, official=True), limit=6
            )
        ]
        for way in ("down", "up")
    }


def sources(states: Sequence[SourceState], incidents: Sequence[Incident], of: Site) -> dict[str, Any]:
    """How each source stands, the troubled ones first; and the counts."""
    rows = [_source(each, of) for each in states]
    rows.sort(key=lambda row: (row["well"], row["name"]))
    theirs = {each.id for each in states}
    known = [each for each in incidents if each.subject in theirs]
    return {
        "rows": rows, "well": sum(row["well"] for row in rows), "count": len(rows),
        "ill": [row for row in rows if not row["well"]],
        "incidents": [{"text": words.line(each.text), "source": of.settings.names.get(each.subject, each.subject),
                       "day": words.day(london(each.opened_at))} for each in known],
        "elsewhere": len(incidents) - len(known),
    }  # fmt: skip


def facets(wanted: Asked, path: str, of: Site, *names: str) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Filters as plain links: title → (words, address, whether it is chosen). A chosen one's link takes it away.

    names: only these; else every one that there is.
    """
    lists: dict[str, Sequence[str]] = {"region": tuple(of.authorities.regions()), **_FACETS}
    lists["official"] = ("yes",)
    titles = {"region": "Region", "kind": "Kind", "grade": "Some area is", "direction": "Change", "official": "Source"}
    found = []
    for name, values in lists.items():
        if names and name not in names:
            continue
        chosen = wanted.chosen.get(name, ())
        links = []
        for value in dict.fromkeys([*values, *chosen]):
            text = "Published by Ofsted only" if name == "official" else label(name, value)
            links.append((text[:1].upper() + text[1:], wanted.link(path, **{name: None if value in chosen else value}),
                          value in chosen))  # fmt: skip
        found.append((titles[name], links))
    return found


def _headed(changes: Sequence[Change]) -> list[Change]:
    """The grade or outcome of the whole first, as a reader looks for it."""
    return sorted(changes, key=lambda each: each.area not in ("overall", "outcome"))


def _change(change: Change, inspection: Inspection) -> dict[str, Any]:
    shape, meaning = words.SHAPES[change.direction]
    return {
        "area": words.area(change.area, inspection.kind), "key": change.area, "shape": shape, "meaning": meaning,
        "before": words.chip(change.before) if change.before else None, "after": words.chip(change.after),
    }  # fmt: skip


def _contrasts(found: Sequence[compare.Contrast], inspection: Inspection) -> list[dict[str, Any]]:
    """Publication by publication: what it says, quoted once, and what the report says in each area."""
    by_claim: dict[str, dict[str, Any]] = {}
    for each in found:
        said = words.line(each.quotation.text) if each.quotation else ""
        told = by_claim.setdefault(
            f"{each.claim} {said}",
            {"claim": each.claim, "title": words.line(each.title), "url": words.safe(each.url), "said": said,
             "host": words.host(each.url), "areas": []},
        )  # fmt: skip
        report = {"text": words.line(each.report.text), "page": each.report.page} if each.report else None
        told["areas"].append({"sentence": words.differs(each, inspection.kind), "report": report})
    return list(by_claim.values())


def _other(claim: Claim, of: Site) -> dict[str, Any]:
    """What a publication that is not Ofsted's says: its title, its link, and one quotation."""
    evidence = claim.finding.evidence
    told = [evidence[name] for name in evidence if name.startswith(("judgements", "outcome"))] or list(
        evidence.values()
    )
    return {
        "title": words.line(claim.title), "url": words.safe(claim.url), "host": words.host(claim.url),
        "day": words.day(claim.published_on), "publisher": of.publisher(claim.source),
        "text": words.line(told[0].text) if told else "",
    }  # fmt: skip


def _listed(items: Sequence[str], inspection: Inspection) -> list[str]:
    """Verbatim items: Ofsted's in full, of others as much as one quotation."""
    if inspection.certainty != Certainty.PUBLISHED:
        return words.quoted(items)
    return [words.line(each, 4000) for each in items]


def _facts(inspection: Inspection) -> list[tuple[str, str]]:
    facts = {
        "Inspected": words.span(inspection.inspected_from, inspection.inspected_to),
        "Published": words.day(inspection.published_on), "Lead inspector": words.line(inspection.lead_inspector),
        "Theme": words.line(inspection.theme), "URN": words.line(inspection.urn),
        "State": words.STATES[inspection.state],
    }  # fmt: skip
    facts |= {f"Deadline: {name.replace('_', ' ')}": words.day(day) for name, day in inspection.deadlines.items()}
    return [(name, value) for name, value in facts.items() if value]


def _source(state: SourceState, of: Site) -> dict[str, Any]:
    fresh = state.last_ok is not None and of.today - london(state.last_ok) <= _QUIET
    well = state.fail_streak == 0 and fresh
    said = "reads well" if well else "quiet"
    if state.last_polled is None:
        said = "never read"
    elif state.fail_streak:
        outcome = (state.outcome or "failed").replace("-", " ").replace("_", " ")
        said = f"cannot be read: {outcome}, {state.fail_streak} times"
    return {
        "id": state.id, "name": of.settings.names.get(state.id) or state.id, "well": well, "said": said,
        "host": words.host(state.url), "authority": state.authority, "path": path_of_authority(state.authority),
        "last_ok": words.day(london(state.last_ok)) if state.last_ok else "never",
        "last_new": words.day(london(state.last_new)) if state.last_new else "nothing yet",
        "seen": state.last_seen,
    }  # fmt: skip


def _document(source: str, ref: str, page: int, **mark: str) -> str:
    pairs = {"source": source, "ref": ref, "page": str(page), **{name: value for name, value in mark.items() if value}}
    return f"/document?{urlencode(pairs)}"


def _about(findings: Sequence[Any]) -> str:
    names = dict.fromkeys(words.who(each) for each in findings)
    return "; ".join(list(names)[:3])


def _same(claim: Claim, kept: Kept) -> bool:
    return (claim.source, claim.ref) == (kept.publication.source, kept.publication.ref)


def _late(by: date | None, today: date) -> int:
    return max(0, (today - by).days) if by else 0
