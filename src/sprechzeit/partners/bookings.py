"""What goes over the wire of holds and appointments (OTV-6…8)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sprechzeit.partners.references import Called, reference_of
from sprechzeit.partners.schemas import Contact, ContactKind, Line, Person, Reference
from sprechzeit.patients.identity import Identity
from sprechzeit.patients.matching import phone_key
from sprechzeit.practice.models import Confirms
from sprechzeit.scheduling.actions import book
from sprechzeit.scheduling.models import Appointment, Booker, Hold, Insurance

LONGEST_REMARK, LONGEST_REASON = 500, 500
EARLIEST_BIRTH_YEARS = 130
_YEARS = range(1971, 2200)
_BEGIN, _END, _NOW = "2026-03-02T09:00:00+01:00", "2026-03-02T09:50:00+01:00", "2026-02-20T14:03:11+01:00"
_REFERENCE = "q8jvZ1r3mM0WcQGm3m0pKx9qVhC2S5cJxT0T2vYkR4w"
# Lines may be broken, NUL and the like do not stand in a text.
_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"


def _of_the_clock(value: datetime) -> datetime:
    if value.year not in _YEARS or value.second or value.microsecond:
        raise ValueError("a full minute of a day that somebody may book")
    return value


Minute = Annotated[AwareDatetime, AfterValidator(_of_the_clock)]


class Asked(Schema):
    """What is sent: a field that does not stand here is a mistake, and said to be one."""

    model_config = ConfigDict(extra="forbid")


class State(StrEnum):
    """Whether an appointment will take place."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


class HoldIn(Asked):
    """Which time to keep."""

    type: Reference = Field(examples=[_REFERENCE])
    calendar: Reference | None = Field(None, description="Without it, the first that is free.", examples=[_REFERENCE])
    starts_at: Minute = Field(examples=[_BEGIN])


class HoldOut(Schema):
    """A time that is kept for the partner, for ten minutes."""

    hold: str = Field(examples=[_REFERENCE])
    type: str = Field(examples=[_REFERENCE])
    calendar: str = Field(examples=[_REFERENCE])
    starts_at: datetime = Field(examples=[_BEGIN])
    ends_at: datetime = Field(examples=[_END])
    expires_at: datetime = Field(description="From then on it is free for everybody.", examples=[_NOW])


class BookerIn(Asked):
    """Who books for a child or for somebody else: the practice writes to them and calls them, not the patient."""

    relation: Booker.Relation = Field(examples=["child"])
    first_name: Line = Field(examples=["Eva"])
    last_name: Line = Field(examples=["Sommer"])
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] = Field(
        "", examples=["eva@example.org"]
    )
    mobile: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = Field(
        "", examples=["0171 2345678"]
    )

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        _require(bool(self.email or self.mobile), "one_of", "email", "mobile")
        _require(not self.email or _is_email(self.email), "no_address", "email")
        _require(not self.mobile or _is_phone(self.mobile), "no_phone_number", "mobile")
        return self

    def contact(self) -> book.Contact:
        """The same as booking takes it."""
        return book.Contact(self.relation.value, self.first_name, self.last_name, self.email, self.mobile)


class AppointmentIn(Asked):
    """What to book: a kept time or a time; a patient by reference, or who they say that they are."""

    hold: Reference | None = Field(None, description="A kept time; else type and begin.", examples=[_REFERENCE])
    type: Reference | None = Field(None, examples=[None])
    calendar: Reference | None = Field(None, description="Without it, the first that is free.", examples=[None])
    starts_at: Minute | None = Field(None, examples=[None])
    patient: Reference | None = Field(None, description="A reference that you were given.", examples=[None])
    first_name: Line | None = Field(None, examples=["Paula"])
    last_name: Line | None = Field(None, examples=["Sommer"])
    date_of_birth: date | None = Field(None, examples=["1985-03-24"])
    contacts: list[Contact] = Field(
        default_factory=list, max_length=10, description="At least one, of a patient named."
    )
    insurance: Insurance | None = Field(
        None, description="Where the type is not for all of them.", examples=["statutory"]
    )
    remark: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_REMARK, pattern=_TEXT)] = Field(
        "", description="Of the patient to the practice.", examples=["Wheelchair"]
    )
    language: Annotated[str, StringConstraints(pattern="^(de|en)$")] = Field("de", description="Of the messages.")
    booker: BookerIn | None = Field(None, description="Who books, if it is not the patient.")

    @model_validator(mode="after")
    def _one_time_and_one_patient(self) -> Self:
        at = (self.type, self.starts_at)
        _require(bool(self.hold) != any(at), "one_of", "hold", "type")
        _require(bool(self.hold) or all(at), "both", "type", "starts_at")
        _require(not (self.hold and self.calendar), "one_of", "hold", "calendar")
        named = {name: getattr(self, name) for name in ("first_name", "last_name", "date_of_birth")}
        said = any((*named.values(), self.contacts))
        _require(bool(self.patient) != said, "one_of", "patient", *(named if said else ("last_name",)))
        lacking = [] if self.patient else [name for name, value in named.items() if not value]
        _require(not lacking, "missing", *lacking)
        _require(bool(self.patient or self.contacts or self.booker), "one_of", "contacts", "booker")
        _require(self.date_of_birth is None or _is_birthday(self.date_of_birth), "no_birthday", "date_of_birth")
        for number, one in enumerate(self.contacts):
            is_address = one.kind == ContactKind.EMAIL
            good = _is_email(one.value) if is_address else _is_phone(one.value)
            _require(good, "no_address" if is_address else "no_phone_number", f"contacts.{number}.value")
        return self

    def identity(self) -> Identity | None:
        """Who the patient is said to be, if they are not named by reference."""
        if self.first_name is None or self.last_name is None or self.date_of_birth is None:
            return None
        person = Person(
            first_name=self.first_name, last_name=self.last_name, date_of_birth=self.date_of_birth,
            contacts=self.contacts,
        )  # fmt: skip
        return person.identity(self.language)


class MoveIn(Asked):
    """Where to move an appointment."""

    starts_at: Minute = Field(examples=[_BEGIN])
    calendar: Reference | None = Field(None, description="Without it, the one in which it stands.", examples=[None])
    sequence: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = Field(
        None, description="As you know the appointment; has it another one meanwhile, it is not moved.", examples=[0]
    )


class CancelIn(Asked):
    """Why it is cancelled."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_REASON, pattern=_TEXT)] = Field(
        "", description="For the practice.", examples=["Ill"]
    )


class AppointmentOut(Schema):
    """An appointment that the partner booked."""

    appointment: str = Field(examples=[_REFERENCE])
    type: str = Field(examples=[_REFERENCE])
    calendar: str = Field(examples=[_REFERENCE])
    starts_at: datetime = Field(examples=[_BEGIN])
    ends_at: datetime = Field(examples=[_END])
    state: State = Field(examples=["booked"])
    sequence: int = Field(description="Counted up with each move, cancellation and restoring.", examples=[0])
    patient: str = Field(
        description="Reference of the patient, the same for each of their bookings.", examples=[_REFERENCE]
    )
    confirms: Confirms = Field(
        description="Who writes to the patient about this appointment: you (partner), or the practice.",
        examples=["practice"],
    )
    changed_at: datetime = Field(examples=[_NOW])


class Appointments(Schema):
    """A page of the partner's appointments."""

    items: list[AppointmentOut]
    as_of: datetime = Field(
        description="What to send as changed_since next time, from the first page of this time.", examples=[_NOW]
    )
    next: str | None = Field(
        description="What to send as `after` for the next page; null: there is none.", examples=[None]
    )


def hold_out(partner_id: UUID, hold: Hold, zone: ZoneInfo) -> HoldOut:
    """A hold in the partner's words, instants by the practice's clock."""
    expires_at = hold.occupancy.expires_at
    assert expires_at  # noqa: S101 – of a hold it is always said
    return HoldOut(
        hold=reference_of(partner_id, Called.HOLD, hold.pk),
        type=reference_of(partner_id, Called.TYPE, hold.type_id),
        calendar=reference_of(partner_id, Called.CALENDAR, hold.calendar_id),
        starts_at=hold.starts_at.astimezone(zone),
        ends_at=hold.ends_at.astimezone(zone),
        expires_at=expires_at.astimezone(zone),
    )


def appointment_out(partner_id: UUID, appointment: Appointment, zone: ZoneInfo) -> AppointmentOut:
    """An appointment in the partner's words, instants by the practice's clock. Of whether somebody came, of the room
    and of what the practice wrote it is told nothing; the patient is the one whom it named (PAT-14).
    """
    assert appointment.named_patient_id  # noqa: S101 – a constraint of the database
    is_cancelled = hasattr(appointment, "cancellation")
    return AppointmentOut(
        appointment=reference_of(partner_id, Called.APPOINTMENT, appointment.pk),
        type=reference_of(partner_id, Called.TYPE, appointment.type_id),
        calendar=reference_of(partner_id, Called.CALENDAR, appointment.calendar_id),
        starts_at=appointment.starts_at.astimezone(zone),
        ends_at=appointment.ends_at.astimezone(zone),
        state=State.CANCELLED if is_cancelled else State.BOOKED,
        sequence=appointment.sequence,
        patient=reference_of(partner_id, Called.PATIENT, appointment.named_patient_id),
        confirms=Confirms.PARTNER if appointment.partner_writes else Confirms.PRACTICE,
        changed_at=appointment.changed_at.astimezone(zone),
    )


def _require(holds: bool, problem: str, *fields: str) -> None:
    """Refuse what concerns several fields, or more than their shape, by their names (OTV-12)."""
    if not holds:
        raise PydanticCustomError("fields", "fields", {"fields": fields, "problem": problem})


def _is_email(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


def _is_phone(value: str) -> bool:
    """Something that can be called."""
    return 6 <= len(phone_key(value).lstrip("+")) <= 17


def _is_birthday(day: date) -> bool:
    today = timezone.localdate()
    return today.year - EARLIEST_BIRTH_YEARS <= day.year and day <= today
