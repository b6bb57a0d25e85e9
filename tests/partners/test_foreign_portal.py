"""A portal written by others: npm `http-message-signatures` 1.0.6 signs our calls and verifies our answers (OTV-2)."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from playwright._impl._driver import compute_driver_executable

from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.portal_client import BASE, Portal
from tests.support.server import running

HERE = Path(__file__).parent
LIBRARY = HERE / "vendor/http-message-signatures.min.cjs"


@pytest.mark.long
@pytest.mark.own_database
@pytest.mark.req("OTV-2")
def test_a_foreign_portal_signs_and_verifies(cast: Cast, own_database: Databases) -> None:
    with running(own_database, worker=False) as program:
        portal = Portal(cast.albers, base_url=program.url)
        assert portal.get("/practice").status == 200
        private = portal.keys.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        trusted = {
            name: key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
            for name, key in portal.practice_keys().items()
        }

        def call(method: str, path: str, body: str = "", **changes: Any) -> dict[str, Any]:
            url = f"{program.url}{BASE}{path}"
            given = {"url": url, "method": method, "body": body, "keyid": portal.keys.reference, "trusted": trusted}
            return foreign(given | {"privateKey": private} | changes)

        practice = call("GET", "/practice")
        assert (practice["status"], practice["verified"]) == (200, True)
        assert json.loads(practice["body"])["name"] == "Praxis Albers"
        query = call("GET", "/practice?from=2027-01-01T09:00:00%2B01:00&b=%C3%A4+%20&c")
        assert (query["status"], query["verified"]) == (200, True)
        refused = call("POST", "/practice", '{"name": "Jürgen"}')
        assert (refused["status"], refused["verified"]) == (405, True)
        assert call("GET", "/nothing-of-the-kind")["verified"] is True
        # The negative: it does verify, and it does sign.
        others = {name: trusted_key_of_nobody() for name in trusted}
        assert call("GET", "/practice", trusted=others)["verified"] is False
        unknown = call("GET", "/practice", keyid="no-such-key")
        assert (unknown["status"], unknown["verified"]) == (401, False)


def foreign(given: dict[str, Any]) -> dict[str, Any]:
    node, _ = compute_driver_executable()
    done = subprocess.run(
        [node, str(HERE / "foreign_portal.cjs"), str(LIBRARY)],
        input=json.dumps(given), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def trusted_key_of_nobody() -> str:
    from sprechzeit.partners.signing import NOBODY

    return NOBODY.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
