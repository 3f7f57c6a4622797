"""A document that is listed and cannot be read: the letter says so, and where a person finds it."""

from __future__ import annotations

import pytest

from tests.stories.conftest import Report, Town
from tests.stories.test_killed import past

NOT_THERE = b"<html><title>Report not found</title><h1>Report not found</h1></html>"


@pytest.mark.fault("D1")
@pytest.mark.parametrize("label", ["Children's services focused visit", "Children's services inspection"])
def test_a_document_that_cannot_be_read_is_told_with_the_page_that_lists_it(town: Town, label: str) -> None:
    past(town)
    town.poll("2025-04-01T09:00:00Z")
    town.reports.append(Report("50276001", label, "03 March 2025", "23 April 2025", NOT_THERE))
    town.poll("2025-04-23T12:00:00Z")
    (letter,) = town.mail()
    text = " ".join(letter.get_body(("plain",)).get_content().split())
    page = town.site.url(f"/provider/44/{town.urn}")
    assert "its document could not be read" in text and f"Look for it on Ofsted's page: {page}" in text
    assert "Inspectors give no grade" not in text and "No grade could be read" not in text
    html = letter.get_body(("html",)).get_content()
    assert f'href="{page}"' in html and "could not be read" in html
