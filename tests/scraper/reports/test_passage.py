"""Runs of words that know their page, and listed items."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from scraper.reports import passage
from scraper.reports.passage import Passage
from scraper.reports.text import Document, Line, evidence


def lines(*texts: str) -> list[Line]:
    return [Line(text, 1) for text in texts]


def listed(*texts: str) -> list[str]:
    return [item.text for item in passage.items(lines(*texts))]


def test_a_match_across_lines_is_quoted_with_the_page_on_which_it_begins() -> None:
    run = Passage([Line("The visit was", 1), Line("on 4 May", 2)])
    found = re.compile("on 4").search(run.text)
    assert found
    assert (run.quote(found).text, run.quote(found).page) == ("on 4", 2)


def test_bullets_of_another_sort_stay_in_the_item_above() -> None:
    assert listed("◼ Plans:", "– for children", "– for carers.", "◼ Visits.") == [
        "Plans: – for children – for carers.",
        "Visits.",
    ]


def test_prose_after_a_list_is_no_item() -> None:
    assert listed(
        "◼ The quality of plans and their regular review.", "◼ Visits.", "Leaders have accepted all of this."
    ) == [
        "The quality of plans and their regular review.",
        "Visits.",
    ]


def test_a_bullet_without_words_is_no_item() -> None:
    assert listed("◼ Plans.", "◼") == ["Plans."]


def test_a_heading_is_a_whole_line_that_begins_with_a_capital() -> None:
    heading = re.compile(r"areas for priority action", re.IGNORECASE)
    given_lines = lines(
        "areas for priority action", "Areas for priority action set in May", "Areas for priority action"
    )
    assert passage.heading_at(given_lines, heading) == 2


def test_evidence_ends_where_its_words_no_longer_stand_together() -> None:
    document = Document(("The first line\n7\nand the second",))
    kept = passage.proven(
        document, {"theme": evidence(1, "first line and the"), "kind": evidence(1, "nowhere"), "urn": evidence(9, "x")}
    )
    assert {field: words.text for field, words in kept.items()} == {"theme": "first line"}


WORDS = st.lists(
    st.sampled_from(["plans", "visits", "and", "the", "of", "children’s", "quality", "audits"]), min_size=1, max_size=30
)


@given(st.lists(WORDS, min_size=1, max_size=6), st.integers(min_value=20, max_value=90), st.sampled_from("◼•▪\uf0b7"))
def test_items_are_the_same_however_their_lines_wrap(found: list[list[str]], width: int, bullet: str) -> None:
    wrapped: list[str] = []
    for words in found:
        line = f"{bullet} The"
        for word in words:
            if len(line) + len(word) > width:
                wrapped.append(line)
                line = word
            else:
                line += " " + word
        wrapped.append(line + ".")
    assert listed(*wrapped) == ["The " + " ".join(words) + "." for words in found]
