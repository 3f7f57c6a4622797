"""Where a source may lead us: which URLs, which hosts, which addresses. Pure; looks nothing up."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urldefrag, urljoin, urlsplit

from msgspec import Struct

from scraper.model import Source
from scraper.outcomes import Failure

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,252})\Z")
_PORTS = {"http": 80, "https": 443}

# What `is_global` of Python 3.11 lets through although nobody's web site can stand there.
_NEVER = [
    ip_network(net)
    for net in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments, Teredo among them: an IPv4 address inside
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
    )
]
_GLOBAL_UNICAST = ip_network("2000::/3")  # all that was ever handed out; NAT64, site-local and ::/96 lie outside
_PRIVATE = [
    ip_network(net) for net in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
]


class Target(Struct, frozen=True, kw_only=True):
    """One URL that passed the gate."""

    url: str  # without fragment
    scheme: str
    host: str  # lower case, no brackets, no final dot
    port: int

    @property
    def place(self) -> str:
        """The host as pacing, budgets and robots.txt know it: with its port where that is not the usual one."""
        return self.host if self.port in _PORTS.values() else f"{self.host}:{self.port}"


def admit(url: str, source: Source, *, redirected_from: Target | None = None) -> Target:
    """The target of `url`, when this source may lead there. Raises Failure ("bad-url" or "moved")."""
    if redirected_from:
        url = urljoin(redirected_from.url, url)
    target = _parsed(urldefrag(url).url)
    if not _listed(target, source):
        if redirected_from:
            raise Failure(
                "moved",
                f"{redirected_from.url} redirects to {target.url}, on another host. If that is the new address, write"
                f' url = "{target.url}" in its declaration, or add "{target.host}" to its hosts',
            )
        raise Failure(
            "moved",
            f'{target.url} is on a host that is not this source\'s. Add "{target.host}" to its hosts to allow it',
        )
    if redirected_from and redirected_from.scheme == "https" and target.scheme == "http":
        raise Failure("moved", f"{redirected_from.url} redirects to {target.url}, which is not encrypted")
    return target


@lru_cache(maxsize=1024)  # asked at every request, also on a connection that is taken up again
def refused(address: str, *, allow_private: bool) -> bool:
    """Whether no connection may be made to this numeric address.

    With `allow_private` loopback and private networks are let through; link-local ones (cloud metadata), multicast and
    reserved ones never are.
    """
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if any(ip in net for net in _PRIVATE):
        return not allow_private
    if not ip.is_global or ip.is_multicast or any(ip in net for net in _NEVER):
        return True
    return isinstance(ip, IPv6Address) and (ip not in _GLOBAL_UNICAST or _hides_refused_ipv4(ip))


def _hides_refused_ipv4(ip: IPv6Address) -> bool:
    """ISATAP: an interface id of 5efe and an IPv4 address leads to that address."""
    if (int(ip) >> 32) & 0xFFFF_FFFF not in (0x0000_5EFE, 0x0200_5EFE):
        return False
    return refused(str(IPv4Address(int(ip) & 0xFFFF_FFFF)), allow_private=False)


def _parsed(url: str) -> Target:
    if _UNSAFE.search(url):
        raise Failure("bad-url", f"the address {url!r} holds a space, a backslash or a control character")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except ValueError as error:
        raise Failure("bad-url", f"the address {url!r} cannot be read ({error})") from None
    if parts.scheme not in _PORTS:
        raise Failure("bad-url", f"the address {url!r} is neither http nor https")
    if "@" in parts.netloc:
        raise Failure("bad-url", f"the address of {host} carries a user name or a password")
    if not (_NAME.match(host) or ":" in host):
        # urllib.parse, requests and urllib3 read odd hosts differently; a plain name they do not
        raise Failure("bad-url", f"the address {url!r} has no host name that can be read for certain")
    return Target(url=url, scheme=parts.scheme, host=host, port=port or _PORTS[parts.scheme])


def _listed(target: Target, source: Source) -> bool:
    own = _parsed(urldefrag(source.url).url)
    if target.host == own.host and target.port in (own.port, *_PORTS.values()):
        return True
    for entry in source.hosts:
        listed = urlsplit(f"//{entry}")
        if target.host == listed.hostname and (
            target.port == listed.port
            or (listed.port is None and (target.port in _PORTS.values() or source.allow_private))
        ):
            return True
    return False
