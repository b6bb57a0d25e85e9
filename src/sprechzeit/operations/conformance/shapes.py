"""Whether an answer has the shape that an OpenAPI 3.1 document gives it: the part of JSON Schema that such one uses.

Written out rather than taken from a library: what the document does not name is an error here, since the shape of an
answer is the list of what may be handed out.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

_KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
    "null": type(None),
}  # fmt: skip
Json = dict[str, Any]


def faults(document: Json, method: str, path: str, status: int, body: object) -> list[str]:
    """What is wrong with an answer: places and why. `path` as the document writes it."""
    operation = document.get("paths", {}).get(path, {}).get(method.lower())
    if operation is None:
        return [f"{method} {path}: not in the document"]
    response = operation["responses"].get(str(status))
    if response is None:
        return [f"{method} {path}: {status} is not in the document"]
    if reference := response.get("$ref"):
        response = _found(document, reference)
    content = response.get("content", {})
    if not content:
        return []
    schema = next(iter(content.values())).get("schema", {})
    return list(_faults(document, schema, body, ""))


def _faults(document: Json, schema: Json, value: object, where: str) -> Iterator[str]:
    if reference := schema.get("$ref"):
        yield from _faults(document, _found(document, reference), value, where)
        return
    for one in schema.get("allOf", []):
        yield from _faults(document, one, value, where)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        tried = [list(_faults(document, one, value, where)) for one in choices]
        if all(tried):
            yield min(tried, key=len)[0]
        return
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{where or '.'}: {'/'.join(kinds)} expected"
        return
    yield from _values(schema, value, where)
    if isinstance(value, dict):
        yield from _members(document, schema, value, where)
    if isinstance(value, list) and "items" in schema:
        for number, one in enumerate(value):
            yield from _faults(document, schema["items"], one, f"{where}[{number}]")


def _is(value: object, kind: str) -> bool:
    return isinstance(value, _KINDS[kind]) and not (isinstance(value, bool) and kind in ("integer", "number"))


def _values(schema: Json, value: object, where: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: not one of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{where}: not {schema['const']}"
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{where}: not as {schema['pattern']}"
        if not _well_formed(schema.get("format", ""), value):
            yield f"{where}: not a {schema['format']}"
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{where}: out of range"


def _well_formed(kind: str, value: str) -> bool:
    """Instants carry their offset (RFC 3339)."""
    try:
        if kind == "date-time":
            return datetime.fromisoformat(value).tzinfo is not None
        if kind == "date":
            date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _members(document: Json, schema: Json, value: Json, where: str) -> Iterator[str]:
    named = schema.get("properties")
    if named is None:
        return
    for name in schema.get("required", []):
        if name not in value:
            yield f"{where}.{name}: missing"
    for name, one in value.items():
        if name in named:
            yield from _faults(document, named[name], one, f"{where}.{name}")
        elif not schema.get("additionalProperties"):
            yield f"{where}.{name}: not in the document"


def _found(document: Json, reference: str) -> Json:
    here: Any = document
    for part in reference.removeprefix("#/").split("/"):
        here = here[part]
    found: Json = here
    return found
