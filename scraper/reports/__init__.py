"""Report PDFs → Reading. One module a family of documents; each says which documents are its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from inspections.authorities import Authorities
from inspections.model import Finding
from scraper.model import Code, ParseError, Reading
from scraper.reports import cards, homes, ilacs, jtai, letters, older, progress, send, sif
from scraper.reports.text import Document


class Reader(Protocol):
    """What a module of this package offers."""

    def recognises(self, document: Document) -> bool:
        """Whether the document says of itself, in its title or opening sentence, that it is of this family.

        Never by a phrase that other kinds use too: "joint targeted area inspection" stands in the opening of many.
        """

    def title(self, document: Document) -> str | None:
        """The printed title on one line."""

    def read(
        self, document: Document, authorities: Authorities, fetched_on: date | None
    ) -> Finding | list[Finding] | str:
        """What it says; where it is no judgement, why, as a sentence.

        fetched_on: the day on which it was fetched, in London; None where that is not known.
        """


# In this order each is asked; the first that recognises a document reads it.
READERS: tuple[Reader, ...] = (ilacs, sif, older, letters, jtai, send, homes, progress, cards)


def reader_of(document: Document) -> Reader | None:
    """The first reader that recognises the document."""
    return next((reader for reader in READERS if reader.recognises(document)), None)


def read_report(pages: Iterable[str], authorities: Authorities, fetched_on: date | None = None) -> Reading:
    """The reading of a report from the text of its pages, as pdfium gives them.

    Raises ParseError with the code not_recognised where it is of no kind that is read here.
    """
    document = Document.of(pages)
    reader = reader_of(document)
    if reader is None:
        begins = document.opening[:80]
        said = f"the document is no report of a kind that is read here: it begins with {begins!r}"
        raise ParseError(said, code=Code.NOT_RECOGNISED)
    found = reader.read(document, authorities, fetched_on)
    findings = () if isinstance(found, str) else tuple(found) if isinstance(found, list) else (found,)
    notes = (found,) if isinstance(found, str) else (note for finding in findings for note in finding.notes)
    printed = next((finding for finding in findings if finding.published_on), None)
    return Reading(
        type="report",
        title=reader.title(document),
        published_on=printed.published_on if printed else None,
        published_origin=printed.published_origin if printed else None,
        notes=tuple(dict.fromkeys(notes)),
        findings=findings,
        text=homes.without_people(document.text) if reader is homes else document.text,
    )
