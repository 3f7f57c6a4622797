"""The JSON interface keeps to its own description: schemathesis asks what that allows, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Response, request
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from archive import Archive
from inspections.model import Grade, Kind, State
from web.asked import REPEATED, SINGLE

PATHS = ("/api/inspections", "/api/inspections/{id}", "/api/search", "/api/authorities")
BOTH = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
# Stricter than usual: what is described is answered, or the id is of nothing; what is not is refused by these codes.
CHECKS = {
    "positive_data_acceptance": {"expected-statuses": ["200", "404"]},
    "negative_data_rejection": {"expected-statuses": ["400", "404", "405", "414"]},
}
# The same questions on every run, and no more than a suite has time for.
ROUND = settings(
    max_examples=60, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture
def described(site: FlaskClient) -> Any:
    config = schemathesis.Config.from_dict({"checks": CHECKS})
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", site.application, config=config)
    schema.validate()
    return schema


def judged(case: Case) -> int:
    """Asked, and every check of schemathesis made; the status. A search says in words what no description can:
    that it wants a word with a letter or digit, or a filter."""
    search = case.path == "/api/search" and case.query.get("q") != "care"
    return case.call_and_validate(excluded_checks=[positive_data_acceptance] if search else []).status_code


@pytest.mark.parametrize("path", PATHS)
def test_each_value_and_each_edge_of_it_is_answered_as_described(described: Any, path: str) -> None:
    operation = described[path]["GET"]
    cases = described.iter_coverage_cases(
        operation, generation_modes=list(BOTH), generation_config=described.config.generation
    )
    codes = [judged(case) for case in cases]
    assert codes.count(405) == 7  # the other methods
    assert path not in ("/api/inspections", "/api/search") or (codes.count(200) > 20 and codes.count(400) > 100)


@pytest.mark.parametrize("mode", BOTH, ids=["allowed", "not allowed"])
@pytest.mark.parametrize("path", PATHS[:-1])  # the last has nothing that could be asked
def test_whatever_is_asked_at_random_is_answered_as_described(described: Any, path: str, mode: GenerationMode) -> None:
    codes: list[int] = []
    for fixed in ({"q": "care"}, None) if path == "/api/search" else (None,):
        cases = described[path]["GET"].as_strategy(generation_mode=mode, query=fixed)

        @ROUND
        @given(case=cases)
        def ask(case: Case) -> None:
            codes.append(judged(case))

        ask()
    allowed = mode is GenerationMode.POSITIVE
    expected = 404 if path.endswith("{id}") else 200 if allowed else 400
    assert len(codes) >= 60 and codes.count(expected) > len(codes) / 4


def test_every_inspection_is_as_described(described: Any, archive: Archive) -> None:
    one, many = described["/api/inspections/{id}"]["GET"], described["/api/inspections"]["GET"]
    found = archive.inspections(limit=1000)
    assert len(found) > 100
    for each in found:
        assert judged(one.Case(path_parameters={"id": each.id})) == 200
    assert judged(many.Case(query={"limit": 100})) == judged(many.Case(query={"before": found[9].id})) == 200


def test_a_wrong_answer_is_noticed(served: Callable[..., FlaskClient]) -> None:
    app = served().application

    @app.after_request
    def wrong(answer: Response) -> Response:
        if request.path == "/api/inspections":
            answer.set_data(answer.get_data().replace(b'"good"', b'"brilliant"'))
        return answer

    operation = schemathesis.openapi.from_wsgi("/api/openapi.json", app)["/api/inspections"]["GET"]
    with pytest.raises(FailureGroup, match="brilliant"):
        judged(operation.Case(query={"limit": 100}))


def test_the_description_names_every_path_parameter_and_value(site: FlaskClient) -> None:
    description: Any = site.get("/api/openapi.json").json
    assert set(description["paths"]) == set(PATHS)
    named = {name: each["schema"] for name, each in description["components"]["parameters"].items()}
    assert set(named) == {*REPEATED, *SINGLE, "limit", "page", "before", "id"}
    assert set(named["kind"]["items"]["enum"]) == {each.value for each in Kind}
    assert {each.value for each in Grade} < set(named["grade"]["items"]["enum"])
    assert set(named["state"]["items"]["enum"]) == {each.value for each in State}
    assert "st-bride-and-harbour" in named["authority"]["items"]["enum"]
