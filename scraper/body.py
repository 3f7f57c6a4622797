"""The story of a web page as plain text: without comments, related news, widgets, and what stands on every page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bs4 import Comment, Tag
from bs4.element import NavigableString, PreformattedString

from scraper import markup

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

LONGEST_CELL = 200  # characters; a longer one is a column of text
LEAST = 200  # characters; a container with less is not where the story is, unless the page has no more

# Not the story, however long: a page may have more comments than text.
_NEVER = (
    "script, style, noscript, template, iframe, form, nav, footer, aside, svg, button, dialog, [hidden],"
    " [aria-hidden=true], #comments, #wpdcom, #wpd-threads, .wpd-thread-list, .wpd-comment, [class*=wpdiscuz],"
    " .comments-area, .comment-list, #disqus_thread, [id^=comment-]"
)
# Nor this, where it is the smaller part of the page. Teasers of other news bring other dates and other grades.
_HARDLY = (
    '[class*="related-"], [class*="-related"], [class~=related], [id*=related], [class*="read-more"],'
    ' [class*="more-news"], [class*="latest-news"], [class*=recommended], [class*=yarpp], article[class*=teaser],'
    ' [class*="view--teasers"], .news-item-teaser, .newsroom__featured-news, .widget, [class*=sidebar],'
    ' [class*=cookie], [id*=cookie], [class*=consent], [class*=newsletter], [class*="share-"], [class*="-share"],'
    ' [class~=share], [class*=sharing], [class*=sharedaddy], [class*="social-media"], [class*="social-links"], .tags,'
    ' .post-tags, .tag-links, [class*=breadcrumb], [class*=pagination], .post-navigation, .nav-links,'
    ' [role=navigation], [role=search], [role=contentinfo], [class*=advert], [class*=promo], [class*="author-bio"],'
    ' [class*="skip-link"]'
)  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "blockquote", "br", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
})  # fmt: skip
# From such a line on there is nothing of the story. Of the first three alone: where the rest of the tail follows.
_TAIL = re.compile(
    r"(?:\d+ |leave a |post a |add a |view all )?comments?(?: \(\d+\))?|subscribe|notify of|inline feedbacks?|oldest"
    r"|newest|most voted"
    r"|related (?:news|articles?|stories|posts|content|links)|more (?:news|stories|from .{1,40}|like this|on this"
    r" story)|you (?:may|might) (?:also )?(?:like|be interested in)|latest news|other news|read (?:next|more"
    r" stories)|most (?:read|popular)"
    r"|share this(?: \w+){0,3}|share on .{1,40}|share|tags|filed under\b.*|join the conversation|sign up (?:to|for)"
    r" (?:our|the) .{0,40}newsletter.*|follow us(?: on .*)?|recommended(?: for you)?|trending",
    re.IGNORECASE,
)
_SINGLE_COMMENTS = re.compile(r"comments|subscribe|notify of|guest|\d+ comments|oldest|newest.*", re.IGNORECASE)
# Lines that stand on every page of a site, or widgets within the story.
_WIDGET = re.compile(
    r"(?=.{0,300}\Z).*\bcookies?\b.*|home|menu|search|news|(?:you are (?:in|here):? ?)?home(?: ?[/>»›|] ?.*)"
    r"|(?:(?:first )?published|last updated|date published|posted):?"
    r"|by (?-i:[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){1,3})(?:, .{1,40})?"
    r"|bbc news(?:, .{1,30})?|-+ ?ends ?-+|ends|advertisement|advert|sponsored|hide ad"
    r"|watch more of our videos on shots!?.*|fringe box|read (?:more|also|next):.*|would love your thoughts.*|\(?\)?"
    r"|skip to (?:main )?content|toggle mobile menu visibility|(?:un)?follow|print(?: this page)?|listen to this"
    r" article|image(?: source| caption)?:?.*getty.*|share(?: this)?(?: page| post| article| story)?:?|introduction"
    r"|read all about it|photo:.*|loading\W*"
    r"|\(?opens? (?:in )?(?:a )?new (?:window|tab)\)?|copy link|email|facebook|twitter|x|linkedin|whatsapp|back to"
    r" (?:top|news).*|accept(?: all)?(?: cookies)?|\d+ (?:min(?:ute)?s?) read|\d+ views?",
    re.IGNORECASE,
)


def story(tree: BeautifulSoup, container: str | None) -> str:
    """The text of the story: the container, else what trafilatura finds, else the longest article or main.

    One line a paragraph; entries of lists begin with "• ". The tree must be `stripped` before.
    """
    if container:
        text = "\n".join(filter(None, (lines_of(node) for node in _outermost(tree.select(container)))))
        if text:
            return trimmed(text)
    found = trimmed(_found(tree))
    if len(found) >= LEAST:
        return found
    longest = max((lines_of(node) for node in tree.select("article, main, [role=main]")), key=len, default="")
    return max((found, trimmed(longest or lines_of(tree.body or tree))), key=len)


def stripped(tree: BeautifulSoup, container: str | None) -> BeautifulSoup:
    """The same tree without what is not the story; nothing that holds the headline or the container is taken out."""
    keep = {id(node) for node in tree.select("h1")} | {
        id(node) for node in (tree.select(container) if container else ())
    }
    for comment in tree.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for node in tree.select(_NEVER):
        if not node.decomposed and not _holds(node, keep):
            node.decompose()
    half = len(tree.get_text()) / 2
    for node in tree.select(_HARDLY):
        if not node.decomposed and not _holds(node, keep) and len(node.get_text()) < half:
            node.decompose()
    return tree


def _holds(node: Tag, keep: set[int]) -> bool:
    if node.name in ("script", "style", "nav", "footer"):
        return False
    return (
        node.name in ("html", "body", "main")
        or id(node) in keep
        or any(id(inner) in keep for inner in node.find_all(True))
    )


def lines_of(node: Tag) -> str:
    """The text of an element, one line a block."""
    parts: list[str] = []
    _walk(node, parts, 0)
    lines = (markup.plain(line) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line and line != "•")


def _walk(node: Tag, parts: list[str], depth: int) -> None:
    if depth > 200:  # a hostile page; what lies deeper is lost, not the rest
        parts.append(node.get_text(" ").replace("\n", " "))
        return
    for child in node.children:
        if isinstance(child, Tag):
            block = child.name in _BLOCKS
            if block:
                parts.append("\n")
            if child.name == "li":
                parts.append("• ")
            if row := _row(child):
                parts.append(row)
            else:
                _walk(child, parts, depth + 1)
            if block:
                parts.append("\n")
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            parts.append(re.sub(r"\s+", " ", str(child)))


def _row(node: Tag) -> str:
    """A row of a table as "label | grade"; "" for anything else, and where the table is there for the layout."""
    cells = [child for child in node.children if isinstance(child, Tag)] if node.name == "tr" else []
    if any(cell.name not in ("td", "th") or cell.find(["table", "ul", "ol", "h1", "h2", "h3"]) for cell in cells):
        return ""
    words = [markup.plain(cell.get_text(" ")) for cell in cells]
    return " | ".join(words) if len(words) > 1 and all(words) and max(map(len, words)) <= LONGEST_CELL else ""


def _outermost(nodes: list[Tag]) -> list[Tag]:
    chosen = {id(node) for node in nodes}
    return [node for node in nodes if not any(id(parent) in chosen for parent in node.parents)]


def _found(tree: BeautifulSoup) -> str:
    import trafilatura

    text = trafilatura.extract(
        str(tree), favor_precision=True, include_comments=False, include_tables=True, deduplicate=False
    )
    lines = (markup.plain(line) for line in (text or "").split("\n"))
    return "\n".join(re.sub(r"\A[-*•] ", "• ", line) for line in lines if line)


def trimmed(text: str) -> str:
    """The lines of a story without its tail and without widgets."""
    lines = [line for line in (markup.plain(line) for line in text.split("\n")) if line]
    kept: list[str] = []
    for index, line in enumerate(lines):
        if index and _TAIL.fullmatch(line.rstrip(":")) and _ends(lines, index):
            break
        if not is_widget(line):
            kept.append(line)
    return "\n".join(kept)


def is_widget(line: str) -> bool:
    """Whether the line is no part of a story: a cookie banner, a menu, a button, an advertisement."""
    return bool(_WIDGET.fullmatch(line.rstrip(".")) or _WIDGET.fullmatch(line))


def _ends(lines: list[str], index: int) -> bool:
    """Whether the tail begins here. A lone "Comments" or "Share" may stand above the story too."""
    if index < 2 and len(lines) > index + 4 and not _SINGLE_COMMENTS.fullmatch(lines[index + 1]):
        return False
    return sum(map(len, lines[:index])) >= min(LEAST, sum(map(len, lines)) // 3)
