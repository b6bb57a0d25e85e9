"""The conformance kit finds what is wrong; the sandbox practice comes, and goes with all that was in it (OTV-11)."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import connection

from sprechzeit.access.actor import system
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.operations.conformance.kit import PARTS, play
from sprechzeit.operations.conformance.outcome import Outcome, Result
from sprechzeit.operations.conformance.portal import Portal, hooks, shows
from sprechzeit.operations.conformance.shapes import faults
from sprechzeit.operations.conformance.wire import Practice, Signing
from sprechzeit.operations.errors import NotTheSandbox
from sprechzeit.operations.sandbox import forget_people, make_sandbox
from sprechzeit.operations.sandbox_removal import remove_sandbox
from sprechzeit.operations.sandbox_words import MARKED, SLUG
from sprechzeit.practice import models as practice_models
from tests.support.cast import Cast
from tests.support.chain import proof_of, seal_next
from tests.support.databases import Databases
from tests.support.server import running

pytestmark = pytest.mark.req("OTV-11")
SHORT_HOLDS = "tests.support.short_holds:application"
START = "2026-12-07T09:00:00+01:00"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def careless(kind: str, body: bytes) -> Iterator[str]:
    """Somebody who answers everything alike, whoever asks."""

    def answer(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", kind)])
        return [body]

    with make_server("127.0.0.1", 0, answer, handler_class=_Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def practice(url: str) -> Practice:
    return Practice(url, Signing("kit", Ed25519PrivateKey.generate()), {"paths": {}})


def by_result(outcomes: Iterator[Outcome]) -> dict[Result, set[str]]:
    found: dict[Result, set[str]] = {result: set() for result in Result}
    for one in outcomes:
        assert one.part in PARTS
        found[one.result].add(one.name)
    return found


def test_of_a_practice_that_lets_everybody_in_nothing_passes_but_the_call_that_is_right() -> None:
    facts = b'{"name": "Praxis", "time_zone": "Europe/Berlin", "keys": [], "items": [], "next": null}'
    with careless("application/json", facts) as url:
        found = by_result(play(practice(url)))
    assert found[Result.PASSED] == {"signed", "within-time"}
    assert {"unsigned", "replay", "stale", "wrong-digest", "answer-signed", "languages"} <= found[Result.FAILED]
    assert len(found[Result.FAILED] | found[Result.SKIPPED]) > 40


def test_nobody_there_is_a_failure_of_each_and_ends_nothing() -> None:
    found = by_result(play(practice("http://127.0.0.1:9")))
    assert found[Result.PASSED] == set() and "signed" in found[Result.FAILED]


def test_a_portal_that_takes_every_webhook_and_shows_rooms_patients_and_taken_times_is_told_so() -> None:
    page = (
        f"<p>Folgetermin <time datetime='{START}'>09:00</time> {MARKED[0]}, Ida Keller</p><script src='//x.example/'>"
    )
    with careless("text/html", page.encode()) as url:
        other = practice(url)
        slot = {"starts_at": "2099-12-07T09:00:00+01:00", "ends_at": "2099-12-07T10:00:00+01:00"}
        other.found |= {
            "zone": "Europe/Berlin", "types": [], "/types": [{"name": "Folgetermin"}], "free": {"x": [slot]},
            "/rooms": [{"name": MARKED[0]}],
            "/patients": [{"first_name": "Ida", "last_name": "Keller", "contacts": []}],
        }  # fmt: skip
        portal = Portal(url, f"{url}/webhook", Ed25519PrivateKey.generate(), other, MARKED)
        told = by_result(hooks.outcomes(portal))
        shown = by_result(shows.outcomes(portal))
    assert told[Result.PASSED] == {"hook", "hook-again"}
    assert shown[Result.PASSED] == {"pages", "offers"}
    assert {"marked", "no-rooms", "no-patients", "free-only", "no-third-parties"} == shown[Result.FAILED]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"at": START, "kind": "a", "more": None}, ""),
        ({"at": START, "kind": "a"}, ".more: missing"),
        ({"at": "2026-12-07T09:00:00", "kind": "a", "more": None}, ".at: not a date-time"),
        ({"at": START, "kind": "c", "more": None}, ".kind: not one of"),
        ({"at": START, "kind": "a", "more": 1}, ".more"),
        ({"at": START, "kind": "a", "more": None, "room": "x"}, ".room: not in the document"),
    ],
)
def test_an_answer_is_compared_with_the_contract(body: object, wrong: str) -> None:
    parts = {
        "Kind": {"enum": ["a", "b"], "type": "string"},
        "Out": {
            "type": "object", "required": ["at", "kind", "more"],
            "properties": {
                "at": {"type": "string", "format": "date-time"}, "kind": {"$ref": "#/components/schemas/Kind"},
                "more": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
        },
    }  # fmt: skip
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Out"}}
    responses = {"200": {"content": {"application/json": {"schema": schema}}}}
    document = {"paths": {"/x": {"get": {"responses": responses}}}, "components": {"schemas": parts}}
    found = faults(document, "GET", "/x", 200, [body])
    assert found == [] if not wrong else wrong in found[0]


@pytest.mark.long
@pytest.mark.own_database
def test_with_time_enough_a_hold_runs_out_too(own_database: Databases, tmp_path: Path) -> None:
    """`--wait`, against the program itself, whose holds last a minute here: nothing fails, nothing is left out. It
    waits last, so that nothing that is held for the other situations runs out.
    """
    key = Ed25519PrivateKey.generate()
    keyid = make_sandbox(key).keyid
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with running(own_database, worker=False, application=SHORT_HOLDS, PARTNER_WRITES_PER_MINUTE="1000") as program:
        began = time.monotonic()
        line = [sys.executable, "-m", "sprechzeit.cli", "partner", "check", program.url, "--key", str(file)]
        done = subprocess.run(
            [*line, "--keyid", keyid, "--wait", "--json"],
            env={**os.environ, "SPRECHZEIT_LANGUAGE": "en"}, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        took = time.monotonic() - began
    played = {one["name"]: one["result"] for one in json.loads(done.stdout)["situations"]}
    assert list(played)[-1] == "hold-expired" and took > 60
    assert [name for name, result in played.items() if result != "passed"] == [] and done.returncode == 0


@pytest.mark.own_database
def test_the_sandbox_goes_with_all_that_was_in_it_and_its_log_stays_whole(own_database: Databases) -> None:
    key = Ed25519PrivateKey.generate()
    make_sandbox(key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT practice_by_slug(%s)", [SLUG])
        (practice_id,) = cursor.fetchone()
    people = remove_sandbox(own_database.url("owner"))
    assert User.objects.filter(pk__in=people).count() == len(people) == 2
    forget_people(people)
    assert not User.objects.exists()
    actor = system(practice_id)
    with acting(actor), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM patients_patient")
        assert cursor.fetchone() == (0,)
    seal_next(actor)
    proof = proof_of(actor)
    assert proof.sealed > 100 and proof.findings == []
    assert remove_sandbox(own_database.url("owner")) == []
    assert make_sandbox(key).keyid


@pytest.mark.own_database
def test_a_practice_of_people_that_is_called_like_the_sandbox_stays(cast: Cast, own_database: Databases) -> None:
    with acting(cast.albers.system):
        practice_models.Practice.objects.filter(pk=cast.albers.practice.pk).update(slug=SLUG)
    with pytest.raises(NotTheSandbox, match="Nothing was taken out"):
        remove_sandbox(own_database.url("owner"))
    with acting(cast.albers.system):
        assert practice_models.Practice.objects.filter(slug=SLUG).exists()
