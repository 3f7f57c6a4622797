"""Hostile input: every parser answers with a reading or an error in words, within its time; secrets stand nowhere.

`make fuzz N=100000` feeds every parser so many; here 150 each, always the same.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proof.fuzzing import Outcome, Target, feed, targets, tried

NUMBER = int(os.environ.get("FUZZ", "150"))
TARGETS = targets()
FEWER = 40  # of each family of listings, which share one reader


@pytest.mark.fault("P2")
@pytest.mark.fault("D2")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_mutated_input_is_read_or_refused_in_words(target: Target) -> None:
    number = min(NUMBER, FEWER) if target.name.startswith("listing: ") else NUMBER
    outcome = tried(target, number, seed=1)
    assert outcome.read > 0, "nothing of it could be read: the mutations prove nothing"
    assert not outcome.faults, dict(outcome.kinds)


MARKUP = st.lists(
    st.sampled_from(["<a href='", "'>", "</a>", "<li class='card'>", "<h1>", "<table><tr><td>", "</", "<!--", "-->", "<time>", "&#", ";",
                     "good", "Ofsted", "requires improvement", "3 to 14 March 2025", "<script>", "{", "}", "[", "]", '"', ":", ","])
    | st.text(max_size=12), max_size=60,
).map("".join)  # fmt: skip


@pytest.mark.fault("P2")
@pytest.mark.parametrize("target", [one for one in TARGETS if not one.name.startswith("listing: ") and one.name != "configuration"],
                         ids=lambda target: target.name)  # fmt: skip
@settings(max_examples=int(os.environ.get("FUZZ", "25")), deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(said=MARKUP)
def test_any_markup_is_read_or_refused_in_words(target: Target, said: str) -> None:
    outcome = Outcome()
    feed(target, said.encode("utf-8", "surrogatepass"), outcome)
    assert not outcome.faults, outcome.kinds


def test_a_parser_that_raises_or_dawdles_is_noticed() -> None:
    def broken(body: bytes) -> None:
        if len(body) % 2:
            raise KeyError("x")

    outcome = tried(Target("broken", (b"seed of some length",), broken), 50, seed=1)
    assert outcome.faults
    assert outcome.kinds.most_common(1)[0][0].startswith("KeyError")
