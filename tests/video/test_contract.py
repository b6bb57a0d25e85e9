"""The OpenAPI document of the video side: committed, with examples that are true to it (VID-1)."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema_rs import Draft202012Validator

from sprechzeit.video.contract import REFUSALS, contract, operations

COMMITTED = Path(__file__).parents[2] / "docs/api/video-v1.json"

pytestmark = pytest.mark.req("VID-1")


def test_what_is_committed_is_what_the_program_does() -> None:
    assert json.loads(COMMITTED.read_text()) == contract(), "run tests/tools/check_docs.py --update"
    assert contract()["openapi"].startswith("3.1")


def test_each_body_has_an_example_that_its_schema_takes() -> None:
    document, wrong, seen = contract(), [], 0
    parts: list[dict[str, Any]] = list(document["components"]["responses"].values())
    for _path, operation in operations(document):
        parts += [operation.get("requestBody", {}), *operation["responses"].values()]
    for part in parts:
        for content in part.get("content", {}).values():
            seen += 1
            # Where a reference leads is looked for in what is validated against.
            schema = content["schema"] | {"components": document["components"]}
            found = Draft202012Validator(schema).iter_errors(content["example"])
            wrong += [f"{content['example']}: {error.message}" for error in found]
    assert wrong == [] and seen >= 15


def test_each_refusal_is_told_with_its_code() -> None:
    told = " ".join(one["description"] for one in contract()["components"]["responses"].values())
    assert [one.code for one in REFUSALS if f"`{one.code}`" not in told] == []


def test_everybody_may_read_it(db: None) -> None:
    answer = Client().get("/api/video/v1/openapi.json")
    assert answer.status_code == 200 and answer.json()["paths"] == contract()["paths"]
