"""Where two browsers learn how to reach each other, and who relays for them if they cannot (VID-3)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sprechzeit.core.crypto import link_token
from sprechzeit.core.ids import new_id


def ice_servers(urls: Sequence[str], secret: str, until: datetime) -> list[dict[str, Any]]:
    """The servers as a browser takes them (RTCIceServer).

    Relays (TURN) get credentials that are good until then and name nobody: draft-uberti-behave-turn-rest, as coturn's
    `use-auth-secret` has it. None is used that is not set: the two find each other without.
    """
    plain = [one for one in urls if one.startswith(("stun:", "stuns:"))]
    relays = [one for one in urls if one.startswith(("turn:", "turns:"))]
    user, credential = turn_credential(secret, until)
    known: list[dict[str, Any]] = [{"urls": plain}] if plain else []
    return known + ([{"urls": relays, "username": user, "credential": credential}] if relays else [])


def turn_credential(secret: str, until: datetime) -> tuple[str, str]:
    """User and password at the relay, good until then. The user's name is of this call alone."""
    user = f"{int(until.timestamp())}:{link_token('turn', new_id())[:16]}"
    digest = hmac.new(secret.encode(), user.encode(), hashlib.sha1).digest()
    return user, base64.b64encode(digest).decode()
