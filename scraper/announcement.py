"""What a news page says of inspections: is it an outcome, is it new, of what kind, of whom, with which grades."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from inspections.authorities import Authorities
from inspections.days import Day
from inspections.model import OVERALL, Certainty, Evidence, Finding, Grade, Kind
from scraper.announcements import grades, judged, kinds, outcomes, providers, subject, timing, told_again
from scraper.announcements.cues import Sentence, phrase, sentences
from scraper.announcements.occasions import Occasions, occasions
from scraper.announcements.roles import Role
from scraper.model import Reading, Source

_OVERALL_ENDED = date(2026, 4, 1)
_IN_CARE_APART = date(2023, 1, 1)
_HIDDEN = "published, grade not stated"


_OF_AN_INSPECTION = phrase(
    r"\b(?:inspect\w*|reports?|letters?|findings|judge?ments?|judged|graded?|ratings?|verdict|visit\w*|outcome|feedback"
    r"|card)\b"
)


class _Page(Struct, frozen=True, kw_only=True):
    """A page on its way to findings."""

    read: tuple[Sentence, ...]
    lines: tuple[str, ...]  # as printed, a paragraph, heading or bullet each
    own: date | None  # its own date
    latest: date | None  # its own date, else the day on which it was fetched
    began: Day | None  # when the inspection began, by the page's own dates: one fetched late is not a late inspection
    source: Source | None
    authorities: Authorities


def findings(
    article: Reading, source: Source | None, authorities: Authorities, fetched_on: date | None
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What the article says of inspections, and for every decision a note that names its cue.

    Most pages hold none, and the notes say why. `source` is a hint only: a council's newsroom also tells of others.
    fetched_on fills in years that the text leaves out where the article has no full date of its own.
    """
    own = article.published_on.date if article.published_on else None
    read = sentences(article.title, article.text)
    dated = occasions(read, own, None).inspected
    page = _Page(
        read=read, lines=tuple(article.text.splitlines()), own=own, latest=own or fetched_on,
        began=dated.first if dated else None, source=source, authorities=authorities,
    )  # fmt: skip
    if why := subject.elsewhere(read):
        return (), (f"no outcome of an Ofsted inspection: {why}",)
    rough = [row for sentence in read[:4] for row in grades.graded(sentence, Kind.ILACS, page.latest)]
    anew = any(row.role in (Role.NEW, Role.AGAIN) for row in rough)
    when = occasions(read, own, fetched_on)
    published = when.published.first if when.published else None
    kind, kind_why = kinds.kind_of(read, anew, own or (published.first if published else None))
    if kind is None:
        return (), (f"no outcome of an Ofsted inspection: {kind_why}",)
    rows = [row for sentence in read for row in grades.graded(sentence, kind, page.latest)]
    graded = _by_sentence(rows, kind)
    time = timing.timing(read, published, page.own, graded)
    if time.certainty == Certainty.BEFORE:
        kind = told_again.kind_ahead(read, page.own)[0] or kind
        return _of_one_body(page, kind, time, told_again.foretold(read), _foretold(page, kind, rows, when, time))
    if time.certainty == Certainty.AFTER:
        kept = told_again.recalled(time.cue)
        return _of_one_body(page, kind, time, kept, _made(page, kind, rows, when, time) if kept.kept else ())
    made = _made(page, kind, rows, when, time)
    plain = time.certainty == Certainty.ANNOUNCED and kind not in kinds.UNGRADED
    hidden = plain and not any(any(one.judgements.values()) or one.outcome for one in made)
    if hidden and not any(_OF_AN_INSPECTION.search(sentence.plain) for sentence in read):
        return (), ("no outcome of an Ofsted inspection: neither a grade nor a report or inspection is spoken of",)
    if all(_says_nothing(one) for one in made) and not judged.speaks_of_itself(read):
        return (), (
            "no outcome of an Ofsted inspection: nobody is said to be inspected, and no grade or outcome given",
        )
    return made, (time.why, kind_why)


def _by_sentence(rows: Sequence[grades.Graded], kind: Kind) -> timing.Graded:
    fresh = {row.mention.sentence.index for row in rows if row.role in (Role.NEW, Role.AGAIN)}
    return timing.Graded(
        anew=frozenset(fresh),
        earlier=frozenset(row.mention.sentence.index for row in rows if row.why != "no longer") - fresh,
        epithets=frozenset(row.mention.sentence.index for row in rows if row.why == "an epithet")
        - {row.mention.sentence.index for row in rows if row.why != "an epithet"},
        scale=kind not in kinds.UNGRADED,
    )


def _of_one_body(
    page: _Page, kind: Kind, time: timing.Timing, kept: told_again.Kept, made: Sequence[Finding]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """A page before or after the outcome is kept where it plainly speaks of one inspection of one body."""
    if not kept.kept:
        return (), (time.why, kept.why)
    plain = len(made) == 1 and made[0].authority is not None
    if plain and kind not in judged.AUTHORITY_ITSELF:
        plain = bool(made[0].provider and (time.certainty == Certainty.BEFORE or made[0].judgements))
    if not plain:
        return (), (time.why, "not kept as an inspection: whose it is cannot be said for certain")
    return (replace(made[0], notes=(*made[0].notes, kept.why)),), (time.why, kept.why)


def _foretold(
    page: _Page, kind: Kind, rows: Sequence[grades.Graded], when: Occasions, time: timing.Timing
) -> tuple[Finding, ...]:
    """What a page says of an inspection before its outcome: no judgements, and any grade is an earlier one."""
    days = told_again.coming(page.read, page.latest) or when.inspected
    base = _dated(
        Finding(kind=kind, authority=None, certainty=Certainty.BEFORE, notes=(time.why,)), Occasions(inspected=days)
    )
    standing = [
        row if row.role == Role.EARLIER else replace(row, role=Role.EARLIER)
        for row in rows
        if row.role == Role.EARLIER or (row.role != Role.ASIDE and told_again.stated_earlier(row.mention.sentence))
    ]
    apart = (page.own or date.min) >= _IN_CARE_APART
    read = grades.collect(standing, overall=True, in_care_apart=apart)
    notes = list(read.notes)
    if sentence := told_again.expected(page.read):
        notes.append(f"the outcome is awaited: “{sentence.evidence}”")
    base = replace(
        base, previous=read.previous, evidence={**base.evidence, **read.evidence}, notes=(*base.notes, *notes)
    )
    named = providers.providers(page.read, kind)
    bodies = _bodies(page, kind)
    return tuple(
        _noted(replace(base, authority=body.authority, provider=named[0] if len(named) == 1 else None), body.why)
        for body in bodies
    )


def _bodies(page: _Page, kind: Kind) -> list[judged.Judged]:
    hint = page.source.authority if page.source else None
    own_site = page.source is not None and page.source.publisher == "council"
    return judged.judged(page.read, page.authorities, kind, hint, own_site, page.latest)


def _made(
    page: _Page, kind: Kind, rows: Sequence[grades.Graded], when: Occasions, time: timing.Timing
) -> tuple[Finding, ...]:
    """One finding for each authority that is judged, or for each provider that the text tells apart."""
    base = Finding(kind=kind, authority=None, certainty=time.certainty, notes=(time.why,))
    base = _dated(base, when)
    base = outcomes.listed(base, page.lines)
    bodies = _apart(page, rows) or _bodies(page, kind)
    named = providers.providers(page.read, kind)
    if len(bodies) == 1 and bodies[0].authority:  # "Ashcombe's Hill School"
        named = [name.removeprefix(f"{bodies[0].authority}'s ") for name in named]
    if len(named) > 1 and len(bodies) == 1 and (several := _several(page, base, rows, named)):
        return tuple(_noted(replace(one, authority=bodies[0].authority), bodies[0].why) for one in several)
    if why := providers.several_untold(page.read, kind, rows):
        base, rows, named = _noted(base, why), [], []
    if len(bodies) == 1:
        rows = _without_neighbours(page, kind, rows, bodies[0].authority)
        provider = named[0] if named else None
        one = replace(_graded(page, base, rows), authority=bodies[0].authority, provider=provider)
        return (_noted(one, bodies[0].why),)
    names = [body.authority for body in bodies]
    parted = [
        (_graded(page, base, [row for row in rows if _owner(page, row, body.authority, names)]), body)
        for body in bodies
    ]
    graded = [(one, body) for one, body in parted if one.judgements] or parted
    return tuple(_noted(replace(one, authority=body.authority), body.why) for one, body in graded)


def _says_nothing(finding: Finding) -> bool:
    body = finding.authority or finding.provider
    return not (body or finding.judgements or finding.outcome or finding.kind in kinds.VISITS)


def _several(page: _Page, base: Finding, rows: Sequence[grades.Graded], named: Sequence[str]) -> list[Finding]:
    """A finding for each provider to which its own words give a grade; none where fewer than two have one."""
    parted = providers.parted(named, rows)
    made = [replace(_graded(page, base, own), provider=name) for name, own in parted.items()]
    made = [one for one in made if one.judgements.get(OVERALL) or any(one.judgements.values())]
    return made if len(made) > 1 and made[0].provider == named[0] else []


def _apart(page: _Page, rows: Sequence[grades.Graded]) -> list[judged.Judged]:
    """The two authorities to each of which one sentence of the headline or the lead gives a new grade."""
    for sentence in page.read:
        if not (sentence.title or sentence.lead):
            continue
        places = judged.subjects(sentence, page.authorities)
        own = [row for row in rows if row.mention.sentence is sentence and row.role == Role.NEW]
        names = [max((place for place in places if place[0] < row.mention.start), default=(0, ""))[1] for row in own]
        if len(set(names)) == 2 and all(names):
            return [
                judged.Judged(authority=name, why=f"{name} has a grade of its own: “{sentence.evidence}”")
                for name in dict.fromkeys(names)
            ]
    return _in_one_headline(page, rows)


def _in_one_headline(page: _Page, rows: Sequence[grades.Graded]) -> list[judged.Judged]:
    """Authorities that one headline names, each of which has a sentence with its own new grade: a round-up."""
    headline = {name for sentence in page.read[:1] for _, name in judged.subjects(sentence, page.authorities)}
    found: dict[str, Sentence] = {}
    for row in rows:
        sentence = row.mention.sentence
        names = [name for place, name in judged.subjects(sentence, page.authorities) if place < row.mention.start]
        if row.role in (Role.NEW, Role.AGAIN) and not sentence.title and names and names[-1] in headline:
            found.setdefault(names[-1], sentence)
    if len(found) < 2:
        return []
    return [
        judged.Judged(authority=name, why=f"{name} has a grade of its own: “{sentence.evidence}”")
        for name, sentence in found.items()
    ]


def _without_neighbours(
    page: _Page, kind: Kind, rows: Sequence[grades.Graded], authority: str | None
) -> Sequence[grades.Graded]:
    """The grades without those of sentences that speak of other authorities alone."""
    if kind not in judged.AUTHORITY_ITSELF:
        return rows
    own = []
    for row in rows:
        sentence = row.mention.sentence
        named = {name for place, name in judged.subjects(sentence, page.authorities) if place < row.mention.start}
        if not named or authority in named:
            own.append(row)
    return own or rows


def _owner(page: _Page, row: grades.Graded, authority: str | None, bodies: Sequence[str | None]) -> bool:
    """Whether the grade is this authority's: of its own sentence, or of one that names no authority."""
    text = row.mention.sentence.plain
    if judged.names_both(text):
        return True
    seen = [one.authority.name for one in page.authorities.mentioned(text) if one.start < row.mention.start]
    names = [name for name in seen if name in bodies]
    return not names or names[-1] == authority


def _dated(base: Finding, when: Occasions) -> Finding:
    evidence = dict(base.evidence)
    if when.inspected:
        evidence["inspected_from"] = Evidence(text=when.inspected.sentence.evidence)
        base = replace(base, inspected_from=when.inspected.first, inspected_to=when.inspected.last)
    if when.published:
        evidence["published_on"] = Evidence(text=when.published.sentence.evidence)
        base = replace(base, published_on=when.published.first, published_origin="text")
    return replace(base, evidence=evidence)


def _graded(page: _Page, base: Finding, rows: Sequence[grades.Graded]) -> Finding:
    """The finding with its grades or outcome; what the kind cannot have becomes a note."""
    kind = base.kind
    began = page.began.first if page.began else None
    overall = not (kind == Kind.ILACS and began and began >= _OVERALL_ENDED) and not _without_overall(page.read)
    apart = (began or page.own or date.min) >= _IN_CARE_APART
    read = grades.collect(rows, overall, apart)
    notes = list(read.notes)
    if kind in kinds.UNGRADED:
        standing = read.previous or {key: grade for key, grade in read.judgements.items() if grade and key == OVERALL}
        previous = {key: grade for key, grade in standing.items() if kind == Kind.MONITORING_VISIT}
        notes = [
            f"{kind} has no grades: {key} {grade} is an earlier one, or of another kind"
            for key, grade in standing.items()
        ]
        read = grades.Grades(
            previous=previous,
            evidence={key: words for key, words in read.evidence.items() if key.startswith("previous") and previous},
        )
    outcome, sentence, why = outcomes.outcome_of(page.read, kind)
    evidence = {**base.evidence, **read.evidence}
    if outcome and sentence:
        evidence["outcome"] = Evidence(text=sentence.evidence)
    if why:
        notes.append(why)
    theme, said = outcomes.theme_of(page.read, kind)
    if said:
        evidence["theme"] = Evidence(text=said.evidence)
    if kind not in kinds.UNGRADED and not read.judgements and not outcome:
        notes.append(_HIDDEN)
    return replace(
        base, judgements=read.judgements, previous=_same_again(page, read), outcome=outcome, theme=theme,
        evidence=evidence, notes=(*base.notes, *notes), priority_action=_priority_action(page.read, kind),
    )  # fmt: skip


_NO_OVERALL = phrase(
    r"\b(?:no longer|not|without|do not|don't|does not|doesn't|stopped|rather than)\b[^.;]{0,60}\b(?:an? |the |any"
    r" )?(?:overall"
    r"|single[- ]word|one[- ]word|headline)[^.;]{0,20}\b(?:grade|rating|judge?ment|effectiveness|verdict)"
)


def _without_overall(read: Sequence[Sentence]) -> bool:
    """Whether the page says that inspections of this kind have no grade of the whole any more."""
    return any(_NO_OVERALL.search(sentence.plain) for sentence in read)


_SAME = phrase(
    r"\b(?:same|identical) (?:overall )?(?:rating|ranking|grade|judge?ment|result|outcome|score) (?:as|at|it (?:was"
    r"|had)|in) (?:its|the|their|our|received|given)? ?(?:last|previous|\w+ )"
    r"|\b(?:in a row|running|in succession)\b[^.;]{0,60}\b(?:that|this|the same) (?:rating|grade|judge?ment)\b"
)


def _same_again(page: _Page, read: grades.Grades) -> dict[str, Grade]:
    grade = read.judgements.get(OVERALL)
    if grade and OVERALL not in read.previous and any(_SAME.search(sentence.plain) for sentence in page.read):
        return {**read.previous, OVERALL: grade}
    return read.previous


_PRIORITY = phrase(r"\bareas? (?:for|of) priority action\b|\bpriority action areas?\b")
_NO_PRIORITY = phrase(r"\b(?:no|without|not|previous\w*|since|last|earlier|20\d\d)\b")


def _priority_action(read: Sequence[Sentence], kind: Kind) -> bool | None:
    """True only where new areas for priority action are plainly said; else unknown."""
    if kind not in (Kind.FOCUSED_VISIT, Kind.JTAI, Kind.AREA_SEND, Kind.MONITORING_VISIT):
        return None
    said = any(_PRIORITY.search(sentence.plain) and not _NO_PRIORITY.search(sentence.plain) for sentence in read)
    return True if said else None


def _noted(finding: Finding, why: str) -> Finding:
    return replace(finding, notes=(*finding.notes, why))
