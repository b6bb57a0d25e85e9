"""The live stream's rights: it says which column changed to who may know it, and ends with the rights (CAL-14)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from queue import Empty, Queue

import httpx
import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from sprechzeit.accounts.models import Session
from sprechzeit.accounts.sessions import sign_out_others
from sprechzeit.community.actions import leave_community
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions.grants import revoke_access
from sprechzeit.practice.actions.team import change_member, suspend_member
from sprechzeit.practice.models import Member
from sprechzeit.practice.policy import get_room
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.place import Place
from tests.support.cast import Cast, House, at, book, monday
from tests.support.communities import sharing
from tests.support.databases import Databases
from tests.support.delegates import accept, give, terms
from tests.support.partner_bookings import book_by, offered
from tests.support.partners import registered
from tests.support.server import Program

pytestmark = [pytest.mark.own_database, pytest.mark.req("CAL-14")]
SECONDS = 5


@pytest.fixture
def program(cast: Cast, own_database: Databases, served: Program) -> Program:
    """The pages on the cast's database; without a worker."""
    return served


def session_of(house: House, name: str) -> str:
    """The cookie of a signed-in member, as the program reads it from the same database."""
    client = Client()
    client.force_login(house.user(name))
    return f"sessionid={client.cookies['sessionid'].value}"


class Stream:
    """What a stream says, line by line; None at its end."""

    def __init__(self, program: Program, cookie: str) -> None:
        self.said: Queue[str | None] = Queue()
        self._thread = threading.Thread(target=self._listen, args=(f"{program.url}/live/", cookie), daemon=True)
        self._thread.start()

    def _listen(self, url: str, cookie: str) -> None:
        # The program may stop before the stream does.
        with (
            suppress(httpx.TransportError),
            httpx.stream("GET", url, headers={"Cookie": cookie}, timeout=30) as answer,
        ):
            for line in answer.iter_lines():
                if line.startswith(("event:", "data:")):
                    self.said.put(line)
        self.said.put(None)

    def next(self, seconds: float = SECONDS) -> str | None:
        """The next line. Raises Empty."""
        return self.said.get(timeout=seconds)

    def begin(self) -> None:
        """Wait until it listens."""
        assert [self.next(20), self.next()] == ["event: listening", "data:"]


@contextmanager
def open_stream(program: Program, house: House, name: str) -> Iterator[Stream]:
    stream = Stream(program, session_of(house, name))
    stream.begin()
    yield stream


def test_a_stream_names_the_calendar_and_nothing_else_and_to_its_own_practice_only(
    cast: Cast, program: Program
) -> None:
    with open_stream(program, cast.albers, "jana") as mine, open_stream(program, cast.brandt, "berta") as theirs:
        book(cast.albers, "09:00")
        assert [mine.next(), mine.next()] == ["event: calendar", f"data: {cast.albers.calendars['miriam'].id}"]
        with pytest.raises(Empty):
            theirs.next(1.5)


def test_who_is_not_signed_in_is_told_to_stay_away(program: Program) -> None:
    for cookie in ("", "sessionid=nonsense", 'sessionid="'):
        assert httpx.get(f"{program.url}/live/", headers={"Cookie": cookie}).status_code == 204
    assert httpx.post(f"{program.url}/live/").status_code == 204


@pytest.mark.req("ACC-8")
def test_the_stream_ends_when_the_member_has_left(cast: Cast, program: Program) -> None:
    with open_stream(program, cast.albers, "jana") as stream:
        with acting(cast.albers.system):
            Member.objects.filter(pk=cast.albers.members["jana"].pk).update(left_at=timezone.now())
        book(cast.albers, "09:00")
        assert [stream.next(), stream.next(), stream.next()] == ["event: ended", "data:", None]


def test_the_stream_ends_with_the_session(cast: Cast, program: Program) -> None:
    with open_stream(program, cast.albers, "jana") as stream:
        Session.objects.all().delete()
        book(cast.albers, "09:00")
        assert stream.next() == "event: ended"


@pytest.mark.req("ACC-8", "ACC-9", "ACC-2")
def test_the_stream_ends_at_once_with_the_right_to_it(cast: Cast, program: Program) -> None:
    """Nothing in the book changes: who suspends, signs out or gives another role tells the open pages themselves."""
    miriam, jana = cast.albers.actor("miriam"), cast.albers.members["jana"]

    def end(how: str) -> None:
        with acting(miriam):
            if how == "suspended":
                suspend_member(miriam, jana.pk)
            elif how == "another role":
                change_member(miriam, jana.pk, {"role": "practitioner"})
            else:
                sign_out_others(jana.user, None)

    for how in ("signed out elsewhere", "another role", "suspended"):
        with open_stream(program, cast.albers, "jana") as stream:
            end(how)
            assert [stream.next(2), stream.next(2)] == ["event: ended", "data:"], how


def until(stream: Stream, last: str) -> Iterator[str]:
    """What the stream says within two seconds each, up to and with this line."""
    said = None
    while said != last:
        said = stream.next(2)
        assert said is not None
        yield said


@pytest.mark.req("ACC-20", "COM-3")
def test_a_delegates_stream_names_granted_calendars_alone_and_ends_when_it_is_revoked(
    cast: Cast, program: Program
) -> None:
    house, miriam = cast.albers, cast.albers.actor("miriam")
    given = give(house, terms(house, "jonas"))
    client = Client()
    client.force_login(accept(house, given))
    stream = Stream(program, f"sessionid={client.cookies['sessionid'].value}")
    stream.begin()
    book(house, "09:00", who="jonas")
    assert [stream.next(), stream.next()] == ["event: calendar", f"data: {house.calendars['jonas'].id}"]
    book(house, "09:00", who="miriam")
    # A booking is told of twice: when the time is held and when it is confirmed.
    heard = {line for line in until(stream, f"data: {house.practice.id}") if line.startswith("data:")}
    assert heard == {f"data: {house.calendars['jonas'].id}", f"data: {house.practice.id}"}
    with acting(miriam):
        revoke_access(miriam, given.pk)
    assert f"data: {house.calendars['miriam'].id}" not in list(until(stream, "event: ended"))


@pytest.mark.req("COM-3", "COM-7")
def test_of_a_shared_room_the_other_practice_hears_that_something_changed(cast: Cast, program: Program) -> None:
    """Held, booked, blocked, cancelled: its own id each time, and no other; nothing any more once it has left."""
    together, miriam, berta = sharing(cast), cast.albers.actor("miriam"), cast.brandt.actor("berta")
    again = f"data: {cast.brandt.practice.id}"

    def change(day: date) -> None:
        made = book(cast.albers, "09:00", day=day)
        with acting(miriam):
            cancel_appointment(miriam, made.pk)
            room = get_room(miriam, cast.albers.rooms["own"].pk)
            place = Place(cast.albers.calendars["miriam"], at("10:00", day), at("11:00", day), room=room)
            add_block(miriam, place, "Supervision", key=str(new_id()))

    with open_stream(program, cast.brandt, "berta") as theirs:
        change(monday())
        book(cast.brandt, "15:00")
        own = f"data: {cast.brandt.calendars['berta'].id}"
        heard = [line for line in until(theirs, own) if line.startswith("data:")]
        assert heard.count(again) > 1 and set(heard) == {again, own}
        with acting(berta):
            leave_community(berta, together.id)
        with suppress(Empty):
            while True:  # that it left, and what it still tells of its own
                theirs.next(1)
        change(monday(2))
        with pytest.raises(Empty):
            theirs.next(1.5)


def test_a_lost_database_connection_ends_the_streams_so_that_pages_come_back_and_look(
    cast: Cast, program: Program, own_database: Databases
) -> None:
    with open_stream(program, cast.albers, "jana") as stream:
        with psycopg.connect(own_database.url("superuser", "postgres"), autocommit=True) as everything:
            everything.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND query LIKE 'LISTEN%%'",
                [own_database.current],
            )
        assert stream.next() is None
    with open_stream(program, cast.albers, "jana") as again:
        book(cast.albers, "10:00")
        assert again.next() == "event: calendar"


@pytest.mark.req("OTV-7")
def test_what_a_partner_books_is_in_the_open_book_within_two_seconds(cast: Cast, program: Program) -> None:
    house = cast.albers
    offered(house)
    finder = registered(house)
    with open_stream(program, house, "jana") as stream:
        book_by(house, finder, "09:00", who="jonas")
        assert [stream.next(2), stream.next(2)] == ["event: calendar", f"data: {house.calendars['jonas'].id}"]
