"""The interface for booking portals: its routers and what they have in common (OTV-1…13)."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.parser import Parser

from sprechzeit.partners import feed, practice, reading, writing
from sprechzeit.partners.errors import NotJson

PREFIX = "/api/otv/v1"


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


class Interface(NinjaAPI):
    """What goes wrong leaves the transaction and is answered by the door (door.py), which makes a problem of it."""

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


api = Interface(
    title="Sprechzeit for booking portals",
    version="1",
    urls_namespace="partners",
    openapi_url=None,
    docs_url=None,
    parser=Json(),
)
api.add_router("", practice.router)
api.add_router("", reading.router)
api.add_router("", writing.router)
api.add_router("", feed.router)
