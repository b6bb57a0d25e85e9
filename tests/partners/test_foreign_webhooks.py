"""Webhooks by others' measure: a receiver made from the specification alone, and signatures that others made (OTV-9).

No library of Standard Webhooks in npm or PyPI knows `v1a` yet (standardwebhooks 1.1.1 and 1.1.0, svix 2.5.0 and 2.9.1;
issue 124 of standard-webhooks). So the measures are a receiver on WebCrypto, and what two who do know it publish.
"""

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from playwright._impl._driver import compute_driver_executable

from sprechzeit.core.peers import networks
from sprechzeit.partners.models import Delivery
from sprechzeit.partners.signing import jwk
from sprechzeit.partners.webhooks import signed_headers
from terminfinder.hooks import BadHook, opened
from tests.partners.test_deliveries import moved, only, send
from tests.support.cast import Cast
from tests.support.partners import public_text, registered, reported_to
from tests.support.portal_client import Portal

pytestmark = pytest.mark.req("OTV-9")
RECEIVER = Path(__file__).parent / "foreign_receiver.cjs"

# https://github.com/svix/svix-webhooks, server: test_asymmetric_key_signing.
SVIX_KEY = "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
SVIX_ID, SVIX_AT, SVIX_BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SVIX_SIGNATURE = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="

# https://github.com/Cosium/standard-webhooks-consumer: README, the asymmetric example. Its key is written as SPKI.
COSIUM_KEY = "MCowBQYDK2VwAyEAkp3dScDPIzT1CwUFUMdzyPbWOAQaCF9z4ucuKuZD7Io="
COSIUM_BODY, COSIUM_AT = b'{"greetings": "Hello World"}', 1737987215
COSIUM_HEADERS = {
    "webhook-id": "7a2486b3-31cf-4bd3-a460-df8845d16cd5",
    "webhook-timestamp": str(COSIUM_AT),
    "webhook-signature": (
        "v1a,XVbiOe+IzCKsXBuhb52iHLroqxFJofJNMQRL80I2kWO0+kXu2gcqgXAzontxDDgpMDw6SMh4sjzr+67EmUUzDg=="
    ),
}


def test_we_sign_as_the_server_of_svix_does() -> None:
    """To the byte: Ed25519 has one signature only."""
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(SVIX_KEY)[:32])
    headers = signed_headers(SVIX_ID, SVIX_BODY, [key], datetime.fromtimestamp(SVIX_AT, UTC))
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (SVIX_ID, str(SVIX_AT))
    assert headers["webhook-signature"] == SVIX_SIGNATURE


def test_the_reference_portal_takes_what_others_signed() -> None:
    key = load_der_public_key(base64.b64decode(COSIUM_KEY))
    assert isinstance(key, Ed25519PublicKey)
    assert opened(COSIUM_HEADERS, COSIUM_BODY, [key], COSIUM_AT)[2] == {"greetings": "Hello World"}
    with pytest.raises(BadHook):
        opened(COSIUM_HEADERS, COSIUM_BODY.replace(b"World", b"world"), [key], COSIUM_AT)


def test_a_foreign_receiver_takes_what_we_send(cast: Cast, settings: Any) -> None:
    """With the keys as the practice gives them to partners; and, the control, not with another one."""
    settings.WEBHOOK_NETWORKS = networks(["127.0.0.0/8"])
    given = Portal(cast.albers).get("/practice").json["keys"]
    others = [jwk("another", public_text())]
    portal = registered(cast.albers, "Somebody else's")
    with receiver(others) as (url, said):
        reported_to(portal, cast.albers, url)
        moved(cast, portal, "11:00")
        assert (send(only(cast)), said.readline()) == ("refused", "signature\n")
    with receiver(others + given) as (url, said):
        reported_to(portal, cast.albers, url)
        assert (send(only(cast), 1), said.readline()) == ("done", "taken\n")
    assert (only(cast).state, only(cast).status) == (Delivery.State.SENT, 204)


@contextmanager
def receiver(keys: list[dict[str, str]]) -> Iterator[tuple[str, IO[str]]]:
    """Where it listens, and what it says."""
    node, _ = compute_driver_executable()
    command = [node, str(RECEIVER), json.dumps(keys)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/webhook", process.stdout
        finally:
            process.kill()
