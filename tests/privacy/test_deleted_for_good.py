"""Of what a booking system pushed nothing is left on the 91st day, in the database and in files (PRI-20, VID-6).

The proof is a dump by the role that makes the backups, which reads every row of every table, and all files.
"""

import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.core.mail import Mail, forget_mail_files, send
from sprechzeit.operations.backup.programs import address, programs_for
from sprechzeit.patients.queries import search_patients
from sprechzeit.privacy.jobs import forget_everywhere
from sprechzeit.privacy.models import DeletionReport
from sprechzeit.privacy.periods import Kind
from sprechzeit.scheduling.actions.block import move_block
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.video.models import Visit
from tests.support.cast import Cast, at, book
from tests.support.chain import proof_of, seal_next
from tests.support.databases import Databases
from tests.support.forgotten import end_of, reported
from tests.support.pushed import MINUTES, pushed
from tests.support.routes import signed_in

pytestmark = [pytest.mark.req("PRI-20", "VID-6"), pytest.mark.own_database]
MARKS = ("Zqvera-vor", "Zqvera-nach", "zqvera@example.org", "0171 Zqvera", "Zqvera-ref", "Zqvera-titel")
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


def lived_through(cast: Cast) -> Visit:
    """Pushed, seen and looked for by staff, moved by them, written to by mail; another one and a patient stay."""
    house, mine = cast.albers, cast.albers.actor("miriam")
    visit = pushed(house, at("09:00"), mark="Zqvera")
    send(Mail("key", "zqvera@example.org", "Zqvera-vor, Ihr Termin", "Hallo Zqvera-vor"))
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
    with acting(house.system):
        Visit.objects.filter(pk=visit.pk).update(first_name="Zqvera-korrigiert", sequence=1)
        return Visit.objects.select_related("block").get(pk=visit.pk)


def test_nothing_is_left_after_ninety_days_and_all_of_it_before(
    cast: Cast, own_database: Databases, files: Path
) -> None:
    house = cast.albers
    visit = lived_through(cast)
    seal_next(house.system)
    day_89, day_91 = (end_of(visit) + timedelta(days=days) for days in (89, 91))
    assert MARK in b"".join(written(files)).lower(), "the mail is a file"
    assert night(day_89)[house.practice.pk] == {Kind.HOLDS: 1, Kind.CHANGES: 1, Kind.KEYS: 1}
    before = everything(own_database, files)
    assert [mark for mark in MARKS if mark.lower().encode() not in before] == []
    assert b"zqvera-korrigiert" in before

    assert night(day_91)[house.practice.pk] == {Kind.VISITS: 1}
    after = everything(own_database, files)
    assert MARK not in after and MARK.hex().encode() not in after
    with acting(house.system):
        assert not Visit.objects.filter(pk=visit.pk).exists()
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
