"""Answers in the place of the page that was asked for: maintenance, a challenge, something that is no text."""

from __future__ import annotations

import re

from msgspec.structs import replace

from scraper import markup
from scraper.model import Code, Page, ParseError

_HEAD = 1024  # bytes within which a PDF says that it is one
_SHORT = 700  # characters; a page that is all notice says little more
_LARGEST = 60_000  # bytes
_MOST_LINKS = 8  # a page of the site itself has its menus

_WEB_PAGE = re.compile(r"<(?:!doctype html|html|body|h1)\b", re.IGNORECASE)
_OFF = r"(?:temporarily |currently )?(?:unavailable|offline|down\b|closed)"
_WORK = r"(?:under(?:going)?|down for|closed for|scheduled|essential|planned|routine) (?:\w+ )?maintenance"
_SITE = r"(?:(?:our|the|this) )?(?:web ?site|site|page|service)"

# What such pages say, whatever their status is: (as a heading, as all that they say).
_NOTICES: dict[str, tuple[str, str]] = {
    "maintenance": (
        r"(?:sorry\W+)?(?:we(?:['’]ll| will) be (?:right )?back\b.*|back (?:soon|shortly)\b.*"
        rf"|{_SITE} (?:is )?(?:{_OFF}|{_WORK}).*"
        rf"|{_WORK}|(?:\d{{3}}\W*)?(?:service )?(?:temporarily )?unavailable|maintenance(?: mode| in progress)?)\W*",
        r"we(?:['’]ll| will) be (?:right )?back (?:soon|shortly)|carrying out (?:some )?(?:\w+ )?maintenance"
        rf"|(?:our|the|this) (?:web ?site|site|page) is (?:\w+ )?(?:{_OFF}|{_WORK}|being (?:updated|upgraded))",
    ),
    "blocked": (
        r"(?:checking your browser|just a moment|attention required|access (?:is )?denied|security check"
        r"|request blocked|please verify|are you a (?:ro)?bot|(?:log|sign) ?in)\b.*",
        r"checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human|are you a (?:ro)?bot|complete the captcha"
        r"|enable javascript and cookies|incapsula incident|(?:sign|log) ?in to (?:continue|your account)",
    ),
}
_PATTERNS = {
    outcome: (re.compile(heading, re.IGNORECASE), re.compile(said, re.IGNORECASE))
    for outcome, (heading, said) in _NOTICES.items()
}


def is_pdf(body: bytes) -> bool:
    return b"%PDF-" in body[:_HEAD]


def refuse_binary(page: Page) -> None:
    """Raises ParseError for a PDF in the place of a page, and for what is no text at all."""
    if is_pdf(page.body):
        raise ParseError("the body is a PDF; expected a page or feed. Nothing was read.", code=Code.NOT_RECOGNISED)
    head = markup.decoded(replace(page, body=page.body[:4096]))
    strange = sum(1 for each in head if each < " " and each not in "\t\n\r\f\v\x1b") + head.count("\ufffd")
    if strange * 20 > len(head):
        said = "the body is neither text nor a PDF"
        raise ParseError(f"{said}; it begins with {page.body[:8]!r}. Nothing was read.", code=Code.NOT_RECOGNISED)


def refuse_notice(page: Page) -> None:
    """Raises ParseError for a page that only says why the right one is not there: "maintenance" or "blocked".

    News that speaks of maintenance stands on a page of the site, with its menus, and says more.
    """
    text = markup.decoded(page) if len(page.body) <= _LARGEST else ""
    if not _WEB_PAGE.search(text) or text.lower().count("<a ") > _MOST_LINKS:
        return
    tree = markup.soup(page)
    for hidden in tree(["script", "style", "noscript", "template"]):
        hidden.decompose()
    headings = [markup.words(element) for element in tree.select("h1, title")]
    headings += [part.strip() for each in headings for part in re.split(r"[|·–—]| - ", each)]
    said = markup.words(tree.body)
    for outcome, (heading, words) in _PATTERNS.items():
        named = len(said) < 2 * _SHORT and any(heading.fullmatch(each) for each in headings)
        if named or (len(said) < _SHORT and words.search(said)):
            shown = next((each for each in headings if each), said)
            raise ParseError(
                f"the page is not the one that was asked for: it says “{shown[:80]}”. Nothing was read, and what was"
                " known is not lost; the next poll tries again.",
                code=Code.NOT_RECOGNISED,
                outcome=outcome,
            )
