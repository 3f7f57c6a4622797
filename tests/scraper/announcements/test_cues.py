"""Sentences, and the phrases found in them."""

from __future__ import annotations

from scraper.announcements import cues


def test_headings_bullets_and_sentences_are_told_apart_and_quotation_marks_made_plain() -> None:
    read = cues.sentences(
        "A ‘title’", "A ‘title’\nCllr. Ann Hollis of St. Helens said: “Good.” She left.\n• One\n  – Two"
    )
    assert [(each.plain, each.title, each.bullet) for each in read] == [
        ("A 'title'", True, False),
        ('Cllr. Ann Hollis of St. Helens said: "Good."', False, False),
        ("She left.", False, False),
        ("One", False, True),
        ("Two", False, True),
    ]


def test_every_character_of_the_plain_text_stands_in_its_printed_place() -> None:
    printed = "“A”–‘b’\xa0c"
    assert len(cues.plain(printed)) == len(printed)
    assert cues.plain(printed) == "\"A\"-'b' c"


def test_a_page_without_full_stops_is_cut_and_an_endless_one_ends() -> None:
    endless = cues.sentences(None, "Ofsted has rated services good " * 20_000)
    assert max(len(each.plain) for each in endless) <= cues.LONGEST
    assert len(cues.sentences(None, "Ofsted. " * 20_000)) <= cues.MOST
    assert "".join(each.printed.replace(" ", "") for each in endless).startswith("Ofstedhasratedservicesgood" * 20)


def test_a_cue_is_found_once_a_sentence_with_its_words() -> None:
    table = cues.cues(("published today", 7, r"\bpublished today\b"))
    read = cues.sentences(None, "It was Published today, published today. It was not.")
    assert [str(hit) for hit in cues.hits(table, read)] == ["published today (“Published today”)"]
