"""Bytes → pages → clean lines, and the dispatch over them."""

from __future__ import annotations

import pytest

from fixtures import make_reports
from inspections.authorities import Authorities
from scraper.model import Code, ParseError
from scraper.reports import READERS, read_report, reader_of
from scraper.reports.text import Document, Line, clean, evidence, pages, straight, without_footnotes

PAGES = [
    "1\r\nInspection of Exampleshire\r\nlocal authority\r\n",
    "Inspection of Exampleshire\r\n6 to 17 May 2024 2\r\nWhat needs to improve\r\nplans\r\n",
    "Inspection of Exampleshire\r\n6 to 17 May 2024 3\r\nLeaders are able\r\n",
    "Inspection of Exampleshire\r\n6 to 17 May 2024 4\r\nand visible\r\n4",
]


@pytest.mark.parametrize("mark", ["\ufffe", "\u0002", "\u00ad", "\u0002\n"])
def test_a_hyphen_at_a_lines_end_joins_its_word(mark: str) -> None:
    assert clean(f"a well{mark}established board") == "a well-established board"


def test_what_cannot_be_seen_is_taken_out_and_spaces_are_one() -> None:
    assert clean(" a\u00a0 b\u200b\u202e \tc\x00\r\n d \ud800") == "a b c\nd"
    assert clean("o\ufb03ce\fnext") == "office\nnext"


def test_apostrophes_stay_as_printed_and_match_as_typed() -> None:
    assert clean("children’s") == "children’s"
    assert straight("‘children’s’ 6–17") == "'children's' 6-17"


def test_running_heads_feet_and_page_numbers_are_not_lines() -> None:
    document = Document.of(PAGES)
    assert [line.text for line in document.lines] == [
        "Inspection of Exampleshire", "local authority", "What needs to improve", "plans", "Leaders are able", "and visible",
    ]  # fmt: skip
    assert document.lines[0] == Line("Inspection of Exampleshire", 1)  # the title that the others repeat stays
    assert [line.page for line in document.lines] == [1, 1, 2, 2, 3, 4]
    assert Line("6 to 17 May 2024 3", 3) in document.running


def test_a_heading_that_often_begins_a_page_is_no_running_head() -> None:
    document = Document.of(
        [f"Inspection findings\nparagraph {word}\nmore {word}\nx\ny" for word in "abc"] + ["other\nend"] * 6
    )
    assert sum(line.text == "Inspection findings" for line in document.lines) == 3


def test_the_front_is_the_first_two_pages_and_search_has_them_all() -> None:
    document = Document.of(PAGES)
    assert document.opening == "Inspection of Exampleshire local authority What needs to improve plans"
    assert document.text.count("\f") == 3
    assert document.page_of("Leaders  are able") == 3
    assert document.page_of("nowhere") is None


def test_notes_at_the_foot_of_a_page_end_with_it() -> None:
    lines = (
        Line("a", 1),
        Line("1 The areas for improvement have been cross-referenced", 1),
        Line("guidance.", 1),
        Line("b", 2),
    )
    assert without_footnotes(lines) == (Line("a", 1), Line("b", 2))
    kept = (Line("1. The first item", 1), Line("16 to 17 year-olds", 1))
    assert without_footnotes(kept) == kept


def test_evidence_is_one_line_of_at_most_300_characters() -> None:
    shown = evidence(2, "Good\n  \n overall " + "x" * 400)
    assert (shown.page, len(shown.text)) == (2, 300)
    assert shown.text.startswith("Good overall xxx")


def test_pages_come_in_order_with_their_words() -> None:
    assert [page.strip() for page in pages(make_reports.pdf([["one"], ["two"], ["three"]]))] == ["one", "two", "three"]


@pytest.mark.fault("D8")
def test_a_hyphen_at_the_end_of_a_line_in_a_pdf_joins() -> None:
    (page,) = pages(make_reports.pdf([["decision-", "making by managers"]]))
    assert "decision-making by managers" in clean(page).replace("-\n", "-")


def test_a_document_of_no_known_kind_says_how_it_begins() -> None:
    with pytest.raises(ParseError, match="begins with 'A letter about the weather'") as caught:
        read_report(["A letter about the weather"], Authorities([]))
    assert caught.value.code is Code.NOT_RECOGNISED


@pytest.mark.parametrize("form", make_reports.FORMS)
def test_each_form_is_recognised_by_one_reader_only(form: str) -> None:
    document = Document.of(pages(make_reports.FORMS[form]()))
    assert [reader for reader in READERS if reader.recognises(document)] == [reader_of(document)]


def test_the_text_of_a_reading_holds_every_page() -> None:
    reading = read_report(pages(make_reports.ilacs()), Authorities([]))
    assert reading.type == "report"
    assert reading.title == "Inspection of Exampleshire local authority children’s services"
    assert "What needs to improve?" in reading.text.split("\f")[1]


@pytest.mark.corpus
def test_every_real_document_is_recognised_by_one_reader_only(corpus) -> None:  # type: ignore[no-untyped-def]
    for path in sorted((corpus / "reports").glob("*.pdf"))[::9]:
        document = Document.of(pages(path.read_bytes()))
        assert [reader.recognises(document) for reader in READERS].count(True) == 1, path.name


@pytest.mark.corpus
def test_ofsteds_error_page_is_known_for_what_it_is(corpus) -> None:  # type: ignore[no-untyped-def]
    (page,) = (corpus / "pages").glob("*error-page*")
    with pytest.raises(ParseError) as caught:
        pages(page.read_bytes())
    assert caught.value.code is Code.REPORT_NOT_FOUND
