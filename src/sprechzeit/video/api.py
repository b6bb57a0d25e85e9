"""The interface for booking systems that push appointments by video: `/api/video/v1` (VID-1)."""

from typing import Any

from django.http import HttpResponse
from ninja import Path, Router

from sprechzeit.access.actor import Actor
from sprechzeit.core.interface import Interface, Json, SameJson
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest
from sprechzeit.video.actions.visits import cancel_visit, change_visit, create_visit
from sprechzeit.video.answering import Key, answered
from sprechzeit.video.models import Visit
from sprechzeit.video.queries.visits import joined_by, practitioners
from sprechzeit.video.schemas import (
    AppointmentIn,
    AppointmentOut,
    CancelledOut,
    ChangeIn,
    PractitionersOut,
    Reference,
)
from sprechzeit.video.users import user_id_of

router = Router(tags=["video"])
Named = Path[Reference]


@router.get("/practitioners", response=PractitionersOut, summary="Who holds consultations")
def list_practitioners(request: ActorRequest) -> dict[str, Any]:
    """With the user ids by which you name them. Try a token by it: it changes nothing."""
    found = practitioners(request.actor)
    return {
        "items": [{"practitioner": one.user_id, "name": one.name} for one in found],
        "writes_to_patients": practice_of(request.actor).video_mails,
    }


@router.post("/appointments", response={201: AppointmentOut}, summary="Book")
def create_appointment(request: ActorRequest, key: Key, asked: AppointmentIn) -> HttpResponse:
    """It stands in the practitioner's calendar at once, over whatever has the time there. Link and TAN are answered."""
    actor = request.actor
    return answered(request, key, 201, lambda: _out(actor, create_visit(actor, asked.reference, asked.push())))


@router.put("/appointments/{reference}", response={200: AppointmentOut}, summary="Change")
def change_appointment(request: ActorRequest, reference: Named, key: Key, asked: ChangeIn) -> HttpResponse:
    """Everything as it is now: another time, length, practitioner or name. Link and TAN stay."""
    actor = request.actor
    return answered(request, key, 200, lambda: _out(actor, change_visit(actor, reference, asked.push())))


@router.delete("/appointments/{reference}", response={200: CancelledOut}, summary="Cancel")
def cancel_appointment(request: ActorRequest, reference: Named, key: Key) -> HttpResponse:
    """Its time is free, its link is dead. Cancelled before, it stays so."""
    actor = request.actor

    def work() -> CancelledOut:
        return CancelledOut(reference=cancel_visit(actor, reference).reference, state="cancelled")

    return answered(request, key, 200, work)


def _out(actor: Actor, visit: Visit) -> AppointmentOut:
    block, how = visit.block, joined_by(actor, visit)
    return AppointmentOut(
        reference=visit.reference,
        practitioner=user_id_of(visit.member_id),
        starts_at=block.starts_at.astimezone(practice_of(actor).zone),
        minutes=(block.ends_at - block.starts_at).total_seconds() // 60,
        state="booked",
        overlaps=block.occupancy.overbooked,
        join_url=how.url,
        tan=how.tan,
    )


api = Interface(
    title="Sprechzeit for booking systems: video side",
    version="1",
    urls_namespace="video_api",
    openapi_url=None,
    docs_url=None,
    parser=Json(),
    renderer=SameJson(),
)
api.add_router("", router)
