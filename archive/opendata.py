"""The open data described once: opendata.toml, as a Frictionless Data Package and as a dictionary for people."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from msgspec import Struct

from inspections import frameworks
from inspections.model import Certainty, Grade, Kind, Outcome, State

LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
LISTS = ("improvement", "priority_action", "note")
FORMS = ("csv", "jsonl")
_PROFILE = "https://datapackage.org/profiles/2.0/"
_MEDIA = {"csv": "text/csv", "jsonl": "application/jsonl"}
_VALUES: dict[str, tuple[str, ...]] = {
    "Kind": tuple(Kind), "Grade": tuple(Grade), "Outcome": tuple(Outcome), "State": tuple(State),
    "Certainty": tuple(Certainty), "GradeOrOutcome": tuple(dict.fromkeys([*Grade, *Outcome])),
    "Direction": ("up", "down", "same"), "List": LISTS,
}  # fmt: skip
_EXPLAINED: dict[str, dict[str, str]] = {
    "kind": {kind.value: frameworks.KIND_NAMES[kind] for kind in Kind},
    "grade": {grade.value: frameworks.words(grade) for grade in Grade},
    "outcome": {outcome.value: frameworks.words(outcome) for outcome in Outcome},
}
_INLINE = 8  # values that are named where they occur
_PATTERNS = {"day": r"^([0-9]{4}|XXXX)-[0-9]{2}(-[0-9]{2})?$", "sha256": "^[0-9a-f]{64}$"}
_DAYS = "2024-05-24; to the month, 2022-01; without its year, XXXX-04-23"
_ABOUT = (
    "What Ofsted has published about councils and providers in England, and what was announced about it beforehand."
)


class Written(Struct, frozen=True, kw_only=True):
    """A file of the package as it was written."""

    path: str
    bytes: int
    sha256: str
    rows: int


class Table(Struct, frozen=True, kw_only=True):
    """One table of the description."""

    name: str
    title: str
    about: str
    key: tuple[str, ...]
    columns: dict[str, dict[str, Any]]
    refers: tuple[dict[str, Any], ...] = ()


TABLES: dict[str, Table] = {
    row["name"]: Table(**{**row, "key": tuple(row["key"]), "refers": tuple(row.get("refers", ()))})
    for row in tomllib.loads((files("archive") / "opendata.toml").read_text(encoding="utf-8"))["table"]
}


def path_of(table: str, form: str) -> str:
    return f"data/{table}.{form}"


def descriptor(written: Mapping[str, Written], as_of: str) -> dict[str, Any]:
    """datapackage.json, by the Data Package standard, version 2. written: by path. as_of: a moment, in UTC."""
    return {
        "$schema": f"{_PROFILE}datapackage.json", "name": "ofsted-watch", "title": "Ofsted Watch: the archive",
        "description": _ABOUT, "created": as_of, "licenses": [{"name": "OGL-UK-3.0", "path": LICENCE,
        "title": "Open Government Licence v3.0: what is Ofsted's. See LICENCE.md for the rest."}],
        "sources": [{"title": "Ofsted: reports and letters", "path": "https://reports.ofsted.gov.uk/"}],
        "resources": [
            _resource(table, form, file)
            for table in TABLES.values()
            for form in FORMS
            if (file := written[path_of(table.name, form)]).bytes  # empty JSON Lines pass for broken with validators
        ],
    }  # fmt: skip


def dictionary(heading: str = "Data dictionary") -> str:
    """The same for people, in Markdown."""
    lines = [f"# {heading}", "", "Made from `archive/opendata.toml`, as `datapackage.json` is.", "",
             "An empty cell, in JSON `null`, is unknown; it never means “none”. **Bold** columns are the table's key. "
             f"A day is written as it is known: {_DAYS}. Moments are UTC.", ""]  # fmt: skip
    for table in TABLES.values():
        lines += [f"## {table.name}", "", f"{table.title}. {table.about}", ""]
        lines += [f"`{', '.join(each['columns'])}` refers to `{each['table']}`." for each in table.refers]
        lines += [*([""] if table.refers else []), "| column | type | what it holds |", "|---|---|---|"]
        for name, column in table.columns.items():
            shown = f"**{name}**" if name in table.key else name
            lines.append(f"| {shown} | {_type(column)} | {column['about']}{_allowed(column)} |")
        lines.append("")
    for title, values in _EXPLAINED.items():
        lines += [f"## Values: {title}", "", "| value | in words |", "|---|---|"]
        lines += [f"| `{value}` | {words} |" for value, words in values.items()] + [""]
    return "\n".join(lines)


def read_me(written: Mapping[str, Written], as_of: str) -> str:
    """What lies in the folder, and how to use it."""
    counts = [
        f"| `{name}` | {table.title} | {written[path_of(name, 'csv')].rows:,} |" for name, table in TABLES.items()
    ]
    return "\n".join(["# Ofsted Watch: the archive as open data", "", _ABOUT, "", f"As known on {as_of}.", "",
                      "| table | what it holds | rows |", "|---|---|---|", *counts, "", _USE])  # fmt: skip


_USE = """Each table lies in `data/` twice, with the same rows: as CSV (UTF-8, comma, header) and as JSON Lines (one
object a line). `DICTIONARY.md` explains every column; `datapackage.json` says the same to programs (Data Package 2.0,
https://datapackage.org), with keys, types and the SHA-256 of each file.

* Tables are joined by their keys: `judgements.inspection` is `inspections.id`; `evidence.finding` is `reports.id` or
  `announcements.id`; `source` and `ref` together name a publication.
* In CSV a cell that would begin like a formula (`= + - @`, a tab or a line break) has an apostrophe before it. JSON
  Lines hold the text as it is.
* A program read all this. Where it was not certain, the cell is empty. Before you publish a fact, read its words in
  `evidence` and the document behind `publications.url`.
* The same archive gives the same bytes.
"""

LICENCE_TEXT = f"""# Licence

What is Ofsted's (grades, outcomes, dates, the items and text of its reports, quotations from its documents) is
Crown copyright and licensed under the Open Government Licence v3.0: {LICENCE}

Please write: Contains public sector information from Ofsted, licensed under the Open Government Licence v3.0.

Of other publishers (councils, newspapers, blogs) this data holds the title, the address, the day, and quotations of at
most 300 characters a field, each with its source. Their text belongs to them; it is quoted here for reference and
review, and not licensed by this notice.

Codes and names of councils come from the Office for National Statistics and the Department for Education, under the
same Open Government Licence.

Nobody at Ofsted has checked or endorsed this data.
"""


def _resource(table: Table, form: str, file: Written) -> dict[str, Any]:
    return {
        "$schema": f"{_PROFILE}dataresource.json", "name": _named(table.name, form),
        "title": table.title, "description": table.about, "type": "table", "path": file.path, "format": form,
        "mediatype": _MEDIA[form], "encoding": "utf-8", "bytes": file.bytes, "hash": f"sha256:{file.sha256}",
        "schema": {
            "$schema": f"{_PROFILE}tableschema.json",
            "fields": [_field(name, column) for name, column in table.columns.items()],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {"fields": each["columns"],
                 "reference": {"resource": _named(each["table"], form), "fields": list(TABLES[each["table"]].key)}}
                for each in table.refers
            ],
            "missingValues": [""],
        },
    }  # fmt: skip


def _field(name: str, column: Mapping[str, Any]) -> dict[str, Any]:
    limits: dict[str, Any] = {"required": True} if column.get("required") else {}
    limits |= {"enum": list(_VALUES[column["values"]])} if "values" in column else {}
    limits |= {"pattern": _PATTERNS[column["form"]]} if "form" in column else {}
    limits |= {"maxLength": column["longest"]} if "longest" in column else {}
    about = column["about"] + (f" Written {_DAYS}." if column.get("form") == "day" else "")
    found = {"name": name, "type": column.get("type", "string"), "description": about}
    return found | ({"constraints": limits} if limits else {})


def _allowed(column: Mapping[str, Any]) -> str:
    values = _VALUES.get(column.get("values", ""), ())
    if len(values) > _INLINE:
        return f" Values: {column['values'].replace('GradeOr', 'grade or ').lower()}, below."
    return f" One of {', '.join(f'`{value}`' for value in values)}." if values else ""


def _named(table: str, form: str) -> str:
    return table if form == "csv" else f"{table}-{form}"


def _type(column: Mapping[str, Any]) -> str:
    return {"day": "day", "sha256": "SHA-256"}.get(column.get("form", "")) or str(column.get("type", "text"))
