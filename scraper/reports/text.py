"""A PDF's words: bytes → pages → a Document of clean lines with page numbers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from inspections.model import Evidence
from scraper.model import Code, ParseError

MOST_BYTES = 64 * 1024 * 1024
MOST_PAGES = 300  # of a longer document the first; the longest report that is known has 60
MOST_CHARACTERS = 5_000_000
QUOTE = 300  # characters of evidence a field

_HEAD = 1024  # a PDF says so within its first kibibyte
_EDGE = 4  # running heads and feet stand within so many lines of a page's start or end
_HYPHENS = re.compile("[\ufffe\u0002\u00ad]+\n?")  # how pdfium writes a hyphen at a line's end; the break goes with it
_SPACES = re.compile(r"[^\S\n]+")
_LIGATURES = str.maketrans({"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"})
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000e-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_BREAKS = re.compile("\r\n?|[\f\v\u0085\u2028\u2029]")
_FOOTNOTE = re.compile(
    r"[1-9]\s(?:The|This|These|All|An?|In|Ofsted|See|For|Section|Under|Local|Children|Department|At|Where|https?:)\b"
)
_PAGE_NUMBER = re.compile(r"(?:page\s+)?\d{1,3}(?:\s+of\s+\d{1,3})?", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """A line of text, spaces collapsed; `page` is counted from 1."""

    text: str
    page: int


@dataclass(frozen=True)
class Document:
    """The cleaned text of a report, page by page, lines divided by "\\n". Apostrophes and quotes stay as printed."""

    pages: tuple[str, ...]

    @classmethod
    def of(cls, pages: Iterable[str]) -> Document:
        """From pages as pdfium gives them."""
        return cls(tuple(clean(page) for page in pages))

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every line in reading order, without empty ones, page numbers and running heads and feet."""
        return tuple(line for line, running in self._divided if not running)

    @cached_property
    def running(self) -> tuple[Line, ...]:
        """The running heads and feet, and the page numbers."""
        return tuple(line for line, running in self._divided if running)

    @cached_property
    def _divided(self) -> list[tuple[Line, bool]]:
        divided = [[line for line in page.split("\n") if line] for page in self.pages]
        shapes = _running(divided)
        lines = []
        for number, page in enumerate(divided, 1):
            for index, text in enumerate(page):
                edge = index < _EDGE or index >= len(page) - _EDGE
                again = number > 1 and _shape(text) in shapes  # page 1 has the title that the others repeat
                runs = edge and (again or _PAGE_NUMBER.fullmatch(text) is not None)
                lines.append((Line(text, number), runs))
        return lines

    @cached_property
    def front(self) -> tuple[Line, ...]:
        """The lines of pages 1 and 2: where every kind says what it is."""
        return tuple(line for line in self.lines if line.page <= 2)

    @cached_property
    def opening(self) -> str:
        """Pages 1 and 2 as one run of words, for sentences that wrap."""
        return joined(self.front)

    @property
    def text(self) -> str:
        """All of it, for search; pages are joined by form feeds."""
        return "\f".join(self.pages)

    def page_of(self, words: str) -> int | None:
        """The first page on which the words stand, however they wrap there."""
        wanted = " ".join(words.split())
        return next((n for n, page in enumerate(self.pages, 1) if wanted in " ".join(page.split())), None)


def clean(page: str) -> str:
    """One page of text: pdfium's quirks undone, spaces collapsed, lines stripped."""
    text = unicodedata.normalize("NFC", _BREAKS.sub("\n", page)).translate(_LIGATURES)
    text = _UNSEEN.sub("", _HYPHENS.sub("-", text))
    return "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n"))


def joined(lines: Sequence[Line]) -> str:
    """Lines as one run of words."""
    return " ".join(line.text for line in lines)


def evidence(page: int | None, words: str) -> Evidence:
    """The words on that page from which a field was read, as one line of at most 300 characters."""
    return Evidence(text=" ".join(words.split())[:QUOTE], page=page)


def without_footnotes(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines without the notes at the foot of a page, from "1 The areas for improvement have been …" to its end."""
    kept: list[Line] = []
    noted: int | None = None
    for line in lines:
        if _FOOTNOTE.match(line.text):
            noted = line.page
        if line.page != noted:
            kept.append(line)
    return tuple(kept)


def straight(text: str) -> str:
    """The text with typewriter apostrophes, quotes and hyphens, of the same length: for matching, never for showing."""
    return text.translate(_STRAIGHT)


class Pages(list[str]):
    """The text of each page, of the first MOST_PAGES at most; `all` is how many the PDF has."""

    all: int = 0


def pages(body: bytes) -> Pages:
    """The text of the pages of a PDF, each in the order in which it was written there.

    Raises ParseError with the codes empty, not_a_pdf, report_not_found, damaged, encrypted, no_text, too_large, limit.
    """
    _gate(body)
    import pypdfium2  # only a parsing child pays for it

    try:
        pdf = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise _unopened(error) from error
    try:
        return _read(pdf)
    except pypdfium2.PdfiumError as error:
        raise ParseError(f"a page of the PDF cannot be read ({error}); it may be cut off", code=Code.DAMAGED) from error
    finally:
        pdf.close()


_STRAIGHT = str.maketrans("‘’‚‛“”„‐‑‒–—―−─", "''''\"\"\"--------")


def _gate(body: bytes) -> None:
    if not body.strip():
        raise ParseError("the file is empty; expected a PDF", code=Code.EMPTY)
    if len(body) > MOST_BYTES:
        said = f"the PDF has {len(body):,} bytes; at most {MOST_BYTES:,} are read"
        raise ParseError(said, code=Code.TOO_LARGE)
    if b"%PDF-" in body[:_HEAD]:
        return
    if re.search(rb"report\s+not\s+found", body[:65536], re.IGNORECASE):
        said = 'Ofsted\'s page "Report not found" stands in place of the PDF; the report may have been withdrawn'
        raise ParseError(said, code=Code.REPORT_NOT_FOUND)
    begins = body[:60].decode("utf-8", "replace").strip().splitlines()
    said = f"the file is not a PDF: it begins with {begins[0] if begins else ''!r}"
    raise ParseError(said, code=Code.NOT_A_PDF)


def _unopened(error: Exception) -> ParseError:
    if "password" in str(error).lower() or "security" in str(error).lower():
        return ParseError("the PDF is encrypted and needs a password", code=Code.ENCRYPTED)
    return ParseError(f"the PDF cannot be opened ({error}); it may be cut off", code=Code.DAMAGED)


def _read(pdf: object) -> Pages:
    texts = Pages()
    texts.all = len(pdf)  # type: ignore[arg-type]
    number = min(texts.all, MOST_PAGES)
    characters = 0
    for index in range(number):
        page = pdf[index]  # type: ignore[index]
        layer = page.get_textpage()
        texts.append(layer.get_text_range())
        layer.close()
        page.close()
        characters += len(texts[-1])
        if characters > MOST_CHARACTERS:
            said = f"the text of the PDF is longer than {MOST_CHARACTERS:,} characters by page {index + 1}"
            raise ParseError(said, code=Code.LIMIT)
    if not any(text.strip() for text in texts):
        raise ParseError(f"none of the {number} pages of the PDF holds text; it may be a scan", code=Code.NO_TEXT)
    return texts


def _shape(line: str) -> str:
    """A line with its numbers taken out, so that "… 7 to 18 October 2024 2" and "… 3" are one running foot."""
    return re.sub(r"\d+", "#", line)


def _running(divided: list[list[str]]) -> set[str]:
    """The shapes of lines that stand at the edge of many pages: three with a number in them, else two in five pages."""
    seen: Counter[str] = Counter()
    for page in divided:
        seen.update({_shape(line) for line in page[:_EDGE] + page[-_EDGE:]})
    least = min(3, max(2, len(divided)))
    return {shape for shape, pages in seen.items() if pages >= least and ("#" in shape or pages >= len(divided) * 0.4)}
