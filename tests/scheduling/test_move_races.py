"""Moves, swaps, cancellations and undos at the same time, on real commits (CAL-8)."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import run_as
from sprechzeit.core.errors import DomainError
from sprechzeit.scheduling.actions.attend import enter_attendance
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import move_appointment, swap_appointments
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.errors import ChangedMeanwhile
from sprechzeit.scheduling.models import Appointment
from tests.scheduling.test_appoint import enter, wish
from tests.scheduling.test_move import place, reload
from tests.scheduling.test_occupancy import deadlocks, overlaps, race
from tests.support.cast import Cast, at, book
from tests.support.databases import Databases
from tests.support.together import together

pytestmark = [pytest.mark.own_database, pytest.mark.req("CAL-8")]

CLOCKS = [f"{hour:02}:{minute:02}" for hour in (8, 9, 10, 11, 13, 14) for minute in (0, 30)]


def test_of_two_who_move_the_same_one_is_told(cast: Cast) -> None:
    found = book(cast.albers, "09:00")

    def to(clock: str, name: str) -> Callable[[], Appointment]:
        actor = cast.albers.actor(name)
        return lambda: run_as(actor, lambda: move_appointment(actor, found.id, place(cast.albers, clock)))

    answers = together(to("11:00", "jana"), to("14:00", "miriam"))
    assert any(isinstance(one, Appointment) for one in answers)
    assert all(isinstance(one, Appointment | ChangedMeanwhile) for one in answers)


def test_swaps_that_cross_each_other(cast: Cast, own_database: Databases) -> None:
    """Four swap with each other in a circle, again and again, from both ends."""

    places = [("09:00", "miriam"), ("10:00", "miriam"), ("09:00", "jonas"), ("10:00", "jonas")]
    four = [enter(cast, wish(cast, clock, who=who, any_room=False)) for clock, who in places]
    actor = cast.albers.actor("jana")

    def swap(one: Appointment, other: Appointment) -> Callable[[], None]:
        def run() -> None:
            for _ in range(5):
                with suppress(DomainError):
                    run_as(actor, lambda: swap_appointments(actor, one.id, other.id))

        return run

    runners = [swap(four[a], four[b]) for a in range(4) for b in range(4) if a != b]
    assert race(*runners) == {"done": 12}
    assert overlaps(own_database) == 0
    assert deadlocks(own_database) == 0
    stand = {(one.calendar_id, one.starts_at) for one in (reload(cast.albers, each) for each in four)}
    assert len(stand) == 4, "all four places are still taken, each by one"


def client(cast: Cast, all_of_them: list[Appointment], seed: int) -> Callable[[], None]:
    """Somebody who does this and that to the book: moves with and without confirming, swaps, cancels, undoes."""
    rng, actor = random.Random(seed), cast.albers.actor(["jana", "miriam"][seed % 2])

    def some() -> Appointment:
        return rng.choice(all_of_them)

    def somewhere() -> Place:
        begin = at(rng.choice(CLOCKS))
        calendar = cast.albers.calendars[rng.choice(["miriam", "jonas"])]
        room = rng.choice([None, cast.albers.rooms["own"], cast.albers.rooms["shared"]])
        any_room = room is None and rng.random() < 0.5
        return Place(calendar, begin, begin + timedelta(minutes=rng.choice([20, 50, 80])), room, any_room)

    def once(actor: Actor = actor) -> None:
        chance = rng.random()
        if chance < 0.55:
            confirmed = {"calendar_taken", "outside_working_time"} if rng.random() < 0.2 else set()
            move_appointment(actor, some().id, somewhere(), confirmed=confirmed)
        elif chance < 0.75:
            swap_appointments(actor, some().id, some().id)
        elif chance < 0.8:
            cancel_appointment(actor, some().id)
        elif chance < 0.85:
            enter_attendance(actor, reload(cast.albers, some()), "arrived")
        else:
            undo(actor)

    def run() -> None:
        for _ in range(10):
            with suppress(DomainError):
                run_as(actor, once)

    return run


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)])
def test_a_busy_office_never_overlaps_and_never_deadlocks(cast: Cast, own_database: Databases, seed: int) -> None:
    clocks = [(clock, who) for clock in ("08:00", "09:00", "10:00", "13:00") for who in ("miriam", "jonas")]
    everything = [enter(cast, wish(cast, clock, who=who)) for clock, who in clocks]
    assert race(*[client(cast, everything, seed * 100 + number) for number in range(8)]) == {"done": 8}
    assert overlaps(own_database) == 0
    assert deadlocks(own_database) == 0
    for one in everything:
        now = reload(cast.albers, one)
        assert now.occupancy.active is not hasattr(now, "cancellation")
        assert now.occupancy.calendar_id == now.calendar_id
        assert now.occupancy.starts_at == now.starts_at
