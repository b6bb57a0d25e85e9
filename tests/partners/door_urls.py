"""An interface of the tests behind the same door: operations that take, refuse and break in every way."""

from typing import Any, cast

from django.http import HttpRequest
from django.urls import URLPattern, path
from ninja import Router, Schema, Status

from sprechzeit.config.urls import urlpatterns as all_others
from sprechzeit.core.errors import DomainError, NotAllowed
from sprechzeit.core.ids import new_reference
from sprechzeit.core.interface import Interface, Json
from sprechzeit.partners.door import through_door
from sprechzeit.practice.actions.partners import note_booking
from sprechzeit.practice.models import Room, Space

router = Router()


class Person(Schema):
    """What is sent."""

    name: str
    born: int


class Taken(DomainError):
    """As a booking is refused."""

    code = "test_taken"
    status = 409


@router.post("/echo", response=Person)
def echo(request: HttpRequest, person: Person) -> Person:
    return person


@router.post("/bodiless", response={204: None})
def bodiless(request: HttpRequest) -> Status[None]:
    return Status(204, None)


@router.get("/number", response=Person)
def number(request: HttpRequest, born: int) -> dict[str, Any]:
    return {"name": "Paula", "born": born, "secret": "not in the schema"}


@router.get("/taken")
def taken(request: HttpRequest) -> None:
    raise Taken(next_free=[{"starts_at": "2027-01-01T09:00:00+01:00"}], patient="Paula Sommer")


@router.post("/half")
def half(request: Any, how: str) -> None:
    """Writes, and then goes wrong."""
    note_booking(request.actor)
    Room.objects.create(practice_id=request.actor.practice_id, space=Space.objects.create(), name=new_reference())
    raise NotAllowed if how == "refused" else RuntimeError("Paula Sommer, 24.03.1985")


api = Interface(title="Tests", version="9", urls_namespace="door_tests", openapi_url=None, docs_url=None, parser=Json())
api.add_router("", router)
urlpatterns = [
    *(
        path(f"api/otv/v1/{one.pattern}", through_door(one.callback), name=one.name)
        for one in cast(list[URLPattern], api.urls[0])
        if one.name != "api-root"
    ),
    *all_others,
]
