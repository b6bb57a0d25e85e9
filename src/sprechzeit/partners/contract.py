"""The contract as an OpenAPI document (OTV-10): what the operations say of themselves, and what holds for all of them.

Written to docs/api/otv-v1.json by tests/tools/check_docs.py --update.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sprechzeit.core.errors import DomainError
from sprechzeit.partners.api import api
from sprechzeit.partners.problems import DOOR, MEDIA_TYPE, TYPES
from sprechzeit.partners.signing import ACCEPTED, IDEMPOTENCY

Json = dict[str, Any]

_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')
ABOUT = """\
A booking portal reads a practice's offerings and free times, and books, moves and cancels appointments. Every call is
signed by the partner (RFC 9421, Ed25519), every answer by the practice: what a signature covers stands with the
security scheme `signature` and with the headers of the answers. A worked example and the list of problem codes come
with the program's source, in docs/developers/partners.md.

Instants are RFC 3339 with an offset, dates ISO 8601. References are opaque strings, each partner's own. New members may
come into answers at any time; what is unknown is to be passed over."""
SIGNED = "Signatures of the call (RFC 9421), one of them with tag `sprechzeit-otv`. See docs/developers/partners.md."
STATUSES = {
    400: "The body is no JSON.",
    401: "No signature, a wrong, stale or repeated one, or a key that is not good now. Not signed by the practice "
    "where the caller has not proved to be its partner.",
    403: "No licence, no partner any more, or nothing that this partner may read.",
    404: "Not there, or not this partner's: the two cannot be told apart.",
    405: "Another method.",
    409: "Taken, or not offered any more: `next_free` are the next times.",
    413: "More than 64 KiB.",
    415: "No JSON.",
    422: "Fields are missing or wrong, or the request is not possible.",
    429: "Too many calls; `Retry-After` says how many seconds to wait.",
    500: "A fault of the program.",
    503: "Not available now; `Retry-After` says how many seconds to wait.",
}
# What an operation with a body is refused with besides; a write also when it does not fit the book.
WITH_BODY, ALL = (400, 415), (401, 403, 404, 405, 413, 422, 429, 500, 503)


@cache
def contract() -> Json:
    """The whole document, made from the operations once in a process: who asks for it need not sign. It is shared: read
    it, and change nothing in it.
    """
    document: Json = dict(api.get_openapi_schema(path_prefix="/"))
    document["info"] = {"title": api.title, "version": "1.0", "description": ABOUT, "license": _LICENCE}
    document["servers"] = [{"url": "https://praxis.example/api/otv/v1", "description": "The practice's Sprechzeit"}]
    document["security"] = [{"signature": []}]
    parts = document["components"]
    parts["securitySchemes"] = {"signature": {"type": "http", "scheme": "signature", "description": _SCHEME}}
    parts["schemas"]["Problem"] = _problem()
    parts["responses"] = {f"Problem{status}": _response(status) for status in STATUSES}
    parts["parameters"] = _PARAMETERS
    parts["headers"] = _HEADERS
    for operation in operations(document):
        _complete(operation, parts["schemas"])
    parts["schemas"] = _referred(document)
    # As it stands in the file: no members of enumerations, no tuples.
    written: Json = json.loads(json.dumps(document))
    return written


def operations(document: Mapping[str, Any]) -> Iterator[Json]:
    """Each operation of each address."""
    for methods in document["paths"].values():
        for method, operation in methods.items():
            operation["x-method"] = method
            yield operation
            del operation["x-method"]


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """An example of what a schema describes, put together from those of its members."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    if "const" in schema or "default" in schema:
        return schema.get("const", schema.get("default"))
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return example_of(choices[0], schemas)
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    return {name: example_of(one, schemas) for name, one in schema.get("properties", {}).items()}


def _referred(document: Json) -> Json:
    """The schemas to which anything refers. (Of queries the members stand among the parameters.)"""
    schemas = document["components"]["schemas"]
    reached: dict[str, Any] = {}
    waiting = [{key: value for key, value in document.items() if key != "components"}]
    waiting += [{key: value for key, value in document["components"].items() if key != "schemas"}]
    while waiting:
        for name in set(_REFERENCE.findall(json.dumps(waiting.pop()))) - set(reached):
            reached[name] = schemas[name]
            waiting.append(schemas[name])
    return {name: reached[name] for name in sorted(reached)}


def _complete(operation: Json, schemas: Mapping[str, Any]) -> None:
    """Examples of bodies, headers that every call has, and what it may be refused with."""
    body = operation.get("requestBody", {})
    for status, response in operation["responses"].items():
        if int(status) >= 400 and "content" in response:
            response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
            response["description"] = STATUSES[int(status)]
    for part in (body, *operation["responses"].values()):
        for content in part.get("content", {}).values():
            content.setdefault("example", example_of(content["schema"], schemas))
    for response in operation["responses"].values():
        response["headers"] = {
            name: {"$ref": f"#/components/headers/{name}"} for name in ("Signature-Input", "Signature")
        }
    names = ["Signature-Input", "Signature", "Accept-Language"]
    names += ["Content-Digest"] if body else []
    operation["parameters"] += [{"$ref": f"#/components/parameters/{name}"} for name in names]
    conflicts = (409,) if operation["x-method"] == "post" else ()
    for status in sorted((*ALL, *conflicts, *(WITH_BODY if body else ()))):
        operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})


def _problem() -> Json:
    """RFC 9457, with the members of our own."""
    text = {"type": "string"}
    return {
        "title": "Problem",
        "description": "Why a call was refused, and what to do (RFC 9457). `code` stays the same for the same reason.",
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": text | {"format": "uri-reference"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text | {"description": "For people, in German or English (Accept-Language)."},
            "code": text,
            "retry_after": {"type": "integer", "description": "Seconds."},
            "missing": {"type": "array", "items": text, "description": "What the signature lacks."},
            "fields": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "problem"],
                    "properties": {"field": text, "problem": text},
                },
            },
            "reasons": {"type": "array", "items": text, "description": "Rules of the type that stand against it."},
            "next_free": {"type": "array", "items": {"type": "object"}, "description": "Times that are free now."},
        },
    }


def _response(status: int) -> Json:
    codes = [one for one in DOOR if one.status == status]
    described = STATUSES[status] + (f" Codes: {', '.join(f'`{one.code}`' for one in codes)}." if codes else "")
    content: Json = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if codes:
        content["example"] = _example(codes[0])
    return {"description": described, "content": {MEDIA_TYPE: content}}


def _example(error: type[DomainError]) -> Json:
    text = str(getattr(error.message, "_args", (error.message,))[0])  # in English, whatever language is active
    return {
        "type": f"{TYPES}{error.code}",
        "title": text.partition(". ")[0].rstrip("."),
        "status": error.status,
        "detail": text,
        "code": error.code,
    }


def _header(name: str, about: str, example: str, *, required: bool = False) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": about,
        "schema": {"type": "string"},
        "example": example,
    }


_LICENCE = {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"}
_SCHEME = (
    "HTTP Message Signatures (RFC 9421) with Ed25519. Covered: `@method`, `@authority`, `@path`, `@query`; with a body "
    f"`content-digest` and `content-type`; `{IDEMPOTENCY}` where it is sent. Parameters: `created` (five minutes off "
    'at most), `nonce` (16 to 100 characters, once), `keyid`, `tag="sprechzeit-otv"`.'
)
_INPUT, _SIGNATURE = (
    f'{ACCEPTED.partition(";")[0].replace("sprechzeit=", "portal=")};created=1798189200;keyid="bW9ja2luZ2JpcmQ"'
    ';nonce="0lTQBEJvVAzvdfWq0lTQBEJv";tag="sprechzeit-otv"',
    "portal=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
)
_PARAMETERS = {
    "Signature-Input": _header("Signature-Input", SIGNED, _INPUT, required=True),
    "Signature": _header("Signature", SIGNED, _SIGNATURE, required=True),
    "Accept-Language": _header("Accept-Language", "`de` or `en`: the language of problems.", "en"),
    "Content-Digest": _header(
        "Content-Digest",
        "SHA-256 or SHA-512 of the body (RFC 9530).",
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        required=True,
    ),
}
_HEADERS = {
    name: {
        "description": f"{name} of the practice (RFC 9421), with tag `sprechzeit-otv`.",
        "schema": {"type": "string"},
    }
    for name in ("Signature-Input", "Signature")
}
