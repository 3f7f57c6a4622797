"""Pages that stand where the wanted one should be: challenges, log-in forms, maintenance. Known by their marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape

from msgspec import Struct

BLOCKED, MAINTENANCE = "blocked", "maintenance"


class Refusal(Struct, frozen=True):
    outcome: str  # "blocked" or "maintenance"
    name: str  # whose page it is, for the message


# Headers as "name: value", lower case.
_HEADERS = [
    (BLOCKED, "a Cloudflare challenge", r"cf-mitigated: challenge"),
    (BLOCKED, "an AWS WAF challenge", r"x-amzn-waf-action: (?:challenge|captcha)"),
]
# Whole titles, lower case, without the site's name and without marks at their ends. A page with little to read counts
# by its first heading too.
_TITLES = [
    (BLOCKED, "a Cloudflare challenge", r"just a moment|attention required|checking your browser.*"),
    (BLOCKED, "an Azure refusal", r"azure waf|(?:microsoft )?azure web application firewall"),
    (BLOCKED, "a Sucuri refusal", r"sucuri website firewall|you are being redirected"),
    (BLOCKED, "a DDoS-Guard challenge", r"ddos-guard"),
    (BLOCKED, "a captcha", r"are you (?:a |an )?(?:human|robot)|captcha|robot check|security check"),
    (BLOCKED, "a captcha", r"(?:human|bot) verification|verify(?:ing)? (?:that )?you are (?:a )?human"),
    (BLOCKED, "a refusal", r"(?:error )?(?:40[13])?\W*(?:access (?:is |has been )?denied|forbidden|unauthori[sz]ed)"),
    (BLOCKED, "a refusal", r"request (?:blocked|rejected)|(?:you have been|access) blocked"),
]
# The same, but only on a page with little to read, since an article can have such a title.
_SHORT_TITLES = [
    (BLOCKED, "a log-in form", r"(?:log|sign)[ -]?in(?: to (?:your account|continue))?"),
    (BLOCKED, "a log-in form", r"(?:login|authentication) required"),
    (MAINTENANCE, "a maintenance page", r"(?:{site}(?:is )?)?{now}(?:{down} for |under(?:going)? |in )?{work}"),
    (MAINTENANCE, "a maintenance page", r"(?:{site}(?:is )?)?{now}(?:{down}|out of service)"),
    (MAINTENANCE, "a maintenance page", r"(?:error )?(?:50[0234])?\W*(?:service {now}unavailable|bad gateway)"),
    (MAINTENANCE, "a maintenance page", r"(?:error )?(?:50[0234])?\W*(?:gateway time-?out|internal server error)"),
    (
        MAINTENANCE,
        "a maintenance page",
        r"(?:we'?re )?sorry|(?:we'?(?:ll| will) )?be (?:right )?back(?: soon| shortly)?",
    ),
    (MAINTENANCE, "a maintenance page", r"back soon|sorry, {site}is {now}{down}.*"),
    (MAINTENANCE, "a maintenance page", r"sorry, there is a problem with (?:the|this) (?:service|site|website)"),
]
# Anywhere in the markup of a page with little to read.
_SHORT_BODIES = [
    (BLOCKED, "a Cloudflare refusal", r"cloudflare ray id|sorry, you have been blocked"),
    (BLOCKED, "an AWS WAF challenge", r"awswafcookiedomainlist|awswafintegration\."),
    (BLOCKED, "an Imperva challenge", r"incapsula incident id|<iframe[^>]{{1,300}}_incapsula_resource"),
    (BLOCKED, "an Akamai refusal", r"errors\.edgesuite\.net"),
    (BLOCKED, "an Azure refusal", r"the request is blocked\.|azure waf js challenge"),
    (BLOCKED, "an F5 refusal", r"the requested url was rejected\. please consult with your administrator"),
    (BLOCKED, "a DataDome challenge", r"captcha-delivery\.com"),
    (BLOCKED, "a HUMAN challenge", r"id=[\"']px-captcha"),
    (BLOCKED, "a captcha", r"(?:verify|confirm|prove) (?:that )?you(?:'re| are) (?:a |not a )?(?:human|robot)"),
    (BLOCKED, "a captcha", r"enable (?:javascript and cookies|cookies and javascript) to continue"),
    (MAINTENANCE, "a maintenance page", r"briefly unavailable for {work}"),
    (
        MAINTENANCE,
        "a maintenance page",
        r"(?:{site}is|we are|we're) {now}{down} (?:for|due to|while)[\w ,]{{0,40}} {work}",
    ),
    (MAINTENANCE, "a maintenance page", r"(?:undergoing|carrying out|performing) (?:some )?{work}"),
    (MAINTENANCE, "a maintenance page", r"{site}is (?:currently|temporarily) {down}"),
    (MAINTENANCE, "a maintenance page", r"(?:we are|we're) (?:very )?sorry,? (?:but )?{site}is {now}{down}"),
]
_WORDS = {
    "site": r"(?:our |the |this )?(?:web ?)?(?:site|service|page) ",
    "now": r"(?:currently |temporarily )?",
    "down": r"(?:down|offline|closed|unavailable)",
    "work": r"(?:scheduled |planned |essential |routine )?maintenance(?: mode| page| in progress)?",
}

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,400})</title")
_HEADING = re.compile(r"<h1[^>]{0,200}>([^<]{0,400})</h1")
_SITE_NAME = re.compile(r"\s+[|–—»·-]\s+[^|]*\Z")
_NOT_READ = re.compile(r"<(script|style|noscript|svg|head)\b|<!--")
_TAG = re.compile(r"<[^<>]*>")
_DATA = re.compile(
    r"%pdf-|\s*[{\[]|(?:<\?xml[^>]{0,200}\?>)?\s*(?:<!--.{0,500}?-->\s*)?<(?:rss|feed|rdf:rdf|urlset)\b", re.S
)
_LITTLE = 1_500  # characters to read
_LOOKED_AT = 200_000  # such a page is small; of a larger one only headers and title count


def recognise(body: bytes, headers: Mapping[str, str] | None = None) -> Refusal | None:
    """The refusal that this page is, whatever its status said; None for anything else, a PDF or feed among it."""
    lines = "\n".join(f"{name}: {value}" for name, value in (headers or {}).items()).lower()
    found = _first(_HEADERS_SET, [lines], re.Pattern.search)
    page = body[:_LOOKED_AT].decode("utf-8", "replace").lower().replace("’", "'")
    if found or _DATA.match(page):
        return found
    little = len(body) <= _LOOKED_AT and len(_text(page)) <= _LITTLE
    matches = [_TITLE.search(page), _HEADING.search(page) if little else None]
    titles = [" ".join(unescape(match[1]).replace("’", "'").split()) for match in matches if match]
    titles = [text.strip(" .!?…:") for title in titles for text in (title, _SITE_NAME.sub("", title)) if text]
    found = _first(_TITLES_SET, titles, re.Pattern.fullmatch)
    if found or not little:
        return found
    return _first(_SHORT_TITLES_SET, titles, re.Pattern.fullmatch) or _first(
        _SHORT_BODIES_SET, [page], re.Pattern.search
    )


def _text(page: str) -> str:
    """Roughly what there is to read, in time linear in the page, which may be hostile."""
    kept, at = [], 0
    while found := _NOT_READ.search(page, at):
        kept.append(page[at : found.start()])
        end = f"</{found[1]}" if found[1] else "-->"
        at = page.find(end, found.end())
        if at < 0:
            break
        at += len(end)
    else:
        kept.append(page[at:])
    return " ".join(_TAG.sub(" ", " ".join(kept)).split())


_Set = list[tuple[Refusal, re.Pattern[str]]]


def _compiled(table: list[tuple[str, str, str]]) -> _Set:
    return [(Refusal(outcome, name), re.compile(pattern.format(**_WORDS))) for outcome, name, pattern in table]


_HEADERS_SET, _TITLES_SET = _compiled(_HEADERS), _compiled(_TITLES)
_SHORT_TITLES_SET, _SHORT_BODIES_SET = _compiled(_SHORT_TITLES), _compiled(_SHORT_BODIES)


def _first(table: _Set, texts: list[str], matches: Callable[[re.Pattern[str], str], object]) -> Refusal | None:
    return next((refusal for refusal, pattern in table if any(matches(pattern, text) for text in texts)), None)
