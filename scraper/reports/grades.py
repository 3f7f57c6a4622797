"""A table of judgements: every printed label bound to its own grade, however the cells wrap; and the checks on it.

pdfium gives the cells of a row one after the other, but where a cell wraps or stands in the middle of its row, the
grade can come before, between or after the lines of its label. So labels and grades are read as two streams of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from inspections import frameworks
from inspections.model import Evidence, Grade
from scraper.reports.text import Line, evidence, straight

_WORD = re.compile(r"[a-z][a-z'-]*", re.IGNORECASE)
_OF_TABLES = {*frameworks.SCALES["four"], Grade.NOT_JUDGED, Grade.ADEQUATE}
_GRADES = {tuple(words.split()): grade for words, grade in frameworks.GRADES.items() if grade in _OF_TABLES}
_GRADE_WORDS = frozenset(word for words in _GRADES for word in words)
_HEAD = frozenset({"key", "judgement", "judgements", "grade", "grades"})  # printed again where a table crosses a page
_UNKNOWN = "?"
ORPHAN = "good"
_MOST_STRANGE = 3  # lines of a row with a label that is not known
_MOST_CUT = 5  # lines of prose after the table that happen to hold only its words


@dataclass(frozen=True)
class Token:
    """A word of the table, lower case."""

    word: str
    line: Line
    at: int  # its place among all words of the table


@dataclass(frozen=True)
class Cell:
    """A label (its area key) or a grade, from its first to its last word."""

    value: str
    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        return self.tokens[0].at

    @property
    def end(self) -> int:
        return self.tokens[-1].at


@dataclass
class Table:
    """What a table says. An area whose grade cannot be bound for certain is None; `problems` says why."""

    judgements: dict[str, Grade | None] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    doubtful: dict[str, tuple[Grade, Evidence]] = field(default_factory=dict)  # a small "good" alone on its line
    problems: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def read_table(lines: Sequence[Line], labels: Mapping[str, str]) -> Table:
    """The first run of lines that holds only labels and grades and begins with a label.

    labels: the printed label in lower case, without number and punctuation → area key.
    """
    known = {tuple(_WORD.findall(label)): area for label, area in labels.items()}
    first: Table | None = None
    for above, run in _runs(lines, known):
        # In lower case it may be the end of a sentence: "… require improvement to be / good".
        if above and above[0].text[:1].isupper():
            run, above = [*above, *run], []
        table = _table(run, known)
        if above and table.problems:
            table = _table([*above, *run], known)
        if len(table.evidence) > 1:
            return table
        first = first or table
    return first or Table(problems=["no table of judgements was found"])


def _table(run: list[Line], known: Mapping[tuple[str, ...], str]) -> Table:
    """The table of these lines. What stands below it, and holds no grade, may be prose."""
    order = list(dict.fromkeys(known.values()))
    for length in range(len(run), max(0, len(run) - _MOST_CUT), -1):
        read = _divided(run[:length], known)
        if read:
            return _bind(Table(lines=run[:length]), *read, order)
        if any(word in _GRADE_WORDS for word in _words(run[length - 1].text)):
            break
    read = _divided(run, known, lenient=True)
    if read:
        return _bind(Table(lines=run), *read, order)
    said = f"the table of judgements does not divide into labels and grades: {_quote(run)}"
    return Table(judgements=dict.fromkeys(_named(run, known)), problems=[said], lines=run)


def _divided(
    lines: list[Line], known: Mapping[tuple[str, ...], str], lenient: bool = False
) -> tuple[list[Cell], list[Cell]] | None:
    """Labels and grades; None where they do not divide. lenient: words between labels are a label that is not known."""
    tokens = _tokens(lines)
    graded = _grade_words(tokens, known)
    grades = _cells([token for token in tokens if token.at in graded], _GRADES)
    labels = _cells([token for token in tokens if token.at not in graded], known, lenient)
    return (labels, grades) if labels and grades else None


def _bind(table: Table, labels: Sequence[Cell], grades: Sequence[Cell], order: Sequence[str]) -> Table:
    doubled = len({label.value for label in labels}) < len(labels)
    bound = {} if doubled else _bound(labels, grades, order)
    for label in labels:
        grade = bound.get(label.value)
        torn = grade is not None and grade.tokens[0].line.text == ORPHAN
        words = " ".join(dict.fromkeys(token.line.text for token in _in_order(label, grade or label)))
        if label.value.startswith(_UNKNOWN):
            table.problems.append(f"the table of judgements has a label that is not known: {words!r}")
            continue
        if grade and torn:
            table.doubtful[label.value] = (Grade(grade.value), evidence(label.tokens[0].line.page, words))
            grade = None
        table.judgements[label.value] = Grade(grade.value) if grade else None
        if grade:
            table.evidence[label.value] = evidence(label.tokens[0].line.page, words)
    table.problems += [_torn(area) for area in table.doubtful]
    unbound = [area for area, grade in table.judgements.items() if grade is None and area not in table.doubtful]
    if unbound or len(grades) != len(labels):
        said = f"{len(labels)} labels and {len(grades)} grades, so that no grade is taken for {_listed(unbound)}"
        table.problems.append(f"the table of judgements holds {said}: {_quote(table.lines)}")
    return table


def _torn(area: str) -> str:
    return f"{area}: the line {ORPHAN!r} in the table may be the end of another, the first of which was lost"


def headings(lines: Sequence[Line], labels: Mapping[str, str]) -> list[tuple[str, Grade, Line]]:
    """Every heading, of up to four lines, that is a label and its grade: "Help and protection: good", "… is good"."""
    known = {tuple(_WORD.findall(label)): area for label, area in labels.items()}
    starts = tuple({" ".join(label[:2]) for label in known})
    found = []
    for index, line in enumerate(lines):
        words: list[str] = []
        if not line.text.lower().startswith(starts):
            continue
        for following in lines[index : index + 4]:
            words += _words(following.text)
            read = _heading(words, known)
            if read:
                found.append((*read, line))
                break
    return found


def outside(table: Table, lines: Sequence[Line]) -> list[Line]:
    """The lines without those of the table, which would else be taken for headings."""
    inside = {id(line) for line in table.lines}
    return [line for line in lines if id(line) not in inside]


def _heading(words: Sequence[str], known: Mapping[tuple[str, ...], str]) -> tuple[str, Grade] | None:
    for length in range(len(words) - 1, 1, -1):
        area = known.get(tuple(words[:length]))
        if area:
            rest = words[length + 1 :] if words[length] in ("is", "are", "be") else words[length:]
            grade = _GRADES.get(tuple(rest))
            return (area, Grade(grade)) if grade else None
    return None


def grade_of(text: str) -> Grade | None:
    """The grade that the words are, whatever their case; footnote marks and full stops do not matter."""
    words = tuple(word for word in _WORD.findall(straight(text).lower()))
    return Grade(_GRADES[words]) if words in _GRADES else None


def compare_headings(table: Table, found: Sequence[tuple[str, Grade, Line]]) -> None:
    """Takes away every grade that the heading of its section contradicts, and notes both readings.

    A doubtful grade is taken where the heading repeats it.
    """
    for area, grade, line in found:
        doubtful = table.doubtful.get(area)
        if doubtful and doubtful[0] is grade:
            table.judgements[area], table.evidence[area] = table.doubtful.pop(area)
            table.problems.remove(_torn(area))
        read = table.judgements.get(area)
        if read is not None and read is not grade:
            table.judgements[area] = None
            table.evidence.pop(area, None)
            table.problems.append(
                f"{area}: the table says {frameworks.words(read)}, the heading on page {line.page} says "
                f"{frameworks.words(grade)}; neither is taken"
            )


def _listed(areas: Sequence[str]) -> str:
    return ", ".join(areas) or "any further area"


def _quote(lines: Sequence[Line]) -> str:
    return repr(" / ".join(line.text for line in lines)[:200])


def _words(text: str) -> list[str]:
    return _WORD.findall(straight(text).lower())


def _runs(lines: Sequence[Line], known: Mapping[tuple[str, ...], str]) -> Iterator[tuple[list[Line], list[Line]]]:
    """Runs of lines whose words all belong to labels and grades, from one that begins a label; with a grade in each.

    Before each: the lines of nothing but grades above it, the first of which may be the first row's.
    """
    vocabulary = {word for label in known for word in label} | _GRADE_WORDS | _HEAD
    done = 0
    for index, line in enumerate(lines):
        words = _words(line.text)
        if index < done or not any(_begins(words, label) for label in known):
            continue
        end = _end(lines, index, vocabulary, known)
        above = index
        while above and _words(lines[above - 1].text) and set(_words(lines[above - 1].text)) <= _GRADE_WORDS:
            above -= 1
        run = list(lines[index:end])
        if any(word in _GRADE_WORDS for each in run for word in _words(each.text)[-1:]):
            done = end
            yield list(lines[above:index]), run


def _end(lines: Sequence[Line], start: int, vocabulary: Set[str], known: Mapping[tuple[str, ...], str]) -> int:
    """Where the run stops. A row with a label that is not known belongs to it, where a known one follows."""
    end = start
    while end < len(lines):
        if set(_words(lines[end].text)) <= vocabulary:
            end += 1
            continue
        ahead = range(end + 1, min(end + 1 + _MOST_STRANGE, len(lines)))
        next_row = next((n for n in ahead if any(_begins(_words(lines[n].text), label) for label in known)), None)
        if next_row is None or not set(_words(lines[next_row - 1].text)[-1:]) & _GRADE_WORDS:
            return end
        end = next_row
    return end


def _begins(words: Sequence[str], label: Sequence[str]) -> bool:
    """Whether the line starts the label: with at least its first two words, or all of a shorter one."""
    shared = min(len(words), len(label))
    count = next((n for n in range(shared) if words[n] != label[n]), shared)
    return count == len(label) or (count >= 2 and set(words[count:]) <= _GRADE_WORDS) or (count == len(words) > 1)


def _tokens(lines: Sequence[Line]) -> list[Token]:
    tokens: list[Token] = []
    for line in lines:
        words = [] if set(_words(line.text)) <= _HEAD else _words(line.text)
        tokens += [Token(word, line, len(tokens) + n) for n, word in enumerate(words)]
    return tokens


def _grade_words(tokens: Sequence[Token], known: Mapping[tuple[str, ...], str]) -> set[int]:
    """The places of the words that belong to grades: words of both vocabularies go with their neighbours."""
    shared = {word for label in known for word in label} & _GRADE_WORDS
    places = {token.at for token in tokens if token.word in _GRADE_WORDS and token.word not in shared}
    for token in tokens:
        if token.word in shared and token.at - 1 in places:
            places.add(token.at)
    return places


def _cells(tokens: Sequence[Token], known: Mapping[tuple[str, ...], str], lenient: bool = False) -> list[Cell] | None:
    """The stream divided into known phrases, longest first; None where it does not divide."""
    cells: list[Cell] = []
    left: list[Token] = []
    words = [token.word for token in tokens]
    longest = max(map(len, known))
    index = 0
    while index < len(tokens):
        lengths = range(min(longest, len(tokens) - index), 0, -1)
        length = next((n for n in lengths if tuple(words[index : index + n]) in known), 0)
        if not length and not lenient:
            return None
        if length and left:
            cells.append(Cell(_UNKNOWN + str(len(cells)), tuple(left)))
            left = []
        if length:
            cells.append(Cell(known[tuple(words[index : index + length])], tuple(tokens[index : index + length])))
        else:
            left.append(tokens[index])
        index += length or 1
    return [*cells, Cell(_UNKNOWN + str(len(cells)), tuple(left))] if left else cells


def _bound(labels: Sequence[Cell], grades: Sequence[Cell], order: Sequence[str]) -> dict[str, Cell]:
    """Each label's grade. Both columns run in the order of the rows, so equal numbers bind one to one.

    order: the areas as most such tables print them. Rows in another order bind where every grade follows its label.
    Where a cell is out of its place, only grades on the line of their label are bound.
    """
    if len(labels) != len(grades):
        return _on_own_line(labels, grades)
    rows = list(zip(labels, grades, strict=True))
    follows = all(label.end + 1 == grade.start for label, grade in rows)
    places = [order.index(label.value) for label in labels if label.value in order]
    in_order = places == sorted(places)
    columns = in_order and labels[-1].end < grades[0].start
    mixed = in_order and all(_may_belong(grade, row, labels) for row, grade in enumerate(grades))
    if follows or columns or mixed:
        return {label.value: grade for label, grade in rows}
    return _on_own_line(labels, grades)


def _may_belong(grade: Cell, row: int, labels: Sequence[Cell]) -> bool:
    """Whether a grade stands in its row: behind the label above, before the end of that below, inside no other."""
    if any(grade.start < label.start < grade.end for label in labels):
        return False  # its lines are of two rows
    if row and grade.start < labels[row - 1].end:
        return False
    return row + 1 == len(labels) or grade.start < labels[row + 1].start


def _on_own_line(labels: Sequence[Cell], grades: Sequence[Cell]) -> dict[str, Cell]:
    """Where a grade is missing: only those that stand on one line with the end of their label and nothing else."""
    bound: dict[str, Cell] = {}
    for label in labels:
        here = [
            grade for grade in grades if grade.start == label.end + 1 and grade.tokens[0].line is label.tokens[-1].line
        ]
        if len(here) == 1:
            bound[label.value] = here[0]
    return bound


def _in_order(label: Cell, grade: Cell) -> list[Token]:
    return sorted((*label.tokens, *grade.tokens), key=lambda token: token.at)


def _named(lines: Sequence[Line], known: Mapping[tuple[str, ...], str]) -> list[str]:
    """The areas whose labels stand somewhere in lines that do not divide."""
    text = " ".join(word for line in lines for word in _words(line.text) if word not in _GRADE_WORDS)
    return list(dict.fromkeys(area for label, area in known.items() if " ".join(label) in text))
