"""Webhooks by Standard Webhooks (www.standardwebhooks.com), asymmetric: `v1a`, Ed25519 over id, time and body."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

OLDEST = 300  # seconds, either way


class BadHook(Exception):
    """Not taken; what it says goes back to the sender."""


def opened(
    headers: Mapping[str, str], body: bytes, keys: Iterable[Ed25519PublicKey], now: float
) -> tuple[str, int, dict[str, Any]]:
    """Its id, when it was signed, and what it says. Raises `BadHook` unless the practice signed it just now."""
    name, signed_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = [part[4:] for part in headers.get("webhook-signature", "").split(" ") if part.startswith("v1a,")]
    if not name or not signed_at.isdigit() or not given:
        raise BadHook("unsigned")
    if abs(now - int(signed_at)) > OLDEST:
        raise BadHook("stale")
    message = f"{name}.{signed_at}.".encode() + body
    if not any(_signed(key, one, message) for key in keys for one in given):
        raise BadHook("wrong signature")
    try:
        return name, int(signed_at), dict(json.loads(body))
    except (ValueError, TypeError) as error:
        raise BadHook("not an event") from error


def _signed(key: Ed25519PublicKey, signature: str, message: bytes) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, binascii.Error):
        return False
    return True
