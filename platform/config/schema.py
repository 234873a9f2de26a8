"""What the OpenAPI schema says of every address alike: refusals, the language, and the words of shared parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from config.errors import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT: Final = {"type": "string"}
PROBLEM: Final = {
    "type": "object",
    "description": "A refusal as problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": TEXT | {"format": "uri", "examples": ["urn:steelyard:problem:wrong_state"]},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "instance": TEXT | {"format": "uri-reference"},
        "code": TEXT | {"description": "Names the refusal for programs."},
        "facts": {"type": "object", "description": "What and where.", "additionalProperties": True},
        "errors": {
            "type": "array",
            "description": "Every refused field of the request, or the first 200 problems of files with their places.",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": TEXT,
                    "code": TEXT | {"description": "Names the problem for programs."},
                    "facts": {"type": "object", "description": "What the detail names.", "additionalProperties": True},
                    "field": TEXT,
                    "file": TEXT,
                    "sheet": TEXT | {"description": "Of a workbook with several sheets, the one that was read."},
                    "row": {"type": ["integer", "null"], "description": "The first row of the file is row 1."},
                    "column": {"type": ["string", "null"]},
                    "allowed": TEXT,
                    "got": TEXT,
                    "option": TEXT | {"description": "The field that answers the problem when all is sent again."},
                },
            },
        },
        "problems_total": {"type": "integer", "description": "How many problems there are, listed or not."},
    },
}
PLACES: Final = {
    "series": "A series' slug.",
    "edition": "An edition's slug.",
    "release": "A release as `v1.0`, which stays as it is, or `latest`.",
    "code": "A unit's code.",
    "form": "`long`, `wide`, `data`, `planned`, `framework`, `units`, `sources` or `licences`.",
    "kind": "`consensus`, `scoring` or `bundle`.",
    "uid": "The uid of a round, a panel, a framework version, an upload or an invitation.",
    "person": "The uid of a panelist.",
    "account": "The number of somebody's account.",
    "role": "`owner`, `moderator`, `reviewer`, `data_steward`, `translator` or `observer`.",
}
REFUSAL: Final = {
    "description": "Refused",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def say_what_is_shared(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the refusal and the language to every operation, and say in its line what it does."""
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM
    components["responses"] = {"Problem": REFUSAL}
    components["parameters"] = {"language": _language()}
    for operation in _operations(result):
        operation["summary"] = operation.pop("description").rstrip(".")
        operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
        parameters = operation.setdefault("parameters", [])
        for parameter in parameters:
            if parameter["in"] == "path":
                parameter["description"] = PLACES[parameter["name"]]
        parameters.append({"$ref": "#/components/parameters/language"})
    return result


def _operations(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in result["paths"].values():
        yield from methods.values()


def _language() -> dict[str, Any]:
    return {
        "name": "language",
        "in": "query",
        "description": "Language of names and texts; without it Accept-Language decides.",
        "schema": TEXT | {"enum": [code for code, _ in settings.LANGUAGES]},
    }
