"""The owner's own data migrations see the rows they are to change, row security or not (architecture §3)."""

import psycopg
import pytest

from tests.support.cast import Cast
from tests.support.databases import Databases

pytestmark = pytest.mark.own_database


def test_a_data_migration_of_the_owner_changes_every_row(cast: Cast, own_database: Databases) -> None:
    with psycopg.connect(own_database.url("owner"), autocommit=True) as owner:
        changed = owner.execute("UPDATE practice_room SET colour = 7").rowcount
        logged = owner.execute(
            "SELECT count(*), min(actor) FROM audit_entry WHERE table_name = 'practice_room' AND operation = 'update'"
        ).fetchone()
    assert changed == len(cast.albers.rooms) + len(cast.brandt.rooms)
    assert logged == (changed, "database:sprechzeit_owner")


def test_the_backup_role_reads_every_row_and_writes_none(cast: Cast, own_database: Databases) -> None:
    with psycopg.connect(own_database.url("backup"), autocommit=True) as backup:
        assert backup.execute("SELECT count(*) FROM practice_practice").fetchone() == (2,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            backup.execute("UPDATE practice_practice SET name = ''")
