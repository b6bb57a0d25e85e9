"""Seats and signals: who is there, what reaches whom, and that nothing of it stays (VID-3, VID-7)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.video.actions.consultation import admit, end_call
from sprechzeit.video.actions.seats import (
    Heard,
    Sent,
    forget_old_seats,
    leave_seat,
    listen,
    say_soon,
    send_signal,
    step_away,
    take_seat,
)
from sprechzeit.video.errors import NobodyWaits, NotAdmitted, SeatLost, TooManySignals
from sprechzeit.video.models import Consultation, Seat, Signal
from sprechzeit.video.models.consultations import LONGEST_SIGNAL, MOST_SIGNALS
from tests.support.cast import Cast, at
from tests.support.consultations import Held, by_video, sits
from tests.support.databases import Databases
from tests.support.together import together

pytestmark = pytest.mark.req("VID-3")


@pytest.fixture(autouse=True)
def _then() -> Iterator[None]:
    with time_machine.travel(at("09:00")):
        yield


@dataclass
class Two:
    """A consultation with both at it."""

    held: Held
    jonas: Actor
    patient: UUID
    practitioner: UUID

    def tells(self, kind: str = "restart", body: str = "", **changes: object) -> None:
        """The practitioner's page to the patient's."""
        sent = Sent(self.practitioner, self.patient, kind, body)
        with acting(self.jonas):
            send_signal(self.jonas, self.held.id, replace(sent, **changes))  # type: ignore[arg-type]

    def hears(self, taken: int = 0) -> Heard:
        """The patient's page."""
        with acting(self.held.patient):
            return listen(self.held.patient, self.held.id, self.patient, taken)


@pytest.fixture
def two(cast: Cast) -> Two:
    one, jonas = by_video(cast.albers), cast.albers.actor("jonas")
    patient, practitioner = sits(one, one.patient), sits(one, jonas)
    with acting(jonas):
        admit(jonas, one.id)
    return Two(one, jonas, patient, practitioner)


def rows(cast: Cast) -> tuple[int, int]:
    with acting(cast.albers.system):
        return Seat.objects.count(), Signal.objects.count()


def test_nothing_is_told_before_the_patient_was_let_in(cast: Cast) -> None:
    one, jonas = by_video(cast.albers), cast.albers.actor("jonas")
    patient, practitioner = sits(one, one.patient), sits(one, jonas)
    for actor, sent in (
        (jonas, Sent(practitioner, patient, "restart", "")),
        (one.patient, Sent(patient, practitioner, "restart", "")),
    ):
        with acting(actor), pytest.raises(NotAdmitted):
            send_signal(actor, one.id, sent)
    with acting(one.patient):
        state = listen(one.patient, one.id, patient, 0).state
    assert state == {
        "on": False,
        "other": str(practitioner),
        "otherState": "waiting",
        "otherIsHere": True,
        "closes": "",
    }


def test_who_only_checks_their_camera_is_not_let_in(cast: Cast) -> None:
    one, jonas = by_video(cast.albers), cast.albers.actor("jonas")
    for state in ("", "testing"):
        if state:
            sits(one, one.patient, state)
        with acting(jonas), pytest.raises(NobodyWaits):
            admit(jonas, one.id)


def test_signals_come_in_their_order_once_and_are_forgotten_when_taken(cast: Cast, two: Two) -> None:
    for number in range(3):
        two.tells(body=f"{number}")
    assert [(one.number, one.body, one.sender) for one in two.hears().signals] == [
        (number + 1, f"{number}", two.practitioner) for number in range(3)
    ]
    # Come back after the second: what is left is told again, and no more.
    assert [one.body for one in two.hears(taken=2).signals] == ["2"]
    assert rows(cast)[1] == 1
    two.tells(body="3")
    assert [one.number for one in two.hears(taken=3).signals] == [4]
    # What a stream has sent before it sends no more, but it stays until the page says that it has it.
    with acting(two.held.patient):
        assert listen(two.held.patient, two.held.id, two.patient, 3, after=4).signals == []
    assert rows(cast)[1] == 1
    # A number that never was takes nothing.
    assert [one.number for one in two.hears(taken=999).signals] == [4]


def test_what_is_put_down_is_bounded_in_number_and_size(cast: Cast, two: Two) -> None:
    with pytest.raises(TooManySignals):
        two.tells(body="x" * (LONGEST_SIGNAL + 1))
    for _ in range(MOST_SIGNALS):
        two.tells()
    with pytest.raises(TooManySignals):
        two.tells()
    two.hears(taken=1)
    two.tells()
    assert rows(cast)[1] == MOST_SIGNALS
    with acting(cast.albers.system):
        for change in (partial(Seat.objects.filter(pk=two.patient).update, numbered=MOST_SIGNALS + 2),):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()
        with pytest.raises(IntegrityError), transaction.atomic():
            Signal.objects.filter(seat=two.patient, number=5).update(body="x" * (LONGEST_SIGNAL + 1))


def test_there_are_two_seats_and_the_later_page_has_it(cast: Cast, two: Two) -> None:
    """Miriam sees everything and opens it too: Jonas' page has to go, and nobody has heard both."""
    miriam = cast.albers.actor("miriam")
    hers = sits(two.held, miriam)
    assert rows(cast)[0] == 2
    with acting(two.jonas), pytest.raises(SeatLost):
        listen(two.jonas, two.held.id, two.practitioner, 0)
    with pytest.raises(SeatLost):
        two.tells()
    with acting(two.jonas), pytest.raises(SeatLost):
        take_seat(two.jonas, two.held.id, "waiting", two.practitioner)
    assert two.hears().state["other"] == str(hers)
    with acting(cast.albers.system):
        row = Consultation.objects.get(video=two.held.video)
        for side in ("patient", "listener"):
            with pytest.raises(IntegrityError), transaction.atomic():
                Seat.objects.create(practice_id=row.practice_id, consultation=row, side=side, state="waiting")


def test_what_is_meant_for_a_page_that_has_gone_is_for_nobody(two: Two) -> None:
    former = two.patient
    two.patient = sits(two.held, two.held.patient)
    with pytest.raises(SeatLost):
        two.tells(to=former)
    two.tells()
    assert len(two.hears().signals) == 1
    with pytest.raises(SeatLost):
        two.tells(seat_id=new_id())


def test_who_was_let_in_and_reloads_goes_on_talking(cast: Cast, two: Two) -> None:
    two.patient = sits(two.held, two.held.patient)
    assert two.hears().state["on"] is True
    with acting(cast.albers.system):
        assert Seat.objects.get(pk=two.patient).state == "talking"


@pytest.mark.req("VID-7")
def test_at_the_end_nothing_is_left_of_what_was_told(cast: Cast, two: Two) -> None:
    two.tells(body="a way")
    with acting(two.jonas):
        end_call(two.jonas, two.held.id)
        end_call(two.jonas, two.held.id)
    assert rows(cast) == (0, 0)
    with pytest.raises(NotAdmitted):
        two.hears()
    with pytest.raises(NotAdmitted):
        two.tells()
    # Ended by mistake: the patient comes back and is let in again.
    two.patient = sits(two.held, two.held.patient)
    assert two.hears().state["on"] is False
    with acting(two.jonas):
        admit(two.jonas, two.held.id)
    assert two.hears().state["on"] is True


def test_who_closed_the_page_is_away_and_is_back_when_it_is_heard_of(two: Two) -> None:
    with acting(two.jonas):
        step_away(two.jonas, two.held.id, two.practitioner)
    assert two.hears().state["otherIsHere"] is False
    with acting(two.jonas):
        listen(two.jonas, two.held.id, two.practitioner, 0)
    assert two.hears().state["otherIsHere"] is True
    with acting(two.jonas):
        leave_seat(two.jonas, two.held.id, new_id())
        assert two.hears().state["other"] == str(two.practitioner)
        leave_seat(two.jonas, two.held.id, two.practitioner)
    assert two.hears().state["other"] == ""


def test_a_word_for_who_waits(cast: Cast) -> None:
    one, jonas = by_video(cast.albers), cast.albers.actor("jonas")
    with acting(jonas), pytest.raises(NobodyWaits):
        say_soon(jonas, one.id)
    seat = sits(one, one.patient)
    with acting(jonas):
        say_soon(jonas, one.id)
    with acting(one.patient):
        (said,) = listen(one.patient, one.id, seat, 0).signals
    assert (said.kind, said.body, said.sender) == ("soon", "", None)


@pytest.mark.req("VID-7")
def test_what_was_left_open_is_forgotten_after_hours(cast: Cast, two: Two) -> None:
    two.tells(body="a way")
    for later, left in ((timedelta(hours=2, minutes=59), 2), (timedelta(hours=3, seconds=1), 0)):
        with time_machine.travel(timezone.now() + later, tick=False), acting(cast.albers.system):
            forget_old_seats(cast.albers.system)
        assert rows(cast)[0] == left
    assert rows(cast) == (0, 0)


@pytest.mark.own_database
def test_signals_sent_at_the_same_time_are_numbered_each(cast: Cast, own_database: Databases, two: Two) -> None:
    done = together(*[partial(two.tells, body=f"{number}") for number in range(12)])
    assert done == [None] * 12
    heard = two.hears().signals
    assert [one.number for one in heard] == list(range(1, 13))
    assert {one.body for one in heard} == {f"{number}" for number in range(12)}


@pytest.mark.own_database
def test_pages_that_open_at_the_same_time_get_one_seat_between_them(cast: Cast, own_database: Databases) -> None:
    one = by_video(cast.albers)
    seats = together(*[partial(sits, one, one.patient)] * 8)
    assert all(isinstance(seat, UUID) for seat in seats)
    with acting(cast.albers.system):
        assert Seat.objects.count() == 1 and Consultation.objects.count() == 1
        assert Seat.objects.get().pk in seats
