"""The names of what can become of a fetch, and for each what a person can do about it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from http.client import IncompleteRead, RemoteDisconnected

from urllib3.exceptions import DecodeError, InvalidChunkLength, ReadTimeoutError

from scraper import refusals
from scraper.model import STOPPED, Code, FetchError, Source

_AGAIN = "It will be read again by itself"
# outcome → (code of the contract, what to do)
_MEANING: dict[str, tuple[Code, str]] = {
    "dns": (
        Code.UNREACHABLE,
        "If the site has moved, change its url; if every source says so, look at this machine's own connection",
    ),
    "refused-connection": (Code.UNREACHABLE, f"The site is down or has moved. {_AGAIN}"),
    "connect-timeout": (Code.UNREACHABLE, f"The site is down, overloaded, or shuts this machine out. {_AGAIN}"),
    "timeout": (Code.UNREACHABLE, f"The site is slow. {_AGAIN}"),
    "tls": (Code.UNREACHABLE, f"This is for the site to mend, or for this machine's clock if that is wrong. {_AGAIN}"),
    "blocked": (
        Code.REFUSED,
        "The site does not want to be read by a program. Ask its owner, naming the User-Agent",
    ),
    "maintenance": (Code.UNREACHABLE, _AGAIN),
    "not-found": (Code.NOT_FOUND, "If the page has moved, change its url; what was read before is kept"),
    "moved": (Code.REFUSED, "Nothing was followed; the declaration decides"),
    "server-error": (Code.UNREACHABLE, _AGAIN),
    "rate-limited": (Code.REFUSED, "No source of this host is asked before that"),
    "too-large": (Code.TOO_LARGE, "If such a size is right, raise max_bytes or max_document_bytes of [fetch]"),
    "bad-body": (Code.UNREADABLE, f"The answer was thrown away as a whole. {_AGAIN}"),
    "robots": (
        Code.REFUSED,
        'Ask the site\'s owner; with a permission, write options.ignore_robots = "who gave it" in the declaration',
    ),
    "private-address": (
        Code.REFUSED,
        "If it is a replica or a site of your own network, write allow_private = true in the declaration",
    ),
    "bad-url": (Code.REFUSED, "Correct the address in the declaration, or report the site that links to it"),
    "budget": (Code.REFUSED, "It will be read again tomorrow; the budget of [fetch] is a setting"),
    STOPPED: (Code.UNREACHABLE, "The service is stopping; the source is due again at the next start"),
    "network": (Code.UNREACHABLE, _AGAIN),
}
OUTCOMES = frozenset(_MEANING)


class Failure(Exception):
    """What went wrong with one request, before it is put into words for its source.

    The message is the middle of a sentence. `again`: another try within this poll may help.
    """

    def __init__(
        self, outcome: str, message: str, *, again: bool = False, wait: timedelta | None = None,
        body: bytes = b"", code: Code | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.outcome, self.again, self.wait, self.body, self.code = outcome, again, wait, body, code

    def of(self, source: Source) -> FetchError:
        """This failure as a sentence about the source."""
        code, advice = _MEANING[self.outcome]
        return FetchError(
            f'source "{source.id}": {self}. Nothing was lost. {advice}.',
            outcome=self.outcome, code=self.code or code, retry_after=self.wait, body=self.body,
        )  # fmt: skip


def judge(url: str, status: int, headers: Mapping[str, str], body: bytes, wait: timedelta | None) -> None:
    """Raise Failure unless this answer is the page that was asked for."""
    refusal = refusals.recognise(body, headers)
    if status == 429:
        asked = f" and asks to be left alone for {in_words(wait)}" if wait else ""
        raise Failure("rate-limited", f"{url} answers 429, too many requests{asked}", wait=wait, body=body)
    if status in (404, 410):
        raise Failure("not-found", f"{url} answers {status}, there is no such page", body=body)
    if refusal:
        raise Failure(refusal.outcome, f"{url} answers {status} with {refusal.name}", wait=wait, body=body)
    if status in (401, 403, 407, 451):
        raise Failure("blocked", f"{url} answers {status}, forbidden", body=body)
    if status != 200:
        outcome = "server-error" if status >= 400 else "bad-body"
        raise Failure(outcome, f"{url} answers {status}, where 200 was expected", wait=wait, body=body)
    if not body.strip():
        raise Failure("bad-body", f"{url} answers 200 with an empty page", code=Code.EMPTY)


def causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and those it was made from: urllib3 passes them on as arguments, or raises from them."""
    yield error
    passed_on = [inner for inner in (*error.args, getattr(error, "reason", None)) if isinstance(inner, BaseException)]
    inner = passed_on[0] if passed_on else error.__cause__ or error.__context__
    if inner:
        yield from causes(inner)


def failure_of(chain: Sequence[BaseException], *, host: str, url: str, answered: bool) -> Failure:
    """What urllib3, http.client, ssl and socket raised, outermost first; `answered`: the body was being read."""
    for link in chain:
        if isinstance(link, ssl.SSLError):
            reason = getattr(link, "verify_message", "") or link.reason or "no agreement"
            return Failure("tls", f"the connection to {host} cannot be trusted ({reason.strip('. ')})")
        if isinstance(link, (ReadTimeoutError, TimeoutError)):
            return Failure("timeout", f"{host} fell silent before the end of its answer")
        if isinstance(link, IncompleteRead):
            return Failure("bad-body", f"{host} broke off before the end of {url}")
        if isinstance(link, (InvalidChunkLength, DecodeError)):
            return Failure("bad-body", f"the body of {url} is damaged")
        if isinstance(link, (RemoteDisconnected, OSError)):
            # before an answer it is often a kept connection that the server had just given up
            return Failure("network", f"the connection to {host} was lost", again=not answered)
    if not chain:
        return Failure("bad-url", f"the address {url!r} cannot be read")
    return Failure("bad-body", f"what {host} sends is not an HTTP answer ({str(chain[-1])[:200]})")


def in_words(wait: timedelta) -> str:
    """A wait as a person says it: "40 s", "15 min", "3 h"."""
    seconds = max(round(wait.total_seconds()), 1)
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{seconds} s"
