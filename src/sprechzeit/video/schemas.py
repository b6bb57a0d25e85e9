"""What goes over the wire in both directions: a field that does not stand here is neither taken nor handed out."""

from datetime import datetime
from typing import Annotated

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from sprechzeit.video.actions.visits import Push

FIRST_YEAR, LAST_YEAR = 2000, 2200
SHORTEST, LONGEST = 5, 480
_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=_NO_CONTROLS)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
_is_email = EmailValidator()


def _email(value: str) -> str:
    try:
        _is_email(value)
    except ValidationError:
        raise PydanticCustomError("email", "not an e-mail address") from None
    return value


def _moment(value: datetime) -> datetime:
    if not FIRST_YEAR <= value.year < LAST_YEAR:
        raise PydanticCustomError("out_of_range", "a year that is not of our times")
    if value.second or value.microsecond:
        raise PydanticCustomError("whole_minute", "not a whole minute")
    return value


Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=_NO_CONTROLS), AfterValidator(_email)
]
Moment = Annotated[AwareDatetime, AfterValidator(_moment)]


class ChangeIn(BaseModel):
    """An appointment as the booking system has it. Nothing else is taken: what is not needed is refused by name."""

    model_config = ConfigDict(extra="forbid")

    practitioner: str = Field(
        max_length=64,
        description="User id of who holds it, from `GET /practitioners` or the practice's settings.",
        examples=["Yl6m7xkq3f0aB2cD4eF6gH"],
    )
    starts_at: Moment = Field(description="A whole minute, with its offset.", examples=["2026-03-02T09:00:00+01:00"])
    minutes: int = Field(ge=SHORTEST, le=LONGEST, strict=True, description="How long it lasts.", examples=[50])
    first_name: Annotated[Line, StringConstraints(min_length=1)] = Field(
        description="Or a pseudonym: initials, a code.", examples=["Paula"]
    )
    last_name: Line = Field("", examples=["Sommer"])
    email: Email = Field(examples=["paula@example.org"])
    mobile: Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9+ ()/.-]*$")] = Field(
        "", examples=["+49 171 2345678"]
    )

    def push(self) -> Push:
        """The same as the actions take it."""
        return Push(
            practitioner=self.practitioner,
            starts_at=self.starts_at,
            minutes=self.minutes,
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            mobile=self.mobile,
        )


class AppointmentIn(ChangeIn):
    """A new appointment."""

    reference: Reference = Field(
        description="Your own name for it, by which you change and cancel it; it says nothing of the patient.",
        examples=["0f8fad5b-d9cb-469f-a165-70867728950e"],
    )


class AppointmentOut(Schema):
    """The appointment as it stands here, and how one joins it."""

    reference: str = Field(examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])
    practitioner: str = Field(examples=["Yl6m7xkq3f0aB2cD4eF6gH"])
    starts_at: datetime = Field(examples=["2026-03-02T09:00:00+01:00"])
    minutes: int = Field(examples=[50])
    state: str = Field(description="`booked`.", examples=["booked"])
    overlaps: bool = Field(
        description="Whether it lies over something else in the practitioner's calendar, and is marked there.",
        examples=[False],
    )
    join_url: str = Field(
        description="Where the patient joins, from 30 minutes before until 60 after. It stays when the time changes.",
        examples=["https://praxis.example/video/Yl6m7xkq3f0aB2cD4eF6gHYl6m7xkq3f0aB2cD4eF6g/"],
    )
    tan: str = Field(description="What the patient types there.", examples=["481516"])


class CancelledOut(Schema):
    """The appointment does not take place; its link is dead."""

    reference: str = Field(examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])
    state: str = Field(description="`cancelled`.", examples=["cancelled"])


class PractitionerOut(Schema):
    """Somebody who holds consultations."""

    practitioner: str = Field(description="Their user id.", examples=["Yl6m7xkq3f0aB2cD4eF6gH"])
    name: str = Field(examples=["Dr. Miriam Albers"])


class PractitionersOut(Schema):
    """Everybody who holds consultations."""

    items: list[PractitionerOut]
    writes_to_patients: bool = Field(
        description="Whether the practice writes to the patients of what you push; then you need not (VID-5).",
        examples=[True],
    )


class FieldProblem(Schema):
    """A field, and what is wrong with it."""

    field: str = Field(examples=["diagnosis"])
    message: str = Field(description="For people.", examples=["This field is not taken here."])
    problem: str = Field(description="For programs.", examples=["extra_forbidden"])


class Problem(Schema):
    """Why a call was refused, and what to do (RFC 9457). `code` stays the same for the same reason."""

    type: str = Field(examples=["/problems/unknown_fields"])
    title: str = Field(examples=["The call has fields that are not taken here"])
    status: int = Field(examples=[422])
    detail: str = Field(
        description="For people, in German or English (Accept-Language).",
        examples=[
            "The call has fields that are not taken here. They are named in “fields”; send nothing but the others."
        ],
    )
    code: str = Field(examples=["unknown_fields"])
    fields: list[FieldProblem] | None = None
    retry_after: int | None = Field(None, description="Seconds.", examples=[30])
