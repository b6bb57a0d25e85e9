"""Log lines: structured, without personal data and without the secrets of links."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from sprechzeit.core.logs import formatter, only_allowed
from tests.support.cast import Cast


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """What stands in the log, line by line."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keep()
    handler.setFormatter(formatter())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(one) for one in written]
    logging.getLogger().removeHandler(handler)


@pytest.mark.req("PRI-1", "BOO-6")
def test_the_address_of_a_refused_request_is_not_in_the_log(
    cast: Cast, lines: Callable[[], list[dict[str, object]]]
) -> None:
    secret = "s3cret-of-a-mailed-link"
    for address in (f"/appointment/{secret}/", f"/book/albers/holds/{secret}/", f"/{secret}", f"/?next={secret}%00"):
        assert Client().get(address).status_code in (400, 404)
        assert Client().put(address).status_code in (400, 404, 405)
    assert secret not in json.dumps(lines())
    first = lines()[0]
    assert (first["route"], first["method"], first["status"]) == ("portal:manage", "GET", 404)


def test_an_exceptions_text_stays_out_and_its_place_stands_in(lines: Callable[[], list[dict[str, object]]]) -> None:
    try:
        raise ValueError("Paula Sommer, 24.03.1985")
    except ValueError:
        logging.getLogger("sprechzeit.test").exception("it went wrong")
    (line,) = lines()
    assert "Sommer" not in json.dumps(line)
    assert str(line["exception"]).startswith("ValueError at ")
    assert "test_logs.py" in str(line["exception"])


def test_keys_that_are_not_listed_are_dropped() -> None:
    line = {"event": "sent", "patient": "Paula Sommer", "status": 3, "address": "paula@example.org"}
    assert only_allowed(None, "info", line) == {"event": "sent", "status": 3}
