"""Hot statements are planned once a connection, and answer as they would without."""

from datetime import date
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.utils import DataError
from django.test.utils import CaptureQueriesContext

from sprechzeit.core import plans
from sprechzeit.core.ids import new_id
from sprechzeit.core.plans import planned, statement_of
from sprechzeit.core.rows import fetch
from tests.support.cast import Cast
from tests.support.databases import Databases, stand_on

pytestmark = [pytest.mark.own_database, pytest.mark.req("CAL-8")]


@pytest.fixture(autouse=True)
def directly(own_database: Databases, cast: Cast) -> None:
    """Past any pooler, behind which nothing is kept."""
    stand_on(own_database.url("listen"))


MIXED = "SELECT %(day)s::date, %(id)s::uuid, %(text)s || '%%', %(ids)s::uuid[], %(day)s::date + 1"


def facts() -> dict[str, object]:
    return {"text": "50 % 'off' \\", "day": date(2026, 3, 29), "id": new_id(), "ids": [None, new_id()]}


def kept() -> list[str]:
    return [name for (name,) in fetch("SELECT name FROM pg_prepared_statements ORDER BY name", [])]


def test_it_answers_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = facts()
    with CaptureQueriesContext(connection) as queries:
        assert fetch(*planned(MIXED, asked)) == fetch(MIXED, asked)
        assert fetch(*planned("SELECT %s::int + %s::int", [3, 4])) == [(7,)]
        assert fetch(*planned("SELECT 1", [])) == [(1,)]
    first, plain, *_ = (one["sql"] for one in queries)
    assert first.startswith("EXECUTE planned_")
    assert statement_of(first) == MIXED
    assert statement_of(plain) == plain


def test_its_plan_is_kept_over_a_rollback() -> None:
    statement = f"SELECT %s::uuid, '{new_id()}'"
    before = kept()
    with transaction.atomic():
        fetch(*planned(statement, [UUID(int=1)]))
        transaction.set_rollback(True)
    assert len(kept()) == len(before) + 1
    assert fetch(*planned(statement, [UUID(int=2)]))[0][0] == UUID(int=2)
    assert len(kept()) == len(before) + 1


def test_what_is_wrong_with_a_parameter_is_said_as_ever() -> None:
    with pytest.raises(DataError), transaction.atomic():
        fetch(*planned("SELECT %s::int", ["five"]))


def test_a_pooler_keeps_no_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection through it is one server process or another, of which none knows what was prepared."""
    connection.ensure_connection()
    monkeypatch.setitem(plans._prepared, connection.connection, None)
    assert planned(MIXED, {"day": 1}) == (MIXED, {"day": 1})


def test_whether_a_pooler_stands_between_is_found_by_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    assert not plans._is_pooled()
    monkeypatch.setattr(plans, "_OWN_PROCESS", "SELECT pg_backend_pid() + 1")
    assert plans._is_pooled()
