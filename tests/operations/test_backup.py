"""Backup, its proof and restore, with a real database in which people work (OPS-21)."""

import contextlib
import fcntl
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.messages.actions import message_due
from sprechzeit.messages.models import Message
from sprechzeit.operations import jobs
from sprechzeit.operations.backup import DATABASE, late, make, restore, verify
from sprechzeit.operations.backup.archive import Backup
from sprechzeit.operations.backup.folder import Folder
from sprechzeit.operations.backup.load import load
from sprechzeit.operations.backup.make import Made, make_backup
from sprechzeit.operations.checks import check_application_role
from sprechzeit.operations.errors import BackupFailed, CannotRun, Differs, NotRestored
from sprechzeit.scheduling.models import Block
from tests.operations.conftest import installation
from tests.operations.program import command, until
from tests.support.cast import Cast, at, book, hold, monday
from tests.support.databases import Databases, stand_on
from tests.support.mailbox import Mailbox
from tests.support.pushed import pushed
from tests.support.together import together

pytestmark = [pytest.mark.own_database, pytest.mark.req("OPS-21")]

# Everything that says who may do what, and what the database refuses; in an order of its own.
SCHEMA = """
SELECT 'table', relname::text, relkind::text, relowner::regrole::text, relrowsecurity::text || relforcerowsecurity,
       ARRAY(SELECT x::text FROM unnest(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char",
             relowner))) x ORDER BY 1)::text
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v')
UNION ALL
SELECT 'column', attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod), attnotnull::text,
       coalesce(attacl::text, '') FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'function', p.oid::regprocedure::text, proowner::regrole::text, prosecdef::text, md5(prosrc),
       ARRAY(SELECT x::text FROM unnest(coalesce(proacl, acldefault('f', proowner))) x ORDER BY 1)::text
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'policy', tablename::text, policyname::text, cmd, roles::text, coalesce(qual, '') || coalesce(with_check, '')
  FROM pg_policies
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname::text, tgenabled::text, pg_get_triggerdef(oid), '' FROM pg_trigger
 WHERE NOT tgisinternal
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname::text, contype::text, pg_get_constraintdef(oid),
       convalidated::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT 'index', tablename::text, indexname::text, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'default', defaclrole::regrole::text, defaclobjtype::text, defaclacl::text, '', '' FROM pg_default_acl
ORDER BY 1, 2, 3, 4, 5, 6
"""


Opened = Callable[[Made], Backup]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens backups, and closes their files in the end."""
    with contextlib.ExitStack() as files:
        yield lambda made: Backup(files.enter_context(Path(made.where).open("rb")), django_settings.MASTER_KEY)


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as asked:
        return asked.execute(query.encode()).fetchall()


def schema(url: str) -> list[tuple[str, ...]]:
    """The facts above; a condition that was dumped and loaded has casts and brackets elsewhere and means the same."""
    return sorted(tuple(re.sub(r"::[a-z ]+(\[\])?|[()]", "", str(one)) for one in row) for row in ask(url, SCHEMA))


def folder_of_backups() -> Path:
    return Path(django_settings.BACKUP_FOLDER)


def test_a_backup_made_while_people_book_is_of_one_moment_and_is_proved(
    cast: Cast, own_database: Databases, databases: Databases, place: Path, empty: str, opened: Opened
) -> None:
    """Each appointment has the time it takes, each entry of the log its values; whoever committed in between."""
    made: list[Made] = []

    def work(house: str, who: str, kind: str) -> None:
        for week in range(2, 9):
            for clock in ("09:00", "10:00", "11:00", "14:00"):
                with contextlib.suppress(Exception):
                    book(getattr(cast, house), clock, who=who, kind=kind, day=monday(week), last_name=f"Ünal-{week}")
                if week == 8 and made:
                    return

    together(
        partial(work, "albers", "jonas", "talk"),
        partial(work, "albers", "miriam", "call"),
        partial(work, "brandt", "berta", "talk"),
        lambda: made.append(make_backup(Folder(folder_of_backups()))),
        seconds=90,
    )
    (backup,) = made
    assert Path(backup.where).parent == folder_of_backups()
    assert oct(Path(backup.where).stat().st_mode)[-3:] == "600"
    assert b"nal-2" not in Path(backup.where).read_bytes()
    load(databases.url("owner", empty), dict(parts(opened(backup)))[DATABASE])
    superuser = databases.url("superuser", empty)
    agree = ask(
        superuser,
        "SELECT (SELECT count(*) FROM scheduling_appointment), (SELECT count(*) FROM scheduling_occupancy o "
        "WHERE kind = 'appointment'), (SELECT count(*) FROM audit_entry WHERE digest <> ''), "
        "(SELECT count(*) FROM audit_value)",
    )[0]
    later = ask(own_database.url("superuser"), "SELECT count(*) FROM scheduling_appointment")[0][0]
    assert agree[0] == agree[1] == backup.manifest.rows["scheduling_appointment"]
    assert agree[2] == agree[3]
    assert agree[0] < later, "they went on booking"
    proved = command("backup", "verify", backup.where, **installation(databases, empty, place / "elsewhere"))
    assert proved.returncode == 0, proved.stdout + proved.stderr
    for words in ("All rows are there", "albers: whole", "brandt: whole", "is good"):
        assert words in proved.stdout
    assert not (place / "elsewhere/verify").exists(), "nothing of it stays"


def parts(backup: Backup) -> Iterator[tuple[str, Iterator[bytes]]]:
    for name, frames in backup.parts():
        yield name, iter(list(frames))


@pytest.mark.req("PRI-20", "OPS-21")
def test_an_interrupted_restore_goes_on_and_what_is_restored_works_and_sends_nothing(
    cast: Cast,
    own_database: Databases,
    databases: Databases,
    place: Path,
    empty: str,
    opened: Opened,
    settings: Any,
) -> None:
    waiting = book(cast.albers, "09:00", who="jonas", last_name="Çelik-Großmann")
    untold = book(cast.albers, "10:00", who="jonas", email="fritz@example.org", first_name="Fritz")
    hold(cast.albers, "11:00", who="jonas")
    pushed(cast.albers, at("15:00"), mark="Stays")
    over = pushed(cast.albers, at("15:00"), mark="Over")
    with acting(cast.albers.system):
        # Over since yesterday's night, by its 90 days, and in the backup all the same.
        past = timezone.now() - timedelta(days=90, hours=1)
        Block.objects.filter(pk=over.block_id).update(starts_at=past - timedelta(hours=1), ends_at=past)
        message_due(cast.albers.system, waiting, Message.Kind.BOOKED)
    client = Client()
    client.force_login(cast.albers.user("jonas"))
    backup = opened(make_backup(Folder(folder_of_backups())))
    there, new = installation(databases, empty, place / "new"), place / "new"
    owner, superuser = databases.url("owner", empty), databases.url("superuser", empty)

    assert restore.begin(owner, backup) is False
    half = iter([next(dict(parts(backup))[DATABASE])[:100_000]])
    with pytest.raises(NotRestored):
        load(owner, half)
    assert ask(superuser, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == [], "all of it or nothing"

    restore.restore_files(new, backup, owner, is_loaded=False)
    assert ask(superuser, "SELECT DISTINCT status::text FROM procrastinate_jobs") == [("cancelled",)]
    with pytest.raises(CannotRun, match="interrupted"):
        check_application_role(there["SPRECHZEIT_DATABASE_URL"])
    with pytest.raises(NotRestored, match="another backup"):
        restore.begin(owner, opened(make_backup(Folder(folder_of_backups()))))

    done = command("restore", str(backup_file(backup)), **there)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Going on with the restore" in done.stdout
    assert "messages.send_booked: 2" in done.stdout
    check_application_role(there["SPRECHZEIT_DATABASE_URL"])
    assert schema(superuser) == schema(own_database.url("superuser"))
    assert ask(superuser, "SELECT reference FROM video_visit") == [("Stays-ref",)], "deleted before anybody uses it"
    assert ask(superuser, "SELECT count(*) FROM audit_value WHERE new::text LIKE '%Over-nach%'") == [(0,)]
    assert ask(superuser, "SELECT counts FROM privacy_deletionreport ORDER BY 1") == [({},), ({"visits": 1},)]
    assert ask(superuser, "SELECT count(*) FROM accounts_session") == [(0,)]
    assert ask(superuser, "SELECT active FROM scheduling_occupancy WHERE kind = 'hold'") == [(False,)]

    again = command("restore", str(backup_file(backup)), **there)
    assert (again.returncode, "not empty" in again.stderr) == (1, True)
    assert ask(superuser, "SELECT count(*) FROM scheduling_appointment") == [(2,)]

    stand_on(databases.url("listen", empty))
    settings.DATA_DIR = new
    with acting(cast.albers.system):
        put_away = {one.appointment_id: (one.failed_at is not None, one.error) for one in Message.objects.all()}
    assert put_away == dict.fromkeys((waiting.pk, untold.pk), (True, Message.RESTORED))
    assert client.get(reverse("scheduling:book")).status_code == 302, "signed out"
    client.force_login(cast.albers.user("miriam"))
    deliveries = client.get(reverse("messages:deliveries"), headers={"Accept-Language": "en"})
    assert deliveries.content.count(b"restored from a backup") == 2
    book(cast.albers, "11:00", who="jonas")
    call_command("seal_log")
    whole = command("audit", "verify", **there)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    dry = command("retention", "--dry-run", **there)
    assert "albers: 0 would be deleted" in dry.stdout, dry.stdout + dry.stderr


def backup_file(backup: Backup) -> str:
    return str(backup._file.name)


def test_what_stands_in_the_way_is_said_and_no_half_backup_stays(
    cast: Cast, own_database: Databases, place: Path, settings: Any
) -> None:
    folder = folder_of_backups()
    folder.mkdir()
    (folder / "sprechzeit-20260101-000000-1.part").write_text("left by a killed process")
    locked = (folder / "sprechzeit-20260101-000000-2.part").open("w")
    fcntl.flock(locked, fcntl.LOCK_EX)
    with psycopg.connect(own_database.url("backup"), autocommit=True) as other:
        other.execute(make.LOCK.encode())
        with pytest.raises(BackupFailed, match="Another backup"):
            make_backup(Folder(folder))
    (place / "file").touch()
    with pytest.raises(BackupFailed, match="cannot be written"):
        make_backup(Folder(place / "file"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(BackupFailed, match="no room"):
            make_backup(Folder(folder))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    settings.DATABASE_BACKUP_URL = own_database.url("backup", "not_there")
    with pytest.raises(BackupFailed, match="does not answer"):
        make_backup(Folder(folder))
    settings.DATABASE_BACKUP_URL = own_database.url("app")
    with pytest.raises(BackupFailed, match="could not be read to its end"):
        make_backup(Folder(folder))
    assert os.listdir(folder) == ["sprechzeit-20260101-000000-2.part"], "what somebody writes is left alone"
    locked.close()


def test_by_the_clock_one_is_made_a_day_and_the_operator_hears_when_there_is_none(
    cast: Cast, own_database: Databases, place: Path, settings: Any, mailbox: Mailbox
) -> None:
    settings.OPERATOR_MAIL, settings.EMAIL_PORT = "betrieb@example.org", mailbox.port
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_HOST, settings.EMAIL_BACKEND = "127.0.0.1", "django.core.mail.backends.smtp.EmailBackend"
    assert late.warn_if_late(timezone.now())
    assert [one["To"] for one in mailbox.wait(1)] == ["betrieb@example.org"]
    assert Client().get("/health").json()["backup"] == "late"
    for _time in range(2):
        jobs.back_up(0)
    assert len(list(folder_of_backups().glob("*.szbackup"))) == len(list(folder_of_backups().glob("*.heads"))) == 1
    assert Client().get("/health").json()["backup"] == "good"
    assert not late.warn_if_late(timezone.now())
    settings.BACKUP_FOLDER = ""
    jobs.back_up(0)
    assert Client().get("/health").json()["backup"] == "off"


def test_the_proof_names_the_first_difference(
    cast: Cast, own_database: Databases, place: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as changed:
        honest = make.counts
        changed.setattr(make, "counts", lambda asked: {**honest(asked), "practice_member": 5, "practice_room": 9})
        backup = opened(make_backup(Folder(folder_of_backups())))
    with pytest.raises(Differs, match="practice_member: 4; the backup says: 5"):
        verify.prove(backup, django_settings.MASTER_KEY)


def test_a_backup_of_an_earlier_version_is_brought_forward(
    cast: Cast, own_database: Databases, databases: Databases, place: Path, empty: str, opened: Opened
) -> None:
    """Into an installation that was migrated already, and never used."""
    now = schema(own_database.url("superuser"))
    with psycopg.connect(own_database.url("owner"), autocommit=True) as earlier:
        earlier.execute("DROP TABLE django_session")
        earlier.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    backup = opened(make_backup(Folder(folder_of_backups())))
    databases.drop(empty)
    databases.clone(empty)
    done = command("restore", backup_file(backup), **installation(databases, empty, place / "new"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert schema(databases.url("superuser", empty)) == now


def is_under_way(folder: Path, former: set[Path]) -> bool:
    """Whether a good part of a new one is written."""
    return any(half.stat().st_size > 2_000_000 for half in set(folder.glob("*.part")) - former)


@pytest.mark.long
def test_a_backup_that_is_killed_in_the_middle_of_the_dump_counts_for_nothing_and_the_next_one_works(
    cast: Cast, own_database: Databases, place: Path, opened: Opened
) -> None:
    """`kill -9` of the process, or of its `pg_dump`, at a moment at which part of the file is written."""
    with psycopg.connect(own_database.url("owner"), autocommit=True) as owner:
        # Enough that the dump is still at it when it is killed: what cannot be made smaller.
        owner.execute(
            "CREATE TABLE weight AS SELECT n, repeat(md5(n::text), 200) AS t FROM generate_series(1, 60000) n"
        )
        owner.execute("GRANT SELECT ON weight TO sprechzeit_backup")
    folder = folder_of_backups()
    variables = {**os.environ, **installation(own_database, own_database.current, place / "data")}
    variables |= {"SPRECHZEIT_BACKUP_FOLDER": str(folder)}
    for victim in ("itself", "pg_dump"):
        former = set(folder.glob("*.part"))
        making = subprocess.Popen(
            [sys.executable, "-m", "django", "make_backup"], env=variables, stderr=subprocess.PIPE, text=True
        )
        until(partial(is_under_way, folder, former))
        parent = psutil.Process(making.pid)
        dumps = [one for one in parent.children(recursive=True) if one.name() == "pg_dump"]
        (parent if victim == "itself" else dumps[0]).kill()
        _out, said = making.communicate(timeout=60)
        assert making.returncode != 0, victim
        assert victim == "itself" or "could not be read to its end" in said
        assert Folder(folder).names() == [], "half of one is none"
        psutil.wait_procs(dumps, timeout=10)
        assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in dumps)
    made = make_backup(Folder(folder))
    assert list(Folder(folder).names()) == [Path(made.where).name]
    assert list(folder.glob("*.part")) == [], "and what was left is gone"
    assert opened(made).manifest.rows["weight"] == 60000
