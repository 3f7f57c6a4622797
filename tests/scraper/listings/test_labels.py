"""What Ofsted calls its documents, and which kind each label means."""

from __future__ import annotations

from datetime import date

import pytest

from inspections.days import Day
from inspections.model import Kind
from scraper.listings.labels import kind_of


@pytest.mark.parametrize(
    ("label", "number", "began", "kind"),
    [
        ("Children's services inspection", 44, "2025-06-30", Kind.ILACS),
        ("Children’s services inspection", 44, None, Kind.ILACS),
        ("Children's services inspection,  pdf", 44, "2015-05-12", Kind.SIF),
        ("Children's services inspection", 44, "2013-02-11", Kind.OTHER),
        ("Children's services inspection", 44, "2018-04-16", None),
        ("Single inspection of LA children's services as pdf", 44, "2014-05-12", Kind.SIF),
        ("Children's services focused visit", 44, None, Kind.FOCUSED_VISIT),
        ("Children's services focused visit", 44, "2021-03-10", Kind.FOCUSED_VISIT),
        ("Children's services monitoring visit", 44, "2024-03-10", Kind.MONITORING_VISIT),
        ("Joint area child protection inspection", 44, None, Kind.JTAI),
        ("Area SEND full inspection", 44, "2026-04-27", Kind.AREA_SEND),
        ("Area SEND monitoring inspection", 44, "2026-04-27", Kind.AREA_SEND_MONITORING),
        ("Local area SEND inspection", 44, "2019-06-10", Kind.AREA_SEND_2016),
        ("Joint area review - progress inspection,  pdf", 44, "2009-02-03", Kind.OTHER),
        ("Full inspection", 2, None, Kind.CHILDRENS_HOME),
        ("Monitoring visit", 2, None, Kind.MONITORING_VISIT),
        ("School inspection", 21, None, Kind.SCHOOL),
        ("Interim assessment", 23, None, Kind.SCHOOL),
        ("Academy conversion and predecessor schools", 28, None, Kind.OTHER),
        ("Full inspection", 16, None, Kind.EARLY_YEARS),
        ("Full inspection", 31, None, Kind.FURTHER_EDUCATION),
        ("Independent fostering agency inspection", 45, None, Kind.FOSTERING),
        ("Full inspection", 45, None, None),
        ("Children and families wonder visit", 44, None, None),
        ("School inspection", None, None, None),
    ],
)
def test_a_label_means_a_kind_on_pages_of_its_type_in_its_time(
    label: str, number: int | None, began: str | None, kind: Kind | None
) -> None:
    assert kind_of(label, number, Day(began) if began else None) is kind


def test_a_plain_date_serves_as_the_day_of_the_inspection() -> None:
    assert kind_of("Children's services inspection", 44, date(2015, 5, 12)) is Kind.SIF
