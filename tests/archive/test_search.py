from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Archive, Filters, QueryError, search
from archive.model import Hit
from archive.queries import inspections_query
from archive.search import matching, snippet
from inspections.days import Day
from inspections.model import Grade, Kind, Publication

Make = Callable[..., Publication]


@pytest.fixture
def full(archive: Archive, report: Make, article: Make, now: datetime) -> Archive:
    pages = [
        report(ref="1", authority="Northmoor", day="2022-03-21", judgements={"overall": Grade.GOOD}),
        report(ref="2", authority="Northmoor", day="2025-03-20", judgements={"overall": Grade.INADEQUATE}),
        report(ref="3", authority="Southmoor", day="2023-06-12", text="One page.\fNeglected brothers.\fNeglect ended."),
        article(ref="https://news.example/s", authority="Southmoor", day="2023-06-13", text="Don't panic, said Ms O'Hara"),
        report(ref="4", authority="Eastmoor", day="2024-01-08", kind=Kind.FOCUSED_VISIT, judgements={},
               inspected_from=Day("2023-11-07"), inspected_to=Day("2023-11-08"), improvements=("Supervision.",)),
    ]  # fmt: skip
    for page in pages:
        archive.record(page, now=now, baseline=True)
    return archive


def refs(archive: Archive, words: str, newest_first: bool = True, **filters: object) -> list[str]:
    hits = archive.search(words, filters=Filters(**filters), newest_first=newest_first)  # type: ignore[arg-type]
    return [hit.publication.publication.ref.removeprefix("https://news.example/") for hit in hits]


def test_words_are_found_in_every_form_newest_first(full: Archive) -> None:
    assert refs(full, "care leaver") == ["2", "4", "1"]
    assert refs(full, "neglecting") == ["3"]
    assert refs(full, "supervision") == ["4"], "what was found is searched beside what was printed"
    assert full.count_hits("care leaver") == 3


def test_phrases_prefixes_and_unwanted_words(full: Archive) -> None:
    assert refs(full, '"personal advisers"') == ["2", "4", "1"]
    assert refs(full, '"advisers personal"') == []
    assert refs(full, "advis* -northmoor") == ["4"]
    assert refs(full, "negl*") == ["3"]


def test_ranking_puts_the_page_that_says_it_most_first(archive: Archive, report: Make, now: datetime) -> None:
    texts = {"2019-05-01": "once kinship " + "other words " * 30, "2021-05-01": "kinship kinship kinship",
             "2023-05-01": "kinship twice kinship " + "other words " * 10}  # fmt: skip
    for day, text in texts.items():
        archive.record(report(ref=day, authority=f"Council {day}", day=day, text=text), now=now, baseline=True)
    assert refs(archive, "kinship") == ["2023-05-01", "2021-05-01", "2019-05-01"]
    assert refs(archive, "kinship", newest_first=False) == ["2021-05-01", "2023-05-01", "2019-05-01"]


def test_filters_are_facts_of_what_was_said(full: Archive) -> None:
    assert refs(full, "children OR", authorities=("Northmoor",)) == []
    assert refs(full, "children", authorities=("Northmoor",)) == ["2", "1"]
    assert refs(full, "children", authorities=("Northmoor", "Eastmoor"), kinds=(Kind.FOCUSED_VISIT,)) == ["4"]
    assert refs(full, "children", grades=(Grade.INADEQUATE,)) == ["2"]
    assert refs(full, "children", directions=("down",)) == ["2"]
    assert refs(full, "southmoor", official=True) == ["3"]
    assert refs(full, "southmoor", official=False, sources=("gazette",)) == ["s"]


TOLD = [
    {"directions": ("down",)}, {"areas": ("overall",)}, {"states": ("published",)}, {"states": ("overdue",)},
    {"areas": ("overall",), "directions": ("first", "down"), "states": ("published",)},
    {"areas": ("overall",), "since": date(2023, 1, 1)}, {"states": ("published",), "authorities": ("Northmoor",)},
]  # fmt: skip


@pytest.mark.parametrize("chosen", TOLD)
@pytest.mark.parametrize("newest_first", [True, False])
def test_few_that_are_looked_up_are_those_of_many_that_are_met(
    full: Archive, chosen: dict[str, object], newest_first: bool
) -> None:
    filters = Filters(**chosen)  # type: ignore[arg-type]

    def pages(words: str) -> list[list[Hit]]:
        return [
            full.search(words, filters=filters, newest_first=newest_first, limit=2, offset=offset)
            for offset in (0, 1, 2, 4)
        ]

    for words in ("children", "kinship", ""):
        full.few = 1_000
        few, counted = pages(words), full.count_hits(words, filters=filters)
        full.few = 0
        assert few == pages(words)
        found = {hit.publication.id for page in few for hit in page}
        assert counted == full.count_hits(words, filters=filters) == len(found)
    assert full.search("children", filters=Filters(directions=("down",))), "else nothing was compared"


def test_equally_good_places_are_given_in_the_order_of_time(archive: Archive, report: Make, now: datetime) -> None:
    for day in ("2021-05-01", "2019-05-01", "2023-05-01"):
        archive.record(report(ref=day, authority="Northmoor", day=day, text="kinship"), now=now, baseline=True)
    assert refs(archive, "kinship", newest_first=False) == ["2019-05-01", "2021-05-01", "2023-05-01"]


def test_filters_alone_list_all_that_they_let_through(full: Archive) -> None:
    assert refs(full, "", authorities=("Southmoor",)) == ["s", "3"]
    assert refs(full, "", official=True, until=date(2023, 12, 31)) == ["3", "1"]
    assert full.search("", filters=Filters(authorities=("Southmoor",)))[0].snippet == (
        ("Don't panic, said Ms O'Hara", False),
    )
    everything = refs(full, "", since=date(1900, 1, 1))
    assert len(everything) == full.status().publications > len(refs(full, "", until=date(2023, 12, 31))) > 0
    for words, filters in (("", Filters()), ("-care", Filters(since=date(2020, 1, 1)))):
        with pytest.raises(QueryError, match="no word to search for"):
            full.search(words, filters=filters)


def test_the_newest_of_each_body_and_kind_are_those_that_a_reader_of_all_would_choose(full: Archive) -> None:
    published = full.inspections(Filters(official=True), limit=1000)
    chosen = {}
    for each in reversed(published):
        chosen[each.authority, each.urn if each.provider else None, each.kind] = each.id
    kinds = {each.kind for each in published}
    assert {each.id for each in full.newest(kinds)} == set(chosen.values()) != set()
    assert {each.id for each in full.newest(kinds, each=1000)} == {each.id for each in published}
    assert {each.authority for each in full.newest(kinds, authorities=["Northmoor"])} == {"Northmoor"}


def test_dates_are_those_of_publication(full: Archive) -> None:
    assert refs(full, "children", since=date(2024, 1, 8), until=date(2025, 3, 19)) == ["4"]
    assert refs(full, "children", until=date(2024, 1, 7)) == ["1"]


def test_a_hit_shows_where_it_stands_and_of_what_it_tells(full: Archive) -> None:
    (hit,) = full.search("neglect")
    assert hit.page == 2
    assert hit.snippet == (
        ("One page. ", False), ("Neglected", True), (" brothers. ", False), ("Neglect", True), (" ended.", False),
    )  # fmt: skip
    found = full.inspection(hit.inspections[0])
    assert found is not None
    assert found.authority == "Southmoor"


def test_a_snippet_is_short_and_keeps_its_first_match() -> None:
    pieces = snippet("word " * 200 + "a \x02match\x03 here " + "word " * 200)
    assert ("match", True) in pieces
    assert sum(len(text) for text, _ in pieces) < 400
    assert (pieces[0], pieces[-1]) == (("… ", False), (" …", False))


@pytest.mark.fault("K12")
@pytest.mark.parametrize("words", ["", "  ", "***", '"', "-care", "AND ( *", "'", "\0", "x" * 501, "a " * 21])
def test_what_holds_no_words_to_search_for_is_said(full: Archive, words: str) -> None:
    if any(letter.isalnum() for letter in words) and len(words) < 40 and not words.startswith("-"):
        assert refs(full, words) == []
        return
    with pytest.raises(QueryError, match="expected"):
        full.search(words)


@given(st.text(max_size=60))
def test_nothing_that_a_person_types_is_syntax(words: str) -> None:
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5 (title, body, words, facets, tokenize='porter unicode61')")
    try:
        match = matching(words, Filters(authorities=("A",), official=True))
    except QueryError:
        return
    assert connection.execute("SELECT rowid FROM t WHERE t MATCH ?", [match]).fetchall() == []


def test_words_of_other_languages_and_marks_are_found(full: Archive) -> None:
    assert refs(full, "don't o'hara") == ["s"]
    assert refs(full, "O’Hara") == ["s"]


def test_inspections_pass_every_filter(full: Archive) -> None:
    def found(**filters: object) -> list[str | None]:
        return [str(one.published_on) for one in full.inspections(Filters(**filters))]  # type: ignore[arg-type]

    assert found() == ["2025-03-20", "2024-01-08", "2023-06-12", "2022-03-21"]
    assert found(authorities=("Northmoor",)) == ["2025-03-20", "2022-03-21"]
    assert found(authorities=("Northmoor", "Eastmoor"), since=date(2023, 1, 1)) == ["2025-03-20", "2024-01-08"]
    assert found(kinds=("focused_visit",)) == ["2024-01-08"]
    assert found(directions=("down",), areas=("overall",)) == ["2025-03-20"]
    assert found(grades=("good",), areas=("care_leavers",)) == []
    assert found(areas=("overall",)) == ["2025-03-20", "2023-06-12", "2022-03-21"]
    assert found(sources=("gazette",)) == ["2023-06-12"]
    assert found(official=False) == []
    newest, *_ = full.inspections(limit=1)
    assert str(full.inspections(before=newest, limit=1)[0].published_on) == "2024-01-08"


def test_a_history_is_the_authority_s_own_oldest_first(full: Archive) -> None:
    assert [str(one.published_on) for one in full.history("Northmoor")] == ["2022-03-21", "2025-03-20"]


MAIN = [
    Filters(), Filters(authorities=("Northmoor",)), Filters(authorities=("A", "B", "C")), Filters(urns=("1",)),
    Filters(kinds=("ilacs",)), Filters(states=("overdue",)), Filters(grades=("inadequate",)),
    Filters(directions=("down",)), Filters(sources=("gazette",)), Filters(since=date(2025, 1, 1)),
    Filters(areas=("overall",)),
]  # fmt: skip


@pytest.mark.parametrize("filters", MAIN)
def test_every_filter_of_inspections_is_answered_by_an_index(full: Archive, filters: Filters) -> None:
    sql, values = inspections_query(filters)
    plan = [
        row["detail"]
        for row in full._rows(f"EXPLAIN QUERY PLAN {sql} ORDER BY i.on_day DESC, i.id DESC LIMIT 20", values)
    ]
    whole = [step for step in plan if re.match(r"SCAN (?!json_each|SUBQUERY)", step) and "USING INDEX" not in step]
    assert plan
    assert [step for step in whole if "USING COVERING INDEX" not in step] == []


DOWN, DUE = Filters(directions=("down",)), Filters(states=("due",))
SEARCHES = {
    "newest first": (f"{search._NEWEST} WHERE {search._MATCHED} {search._ON_PAGE}", ["texts_fts M ><", "p place"]),
    "of many inspections": (
        f"{search._NEWEST} WHERE {search._MATCHED} {search._told_of(DOWN)[0]} {search._ON_PAGE}",
        ["texts_fts M ><", "q place", "f publication", "i id", "j inspection", "p place"],
    ),
    "looked up": (search._CHOSEN, ["texts_fts = M", "p place"]),
    "ranked": (search._RANKED.format(where=search._MATCHED), ["texts_fts M ><"]),
    "ranked of few": (search._RANKED.format(where=f"{search._MATCHED} {search._AMONG}"), ["texts_fts M ><"]),
    "which few, by direction": (
        f"SELECT DISTINCT q.place FROM {search._BY_JUDGEMENT} WHERE {search._told_where(DOWN)[0]} LIMIT :few",
        ["j direction", "i id", "f inspection", "q rowid"],
    ),
    "which few, by state": (
        f"SELECT DISTINCT q.place FROM {search._BY_STATE} WHERE {search._told_where(DUE)[0]} LIMIT :few",
        ["i state", "f inspection", "q rowid"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_goes_from_the_words_to_their_rows_by_indexes(full: Archive, name: str) -> None:
    """The words first, by descending row id where the newest come first: neither is all read nor is anything sorted."""
    sql, expected = SEARCHES[name]
    values = dict.fromkeys(re.findall(r":(\w+)", sql), "1") | {"match": "a", "places": "[1]"}
    plan = [row["detail"] for row in full._rows(f"EXPLAIN QUERY PLAN {sql}", values)]
    walked = [
        re.sub(r"^SCAN texts_fts VIRTUAL TABLE INDEX \d+:(=?)M\d(><)?$", r"texts_fts \1 M \2", step) for step in plan
    ]
    walked = [re.sub(r"^SEARCH (\w+) USING .*\((\w+)=\?\).*$", r"\1 \2", step) for step in walked]
    assert [" ".join(step.split()) for step in walked if re.match(r"texts_fts|[fijpq] ", step)] == expected
    assert [step for step in plan if re.match(r"SCAN [fijpq]\b", step)] == []
    assert ("USE TEMP B-TREE FOR ORDER BY" in plan) == name.startswith("ranked")


QUESTIONS = [
    "SELECT ref, fingerprint FROM publications WHERE source = 'a'",
    "SELECT * FROM publications WHERE source = 'a' AND ref = 'b'",
    "SELECT max(place) FROM publications WHERE place >= 1 AND place < 2",
    "SELECT f.id FROM findings f JOIN publications p ON p.id = f.publication WHERE f.grp = 'a' ORDER BY f.seq",
    "SELECT json FROM inspections WHERE grp = 'a' AND withdrawn_at IS NULL",
    "SELECT json FROM inspections WHERE authority = 'a' AND provider IS NULL ORDER BY on_day, id",
    "SELECT id FROM sources WHERE next_due <= 'a' AND watched ORDER BY next_due, id LIMIT 5",
    "SELECT seq FROM messages WHERE state = 'pending' AND next_at <= 'a' ORDER BY next_at, seq LIMIT 1",
    "SELECT * FROM events WHERE held IS NOT NULL AND settled IS NULL ORDER BY seq LIMIT 9",
    "SELECT * FROM events WHERE NOT baseline ORDER BY seq DESC LIMIT 9",
    "SELECT id FROM findings WHERE certainty = 'undecided' AND decided IS NULL ORDER BY seq",
    "SELECT json FROM findings WHERE publication IN (SELECT value FROM json_each('[1]')) ORDER BY publication, n",
    "SELECT * FROM publications ORDER BY place DESC LIMIT 20",
    "SELECT * FROM publications WHERE source = 'a' ORDER BY place DESC LIMIT 20",
    "SELECT * FROM messages WHERE recipient = 'a' ORDER BY seq DESC LIMIT 20",
    "SELECT count(*) FROM messages WHERE recipient = 'a' AND key >= 'a.' AND key < 'a/'",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_questions_of_every_poll_neither_scan_nor_sort(full: Archive, question: str) -> None:
    plan = [row["detail"] for row in full._rows(f"EXPLAIN QUERY PLAN {question}")]
    assert plan
    whole = [step for step in plan if re.match(r"SCAN (?!json_each)", step)]
    assert [step for step in whole if "USING" not in step] == []
    assert [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step] == []
