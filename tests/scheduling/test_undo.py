"""Undoing the viewer's own last change (CAL-16)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.messages.jobs import send_booked, send_cancelled
from sprechzeit.messages.models import Message
from sprechzeit.scheduling.actions.attend import set_attendance
from sprechzeit.scheduling.actions.block import add_block, move_block, remove_block
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import swap_appointments
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.errors import ChangedMeanwhile, NothingToUndo, TimeTaken
from sprechzeit.scheduling.models import Appointment, Block, BookChange
from tests.scheduling.test_appoint import enter, wish
from tests.scheduling.test_attend import today
from tests.scheduling.test_move import move, reload
from tests.support.cast import Cast, at, book

pytestmark = pytest.mark.req("CAL-16")


def undone(cast: Cast, change: UUID | None = None, *, by: str = "jana") -> BookChange:
    actor = cast.albers.actor(by)
    with acting(actor):
        return undo(actor, change)


def work(job: Any, found: Appointment) -> None:
    job.work(0, practice_id=str(found.practice_id), appointment_id=str(found.id))


def test_a_move_goes_back(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "11:00", who="jonas", room="shared")
    undone(cast)
    back = reload(cast.albers, found)
    assert (back.starts_at, back.calendar, back.room) == (
        at("09:00"),
        cast.albers.calendars["miriam"],
        cast.albers.rooms["own"],
    )
    assert back.told_starts_at == back.starts_at
    assert back.sequence == 2, "calendars of patients take the last word"
    with pytest.raises(NothingToUndo):
        undone(cast)


def test_step_by_step(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "11:00")
    move(cast, found, "14:00")
    undone(cast)
    assert reload(cast.albers, found).starts_at == at("11:00")
    undone(cast)
    assert reload(cast.albers, found).starts_at == at("09:00")


def test_a_time_that_somebody_took_meanwhile(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "11:00")
    book(cast.albers, "09:00", last_name="Krüger", email="k@example.org")
    with pytest.raises(TimeTaken) as refused:
        undone(cast)
    assert refused.value.conflicts == ("Krüger, Paula 09:00–09:50",)
    assert reload(cast.albers, found).starts_at == at("11:00")


def test_what_somebody_changed_since_stays(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "11:00")
    move(cast, found, "14:00", by="miriam")
    with pytest.raises(ChangedMeanwhile):
        undone(cast)


def test_only_ones_own(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "11:00", by="miriam")
    with acting(cast.albers.system):
        change = BookChange.objects.get()
    for which in (None, change.pk, new_id()):
        with pytest.raises(NothingToUndo):
            undone(cast, which)


def test_only_todays(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "11:00")
    with acting(cast.albers.system):
        BookChange.objects.update(made_at=at("00:00") - timedelta(days=30))
    with pytest.raises(NothingToUndo):
        undone(cast)


def test_an_entry_is_cancelled_and_nobody_told(cast: Cast) -> None:
    made = enter(cast, wish(cast, "10:00", tell=True))
    undone(cast)
    gone = reload(cast.albers, made)
    assert hasattr(gone, "cancellation") and not gone.occupancy.active
    work(send_booked, made)
    with acting(cast.albers.system):
        assert all(message.withdrawn_at for message in Message.objects.defer("text"))
    assert "messages.send_cancelled" not in {job.task_name for job in ProcrastinateJob.objects.all()}


def test_a_cancellation_is_taken_back_with_its_message(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    actor = cast.albers.actor("jana")
    with acting(actor):
        cancel_appointment(actor, found.id)
    undone(cast)
    back = reload(cast.albers, found)
    assert not hasattr(back, "cancellation") and back.occupancy.active
    work(send_cancelled, found)
    with acting(cast.albers.system):
        assert [message.withdrawn_at is not None for message in Message.objects.defer("text")] == [True]


def test_a_cancelled_time_that_is_taken_stays_cancelled(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    actor = cast.albers.actor("jana")
    with acting(actor):
        cancel_appointment(actor, found.id)
    book(cast.albers, "09:00", last_name="Krüger", email="k@example.org")
    with pytest.raises(TimeTaken):
        undone(cast)
    assert hasattr(reload(cast.albers, found), "cancellation")


def test_attendance(cast: Cast) -> None:
    found = today(cast, book(cast.albers, "09:00"))
    actor = cast.albers.actor("jana")
    with acting(actor):
        set_attendance(actor, found.id, "arrived")
    undone(cast)
    assert not hasattr(reload(cast.albers, found), "attendance")


def test_a_swap_is_one_change(cast: Cast) -> None:
    one = book(cast.albers, "09:00")
    other = book(cast.albers, "10:00", who="jonas", first_name="Other", email="o@example.org")
    actor = cast.albers.actor("jana")
    with acting(actor):
        swap_appointments(actor, one.id, other.id)
    undone(cast)
    assert [reload(cast.albers, each).starts_at for each in (one, other)] == [at("09:00"), at("10:00")]
    with pytest.raises(NothingToUndo):
        undone(cast)


def test_blocks(cast: Cast) -> None:
    actor, calendar = cast.albers.actor("jana"), cast.albers.calendars["miriam"]

    def of(clock: str) -> Place:
        return Place(calendar, at(clock), at(clock) + timedelta(minutes=30))

    def now() -> Block:
        with acting(actor):
            return Block.objects.select_related("occupancy").get()

    with acting(actor):
        block = add_block(actor, of("12:00"), "Team", key=str(new_id()))
        move_block(actor, block.id, of("13:00"))
    undone(cast)
    assert now().starts_at == at("12:00")
    with acting(actor):
        remove_block(actor, block.id)
    undone(cast)
    assert now().occupancy.active
    book(cast.albers, "14:00")


def test_over_http(cast: Cast) -> None:
    client = Client(headers={"HX-Request": "true"})
    client.force_login(cast.albers.user("jana"))
    found = book(cast.albers, "09:00")
    move(cast, found, "11:00", who="jonas")
    answer = client.post(reverse("scheduling:undo"))
    assert answer.status_code == 200
    assert len(answer["X-Changed-Columns"].split(",")) == 2
    assert client.post(reverse("scheduling:undo")).status_code == 422
    assert client.post(reverse("scheduling:undo"), {"change": "x"}).status_code == 404
