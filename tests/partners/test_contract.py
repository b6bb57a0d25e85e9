"""The OpenAPI document: committed, with examples that are true to it, and every refusal that can come (OTV-10)."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from sprechzeit.partners.contract import contract, operations
from sprechzeit.partners.problems import DOOR

COMMITTED = Path(__file__).parents[2] / "docs/api/otv-v1.json"

pytestmark = [pytest.mark.req("OTV-10")]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return contract()


def test_what_is_committed_is_what_the_program_does(document: dict[str, Any]) -> None:
    assert json.loads(COMMITTED.read_text()) == document, "run tests/tools/check_docs.py --update"


def test_each_body_has_an_example_that_its_schema_takes(document: dict[str, Any]) -> None:
    wrong, seen = [], 0
    for operation in operations(document):
        parts = [operation.get("requestBody", {}), *operation["responses"].values()]
        for part in (*parts, *document["components"]["responses"].values()):
            for content in part.get("content", {}).values():
                seen += 1
                # Where a reference leads is looked for in what is validated against.
                schema = content["schema"] | {"components": document["components"]}
                if "example" in content:
                    wrong += [
                        f"{operation['operationId']}: {error.message}"
                        for error in Draft202012Validator(schema).iter_errors(content["example"])
                    ]
    assert wrong == [] and seen


def test_members_of_bodies_say_by_example_what_they_are(document: dict[str, Any]) -> None:
    without = [
        f"{name}.{member}"
        for name, schema in document["components"]["schemas"].items()
        if name != "Problem"
        for member, one in schema.get("properties", {}).items()
        if not ({"examples", "$ref", "enum", "const", "items", "default"} & set(one) or refers(one))
    ]
    assert without == []


def refers(schema: dict[str, Any]) -> bool:
    return any("$ref" in one or "items" in one for one in schema.get("anyOf", []))


def test_every_operation_tells_what_it_may_be_refused_with(document: dict[str, Any]) -> None:
    told = document["components"]["responses"]
    statuses = {int(name.removeprefix("Problem")) for name in told}
    assert {one.status for one in DOOR} <= statuses
    for operation in operations(document):
        assert {"401", "403", "404", "422", "429", "500", "503"} <= set(operation["responses"]), operation[
            "operationId"
        ]
        assert {"Signature", "Signature-Input"} <= {
            one["$ref"].rpartition("/")[2] for one in operation["parameters"] if "$ref" in one
        }
    ids = [operation["operationId"] for operation in operations(document)]
    assert len(ids) == len(set(ids))
