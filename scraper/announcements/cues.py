"""Named phrases and the sentences in which they stand: what every step of reading an announcement decides by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from msgspec import Struct

# One sign for one sign, so that positions in the plain text are positions in the printed one.
_PLAIN = str.maketrans(
    dict.fromkeys("‘’‚‛`´ʼ′＇", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("–—‑‒−", "-") | {"\xa0": " "}
)
_ENDS = re.compile(r"(?<=[.!?])['\")\]]*\s+(?=['\"(\[]?[A-Z0-9£•])")
_ABBREVIATED = re.compile(r"\b(?:Cllr|Mr|Mrs|Ms|Dr|St|No|Rev|e\.g|i\.e|etc|[A-Z])\.['\")]*\s*\Z")
_BULLET = re.compile(r"\s*(?:[•*·▪–-]|\d{1,2}[.)])\s+")
ONLY_A_GRADE = re.compile(
    r"\s*['\"]?(?:outstanding|good|requires improvement(?: to be good)?|inadequate|exceptional|strong standard"
    r"|expected standard|needs attention|urgent improvement)['\"]?\.?\s*",
    re.IGNORECASE,
)
_RULE = re.compile(r"[\s|:-]+")  # between the header of a table and its rows
MAX_EVIDENCE = 300
LONGEST = 800  # characters; what nobody ever ended with a full stop is cut, so that no pattern runs over a whole page
MOST = 300  # sentences; an announcement says it before


class Cue(Struct, frozen=True, kw_only=True):
    """A named phrase. `weight` says how much it counts where cues are weighed against each other."""

    name: str
    pattern: re.Pattern[str]
    weight: int = 1


class Sentence(Struct, frozen=True, kw_only=True):
    """A sentence, heading or bullet: as printed, and with plain quotation marks, dashes and spaces."""

    printed: str
    plain: str
    index: int
    title: bool = False
    lead: bool = False  # among the first three after the title
    bullet: bool = False
    header: tuple[str, ...] = ()  # of a table's row: what stands above its columns
    labels: tuple[str, ...] = ()  # of a line that is a grade and no more: what stands above it, and above those before

    @property
    def evidence(self) -> str:
        return self.printed[:MAX_EVIDENCE]


class Hit(Struct, frozen=True, kw_only=True):
    """A cue, and the sentence in which it was found."""

    cue: Cue
    sentence: Sentence
    words: str

    def __str__(self) -> str:
        return f"{self.cue.name} (“{self.words}”)"


def cues(*rows: tuple[str, int, str]) -> tuple[Cue, ...]:
    """A table of (name, weight, pattern). Patterns ignore case; a space in them stands for any white space."""
    return tuple(Cue(name=name, pattern=phrase(pattern), weight=weight) for name, weight, pattern in rows)


@cache
def phrase(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def plain(text: str) -> str:
    """The text with plain quotation marks, dashes and spaces, every character in its place."""
    return text.translate(_PLAIN)


def sentences(title: str | None, text: str) -> tuple[Sentence, ...]:
    """The title and the sentences of the text, in reading order; a title repeated in the text stands once."""
    made: list[Sentence] = []
    if title:
        made.append(Sentence(printed=title.strip(), plain=plain(title.strip()), index=0, title=True))
    body = 0
    header: tuple[str, ...] = ()
    lines = text.splitlines()
    for at, line in enumerate(lines):
        header, labels = _header(line, header), _labels(lines, at)
        bullet = _BULLET.match(line)
        for part in _split(line[bullet.end() :] if bullet else line):
            if title and part == title.strip():
                continue
            made.append(
                Sentence(
                    printed=part,
                    plain=plain(part),
                    index=len(made),
                    lead=body < 3,
                    bullet=bullet is not None,
                    header=header,
                    labels=labels,
                )
            )
            body += 1
            if body == MOST:
                return tuple(made)
    return tuple(made)


def cells(row: str) -> tuple[str, ...]:
    """The cells of a table's row, "label | grade"; none where the line is no row."""
    return tuple(cell.strip() for cell in plain(row).strip(" |").split("|")) if " | " in row else ()


def _header(line: str, above: tuple[str, ...]) -> tuple[str, ...]:
    """What stands above the columns of the row: the table's first row; () outside of a table."""
    if above and _RULE.fullmatch(line):
        return above
    row = cells(line)
    return above if len(above) == len(row) else row


def _bare(line: str) -> str:
    """The line as plain text, without the bullet before it."""
    return _BULLET.sub("", plain(line), count=1)


def _labels(lines: Sequence[str], at: int) -> tuple[str, ...]:
    """Of a line that is a grade and no more: the lines above it that alternate with grades, the nearest last."""
    found: list[str] = []
    while at > 0 and ONLY_A_GRADE.fullmatch(_bare(lines[at])) and not ONLY_A_GRADE.fullmatch(_bare(lines[at - 1])):
        found.insert(0, _bare(lines[at - 1]))
        at -= 2
    return tuple(found)


def _split(line: str) -> Iterator[str]:
    start = 0
    for end in _ENDS.finditer(plain(line)):
        if not _ABBREVIATED.search(line[max(start, end.start() - 20) : end.start()]):
            yield from _cut(line[start : end.end()].strip())
            start = end.end()
    yield from _cut(line[start:].strip())


def _cut(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST:
        place = sentence.rfind(" ", 0, LONGEST)
        place = place if place > 0 else LONGEST
        yield sentence[:place]
        sentence = sentence[place:].strip()
    if sentence:
        yield sentence


def hits(table: Iterable[Cue], read: Iterable[Sentence]) -> tuple[Hit, ...]:
    """Every cue of the table in these sentences: at most one hit a cue and sentence, in reading order."""
    rows = tuple(table)
    return tuple(
        Hit(cue=cue, sentence=sentence, words=found[0].strip())
        for sentence in read
        for cue in rows
        if (found := cue.pattern.search(sentence.plain))
    )
