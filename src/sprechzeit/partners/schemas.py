"""What goes over the wire in both directions: parts that several calls share.

A schema is the list of what is handed out: a field that does not stand in one does not leave the practice (OTV-4).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from ninja import Schema
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from sprechzeit.patients.identity import Identity

# What cannot stand in a line of a form: above all NUL, which no text of the database holds.
_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_NO_CONTROLS)]
Reference = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9_-]*$")]


class Row(BaseModel):
    """One of many in an answer. Of pydantic's own kind: ninja's looks at each value of each row anew."""

    model_config = ConfigDict(from_attributes=True)


class Slot(Row):
    """A time in a calendar, without buffers."""

    calendar: str = Field(description="Reference of the calendar.", examples=["Yl6m7xkq3f0"])
    starts_at: datetime = Field(examples=["2026-03-02T09:00:00+01:00"])
    ends_at: datetime = Field(examples=["2026-03-02T09:50:00+01:00"])


class ContactKind(StrEnum):
    """What a contact point is."""

    EMAIL = "email"
    MOBILE = "mobile"
    PHONE = "phone"


class Contact(Row):
    """A contact point of a patient."""

    kind: ContactKind = Field(examples=["mobile"])
    value: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254, pattern=_NO_CONTROLS)
    ] = Field(description="E-mail address, or a phone number in any notation.", examples=["+49 171 2345678"])


class Person(Schema):
    """Who is meant: compared as PAT-10 says, upper and lower case and spaces aside."""

    first_name: Line = Field(examples=["Paula"])
    last_name: Line = Field(examples=["Sommer"])
    date_of_birth: date = Field(examples=["1985-03-24"])
    contacts: list[Contact] = Field(default_factory=list, max_length=10)

    def identity(self, language: str = "de") -> Identity:
        """The same as matching and booking take it."""
        given = tuple((str(one.kind), one.value) for one in self.contacts)
        email = next((value for kind, value in given if kind == ContactKind.EMAIL), "")
        return Identity(
            self.first_name, self.last_name, self.date_of_birth, email=email, language=language, others=given
        )


def _moment(value: object) -> object:
    """A day where it is as long as one, else an instant: pydantic would take midnight of UTC for a day."""
    if not isinstance(value, str):
        return value
    if len(value) == len("2026-03-02"):
        return date.fromisoformat(value)
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("an instant has an offset, as 2026-03-02T09:00:00+01:00")
    return instant


Moment = Annotated[date | AwareDatetime, BeforeValidator(_moment)]
"""A day of the practice (2026-03-02), or an instant (2026-03-02T09:00:00+01:00)."""
