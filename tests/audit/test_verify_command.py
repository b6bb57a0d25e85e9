"""`sprechzeit audit verify`: what it says, and how it ends (AUD-3)."""

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import sql

from sprechzeit.audit.findings import Finding, Trouble
from sprechzeit.audit.heads import folder_of
from sprechzeit.audit.jobs import check_logs, seal_logs
from sprechzeit.audit.models import Head
from sprechzeit.cli.audit import said, verify
from sprechzeit.core.acting import acting
from tests.support.cast import Cast
from tests.support.databases import Databases

pytestmark = [pytest.mark.own_database, pytest.mark.req("AUD-3")]


def call() -> Result:
    return CliRunner().invoke(verify, [])


def test_a_whole_log_is_said_to_be_whole(cast: Cast, own_database: Databases) -> None:
    before = call()
    assert (before.exit_code, "proved: 0" in before.output) == (0, True), before.output
    seal_logs(0)
    after = call()
    assert after.exit_code == 0, after.output
    assert [line.split(":")[0] for line in after.output.splitlines()] == ["albers", "brandt"]
    assert "not sealed yet: 0" in after.output


def test_the_first_that_is_wrong_is_named_and_the_status_is_1(cast: Cast, own_database: Databases) -> None:
    seal_logs(0)
    with psycopg.connect(own_database.url("superuser"), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        changed = superuser.execute(
            "UPDATE audit_entry SET actor = 'member:x' WHERE id IN (SELECT entry_id FROM audit_seal "
            "WHERE practice_id = %s AND place IN (5, 9)) RETURNING id",
            [cast.albers.practice.pk],
        ).fetchall()
    found = call()
    assert found.exit_code == 1
    assert f"Entry {min(changed)[0]} was changed" in found.output
    assert "proved before it: 4" in found.output
    assert "brandt: whole" in found.output
    check_logs(0)
    with acting(cast.albers.system):
        assert Head.objects.get().problem == f"changed:{min(changed)[0]}"


def test_a_practice_that_was_wiped_out_is_not_forgotten(cast: Cast, own_database: Databases) -> None:
    """Its heads are still there."""
    seal_logs(0)
    with psycopg.connect(own_database.url("superuser"), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        for table in ("audit_value", "audit_seal", "audit_head", "audit_entry"):
            statement = sql.SQL("DELETE FROM {} WHERE practice_id = %s").format(sql.Identifier(table))
            superuser.execute(statement, [cast.brandt.practice.pk])
        superuser.execute("DELETE FROM practice_practice WHERE id = %s", [cast.brandt.practice.pk])
    found = call()
    assert found.exit_code == 1
    assert f"{cast.brandt.practice.pk}: From place 1 on entries are missing" in found.output


def test_each_trouble_has_its_words(cast: Cast, own_database: Databases) -> None:
    """What is found beside the worst is said too."""
    for trouble in Trouble:
        assert said(Finding(trouble, 7, 5, 9, "log/x.heads:3")).endswith((".", "!")), trouble
    seal_logs(0)
    file = next(folder_of(cast.albers.practice.pk).iterdir())
    file.write_text(f"rubbish\n{file.read_text()}")
    with psycopg.connect(own_database.url("superuser"), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("UPDATE audit_entry SET actor = 'member:x' WHERE practice_id = %s", [cast.albers.practice.pk])
    found = call()
    assert found.exit_code == 1
    assert "was changed" in found.output
    assert f"cannot be read: {file}:1" in found.output
