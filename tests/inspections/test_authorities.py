"""The table of authorities: complete, true to its dates, and found by every name in print but never by a guess."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from inspections.authorities import Authorities, AuthoritiesError

TABLE = Authorities.load()
HEADER = "code,name,gss,urn,region,valid_from,valid_to,predecessors,aliases\n"


def named(text: str, on: date | None = None) -> list[str]:
    return [mention.authority.name for mention in TABLE.mentioned(text, on)]


def test_there_are_153_authorities_today_and_every_one_has_its_numbers() -> None:
    standing = [row for row in TABLE if (row.valid_from or date.min) <= date(2026, 9, 1) and not row.valid_to]
    standing += [row for row in TABLE if row.valid_to and row.valid_to > date(2026, 9, 1)]
    assert len(standing) == 153
    assert all(row.code and row.gss and row.urn and row.region and row.domain for row in standing)


def test_codes_urns_and_gss_codes_belong_to_one_authority_each() -> None:
    for numbers in (
        [row.code for row in TABLE if row.code],
        [row.urn for row in TABLE if row.urn],
        [gss for row in TABLE for gss in (row.gss, *row.former_gss) if gss],
    ):
        assert len(numbers) == len(set(numbers))


def test_predecessors_are_rows_that_ended_the_day_before() -> None:
    following = [row for row in TABLE if row.predecessors]
    assert len(following) == 8
    for row in following:
        for before in TABLE.predecessors(row):
            assert before.valid_to and row.valid_from and (row.valid_from - before.valid_to).days == 1
        assert len(TABLE.predecessors(row)) == len(row.predecessors)


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("Kingston upon Hull, City of", "810"), ("Kingston Upon Hull", "810"), ("Hull City Council", "810"),
        ("Bristol City Council’s children’s services", "801"), ("Bristol, City of", "801"), ("BCP Council", "839"),
        ("Bournemouth, Christchurch & Poole", "839"), ("City of York Council local authority", "816"),
        ("London Borough of Hammersmith & Fulham", "205"), ("Royal Borough of Greenwich", "203"),
        ("Royal Borough of Windsor and Maidenhead", "868"), ("Telford & Wrekin Council", "894"),
        ("County Durham", "840"), ("Durham County Council", "840"), ("Kent\u00a0County   Council", "886"),
        ("Dudley MBC", "332"), ("Wakefield District Metropolitan Council", "384"), ("Derby City", "831"),
        ("St Helens", "342"), ("St. Helens Council", "342"), ("Southend-on-Sea city council", "882"),
        ("Stoke on Trent", "861"), ("Metropolitan Borough of Rotherham", "372"), ("City of London Corporation", "201"),
        ("Sandwell Children's Trust", "333"), ("Bradford Children and Families Trust", "380"),
        ("Council of the Isles of Scilly", "420"), ("Bedford Borough Council", "822"), ("Hereford", "884"),
        ("HARTLEPOOL BOROUGH COUNCIL", "805"), ("Kirklees local area partnership", "382"),
    ],
)  # fmt: skip
def test_a_printed_name_finds_its_authority(printed: str, code: str) -> None:
    found = TABLE.find(printed)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "printed",
    ["London", "Yorkshire", "Sussex", "Kentish Town", "Blackbrn", "", "Council", "Newcastle-under-Lyme", "Avon"],
)
def test_a_name_that_is_in_no_row_finds_nothing(printed: str) -> None:
    assert TABLE.find(printed) is None


def test_of_two_authorities_with_one_name_the_date_decides() -> None:
    assert [TABLE.find("Dorset", on).code for on in (date(2019, 3, 31), date(2019, 4, 1))] == ["835", "838"]  # type: ignore[union-attr]
    assert TABLE.find("Dorset").code == "838"  # type: ignore[union-attr]
    assert TABLE.find("Dorset County Council").code == "835"  # type: ignore[union-attr]
    assert TABLE.find("Dorset County Council", date(2024, 5, 1)).code == "838"  # type: ignore[union-attr]


def test_an_abolished_authority_is_still_found_by_name() -> None:
    found = TABLE.find("Cumbria County Council", date(2023, 5, 1))
    assert found is not None
    assert found.valid_to == date(2023, 3, 31)


def test_reorganisation_leads_from_the_old_authority_to_the_new_and_back() -> None:
    names = [row.name for row in TABLE.standing("909", date(2024, 7, 12))]
    assert names == ["Cumberland", "Westmorland and Furness"]
    assert [row.code for row in TABLE.standing("941", date(2018, 6, 1))] == ["928"]
    assert [row.code for row in TABLE.standing("889", date(2018, 6, 1))] == ["889"]
    assert {row.code for row in TABLE.successors("928")} == {"940", "941"}
    assert [row.name for row in TABLE.standing("936", date(2027, 4, 1))] == ["East Surrey", "West Surrey"]
    assert TABLE.standing("000", date(2024, 1, 1)) == []


def test_councils_that_only_got_a_new_gss_code_are_one_row_under_both() -> None:
    for old, new, code in (
        ("E10000002", "E06000060", "825"), ("E10000023", "E06000065", "815"), ("E10000027", "E06000066", "933"),
    ):  # fmt: skip
        assert TABLE.by_gss(old) is TABLE.by_gss(new) is TABLE.by_code(code)
    assert TABLE.by_urn("80430") is TABLE.by_code("889") is not None
    assert TABLE.by_urn("1") is TABLE.by_code("") is TABLE.by_gss("") is None


def test_a_region_holds_the_authorities_of_today() -> None:
    names = {row.name for row in TABLE.in_region("north-west")}
    assert names == {row.name for row in TABLE.in_region("North West")}
    assert {"Cumberland", "Blackburn with Darwen"} < names
    assert "Cumbria" not in names
    assert "Cumbria" in {row.name for row in TABLE.in_region("north-west", date(2020, 1, 1))}
    assert sum(len(TABLE.in_region(region)) for region in TABLE.regions()) == 153


def test_select_takes_names_and_regions_once_each_and_names_the_nearest_of_an_unknown_word() -> None:
    chosen = TABLE.select(["Leeds City Council", "yorkshire-and-the-humber", "Hull"])
    assert chosen[0].name == "Leeds"
    assert len(chosen) == len({row.code for row in chosen}) == 15
    with pytest.raises(
        LookupError, match=r"'Blackburn wiht Darwen' is neither .* the nearest is 'Blackburn with Darwen'"
    ):
        TABLE.select(["Blackburn wiht Darwen"])
    with pytest.raises(LookupError, match=r"'north-wset' .* 'north-west'"):
        TABLE.select(["north-wset"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("north-wset", "north-west"), ("south-esat", "south-east"), ("nort west", "north-west"),
        ("Yorkshire", "yorkshire-and-the-humber"), ("Humber", "yorkshire-and-the-humber"), ("londn", "london"),
        ("yorkshire-and-humber", "yorkshire-and-the-humber"), ("east of englnd", "east-of-england"),
        ("leads", "Leeds"), ("North Yorkshir", "North Yorkshire"), ("Bolten", "Bolton"), ("xyzzy", None),
    ],
)  # fmt: skip
def test_a_misspelt_region_is_answered_with_a_region_and_a_council_with_a_council(
    written: str, meant: str | None
) -> None:
    assert TABLE.nearest(written) == meant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Derbyshire and Derby were inspected, as was Cheshire East", ["Derbyshire", "Derby", "Cheshire East"]),
        ("North Northamptonshire, once Northamptonshire", ["North Northamptonshire", "Northamptonshire"]),
        ("Kentish Town is in Camden", ["Camden"]),
        ("Reading, writing and maths. Reading is fun. Bury the past. Sutton spoke.", []),
        ("children in Reading and Bury, and Sutton Council", ["Reading", "Bury", "Sutton"]),
        ("the London Borough of Richmond upon Thames", ["Richmond upon Thames"]),
        ("NORTH YORKSHIRE COUNCIL and Kingston upon Hull City Council", ["North Yorkshire", "Kingston upon Hull, City of"]),
        ("Blackburn with\u00a0Darwen’s services; Stockton‑on‑Tees", ["Blackburn with Darwen", "Stockton-on-Tees"]),
        ("Lancashire Constabulary, City of London Police, Devon and Cornwall Police, University of Leeds", []),
        ("Lancashire and South Cumbria Integrated Care Board; Greater Manchester; Leicester Hospitals", []),
        ("Councillor Bolton and Cllr Julia Kent welcomed it", []),
        ("Newcastle-under-Lyme is a district", []),
        ("Bournemouth, Christchurch and Poole Council", ["Bournemouth, Christchurch and Poole"]),
        ("Telford &amp; Wrekin".replace("&amp;", "&"), ["Telford and Wrekin"]),
        ("a Kent-based charity", ["Kent"]),
        ("kent, leeds", []),
    ],
)  # fmt: skip
def test_a_text_mentions_the_authorities_that_it_names_and_no_others(text: str, expected: list[str]) -> None:
    assert named(text) == expected


def test_a_mention_says_where_the_name_stands_with_the_words_around_it() -> None:
    text = "Ofsted visited the London Borough of Barnet and Kent County Council."
    spans = [text[mention.start : mention.end] for mention in TABLE.mentioned(text)]
    assert spans == ["the London Borough of Barnet", "Kent County Council"]


def test_a_council_that_does_not_exist_yet_is_not_mentioned() -> None:
    assert named("East Surrey Hospital and West Surrey") == []
    assert named("East Surrey has been inspected", date(2028, 1, 1)) == ["East Surrey"]


def test_the_operators_rows_are_added_and_take_the_place_of_known_codes(tmp_path: Path) -> None:
    more = tmp_path / "authorities.csv"
    more.write_text(HEADER + '990,"Mere, Vale of",,,North West,,,,Mereshire|Vale of Mere\n889,Blackburn,,80430,,,,,\n')
    table = Authorities.load(more)
    found = table.find("Mereshire County Council")
    assert found is not None
    assert (found.code, found.name, found.gss) == ("990", "Mere, Vale of", None)
    assert table.by_code("889").name == "Blackburn"  # type: ignore[union-attr]
    assert len(table) == len(TABLE) + 1


def test_every_mistake_of_a_table_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    more = tmp_path / "authorities.csv"
    more.write_text(HEADER + "99,Mere,,,,,,,\n991,,,,,soon,,,\n992,Vale, of,,,,,,,\n993,A,,,,,,,\n993,B,,,,,,,\n")
    with pytest.raises(AuthoritiesError) as caught:
        Authorities.load(more)
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert f"{more}, line 2: the code is '99'" in lines[0]
    assert "line 3: the name is empty" in lines[1]
    assert "valid_from is 'soon'" in lines[2]
    assert "line 4: the row has not as many cells" in lines[3]
    assert "line 6: 993 stands already in line 5" in lines[4]


def test_an_unknown_column_is_named(tmp_path: Path) -> None:
    more = tmp_path / "authorities.csv"
    more.write_text("code,title\n990,Mere\n")
    with pytest.raises(AuthoritiesError, match="line 1: the columns are code, title; expected code, name"):
        Authorities.load(more)


@pytest.mark.corpus
def test_every_printed_authority_of_the_corpus_is_the_right_row(corpus: Path) -> None:
    checked = 0
    for folder in ("reports", "announcements"):
        with (corpus / folder / "labels.csv").open(encoding="utf-8") as file:
            for label in csv.DictReader(file):
                if label["authority"]:
                    found = TABLE.find(label["authority"])
                    assert found is not None, label["authority"]
                    assert label.get("urn") in (None, "", found.urn), label["file"]
                    checked += 1
    assert checked > 300


@pytest.mark.parametrize(
    "form",
    [
        "{} Council", "{} local authority", "{} City Council local authority", "{} Borough Council", "{} MBC",
        "{} Metropolitan District Council", "London Borough of {}", "Royal Borough of {}", "City of {} Council",
        "{} Council’s children’s services", "{} Children's Services", "  {}\u00a0 Council.", "Council of the {}",
        "{} local area partnership", "{} Safeguarding Children Partnership",
    ],
)  # fmt: skip
def test_every_name_and_alias_in_every_printed_form_finds_its_row(form: str) -> None:
    rows = [row for region in TABLE.regions() for row in TABLE.in_region(region)]
    names = [(row, name) for row in rows for name in (row.name, *row.aliases)]
    assert [name for row, name in names if TABLE.find(form.format(name)) is not row] == []
    assert [name for row, name in names if TABLE.find(form.format(name).upper()) is not row] == []


@pytest.mark.parametrize(
    "form", ["Ofsted inspected {} Council in May.", "children in {} are safe", "the City of {} and"]
)
def test_every_name_and_alias_in_a_sentence_is_the_one_mention_of_its_row(form: str) -> None:
    rows = [row for region in TABLE.regions() for row in TABLE.in_region(region)]
    for row in rows:
        for name in (row.name, *row.aliases):
            assert [mention.authority for mention in TABLE.mentioned(form.format(name))] == [row], name
