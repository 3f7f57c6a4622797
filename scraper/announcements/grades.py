"""Which grades are new, which are earlier ones, and for which areas: every grade binds to its own clause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from inspections.model import ALL, OVERALL, Evidence, Grade, Kind
from scraper.announcements import areas
from scraper.announcements.cues import ONLY_A_GRADE, Sentence, phrase
from scraper.announcements.mentions import RESPECTIVELY, Mention, mentions
from scraper.announcements.roles import Role, role_of

LONGEST_LABEL = 120  # characters
_AGAIN, _UNDATED, _STILL = (
    9999,
    5000,
    1,
)  # years, as they sort: "the same again" is the latest, no year is later than any
_REPORT_CARD = (
    Grade.EXCEPTIONAL, Grade.STRONG_STANDARD, Grade.EXPECTED_STANDARD, Grade.NEEDS_ATTENTION, Grade.URGENT_IMPROVEMENT,
)  # fmt: skip
_BOTH = phrase(r"^['\"]* ?(?:and|&|/) ?['\"]*\Z")
_IS = phrase(
    r"\s*(?:,? (?:both |all |each )?(?:is|are|was|were|being|rated|judged|graded|deemed|as|also|still|remains?"
    r"|requires?|required)\b|-|:)"
)
_BARE = phrase(r"(?: [\w'-]+){0,6}? (?:as )?['\"]*")
_STRONG_BREAK = phrase(
    r"[;.]|,? (?:but|while|whilst|although|with|however|whereas)\b"
    r"|, (?:giving|making|meaning|leading|resulting|taking|bringing|lifting|earning|which)\b"
)
_WEAK_BREAK = phrase(r",? and\b")
_ARE_NOW = phrase(r"['\"]*(?: (?:in|at|since|by) [^,.;]{1,40})?, (?:is|are|has been|have been)(?: \w+){0,3} ['\"]*")
_BEFORE_THAT = phrase(r"['\"]*(?: overall)?,? (?:before|prior to) (?:that|then)\b")
_GONE = ("no longer", "out of", "from one grade to another")  # what is said so of a grade is not the new one
_UP_FROM = phrase(r"\b(?:up|down|on|away|out) (?:from|of)(?: (?:an?|the|its|their|being|previous))* ['\"(]*\Z")


class Graded(Struct, frozen=True, kw_only=True):
    """A grade with its role, why it has it, and its areas (none named: the whole)."""

    mention: Mention
    role: Role
    why: str
    areas: tuple[str, ...]
    year: int | None = None


class Grades(Struct, kw_only=True):
    """What a text says of one body's grades."""

    judgements: dict[str, Grade | None] = field(default_factory=dict)
    previous: dict[str, Grade] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def graded(sentence: Sentence, kind: Kind, now: date | None) -> list[Graded]:
    """The grades of one sentence with their roles and areas. `now` is the day of the text."""
    found = mentions(sentence, kind)
    text = sentence.plain
    if ONLY_A_GRADE.fullmatch(text) and not sentence.title:
        return _labelled(sentence, found, kind)
    named = areas.named(text, kind)
    made: list[Graded] = []
    for index, mention in enumerate(found):
        floor = found[index - 1].end if index else 0
        floor = max(floor, made[-1].mention.end if made else 0, _owned(text, made, named, mention.start))
        if sentence.header and not any(area.start > found[0].end for area in named):
            floor = 0  # a table's row names its area once, before all its columns
        following = found[index + 1] if index + 1 < len(found) else None
        ceiling = _ceiling(text, mention.end, following, named)
        role, why, year = role_of(found, index, now)
        if role == Role.EARLIER and _UP_FROM.search(text[floor : mention.start]):
            floor = mention.start
            ceiling = min(ceiling, _comma(text, mention.end))
        if _BEFORE_THAT.match(text, mention.end):
            year = _STILL  # earlier than any that is dated
        keys = areas.bound(text, mention.start, mention.end, floor, ceiling, named)
        made.append(Graded(mention=mention, role=role, why=why, areas=keys, year=year))
    return _respectively(text, _from_to(made), named)


def _comma(text: str, start: int) -> int:
    place = text.find(",", start)
    return place if place >= 0 else len(text)


def _labelled(sentence: Sentence, found: Sequence[Mention], kind: Kind) -> list[Graded]:
    """A grade on a line of its own below its area; none where what stands above the first of them is no area."""
    above = [areas.named(label, kind) for label in sentence.labels]
    if not above or not all(above) or max(map(len, sentence.labels)) > LONGEST_LABEL:
        return []
    keys = tuple(dict.fromkeys(area.key for area in above[-1]))
    return [Graded(mention=mention, role=Role.NEW, why="below its area", areas=keys) for mention in found[:1]]


def _from_to(made: Sequence[Graded]) -> list[Graded]:
    """ "Care leavers went from good to outstanding": the grade that is reached is the same area's."""
    moved = [*made]
    for at, (one, other) in enumerate(pairwise(made)):
        between = one.mention.sentence.plain[one.mention.end : other.mention.start]
        same = one.why == "from one grade to another" or (one.role == Role.EARLIER and _ARE_NOW.fullmatch(between))
        if same and one.areas and not other.areas:
            moved[at + 1] = replace(other, areas=one.areas)
    return moved


def _respectively(text: str, made: list[Graded], named: Sequence[areas.Area]) -> list[Graded]:
    """ "A and B were judged good and outstanding respectively": each area has its own grade."""
    end = next((at for at, row in enumerate(made) if RESPECTIVELY.search(text[row.mention.end :])), 0)
    start = end
    while start and _BOTH.search(text[made[start - 1].mention.end : made[start].mention.start]):
        start -= 1
    floor = made[start - 1].mention.end if start else 0
    before = [area.key for area in named if floor <= area.start < made[start].mention.start] if made else []
    keys = areas.whole(before, True)
    if start == end or len(keys) != end - start + 1:
        return made
    parted = [replace(row, areas=(key,)) for row, key in zip(made[start : end + 1], keys, strict=True)]
    return [*made[:start], *parted, *made[end + 1 :]]


def _owned(text: str, made: Sequence[Graded], named: Iterable[areas.Area], until: int) -> int:
    """How far the grade before has taken areas that stand after it."""
    if not made or not made[-1].areas:
        return 0
    start = made[-1].mention.end
    return max(
        (
            area.end
            for area in named
            if start <= area.start < until and area.key in made[-1].areas and not _IS.match(text, area.end)
        ),
        default=0,
    )


def _ceiling(text: str, end: int, following: Mention | None, named: Iterable[areas.Area]) -> int:
    """Where the text that belongs to the grade at `end` stops: "good for A, while B is outstanding" gives B away."""
    if following is None:
        return len(text)
    after = following.start
    last = next((area for area in reversed(list(named)) if end <= area.start and area.end <= after), None)
    if last is None:
        return after
    looks_back = _BARE.fullmatch(text[last.end : after]) and not areas.looks_ahead(text, following.end)
    if not (_IS.match(text, last.end) or looks_back):
        return after
    breaks = [match.start() for match in _STRONG_BREAK.finditer(text, end, last.start)]
    breaks = breaks or [match.start() for match in _WEAK_BREAK.finditer(text, end, last.start)]
    return breaks[-1] if breaks else next(area.start for area in named if area.start >= end)


def collect(rows: Sequence[Graded], overall: bool, in_care_apart: bool) -> Grades:
    """The judgements and earlier grades of one body. overall: whether its framework gives one."""
    made = Grades()
    mixed = {id(row) for pair in pairwise(rows) if _together(*pair) for row in pair}
    votes: dict[str, dict[Grade, tuple[int, Sentence]]] = {}
    for row in rows:
        if row.role not in (Role.NEW, Role.AGAIN) or id(row) in mixed or row.mention.grade == Grade.ADEQUATE:
            continue
        for key in areas.whole(row.areas or (OVERALL,), in_care_apart):
            if key == areas.COUNTED:
                made.notes.append(f"“{row.mention.sentence.evidence}” counts areas without naming them")
                continue
            strength = _strength(row, explicit=bool(row.areas))
            best = votes.setdefault(key, {}).get(row.mention.grade)
            if best is None or strength > best[0]:
                votes[key][row.mention.grade] = strength, row.mention.sentence
    gone = {row.mention.grade for row in rows if row.role == Role.EARLIER and row.why in _GONE}
    for key, grades in votes.items():
        left = {grade: best for grade, best in grades.items() if key != OVERALL or grade not in gone}
        _decide(made, key, left or grades)
    _whole_and_parts(made, votes)
    overall = overall and not any(grade in _REPORT_CARD for grade in made.judgements.values())
    if ALL in made.judgements and OVERALL not in made.judgements and overall:
        made.judgements = {OVERALL: made.judgements[ALL], **made.judgements}
        made.evidence[f"judgements.{OVERALL}"] = made.evidence[f"judgements.{ALL}"]
    if not overall and OVERALL in made.judgements:
        grade = made.judgements.pop(OVERALL)
        made.evidence.pop(f"judgements.{OVERALL}", None)
        made.notes.append(f"the page calls the whole {grade}; this framework gives no overall grade")
    _earlier(made, rows, in_care_apart)
    return made


def _whole_and_parts(made: Grades, votes: dict[str, dict[Grade, tuple[int, Sentence]]]) -> None:
    """Every area cannot have another grade than the whole: the one said less plainly, or both, is not taken."""
    every, whole = made.judgements.get(ALL), made.judgements.get(OVERALL)
    if not every or not whole or every == whole:
        return
    plain = votes[OVERALL][whole][0] - votes[ALL][every][0] + (4 if OVERALL not in made.judgements else 0)
    dropped = [ALL] if plain >= 0 else [OVERALL]
    for key in dropped:
        made.judgements.pop(key)
        made.evidence.pop(f"judgements.{key}", None)
    made.notes.append(f"overall is said to be {whole} and every area {every}; the less plain is not taken")


def _when_again(row: Graded) -> int:
    """ "Remains good" is the grade before too; a mere "still" may look further back than a grade that is dated."""
    return 0 if row.role != Role.AGAIN else _STILL if row.why == "still" else _AGAIN


def _together(one: Graded, other: Graded) -> bool:
    """ "good and outstanding ratings": neither is the grade of the whole."""
    same = one.mention.sentence.index == other.mention.sentence.index
    if not same or one.mention.grade == other.mention.grade or one.areas or other.areas:
        return False
    return bool(_BOTH.search(one.mention.sentence.plain[one.mention.end : other.mention.start]))


def _strength(row: Graded, *, explicit: bool) -> int:
    if row.mention.paraphrase:
        return 0
    stated = 4 if explicit else 0
    return (
        stated + row.mention.cue.weight + (2 if row.mention.sentence.title else 1 if row.mention.sentence.lead else 0)
    )


def _decide(made: Grades, key: str, grades: dict[Grade, tuple[int, Sentence]]) -> None:
    best = sorted(grades.items(), key=lambda row: -row[1][0])
    grade, (strength, sentence) = best[0]
    if len(best) > 1 and best[1][1][0] == strength:
        made.judgements[key] = None
        made.notes.append(f"{key}: said to be {' and '.join(sorted(one for one, _ in best))}, so neither is taken")
        return
    made.judgements[key] = grade
    made.evidence[f"judgements.{key}"] = Evidence(text=sentence.evidence)
    made.notes += [f"{key}: {other} is said less plainly than {grade}" for other, _ in best[1:]]


def _earlier(made: Grades, rows: Sequence[Graded], in_care_apart: bool) -> None:
    """The latest earlier grade of each area; the rest, and where the order is not known, in the notes."""
    found: dict[str, list[tuple[int, Grade, Graded]]] = {}
    for row in rows:
        if row.role == Role.EARLIER or (row.role == Role.AGAIN and (not row.areas or set(row.areas) <= {OVERALL, ALL})):
            keys = [OVERALL if key == ALL else key for key in areas.whole(row.areas or (OVERALL,), in_care_apart)]
            for key in dict.fromkeys(key for key in keys if key != areas.COUNTED):
                found.setdefault(key, []).append((row.year or _when_again(row), row.mention.grade, row))
    for key, named in found.items():
        named.sort(key=lambda entry: -(entry[0] or _UNDATED))
        _, grade, row = named[0]
        if len({each for _, each, _ in named}) > 1:
            listed = (f"{each} ({when})" if 0 < when < _AGAIN else str(each) for when, each, _ in named)
            made.notes.append(f"earlier grades of {key}: {', '.join(listed)}")
        made.previous[key] = grade
        made.evidence[f"previous.{key}"] = Evidence(text=row.mention.sentence.evidence)
        made.notes.append(f"{grade} is an earlier grade: {row.why}")
