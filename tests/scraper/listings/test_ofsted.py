"""Ofsted's search and provider pages: every field by its label, two dates, and no page of a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspections.authorities import Authorities
from inspections.model import Authority, Certainty, Kind, to_plain
from scraper import parse
from scraper.listings.ofsted import ofsted_provider, ofsted_search
from scraper.model import Code, Page, ParseError, Reading

PAGES = Path(__file__).parents[3] / "fixtures" / "listings"
AUTHORITIES = Authorities([Authority(code="999", name="Marrowdale", urn="80999")])


def provider(name: str, url: str = "", swap: tuple[str, str] = ("", "")) -> Reading:
    text = (PAGES / "ofsted_provider" / f"{name}.html").read_text()
    return ofsted_provider(
        Page(body=text.replace(*swap).encode() if swap[0] else text.encode(), url=url), authorities=AUTHORITIES
    )


def search(name: str, url: str = "https://reports.ofsted.gov.uk/search?start=0&rows=4") -> Reading:
    return ofsted_search(Page(body=(PAGES / "ofsted_search" / f"{name}.html").read_bytes(), url=url))


def test_a_providers_documents_have_the_file_id_the_label_and_both_dates() -> None:
    first, second, *_ = provider("authority").items
    assert (first.ref, first.title) == ("50310001", "Children's services inspection")
    assert (first.inspected_on, first.published_on) == ("2026-01-26", "2026-06-18")
    assert second.published_on == "2026-05-18", (
        "published earlier though it stands below: the site orders by inspection"
    )


def test_the_provider_is_known_by_urn_and_type_and_its_council_by_the_table() -> None:
    found = provider("authority").provider
    assert found is not None
    assert (found.urn, found.type, found.kind, found.authority) == ("80999", 44, None, "Marrowdale")
    school = provider("school_judgements").provider
    assert school is not None
    assert (school.urn, school.type, school.kind, school.authority) == ("199001", 21, Kind.SCHOOL, "Marrowdale")


def test_entries_without_a_document_are_left_out() -> None:
    assert len(provider("authority").items) == 7
    assert all("/v1/file/" in item.url for item in provider("authority").items)


def test_the_former_file_host_is_the_present_one_and_a_replicas_host_stays() -> None:
    visit = next(item for item in provider("authority").items if item.ref == "50250001")
    assert visit.url == "https://files.ofsted.gov.uk/v1/file/50250001"
    swap = ("https://files.ofsted.gov.uk/v1", "/v1")
    replica = provider("authority", url="http://127.0.0.1:8700/provider/44/80999", swap=swap)
    assert replica.items[0].url == "http://127.0.0.1:8700/v1/file/50310001"
    assert replica.items[0].ref == "50310001"


def test_the_grade_beside_an_old_label_is_not_part_of_the_label() -> None:
    old = next(item for item in provider("school_judgements").items if item.ref == "2347001")
    assert (old.title, old.grade) == ("Full inspection", "Good")


def test_an_unknown_label_is_kept_and_noted() -> None:
    reading = provider("authority")
    assert [item.title for item in reading.items if item.ref == "50220001"] == ["Children and families wonder visit"]
    assert [note for note in reading.notes if "unknown label" in note] == [
        "unknown label 'Children and families wonder visit'; it was kept as printed"
    ]


def test_addresses_are_nowhere_in_what_is_kept() -> None:
    for name in ("authority", "school_judgements"):
        assert "Placeholder" not in json.dumps(to_plain(provider(name)), default=str)


def test_open_or_closed_is_noted() -> None:
    assert "status: open" in provider("authority").notes
    assert "status: closed" in provider("school_overall").notes


@pytest.mark.parametrize("number", [17, 18, 49])
def test_pages_of_persons_are_refused(number: int) -> None:
    with pytest.raises(ParseError, match="never read") as refused:
        provider("childminder", swap=("/provider/17/", f"/provider/{number}/"))
    assert refused.value.code is Code.REFUSED


def test_a_registered_person_is_refused_by_the_urn_where_the_page_has_no_address() -> None:
    with pytest.raises(ParseError, match="never read"):
        provider("childminder", swap=("EY999999", "RP999999"))


def test_ofsteds_page_for_a_missing_report_is_an_error_of_its_own() -> None:
    with pytest.raises(ParseError) as missing:
        provider("not_found")
    assert missing.value.code is Code.REPORT_NOT_FOUND


def test_the_sites_own_error_page_is_a_fault_of_the_server() -> None:
    body = (
        b"<html><head><title>Slim Application Error</title></head><body><h1>Slim Application Error</h1></body></html>"
    )
    with pytest.raises(ParseError) as fault:
        ofsted_search(Page(body=body))
    assert fault.value.outcome == "server-error"


def test_a_provider_page_without_its_name_is_not_found_whatever_its_status() -> None:
    with pytest.raises(ParseError) as shell:
        provider("authority", swap=("title-block__heading", "other"))
    assert shell.value.outcome == "zero-items"


def test_a_redesigned_timeline_is_reported() -> None:
    reading = provider("authority", swap=('ol class="timeline"', 'ul class="list"'))
    redesigned = provider("authority", swap=("publication-link", "download"))
    assert len(reading.items) == 7, "an entry is found by its day or in the list"
    assert len(redesigned.items) == 7, "a link to a file is enough"
    gone = (
        (PAGES / "ofsted_provider" / "authority.html").read_text().replace("<li ", "<p ").replace("timeline", "history")
    )
    with pytest.raises(ParseError) as zero:
        parse.check(ofsted_provider(Page(body=gone.encode()), authorities=AUTHORITIES))
    assert zero.value.outcome == "zero-items"


def test_a_search_gives_urn_page_name_day_and_rating_by_label() -> None:
    council, school, home = search("first").items
    assert (council.ref, council.url) == ("80999", "https://reports.ofsted.gov.uk/provider/44/80999")
    assert (council.title, council.published_on, council.grade) == ("Marrowdale Borough Council", "2026-06-18", None)
    assert (school.ref, school.published_on, school.grade) == ("199001", "2025-05-06", "Good")
    assert (home.ref, home.title, home.published_on) == ("SC099001", "Children's home", None)


def test_a_search_states_its_total_and_leads_on() -> None:
    reading = search("first")
    assert reading.total == 6
    assert reading.next_url == (
        "https://reports.ofsted.gov.uk/search?q=&level_1_types=3&level_2_types%5B%5D=12&start=4&rows=4"
    )


def test_persons_are_left_out_of_a_search_and_counted() -> None:
    reading = search("first")
    assert all("EY999999" not in item.url for item in reading.items)
    assert any(note.startswith("1 results are persons") for note in reading.notes)
    assert (len(reading.items), reading.left_out) == (3, 1)


def test_an_address_that_is_none_costs_a_search_its_own_result_only() -> None:
    body = (PAGES / "ofsted_search" / "first.html").read_text()
    whole = search("first")
    broken = body.replace('href="/provider/', 'href="http://[::1/provider/', 1)
    assert broken != body
    reading = ofsted_search(Page(body=broken.encode(), url="https://reports.ofsted.gov.uk/search?start=0&rows=4"))
    assert len(reading.items) == len(whole.items) - 1
    assert any("have no link to a provider's page" in note for note in reading.notes)


def test_a_search_that_is_cut_in_silence_is_an_error() -> None:
    with pytest.raises(ParseError, match="found 6, but shows 4") as cut:
        search("cut")
    assert cut.value.outcome == "suspect"
    assert search("cut", url="https://reports.ofsted.gov.uk/search?start=2&rows=100").total == 6


def test_a_search_that_says_that_it_found_nothing_is_no_error() -> None:
    reading = parse.check(search("nothing"))
    assert (reading.items, reading.total) == ((), 0)


def test_any_other_page_is_no_search() -> None:
    with pytest.raises(ParseError) as other:
        ofsted_search(Page(body=b"<html><body><h1>Welcome</h1><p>Find an inspection report</p></body></html>"))
    assert other.value.outcome == "zero-items"


def test_the_pages_own_judgements_are_a_published_finding_with_evidence() -> None:
    (finding,) = provider("school_judgements").findings
    assert to_plain(finding.judgements) == {
        "quality_of_education": "good", "behaviour_and_attitudes": "outstanding", "personal_development": "good",
        "leadership_and_management": "requires_improvement",
    }  # fmt: skip
    assert (finding.kind, finding.urn, finding.certainty) == (Kind.SCHOOL, "199001", Certainty.PUBLISHED)
    assert (finding.inspected_from, finding.published_on) == ("2025-03-18", "2025-05-06")
    words = finding.evidence["judgements.behaviour_and_attitudes"]
    assert (words.text, words.path) == ("Behaviour and attitudes: Outstanding", ".subjudgements__rates__item")


def test_an_overall_grade_until_2024_is_read_with_the_others() -> None:
    (finding,) = provider("school_overall").findings
    assert to_plain(finding.judgements) == {"overall": "inadequate", "quality_of_education": "inadequate"}
    assert finding.inspected_from == "2022-04-26"


def test_a_report_card_has_no_overall_grade_though_its_first_heading_looks_like_one() -> None:
    reading = provider("report_card")
    (finding,) = reading.findings
    assert to_plain(finding.judgements) == {
        "safeguarding": "not_met", "personal_development_and_wellbeing": "strong_standard",
        "achievement": "expected_standard", "inclusion": "expected_standard", "attendance_and_behaviour": "needs_attention",
    }  # fmt: skip
    assert (finding.inspected_from, finding.published_on) == ("2026-01-13", "2026-02-20")
    assert not any("chart" in note for note in reading.notes)


@pytest.mark.parametrize(
    "wrap", ["<script type='text/template'>{}</script>", "<div>{}</div>", '<div data-html="{}"></div>']
)
def test_a_report_card_is_read_however_its_markup_is_wrapped(wrap: str) -> None:
    text = (PAGES / "ofsted_provider" / "report_card.html").read_text()
    start, end = text.index('<div class="report-card-embed"'), text.index('</div>\n<div class="module"><h2')
    escaped = text[start:end].partition('data-html="')[2].rpartition('">')[0]
    body = text[:start] + wrap.format(escaped.replace("&", "&amp;")) + text[end + len("</div>") :]
    (finding,) = ofsted_provider(Page(body=body.encode()), authorities=AUTHORITIES).findings
    assert finding.judgements["safeguarding"] == "not_met"
    assert finding.judgements["inclusion"] == "expected_standard"


def test_a_chart_with_more_dots_than_areas_is_noted() -> None:
    swap = ("&lt;h4&gt;Inclusion&lt;/h4&gt;", "")
    assert any(
        "shows 2 areas with 'Expected standard', of which 1" in note
        for note in provider("report_card", swap=swap).notes
    )


def test_a_grade_that_its_time_does_not_have_is_left_unknown() -> None:
    (finding,) = provider("school_judgements", swap=("<strong>Outstanding<", "<strong>Exceptional<")).findings
    assert finding.judgements["behaviour_and_attitudes"] is None
    assert "Exceptional" in finding.notes[0]


@pytest.mark.corpus
def test_the_real_page_of_a_school_is_read_whole(corpus: Path) -> None:
    body = (corpus / "pages" / "REAL-provider-21-116780-school-eif-aug2026.html").read_bytes()
    reading = parse.read(Page(body=body), authorities=Authorities.load())
    assert reading.type == "provider"
    assert [item.ref for item in reading.items] == [
        "50276206", "50233913", "2777285", "2347589", "1929463", "927437", "816425", "766407",
    ]  # fmt: skip
    assert [item.grade for item in reading.items] == [None, None, None, "Good", None, "Good", "Good", None]
    assert (reading.items[-1].inspected_on, reading.items[-1].published_on) == ("1999-11-15", "2000-05-12")
    (finding,) = reading.findings
    assert set(to_plain(finding.judgements).values()) == {"good"}
    assert len(finding.judgements) == 5


@pytest.mark.corpus
def test_the_real_page_in_place_of_a_missing_report_is_recognised(corpus: Path) -> None:
    body = (corpus / "pages" / "files.ofsted.gov.uk-error-page-saved-as-pdf.html").read_bytes()
    for as_type in (None, "report", "provider"):
        with pytest.raises(ParseError) as missing:
            parse.read(Page(body=body), as_type=as_type, authorities=AUTHORITIES)
        assert missing.value.code is Code.REPORT_NOT_FOUND
