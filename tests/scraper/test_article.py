"""Any news page: title, dates, text and address, in the order of trust of the places that say them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

import pytest

from inspections.authorities import Authorities
from inspections.model import Certainty, Grade, Kind
from scraper import article
from scraper.model import Code, Page, ParseError, Reading

FIXTURES = Path(__file__).parents[2] / "fixtures"

STORY = """Inspectors praise help for young people in Marlshire

Published Friday 7 June 2024 at 9:05

Ofsted has praised help for young people leaving care in Marlshire in a letter published on Friday 7 June 2024.

The focused visit took place on 14 and 15 May 2024.

Inspectors looked at the council’s arrangements for care leavers, and found that plans are good.

  • the quality of plans
  • the offer for care leavers

Councillor Ann Hollis, Cabinet Member for Children, said:

I am proud of our teams, whose good work has been seen.

-ends-

This site uses cookies. Find out more about this site’s cookies."""


@pytest.fixture(scope="module")
def table() -> Authorities:
    return Authorities.load(FIXTURES / "authorities.csv")


def plain(text: str, **page: object) -> Page:
    return Page(body=text.encode(), content_type="text/plain", **page)  # type: ignore[arg-type]


def html(body: str, head: str = "", url: str = "https://news.marlshire.example/a-story", **page: object) -> Page:
    text = f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    return Page(body=text.encode(), content_type="text/html", url=url, **page)  # type: ignore[arg-type]


def paragraphs(text: str) -> str:
    """Lines as the paragraphs and lists of a page."""
    made = []
    for line in text.splitlines():
        bare = line.strip().removeprefix("•").strip()
        if bare:
            made.append(
                f"<ul><li>{escape(bare)}</li></ul>" if line.strip().startswith("•") else f"<p>{escape(bare)}</p>"
            )
    return "\n".join(made)


def as_shuttle(text: str) -> str:
    """A page of the Shuttle's theme: h1, p.pubdate, div.the_content, related news and a footer."""
    title, pubdate, *rest = [line for line in text.splitlines() if line.strip()]
    return f"""<header><nav><a href="/">Home</a></nav></header><div id="main"><h1>{escape(title)}</h1>
      <article class="single"><p class="pubdate">{escape(pubdate)}</p>
      <div class="the_content">{paragraphs(chr(10).join(rest))}</div></article>
      <div class="related-posts"><h2>Related news</h2><article class="listing"><h2><a rel="bookmark" href="/x">Outstanding
      Ofsted result for Eastmere</a></h2><p class="pubdate">Published on  Friday 9 January 2026 at 2:57 pm</p></article></div>
      </div><footer><p>© Council 2026</p></footer>"""


def as_blackburn_life(text: str) -> str:
    """A page of a WordPress magazine with wpDiscuz comments: no date line, comments after the story."""
    story, _, comments = text.partition("\nComments\n")
    title, *rest = [line for line in story.splitlines() if line.strip()]
    return f"""<main><article class="post"><h1 class="entry-title">{escape(title)}</h1>
      <div class="entry-content">{paragraphs(chr(10).join(rest))}</div></article>
      <div id="comments"><div id="wpdcom"><h3>Comments</h3><div class="wpd-thread-list">{paragraphs(comments)}
      <div class="wpd-comment"><p>It was rated inadequate in 2019, Ofsted said on 1 May 2019.</p></div></div></div></div></main>
      <aside><p>More news</p></aside><footer>© Life 2026</footer>"""


def findings(reading: Reading) -> list[tuple[object, ...]]:
    return [(each.kind, each.authority, each.certainty) for each in reading.findings]


def test_a_plain_text_page_has_a_title_a_date_line_in_london_time_and_a_story_without_its_tail(
    table: Authorities,
) -> None:
    reading = article.read(plain(STORY), None, table)
    assert reading.type == "article"
    assert reading.title == "Inspectors praise help for young people in Marlshire"
    assert reading.published_on == "2024-06-07"
    assert reading.published_at == datetime(2024, 6, 7, 8, 5, tzinfo=UTC)
    assert reading.published_origin == "text"
    assert "Published Friday" not in reading.text
    assert "cookies" not in reading.text
    assert "ends" not in reading.text.splitlines()[-1]
    assert findings(reading) == [(Kind.FOCUSED_VISIT, "Marlshire", Certainty.ANNOUNCED)]


@pytest.mark.parametrize("container", [".the_content", "article.single .the_content, .the_content", None])
def test_the_same_story_in_the_shuttles_markup_reads_alike(table: Authorities, container: str | None) -> None:
    reading = article.read(html(as_shuttle(STORY)), None, table, container=container)
    expected = article.read(plain(STORY), None, table)
    assert reading.title == expected.title
    assert (reading.published_on, reading.published_at) == (expected.published_on, expected.published_at)
    assert findings(reading) == findings(expected)
    assert reading.findings[0].inspected_from == "2024-05-14"
    assert "Eastmere" not in reading.text
    assert "• the quality of plans" in reading.text


@pytest.mark.corpus
@pytest.mark.parametrize("wrapped", [False, True])
def test_the_first_seed_is_a_focused_visit_without_a_grade(corpus: Path, table: Authorities, wrapped: bool) -> None:
    text = next((corpus / "seeds").glob("000_*.txt")).read_text(encoding="utf-8")
    page = html(as_shuttle(text)) if wrapped else plain(text)
    reading = article.read(page, None, table, container=".the_content" if wrapped else None)
    assert reading.published_at == datetime(2024, 5, 24, 8, 37, tzinfo=UTC)
    (finding,) = reading.findings
    assert (finding.kind, finding.authority, finding.provider) == (Kind.FOCUSED_VISIT, "Blackburn with Darwen", None)
    assert finding.certainty == Certainty.ANNOUNCED
    assert (finding.inspected_from, finding.inspected_to) == ("2024-04-23", "2024-04-24")
    assert finding.published_on == "2024-05-24"
    assert (finding.judgements, finding.previous) == ({}, {})


@pytest.mark.corpus
@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("fetched_on", [None, date(2025, 4, 24)])
def test_the_second_seed_is_good_across_the_board(
    corpus: Path, table: Authorities, wrapped: bool, fetched_on: date | None
) -> None:
    text = next((corpus / "seeds").glob("004_*.txt")).read_text(encoding="utf-8")
    page = html(as_blackburn_life(text), fetched_on=fetched_on) if wrapped else plain(text, fetched_on=fetched_on)
    reading = article.read(page, None, table, container=".entry-content" if wrapped else None)
    (finding,) = reading.findings
    year = "2025" if fetched_on else "XXXX"
    assert (finding.kind, finding.authority, finding.certainty) == (Kind.ILACS, "Blackburn with Darwen", "announced")
    assert (finding.inspected_from, finding.inspected_to) == (f"{year}-03", f"{year}-03")
    assert finding.published_on == f"{year}-04-23"
    assert finding.judgements == {"overall": Grade.GOOD, "all": Grade.GOOD}
    assert finding.previous == {}
    assert "Inline Feedbacks" not in reading.text


COMMENTED = """Good Ofsted result for Eastmere

Children’s services in Eastmere have been rated ‘Good’ by Ofsted in a report published today (May 7).

It has been a long way, and everybody who works for our children and families can be proud of what the inspectors saw.

Comments
Subscribe
Notify of
guest
1 Comments
Oldest
Newest Most Voted
Inline Feedbacks
View all comments
Somebody
Marlshire was rated outstanding by Ofsted, you know.
Share this post:"""


@pytest.mark.parametrize("wrapped", [False, True])
def test_comments_say_nothing(table: Authorities, wrapped: bool) -> None:
    page = html(as_blackburn_life(COMMENTED)) if wrapped else plain(COMMENTED)
    reading = article.read(page, None, table)
    assert "Marlshire" not in reading.text
    assert "Notify of" not in reading.text
    assert "2019" not in reading.text
    assert findings(reading) == [(Kind.ILACS, "Eastmere", Certainty.ANNOUNCED)]


LONG = "<p>" + "The library in Eastmere opens at nine and closes at five, and everybody is welcome there. " * 4 + "</p>"


def dated(head: str = "", line: str = "", **page: object) -> Reading:
    table = Authorities.load(FIXTURES / "authorities.csv")
    return article.read(
        html(f"<main><article><header><h1>Library</h1>{line}</header>{LONG}</article></main>", head, **page),
        None,
        table,
    )


LD = (
    "<script"
    ' type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle","headline":"x","datePublished":"%s","dateModified":"2025-09-09"}]}</script>'
)


@pytest.mark.parametrize(
    ("head", "line", "expected"),
    [
        (LD % "2024-05-24T08:37:00+00:00", "<p>Published 1 May 2023</p>", ("2024-05-24", "json-ld", 8)),
        (LD % "2024-05-24T00:00:00+01:00", "", ("2024-05-24", "json-ld", None)),
        (LD % "2024-05-24", "", ("2024-05-24", "json-ld", None)),
        (LD % "2024-05-24", "<p>Friday 24 May 2024 at 9:37</p>", ("2024-05-24", "json-ld", 8)),
        ('<meta property="article:published_time" content="2024-12-02T09:00:00+00:00">', "", ("2024-12-02", "meta", 9)),
        ("", '<time datetime="2025-08-12" class="metadata">12 August 2025</time>', ("2025-08-12", "time", None)),
        ("", '<p>Updated <time datetime="2025-08-12">12 August 2025</time></p><p>Published: 5 August 2025</p>', ("2025-08-05", "text", None)),
        ("", "<p>05/03/2025</p>", ("2025-03-05", "text", None)),
        ("", "<p>Norfolk County Council, 13 January 2023 00:00</p>", ("2023-01-13", "text", None)),
        ("", "<p>Published: 1:58 PM September 29, 2021</p>", ("2021-09-29", "text", 12)),
        ("", "<p>09:30AM, Monday 01 December 2025</p>", ("2025-12-01", "text", 9)),
        ("", "<p>Published on: 14 Mar, 2022</p><p>Updated on: 15 Mar, 2022</p>", ("2022-03-14", "text", None)),
        ("", "<p>Author: Jo Bloggs Published: 28th November 2022 09:06</p>", ("2022-11-28", "text", 9)),
        ("", "<p>Date Released - 25/03/2025</p>", ("2025-03-25", "text", None)),
        ("", "<p>24/02/2022 - Permalink</p>", ("2022-02-24", "text", None)),
        ("", "<p>Published date</p>", (None, None, None)),
        ("", "<p>Last updated: 3 March 2025</p>", (None, None, None)),
    ],
)  # fmt: skip
def test_the_date_is_that_of_the_most_trusted_place(head: str, line: str, expected: tuple[object, ...]) -> None:
    reading = dated(head, line)
    hour = reading.published_at.hour if reading.published_at else None
    assert (reading.published_on, reading.published_origin, hour) == expected
    assert "Published" not in reading.text


def test_a_date_in_the_address_comes_last_and_to_the_month_where_it_says_no_more() -> None:
    assert dated(url="https://x.example/2022/02/library/").published_on == "2022-02"
    assert dated(url="https://x.example/news/2025/12/05/library").published_on == "2025-12-05"
    reading = dated(line="<p>Published 7 May 2024</p>", url="https://x.example/2022/02/library/")
    assert (reading.published_on, reading.published_origin) == ("2024-05-07", "text")


def test_the_first_of_january_is_refused_unless_the_page_prints_it() -> None:
    refused = dated(LD % "2026-01-01")
    assert refused.published_on is None
    assert "1 January" in refused.notes[0]
    assert dated(LD % "2026-01-01", "<p>1 January 2026</p>").published_on == "2026-01-01"


def test_a_date_of_related_news_is_none_of_the_page(table: Authorities) -> None:
    teaser = (
        '<article class="lgd-teaser--localgov-news-article teaser"><h3><a href="/y">Bins</a></h3><time'
        ' datetime="2026-02-02">2 February 2026</time></article>'
    )
    body = (
        f"<main><article><h1>Library</h1><p>24 May 2024</p>{LONG}</article><section"
        f" class='related-news'>{teaser}</section>{teaser}</main>"
    )
    reading = article.read(html(body), None, table)
    assert reading.published_on == "2024-05-24"
    assert "Bins" not in reading.text


def test_the_title_is_the_headline_then_the_pages_data_without_the_name_of_the_site(table: Authorities) -> None:
    head = (
        '<title>Library opens | Marlshire County Council</title><meta property="og:title" content="The library opens'
        ' - Marlshire">' + LD % "2024-05-24"
    )
    assert article.read(html(f"<h1>Our library</h1>{LONG}", head), None, table).title == "Our library"
    assert article.read(html(LONG, head), None, table).title == "The library opens"
    assert article.read(html(LONG, "<title>Library opens | Marlshire</title>"), None, table).title == "Library opens"


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("<h1>Caf\xe9 \x93opens\x94</h1>".encode("latin-1"), "iso-8859-1"),
        ("<h1>Café “opens”</h1>".encode(), "iso-8859-1"),
        (b'<meta charset="windows-1252"><h1>Caf\xe9 \x93opens\x94</h1>', None),
        ("<h1>Café “opens”</h1>".encode("utf-8-sig"), None),
    ],
)
def test_bytes_are_read_in_the_encoding_that_they_are_in(body: bytes, charset: str | None, table: Authorities) -> None:
    page = Page(body=b"<html><body>" + body + LONG.encode(), content_type="text/html", charset=charset)
    assert article.read(page, None, table).title == "Café “opens”"


def test_the_family_container_wins_and_trafilatura_finds_the_story_without_one(table: Authorities) -> None:
    body = (
        f"<div class=lead><h1>Library</h1><p>Outside.</p></div><div class=editor>{LONG}</div><div"
        f" class=cookie-banner>We"
        f" use cookies</div>"
    )
    assert article.read(html(body), None, table, container=".editor").text.startswith("The library in Eastmere")
    assert "Outside" not in article.read(html(body), None, table, container=".editor").text
    assert "The library in Eastmere" in article.read(html(body), None, table, container=".gone").text


def test_a_page_without_words_is_an_error(table: Authorities) -> None:
    with pytest.raises(ParseError, match="no words") as caught:
        article.read(html("<img src=x>"), None, table)
    assert caught.value.code == Code.EMPTY


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://www.X.example/News/Story/?utm_source=a&opt-in-translate=True#top", "https://x.example/News/Story"),
        ("https://x.example/pressreleases/show.asp?keyword=+&story=5860",
            "https://x.example/pressreleases/show.asp?keyword=+&story=5860"),
        ("https://x.example//news//a/", "https://x.example/news/a"),
        ("https://x.example/", "https://x.example/"),
        ("https://[x.example/a", "https://[x.example/a"),
        ("https://x.example:8443/a?int_source=amp&int_medium=b", "https://x.example:8443/a"),
    ],
)  # fmt: skip
def test_an_address_loses_what_only_tells_where_a_reader_came_from(url: str, expected: str) -> None:
    assert article.canonical(url) == expected
    assert article.canonical(article.canonical(url)) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://life.example/local-news/good-result_90601",
            "https://www.life.example/local-news/good-result-corrected_90601/"),
        ("https://x.example/news/article/715/a-title", "http://x.example/news/article/715/another-title?ref=rss"),
        ("https://www.bbc.example/news/articles/c2de1r262x0o",
            "https://bbc.example/news/articles/c2de1r262x0o?at_medium=RSS"),
        ("https://paper.example/news/23656498.strong-safeguarding/",
            "https://paper.example/news/23656498.safeguarding-strong/?ref=mr"),
        ("https://x.example/pressreleases/show.asp?keyword=+&story=5860",
            "https://x.example/pressreleases/show.asp?story=5860&keyword=a"),
        ("https://x.example/a-story/", "https://x.example/a-story"),
    ],
)  # fmt: skip
def test_the_identity_of_a_page_outlives_its_headline(one: str, other: str) -> None:
    assert article.identity(one) == article.identity(other)


def test_different_pages_have_different_identities() -> None:
    addresses = [
        "https://x.example/news/article/715/a", "https://x.example/news/article/716/a", "https://y.example/news/article/715/a",
        "https://x.example/news/a", "https://x.example/show?id=1", "https://x.example/show?id=2",
    ]  # fmt: skip
    assert len({article.identity(address) for address in addresses}) == len(addresses)


def test_the_canonical_link_counts_on_the_same_site_only(table: Authorities) -> None:
    same = '<link rel="canonical" href="https://www.marlshire.example/news/library/">'
    url = "https://marlshire.example/news/library?utm_medium=x&page=2"
    assert (
        article.read(html(LONG, same, url=url), None, table).canonical_url == "https://marlshire.example/news/library"
    )
    other = '<link rel="canonical" href="https://elsewhere.example/">'
    assert (
        article.read(html(LONG, other, url=url), None, table).canonical_url
        == "https://marlshire.example/news/library?page=2"
    )


def test_the_larger_part_of_a_page_is_the_story_whatever_its_class(table: Authorities) -> None:
    body = (
        f'<h1>Library</h1><div class="content-with-sidebar category-social-care">{LONG * 3}</div><div'
        f' class="sidebar">Bins</div>'
    )
    text = article.read(html(body), None, table).text
    assert "opens at nine" in text
    assert "Bins" not in text


def test_comments_within_the_container_of_the_story_are_cut(table: Authorities) -> None:
    body = (
        f'<h1>Library</h1><div class="editor">{LONG}<div id="comments"><p>Eastmere was rated good by Ofsted'
        f" today.</p></div></div>"
    )
    reading = article.read(html(body), None, table, container=".editor")
    assert "rated good" not in reading.text
    assert reading.findings == ()


@pytest.mark.parametrize("container", ["div.rte", None])
def test_a_row_of_a_table_is_one_line_with_its_column_heads_above(container: str | None, table: Authorities) -> None:
    body = (
        "<h1>Ofsted publishes its findings on Marlshire</h1><div class='rte'><p>Ofsted has today published its report on"
        " children’s services in Marlshire.</p><table><tr><th>Judgement</th><th>2019</th><th>2023</th></tr>"
        "<tr><td>Care leavers</td><td>Good</td><td>Outstanding</td></tr></table></div>"
    )
    page = Page(body=body.encode(), content_type="text/html", url="https://marlshire.example/news/1")
    reading = article.read(page, None, table, container=container)
    (finding,) = reading.findings
    assert "Care leavers | Good | Outstanding" in reading.text
    assert finding.judgements == {"care_leavers": Grade.OUTSTANDING}
    assert finding.previous == {"care_leavers": Grade.GOOD}


def test_a_table_that_is_there_for_the_layout_is_read_by_its_cells(table: Authorities) -> None:
    body = "<h1>News</h1><div class='rte'><table><tr><td><p>One.</p><ul><li>Two</li></ul></td><td>Three</td></tr></table></div>"
    page = Page(body=body.encode(), content_type="text/html", url="https://marlshire.example/news/1")
    assert article.read(page, None, table, container="div.rte").text.split("\n") == ["One.", "• Two", "Three"]


def test_a_date_far_below_the_headline_is_of_other_news_whatever_its_markup(table: Authorities) -> None:
    story = f"<p>{LONG}</p>" * 2
    other = (
        "<div class=panel><h2>More news</h2><p><a href=/x>Other</a> <time datetime=2026-02-02>2 Feb</time></p></div>"
    )
    row = (
        f"<div class=row><div><h1>News</h1><div class=when>Date published: 11 Sept 2024</div>{story}</div>{other}</div>"
    )
    assert article.read(html(f"<body>{row}</body>"), None, table).published_on == "2024-09-11"
    undated = row.replace("Date published: 11 Sept 2024", "")
    assert article.read(html(f"<body>{undated}</body>"), None, table).published_on is None


def test_a_date_below_the_story_counts_in_its_own_article_or_behind_its_label(table: Authorities) -> None:
    story, stamp = f"<h1>News</h1><p>{LONG}</p>" + f"<p>{LONG}</p>", "<time datetime=2024-09-11>11 Sept</time>"
    assert article.read(
        html(f"<article>{story}<footer></footer><p>{stamp}</p></article>"), None, table
    ).published_on == ("2024-09-11")
    assert article.read(html(f"<div>{story}<p>Published: {stamp}</p></div>"), None, table).published_on == "2024-09-11"
