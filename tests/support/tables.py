"""What stands in a database's tables, seen from outside: to prove that something changed nothing."""

from collections.abc import Collection

import psycopg
from psycopg import sql

from sprechzeit.access.table import Data

# What each table holds, by the data of the one table of who may do what.
TABLES_OF: dict[Data, set[str]] = {
    Data.PRACTICE: {
        "practice_practice", "practice_logo", "practice_member", "practice_room", "practice_space",
        "practice_invitation", "practice_accessgrant", "practice_grantedarea",
    },
    Data.CALENDARS: {
        "scheduling_calendar", "scheduling_appointmenttype", "scheduling_offering", "scheduling_offeringroom",
        "scheduling_workinghours", "scheduling_shift", "scheduling_bookingwindow", "scheduling_bookingwindowtype",
        "scheduling_nextfree", "scheduling_openholiday",
    },
    Data.ABSENCES: {"scheduling_absence"},
    Data.APPOINTMENTS: {
        "scheduling_appointment", "scheduling_appointmentlink", "scheduling_cancellation", "scheduling_attendance",
        "scheduling_booker", "scheduling_hold", "scheduling_bookingcode", "scheduling_block",
        "scheduling_calendarimport", "scheduling_bookchange", "scheduling_occupancy", "scheduling_monthnotice",
    },
    Data.MASTER_DATA: {"patients_patient", "patients_contactpoint", "patients_contactproposal", "patients_share"},
    Data.MESSAGES: {"messages_message"},
    Data.LOG: {"audit_entry", "audit_value", "audit_seal", "audit_head"},
}  # fmt: skip
# Of a user, or of the program itself.
OF_NO_DATA = {
    "accounts_user", "accounts_accountmail", "accounts_session", "core_attempts", "core_version", "practice_datakey",
    "practice_idempotencykey",
}  # fmt: skip

# Counted and kept on purpose, whatever becomes of the request.
ALWAYS_KEPT = frozenset({"core_attempts", "core_cache", "accounts_session"})


def fingerprints(superuser_url: str, *, without: Collection[str] = ALWAYS_KEPT) -> dict[str, str]:
    """For each table, the versions of all its rows. Equal before and after: no row was written, changed or deleted."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return {name: _fingerprint(connection, name) for (name,) in tables if name not in without}


def _fingerprint(connection: psycopg.Connection[tuple[str, ...]], table: str) -> str:
    query = sql.SQL(
        "SELECT count(*) || ' ' || coalesce(md5(string_agg(xmin::text || ctid::text, ',' ORDER BY ctid)), '') FROM {}"
    )
    (value,) = connection.execute(query.format(sql.Identifier(table))).fetchone() or ("",)
    return value


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables that differ."""
    return [name for name in after if before.get(name) != after[name]]
