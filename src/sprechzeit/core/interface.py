"""What the interfaces for other programs have in common: JSON as it can be stored, and operations without answers of
their own to what goes wrong.
"""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic_core import to_json

from sprechzeit.core.problems import NotJson


class Json(Parser):
    """JSON as it can be stored: no NUL, no half characters, no NaN (RFC 8259, RFC 7493)."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            parsed = json.loads(request.body, parse_constant=_no_number)
            json.dumps(parsed, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise NotJson from error
        if b"\\u0000" in request.body and _has_nul(parsed):
            raise NotJson
        return parsed


class SameJson(BaseRenderer):
    """Answers as `bytes_of` writes them: an instant reads the same to the microsecond, whichever operation tells it."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return to_json(data)


class Interface(NinjaAPI):
    """What goes wrong leaves the transaction and is answered by the interface's door, which makes a problem of it."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        raise exc

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


def _no_number(name: str) -> None:
    raise ValueError(name)


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_nul(one) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\x00" in value


def bytes_of(body: Schema) -> bytes:
    """As it goes over the wire: what the schema names, and nothing else."""
    return body.model_dump_json().encode()
