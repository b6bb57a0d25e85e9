"""What a booking partner reads: who offers what and when it is free, and whom it may know (OTV-4, OTV-5).

The schemas are the list of what is handed out. What needs the practice's leave says so (`Reading`); without it the
answer is 403. References are the partner's own: another one's mean nothing here.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from sprechzeit.access.actor import Actor
from sprechzeit.partners.references import Called, id_of, reference_of
from sprechzeit.partners.schemas import Contact, Moment, Person, Reference, Row, Slot
from sprechzeit.patients.queries import MOST_HANDED, match_patient, patients_for_list
from sprechzeit.practice.models import Reading
from sprechzeit.practice.policy import partner_of
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Insurance, Source, takes_place
from sprechzeit.scheduling.policy import get_calendar, get_type
from sprechzeit.scheduling.queries import partners as queries
from sprechzeit.scheduling.queries.partners import HourKind, Time

router = Router(tags=["Reading"])

Name = Callable[[Called, UUID], str]
_START, _END = "2026-03-02T09:00:00+01:00", "2026-03-02T09:50:00+01:00"
_REFERENCE = "q8jvZ1r3mM0WcQGm3m0pKx9qVhC2S5cJxT0T2vYkR4w"


def names_for(actor: Actor) -> Name:
    """What the partner that acts calls things: `name(Called.TYPE, id)`; each is made once."""

    @cache
    def name(kind: Called, thing: UUID) -> str:
        return reference_of(actor.identity, kind, thing)

    return name


def slots(name: Name, times: Sequence[Time]) -> list[dict[str, Any]]:
    """Times with their calendar, as `Slot`."""
    return [
        {"calendar": name(Called.CALENDAR, one.calendar_id), "starts_at": one.starts_at, "ends_at": one.ends_at}
        for one in times
        if one.calendar_id
    ]


# --- Who and what -----------------------------------------------------------------------------------------------------


class Practitioner(Row):
    """A calendar in which patients may be booked."""

    practitioner: str | None = Field(description="Whose it is; null: of no one person.", examples=[_REFERENCE])
    name: str = Field(description="The practitioner's name, or else the calendar's.", examples=["Miriam Albers"])
    calendar: str = Field(examples=[_REFERENCE])


class Practitioners(Schema):
    items: list[Practitioner]


@router.get("/practitioners", response=Practitioners, summary="Practitioners with a calendar")
def practitioners(request: ActorRequest) -> dict[str, Any]:
    name = names_for(request.actor)
    return {
        "items": [
            {
                "practitioner": one.member_id and name(Called.PRACTITIONER, one.member_id),
                "name": one.member.name if one.member else one.name,
                "calendar": name(Called.CALENDAR, one.pk),
            }
            for one in queries.practitioners(request.actor)
        ]
    }


class RoomOut(Row):
    """A room of the practice."""

    room: str = Field(examples=[_REFERENCE])
    name: str = Field(examples=["Room 1"])


class Rooms(Schema):
    items: list[RoomOut]


@router.get("/rooms", response=Rooms, summary="Rooms", description="Needs the practice's leave: rooms.")
def rooms(request: ActorRequest) -> dict[str, Any]:
    name = names_for(request.actor)
    found = queries.rooms_for_partner(request.actor)
    return {"items": [{"room": name(Called.ROOM, one.pk), "name": one.name} for one in found]}


class TypeOut(Row):
    """What can be booked."""

    type: str = Field(examples=[_REFERENCE])
    name: str = Field(examples=["First talk"])
    duration_minutes: int = Field(description="Unless an offering says otherwise.", examples=[50])
    patients: engine.Patients = Field(description="For whom it is.")
    least_age: int | None = Field(description="In completed years on the day of the appointment.", examples=[18])
    most_age: int | None = Field(description="The same; included.", examples=[None])
    insurances: list[Insurance] = Field(description="Whose patients may have it.")
    location: str = Field(description="practice, phone, home or video.", examples=["practice"])
    price_cents: int | None = Field(description="In euro cents.", examples=[None])


class Types(Schema):
    items: list[TypeOut]


@router.get("/types", response=Types, summary="Appointment types that partners book")
def types(request: ActorRequest) -> dict[str, Any]:
    name, online_location = names_for(request.actor), practice_of(request.actor).online_location
    return {
        "items": [
            {
                "type": name(Called.TYPE, one.pk),
                "name": one.name,
                "duration_minutes": one.duration,
                "patients": one.patients,
                "least_age": one.min_age,
                "most_age": one.max_age,
                "insurances": one.insurances,
                "location": takes_place(one.location, Source.PARTNER, online_location),
                "price_cents": one.price_cents,
            }
            for one in queries.types_at_partners(request.actor)
        ]
    }


class OfferingOut(Row):
    """That a type is offered in a calendar."""

    type: str = Field(examples=[_REFERENCE])
    calendar: str = Field(examples=[_REFERENCE])
    duration_minutes: int = Field(examples=[50])
    rooms: list[str] = Field(
        default_factory=list,
        description="With the practice's leave: rooms it may take place in, the best first.",
        examples=[[_REFERENCE]],
    )


class Offerings(Schema):
    items: list[OfferingOut]


@router.get("/offerings", response=Offerings, exclude_unset=True, summary="Which calendar offers which type")
def offerings(request: ActorRequest) -> dict[str, Any]:
    name, partner = names_for(request.actor), partner_of(request.actor)
    with_rooms = partner is not None and partner.reads_any(Reading.ROOMS)
    items = []
    for one in queries.offerings_at_partners(request.actor, with_rooms=with_rooms):
        item: dict[str, Any] = {
            "type": name(Called.TYPE, one.type_id),
            "calendar": name(Called.CALENDAR, one.calendar_id),
            "duration_minutes": one.duration or one.type.duration,
        }
        if with_rooms:
            item["rooms"] = [name(Called.ROOM, allowed.room_id) for allowed in one.rooms.all()]
        items.append(item)
    return {"items": items}


# --- Times ------------------------------------------------------------------------------------------------------------


class Asked(Schema):
    """A period of at most 31 days."""

    since: Moment = Field(alias="from", description="A day of the practice, or an instant.", examples=["2026-03-02"])
    until: Moment = Field(
        alias="to", description="The last day, which is included, or the instant of the end.", examples=["2026-03-31"]
    )


class HourOut(Row):
    """A time of a calendar, and nothing but the time."""

    calendar: str | None = Field(description="null: of all calendars.", examples=[_REFERENCE])
    kind: HourKind
    starts_at: datetime = Field(examples=[_START])
    ends_at: datetime = Field(examples=[_END])
    types: list[str] = Field(
        default_factory=list,
        description="Of a window: the types for which it is kept, of those that partners book.",
        examples=[[_REFERENCE]],
    )


class Hours(Schema):
    items: list[HourOut]


@router.get(
    "/hours",
    response=Hours,
    exclude_unset=True,
    summary="Working time, absences and booking windows",
    description="Weeks, shifts and public holidays as the practice works them out. Needs its leave: hours.",
)
def hours(request: ActorRequest, asked: Query[Asked]) -> dict[str, Any]:
    name = names_for(request.actor)
    found = queries.hours_at_partners(request.actor, queries.period_of(request.actor, asked.since, asked.until))
    items = []
    for one in found:
        item: dict[str, Any] = {
            "calendar": one.calendar_id and name(Called.CALENDAR, one.calendar_id),
            "kind": one.kind,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
        }
        if one.types is not None:
            item["types"] = [name(Called.TYPE, each) for each in one.types]
        items.append(item)
    return {"items": items}


class Slots(Schema):
    items: list[Slot]


@router.get(
    "/busy",
    response=Slots,
    summary="Taken times",
    description="Date, time and calendar, nothing else; what touches is one time. Needs the practice's leave: busy.",
)
def busy(request: ActorRequest, asked: Query[Asked]) -> dict[str, Any]:
    found = queries.busy_at_partners(request.actor, queries.period_of(request.actor, asked.since, asked.until))
    return {"items": slots(names_for(request.actor), found)}


class AskedFree(Asked):
    """For what and whom: what is not said binds nothing until it is booked."""

    type: Reference
    calendar: Reference | None = Field(default=None, description="Of this one alone.")
    known: bool | None = Field(default=None, description="Whether the practice knows the patient.")
    date_of_birth: date | None = Field(default=None, description="The patient's: some types are for an age.")
    insurance: Insurance | None = None


class Free(Schema):
    items: list[Slot]
    next: list[Slot] = Field(description="Where the period has nothing free: the next times after it, up to 10.")


@router.get("/free", response=Free, summary="Free times", description="As the practice computes them for partners.")
def free(request: ActorRequest, asked: Query[AskedFree]) -> dict[str, Any]:
    actor = request.actor
    found = get_type(actor, id_of(actor.identity, Called.TYPE, asked.type))
    calendar = asked.calendar and get_calendar(actor, id_of(actor.identity, Called.CALENDAR, asked.calendar)).pk
    asker = engine.Asker(
        engine.Channel.PARTNERS, known=asked.known, born_on=asked.date_of_birth, insurance=asked.insurance
    )
    period = queries.period_of(actor, asked.since, asked.until)
    times, more = queries.free_at_partners(actor, found, period, calendar or None, asker)
    name = names_for(actor)
    return {"items": slots(name, times), "next": slots(name, more)}


# --- Patients ---------------------------------------------------------------------------------------------------------


class PatientOut(Row):
    """A patient who said yes to this partner."""

    patient: str = Field(examples=[_REFERENCE])
    first_name: str = Field(examples=["Paula"])
    last_name: str = Field(examples=["Sommer"])
    date_of_birth: date | None = Field(examples=["1985-03-24"])
    contacts: list[Contact]
    changed_at: datetime = Field(examples=[_START])


class PatientPage(Schema):
    """A page of them."""

    items: list[PatientOut]
    removed: list[str] = Field(
        description="With changed_since: whom to forget. They are on the list no more.", examples=[[_REFERENCE]]
    )
    as_of: datetime = Field(
        description="What to send as changed_since next time, from the first page of this time.", examples=[_START]
    )
    next: str | None = Field(
        description="What to send as `after` for the next page; null: there is none.", examples=[_REFERENCE]
    )


class AskedPatients(Schema):
    """Which page."""

    after: Reference | None = Field(default=None, description="`next` of the page before.")
    limit: Annotated[int, Field(ge=1, le=MOST_HANDED)] = 100
    changed_since: AwareDatetime | None = Field(default=None, description="`as_of` of the last time.")


@router.get(
    "/patients",
    response=PatientPage,
    summary="Patients who said yes to this partner",
    description="Each field that is handed out stands in the practice's log. Needs its leave: patients.",
)
def patients(request: ActorRequest, asked: Query[AskedPatients]) -> dict[str, Any]:
    actor, name = request.actor, names_for(request.actor)
    after = id_of(actor.identity, Called.PAGE, asked.after) if asked.after else None
    page = patients_for_list(actor, after, asked.limit, changed_since=asked.changed_since)
    zone = practice_of(actor).zone
    return {
        "items": [
            {
                "patient": name(Called.PATIENT, one.id),
                "first_name": one.first_name,
                "last_name": one.last_name,
                "date_of_birth": one.date_of_birth,
                "contacts": [{"kind": kind, "value": value} for kind, value in one.contacts],
                "changed_at": one.changed_at.astimezone(zone),
            }
            for one in page.patients
        ],
        "removed": [name(Called.PATIENT, one) for one in page.gone],
        "as_of": page.as_of.astimezone(zone),
        "next": page.after and name(Called.PAGE, page.after),
    }


class Match(Schema):
    patient: str | None = Field(description="null: nobody, or nobody that may be told.", examples=[_REFERENCE])


@router.post(
    "/patients/match",
    response=Match,
    summary="Whether a patient is known",
    description="A reference or null, and nothing else. Needs the practice's leave: match.",
)
def match(request: ActorRequest, person: Person) -> dict[str, Any]:
    found = match_patient(request.actor, person.identity())
    return {"patient": found and reference_of(request.actor.identity, Called.PATIENT, found)}
