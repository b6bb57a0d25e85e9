"""The reference portal: what it does when answers are lost, and which webhooks it takes (OTV-6, OTV-9, OTV-11)."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.models import Appointment
from terminfinder.desk import Desk, new_key
from terminfinder.hooks import BadHook, opened
from terminfinder.practice import Practice, Unanswered
from terminfinder.store import Store
from tests.support.cast import Cast, monday
from tests.support.licence import licensed
from tests.support.partner_bookings import offered
from tests.support.portal_client import Portal as Registered
from tests.support.server import Program

pytestmark = pytest.mark.req("OTV-11")
PERSON: dict[str, Any] = {
    "first_name": "Paula", "last_name": "Sommer", "date_of_birth": "1985-03-24",
    "contacts": [{"kind": "email", "value": "paula@example.org"}],
}  # fmt: skip


class Losing(httpx.HTTPTransport):
    """A network that brings every call there, and of the next ones no answer back."""

    lost = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if self.lost:
            self.lost -= 1
            response.close()
            raise httpx.ReadError("lost")
        return response


@pytest.mark.own_database
@pytest.mark.req("OTV-6")
def test_a_lost_answer_is_asked_for_again_after_a_crash_too(cast: Cast, served: Program, tmp_path: Path) -> None:
    """The same key each time: one hold, one appointment, whatever was lost."""
    Path(served.variables["SPRECHZEIT_DATA_DIR"], "licence.json").write_text(licensed().read_text())
    offered(cast.albers)
    registered = Registered(cast.albers, base_url=served.url)
    network = Losing()

    def desk() -> Desk:
        """As it is after a start: nothing is known but what was stored."""
        practice = Practice(served.url, registered.keys.reference, registered.keys.private, [], network)
        practice.introduce()
        return Desk(Store(tmp_path), practice, tmp_path / "outbox")

    first = desk()
    kind = first.practice.types()[0]["type"]
    free, _next = first.practice.free(kind, f"{monday():%Y-%m-%d}", f"{monday():%Y-%m-%d}")
    form = new_key()
    network.lost = 1
    with pytest.raises(Unanswered):
        first.hold(form, kind, "", free[0], "de")
    secret = first.store.secret_of(form)
    assert _booking(first, secret)["state"] == "asked"

    second = desk()
    second.repeat()
    assert _booking(second, secret)["state"] == "held"
    network.lost = 1
    with pytest.raises(Unanswered):
        second.book(new_key(), secret, PERSON, "paula@example.org", "de")

    third = desk()
    third.repeat()
    for one in (first, second, third):
        one.practice.close()
    kept = _booking(third, secret)
    assert (kept["state"], kept["email"], third.store.waiting()) == ("booked", "", [])
    with third.store.open() as db:
        # Of the patient nothing stays at the portal.
        assert "Sommer" not in "\n".join(db.iterdump())
    with acting(cast.albers.system):
        assert Appointment.objects.count() == 1


def _booking(desk: Desk, secret: str) -> Any:
    found = desk.store.booking(secret)
    assert found is not None
    return found


@pytest.fixture
def signer() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def _signed(signer: Ed25519PrivateKey, body: bytes, at: float) -> dict[str, str]:
    signature = signer.sign(f"msg_1.{int(at)}.".encode() + body)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at)),
        "webhook-signature": "v1,bm8= v1a," + base64.b64encode(signature).decode(),
    }


@pytest.mark.req("OTV-9")
def test_a_webhook_counts_when_the_practice_signed_it_just_now(signer: Ed25519PrivateKey) -> None:
    now, body = time.time(), json.dumps({"type": "appointment.moved", "data": {}}).encode()
    good, keys = _signed(signer, body, now), [signer.public_key()]
    assert opened(good, body, keys, now)[0] == "msg_1"
    for headers, sent, known, at in (
        ({}, body, keys, now),
        (good | {"webhook-signature": "v1a,!"}, body, keys, now),
        (good | {"webhook-id": "msg_2"}, body, keys, now),
        (good, body + b" ", keys, now),
        (good, body, [Ed25519PrivateKey.generate().public_key()], now),
        (good, body, [], now),
        (good, body, keys, now + 302),
        (good, body, keys, now - 302),
    ):
        with pytest.raises(BadHook):
            opened(headers, sent, known, at)
