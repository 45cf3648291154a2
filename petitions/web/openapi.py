"""The API described for programs (OpenAPI 3.1.1): made from the columns of the data sets."""

from __future__ import annotations

from petitions.platform.config import Data
from petitions.storage.reading import LISTED_STATES
from petitions.web.data_sets import BY_NAME, SETS
from petitions.web.pages_data import Column, DataSet

JSON = "application/json"
_TYPES: dict[str, dict[str, object]] = {
    "string": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "datetime": {"type": ["string", "null"], "format": "date-time"},
    "array": {"type": "array", "items": {"type": "string"}},
}


def document(base_url: str, terms: Data) -> dict[str, object]:
    """The whole description; texts are in English."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Petitions",
            "version": "1",
            "summary": "Public petitions: read only, no key.",
            "description": (
                "Everything the public pages show. Answers may be kept as long as their Cache-Control "
                "says; please send If-None-Match. Removed petitions answer 410. Errors are problem "
                "documents (RFC 9457). Members may be added; none is taken away in version 1."
            ),
            "license": _licence(terms),
        },
        "servers": [{"url": base_url}],
        "paths": _paths(),
        "components": {"schemas": {**{_name(each): _schema(each) for each in SETS}, **_shared()}},
    }


def _licence(terms: Data) -> dict[str, str]:
    return {"name": terms.licence, **({"url": terms.licence_url} if terms.licence_url else {})}


def _paths() -> dict[str, object]:
    found: dict[str, object] = {
        "/api/v1/petitions": {
            "get": _operation(
                "petitions", "A page of petitions, by reference", "PetitionPage",
                [*_FILTERS, _query("cursor", "From `next` of the page before"),
                 _query("limit", "1 to 100, else 20", {"type": "integer", "minimum": 1, "maximum": 100}),
                 _FIELDS, _LANG],
            )
        },
        "/api/v1/petitions/{reference}": {
            "get": _operation("petition", "One petition", "PetitionAnswer", [_REFERENCE, _FIELDS, _LANG])
        },
    }  # fmt: skip
    for part in SETS[1:]:
        found[f"/api/v1/petitions/{{reference}}/{part.name}"] = {
            "get": _operation(
                part.name, f"{part.meaning}", f"{_name(part)}Answer", [_REFERENCE, _FIELDS, _LANG]
            )
        }
    found["/api/v1/figures"] = {
        "get": _operation("figures", "The site in figures", "FiguresAnswer", [])
    }
    return found


def _operation(
    name: str, summary: str, schema: str, parameters: list[dict[str, object]]
) -> dict[str, object]:
    told: dict[str, object] = {
        "operationId": name,
        "summary": summary,
        "responses": {
            "200": {
                "description": "Found",
                "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
            },
            "default": {
                "description": "Refused",
                "content": {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            },
        },
    }
    return {**told, "parameters": parameters} if parameters else told


def _query(name: str, text: str, schema: dict[str, object] | None = None) -> dict[str, object]:
    return {
        "name": name,
        "in": "query",
        "description": text,
        "schema": schema or {"type": "string"},
    }


_REFERENCE: dict[str, object] = {
    "name": "reference", "in": "path", "required": True, "description": "Such as 2026-0142",
    "schema": {"type": "string", "pattern": r"^\d{4}-\d{4,8}$"},
}  # fmt: skip
_FIELDS = _query("fields", "Names of members, parted by commas: only these are sent")
_LANG = _query("lang", "Language of words such as titles of events; default: the site's first")
_FILTERS = [
    _query("q", "Words of title and request"),
    _query("state", "State", {"type": "string", "enum": [str(each) for each in LISTED_STATES]}),
    _query("assembly", "Id of an assembly of this site"),
    _query("language", "Language of the signed text"),
    _query("topic", "Id of a topic that an assembly of this site has"),
]


def _name(found: DataSet) -> str:
    return {"petitions": "Petition", "events": "Event", "counts": "Count", "areas": "Area",
            "decisions": "Decision"}[found.name]  # fmt: skip


def _schema(found: DataSet) -> dict[str, object]:
    return {
        "type": "object",
        "description": found.meaning,
        "properties": {each.name: _property(each) for each in found.columns},
    }


def _property(column: Column) -> dict[str, object]:
    return {**_TYPES[column.type], "description": column.meaning}


def _shared() -> dict[str, object]:
    terms = {"licence": {"type": "string"}, "licence_url": {"type": "string"}}

    def of(name: str) -> dict[str, str]:
        return {"$ref": f"#/components/schemas/{name}"}

    lists = {
        f"{_name(each)}Answer": {
            "type": "object",
            "required": ["data"],
            "properties": {"data": {"type": "array", "items": of(_name(each))}, **terms},
        }
        for each in SETS[1:]
    }
    figure = {
        "type": "object",
        "properties": {
            "figure": {"type": "string"},
            "detail": {"type": "string"},
            "value": {"type": ["integer", "null"]},
        },
    }
    return {
        **lists,
        "PetitionAnswer": {
            "type": "object", "required": ["data"],
            "properties": {"data": of(_name(BY_NAME["petitions"])), **terms},
        },
        "PetitionPage": {
            "type": "object", "required": ["data", "next"],
            "properties": {
                "data": {"type": "array", "items": of("Petition")},
                "next": {"type": ["string", "null"], "description": "Address of the next page"},
                **terms,
            },
        },
        "FiguresAnswer": {
            "type": "object", "required": ["data"],
            "properties": {
                "data": {"type": "array", "items": figure},
                "counted_at": {"type": "string", "format": "date-time"}, **terms,
            },
        },
        "Problem": {
            "type": "object", "required": ["title", "status"],
            "properties": {
                "type": {"type": "string"}, "title": {"type": "string"},
                "status": {"type": "integer"}, "detail": {"type": "string"},
                "parameter": {"type": "string"},
            },
        },
    }  # fmt: skip
