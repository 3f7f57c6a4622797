"""Which URLs and addresses a source may lead to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.gate import admit, refused
from scraper.model import Source
from scraper.outcomes import Failure

NEWSROOM = Source(id="marlshire", name="Marlshire", url="https://www.marlshire.example/news", parser="listing")
REPLICA = Source(
    id="replica", name="Replica", url="http://127.0.0.1:8001/news", parser="listing", allow_private=True,
    hosts=("127.0.0.2", "127.0.0.3:8003"),
)  # fmt: skip

NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "100.64.0.1",
    "0.0.0.0",
    "0.1.2.3",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2001:10::1",
    "2001:20::1",
    "3fff::1",
    "5f00::1",
    "100::1",
    "::127.0.0.1",
    "::808:808",
    "::ffff:169.254.169.254",
    "::ffff:224.0.0.1",
    "::ffff:0:127.0.0.1",
    "4000::1",
    "2a00:1450:4009::5efe:127.0.0.1",
    "2a00:1450:4009::200:5efe:a00:1",
]
PRIVATE = [
    "127.0.0.1",
    "127.8.9.1",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "::1",
    "fc00::1",
    "fd12::1",
    "::ffff:10.0.0.1",
]
PUBLIC = ["93.184.215.14", "8.8.8.8", "172.32.0.1", "2606:2800:21f::1", "2a00:1450:4009:81f::200e", "::ffff:8.8.8.8"]


@pytest.mark.fault("K1")
@pytest.mark.parametrize("address", NEVER)
def test_addresses_that_nobodys_site_has_are_never_reached(address: str) -> None:
    assert refused(address, allow_private=False)
    assert refused(address, allow_private=True)


@pytest.mark.fault("K1")
@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_a_word_of_the_operator(address: str) -> None:
    assert refused(address, allow_private=False)
    assert not refused(address, allow_private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(address: str) -> None:
    assert not refused(address, allow_private=False)


@pytest.mark.parametrize("address", ["", "localhost", "127.1", "0x7f000001", "2130706433"])
def test_what_is_not_a_numeric_address_is_refused(address: str) -> None:
    assert refused(address, allow_private=True)


@pytest.mark.fault("K3")
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1\\@www.marlshire.example/", "https://www.marlshire.example\\.evil.example/",
        "https://user@www.marlshire.example/", "https://user:word@www.marlshire.example/", "https://@www.marlshire.example/",
        "https://www.marlshire.example/a b", "https://www.marlshire.example/\t", "https://www.marlshire.example/\r\nX: y",
        "https://www.marlshire.example/\0", "https://www.marlshire.example/\x85", "https://www.marlshire.example:99999/",
        "https://www.marlshire.example:x/", "https://[::1/", "https:///news", "https://", "", "news", "//www.marlshire.example/",
        "file:///etc/passwd", "ftp://www.marlshire.example/", "javascript:alert(1)", "data:text/html,x", "HTTPS",
        "https://www.marlshire.example%2f@evil.example/", "https://www.marlshire%2eexample/", "https://www,marlshire,example/",
    ],
)  # fmt: skip
def test_addresses_that_two_programs_could_read_differently_are_refused(url: str) -> None:
    with pytest.raises(Failure) as caught:
        admit(url, NEWSROOM)
    assert caught.value.outcome == "bad-url"


@pytest.mark.fault("X9")
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/", "https://marlshire.example/", "https://www.marlshire.example.evil.example/",
        "https://www.marlshire.example:8443/", "http://169.254.169.254/", "https://evilwww.marlshire.example/",
    ],
)  # fmt: skip
def test_a_host_that_is_not_the_sources_is_refused(url: str) -> None:
    with pytest.raises(Failure) as caught:
        admit(url, NEWSROOM)
    assert caught.value.outcome == "moved"


@pytest.mark.parametrize(
    ("url", "host", "place"),
    [
        ("HTTPS://WWW.Marlshire.Example/news?a=b#top", "www.marlshire.example", "www.marlshire.example"),
        ("http://www.marlshire.example.:80/", "www.marlshire.example", "www.marlshire.example"),
        ("https://www.marlshire.example/caf\u00e9", "www.marlshire.example", "www.marlshire.example"),
    ],
)
def test_the_sources_own_host_is_let_through(url: str, host: str, place: str) -> None:
    target = admit(url, NEWSROOM)
    assert (target.host, target.place) == (host, place)
    assert "#" not in target.url


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:8001/x", True), ("http://127.0.0.1:8002/x", False), ("http://127.0.0.2:9999/x", True),
        ("http://127.0.0.3:8003/x", True), ("http://127.0.0.3:8004/x", False), ("http://127.0.0.3/x", False),
    ],
)  # fmt: skip
def test_ports_are_part_of_the_allow_list(url: str, allowed: bool) -> None:
    if allowed:
        assert admit(url, REPLICA).place == url.split("/")[2]
    else:
        with pytest.raises(Failure):
            admit(url, REPLICA)


def test_a_redirect_never_gives_up_encryption() -> None:
    with pytest.raises(Failure, match="not encrypted"):
        admit("http://www.marlshire.example/news", NEWSROOM, redirected_from=admit(NEWSROOM.url, NEWSROOM))


def test_a_relative_redirect_stays_on_its_host() -> None:
    moved = admit("../latest?page=1", NEWSROOM, redirected_from=admit("https://www.marlshire.example/a/b/c", NEWSROOM))
    assert moved.url == "https://www.marlshire.example/a/latest?page=1"


@given(st.text(max_size=60))
def test_any_text_is_let_through_or_refused_in_words(text: str) -> None:
    hosts, outcomes = set(), set()
    try:
        hosts.add(admit("https://" + text, NEWSROOM).host)
    except Failure as failure:
        outcomes.add(failure.outcome)
    assert hosts | outcomes <= {"www.marlshire.example", "bad-url", "moved"}
