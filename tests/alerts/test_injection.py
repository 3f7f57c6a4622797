"""What a page writes cannot become more than words: no element, header, line or key that a harmless text would not make."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from lxml import html as lxml_html
from msgspec.structs import replace

from alerts import payload
from alerts.model import Channel, DeliverySettings, Message, SmtpSettings
from alerts.subject import subject
from alerts.transports.email import written
from alerts.wording import digest, message, notice
from inspections.model import Evidence
from inspections.said import one_line

BREAKS = ("\r\n", "\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85", "\x00", "\x1b[31m", "\u202e", "\ud800")
BODIES = (
    "Bcc: eve@evil.example", "Subject: other", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "</title><script src=//evil.example>", "</td></tr></table><h1>", "{{ 7 * 7 }}", "{% include 'page.html' %}",
    "\"><b onmouseover=\"x", "' onclick='x", "javascript:alert(1)", "<!-- x", "]]>", "&lt;b&gt;&#60;i>",
    "=?utf-8?q?=0ABcc:_eve?=", "--=_boundary--", ".\r\nQUIT", "\\u003cb\\u003e\",\"type\":\"x",
    "<style>*{display:none}</style>", "<a href=data:text/html,x>",
)  # fmt: skip
PAYLOADS = [f"before{each}{body}" for each in BREAKS for body in BODIES]
SETTINGS = DeliverySettings(
    smtp=SmtpSettings(host="127.0.0.1", sender="Ofsted Watch <watch@northbridge.example>"),
    operator="desk@northbridge.example",
)
ADA = Channel(kind="email", address="ada@readers.example")


def worded(invented: Any, words: str) -> list[Message]:
    """Every kind of message, with these words wherever a page or a person can write some."""
    one = invented.inspection(
        authority=words, provider=words, theme=words, lead_inspector=words, urn=words, improvements=(words,),
        priority_action=True, priority_actions=(words,), notes=(words,),
        judgements=invented.grades(overall="good", in_care="good") | {words: invented.GRADES["good"]},
        evidence={"judgements.overall": Evidence(text=words, path=words), "theme": Evidence(text=words, page=1)},
    )  # fmt: skip
    said = invented.claim(
        one, official=False, title=words, judgements=invented.grades(in_care="requires_improvement"),
        evidence={"judgements.in_care": Evidence(text=words)},
    )  # fmt: skip
    story = replace(invented.story(one, invented.claim(one, title=words), said), subscriptions=(words,))
    return [
        message("k1", story, now=invented.NOW, settings=SETTINGS),
        digest("k2", [story, story], now=invented.NOW, settings=SETTINGS, also=[subject(story)]),
        notice("k3", words, f"{words}", now=invented.NOW, settings=SETTINGS),
    ]


def elements(page: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(each.tag), tuple(sorted(each.attrib))) for each in lxml_html.document_fromstring(page).iter()]


def keys(value: Any, harmless: str) -> Any:
    """The shape of JSON: its keys and types, without its words."""
    if isinstance(value, Mapping):
        return sorted((key if key in payload_keys else harmless, keys(each, harmless)) for key, each in value.items())
    return [keys(each, harmless) for each in value] if isinstance(value, list) else type(value).__name__


payload_keys = {
    name
    for record in (payload.Envelope, payload.Data, payload.Inspected, payload.Item, payload.Link, payload.Notice)
    for name in record.__struct_fields__
} | {"text", "page", "path", "area", "from", "to", "direction", "overall", "in_care", "judgements.overall"}


@pytest.fixture(scope="module")
def harmless(invented: Any) -> list[Message]:
    return worded(invented, "harmless words")


def test_there_are_two_hundred_payloads_at_least():
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.fault("K7")
@pytest.mark.fault("K8")
@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_words_of_a_page_stay_words(invented, harmless, number):
    words = PAYLOADS[number]
    for made, plain, lined in zip(
        worded(invented, words), harmless, worded(invented, one_line(words)), strict=True
    ):  # fmt: skip
        assert elements(made.html) == elements(plain.html)
        assert made.html.count("7 * 7") == lined.html.count("7 * 7") > 0 or "7 * 7" not in words
        assert made.text == lined.text, "only the cleaned words decide how many lines there are"
        assert made.subject == one_line(made.subject, 1000)
        assert made.short.count("\n") == lined.short.count("\n")
        body = json.loads(json.dumps(made.payload, ensure_ascii=False).encode("utf-8", "replace"))
        assert keys(body, "x") == keys(json.loads(json.dumps(plain.payload)), "x")
        raw, expected = written(made, ADA, SETTINGS), written(plain, ADA, SETTINGS)
        parsed = email.message_from_bytes(raw, policy=email.policy.default)
        assert parsed.keys() == email.message_from_bytes(expected, policy=email.policy.default).keys()
        assert [part.get_content_type() for part in parsed.walk()] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
        assert not any(line.lower().startswith(b"bcc") for line in raw.partition(b"\r\n\r\n")[0].splitlines())


@pytest.mark.fault("K8")
@pytest.mark.parametrize("words", PAYLOADS[:40])
def test_a_subject_that_nobody_cleaned_makes_no_header(letter, words):
    raw = written(replace(letter, subject=words), ADA, SETTINGS)
    plain = written(letter, ADA, SETTINGS)
    names = email.message_from_bytes(plain, policy=email.policy.default).keys()
    assert email.message_from_bytes(raw, policy=email.policy.default).keys() == names


LINKS = {
    "javascript:alert(1)": None,
    "data:text/html,x": None,
    "//evil.example/x": None,
    "https://ofsted.gov.uk@evil.example/": None,
    "https://evil.example/\" onclick=\"x": None,
    "https://evil.example/a b": None,
    "https://evil.example\\@ofsted.gov.uk/": None,
    "https://evil.example/\u202egpj.exe": None,
    "https://evil.example/\r\nSet-Cookie: x": None,
    "https://[::1": None,
    "": None,
    "https://оfsted.gov.uk/": "https://xn--fsted-iye.gov.uk/",
    "HTTPS://files.ofsted.example/v1": "https://files.ofsted.example/v1",
}  # fmt: skip


@pytest.mark.fault("K24")
@pytest.mark.parametrize("url", LINKS)
def test_only_honest_addresses_become_links(invented, url):
    one = invented.inspection(judgements=invented.grades(overall="good"))
    claim = replace(invented.claim(one, title="A title"), url=url, page_url=url or None)
    made = message("k", invented.story(one, claim), now=invented.NOW)
    page = lxml_html.document_fromstring(made.html)
    linked = [href for href in page.xpath("//a/@href") if "nationalarchives" not in href]
    assert linked == ([LINKS[url]] if LINKS[url] else [])
    assert [each["url"] for each in made.payload["data"]["links"]] == linked
