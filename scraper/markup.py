"""Bytes of a web page as a tree, and its words as plain text."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from scraper.model import Code, Page, ParseError

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

TITLE_LENGTH = 500  # characters; a longer title is cut
DEEPEST = 500  # elements within elements

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LATIN = frozenset({"iso8859-1", "ascii", "latin-1"})  # the web means windows-1252 by these
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_PROLOG = re.compile(r"\A\s*<\?xml[^>]*\?>")  # of XHTML
# Soft hyphens, zero-width characters and direction overrides are not to be seen, and spoil comparisons.
_UNSEEN = re.compile("[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
_HIDDEN = ".nonvisual, .visually-hidden, .visuallyhidden, .sr-only, .screen-reader-text, .govuk-visually-hidden"


def decoded(page: Page) -> str:
    """The body as text. What is valid UTF-8 is UTF-8, whatever is declared; what nothing fits is windows-1252."""
    body = page.body
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    for first, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):  # without a mark every other byte tells
        if body[first:64:2].count(0) * 4 > len(body[:64]) and not body[1 - first : 64 : 2].count(0):
            return body.decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        mended = body.decode("utf-8", "replace")
    if _is_damaged_utf8(mended):
        return mended
    stated = _DECLARED.search(body[:4096])
    for label in (page.charset, stated[1].decode("ascii") if stated else None):
        if known := _known(label):
            return body.decode(known, "replace")
    return body.decode("cp1252", "replace")


def _is_damaged_utf8(text: str) -> bool:
    """Far more letters that only UTF-8 writes in several bytes than places where it does not fit: a cut or two."""
    damaged = text.count("\ufffd")
    return sum(character > "\x7f" for character in text) - damaged >= 3 * damaged


def soup(page: Page) -> BeautifulSoup:
    """The page as a tree, by lxml: html5lib needs minutes for hostile pages, and lxml.html alone drops deep text.

    Raises ParseError where elements stand deeper within each other than on any honest page: to search such a tree takes
    minutes.
    """
    from bs4 import BeautifulSoup, Tag

    tree = BeautifulSoup(_PROLOG.sub("", decoded(page)), "lxml")
    level: list[Tag] = [tree]
    depth = 0
    while level:
        level = [child for element in level for child in element.contents if isinstance(child, Tag)]
        depth += 1
        if depth > DEEPEST:
            said = f"the page has elements more than {DEEPEST} deep within each other"
            raise ParseError(f"{said}. Nothing was read.", code=Code.LIMIT)
    return tree


def plain(text: str) -> str:
    """One line: spaces collapsed, invisible characters gone, ligatures as letters, composed (NFC)."""
    return " ".join(unicodedata.normalize("NFC", _UNSEEN.sub("", text).translate(_LIGATURES)).split())


def words(node: Tag | None) -> str:
    """The visible text of an element on one line, without what is there for screen readers alone; "" for None."""
    if node is None:
        return ""
    hidden = {id(text) for element in node.select(_HIDDEN) for text in element.strings}
    seen = plain(
        "".join(f"{text} " if text.parent is not node else text for text in node.strings if id(text) not in hidden)
    )
    return re.sub(r" ([,.;:!?’”)])", r"\1", seen) or plain(node.get_text(" "))


def words_of_html(text: str) -> str:
    """A fragment of HTML, or text with entities in it, as plain text on one line."""
    if "<" not in text and "&" not in text:
        return plain(text)
    from bs4 import BeautifulSoup

    return plain(BeautifulSoup(f"<div>{text}</div>", "lxml").get_text(" "))


def base_of(tree: BeautifulSoup, page: Page, otherwise: str = "") -> str:
    """The address against which a page's links are resolved; a `<base>` that leads to another host does not count."""
    own = page.url or canonical(tree) or otherwise
    base = tree.select_one("base[href]")
    stated = link(own, base["href"]) if base else None
    return stated if stated and urlsplit(stated).hostname == urlsplit(own).hostname else own


def canonical(tree: BeautifulSoup) -> str | None:
    """What the page says its own address is, where it says an absolute one."""
    stated = tree.select_one('link[rel~="canonical"][href]')
    href = str(stated["href"]).strip() if stated else ""
    return link("", href) if href.startswith(("http://", "https://")) else None


def link(base: str, href: object) -> str | None:
    """The absolute address of a link, without its fragment; None for mail, scripts and places on the page itself."""
    written = str(href or "").strip()
    if not written or written.startswith("#"):
        return None
    try:
        address = urljoin(base, written)
        parts = urlsplit(address)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:  # "http://[broken", "http://host:99999/"
        return None
    if parts.scheme not in ("http", "https", "") or (parts.scheme and not host):
        return None
    return address.partition("#")[0]


def _known(label: str | None) -> str | None:
    try:
        name = codecs.lookup((label or "").strip()).name
    except LookupError:
        return None
    if name in _LATIN:
        return "cp1252"
    return None if name.startswith(("utf-8", "utf-16", "utf-7")) else name  # UTF-8 was tried; UTF-16 has a mark
