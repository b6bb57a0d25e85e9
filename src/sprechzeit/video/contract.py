"""The interface for booking systems as an OpenAPI document: what its operations say of themselves, and what holds for
all of them.

Written to docs/api/video-v1.json by tests/tools/check_docs.py --update.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sprechzeit.core.errors import DomainError, NotFound
from sprechzeit.core.problems import (
    MEDIA_TYPE,
    TYPES,
    Away,
    BodyTooLarge,
    Failed,
    NoSuchMethod,
    NotJson,
    WrongMediaType,
)
from sprechzeit.video import errors
from sprechzeit.video.api import api
from sprechzeit.video.door_address import PREFIX
from sprechzeit.video.schemas import Problem

OpenApi = dict[str, Any]
ABOUT = """\
A booking system pushes appointments that are held by video: it books, changes and cancels them; the practice answers
with the join link and the TAN. The other direction does not exist: what is changed at the video side is not sent back.

Every call has a token, which an administrator of the practice makes in its settings. Whatever is not needed is refused
by name: a field that does not stand here is not taken. Instants are RFC 3339 with an offset. A call that is repeated
with its Idempotency-Key changes nothing and is answered the same. New members may come into answers at any time; what
is unknown is to be passed over."""
REFUSALS: tuple[type[DomainError], ...] = (
    NotJson, errors.TokenUnknown, NotFound, NoSuchMethod, errors.ReferenceTaken, errors.PushCancelled, BodyTooLarge,
    WrongMediaType, errors.UnknownFields, errors.InvalidPush, errors.UnknownPractitioner, errors.PushKeyReused,
    errors.TooManyPushes, Failed, Away,
)  # fmt: skip
"""What a call may be refused with, by status."""
_WITH_BODY, _BY_REFERENCE, _ALWAYS = (400, 415), (404,), (401, 405, 413, 422, 429, 500, 503)
_CONFLICTS = {"create_appointment": (409,), "change_appointment": (409,)}
_LICENCE = {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"}


@cache
def contract() -> OpenApi:
    """The whole document. It is shared: read it, and change nothing in it."""
    document: OpenApi = dict(api.get_openapi_schema(path_prefix="/"))
    document["info"] = {"title": api.title, "version": "1.0", "description": ABOUT, "license": _LICENCE}
    document["servers"] = [{"url": f"https://praxis.example{PREFIX}", "description": "The practice's Sprechzeit"}]
    document["security"] = [{"token": []}]
    parts = document["components"]
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["schemas"] |= problem.pop("$defs", {}) | {"Problem": problem}
    parts["responses"] = {f"Problem{status}": _response(status) for status in sorted({one.status for one in REFUSALS})}
    for path, operation in operations(document):
        _complete(path, operation, parts["schemas"])
    written: OpenApi = json.loads(json.dumps(document))
    return written


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, OpenApi]]:
    """Each operation with its address."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """An example of what a schema describes, put together from those of its members."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    return {name: example_of(one, schemas) for name, one in schema.get("properties", {}).items()}


def _complete(path: str, operation: OpenApi, schemas: Mapping[str, Any]) -> None:
    """Examples of bodies, and what the operation may be refused with."""
    body = operation.get("requestBody", {})
    for part in (body, *operation["responses"].values()):
        for content in part.get("content", {}).values():
            content["example"] = example_of(content["schema"], schemas)
    refused = (
        *_ALWAYS,
        *(_WITH_BODY if body else ()),
        *(_BY_REFERENCE if "{" in path else ()),
        *_CONFLICTS.get(operation["operationId"], ()),
    )
    for status in sorted(refused):
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}


def _response(status: int) -> OpenApi:
    of = [one for one in REFUSALS if one.status == status]
    says = " ".join(f"`{one.code}`: {(one.__doc__ or '').strip().splitlines()[0]}" for one in of)
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(of[0])}
    return {"description": says, "content": {MEDIA_TYPE: content}}


def _example(error: type[DomainError]) -> OpenApi:
    text = str(getattr(error.message, "_args", (error.message,))[0])  # in English, whatever language is active
    return {
        "type": f"{TYPES}{error.code}",
        "title": text.partition(". ")[0].rstrip("."),
        "status": error.status,
        "detail": text,
        "code": error.code,
    }
