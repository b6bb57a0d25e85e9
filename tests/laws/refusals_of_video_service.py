"""Whom the actions about the video service refuse."""

from collections.abc import Callable
from typing import TypeVar

from sprechzeit.core.acting import acting
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.integrations.video_service import queries
from sprechzeit.integrations.video_service.actions import former, outcome, pushing, service
from sprechzeit.integrations.video_service.contract import Known, NotTaken, Taken
from sprechzeit.integrations.video_service.errors import (
    NoVideoAddress,
    OwnVideoSide,
    ToldByLaterPush,
    VideoServiceUnnamed,
)
from sprechzeit.integrations.video_service.models import FormerService, Push
from sprechzeit.practice.models import VideoToken
from sprechzeit.scheduling.models import Appointment
from tests.support.cast import House

R = TypeVar("R")
OWN = "vt_of_our_own"


def of_video_service(house: House, brandt: House, booked: Appointment, make: Callable[..., R]) -> list[R]:
    """Choosing and asking it, telling it of an appointment. `booked`: one of the house's. `make`: as `refusal`."""
    miriam, jonas, system = house.actor("miriam"), house.actor("jonas"), house.system
    with acting(system):
        facts = {
            "practice": house.practice, "appointment": booked, "calendar": booked.calendar, "reference": "r",
            "target": "t", "starts_at": booked.starts_at, "minutes": 50, "kind": "create",
        }  # fmt: skip
        failed = Push.objects.create(**facts, number=1, state="failed").pk
        Push.objects.create(**facts, number=2)
        VideoToken.objects.create(
            practice=house.practice, name="Eigener", token_hash=token_hash(OWN), made_by=house.members["miriam"]
        )
    elsewhere = {"kind": "sprechzeit", "is_on": True, "url": "https://video.example", "token": "t"}
    error = NotTaken("error")
    left = FormerService(practice=house.practice, target="f", kind="sprechzeit", url="https://video.example", token="t")
    with acting(system):
        left.save()
    return [
        make(NotAllowed, miriam, pushing.plan_pushes, booked.pk),
        make(NotFound, brandt.system, pushing.plan_pushes, booked.pk),
        make(NotAllowed, miriam, pushing.begin_push, booked.pk),
        make(NotAllowed, jonas, outcome.mark_taken, failed, Taken("https://video.example", "1")),
        make(NotFound, system, outcome.mark_taken, new_id(), None),
        make(NotAllowed, miriam, outcome.mark_not_taken, failed, error),
        make(NotFound, brandt.system, outcome.mark_not_taken, failed, error),
        make(NotAllowed, jonas, outcome.note_fault, error),
        make(NotAllowed, jonas, outcome.note_well),
        make(NotAllowed, miriam, outcome.try_failed_again),
        make(NotFound, jonas, outcome.send_push_again, failed),
        make(NotFound, brandt.actor("berta"), outcome.send_push_again, failed),
        make(ToldByLaterPush, miriam, outcome.send_push_again, failed),
        make(NotAllowed, jonas, outcome.put_pushes_aside),
        make(NotAllowed, jonas, service.change_service, elsewhere),
        make(NoVideoAddress, miriam, service.change_service, elsewhere | {"url": "https://a:b@video.example"}),
        make(OwnVideoSide, miriam, service.change_service, elsewhere | {"token": OWN}),
        make(VideoServiceUnnamed, miriam, service.change_service, elsewhere | {"url": ""}),
        make(NotAllowed, jonas, former.keep_former, left, "t"),
        make(NotFound, jonas, former.empty_former, left.pk),
        make(NotFound, brandt.actor("berta"), former.empty_former, left.pk),
        make(NotFound, jonas, former.leave_former, left.pk),
        make(NotAllowed, miriam, former.forget_formers),
        make(NotAllowed, jonas, service.note_answer, queries.Asked("sprechzeit", "", ""), Known({})),
        make(NotAllowed, jonas, queries.service_to_ask),
        make(VideoServiceUnnamed, miriam, queries.service_to_ask),
    ]
