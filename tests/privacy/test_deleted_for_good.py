"""Of what a booking system pushed nothing is left on the 91st day, in the database and in files (PRI-20, VID-6).

The proof is a dump by the role that makes the backups, which reads every row of every table, and all files.
"""

import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.core.mail import forget_mail_files
from sprechzeit.core.peers import networks
from sprechzeit.messages.jobs import tell_visit
from sprechzeit.operations.backup.programs import address, programs_for
from sprechzeit.patients.queries import search_patients
from sprechzeit.privacy.jobs import forget_everywhere
from sprechzeit.privacy.models import DeletionReport
from sprechzeit.privacy.periods import Kind
from sprechzeit.scheduling.actions.block import move_block
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.video.models import Consultation, Seat, Signal, Visit, VisitMessage
from tests.support.cast import Cast, House, at, book
from tests.support.chain import proof_of, seal_next
from tests.support.databases import Databases
from tests.support.forgotten import end_of, reported
from tests.support.pushed import MINUTES, pushed
from tests.support.pusher import Pusher
from tests.support.routes import signed_in
from tests.support.video_peer import video_peer
from tests.support.video_service import booked, cancelled_by, held_elsewhere, push, pushes

pytestmark = [pytest.mark.req("PRI-20", "VID-6"), pytest.mark.own_database]
MARKS = ("Zqvera-vor", "Zqvera-nach", "zqvera@example.org", "0990990", "Zqvera-ref", "Zqvera-signal")
MARK = b"zqvera"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Any) -> Path:
    """All that the program writes beside the database, mails too: nobody has set a mail server."""
    settings.DATA_DIR = tmp_path
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    return tmp_path


def dump(databases: Databases) -> bytes:
    """Every row of every table, as a backup has it."""
    database, environment = address(databases.url("backup"))
    made = subprocess.run(
        [programs_for(150000) / "pg_dump", "--data-only", "--inserts", "--dbname", database],
        env=environment, capture_output=True, check=True,
    )  # fmt: skip
    return made.stdout


def written(folder: Path) -> Iterator[bytes]:
    for one in folder.rglob("*"):
        if one.is_file():
            yield one.read_bytes()


def everything(databases: Databases, folder: Path) -> bytes:
    return b"\n".join([dump(databases), *written(folder)]).lower()


def night(at_night: datetime) -> Mapping[UUID, Mapping[Kind, int]]:
    """What the program does by itself every night."""
    forget_mail_files(at_night)
    return forget_everywhere(at_night)


def work_off() -> None:
    """What is due of the video side's mails, as the worker does."""
    for one in ProcrastinateJob.objects.filter(task_name="messages.tell_visit", status="todo").order_by("id"):
        tell_visit.work(0, **one.args)


def met(house: House, visit: Visit) -> None:
    """The consultation took place, and a page was closed without a word: what it last told the other lies there."""
    own = {"practice_id": house.practice.pk}
    with acting(house.system):
        call = Consultation.objects.create(**own, video=visit.block.video, admitted_at=timezone.now())
        seat = Seat.objects.create(**own, consultation=call, side="patient", state="talking")
        Signal.objects.create(**own, seat=seat, number=1, kind="candidates", body="zqvera-signal")


def lived_through(cast: Cast) -> Visit:
    """Pushed and corrected by the interface; seen, looked for and moved by staff; written to. Another one and a patient
    stay.
    """
    house, mine = cast.albers, cast.albers.actor("miriam")
    pusher, told = (
        Pusher(house),
        {"last_name": "Zqvera-nach", "email": "zqvera@example.org", "mobile": "+49 171 0990990"},
    )
    for _twice in range(2):
        assert pusher.book("Zqvera-ref", first_name="Zqvera-vor", key="a-key-of-theirs-0001", **told).status == 201
    work_off()
    assert pusher.change("Zqvera-ref", "10:00", first_name="Zqvera-korrigiert", **told).status == 200
    work_off()
    visit = pusher.visit("Zqvera-ref")
    met(house, visit)
    pushed(house, at("09:00") + timedelta(days=20), mark="Stays")
    book(house, "14:00", last_name="Staysalso")
    client = signed_in(cast, "administrator")
    for query in ({}, {"view": "list"}):
        assert client.get(reverse("scheduling:book"), {"day": f"{at('09:00'):%Y-%m-%d}", **query}).status_code == 200
    client.get(reverse("patients:list"), {"q": "Zqvera-nach"})
    with acting(mine):
        search_patients(mine, "Zqvera-nach")
        start = at("16:00")
        move_block(mine, visit.block_id, Place(house.calendars["miriam"], start, start + timedelta(minutes=MINUTES)))
    work_off()
    return pusher.visit("Zqvera-ref")


def test_nothing_is_left_after_ninety_days_and_all_of_it_before(
    cast: Cast, own_database: Databases, files: Path
) -> None:
    house = cast.albers
    visit = lived_through(cast)
    seal_next(house.system)
    day_89, day_91 = (end_of(visit) + timedelta(days=days) for days in (89, 91))
    assert MARK in b"".join(written(files)).lower(), "the mail is a file"
    assert night(day_89)[house.practice.pk] == {
        Kind.HOLDS: 1, Kind.CHANGES: 1, Kind.KEYS: 1, Kind.ANSWERS: 2
    }  # fmt: skip
    before = everything(own_database, files)
    assert [mark for mark in MARKS if mark.lower().encode() not in before] == []
    with acting(house.system):
        mails = list(VisitMessage.objects.filter(visit=visit).order_by("number"))
        assert [one.kind for one in mails] == ["booked", "moved", "moved"] and all(one.sent_at for one in mails)
        assert "Zqvera-vor" in (mails[0].text or "") and "Zqvera-korrigiert" in (mails[2].text or "")

    assert night(day_91)[house.practice.pk] == {Kind.VISITS: 1}
    after = everything(own_database, files)
    assert MARK not in after and MARK.hex().encode() not in after and b"0990990" not in after
    with acting(house.system):
        assert not Visit.objects.filter(pk=visit.pk).exists() and not VisitMessage.objects.exists()
        assert not (Consultation.objects.exists() or Seat.objects.exists() or Signal.objects.exists())
    named = ProcrastinateJob.objects.filter(args__block_id=str(visit.block_id))
    assert {one.status for one in named} <= {"todo"}, "nobody has worked them off here"
    assert b"stays-nach" in after and b"staysalso" in after
    assert reported(house)["visits"] == 1

    assert night(day_91)[house.practice.pk] == {}
    assert MARK not in everything(own_database, files)
    assert reported(house)["visits"] == 1
    with acting(house.system):
        assert all(one.ended_at for one in DeletionReport.objects.all())
    seal_next(house.system)
    assert proof_of(house.system).finding is None


def test_what_was_moved_is_there_until_ninety_days_after_its_new_date(
    cast: Cast, own_database: Databases, files: Path
) -> None:
    house, mine = cast.albers, cast.albers.actor("miriam")
    visit = pushed(house, at("09:00"), mark="Zqvera")
    former = end_of(visit)
    with acting(mine):
        start = at("09:00") + timedelta(days=28)
        move_block(mine, visit.block_id, Place(house.calendars["miriam"], start, start + timedelta(minutes=MINUTES)))
        visit.block.refresh_from_db()
    night(former + timedelta(days=91))
    assert b"zqvera-nach" in everything(own_database, files)
    night(end_of(visit) + timedelta(days=91))
    assert MARK not in everything(own_database, files)


def test_the_booking_side_keeps_nothing_of_what_it_sends(cast: Cast, own_database: Databases, settings: Any) -> None:
    """The patient's record is the practice's own; of what was pushed it notes that, and not what (PUSH-6)."""
    settings.WEBHOOK_NETWORKS = networks(["127.0.0.0/8"])
    house = cast.albers
    with video_peer() as peer:
        held_elsewhere(house, peer.url, sends_last_name=True, sends_mobile=True)
        person = {"first_name": "Zqvera", "last_name": "Zqvera", "email": "zqvera@example.org"}
        found = booked(house, mobile="+49 171 5550100", **person)
        push(found)
        cancelled_by(house.system, found)
        push(found)
        assert "Zqvera" in str(peer.calls()) and len(pushes(house)) == 2
    asked = (
        "SELECT to_jsonb(t)::text FROM integrations_push t",
        "SELECT (v.old, v.new)::text FROM audit_value v JOIN audit_entry e ON e.id = v.entry_id "
        "WHERE e.table_name = 'integrations_push'",
        "SELECT args::text FROM procrastinate_jobs",
    )
    with psycopg.connect(own_database.url("backup")) as backup:
        for query in asked:
            said = " ".join(str(row) for row in backup.execute(query.encode()).fetchall())
            assert said and MARK.decode() not in said.lower() and "5550100" not in said, query
