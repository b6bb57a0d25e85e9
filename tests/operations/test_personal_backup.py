"""A member's own backup: what they see and nothing else, for a day, and an administrator's back again (OPS-20)."""

import contextlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from psycopg import sql

from sprechzeit.core.acting import acting, run_as
from sprechzeit.messages.actions import message_due
from sprechzeit.messages.models import Message
from sprechzeit.operations import jobs, personal_views
from sprechzeit.operations.actions import ask_for_backup
from sprechzeit.operations.models import BackupPiece, PersonalBackup
from sprechzeit.operations.personal import archive, kinds, rows
from sprechzeit.operations.personal.dump import LEFT_OUT, OTHERS, in_order, tables_with_columns
from sprechzeit.operations.personal.making import make_personal_backup
from sprechzeit.practice.models import Member
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from tests.operations.conftest import installation
from tests.operations.program import command
from tests.support.cast import Cast, book, hold
from tests.support.databases import Databases
from tests.support.documents import filed
from tests.support.partners import booked_by, registered, reported_to
from tests.support.routes import ROLES, client_of, signed_in
from tests.support.treated import MARKER, treated, written

pytestmark = pytest.mark.req("OPS-20")
PAGE = "personal_backup:backups"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def made(cast: Cast, person: str) -> PersonalBackup:
    """Asked for at the page, made by the job."""
    answer = signed_in(cast, person).post(reverse(PAGE), headers={"Accept-Language": "en"})
    assert answer.status_code == 303, answer.content
    house, name = ROLES[person]
    actor = getattr(cast, house).actor(name)
    with acting(actor):
        backup = PersonalBackup.objects.get(made_at=None, failed_at=None)
    make_personal_backup(actor.practice_id, backup.pk)
    with acting(actor):
        backup.refresh_from_db()
    assert backup.made_at, "it failed"
    return backup


def content(cast: Cast, person: str, backup: PersonalBackup) -> bytes:
    answer: Any = signed_in(cast, person).get(reverse("personal_backup:file", args=[backup.pk]))
    assert (answer.status_code, answer["Content-Length"]) == (200, str(backup.size))
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(answer.streaming_content)  # type: ignore[arg-type]


def texts(zipped: bytes) -> dict[str, str]:
    """Each file of an archive but the sealed one and the documents."""
    with zipfile.ZipFile(io.BytesIO(zipped)) as opened:
        assert opened.testzip() is None
        names = [name for name in opened.namelist() if not name.startswith(("restore/", "files/"))]
        return {name: opened.read(name).decode() for name in names}


def documents(zipped: bytes) -> list[bytes]:
    """The first bytes of each document in an archive."""
    with zipfile.ZipFile(io.BytesIO(zipped)) as opened:
        return [opened.read(name)[:4] for name in opened.namelist() if name.startswith("files/")]


def scene(cast: Cast) -> None:
    """Jonas has Yıldız, with a note; Carla has Zander, in whose record stands a formula."""
    session = treated(cast.albers, last_name="Yıldız")
    written(cast.albers, session)
    filed(cast.albers, session.patient_id)
    book(cast.albers, "09:00", who="jonas", last_name="Çelik-Großmann", first_name="=cmd()")
    book(cast.albers, "09:00", who="miriam", kind="call", last_name="Zander")
    book(cast.brandt, "09:00", last_name="Fremd")


def test_it_holds_what_its_maker_sees_and_says_that_it_is_partial(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every file of it, and however few rows are read at once."""
    scene(cast)
    monkeypatch.setattr(rows, "AT_ONCE", 1)
    monkeypatch.setattr(archive, "AT_ONCE", 1)
    monkeypatch.setattr(archive, "ON_A_LIST", 1)
    found = {}
    for person in ("practitioner", "secretary", "administrator"):
        backup = made(cast, person)
        with acting(cast.albers.system):
            kept = b"".join(
                BackupPiece.objects.filter(backup=backup).order_by("number").values_list("content", flat=True)
            )
        assert "Yıldız".encode() not in kept
        assert b"PK\x03\x04" not in kept, "sealed while it waits"
        zipped = content(cast, person, backup)
        found[person] = texts(zipped)
        assert documents(zipped) == ([] if person == "secretary" else [b"\x89PNG"])
        assert backup.is_whole is any(
            name.startswith("restore/") for name in zipfile.ZipFile(io.BytesIO(zipped)).namelist()
        )
    for person, files in found.items():
        everything = "".join(files.values())
        assert "Fremd" not in everything, person
        assert ("Zander" in everything) is (person != "practitioner"), person
        assert (MARKER in everything) is (person != "secretary"), person
        assert ("Partial backup" in files["index.html"]) is (person != "administrator")
        page = next(text for name, text in files.items() if name.startswith("patients/") and "Yıldız" in text)
        assert "<h2>Session</h2>" in page
        assert (MARKER in page) is (person != "secretary")
        assert "Einzeltherapie" not in page or person != "secretary", "of a session they see when, how long, what price"
        assert "'=cmd()" in files["tables/patients_patient.csv"]
        assert {row["last_name"] for row in json.loads(files["json/patients_patient.json"])} >= {"Yıldız"}
        assert not re.search(r'"(secret|sending|token_hash|wrapped)"', everything)
        assert "://" not in files["index.html"] + page, "nothing from outside"


def test_one_at_a_time_for_its_maker_for_a_day_and_not_with_other_rights(cast: Cast) -> None:
    book(cast.albers, "09:00", who="jonas")
    client, jonas = signed_in(cast, "practitioner"), cast.albers.actor("jonas")
    assert client_of(cast, "practitioner").post(reverse(PAGE)).status_code == 302, "confirmed first"
    assert client.post(reverse(PAGE)).status_code == 303
    again = client.post(reverse(PAGE), headers={"Accept-Language": "en"})
    assert (again.status_code, b"being made already" in again.content) == (409, True)
    with acting(jonas):
        backup = PersonalBackup.objects.get()
    address = reverse("personal_backup:file", args=[backup.pk])
    assert client.get(address).status_code == 404, "not made yet"
    make_personal_backup(jonas.practice_id, backup.pk)
    for person in ("administrator", "secretary", "stranger"):
        assert signed_in(cast, person).get(address).status_code == 404, person
    assert client_of(cast, "practitioner").get(address).status_code == 302, "confirmed first"
    assert client.get(address).status_code == 200
    log = signed_in(cast, "administrator").get(
        reverse("privacy:log") + "?done=exported", headers={"Accept-Language": "en"}
    )
    assert "Personal backup" in log.content.decode()

    with acting(cast.albers.system):
        Member.objects.filter(pk=jonas.identity).update(role="secretary")
    assert client.get(address).status_code == 404, "who sees other things now"
    with acting(cast.albers.system):
        Member.objects.filter(pk=jonas.identity).update(role="practitioner")
    assert client.get(address).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert signed_in(cast, "practitioner").get(address).status_code == 404
        jobs.forget_personal_backups(0)
    with acting(jonas):
        assert (BackupPiece.objects.count(), PersonalBackup.objects.get().removed_at is not None) == (0, True)

    with acting(jonas):
        gone = ask_for_backup(jonas)
    with acting(cast.albers.system):
        Member.objects.filter(pk=jonas.identity).update(suspended_at=timezone.now())
    make_personal_backup(jonas.practice_id, gone.pk)
    with acting(cast.albers.system):
        gone.refresh_from_db()
        assert gone.failed_at, "who was suspended meanwhile gets none"


def test_no_table_of_a_practice_is_forgotten(cast: Cast) -> None:
    """A new model says what a backup shows of it, or why nothing; and every one of them can be restored."""
    every = kinds.practice_tables()
    shown = {kind.table for kind in kinds.KINDS}
    assert shown | set(kinds.WITHOUT) == set(every)
    assert not shown & set(kinds.WITHOUT)
    restored = set(tables_with_columns())
    assert restored == (restored | set(every)) - set(LEFT_OUT)
    assert len(in_order(tables_with_columns())) == len(restored)


@contextlib.contextmanager
def asked(url: str) -> Iterator[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def everything(url: str, practice: str) -> dict[str, list[str]]:
    """All rows of a practice, of every table, as text."""
    found = {}
    with asked(url) as connection:
        for table in tables_with_columns():
            condition = sql.SQL(OTHERS.get(table, "practice_id = {practice}")).format(practice=sql.Literal(practice))
            query = sql.SQL("SELECT t::text FROM {} t WHERE {}").format(sql.Identifier(table), condition)
            found[table] = sorted(str(row[0]) for row in connection.execute(query))
    return found


@pytest.mark.own_database
def test_an_administrators_backup_brings_the_practice_back(
    cast: Cast, own_database: Databases, databases: Databases, place: Path, empty: str, settings: Any
) -> None:
    """Into an installation that has another practice already, with every row and a whole log; and only once."""
    settings.DATA_DIR = place / "data"
    settings.DATA_DIR.mkdir()
    scene(cast)
    waiting = book(cast.albers, "10:00", who="jonas")
    hold(cast.albers, "11:00", who="jonas")
    with acting(cast.albers.system):
        message_due(cast.albers.system, waiting, Message.Kind.BOOKED)
    portal = registered(cast.albers)
    reported_to(portal, cast.albers, "https://portal.example.org/hook")
    cancelled = booked_by(portal, cast.albers, "14:00", who="jonas")
    run_as(cast.albers.system, lambda: cancel_appointment(cast.albers.system, cancelled.pk))
    miriam = cast.albers.actor("miriam")
    backup = run_as(miriam, lambda: ask_for_backup(miriam))
    practice = str(miriam.practice_id)
    before = everything(own_database.url("superuser"), practice)
    make_personal_backup(miriam.practice_id, backup.pk)
    zipped = place / "Sicherung ä.zip"
    run_as(miriam, backup.refresh_from_db)
    opened = personal_views._opened(miriam, backup)
    zipped.write_bytes(b"".join(opened))

    databases.drop(empty)
    databases.clone(empty)
    there = installation(databases, empty, place / "new")
    done = command("restore-practice", str(zipped), **there)
    assert done.returncode == 0, done.stdout + done.stderr
    after = everything(databases.url("superuser", empty), practice)
    # What must not go on, and what the log tells of that.
    ended = {
        "scheduling_occupancy", "messages_message", "video_visitmessage", "operations_personalbackup", "audit_head",
        "partners_delivery", "partners_feed",
    }  # fmt: skip
    log = {"audit_entry", "audit_value", "audit_seal"}
    for table, rows_before in before.items():
        if table == "privacy_deletionreport":
            assert (rows_before, len(after[table])) == ([], 1), "what is over goes before anybody uses it"
        elif table in log:
            assert set(rows_before) <= set(after[table]), table
        elif table in ended:
            assert len(after[table]) == len(rows_before) or table == "audit_head", table
        else:
            assert after[table] == rows_before, table
    assert len(before["audit_entry"]) > 20
    with asked(databases.url("superuser", empty)) as new:
        counts = [
            new.execute(query).fetchone()[0]
            for query in (
                "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'",
                "SELECT count(*) FROM messages_message WHERE sent_at IS NULL AND failed_at IS NULL",
                "SELECT count(*) FROM partners_delivery WHERE state <> 'failed'",
                "SELECT count(*) FROM partners_feed WHERE number <> 1000002",
                "SELECT count(*) FROM scheduling_occupancy WHERE active AND kind = 'hold'",
                "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'",
            )
        ]
    assert counts == [0, 0, 0, 0, 0, 0]
    assert [len(after[one]) for one in ("partners_delivery", "partners_feed")] == [1, 1]
    whole = command("audit", "verify", **there)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    for file, words in ((zipped, "is in this installation already"), (place / "none.zip", "cannot be read")):
        refused = command("restore-practice", str(file), **there)
        assert (refused.returncode, words in refused.stderr) == (1, True), refused.stderr
    refused = command("restore", str(zipped), **there)
    assert refused.returncode == 1
