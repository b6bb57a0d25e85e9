"""Laws of the database: what a practice's table has, what the application's role may not (architecture §3)."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from sprechzeit.core import rowsecurity
from tests.support.databases import Databases

# Written by the functions of `crossing` alone; a log of the log would never end, and Django makes their one key.
LOG_TABLES = {"audit_entry", "audit_value", "audit_seal", "audit_head"}
# Computed from rows whose changes are logged, again and again.
DERIVED_TABLES = {
    "operations_backuppiece", "scheduling_nextfree", "patients_handedchange", "patients_searchentry",
    "patients_tocompare",
    # A trace of a call whose refusal, or what it read and wrote, is in the log.
    "partners_answer", "video_answer",
    "partners_nonce",
    # What the database notes of changes of appointments, which are in the log.
    "partners_event",
    "partners_feed",
    # Counts of deletions, each of which is in the log.
    "privacy_deletionreport",
    # What the two pages of a consultation tell each other, until it ends; that it was held is in the log.
    "video_seat",
    "video_signal",
}  # fmt: skip
# Their rows belong to practices otherwise than by a column `practice_id`.
OTHER_TENANT_TABLES = {"practice_practice", "practice_space", "community_community", "community_communityspace"}
# They belong to nobody's practice: sign-in, jobs, Django's own, limits and the cache.
OPEN_TABLES = re.compile(r"accounts?_|mfa_|auth_|django_|procrastinate_|core_")

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def catalogue(databases: Databases, django_db_setup: None, worker_id: str) -> Iterator[psycopg.Connection]:
    """This worker's database, looked at by the superuser, who sees all."""
    with psycopg.connect(databases.url("superuser", f"worker_{worker_id}"), autocommit=True) as connection:
        yield connection


def rows(catalogue: psycopg.Connection, query: str, *values: object) -> Rows:
    return catalogue.execute(query.encode(), values or None).fetchall()


@pytest.fixture(scope="module")
def practice_tables(catalogue: psycopg.Connection) -> set[str]:
    """Every table with a column `practice_id`."""
    found = rows(
        catalogue,
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace "
        "AND a.attname = 'practice_id' AND NOT a.attisdropped",
    )
    return {str(name) for (name,) in found}


def test_every_table_is_a_practices_or_listed_as_open(catalogue: psycopg.Connection, practice_tables: set[str]) -> None:
    """A table that forgot its practice cannot slip in."""
    everything = {
        str(name) for (name,) in rows(catalogue, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    }
    unknown = {name for name in everything - practice_tables - OTHER_TENANT_TABLES if not OPEN_TABLES.match(name)}
    assert not unknown
    assert len(practice_tables) >= 18


@pytest.mark.req("ACC-10", "ACC-6")
def test_row_security_is_enabled_and_forced(catalogue: psycopg.Connection, practice_tables: set[str]) -> None:
    protected = {
        str(name)
        for (name,) in rows(catalogue, "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    }
    assert practice_tables | OTHER_TENANT_TABLES <= protected


@pytest.mark.req("ACC-10", "ACC-6")
def test_policies_are_those_of_app_and_owner_with_their_conditions(
    catalogue: psycopg.Connection, practice_tables: set[str]
) -> None:
    found = rows(
        catalogue,
        "SELECT tablename, policyname, permissive, roles::text[], cmd, qual, with_check FROM pg_policies",
    )
    policies: dict[tuple[str, str], tuple[Any, ...]] = {(str(row[0]), str(row[1])): row[2:] for row in found}
    own_practice = policies["patients_patient", "app"]
    assert [table for table in practice_tables if policies[table, "app"] != own_practice] == []
    permissive, roles, command, condition, check = own_practice
    assert (permissive, roles, command) == ("PERMISSIVE", [rowsecurity.APP], "ALL")
    assert condition == check
    assert "practice_id = ANY" in str(condition)
    assert "current_setting('sprechzeit.practices'::text, true)" in str(condition)
    assert " OR " not in str(condition)
    for table in practice_tables | OTHER_TENANT_TABLES:
        assert policies[table, "owner"] == ("PERMISSIVE", [rowsecurity.OWNER], "ALL", "true", "true")
    practice = policies["practice_practice", "app"]
    assert practice[3:] == (str(condition).replace("practice_id = ANY", "id = ANY"),) * 2
    assert "practice_room" in str(policies["practice_space", "app"][3])


def test_nobody_else_has_a_policy_but_crossing_where_its_functions_need_it(catalogue: psycopg.Connection) -> None:
    found = rows(
        catalogue,
        "SELECT tablename, cmd FROM pg_policies WHERE policyname NOT IN ('app', 'owner') ORDER BY 1, 2",
    )
    others = rows(
        catalogue,
        "SELECT 1 FROM pg_policies WHERE policyname NOT IN ('app', 'owner') AND roles::text[] <> %s",
        [rowsecurity.CROSSING],
    )
    assert found == [
        ("audit_entry", "INSERT"),
        ("audit_entry", "SELECT"),
        ("audit_head", "INSERT"),
        ("audit_head", "SELECT"),
        ("audit_head", "UPDATE"),
        ("audit_seal", "INSERT"),
        ("audit_seal", "SELECT"),
        ("audit_value", "INSERT"),
        ("audit_value", "SELECT"),
        ("audit_value", "UPDATE"),
        ("community_community", "INSERT"),
        ("community_community", "SELECT"),
        ("community_community", "UPDATE"),
        ("community_communitycode", "DELETE"),
        ("community_communitycode", "SELECT"),
        ("community_communitycode", "UPDATE"),
        ("community_communityevent", "INSERT"),
        ("community_communityspace", "DELETE"),
        ("community_communityspace", "SELECT"),
        ("community_membership", "INSERT"),
        ("community_membership", "SELECT"),
        ("community_membership", "UPDATE"),
        ("patients_searchentry", "SELECT"),
        ("practice_accessgrant", "SELECT"),
        ("practice_grantedarea", "SELECT"),
        ("practice_invitation", "SELECT"),
        ("practice_member", "SELECT"),
        ("practice_partner", "SELECT"),
        ("practice_partnerkey", "SELECT"),
        ("practice_practice", "SELECT"),
        ("practice_room", "SELECT"),
        ("practice_videotoken", "SELECT"),
        ("scheduling_appointmentlink", "SELECT"),
        ("scheduling_occupancy", "SELECT"),
        ("scheduling_occupancy", "UPDATE"),
        ("scheduling_videoappointment", "SELECT"),
    ]
    assert others == []


@pytest.mark.req("AUD-1")
def test_the_log_trigger_stands_on_every_table_of_a_practice(
    catalogue: psycopg.Connection, practice_tables: set[str]
) -> None:
    found = rows(
        catalogue,
        "SELECT c.relname, t.tgtype, t.tgenabled, t.tgqual IS NULL, cardinality(t.tgattr::int2[]) "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE p.proname = 'log_change' AND NOT t.tgisinternal",
    )
    row_level, insert, delete, update = 1, 4, 8, 16
    assert {row[0] for row in found} == practice_tables - LOG_TABLES - DERIVED_TABLES | {"practice_practice"}
    assert {row[1:] for row in found} == {(row_level | insert | delete | update, "O", True, 0)}
    assert len(found) == len({row[0] for row in found})


@pytest.mark.req("AUD-1", "PRI-1")
def test_the_log_keeps_a_digest_only_of_every_binary_column(
    catalogue: psycopg.Connection, practice_tables: set[str]
) -> None:
    binary = rows(
        catalogue,
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE a.atttypid = 'bytea'::regtype AND c.relname = ANY (%s) AND a.attnum > 0",
        list(practice_tables - LOG_TABLES - DERIVED_TABLES),
    )
    definitions = {
        row[0]: str(row[1])
        for row in rows(
            catalogue,
            "SELECT c.relname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname = 'log_change'",
        )
    }
    assert ("messages_message", "text") in binary
    assert [one for one in binary if f"'{one[1]}'" not in definitions[one[0]]] == []


def test_every_row_is_named_with_its_practice(catalogue: psycopg.Connection, practice_tables: set[str]) -> None:
    """UNIQUE (practice_id, id): what a composite foreign key refers to."""
    found = rows(
        catalogue,
        "SELECT conrelid::regclass::text FROM pg_constraint c WHERE contype = 'u' AND "
        "(SELECT array_agg(attname::text ORDER BY k) FROM unnest(conkey) WITH ORDINALITY AS u(n, k) "
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.n) = ARRAY['practice_id', 'id']",
    )
    assert {str(name) for (name,) in found} >= practice_tables - LOG_TABLES


def foreign_keys(catalogue: psycopg.Connection) -> Rows:
    """(table, its columns, other table, its columns) of every foreign key."""
    return rows(
        catalogue,
        "SELECT conrelid::regclass::text, "
        "(SELECT array_agg(attname::text ORDER BY k) FROM unnest(conkey) WITH ORDINALITY AS u(n, k) "
        " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = u.n), confrelid::regclass::text, "
        "(SELECT array_agg(attname::text ORDER BY k) FROM unnest(confkey) WITH ORDINALITY AS u(n, k) "
        " JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = u.n), convalidated "
        "FROM pg_constraint c WHERE contype = 'f'",
    )


@pytest.mark.req("ACC-10")
def test_no_foreign_key_can_leave_the_practice(catalogue: psycopg.Connection, practice_tables: set[str]) -> None:
    """Foreign keys ignore row security, so each to a practice's row carries the practice."""
    within = [key for key in foreign_keys(catalogue) if key[2] in practice_tables and key[0] not in LOG_TABLES]
    plain = [key for key in within if key[3] != ["practice_id", "id"] or key[1][0] != "practice_id"]
    assert plain == []
    assert len(within) >= 25
    assert all(key[4] for key in within)


@pytest.mark.req("ACC-10")
def test_every_field_that_refers_within_the_practice_has_its_key(
    catalogue: psycopg.Connection, practice_tables: set[str]
) -> None:
    """`db_constraint=False` takes Django's key away; none may be left without ours."""
    from django.apps import apps

    have = {(key[0], key[1][-1]) for key in foreign_keys(catalogue)}
    wanted = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        if model._meta.db_table in practice_tables
        for field in model._meta.local_fields
        if field.remote_field
    }
    assert wanted <= have


def test_the_application_role_has_no_way_around(catalogue: psycopg.Connection) -> None:
    role = rows(
        catalogue,
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = %s",
        rowsecurity.APP,
    )
    member_of = rows(catalogue, "SELECT 1 FROM pg_auth_members WHERE member = %s::regrole", rowsecurity.APP)
    owned = rows(
        catalogue, "SELECT objid FROM pg_shdepend WHERE refobjid = %s::regrole AND deptype = 'o'", rowsecurity.APP
    )
    rights = rows(
        catalogue,
        "SELECT has_schema_privilege(%s, 'public', 'CREATE'), "
        "has_database_privilege(%s, current_database(), 'TEMP'), "
        "has_database_privilege(%s, current_database(), 'CREATE')",
        *[rowsecurity.APP] * 3,
    )
    assert role == [(False,) * 5]
    assert member_of == owned == []
    assert rights == [(False, False, False)]


def test_the_application_role_may_truncate_and_refer_to_nothing(catalogue: psycopg.Connection) -> None:
    found = rows(
        catalogue,
        "SELECT c.relname, p FROM pg_class c, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p "
        "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace "
        "AND has_table_privilege(%s, c.oid, p)",
        rowsecurity.APP,
    )
    assert found == []


@pytest.mark.req("AUD-3")
def test_the_application_role_can_only_read_the_log(catalogue: psycopg.Connection) -> None:
    for table in sorted(LOG_TABLES):
        (allowed,) = rows(
            catalogue,
            "SELECT array_agg(p ORDER BY p) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', "
            "'REFERENCES', 'TRIGGER']) AS p WHERE has_table_privilege(%s, %s, p) "
            "OR p IN ('INSERT', 'UPDATE') AND has_any_column_privilege(%s, %s, p)",
            *(rowsecurity.APP, table) * 2,
        )
        assert allowed == (["SELECT"],)


def declared_functions() -> dict[str, str]:
    """Name and arguments of each function that the files of `core` create."""
    text = "".join(file.read_text() for file in rowsecurity.CROSSING_FILES)
    return dict(re.findall(r"CREATE OR REPLACE FUNCTION (\w+)\(([^)]*)\)", text))


def test_crossings_functions_are_those_of_the_one_file(catalogue: psycopg.Connection) -> None:
    found = rows(
        catalogue,
        "SELECT proname, pg_get_function_arguments(oid), prosecdef, proconfig, "
        "has_function_privilege(%s, oid, 'EXECUTE'), "
        "EXISTS (SELECT 1 FROM aclexplode(proacl) AS a WHERE a.grantee = 0) OR proacl IS NULL "
        "FROM pg_proc WHERE proowner = %s::regrole",
        rowsecurity.APP,
        rowsecurity.CROSSING,
    )
    real = {str(row[0]): str(row[1]).partition(", OUT ")[0] for row in found}
    text = {
        name: arguments.replace("timestamptz", "timestamp with time zone")
        for name, arguments in declared_functions().items()
    }
    assert real == text
    for name, _, is_definer, settings, app_may_call, everybody_may_call in found:
        assert is_definer, name
        assert settings == ["search_path=pg_catalog, public, pg_temp"], name
        assert app_may_call, name
        assert not everybody_may_call, name


def test_each_function_says_where_its_names_are_looked_up(catalogue: psycopg.Connection) -> None:
    """Else who may make a temporary table could put it in the way of one that a function reads."""
    without = rows(
        catalogue,
        "SELECT proname FROM pg_proc JOIN pg_language AS l ON l.oid = prolang "
        "WHERE pronamespace = 'public'::regnamespace AND l.lanname = 'plpgsql' AND proname NOT LIKE 'procrastinate%' "
        "AND NOT EXISTS (SELECT FROM unnest(proconfig) AS one WHERE one = 'search_path=pg_catalog, public, pg_temp')",
    )
    assert without == []


def test_nothing_else_in_the_database_runs_as_its_owner(catalogue: psycopg.Connection) -> None:
    others = rows(
        catalogue,
        "SELECT proname FROM pg_proc WHERE prosecdef AND proowner <> %s::regrole "
        "AND pronamespace = 'public'::regnamespace",
        rowsecurity.CROSSING,
    )
    owned = rows(
        catalogue,
        "SELECT relname FROM pg_class WHERE relowner = %s::regrole",
        rowsecurity.CROSSING,
    )
    can_sign_in = rows(catalogue, "SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = %s", rowsecurity.CROSSING)
    assert others == owned == []
    assert can_sign_in == [(False, False)]
