"""What operations answer through the door: problems in two languages, no values, no trace, nothing half done."""

import json
import logging
from typing import Any

import pytest
from django.db import OperationalError

from sprechzeit.core.acting import acting
from sprechzeit.core.limits import Limit
from sprechzeit.partners import door
from sprechzeit.practice.models import Room
from tests.partners.test_door import refusals, refused
from tests.support.cast import Cast
from tests.support.portal_client import Portal

PAULA = {"name": "Paula Sommer", "born": 1985}


@pytest.fixture(autouse=True)
def own_addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.partners.door_urls"


@pytest.fixture
def portal(cast: Cast) -> Portal:
    """A partner of Albers."""
    return Portal(cast.albers)


@pytest.mark.req("OTV-2")
def test_answers_with_and_without_a_body_are_signed(portal: Portal) -> None:
    answer = portal.post("/echo", PAULA)
    assert (answer.status, answer.json, answer.signed) == (200, PAULA, True)
    empty = portal.post("/bodiless")
    assert (empty.status, empty.body, empty.signed) == (204, b"", True)
    assert "Content-Type" not in empty.headers


@pytest.mark.req("OTV-4", "OTV-12")
def test_only_what_the_schema_names_is_handed_out(portal: Portal) -> None:
    assert portal.get("/number", born=1985).json == {"name": "Paula", "born": 1985}


@pytest.mark.req("OTV-12")
@pytest.mark.parametrize("language", ["de", "en", "de-AT,en;q=0.5", "fr"])
def test_problems_are_told_in_the_language_of_the_call(cast: Cast, language: str) -> None:
    portal = Portal(cast.albers, language=language)
    answer = portal.get("/nothing-of-the-kind")
    refused(answer, 404, "not_found")
    assert answer.headers["Content-Language"] == ("en" if language == "en" else "de")
    expected = "We could not find this." if language == "en" else "Das haben wir nicht gefunden."
    assert answer.json["detail"] == expected


@pytest.mark.req("OTV-12")
def test_fields_that_are_wrong_are_named_and_never_repeated(portal: Portal) -> None:
    answer = portal.post("/echo", {"name": ["Paula Sommer"], "born": "Sommer"})
    refused(answer, 422, "invalid_request")
    assert answer.json["fields"] == [
        {"field": "name", "problem": "string_type"}, {"field": "born", "problem": "int_parsing"}
    ]  # fmt: skip
    assert b"Sommer" not in answer.body
    missing = portal.post("/echo", {})
    assert [one["field"] for one in missing.json["fields"]] == ["name", "born"]
    assert portal.get("/number", born="Sommer").json["fields"] == [{"field": "born", "problem": "int_parsing"}]
    assert portal.post("/echo").json["fields"] == [{"field": "body", "problem": "missing"}]


BODIES = {
    "cut off": b'{"name": "Paula"',
    "not UTF-8": b'{"name": "\xff", "born": 1}',
    "with NUL": b'{"name": "Pau\\u0000la", "born": 1}',
    "with half a character": b'{"name": "\\ud800", "born": 1}',
    "not a number": b'{"name": "Paula", "born": NaN}',
    "deep": b"[" * 60_000,
    "a long number": b'{"name": "Paula", "born": ' + b"1" * 6_000 + b"}",
}


@pytest.mark.req("OTV-12")
@pytest.mark.parametrize("how", BODIES)
def test_what_is_no_json_is_refused(portal: Portal, how: str) -> None:
    refused(portal.post("/echo", BODIES[how]), 400, "malformed_json")


@pytest.mark.req("OTV-12")
def test_what_looks_like_nul_and_is_none_is_taken(portal: Portal) -> None:
    assert portal.post("/echo", {"name": "\\u0000", "born": 1}).json["name"] == "\\u0000"


@pytest.mark.req("OTV-10")
def test_a_body_has_at_most_64_kib(portal: Portal) -> None:
    room = 64 * 1024 - len(json.dumps(PAULA | {"name": ""}))
    assert portal.post("/echo", PAULA | {"name": "a" * room}).status == 200
    refused(portal.post("/echo", PAULA | {"name": "a" * (room + 1)}), 413, "body_too_large", signed=False)


@pytest.mark.req("OTV-12")
def test_other_media_types_and_methods_are_refused(portal: Portal) -> None:
    message = portal.signed("POST", "/echo", PAULA, headers={"Content-Type": "text/plain"})
    refused(portal.send(message), 415, "not_json")
    charset = portal.signed("POST", "/echo", PAULA, headers={"Content-Type": "application/json; charset=utf-8"})
    assert portal.send(charset).status == 200
    answer = portal.delete("/echo")
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.req("OTV-6", "OTV-12")
def test_a_refusal_brings_what_helps_and_nothing_else(portal: Portal) -> None:
    answer = portal.get("/taken")
    refused(answer, 409, "test_taken")
    assert answer.json["next_free"] == [{"starts_at": "2027-01-01T09:00:00+01:00"}]
    assert b"Sommer" not in answer.body
    assert [one["code"] for one in refusals(portal.house)] == ["test_taken"]


@pytest.mark.req("OTV-12")
@pytest.mark.parametrize(("how", "status", "code"), [("refused", 403, "not_allowed"), ("broken", 500, "server_error")])
def test_what_goes_wrong_leaves_nothing_and_tells_nothing(
    portal: Portal, caplog: pytest.LogCaptureFixture, how: str, status: int, code: str
) -> None:
    with acting(portal.house.system):
        before = Room.objects.count()
    answer = portal.post(f"/half?how={how}")
    refused(answer, status, code)
    assert b"Sommer" not in answer.body and b"Traceback" not in answer.body
    with acting(portal.house.system):
        assert Room.objects.count() == before
    failed = [one for one in caplog.records if one.name == door.__name__ and one.levelno >= logging.ERROR]
    assert len(failed) == (how == "broken")


@pytest.mark.req("OTV-12")
def test_a_database_that_is_away_is_no_fault_of_the_portal(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("connection refused: secret-host")

    monkeypatch.setattr(door, "_key_named", away)
    answer = portal.get("/number", born=1)
    refused(answer, 503, "unavailable", signed=False)
    assert answer.headers["Retry-After"] == "30" and b"secret-host" not in answer.body


@pytest.mark.req("OTV-10")
def test_too_many_calls_are_refused_with_when_to_come_back(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "CALLS", Limit("partner-calls", 5, 60))
    monkeypatch.setattr(door, "WRITES", Limit("partner-writes", 2, 60))
    other = Portal(portal.house, "Anders")
    found = [portal.post("/bodiless").status for _ in range(3)] + [portal.get("/number", born=1).status for _ in "123"]
    assert sorted(found) == [200, 200, 204, 204, 429, 429], found
    answer = portal.get("/number", born=1)
    refused(answer, 429, "too_many_calls")
    assert 0 < int(answer.headers["Retry-After"]) <= 60 and answer.json["retry_after"] == int(
        answer.headers["Retry-After"]
    )
    assert other.get("/number", born=1).status == 200


@pytest.mark.req("OTV-10")
def test_what_others_send_with_its_name_does_not_count(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "CALLS", Limit("partner-calls", 2, 60))
    for _ in range(4):
        assert portal.send(portal.signed("GET", "/number?born=1", ago=999)).status == 401
        message = portal.signed("GET", "/number?born=1")
        message.url += "1"
        assert portal.send(message).status == 401
    assert portal.get("/number", born=1).status == 200


@pytest.mark.req("OTV-1")
def test_a_portal_that_went_wrong_does_not_fill_the_log(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "NOTED", Limit("partner-refusals", 3, 60))
    for _ in range(5):
        assert portal.get("/nothing").code == "not_found"
        assert portal.get("/taken").code == "test_taken"
    assert sorted(one["code"] for one in refusals(portal.house)) == ["not_found"] * 3 + ["test_taken"] * 3
