"""Schemathesis calls every operation with a token, as the document says and as it does not: no fault, no surprise."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
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

from sprechzeit.core.ids import new_reference
from sprechzeit.video.contract import contract
from tests.support.cast import Cast, at
from tests.support.databases import Databases
from tests.support.pusher import BASE, Pusher
from tests.support.server import running

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 25


@pytest.fixture
def program(own_database: Databases) -> Iterator[str]:
    with running(own_database, worker=False, VIDEO_CALLS_PER_MINUTE="1000000") as program:
        yield program.url


@pytest.mark.long
@pytest.mark.own_database
@pytest.mark.req("VID-1")
@pytest.mark.filterwarnings("ignore")
def test_every_operation_does_as_the_document_says(cast: Cast, program: str) -> None:
    pusher, chance, seen = Pusher(cast.albers, base_url=program), random.Random(7), set()
    for number in range(3):
        assert pusher.book(f"ref-{number}").status == 201
    user_id = pusher.facts()["practitioner"]
    known = {"practitioner": [user_id], "starts_at": [at("10:00").isoformat()], "email": ["paula@example.org"]}
    known |= {"reference": [f"ref-{number}" for number in range(3)]}
    token = {"Authorization": f"Bearer {pusher.secret}"}
    connection.close()
    document = copy.deepcopy(contract())
    # The token is ours: it is not generated.
    del document["security"], document["components"]["securitySchemes"]
    schema = schemathesis.openapi.from_dict(document)

    fresh = ("reference",)
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # a broken document would raise here
        # Who is asked for nothing cannot be asked wrongly.
        modes = [GenerationMode.POSITIVE] + [GenerationMode.NEGATIVE] * (operation.method.upper() != "GET")
        for mode in modes:

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(
                max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            def called(case: Any) -> None:
                # In place of references of chance mostly some that mean something, so that calls come further than 404.
                for place in (case.path_parameters, case.body):
                    if isinstance(place, dict):
                        for name in set(place) & set(known):
                            if isinstance(place[name], str) and chance.random() < 0.9:
                                place[name] = chance.choice([*known[name], *([new_reference()] * (name in fresh))])
                response = case.call(base_url=f"{program}{BASE}", headers=token)
                seen.add((case.operation.label, response.status_code))
                assert response.status_code not in (401, 429, 503), (response.text, response.request.url)
                case.validate_response(response, checks=CHECKS)

            called()
    succeeded = {label for label, status in seen if status < 300}
    assert len(succeeded) == 4, sorted(seen)
