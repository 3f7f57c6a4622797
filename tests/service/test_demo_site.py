"""The demo's replica, read with the real fetcher and the real parsers; and its two sinks."""

from __future__ import annotations

import smtplib
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook

from config.load import load
from inspections.authorities import Authorities
from scraper import parse
from scraper.fetch import Fetcher, FetchSettings
from scraper.model import NOT_MODIFIED, Code, FetchError, NotModified, Page, ParseError, Reading, Source
from service.demo.pages import DATA
from service.demo.sink import MailSink, MissingExtra, WebhookSink
from service.demo.site import Replica, toml
from service.demo.story import ACTS

TODAY = date(2026, 1, 23)
PDFS = Path(str(DATA / "documents"))


@pytest.fixture
def replica() -> Iterator[Replica]:
    with Replica() as sites:
        yield sites


@pytest.fixture(scope="module")
def councils() -> Authorities:
    return Authorities.load(Path(str(DATA / "authorities.csv")))


@pytest.fixture
def sources(replica: Replica, tmp_path: Path, councils: Authorities) -> dict[str, Source]:
    replica.write_configuration(tmp_path)
    settings = load(tmp_path, {"HOME": str(tmp_path)})
    return {source.id: source for source in settings.watched(councils)}


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    one = Fetcher(FetchSettings(gap=timedelta(0), retries=0))
    yield one
    one.close()


class Reader:
    """Fetches as the service would, and reads."""

    def __init__(self, fetcher: Fetcher, councils: Authorities) -> None:
        self._fetcher, self._councils = fetcher, councils

    def page(self, url: str, source: Source, **given: Any) -> Page:
        page = self._fetcher.get(url, source=source, fetched_on=TODAY, **given)
        assert isinstance(page, Page)
        return page

    def read(self, url: str, source: Source, as_type: str | None = None) -> Reading:
        return parse.read(self.page(url, source), as_type=as_type, source=source, authorities=self._councils)


@pytest.fixture
def reader(fetcher: Fetcher, councils: Authorities) -> Reader:
    return Reader(fetcher, councils)


def test_the_story_runs_on_weekdays_in_order() -> None:
    assert [act.number for act in ACTS] == list(range(1, len(ACTS) + 1))
    assert sorted(act.at for act in ACTS) == [act.at for act in ACTS]
    assert all(act.at.weekday() < 5 and act.at.tzinfo is UTC for act in ACTS)


def test_no_real_council_is_in_the_story(councils: Authorities) -> None:
    real = Authorities.load()
    invented = [row for row in councils if row.code and row.code.startswith("99")]
    assert len(invented) == 3
    for row in invented:
        assert real.find(row.name) is None
        assert real.by_code(row.code) is None
        assert row.urn
        assert real.by_urn(row.urn) is None


def test_the_configuration_that_it_writes_is_right(sources: dict[str, Source]) -> None:
    assert set(sources) == {
        "ofsted-search", "ofsted-80990", "ofsted-80991", "ofsted-80992", "marlshire-news", "marl-valley-life",
    }  # fmt: skip
    assert all(source.allow_private for source in sources.values())


def test_the_search_lists_the_newest_report_first_and_goes_on(
    replica: Replica, sources: dict[str, Source], reader: Reader
) -> None:
    search = sources["ofsted-search"]
    assert [item.ref for item in reader.read(search.url, search).items] == ["80991", "80992", "80990"]
    replica.advance(3)
    newest = reader.read(search.url, search).items[0]
    assert (newest.ref, newest.published_on) == ("80990", "2026-01-20")
    first = reader.read(search.url.replace("rows=100", "rows=2"), search)
    assert first.next_url
    assert [item.ref for item in reader.read(first.next_url, search).items] == ["80992"]


@pytest.mark.parametrize(
    ("urn", "act", "documents"),
    [
        ("80990", 1, ["50179902"]), ("80990", 3, ["50294410", "50179902"]), ("80991", 7, ["50293377", "50131208"]),
        ("80992", 4, ["50205517"]), ("80992", 6, ["50294466", "50294502", "50205517"]),
    ],
)  # fmt: skip
def test_a_providers_page_lists_what_is_out_by_then(
    replica: Replica, sources: dict[str, Source], reader: Reader, urn: str, act: int, documents: list[str]
) -> None:
    replica.advance(act)
    source = sources[f"ofsted-{urn}"]
    reading = reader.read(source.url, source)
    assert [item.ref for item in reading.items] == documents
    assert all(item.inspected_on and item.published_on for item in reading.items)
    assert not reading.notes or reading.notes == ("status: open",)


GRADES = {
    "marlshire-2022.pdf": "leaders=requires_improvement help_protection=requires_improvement "
    "in_care_and_care_leavers=requires_improvement overall=requires_improvement",
    "marlshire-2025.pdf": "leaders=good help_protection=good in_care=good care_leavers=requires_improvement overall=good",
    "eastmere-2019.pdf": "leaders=good help_protection=requires_improvement in_care_and_care_leavers=good overall=good",
    "eastmere-2025.pdf": "leaders=good help_protection=good in_care=outstanding care_leavers=good overall=good",
    "eastmere-2025-corrected.pdf": "leaders=good help_protection=good in_care=good care_leavers=good overall=good",
    "westfold-2022.pdf": "leaders=requires_improvement help_protection=requires_improvement "
    "in_care_and_care_leavers=good overall=requires_improvement",
    "westfold-visit-2025.pdf": "",
}


@pytest.mark.parametrize("name", GRADES)
def test_every_document_is_read_whole(name: str, councils: Authorities) -> None:
    page = Page(body=(PDFS / name).read_bytes(), fetched_on=TODAY)
    (finding,) = parse.read(page, as_type="report", authorities=councils).findings
    assert " ".join(f"{area}={grade}" for area, grade in finding.judgements.items()) == GRADES[name]
    assert finding.authority == name.split("-")[0].title()
    assert finding.inspected_from
    assert finding.inspected_to
    assert finding.lead_inspector
    assert len(finding.improvements) in (2, 3)
    assert finding.notes == ()


def test_every_document_belongs_to_the_story() -> None:
    assert {path.name for path in PDFS.iterdir()} == set(GRADES)


def test_the_documents_are_those_that_the_script_makes(tmp_path: Path) -> None:
    pytest.importorskip("reportlab", reason="the documents are made with reportlab")
    import pypdfium2

    from fixtures import make_demo

    def text(path: Path) -> list[str]:
        with pypdfium2.PdfDocument(path) as document:
            return [page.get_textpage().get_text_range() for page in document]

    for name, document in make_demo.DOCUMENTS.items():
        make_demo.make(document, tmp_path / name)
        assert text(tmp_path / name) == text(PDFS / name)


def test_the_announcement_says_what_the_report_says(
    replica: Replica, sources: dict[str, Source], reader: Reader
) -> None:
    newsroom = sources["marlshire-news"]
    assert not [item for item in reader.read(newsroom.url, newsroom).items if "Ofsted" in item.title]
    replica.advance(2)
    (item,) = [item for item in reader.read(newsroom.url, newsroom).items if "Ofsted" in item.title]
    assert item.published_at == datetime(2026, 1, 20, 9, 5, tzinfo=UTC)
    reading = reader.read(item.url, newsroom, as_type="article")
    (finding,) = reading.findings
    assert reading.published_at == item.published_at
    assert (finding.kind, finding.authority, finding.certainty) == ("ilacs", "Marlshire", "announced")
    assert (finding.inspected_from, finding.inspected_to) == ("2025-11-24", "2025-12-05")
    assert {f"{area}={grade}" for area, grade in finding.judgements.items()} == set(
        GRADES["marlshire-2025.pdf"].split()
    )
    assert finding.previous["overall"] == "requires_improvement"


def test_other_stories_of_the_newsroom_judge_nothing(
    replica: Replica, sources: dict[str, Source], reader: Reader
) -> None:
    replica.advance(10)
    newsroom = sources["marlshire-news"]
    others = [item for item in reader.read(newsroom.url, newsroom).items if "Ofsted" not in item.title]
    assert len(others) == 4
    for item in others:
        assert reader.read(item.url, newsroom, as_type="article").findings == ()


def test_the_blog_copies_it_without_its_comments(replica: Replica, sources: dict[str, Source], reader: Reader) -> None:
    replica.advance(4)
    blog = sources["marl-valley-life"]
    newest, older = reader.read(blog.url, blog).items
    assert newest.published_at == datetime(2026, 1, 20, 12, 10, tzinfo=UTC)
    assert newest.url.endswith("_4417")
    reading = reader.read(newest.url, blog, as_type="article")
    (finding,) = reading.findings
    assert (finding.authority, finding.certainty, finding.judgements["overall"]) == ("Marlshire", "announced", "good")
    assert "Most Voted" not in reading.text
    (past,) = reader.read(older.url, blog, as_type="article").findings
    assert (past.judgements["overall"], past.published_on) == ("requires_improvement", "2022-03-21")


def test_the_dead_link_answers_with_a_page(replica: Replica, sources: dict[str, Source], reader: Reader) -> None:
    replica.advance(6)
    source = sources["ofsted-80992"]
    page = reader.page(f"{replica.url('ofsted')}/v1/file/50294502", source, document=True)
    assert (page.status, page.content_type) == (200, "text/html")
    with pytest.raises(ParseError) as caught:
        reader.read(page.url, source, as_type="report")
    assert caught.value.code == Code.REPORT_NOT_FOUND


def test_the_correction_has_the_same_link_and_other_bytes(
    replica: Replica, sources: dict[str, Source], reader: Reader, fetcher: Fetcher
) -> None:
    source = sources["ofsted-80991"]
    url = f"{replica.url('ofsted')}/v1/file/50293377"
    timeline, first = reader.page(source.url, source), reader.page(url, source, document=True)
    replica.advance(6)

    def again(page: Page) -> Page | NotModified:
        return fetcher.get(page.url, source=source, validators=page.validators, fetched_on=TODAY)

    assert again(first) is NOT_MODIFIED
    replica.advance(7)
    second = again(first)
    assert isinstance(second, Page)
    assert second.body != first.body
    assert second.validators.etag != first.validators.etag
    assert again(timeline) is NOT_MODIFIED


def test_validators_hold_as_long_as_the_page_is_the_same(replica: Replica) -> None:
    url = f"{replica.url('newsroom')}/news/"
    first = requests.get(url, timeout=5)
    stamp = first.headers["Last-Modified"]
    assert stamp == "Mon, 19 Jan 2026 16:00:00 GMT"

    def status(**headers: str) -> int:
        return requests.get(url, headers={k.replace("_", "-"): v for k, v in headers.items()}, timeout=5).status_code

    assert status(If_None_Match=first.headers["ETag"]) == 304
    assert status(If_None_Match='"other", W/' + first.headers["ETag"]) == 304
    assert status(If_None_Match='"other"', If_Modified_Since=stamp) == 200
    assert status(If_Modified_Since=stamp) == 304
    assert status(If_Modified_Since="Sun, 18 Jan 2026 16:00:00 GMT") == 200
    assert status(If_Modified_Since="nonsense") == 200
    replica.advance(2)
    assert status(If_None_Match=first.headers["ETag"], If_Modified_Since=stamp) == 200
    assert requests.get(url, timeout=5).headers["Last-Modified"] == "Tue, 20 Jan 2026 09:15:00 GMT"


def test_the_newsroom_goes_dark_and_comes_back(replica: Replica, sources: dict[str, Source], reader: Reader) -> None:
    newsroom = sources["marlshire-news"]
    before = reader.read(newsroom.url, newsroom)
    replica.advance(8)
    with pytest.raises(FetchError) as caught:
        reader.page(newsroom.url, newsroom)
    assert caught.value.outcome == "maintenance"
    assert reader.page(sources["marl-valley-life"].url, sources["marl-valley-life"])
    replica.advance(10)
    assert len(reader.read(newsroom.url, newsroom).items) == len(before.items) + 2


def test_requests_are_logged_with_what_they_got(replica: Replica, sources: dict[str, Source], reader: Reader) -> None:
    reader.page(sources["marlshire-news"].url, sources["marlshire-news"])
    assert [(one.site, one.path, one.status, one.conditional, one.act) for one in replica.requests] == [
        ("newsroom", "/robots.txt", 200, False, 1), ("newsroom", "/news/", 200, False, 1),
    ]  # fmt: skip


def test_robots_txt_keeps_the_form_for_alerts_closed(
    replica: Replica, sources: dict[str, Source], reader: Reader
) -> None:
    with pytest.raises(FetchError) as caught:
        reader.page(f"{replica.url('ofsted')}/provider/subscribe/980990", sources["ofsted-80990"])
    assert caught.value.outcome == "robots"


def test_there_is_no_act_after_the_last(replica: Replica) -> None:
    with pytest.raises(ValueError, match="there is no act 11"):
        replica.advance(11)


def test_settings_of_the_driver_are_merged_table_by_table(replica: Replica, tmp_path: Path) -> None:
    import tomllib

    more = {"archive": tmp_path / "kept", "fetch": {"workers": 2}, "smtp": {"port": 25, "security": "none"}}
    desk = {"to": [{"email": "desk@example.org"}, {"log": True}], "kinds": ["ilacs"]}
    replica.write_configuration(tmp_path, settings=more, subscriptions={"desk": desk})
    written = tomllib.loads((tmp_path / "ofsted-watch.toml").read_text("utf-8"))
    assert written["archive"] == str(tmp_path / "kept")
    assert written["fetch"] == {"gap": "0s", "attempts": 1, "workers": 2}
    assert written["smtp"] == {"port": 25, "security": "none"}
    assert tomllib.loads((tmp_path / "subscriptions" / "desk.toml").read_text("utf-8")) == desk


def test_text_is_written_as_toml_reads_it() -> None:
    import tomllib

    values = {"name": 'a "quoted" – \\ line\nand another', "table": {"list": [1, True, "x"]}}
    assert tomllib.loads(toml(values)) == values


def mail(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "watch@example.org", "desk@example.org", subject
    message.set_content("Leaders: requires improvement → good\n")
    return message


def test_the_mail_sink_keeps_what_it_is_sent() -> None:
    with MailSink() as sink, smtplib.SMTP(sink.host, sink.port, timeout=5) as client:
        client.send_message(mail("One"))
        client.send_message(mail("Two"))
        assert [message["Subject"] for message in sink.messages] == ["One", "Two"]
        assert "requires improvement → good" in sink.messages[0].get_content()


def test_without_its_extra_the_mail_sink_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtpd.controller", None)
    with pytest.raises(MissingExtra, match=r"ofsted-watch\[demo\]"):
        MailSink()


def signed(sink: WebhookSink, body: bytes, *, at: datetime | None = None, secret: str | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    signature = Webhook(secret or sink.secret).sign("evt_1", at, body.decode())
    return {"webhook-id": "evt_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


@pytest.mark.fault("K9")
def test_the_webhook_sink_takes_only_what_is_signed() -> None:
    body = b'{"type":"inspection.published"}'
    with WebhookSink() as sink:
        other = WebhookSink().secret
        late = datetime.now(UTC) - timedelta(minutes=6)
        good = signed(sink, body)

        def status(content: bytes, headers: dict[str, str]) -> int:
            return requests.post(sink.url, data=content, headers=headers, timeout=5).status_code

        assert status(body, good) == 204
        assert status(body, good | {"webhook-signature": f"v1,AAAA {good['webhook-signature']}"}) == 204
        assert status(body + b" ", good) == 401
        assert status(body, good | {"webhook-id": "evt_2"}) == 401
        assert status(body, signed(sink, body, secret=other)) == 401
        assert status(body, signed(sink, body, at=late)) == 401
        assert status(body, {}) == 401
        assert [one.id for one in sink.delivered] == ["evt_1", "evt_1"]
        assert sink.delivered[0].payload == {"type": "inspection.published"}
        assert sink.refused == 5
