"""The set-up that an administrator runs, on the oldest and the newest PostgreSQL."""

import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from sprechzeit.operations import postgres_setup
from sprechzeit.operations.account import server_account
from sprechzeit.operations.binaries import wheel_binaries
from sprechzeit.operations.embedded import Cluster

pytestmark = pytest.mark.req("OPS-2")

FACTS = {
    "roles": """SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication
                FROM pg_roles WHERE rolname LIKE 'sprechzeit%' ORDER BY 1""",
    "members": """SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members
                  WHERE member::regrole::text LIKE 'sprechzeit%' ORDER BY 1""",
    "database": """SELECT datdba::regrole::text, datcollate, datctype, datlocprovider, datacl::text FROM pg_database
                   WHERE datname = current_database()""",
    "schema": "SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'",
    "defaults": "SELECT defaclrole::regrole::text, defaclobjtype, defaclacl::text FROM pg_default_acl ORDER BY 2",
    "extensions": "SELECT extname FROM pg_extension ORDER BY 1",
}


def facts(cluster: Cluster, database: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(cluster.url("superuser", database)) as connection:
        return {name: connection.execute(query).fetchall() for name, query in FACTS.items()}


@pytest.fixture
def database(server: Cluster) -> Iterator[str]:
    postgres_setup.create_database(server.url("superuser", "postgres"), "probe")
    yield "probe"
    postgres_setup.drop_database(server.url("superuser", "postgres"), "probe")


def test_running_it_again_changes_nothing(server: Cluster, database: str) -> None:
    before = facts(server, database)
    postgres_setup.create_roles(server.url("superuser", "postgres"))
    postgres_setup.create_database(server.url("superuser", "postgres"), database)
    assert facts(server, database) == before


def test_the_roles_are_as_weak_as_they_should_be(server: Cluster, database: str) -> None:
    found = facts(server, database)
    #                            name                  login  super  bypass createdb createrole replication
    assert found["roles"] == [
        ("sprechzeit_app", True, False, False, False, False, False),
        ("sprechzeit_backup", True, False, True, False, False, False),
        ("sprechzeit_crossing", False, False, False, False, False, False),
        ("sprechzeit_owner", True, False, False, False, False, False),
    ]
    assert found["members"] == [("pg_read_all_data", "sprechzeit_backup"), ("sprechzeit_crossing", "sprechzeit_owner")]
    assert {name for (name,) in found["extensions"]} >= {"btree_gist", "pg_trgm", "unaccent"}


def test_app_works_with_tables_of_the_owner_and_makes_none(server: Cluster, database: str) -> None:
    with psycopg.connect(server.url("owner", database)) as owner:
        owner.execute("CREATE TABLE thing (id bigserial PRIMARY KEY)")
    with psycopg.connect(server.url("app", database)) as app:
        app.execute("INSERT INTO thing DEFAULT VALUES")
        app.execute("UPDATE thing SET id = 7")
        assert app.execute("DELETE FROM thing RETURNING id").fetchall() == [(7,)]
    for forbidden in ("CREATE TABLE mine ()", "TRUNCATE thing", "DROP TABLE thing", "CREATE TEMPORARY TABLE mine ()"):
        with (
            psycopg.connect(server.url("app", database)) as app,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute(forbidden)


def test_backup_reads_behind_row_security_and_writes_nothing(server: Cluster, database: str) -> None:
    with psycopg.connect(server.url("owner", database)) as owner:
        owner.execute("CREATE TABLE hidden (id int)")
        owner.execute("INSERT INTO hidden VALUES (1)")
        owner.execute("ALTER TABLE hidden ENABLE ROW LEVEL SECURITY")
    with psycopg.connect(server.url("app", database)) as app:
        assert app.execute("SELECT id FROM hidden").fetchall() == []
    with psycopg.connect(server.url("backup", database)) as backup:
        assert backup.execute("SELECT id FROM hidden").fetchall() == [(1,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            backup.execute("DELETE FROM hidden")


def test_the_owner_hands_functions_to_crossing(server: Cluster, database: str) -> None:
    with psycopg.connect(server.url("owner", database)) as owner:
        owner.execute("CREATE FUNCTION one() RETURNS text SECURITY DEFINER LANGUAGE sql AS 'SELECT current_user::text'")
        owner.execute("ALTER FUNCTION one() OWNER TO sprechzeit_crossing")
    with psycopg.connect(server.url("app", database)) as app:
        assert app.execute("SELECT one()").fetchone() == ("sprechzeit_crossing",)


def test_a_clone_has_the_same_rights(server: Cluster, database: str) -> None:
    superuser = server.url("superuser", "postgres")
    postgres_setup.clone_database(superuser, database, "probe_copy")
    try:
        assert facts(server, "probe_copy") == facts(server, database)
    finally:
        postgres_setup.drop_database(superuser, "probe_copy")


def test_the_printed_script_makes_the_same_on_an_empty_server(server: Cluster) -> None:
    wanted = facts(server, postgres_setup.DATABASE)
    with psycopg.connect(server.url("superuser", "postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE sprechzeit")
        for role in ("owner", "app", "crossing", "backup"):
            connection.execute(f"DROP ROLE sprechzeit_{role}")
    psql = [str(wheel_binaries(server_account()) / "psql"), "-v", "ON_ERROR_STOP=1", "--no-psqlrc"]
    for _again in range(2):
        subprocess.run(
            [*psql, server.url("superuser", "postgres")],
            input=postgres_setup.setup_script(), text=True, check=True, capture_output=True,
        )  # fmt: skip
        assert facts(server, postgres_setup.DATABASE) == wanted
    server.stop()
    server.start()


@pytest.mark.parametrize("name", ["a b", "x;DROP", "A", "", "a" * 64])
def test_odd_database_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        postgres_setup.setup_script(name)
