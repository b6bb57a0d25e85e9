"""Finding the adapters, and reaching the service that a practice chose (PUSH-2, PUSH-9)."""

import hashlib
import json
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from sprechzeit.core.calls import NotReached, call
from sprechzeit.integrations.video_service import adapters
from sprechzeit.integrations.video_service.contract import Adapter, NotTaken, Place, Spoken, VideoService
from sprechzeit.practice.models import VideoService as Service

SECONDS = 10
"""In which a service has to answer."""

JSON = ("application/json", "application/problem+json")


def known_adapters() -> dict[str, Adapter]:
    """Every adapter by its name: the files beside `adapters/__init__.py`."""
    names = sorted(one.name for one in pkgutil.iter_modules(adapters.__path__))
    return {name: cast(Adapter, import_module(f"{adapters.__name__}.{name}")) for name in names}


def service_address(kind: str, url: str) -> str:
    """The service's address, of what was typed: its own page shows it with the path of its interface, to be copied."""
    base = getattr(known_adapters().get(kind), "BASE", "")
    return url.rstrip("/").removesuffix(base) if base else url


def target_of(kind: str, url: str) -> str:
    """Which service that is, so that what was pushed to another one is not taken for what this one has."""
    return hashlib.sha256(f"{kind} {url.rstrip('/')}".encode()).hexdigest()[:32]


def target(service: Service) -> str:
    """How pushes name the service for which they are."""
    return target_of(service.kind, service.url)


def reach(kind: str, url: str, token: str) -> VideoService:
    """The service. Raises `NotTaken` where there is no such adapter any more."""
    adapter = known_adapters().get(kind)
    if adapter is None:
        raise NotTaken("interface")

    def ask(method: str, path: str, headers: Mapping[str, str], content: Any = None) -> Spoken:
        body = b"" if content is None else json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        sent = {"Accept": "application/json", "User-Agent": "Sprechzeit-Video/1", **headers}
        if body:
            sent["Content-Type"] = "application/json"
        try:
            reply = call(method, below(url, path), sent, seconds=SECONDS, body=body, named=settings.WEBHOOK_NETWORKS)
        except NotReached as error:
            why = {"too_long": "answer", "header": "token"}.get(error.code, error.code)
            raise NotTaken(why, in_doubt=error.was_sent) from None
        return Spoken(reply.status, _content(reply.body, reply.media_type), reply.later)

    return adapter.connect(Place(token, ask))


def below(url: str, path: str) -> str:
    """A path below the service's address, which may have one of its own."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + path, "", ""))


def _content(body: bytes, media_type: str) -> Any:
    if media_type not in JSON:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
