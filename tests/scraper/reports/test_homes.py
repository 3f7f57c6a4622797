"""Social care providers: grades by label, the outcome of supported accommodation, and nothing about people or places."""

from __future__ import annotations

import pytest

from inspections.authorities import Authorities
from inspections.model import Authority, Finding, Grade, Kind, Outcome, to_json
from scraper.reports import homes
from scraper.reports.text import Document
from tests.scraper.reports.made import FIXTURES, printed

COUNCILS = Authorities([Authority(code="990", name="Westmere"), Authority(code="991", name="Norhaven")])


def read(name: str, *changes: tuple[str, str]) -> Finding:
    document = printed(name, *changes)
    assert homes.recognises(document)
    return homes.read(document, COUNCILS, None)


def test_a_home_is_known_by_its_urn_and_read_whole() -> None:
    finding = read("childrens-home-2024")
    assert (finding.kind, finding.urn, finding.authority) == (Kind.CHILDRENS_HOME, "2999999", None)
    assert finding.provider == "Lantern Fostering Agency Ltd"
    assert (finding.inspected_from, finding.inspected_to) == ("2024-04-09", "2024-04-10")
    assert finding.judgements == {
        "overall": Grade.REQUIRES_IMPROVEMENT,
        "help_protection": Grade.GOOD,
        "leaders": Grade.REQUIRES_IMPROVEMENT,
    }
    assert finding.lead_inspector == "Nia Osei"
    assert len(finding.improvements) == 2


def test_the_grade_before_is_the_last_inspections_and_never_this_ones() -> None:
    finding = read("childrens-home-2024")
    assert finding.previous == {"overall": Grade.INADEQUATE}
    assert Grade.OUTSTANDING not in finding.judgements.values()


def test_a_section_that_contradicts_the_table_leaves_the_grade_unknown_and_names_both() -> None:
    finding = read("childrens-home-2024", ("helped and protected: good", "helped and protected: inadequate"))
    assert finding.judgements["help_protection"] is None
    assert "judgements.help_protection" not in finding.evidence
    assert any("good" in note and "inadequate" in note for note in finding.notes)


def test_a_small_good_alone_on_a_line_needs_the_heading_of_its_section() -> None:
    finding = read("childrens-home-2024", ("helped and protected: good\nChildren are safe.", "helped and protected"))
    assert finding.judgements["help_protection"] is None
    assert any("good" in note for note in finding.notes)


def test_a_home_without_a_table_has_no_grade_and_says_so() -> None:
    finding = read("childrens-home-2024", ("requires improvement to be good\nHow well", "How well"), ("protected\ngood\n", "protected\n"),
                   ("managers requires improvement to be good\nThe", "managers\nThe"))  # fmt: skip
    assert set(finding.judgements.values()) == {None}
    assert any("grade" in note for note in finding.notes)


def test_people_and_addresses_are_in_no_finding() -> None:
    stored = to_json(read("childrens-home-2024")).decode()
    for private in ("Perdita", "Gideon", "Invented Row", "NW9"):
        assert private not in stored


def test_people_and_addresses_are_left_out_of_the_text_kept_for_search() -> None:
    document = printed("childrens-home-2024", ("12 Invented Row, Nowhere NW9 9ZZ", "12 Invented Row,\nNowhere NW9 9ZZ"))
    kept = homes.without_people(document.text)
    for private in ("Perdita", "Gideon", "Invented Row", "NW9"):
        assert private not in kept
    assert "Leaders are new." in kept and "Nia Osei" in kept


def test_a_provider_that_may_be_a_person_is_not_kept() -> None:
    finding = read("childrens-home-2024", ("Lantern Fostering Agency Ltd", "Perdita Marsh"))
    assert finding.provider is None
    assert "Perdita" not in to_json(finding).decode()


def test_a_council_that_runs_the_home_is_its_authority() -> None:
    finding = read("childrens-home-2024", ("Lantern Fostering Agency Ltd", "Norhaven Council"))
    assert (finding.authority, finding.provider) == ("Norhaven", "Norhaven Council")


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        ("this independent fostering agency", Kind.FOSTERING),
        ("this voluntary adoption agency", Kind.ADOPTION),
        ("this residential family centre", Kind.RESIDENTIAL_FAMILY_CENTRE),
    ],
)
def test_the_kind_is_what_the_document_says_and_not_the_providers_name(about: str, kind: Kind) -> None:
    assert read("childrens-home-2024", ("this children’s home\nThe home", f"{about}\nThe agency")).kind is kind


def test_a_monitoring_visit_to_a_home_has_no_grade() -> None:
    finding = read("childrens-home-2024", ("Full inspection", "Monitoring visit"))
    assert (finding.kind, finding.judgements, finding.urn) == (Kind.MONITORING_VISIT, {}, "2999999")


SAID = "Inconsistent quality of service delivery adversely affects some children’s experiences"


@pytest.mark.parametrize(
    ("sentence", "outcome"),
    [
        (SAID, Outcome.INCONSISTENT),
        ("Consistently strong service delivery leads to typically positive experiences", Outcome.CONSISTENTLY_STRONG),
        ("Serious or widespread weaknesses lead to significant concerns", Outcome.SERIOUS_WEAKNESSES),
        ("Children like the service", None),
        (f"{SAID}. Consistently strong service delivery leads to much", None),
    ],
)
def test_supported_accommodation_has_one_of_three_outcomes_or_none_for_certain(
    sentence: str, outcome: Outcome | None
) -> None:
    finding = read("supported-accommodation-2025", (SAID, sentence))
    assert (finding.kind, finding.outcome, finding.judgements) == (Kind.SUPPORTED_ACCOMMODATION, outcome, {})


def test_every_form_says_that_it_was_not_checked_on_a_real_one() -> None:
    assert any("never checked" in note for note in read("supported-accommodation-2025").notes)


def test_the_title_names_no_home() -> None:
    assert homes.title(printed("childrens-home-2024")) == "Full inspection, children's home, 2999999"


def test_a_letter_on_a_council_is_none_of_these() -> None:
    assert not homes.recognises(printed("monitoring-visit-2022"))


def test_the_number_of_an_agency_stands_under_its_label_on_a_later_page() -> None:
    words = (FIXTURES / "fostering-agency-2023.txt").read_text(encoding="utf-8")
    finding = homes.read(Document.of(words.split("\f")), COUNCILS, None)
    assert (finding.kind, finding.urn, finding.evidence["urn"].page) == (Kind.FOSTERING, "SC999999", 2)


def test_a_secure_home_has_grades_for_education_and_health_too() -> None:
    words = (FIXTURES / "secure-home-2022.txt").read_text(encoding="utf-8")
    finding = homes.read(Document.of(words.split("\f")), COUNCILS, None)
    assert finding.judgements["childrens_health"] is Grade.OUTSTANDING
    assert finding.judgements["leaders"] is Grade.REQUIRES_IMPROVEMENT
    assert finding.judgements["childrens_education_and_learning"] is None  # "good" alone, and no heading repeats it
