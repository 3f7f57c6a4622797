"""The description of the JSON interface in OpenAPI 3.1, made from the records that it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from web import records
from web.asked import DATE, KEY, LAST_PAGE, LONGEST, MOST_VALUES, ORDERS, VALUES
from web.site import Site

_RECORDS = (records.InspectionList, records.Detail, records.FoundList, records.CouncilList, records.Mistake)
_KEY = {"type": "string", "pattern": KEY}
_MISTAKES = {
    "400": "A name or value that cannot be understood, or a question that took longer than a second.",
    "414": "The address is too long.",
    "421": "The site does not answer to the name in the Host header.",
    "503": "The archive cannot be read at this moment.",
}


def description(site: Site) -> dict[str, Any]:
    """The whole document."""
    _, components = msgspec.json.schema_components(_RECORDS, ref_template="#/components/schemas/{name}")
    parameters = _parameters(site)
    filters = list(parameters)
    parameters |= {
        "limit": _whole("limit", 100, "How many on a page."),
        "page": _whole("page", LAST_PAGE, "Which page."),
        "before": _query("before", _KEY, "The id of the last inspection of the page before."),
        "q": _query("q", {"type": "string", "maxLength": LONGEST}, "Words; “phrases”, prefix*, -without. At least "
                    "one of them with a letter or digit, or one of the filters."),
        "order": _query("order", {"enum": list(ORDERS)}, "The newest first, or those first that fit best."),
        "id": {"name": "id", "in": "path", "required": True, "schema": _KEY},
    }  # fmt: skip
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ofsted Watch", "version": "1",
            "description": "Inspections of councils and providers as Ofsted and the councils have published "
            "them. Later versions may add keys; they take none away.",
            "license": {"name": "Open Government Licence v3.0", "identifier": "OGL-UK-3.0"},
        },
        "servers": [{"url": site.settings.base_url.rstrip("/")}],
        "paths": {
            "/api/inspections": _path("Inspections by filter, newest first", "InspectionList",
                                      [*filters, "limit", "before"], {"404": "No inspection has the id in before."}),
            "/api/inspections/{id}": _path("One inspection", "Detail", ["id"], {"404": "No inspection has that id."}),
            "/api/search": _path("Publications by words and filters", "FoundList",
                                 [*filters, "q", "order", "limit", "page"]),
            "/api/authorities": _path("Every council that stands today", "CouncilList", []),
        },
        "components": {"schemas": components, "parameters": parameters},
    }  # fmt: skip


def _path(summary: str, record: str, parameters: list[str], missing: Mapping[str, str] = {}) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "200": _answer("The answer.", record),
        "304": {"description": "Unchanged since the ETag that If-None-Match names."},
    }
    answers |= {code: _answer(sentence, "Mistake") for code, sentence in sorted({**_MISTAKES, **missing}.items())}
    named = [{"$ref": f"#/components/parameters/{name}"} for name in parameters]
    return {"get": {"summary": summary, "parameters": named, "responses": answers}}


def _answer(sentence: str, record: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{record}"}
    return {"description": sentence, "content": {"application/json": {"schema": schema}}}


def _parameters(site: Site) -> dict[str, Any]:
    """The filters, by name."""
    several: dict[str, tuple[str, dict[str, Any]]] = {
        "authority": ("A council, as in its page’s address.", {"enum": site.slugs}),
        "region": ("A region.", {"enum": list(site.authorities.regions())}),
        "provider": ("A URN.", _KEY),
        "kind": ("A kind of inspection.", {"enum": VALUES["kind"]}),
        "grade": ("Some area has this grade, or this is the outcome.", {"enum": VALUES["grade"]}),
        "direction": ("Some area went this way.", {"enum": VALUES["direction"]}),
        "area": ("Grades and directions count in this area only.", _KEY),
        "state": ("Where the inspection stands.", {"enum": VALUES["state"]}),
        "source": ("The id of a source.", _KEY),
    }  # fmt: skip
    found = {
        name: _query(name, {"type": "array", "items": schema, "maxItems": MOST_VALUES},
                     f"{sentence} May be given several times: any will do.")
        for name, (sentence, schema) in several.items()
    }  # fmt: skip
    day = {"type": "string", "format": "date", "pattern": DATE}
    found["since"] = _query("since", day, "Published on this day or later.")
    found["until"] = _query("until", day, "On this day or before.")
    found["official"] = _query(
        "official", {"enum": VALUES["official"]}, "Only with, or only without, a document of Ofsted’s."
    )
    return found


def _query(name: str, schema: dict[str, Any], sentence: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": sentence, "schema": schema}


def _whole(name: str, most: int, sentence: str) -> dict[str, Any]:
    return _query(name, {"type": "integer", "minimum": 1, "maximum": most}, sentence)
