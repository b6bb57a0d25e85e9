"""Schemathesis calls every operation as a partner, as the document says and as it does not: no fault, no surprise."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from django.db import connection
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sprechzeit.partners.contract import contract, operations
from tests.support.cast import Cast, at
from tests.support.databases import Databases
from tests.support.partner_bookings import offered
from tests.support.portal_client import BASE, Message, Portal, sign
from tests.support.server import running

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12


class Signs(requests.auth.AuthBase):
    """Signs what is about to go out, whatever stands in it."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        given_body: Any = request.body or b""
        body = given_body.encode() if isinstance(given_body, str) else bytes(given_body)
        headers = {name: value for name, value in request.headers.items() if isinstance(value, str)}
        message = Message(request.method or "", request.url or "", headers, body)
        if "Idempotency-Key" in request.headers:
            message.headers["Idempotency-Key"] = str(request.headers["Idempotency-Key"])
        sign(message, self.portal.keys)
        request.headers.update(message.headers)
        return request


def known(portal: Portal) -> dict[str, list[str]]:
    """References that the partner has, by the names of the members that they fit."""
    types = [one["type"] for one in portal.get("/types").json["items"]]
    calendars = [one["calendar"] for one in portal.get("/practitioners").json["items"]]
    person = {"first_name": "Paula", "last_name": "Sommer", "date_of_birth": "1985-03-24"}
    person["contacts"] = [{"kind": "email", "value": "paula@example.org"}]  # type: ignore[assignment]  # JSON
    times = {"type": types[0], "starts_at": at("09:00").isoformat()}
    booked = portal.post("/appointments", times | person)
    assert booked.status == 201, booked.body
    held = portal.post("/holds", times | {"starts_at": at("14:00").isoformat()})
    assert held.status == 201, held.body
    return {
        "type": types,
        "calendar": calendars,
        "appointment": [booked.json["appointment"]],
        "patient": [booked.json["patient"]],
        "hold": [held.json["hold"]],
    }


def put_known(case: Any, references: dict[str, list[str]], chance: random.Random) -> None:
    """In place of references of chance mostly some that mean something, so that calls come further than 404."""
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            for name in set(place) & set(references):
                if isinstance(place[name], str) and chance.random() < 0.8:
                    place[name] = chance.choice(references[name])


@pytest.fixture
def program(own_database: Databases) -> Iterator[str]:
    limits: dict[str, Any] = {f"PARTNER_{name}_PER_MINUTE": "1000000" for name in ("CALLS", "WRITES", "MATCHES")}
    with running(own_database, worker=False, **limits) as program:
        yield program.url


@pytest.mark.long
@pytest.mark.own_database
@pytest.mark.req("OTV-10", "OTV-12")
@pytest.mark.filterwarnings("ignore")
def test_every_operation_does_as_the_document_says(cast: Cast, program: str) -> None:
    offered(cast.albers)
    portal = Portal(cast.albers, base_url=program)
    references, chance, seen = known(portal), random.Random(7), set()
    connection.close()
    document = copy.deepcopy(contract())
    for one in operations(document):
        # The signature is ours: it is not generated.
        one["parameters"] = [each for each in one["parameters"] if "$ref" not in each]
    schema = schemathesis.openapi.from_dict(document)

    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # a broken document would raise here
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(
                max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            def called(case: Any) -> None:
                put_known(case, references, chance)
                response = case.call(base_url=f"{program}{BASE}", auth=Signs(portal))
                seen.add((case.operation.label, response.status_code))
                assert response.status_code not in (401, 503), (response.text, response.request.url)
                case.validate_response(response, checks=CHECKS)

            called()
    succeeded = {label for label, status in seen if status < 300}
    print(sorted(seen))
    assert len(succeeded) >= 12, sorted(seen)
