"""The kinds of newsroom, one row each. A council's declaration names a row, and may override a cell by an option.

The rows come from templates, other people's scrapers and saved texts of 2020 to 2025; none was checked on a live site.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

# Where sites of no known family often have their feed, as seen on Umbraco and others.
USUAL_FEEDS = ("rss", "feed/")

# What a declaration may override: [options] of a file in config/sources/.
OPTIONS = frozenset({"item", "link", "title", "date", "container", "page", "first", "empty"})

HEADINGS = "h2, h3, h4"
NEXT = (
    'link[rel~="next"], a[rel~="next"], .pager__item--next a, .pager-next a, a.pagination__next, .pagination__next a,'
    " .pagination-next a, .pagination .next a, .pagination a.next, a.next.page-numbers, .nav-previous a, a.next-page,"
    " .paging__next a, .paginate__next a, li.next a"
)


class Family(Struct, frozen=True, kw_only=True):
    """Where things stand on the pages of one kind of site: CSS selectors, within an item all but `item` and `next`.

    For `json` they are dotted paths, alternatives parted by commas.
    """

    item: str
    link: str = "a[href]"
    title: str = HEADINGS
    date: str = "time"
    container: str = ""  # of an article: its body; "": no better place than what trafilatura finds
    next: str = NEXT
    page: str = "page"  # the query's parameter, with * for what varies; or the end of the path, "page/{}/"
    first: int = 1  # the number of the first page
    empty: str = ""  # what the page says when there is nothing, besides the usual sentences
    json: bool = False
    total: str = ""  # json: how many there are
    feeds: tuple[str, ...] = ()  # addresses to try: "/…" from the site's root, "…" below the listing, "?…" of it
    signs: tuple[str, ...] = ()  # selectors, any of which says that a page is of this family
    traces: tuple[str, ...] = ()  # words in the source text of a page that say so less surely


FAMILIES: dict[str, Family] = {
    "localgov_drupal": Family(
        # Up to three featured articles are left out of the list and stand above it.
        item=".lgd-teaser--localgov-news-article, .teaser--localgov-news-article, .view--teasers .lgd-teaser,"
        " .node--type-localgov-news-article.node--view-mode-teaser, .newsroom__featured-news article,"
        " .newsroom__featured-news :has(> h2, > h3)",
        link='a[rel~="bookmark"], h2 a, h3 a, .lgd-teaser__title a, .teaser__title a, a[href]',
        title="h2, h3, .lgd-teaser__title, .teaser__title",
        date="time, .news-article__metadata-item--date, .field--name-localgov-news-date, .lgd-teaser__date",
        container=".news-article__content",
        first=0,
        signs=(".lgd-teaser--localgov-news-article", ".teaser--localgov-news-article", '[class*="localgov-news"]'),
        traces=("lgd-", "localgov_"),
    ),
    "drupal": Family(
        item=".views-row, .view-content > article, .view-content > ul > li",
        link='h2 a, h3 a, .views-field-title a, a[rel~="bookmark"], a[href]',
        title="h2, h3, .views-field-title",
        date="time, .date-display-single, .datetime, .views-field-created, .field--name-field-date",
        container='[property="content:encoded"], .field--name-body',
        first=0,
        feeds=("/rss.xml", "feed", "rss.xml"),
        signs=(".views-row", 'meta[name="Generator"][content*="Drupal" i]', "[data-drupal-selector]"),
        traces=("drupal-settings-json", "/sites/default/files/"),
    ),
    "jadu": Family(
        item="ul.list--listing > li, li.list__item:has(h2), li.list__item:has(h3), article.listing",
        title="h2, h3, .listing__title",
        date=".listing__meta--date, .meta--date, .listing__meta, time",
        container=".editor",
        feeds=("/rss/news",),
        signs=(".list--listing .list__item", 'link[href*="/rss/news"]', ".listing__meta, .listing__meta--date"),
        traces=("jadu", "/rss/news", "list__item"),
    ),
    "goss": Family(
        item=".grid__cell--news, .grid--list > div, .news-item, .item",
        link=".item__title a, a.item__link, .pa-block__title a, .news-item__title a, h2 a, h3 a",
        title=".item__title, .item__link, .pa-block__title, .news-item__title, h2, h3",
        date=".news-item__published-date, .item__date, time, .item__body",
        container=".a-body--newsitem, .a-body__inner, .a-body",
        page="p",
        feeds=("?rss=true",),
        signs=(".grid--list .item__title", ".grid__cell--news", ".a-body", ".item__link", ".news-item__published-date"),
        traces=("(opens new window)", "grid__cell", "Toggle mobile menu visibility"),
    ),
    "contensis": Family(
        item=".sys_subitem",
        link="h2 a, h3 a, .sys_subitem-title a, a[href]",
        title="h2, h3, .sys_subitem-title",
        date=".sys_news-datepublished, .sys_date, time",
        container=".sys_news-record",
        page="*_GoToPage",
        feeds=("?SyndicationType=1",),
        signs=(".sys_subitem", ".sys_news-record", '[class^="sys_"]'),
        traces=("contensis",),
    ),
    "contensis_json": Family(
        json=True,
        item="items",
        link="sys.uri, uri, url",
        title="entryTitle, title, sys.entryTitle",
        date="publishedDate, datePublished, sys.version.published",
        page="pageIndex",
        first=0,
        total="totalCount",
        traces=("/api/delivery/projects/",),
    ),
    "prgloo": Family(
        item=".cell.cell-contained",
        title="h2, h3, .title, a",
        date="p.date, .date",
        container=".content-body, .content-summary",
        feeds=("/feed/rss",),
        signs=('meta[name="generator"][content*="PRgloo" i]', '[src*="cdn.prgloo.com"], [href*="cdn.prgloo.com"]'),
        traces=("prgloo",),
    ),
    "presspage": Family(
        item=".news-item, .newsroom-item, .release-item, .ppmodule_news article",
        title="h2, h3, .title, .news-item__title",
        date="time, .date, .news-item__date",
        container=".ppmodule_textblock",
        feeds=("/feed/en",),
        signs=('[class*="ppmodule_"]', '[src*="content.presspage.com"], [href*="content.presspage.com"]'),
        traces=("presspage",),
    ),
    "mynewsdesk": Family(
        item=".article.news, .panel--article, li.article",
        title="h2, h3",
        date=".material-date, time",
        container=".newsroom-article",
        signs=(".material-date", '[href*="mynewsdesk.com/uk/rss"], [src*="mynewsdesk.com"]', ".newsroom-article"),
        traces=("mynewsdesk",),
    ),
    "shuttle": Family(
        item="article.listing",
        link='h2 a[rel~="bookmark"], h2 a',
        title="h2",
        date="p.pubdate",
        container="article.single .the_content, .the_content",
        page="page/{}/",
        feeds=("feed/", "/feed/"),
        signs=("article.listing p.pubdate", "article.single p.pubdate"),
        traces=("teamtalk",),
    ),
    "wordpress_html": Family(
        item="article, .post, .hentry, .type-post, li.wp-block-post, .td_module_wrap",
        link='.entry-title a, h1 a, h2 a, h3 a, a[rel~="bookmark"], .wp-block-post-title a',
        title=".entry-title, .wp-block-post-title, h1, h2, h3",
        date="time.entry-date, time.published, .published, time, .posted-on, .wp-block-post-date, .pubdate",
        container=".entry-content, .td-post-content, .wp-block-post-content, .post-content",
        page="page/{}/",
        feeds=("feed/", "/feed/"),
        signs=('link[rel="https://api.w.org/"]', 'meta[name="generator"][content*="WordPress" i]'),
        traces=("/wp-content/", "/wp-includes/", "/wp-json/"),
    ),
    "obox": Family(
        item="li.oBoxItem",
        link=".item-title a, a[href]",
        title=".item-title",
        date=".item-date",
        container=".contenteditor",
        page="lister*p",
        signs=("li.oBoxItem",),
    ),
    "sharepoint": Family(
        item="#newsContainer .article, .nr-home-latest, .nr-home-latest li",
        date=".date, time, p.date",
        container='[id$="RichHtmlField"]',
        signs=('[id^="ctl00_PlaceHolderMain"]',),
        traces=("Skip Ribbon Commands", "_layouts/15/"),
    ),
    # Any other site: the declaration's own selectors, item at least.
    "selectors": Family(item="", date="time, [class*=date]"),
}


def named(family: str) -> Family:
    """The row of that name. Raises LookupError, naming those that there are."""
    try:
        return FAMILIES[family]
    except KeyError:
        raise LookupError(f"there is no newsroom family {family!r}; there are {', '.join(FAMILIES)}") from None


def adapted(family: str, options: dict[str, str | int | list[str]]) -> Family:
    """The row with the cells that a declaration overrides. A list of selectors means any of them.

    Raises LookupError for a family or option that does not exist.
    """
    if unknown := sorted(set(options) - OPTIONS):
        raise LookupError(f"there is no option {unknown[0]!r}; there are {', '.join(sorted(OPTIONS))}")
    cells = {key: ", ".join(value) if isinstance(value, list) else value for key, value in options.items()}
    return msgspec.structs.replace(named(family), **cells)
