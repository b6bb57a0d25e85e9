"""A connection that is kept is not asked before each request whether it stands, and is noticed when it does not."""

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sprechzeit.core.limits import Limit
from sprechzeit.core.plans import statement_of
from tests.support.cast import Cast
from tests.support.databases import Databases, stand_on

pytestmark = [pytest.mark.own_database, pytest.mark.req("OPS-3")]


@pytest.fixture(autouse=True)
def directly(own_database: Databases, cast: Cast) -> None:
    """Past any pooler, behind which nothing is kept."""
    stand_on(own_database.url("listen"))


def end(databases: Databases, process: int) -> None:
    with psycopg.connect(databases.url("superuser"), autocommit=True) as everything:
        everything.execute("SELECT pg_terminate_backend(%s, 5000)", [process])


def test_one_that_was_ended_is_replaced_before_the_next_request(cast: Cast, own_database: Databases) -> None:
    address = f"/book/{cast.albers.practice.slug}/"
    assert Client().get(address).status_code == 200
    assert connection.is_usable()
    former = connection.connection.info.backend_pid
    end(own_database, former)
    assert not connection.is_usable()
    kept: Any = connection
    # As when a request begins, which the test's client leaves out.
    kept.health_check_enabled, kept.health_check_done = True, False
    assert Client().get(address).status_code == 200
    assert connection.connection.info.backend_pid != former


def test_nothing_is_asked_of_one_that_stands(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()

    def asked(*_: Any) -> None:
        raise AssertionError("it was asked")

    monkeypatch.setattr(connection.connection, "execute", asked)
    assert connection.is_usable()


def test_one_that_was_left_in_a_failed_transaction_is_of_no_use(cast: Cast) -> None:
    """Quiet, but whatever is asked of it is refused."""
    connection.ensure_connection()
    kept = connection.connection
    kept.autocommit = False
    with pytest.raises(psycopg.errors.DivisionByZero):
        kept.execute("SELECT 1 / 0")
    assert not connection.is_usable()
    kept.rollback()
    kept.autocommit = True
    assert connection.is_usable()


@pytest.mark.req("BOO-8")
def test_an_attempt_alone_is_counted_without_waiting_for_the_disk_and_nothing_else_is(cast: Cast) -> None:
    def waits(work: Callable[[], None]) -> list[bool]:
        with CaptureQueriesContext(connection) as queries:
            work()
        return ["synchronous_commit" not in statement_of(one["sql"]) for one in queries if "EXECUTE" in one["sql"]]

    def within() -> None:
        with transaction.atomic():
            attempt()

    attempt = partial(Limit("test", 3, 3600).attempt, "somebody")
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        assert waits(attempt) == [False]
        assert waits(within) == [True]
        cursor.execute("SELECT current_setting('synchronous_commit'), count FROM core_attempts WHERE scope = 'test'")
        assert cursor.fetchone() == ("on", 2)
