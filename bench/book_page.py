"""W5: the day page of 20 columns × 60 appointments, and one column of it, over HTTP by a signed-in secretary."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions import add_member
from sprechzeit.scheduling.book_page import Wish, day_page
from sprechzeit.scheduling.queries.book import read_book, read_furniture

from . import report, work
from .engine import ZONE
from .ground import Ground

COLUMNS, APPOINTMENTS, MINUTES = 20, 60, 10
GOALS = {"the page": "60", "one column": "8", "the week of one calendar": ""}
FIRST_MINUTE = 8 * 60


@dataclass(frozen=True)
class Book:
    """A full day, and who looks at it."""

    house: work.House
    client: Client
    actor: Actor
    day: date


def prepare(ground: Ground) -> Book:
    """Sixty appointments of ten minutes from eight in each of twenty calendars, of as many patients."""
    house = work.make_house("w5", COLUMNS, COLUMNS, grid=MINUTES, own_room=True)
    with acting(house.system):
        user = User.objects.create_user("w5@example.org", "not used", name="Jana Albrecht")
        member = add_member(house.system, user, role=Role.SECRETARY, name="Jana Albrecht", initials="JA")
    today = datetime.now(ZONE).date()
    day = today + timedelta(days=7 - today.weekday())
    _fill(ground.databases.url("owner"), house, day)
    ground.tell("VACUUM ANALYZE")
    client = Client()
    client.force_login(user)
    actor = Actor(ActorKind.MEMBER, house.system.practices, Role.SECRETARY, member.id)
    return Book(house, client, actor, day)


def _fill(owner_url: str, house: work.House, day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    practice = house.system.practice_id
    patients, occupancies, appointments = [], [], []
    for column, (calendar, room) in enumerate(zip(house.calendars, house.rooms, strict=True)):
        for number in range(APPOINTMENTS):
            starts = midnight + timedelta(minutes=FIRST_MINUTE + number * MINUTES)
            ends, patient, taken = starts + timedelta(minutes=MINUTES), new_id(), new_id()
            patients.append((patient, practice, f"Paula {column}", f"Sommer {number}"))
            occupancies.append((taken, practice, calendar.id, room.space_id, starts, ends))
            appointments.append((new_id(), practice, taken, calendar.id, room.id, house.type.id, patient, starts, ends))
    with psycopg.connect(owner_url) as owner, owner.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO patients_patient (id, practice_id, first_name, last_name, date_of_birth, first_key, last_key, "
            "language) VALUES (%s, %s, %s, %s, '1985-03-24', 'paula', 'sommer', '')",
            patients,
        )
        cursor.executemany(
            "INSERT INTO scheduling_occupancy (id, practice_id, calendar_id, space_id, starts_at, ends_at, kind, "
            "active, overbooked) VALUES (%s, %s, %s, %s, %s, %s, 'appointment', true, false)",
            occupancies,
        )
        cursor.executemany(
            "INSERT INTO scheduling_appointment (id, practice_id, occupancy_id, calendar_id, room_id, type_id, "
            "patient_id, starts_at, ends_at, source, remark, email, language, sequence) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'staff', '', '', 'de', 0)",
            appointments,
        )


# In this process nothing is collected; a file's name costs the same.
PLAIN = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@override_settings(STORAGES=PLAIN, ALLOWED_HOSTS=["testserver"])
def measure(book: Book, rounds: int) -> None:
    """The right number of entries first; then each page in turn, and what its facts alone cost."""
    calendar = book.house.calendars[0].id
    addresses = {
        "the page": f"/?day={book.day}",
        "one column": f"/columns/{calendar}/?day={book.day}&hours=7-20",
        "the week of one calendar": f"/?day={book.day}&view=week",
    }
    expected = dict(zip(addresses, (COLUMNS * APPOINTMENTS, APPOINTMENTS, APPOINTMENTS), strict=True))
    statements = {}
    for name, address in addresses.items():
        with CaptureQueriesContext(connection) as captured:
            answer = _get(book, address)
        assert answer.status_code == 200, (name, answer.status_code)
        assert answer.content.count(b'class="entry appointment') == expected[name], name
        statements[name] = len(captured)
    measured: dict[str, Callable[[], object]] = {"one query": partial(book.client.get, "/bench/one-query/")}
    measured |= {name: partial(_get, book, address) for name, address in addresses.items()}
    measured |= {"… its facts": partial(_facts, book), "… its facts and drawing": partial(_drawn, book)}
    taken = report.in_turn(measured, rounds)
    unit = taken.pop("one query")
    report.table(
        [f"median of {rounds}, ms", "ms", "goal", "× one query", "statements"],
        [
            (name, spent, GOALS.get(name, ""), spent / unit, str(statements.get(name, "")))
            for name, spent in taken.items()
        ],
    )
    print(f"One query behind the whole middleware, in-process: {unit:.2f} ms")


def _get(book: Book, address: str) -> Any:
    """As the browser asks for it: a column is fetched by a script, and wants nothing of the page around it."""
    return book.client.get(address, headers={"HX-Request": "true"} if "/columns/" in address else {})


def _facts(book: Book) -> None:
    with acting(book.actor):
        read_book(book.actor, [book.day])


def _drawn(book: Book) -> None:
    with acting(book.actor):
        day_page(book.actor, read_furniture(book.actor), Wish(day=book.day, today=book.day))
