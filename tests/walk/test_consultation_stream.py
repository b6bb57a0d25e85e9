"""The stream of a consultation's page: rights before each event, what was missed, its end (VID-3, VID-4)."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from queue import Empty, Queue
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.core.live import announce_practice
from sprechzeit.practice.actions.team import suspend_member
from sprechzeit.practice.models import Member
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.models import Appointment
from sprechzeit.video.actions.consultation import admit, end_call
from sprechzeit.video.actions.seats import Sent, send_signal
from sprechzeit.video.models import Seat
from tests.support.cast import Cast, House
from tests.support.consultations import Held, came_in, now_by_video, sits
from tests.support.databases import Databases
from tests.support.server import Program
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.own_database, pytest.mark.req("VID-3")]
SECONDS = 5


class Stream:
    """What a stream says: pairs of event and data; None at its end."""

    def __init__(self, url: str, cookie: str, **headers: str) -> None:
        self.said: Queue[tuple[str, Any] | None] = Queue()
        self.status = 0
        self._answer: httpx.Response | None = None
        arguments = (url, {"Cookie": cookie, **{name.replace("_", "-"): text for name, text in headers.items()}})
        threading.Thread(target=self._listen, args=arguments, daemon=True).start()

    def _listen(self, url: str, headers: dict[str, str]) -> None:
        with (
            suppress(httpx.TransportError, httpx.StreamError),
            httpx.stream("GET", url, headers=headers, timeout=30) as answer,
        ):
            self.status, self._answer = answer.status_code, answer
            event = ""
            for line in answer.iter_lines():
                name, _, text = line.partition(": ")
                if name == "event":
                    event = text
                elif name == "data":
                    self.said.put((event, json.loads(text) if text.startswith("{") else text))
        self.said.put(None)

    def next(self, seconds: float = SECONDS) -> tuple[str, Any] | None:
        """Raises Empty."""
        return self.said.get(timeout=seconds)

    def until(self, event: str) -> Any:
        """The data of the next event of this name."""
        while (said := self.next()) is not None:
            if said[0] == event:
                return said[1]
        raise AssertionError(f"it ended without {event}")

    def all(self, seconds: float) -> Iterator[tuple[str, Any]]:
        """Whatever comes, until for so long nothing does."""
        with suppress(Empty):
            while (said := self.next(seconds)) is not None:
                yield said

    def close(self) -> None:
        """As a browser does that goes elsewhere: the other thread is still reading."""
        if self._answer:
            with suppress(OSError):
                self._answer.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class Side:
    """A page: whose cookie, which seat."""

    def __init__(self, program: Program, path: str, cookie: str, seat: UUID) -> None:
        self.url, self.cookie, self.seat = f"{program.url}{path}events/", cookie, seat

    @contextmanager
    def stream(self, *, seat: UUID | None = None, taken: int = 0, **headers: str) -> Iterator[Stream]:
        stream = Stream(f"{self.url}?seat={seat or self.seat}&taken={taken}", self.cookie, **headers)
        try:
            yield stream
        finally:
            stream.close()


@pytest.fixture
def held(cast: Cast, own_database: Databases, served: Program) -> Held:
    return now_by_video(cast.albers)


@pytest.fixture
def patient(held: Held, served: Program) -> Side:
    cookie = came_in(held).cookies["consultation"].value
    return Side(served, held.page, f"consultation={cookie}", sits(held, held.patient))


@pytest.fixture
def jonas(cast: Cast, held: Held, served: Program) -> Side:
    path = f"/video/calls/{held.id}/"
    return Side(served, path, session_of(cast.albers, "jonas"), sits(held, cast.albers.actor("jonas")))


def let_in(house: House, held: Held) -> None:
    with acting(house.actor("jonas")):
        admit(house.actor("jonas"), held.id)


def tell(house: House, held: Held, jonas: Side, patient: Side, body: str) -> None:
    with acting(house.actor("jonas")):
        send_signal(house.actor("jonas"), held.id, Sent(jonas.seat, patient.seat, "candidates", body))


def test_each_side_hears_of_the_other_and_signals_come_at_once(
    cast: Cast, held: Held, patient: Side, jonas: Side
) -> None:
    with patient.stream() as theirs, jonas.stream() as ours:
        assert theirs.until("state") == {
            "on": False, "other": str(jonas.seat), "otherState": "waiting", "otherIsHere": True, "closes": ""
        }  # fmt: skip
        assert ours.until("state")["otherState"] == "waiting"
        let_in(cast.albers, held)
        assert theirs.until("state")["on"] is True
        assert ours.until("state")["otherState"] == "talking"
        tell(cast.albers, held, jonas, patient, "[1]")
        assert theirs.until("signal") == {"from": str(jonas.seat), "kind": "candidates", "body": "[1]"}
        # What is for one is not for the other; the practice's page hears of its practice besides.
        assert {said[0] for said in ours.all(1)} <= {"practice", "state"}


def test_who_comes_back_hears_what_they_missed_and_nothing_twice(
    cast: Cast, held: Held, patient: Side, jonas: Side
) -> None:
    let_in(cast.albers, held)
    for number in range(3):
        tell(cast.albers, held, jonas, patient, f"[{number}]")
    with patient.stream() as first:
        assert [first.until("signal")["body"] for _ in range(3)] == ["[0]", "[1]", "[2]"]
    with patient.stream(Last_Event_ID="1") as again:
        assert [again.until("signal")["body"] for _ in range(2)] == ["[1]", "[2]"]
    with patient.stream(taken=3, Last_Event_ID="2") as last:
        tell(cast.albers, held, jonas, patient, "[3]")
        assert last.until("signal")["body"] == "[3]"


def test_whose_page_was_closed_is_away(cast: Cast, held: Held, patient: Side, jonas: Side) -> None:
    with jonas.stream() as ours:
        assert ours.until("state")["otherIsHere"] is True
        with patient.stream() as theirs:
            theirs.until("state")
        assert ours.until("state")["otherIsHere"] is False
        with patient.stream() as theirs:
            theirs.until("state")
            assert ours.until("state")["otherIsHere"] is True


@pytest.mark.req("VID-4", "ACC-8")
def test_the_streams_end_with_what_lets_them_be_there(cast: Cast, held: Held, patient: Side, jonas: Side) -> None:
    house = cast.albers
    miriam = house.actor("miriam")
    let_in(house, held)
    with patient.stream() as theirs, jonas.stream() as ours:
        theirs.until("state"), ours.until("state")
        again = sits(held, held.patient)
        assert theirs.until("over") == "elsewhere" and theirs.next() is None
        assert ours.until("state")["other"] == str(again)
        with acting(miriam):
            suspend_member(miriam, house.members["jonas"].pk)
        assert ours.until("over") == "closed" and ours.next() is None
    with acting(house.system):
        Member.objects.filter(pk=house.members["jonas"].pk).update(suspended_at=None)
    with patient.stream(seat=again) as theirs, jonas.stream() as ours:
        theirs.until("state"), ours.until("state")
        with acting(miriam):
            cancel_appointment(miriam, held.of.pk)
        assert theirs.until("over") == "closed" and ours.until("over") == "closed"


def test_the_end_is_told_to_both(cast: Cast, held: Held, patient: Side, jonas: Side) -> None:
    let_in(cast.albers, held)
    with patient.stream() as theirs, jonas.stream() as ours:
        theirs.until("state"), ours.until("state")
        with acting(cast.albers.actor("jonas")):
            end_call(cast.albers.actor("jonas"), held.id)
        assert theirs.until("over") == "ended" and ours.until("over") == "ended"


@pytest.mark.req("VID-4")
def test_who_waits_when_its_time_is_over_waits_no_more(cast: Cast, held: Held, patient: Side, jonas: Side) -> None:
    with patient.stream() as theirs:
        theirs.until("state")
        with acting(cast.albers.system):
            Appointment.objects.filter(pk=held.of.pk).update(
                starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now() - timedelta(hours=1)
            )
            Seat.objects.filter(pk=patient.seat).update(seen_at=timezone.now())
        with acting(held.patient):
            announce_practice(held.video.practice_id)
        assert theirs.until("over") == "closed"


def test_nobody_else_is_answered(cast: Cast, held: Held, patient: Side, jonas: Side, served: Program) -> None:
    berta, jana = session_of(cast.brandt, "berta"), session_of(cast.albers, "jana")
    for url, cookie in (
        (patient.url, ""), (patient.url, jonas.cookie), (patient.url, "consultation=nonsense"),
        (jonas.url, ""), (jonas.url, patient.cookie), (jonas.url, berta),
        (jonas.url.replace(str(held.id), "9" * 36), jonas.cookie),
    ):  # fmt: skip
        answer = httpx.get(url, params={"seat": str(jonas.seat)}, headers={"Cookie": cookie})
        assert (answer.status_code, answer.content) == (204, b"")
    # Who sees that there is one, and does not take part, is told nothing of it.
    stream = Stream(f"{jonas.url}?seat={jonas.seat}", jana)
    assert [stream.next(), stream.next()] == [("over", "closed"), None]
    stream = Stream(f"{jonas.url}?seat=nonsense", jonas.cookie)
    assert [stream.next(), stream.next()] == [("over", "closed"), None]
    assert httpx.post(jonas.url, headers={"Cookie": jonas.cookie}).status_code == 204
