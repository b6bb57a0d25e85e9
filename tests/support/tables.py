"""What stands in a database's tables, seen from outside: to prove that something changed nothing."""

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from psycopg import sql

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Role
from sprechzeit.core.acting import acting
from tests.support.cast import Cast, House

# What each table holds, by the data of the one table of who may do what.
TABLES_OF: dict[Data, set[str]] = {
    Data.PRACTICE: {
        "practice_practice", "practice_logo", "practice_member", "practice_room", "practice_space",
        "practice_invitation", "practice_accessgrant", "practice_grantedarea", "practice_partner",
        "practice_partnerkey", "practice_videoservice", "practice_videotoken", "practice_smsgateway",
        "partners_delivery", "integrations_push", "integrations_formerservice", "privacy_retentionperiod",
        "privacy_deletionreport", "partners_webhookoff", "messages_messagetemplate", "messages_reminder",
        "community_community", "community_membership", "community_communitycode", "community_communityspace",
        "community_communityevent",
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
        "partners_event", "partners_feed", "scheduling_videoappointment", "video_visit", "video_consultation",
        "video_seat", "video_signal",
    },
    Data.MASTER_DATA: {
        "patients_patient", "patients_contactpoint", "patients_contactproposal", "patients_searchentry",
        "patients_share", "patients_relatedperson", "patients_tag", "patients_patienttag", "patients_merge",
        "patients_possibleduplicate", "patients_tocompare",
        "patients_patientimport", "patients_importpart",
        "patients_consent", "patients_handedchange",
    },
    Data.MESSAGES: {"messages_message", "video_visitmessage"},
    Data.SESSIONS: {"records_session", "records_sessionwithdrawal"},
    Data.NOTES: {
        "records_note", "records_noteversion", "records_notedraft", "records_signature", "records_amendment",
    },
    Data.DOCUMENTS: {"records_document", "records_documentremoval"},
    Data.REPORTS: {"records_report", "records_filedreport"},
    Data.TEMPLATES: {"records_notetemplate", "records_reporttemplate"},
    Data.LOG: {"audit_entry", "audit_value", "audit_seal", "audit_head"},
}  # fmt: skip
# Of a user, or of the program itself.
OF_NO_DATA = {
    "accounts_user", "accounts_accountmail", "accounts_session", "core_attempts", "core_version", "practice_datakey",
    "practice_idempotencykey", "partners_signingkey", "partners_nonce", "partners_answer", "video_answer",
    "operations_personalbackup", "operations_backuppiece",
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


# Drawn anew each time, or counted on: the same twice is never the same.
DRAWN = {"reference", "number", "sending", "account_number"}


def contents(cast: Cast, house: str = "") -> dict[str, list[str]]:
    """What stands in the tables of both practices, or of one: seen from within a transaction, as it is now.

    What is new in each run of the same is made alike: ids that were not there, moments, secrets.
    """
    houses = [getattr(cast, house)] if house else [cast.albers, cast.brandt]
    practices = tuple(one.practice.pk for one in houses)
    tables = sorted(table for data, of in TABLES_OF.items() if data is not Data.LOG for table in of)
    found = {}
    with acting(Actor(ActorKind.SYSTEM, practices, Role.SYSTEM)), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(t) FROM "{table}" t')  # noqa: S608 - names of our own tables
            found[table] = [json.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()]
    found["practice_practice"] = [row for row in found["practice_practice"] if UUID(row["id"]) in practices]
    known = {value for one in houses for value in _ids(one)}
    return {
        table: sorted(json.dumps(_alike(row, known), sort_keys=True) for row in rows) for table, rows in found.items()
    }


def _ids(house: House) -> set[str]:
    things = (*house.members.values(), *house.rooms.values(), *house.calendars.values(), *house.types.values())
    return {str(house.practice.pk), *(str(one.pk) for one in things)}


def _alike(row: dict[str, Any], known: set[str]) -> dict[str, Any]:
    return {name: _plain(name, value, known) for name, value in row.items() if name not in DRAWN}


def _plain(name: str, value: Any, known: set[str]) -> Any:
    if isinstance(value, dict):
        return _alike(value, known)
    if not isinstance(value, str):
        return value
    if name.endswith("_at") and name not in ("starts_at", "ends_at", "told_starts_at"):
        return "a moment"
    if value.startswith("\\x"):
        return "a secret"
    is_id = len(value) == 36 and value.count("-") == 4
    return "another id" if is_id and value not in known else value
