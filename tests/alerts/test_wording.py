"""What people read: subjects, text, HTML, the webhook's payload, and templates of their own."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import html as lxml_html
from msgspec.structs import replace

from alerts import payload, rendering
from alerts.model import DeliverySettings
from alerts.news import told_after
from alerts.rendering import COLUMNS
from alerts.view import view
from alerts.wording import digest, message, notice
from inspections.compare import contrasts
from inspections.days import Day
from inspections.model import Certainty, Evidence, Kind, Outcome, State

ROOT = Path(__file__).parent.parent.parent
SCHEMA = json.loads((ROOT / "docs" / "webhook.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def messages(invented) -> dict[str, Any]:
    return {name: make() for name, make in invented.MESSAGES.items()}


SUBJECTS = {
    "Northbridge children's services: requires improvement → good (Ofsted, 23 April 2025)": {
        "judgements": {"overall": "good", "care_leavers": "requires_improvement"},
        "previous": {"overall": "requires_improvement"},
    },
    "Northbridge children's services: good, unchanged (Ofsted, 23 April 2025)": {
        "judgements": {"overall": "good"}, "previous": {"overall": "good"}},
    "Northbridge children's services: inadequate, with areas for priority action (Ofsted, 23 April 2025)": {
        "judgements": {"overall": "inadequate"}, "priority_action": True},
    "Northbridge children's services: inspection report published, grade not stated (Ofsted, 23 April 2025)": {
        "judgements": {"overall": None}},
    "Northbridge children's services: focused visit letter published (Ofsted, 24 May 2024)": {
        "kind": Kind.FOCUSED_VISIT, "published_on": Day("2024-05-24")},
    "Northbridge children's services: good (announced by the council, April 2025)": {
        "certainty": Certainty.ANNOUNCED, "state": State.ANNOUNCED, "judgements": {"overall": "good"},
        "published_on": Day("2025-04")},
    "Northbridge children's services: 3 areas good, 1 outstanding; 1 better (Ofsted, 23 April 2025)": {
        "judgements": {"leaders": "good", "help_protection": "good", "in_care": "good", "care_leavers": "outstanding"},
        "previous": {"leaders": "good", "help_protection": "good", "in_care": "good", "care_leavers": "good"}},
    "Northbridge children's services: care leavers: good → outstanding (Ofsted)": {
        "judgements": {"care_leavers": "outstanding"}, "previous": {"care_leavers": "good"}, "published_on": None},
    "Northbridge area SEND: widespread or systemic failings (Ofsted, 23 April 2025)": {
        "kind": Kind.AREA_SEND, "outcome": Outcome.SYSTEMIC_FAILINGS},
    "Larch House: good → requires improvement (Ofsted, 23 April 2025)": {
        "kind": Kind.CHILDRENS_HOME, "provider": "Larch House", "judgements": {"overall": "requires_improvement"},
        "previous": {"overall": "good"}},
    "Hill School: 2 areas expected standard, 1 strong standard; safeguarding met (Ofsted, 23 April 2025)": {
        "kind": Kind.SCHOOL, "provider": "Hill School", "inspected_from": Day("2026-01-13"), "judgements": {
            "inclusion": "expected_standard", "achievement": "strong_standard",
            "attendance_and_behaviour": "expected_standard", "safeguarding": "met"}},
    "Northbridge children's services: report overdue (inspected 3 to 14 March 2025)": {
        "certainty": Certainty.BEFORE, "state": State.OVERDUE},
    "Northbridge children's services: inspection under way (inspected XX)".replace("XX", "3 to 14 March 2025"): {
        "certainty": Certainty.BEFORE, "state": State.UNDER_WAY},
}  # fmt: skip


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_subject_says_it_all(invented, subject):
    facts = dict(SUBJECTS[subject])
    for name in ("judgements", "previous"):
        facts[name] = {area: grade and invented.GRADES[grade] for area, grade in facts.get(name, {}).items()}
    one = invented.inspection(**facts)
    story = invented.story(one, invented.claim(one, official=one.certainty == Certainty.PUBLISHED))
    assert message("k", story, now=invented.NOW).subject == subject


def test_a_correction_says_what_it_was_and_follows_the_first_message(messages):
    one = messages["correction"]
    assert one.subject == (
        "Correction: Eastmere children's services: overall effectiveness requires improvement, not good, and 1 more "
        "(Ofsted, 23 April 2025)"
    )
    assert one.type == "inspection.corrected" and one.in_reply_to == "m-first"
    assert "Help and protection: you were told good; now requires improvement" in one.text


def test_a_correction_to_somebody_who_was_never_told_claims_nothing_else(invented):
    was = invented.inspection(judgements=invented.grades(overall="good"))
    now = invented.inspection(judgements=invented.grades(overall="requires_improvement"), state=State.CORRECTED)
    one = message("k", invented.story(now, told=told_after(was)), now=invented.NOW)
    assert "you were told" not in (one.text + one.html + one.short).lower()
    assert "Overall effectiveness: it was good; now requires improvement" in one.text


def test_a_letter_without_grades_says_why_and_an_unread_grade_says_so(messages, invented):
    assert "Inspectors give no grade" in messages["ungraded-letter"].text
    unread = invented.inspection(judgements={"overall": None})
    assert "No grade could be read for certain" in message("k", invented.story(unread), now=invented.NOW).text
    assert "No grade" not in messages["graded-report"].text


def test_a_report_that_contradicts_says_so(invented):
    said = invented.inspection(
        certainty=Certainty.ANNOUNCED, state=State.ANNOUNCED, judgements=invented.grades(overall="good")
    )
    report = invented.inspection(judgements=invented.grades(overall="requires_improvement"))
    one = message("k", invented.story(report, told=told_after(said)), now=invented.NOW)
    assert one.type == "inspection.contradicted"
    assert one.subject.startswith(
        "Report differs: Northbridge children's services: overall effectiveness requires impr"
    )
    assert "announced as good" in one.subject


def test_the_message_shows_what_changed_what_must_improve_what_was_said_and_where_it_was_read(messages):
    one = messages["graded-report"]
    text = " ".join(one.text.split())
    for words in (
        "▲ Help and protection: requires improvement → good (better)",
        "▼ Care leavers: good → requires improvement (worse)",
        "= Children in care: good (unchanged)",
    ):
        assert words in text
    shown = " ".join(lxml_html.fromstring(one.html).text_content().split())
    for words in (
        "Care leavers: good in the announcement, requires improvement in the report.",
        "“inspectors rated services as good across the board”",
        "The consistency of management oversight of frontline practice.",
        "Overall effectiveness (page 1): “Overall effectiveness Good”",
        "You get this because of your subscription north-west.",
        "Open Government Licence v3.0",
    ):
        assert words in text and words in shown
    for address in (
        "https://files.ofsted.example/v1/file/50270154",
        "https://reports.ofsted.example/provider/44/80154",
    ):
        assert address in text and f'href="{address}"' in one.html


def test_an_announcement_is_marked_as_one(messages):
    one = messages["announcement"]
    assert "(announced by the council, 23 April 2025)" in one.subject
    assert "No official document has been read yet" in one.text and "No official document" in one.html
    assert one.payload["data"]["inspection"]["certainty"] == "announced"


def test_plain_text_keeps_to_78_columns_but_for_addresses(messages):
    for one in messages.values():
        for line in one.text.splitlines():
            assert len(line) <= COLUMNS or re.fullmatch(r"\s*\(?https?://\S+", line), line


def test_html_is_english_dark_and_narrow_without_anything_fetched(messages):
    for name, one in messages.items():
        page = lxml_html.fromstring(one.html)
        assert page.get("lang") == "en"
        assert "prefers-color-scheme: dark" in one.html and "max-width: 480px" in one.html
        assert not page.xpath("//script | //img | //link | //iframe | //form | //object | //@src | //@background")
        assert "url(" not in one.html and "@import" not in one.html
        assert len(one.html) < 100_000, f"mail readers cut {name} off"
        assert "style=" in one.html.partition("<h1")[2].partition(">")[0], "styles stand in the elements"


def test_the_grade_table_says_every_change_in_words_and_shapes(messages):
    (table,) = lxml_html.fromstring(messages["graded-report"].html).xpath("//table[@class='grades']")
    assert [th.get("scope") for th in table.xpath(".//thead//th")] == ["col"] * 4
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in table.xpath(".//tbody/tr")]
    assert rows[1:4] == [
        ["Help and protection", "requires improvement", "good", "▲ better"],
        ["Children in care", "good", "good", "= unchanged"],
        ["Care leavers", "good", "requires improvement", "▼ worse"],
    ]
    assert all(row.xpath(".//th[@scope='row']") for row in table.xpath(".//tbody/tr"))


def test_what_others_publish_is_quoted_to_300_characters_at_most(invented):
    long = "Improvement is needed in many ways. " * 40
    one = invented.inspection(
        certainty=Certainty.ANNOUNCED, state=State.ANNOUNCED, improvements=(long, long), priority_actions=(long,),
        judgements=invented.grades(overall="good"), evidence={"judgements.overall": Evidence(text=long)},
    )  # fmt: skip
    made = message("k", invented.story(one, invented.claim(one, official=False)), now=invented.NOW)
    data = made.payload["data"]["inspection"]
    assert sum(map(len, data["improvements"])) <= 300 and sum(map(len, data["priority_actions"])) <= 300
    assert len(data["evidence"]["judgements.overall"]["text"]) <= 300
    assert made.text.count("Improvement is needed") <= 3 * (300 // 36 + 1)
    official = replace(one, certainty=Certainty.PUBLISHED, state=State.PUBLISHED)
    assert (
        message("k", invented.story(official), now=invented.NOW).payload["data"]["inspection"]["improvements"]
        == [long] * 2
    )


def test_a_digest_tells_each_inspection_once_the_gravest_first_and_what_was_told_as_one_line(messages):
    one = messages["digest"]
    assert one.subject == "12 Ofsted outcomes: 2 worse, 3 better (23 April 2025)"
    numbered = re.findall(r"^(\d+)\. (.*)$", one.text, re.MULTILINE)
    assert [int(number) for number, _ in numbered] == list(range(1, 13))
    assert numbered[0][1].startswith("Ashford Vale") and "Harbour Lodge" in numbered[-1][1]
    assert one.text.count("Lowick") == 1 and one.html.count("Lowick") == 1
    items = one.payload["data"]["items"]
    assert len({item["inspection"]["id"] for item in items}) == 12
    assert "Lowick" not in json.dumps(items)


@pytest.mark.fault("M20")
def test_a_storm_of_three_hundred_is_one_readable_message_that_drops_nothing(invented):
    stories = [
        invented.story(invented.inspection(f"s{n}", authority=f"Place {n}", judgements=invented.grades(overall="good")))
        for n in range(300)
    ]
    one = digest("k", stories, now=invented.NOW)
    assert one.subject == "300 Ofsted outcomes (23 April 2025)"
    assert all(f"Place {n} children" in one.text and f"Place {n} children" in one.html for n in range(300))
    assert len(one.payload["data"]["items"]) == 300


def test_a_notice_to_the_operator_keeps_its_paragraphs(messages):
    one = messages["operator-notice"]
    assert one.type == "operator" and one.subject.startswith("Ofsted Watch: ")
    assert len(one.payload["data"]["notice"]["paragraphs"]) == 3
    assert "Crown copyright" not in one.text
    assert notice("k", "A\r\nB", "one\ntwo\n\n\n three", now=one.created_at).payload["data"]["notice"] == {
        "title": "A B", "paragraphs": ["one two", "three"],
    }  # fmt: skip


def test_the_published_schema_is_the_one_of_the_records():
    assert payload.schema() == SCHEMA, "run fixtures/make_webhook_schema.py"


def test_every_payload_keeps_the_schema_and_every_key_is_there(messages):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema checks the payloads from outside")
    checker = jsonschema.Draft202012Validator(SCHEMA)
    for one in messages.values():
        written = json.loads(json.dumps(one.payload))
        assert list(checker.iter_errors(written)) == []
        msgspec.json.decode(json.dumps(written), type=payload.Envelope)
        assert set(written["data"]) == set(payload.Data.__struct_fields__)
    broken = json.loads(json.dumps(messages["graded-report"].payload))
    broken["data"]["inspection"]["judgements"]["overall"] = "brilliant"
    del broken["data"]["why"]
    assert len(list(checker.iter_errors(broken))) == 2


def test_the_payload_is_the_contract(messages):
    body = messages["graded-report"].payload
    assert list(body) == ["type", "timestamp", "version", "data"]
    assert (body["type"], body["timestamp"], body["version"]) == ("inspection.published", "2025-04-23T08:41:00Z", 1)
    data = body["data"]
    assert list(data["inspection"])[:6] == ["id", "state", "kind", "authority", "provider", "urn"]
    assert {"area": "overall", "from": "requires_improvement", "to": "good", "direction": "up"} in data["changes"]
    assert data["links"][0] == {
        "title": "Inspection report (PDF)", "url": "https://files.ofsted.example/v1/file/50270154", "official": True,
    }  # fmt: skip
    assert "north-west" in data["why"] and "Open Government Licence" in data["attribution"]


def test_an_operators_template_takes_the_place_of_the_built_in_one(messages, invented, tmp_path):
    (tmp_path / "message.txt").write_text("MINE: {{ story.headline }}\n{% include 'foot.txt' %}")
    one = invented.inspection(judgements=invented.grades(overall="good"))
    made = message("k", invented.story(one), now=invented.NOW, settings=DeliverySettings(templates=str(tmp_path)))
    assert made.text.startswith("MINE: Northbridge children's services: good\n") and "subscription" in made.text
    assert "<h1" in made.html


BROKEN = {
    "syntax": "{% if %}",
    "unknown name": "{{ nothing_of_the_kind }}",
    "division": "{{ 1 / 0 }}",
    "out of the sandbox": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "another file": "{% include '../../secret' %}",
    "endless": "{{ range(999999999) | list }}",
}


@pytest.mark.fault("M18")
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_template_is_named_in_the_log_and_the_built_in_one_goes_out(invented, tmp_path, caplog, fault):
    (tmp_path / "message.txt").write_text(BROKEN[fault])
    one = invented.inspection(judgements=invented.grades(overall="good"))
    story = invented.story(one)
    with caplog.at_level(logging.WARNING):
        made = message("k", story, now=invented.NOW, settings=DeliverySettings(templates=str(tmp_path)))
    assert made.text == message("k", story, now=invented.NOW).text
    assert "message.txt" in caplog.text and str(tmp_path) in caplog.text


@pytest.mark.fault("M18")
def test_a_record_that_no_template_can_show_goes_out_in_its_short_form(invented, monkeypatch, caplog):
    def poisoned(*args: object) -> str:
        raise ValueError("poison")

    monkeypatch.setattr(rendering, "_rendered", poisoned)
    one = invented.inspection(judgements=invented.grades(overall="good"))
    made = message("k", invented.story(one), now=invented.NOW)
    assert made.text == made.short and made.html == "" and "good" in made.text
    assert "poison" in caplog.text


def test_the_same_words_are_quoted_once_and_the_grades_come_first(invented):
    dates = Evidence(text="Inspection dates: 3 to 14 March 2025", page=1)
    one = invented.inspection(
        judgements=invented.grades(overall="good"),
        evidence={
            "inspected_from": dates, "inspected_to": dates, "improvements": Evidence(text="listed as bullets", page=2),
            "judgements.overall": Evidence(text="Overall effectiveness Good", page=1),
        },
    )  # fmt: skip
    text = " ".join(message("k", invented.story(one), now=invented.NOW).text.split())
    assert text.count("Inspection dates: 3 to 14") == 1 and "listed as bullets" not in text
    assert "First day of the inspection, Last day of the inspection (page 1): “Inspection dates" in text
    assert text.index("“Overall effectiveness Good”") < text.index("“Inspection dates")


def test_contrasts_stand_in_the_message_with_both_quotations(invented):
    one = invented.inspection(
        judgements=invented.grades(overall="good", in_care="requires_improvement"),
        evidence={"judgements.in_care": Evidence(text="Requires improvement to be good", page=2)},
    )
    said = invented.claim(
        one, official=False, judgements=invented.grades(in_care="good"),
        evidence={"judgements.in_care": Evidence(text="our care is good")},
    )  # fmt: skip
    story = replace(invented.story(one), claims=(said,), contrasts=tuple(contrasts([said], one)))
    text = " ".join(message("k", story, now=invented.NOW).text.split())
    assert "Children in care: good in the announcement, requires improvement in the report." in text
    assert "“our care is good”" in text and "“Requires improvement to be good” (the report, page 2)" in text


def test_every_key_that_a_template_is_given_is_documented(invented):
    documented = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")))
    shown = view(invented.story(invented.inspection(judgements=invented.grades(overall="good"))))
    assert set(shown) <= documented
    assert set(shown["rows"][0]) | set(shown["links"][0]) <= documented
