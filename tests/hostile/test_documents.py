"""Documents: broken ones are told of without grades, doubtful ones without a guess, and none of them acts by itself."""

from __future__ import annotations

import random
import re
from hashlib import sha256

import pytest

from fixtures import hostile_pdfs, make_reports
from inspections.authorities import Authorities
from scraper.child import Readers
from scraper.model import Code, Page, ParseError
from scraper.reports import read_report
from tests.servers import FaultServer
from tests.stories.conftest import Report, Town
from tests.stories.test_killed import ilacs, past

BEFORE, NEW = "2025-04-01T09:00:00Z", "2025-04-23T12:00:00Z"
LABEL, INSPECTED, OUT = "Children's services inspection", "03 March 2025", "23 April 2025"
GOOD = ilacs("3 to 14 March 2025", "Good")
AREAS = ("leaders", "help_protection", "in_care", "care_leavers", "overall")


def listed(town: Town, body: bytes, id: str = "50276001") -> None:
    town.reports.append(Report(id, LABEL, INSPECTED, OUT, body))


def words(letter: object) -> str:
    return " ".join(letter.get_body(("plain",)).get_content().split())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<!doctype html><html><h1>Somewhere else</h1><p>This page has moved within our site.</p></html>", marks=pytest.mark.fault("D1")),
        pytest.param(GOOD[: len(GOOD) // 2], marks=pytest.mark.fault("D2")),
        pytest.param(hostile_pdfs.flate_bomb(), marks=pytest.mark.fault("D3")),
        pytest.param(hostile_pdfs.many_pages(), marks=pytest.mark.fault("D5")),
        pytest.param(make_reports.pdf([["secret"]], password="sesame"), marks=pytest.mark.fault("D6")),
        pytest.param(make_reports.pdf([[""]]), marks=pytest.mark.fault("D7")),
    ],
    ids=["a web page", "cut off", "a bomb", "too many pages", "locked", "a scan"],
)  # fmt: skip
def test_a_report_that_cannot_be_read_is_told_of_without_a_grade(town: Town, body: bytes) -> None:
    past(town)
    town.poll(BEFORE)
    listed(town, body)
    town.poll(NEW)
    (letter,) = town.mail()
    assert "not stated" in letter["Subject"]
    assert "its document could not be read" in words(letter)
    (latest,) = town.ask("inspections", "--since", "2025-01-01")
    assert latest["judgements"].get("overall") is None


@pytest.mark.fault("D2")
def test_damaged_reports_are_read_rightly_or_not_at_all(readers: Readers) -> None:
    """150 reports with bytes changed, lost and added at seeded places, and one with a tail."""
    chance = random.Random(2)
    tail = readers.read(Page(body=GOOD + b"\n<html>garbage after the end" * 9), as_type="report")
    assert tail.findings[0].judgements["overall"] == "good"
    refused = 0
    for _ in range(150):
        body = bytearray(GOOD)
        for _ in range(chance.choice((1, 4, 40))):
            at = chance.randrange(len(body))
            body[at : at + chance.choice((0, 1, 9))] = bytes(
                chance.randrange(256) for _ in range(chance.choice((0, 1, 5)))
            )
        try:
            (finding,) = readers.read(Page(body=bytes(body)), as_type="report").findings
        except ParseError as error:
            refused += error.code in set(Code)
        else:
            assert {finding.judgements.get(area) for area in AREAS} <= {"good", None}
    assert 0 < refused < 150


@pytest.mark.fault("D8")
@pytest.mark.parametrize("seed", range(12))
def test_a_grade_table_in_any_layout_is_read_rightly_or_left_unknown(seed: int) -> None:
    chance = random.Random(seed)
    printed = {"good": "Good", "requires_improvement": "Requires improvement to be good", "outstanding": "Outstanding",
               "inadequate": "Inadequate"}  # fmt: skip
    given = {area: chance.choice(sorted(printed)) for area in AREAS}
    table = [
        make_reports.Row(
            make_reports.ILACS_LABELS[area], printed[grade], width=chance.choice((90, 140, 280)),
            narrow=chance.choice((60, 90, 170)), grade_at=chance.choice((-1, 0, 1, 2)),
        )
        for area, grade in given.items()
    ]  # fmt: skip
    if seed % 3 == 0:
        chance.shuffle(table)
    body = make_reports.ilacs(
        table=table, sections={} if seed % 2 else {area: printed[grade] for area, grade in given.items()}
    )
    from scraper.reports import text

    try:
        (finding,) = read_report(text.pages(body), Authorities([])).findings
    except ParseError:
        return
    for area, grade in given.items():
        assert finding.judgements.get(area) in (grade, None), area


@pytest.mark.fault("D8")
def test_a_word_divided_at_the_end_of_its_line_is_the_right_grade_or_none() -> None:
    from scraper.reports import text

    pages = text.pages(make_reports.ilacs(judgements=dict.fromkeys(AREAS, "Requires improvement to be good")))
    divided = [re.sub("improvement to be good", "im-\r\nprovement to be good", page) for page in pages]
    assert divided != pages
    (finding,) = read_report(divided, Authorities([])).findings
    assert set(finding.judgements.values()) <= {"requires_improvement", None}


@pytest.mark.fault("D10")
def test_one_report_at_two_addresses_is_one_file_one_inspection_and_one_alert(town: Town) -> None:
    past(town)
    town.poll(BEFORE)
    listed(town, GOOD)
    listed(town, GOOD, "50276002")
    town.poll(NEW)
    kept = town.ask("sql", "SELECT ref FROM publications WHERE ref LIKE '5027600%'")
    assert len(kept) == 2
    assert len(town.ask("inspections", "--since", "2025-01-01")) == 1
    assert len(town.mail()) == 1
    names = [path.stem for path in (town.folder.parent / "archive").rglob("*.zst")]
    assert names.count(sha256(GOOD).hexdigest()) == 1


def acting(url: str, secret: str) -> bytes:
    """A PDF that on opening runs a script, starts a program, sends a form, and has its text's map in other files."""
    act = (
        b"<< /S /JavaScript /JS (app.launchURL\\('%b'\\); this.submitForm\\('%b'\\);) /Next << /S /Launch /F (%b) "
        b"/Win << /F (calc.exe) >> /Next << /S /URI /URI (%b) >> >> >>"
    ) % (url.encode(), url.encode(), secret.encode(), url.encode())
    place = b"<< /Type /Filespec /F (%b) /UF (%b) >>" % (secret.encode(), secret.encode())
    remote = b"<< /Length 0 /F << /FS /URL /F (%b) >> >>\nstream\n\nendstream" % url.encode()
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /../../../../tmp/evil /DescendantFonts [<< /Type /Font "
        b"/Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (%b) /Ordering (x) /Supplement 0 >> >>] "
        b"/ToUnicode 6 0 R >>"
    ) % secret.encode()
    page = b"BT /F1 9 Tf 9 9 Td (A letter about the weather.) Tj /F2 9 Tf <0041> Tj ET"
    plain = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> /F2 7 0 R >>"
    made = hostile_pdfs.one_page(hostile_pdfs.stream(page), place, remote, font, act, resources=plain)
    names = b"/Names << /EmbeddedFiles << /Names [(a.exe) 5 0 R] >> >> /OpenAction 8 0 R"
    return made.replace(b"/Type /Catalog", b"/Type /Catalog " + names, 1)


@pytest.mark.fault("D11")
@pytest.mark.fault("K21")
def test_what_a_document_would_run_open_or_fetch_stays_undone(readers: Readers, tmp_path: object) -> None:
    secret = f"{tmp_path}/secret.txt"
    with open(secret, "w") as file:
        file.write("SESAME")
    with FaultServer() as server:
        with pytest.raises(ParseError) as caught:
            readers.read(Page(body=acting(server.url("/x"), secret)), as_type="report")
        assert server.connections == 0
    assert caught.value.code is Code.NOT_RECOGNISED, "its own words were read"
    assert "A letter about the weather" in str(caught.value)
    assert "SESAME" not in str(caught.value)


@pytest.mark.fault("R7")
def test_a_report_in_words_that_ofsted_never_used_is_told_of_and_no_grade_is_guessed(town: Town) -> None:
    past(town)
    town.poll(BEFORE)
    listed(town, make_reports.ilacs(authority="Blackburn with Darwen", days="3 to 14 March 2025",
                                    judgements=dict.fromkeys(AREAS, "Thriving")))  # fmt: skip
    town.poll(NEW)
    (letter,) = town.mail()
    assert "not stated" in letter["Subject"] or "not read" in letter["Subject"]
    (latest,) = town.ask("inspections", "--since", "2025-01-01")
    assert set(latest["judgements"].values()) <= {None}


@pytest.mark.fault("R7")
def test_a_document_of_a_kind_that_nobody_knows_is_told_of(town: Town) -> None:
    past(town)
    town.poll(BEFORE)
    listed(town, make_reports.pdf([["Review of outcomes in Blackburn with Darwen", "Rating: five stars"]]))
    town.poll(NEW)
    (letter,) = town.mail()
    assert "its document could not be read" in words(letter)
