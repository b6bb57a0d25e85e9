"""Whom the actions of consultations refuse."""

from collections.abc import Callable
from typing import TypeVar

from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.video.actions import consultation, seats
from sprechzeit.video.errors import LinkNotOpen, NotAdmitted
from tests.support.cast import Cast
from tests.support.consultations import now_by_video, pushed
from tests.support.scene import day

R = TypeVar("R")


def of_consultations(cast: Cast, refusal: Callable[..., R]) -> list[R]:
    """One goes on now, another one is to come; nobody has come in. What refuses later: tests/video."""
    house = cast.albers
    jonas, jana, berta = house.actor("jonas"), house.actor("jana"), cast.brandt.actor("berta")
    miriam = house.actor("miriam")
    now = now_by_video(house, "13:00", who="miriam", day=day(4), first_name="Vi", email="vi@example.org")
    coming = pushed(house, "08:00", who="miriam")
    sent = seats.Sent(new_id(), new_id(), "restart", "")
    return [
        refusal(NotAllowed, jonas, consultation.try_tan, now.tan),
        refusal(LinkNotOpen, coming.patient, consultation.try_tan, coming.tan),
        refusal(NotFound, berta, consultation.unlock_tan, now.id),
        refusal(NotAllowed, jana, consultation.admit, now.id),
        refusal(LinkNotOpen, miriam, consultation.admit, coming.id),
        # Its row is made to be locked, and is gone with the refusal.
        refusal(NotAdmitted, miriam, consultation.end_call, now.id),
        refusal(LinkNotOpen, coming.patient, seats.take_seat, coming.id, "waiting"),
        refusal(NotAllowed, jana, seats.leave_seat, now.id, new_id()),
        refusal(NotAdmitted, now.patient, seats.send_signal, now.id, sent),
        refusal(NotAllowed, now.patient, seats.say_soon, now.id),
        refusal(NotFound, berta, seats.listen, now.id, new_id(), 0),
        refusal(NotAllowed, jana, seats.step_away, now.id, new_id()),
    ]
