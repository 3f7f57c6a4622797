"""The description of the JSON interface in OpenAPI 3.1, made from the records that it answers with."""

from __future__ import annotations

from typing import Any

import msgspec

from inspections.model import Grade, Kind, Outcome, State
from web import records
from web.asked import LAST_PAGE, LONGEST, ORDERS
from web.site import Site

_RECORDS = (records.InspectionList, records.Detail, records.FoundList, records.CouncilList, records.Mistake)
_TEXT = {"type": "string", "maxLength": LONGEST}
_DATE = r"^\d{4}-\d{2}-\d{2}$"


def description(site: Site) -> dict[str, Any]:
    """The whole document."""
    _, components = msgspec.json.schema_components(_RECORDS, ref_template="#/components/schemas/{name}")
    filters = _filters(site)
    limit = _whole("limit", 100, "How many on a page.")
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
            "/api/inspections": _path("Inspections by filter, newest first", "InspectionList", [
                *filters, limit, _text("before", "The id of the last inspection of the page before.")]),
            "/api/inspections/{id}": _path("One inspection", "Detail", [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}], missing=True),
            "/api/search": _path("Publications by words and filters", "FoundList", [
                *filters, limit, _text("q", "Words; “phrases” in quotation marks, prefix*, -without."),
                {"name": "order", "in": "query", "schema": {"enum": list(ORDERS)}},
                _whole("page", LAST_PAGE, "Which page.")]),
            "/api/authorities": _path("Every council that stands today", "CouncilList", []),
        },
        "components": {"schemas": components},
    }  # fmt: skip


def _path(summary: str, record: str, parameters: list[dict[str, Any]], *, missing: bool = False) -> dict[str, Any]:
    answers = {
        "200": _answer("The answer.", record),
        "304": {"description": "Unchanged since the ETag that If-None-Match names."},
        "400": _answer("A value that cannot be understood.", "Mistake"),
    }
    if missing:
        answers["404"] = _answer("No inspection has that id.", "Mistake")
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers}}


def _answer(sentence: str, record: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{record}"}
    return {"description": sentence, "content": {"application/json": {"schema": schema}}}


def _filters(site: Site) -> list[dict[str, Any]]:
    grades = [*dict.fromkeys(each.value for each in (*Grade, *Outcome))]
    several: dict[str, tuple[str, dict[str, Any]]] = {
        "authority": ("A council: name, DfE code, or as in its page’s address.", _TEXT),
        "region": ("A region.", {"enum": list(site.authorities.regions())}),
        "provider": ("A URN.", _TEXT),
        "kind": ("A kind of inspection.", {"enum": [each.value for each in Kind]}),
        "grade": ("Some area has this grade, or this is the outcome.", {"enum": grades}),
        "direction": ("Some area went this way.", {"enum": ["up", "down", "same"]}),
        "area": ("Grades and directions count in this area only.", _TEXT),
        "state": ("Where the inspection stands.", {"enum": [each.value for each in State]}),
        "source": ("The id of a source.", _TEXT),
    }  # fmt: skip
    listed = [
        {"name": name, "in": "query", "description": f"{sentence} May be given several times: any will do.",
         "explode": True, "schema": {"type": "array", "items": schema}}
        for name, (sentence, schema) in several.items()
    ]  # fmt: skip
    days = [
        {"name": name, "in": "query", "description": sentence, "schema": {"type": "string", "pattern": _DATE}}
        for name, sentence in (("since", "Published on this day or later."), ("until", "On this day or before."))
    ]
    official = {"name": "official", "in": "query", "description": "Only with, or only without, a document of Ofsted’s.",
                "schema": {"enum": ["yes", "no"]}}  # fmt: skip
    return [*listed, *days, official]


def _text(name: str, sentence: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": sentence, "schema": {"type": "string", "maxLength": LONGEST}}


def _whole(name: str, most: int, sentence: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": most}
    return {"name": name, "in": "query", "description": sentence, "schema": schema}
