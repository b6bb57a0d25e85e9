"""Every table whose changes are logged is a kind of thing on the page of the log, or said to be technical."""

import psycopg
import pytest

from sprechzeit.privacy.kinds import KINDS, TECHNICAL, THINGS, tables_of
from tests.support.databases import Databases


@pytest.mark.req("AUD-4")
def test_each_logged_table_has_its_words(databases: Databases, django_db_setup: None, worker_id: str) -> None:
    with psycopg.connect(databases.url("superuser", f"worker_{worker_id}")) as catalogue:
        found = catalogue.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'log_change'"
        ).fetchall()
    logged = {name for (name,) in found}
    assert logged == set(THINGS) - {"audit_entry"} | TECHNICAL
    assert not set(THINGS) & TECHNICAL


def test_no_table_is_of_two_kinds() -> None:
    assert sum(len(tables_of(kind)) for kind in KINDS) == len(tables_of(""))
