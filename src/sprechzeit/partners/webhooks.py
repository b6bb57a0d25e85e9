"""An event as it goes to a partner's address: Standard Webhooks, signed with Ed25519 (OTV-9).

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: the signature is that of
`id.timestamp.body`, in base64, after `v1a,`; of several keys several, with a space between. The id is that of the event
and the same at each attempt; the time is the attempt's.
"""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ninja import Schema
from pydantic import Field

from sprechzeit.partners.models import Event
from sprechzeit.partners.references import Called, reference_of


class ChangedAppointment(Schema):
    """An appointment of the partner as it stood after the event. Whose it is tells the appointment itself."""

    appointment: str = Field(description="Reference of the appointment.", examples=["Vb2dXyq1mQmJp0c7"])
    type: str = Field(description="Reference of the appointment type.", examples=["Jw0s7a1kR5nB2x9d"])
    calendar: str = Field(description="Reference of the calendar.", examples=["Yl6m7xkq3f0Zt8ua"])
    starts_at: datetime = Field(examples=["2026-03-02T09:00:00+01:00"])
    ends_at: datetime = Field(examples=["2026-03-02T09:50:00+01:00"])
    state: Event.State = Field(examples=["booked"])
    sequence: int = Field(description="Counts every change; the larger one is the newer one.", examples=[2])
    changed_at: datetime = Field(examples=["2026-02-20T14:03:11+01:00"])


class EventOut(Schema):
    """One change of an appointment that the partner made."""

    number: int = Field(
        description="Counts the partner's events, without gaps, in the order they happened.", ge=1, examples=[128]
    )
    event: str = Field(
        description="Reference of the event: `webhook-id` of the webhook.", examples=["Kq3f0Zt8uaYl6m7x"]
    )
    kind: Event.Kind = Field(examples=["moved"])
    by: Event.By = Field(description="Who changed it. Of what the partner did there is no webhook.")
    at: datetime = Field(examples=["2026-02-20T14:03:11+01:00"])
    appointment: ChangedAppointment


def event_out(event: Event, zone: ZoneInfo) -> EventOut:
    """An event in the partner's words, instants by the practice's clock."""
    partner_id = event.partner_id
    return EventOut(
        number=event.number,
        event=reference_of(partner_id, Called.EVENT, event.pk),
        kind=Event.Kind(event.kind),
        by=Event.By(event.by),
        at=event.at.astimezone(zone),
        appointment=ChangedAppointment(
            appointment=reference_of(partner_id, Called.APPOINTMENT, event.appointment_id),
            type=reference_of(partner_id, Called.TYPE, event.type_id),
            calendar=reference_of(partner_id, Called.CALENDAR, event.calendar_id),
            starts_at=event.starts_at.astimezone(zone),
            ends_at=event.ends_at.astimezone(zone),
            state=Event.State(event.state),
            sequence=event.sequence,
            changed_at=event.changed_at.astimezone(zone),
        ),
    )


def webhook_id(event: Event) -> str:
    """By which a partner knows that it has an event already."""
    return reference_of(event.partner_id, Called.EVENT, event.pk)


def body_of(event: Event, zone: ZoneInfo) -> bytes:
    """The webhook's body: the same bytes at each attempt."""
    data = event_out(event, zone).model_dump(mode="json")
    told = {"type": f"appointment.{event.kind}", "timestamp": data["at"], "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def signed_headers(identity: str, body: bytes, keys: Sequence[Ed25519PrivateKey], now: datetime) -> dict[str, str]:
    """The headers of an attempt that is made `now`."""
    timestamp = str(int(now.timestamp()))
    signed = f"{identity}.{timestamp}.".encode() + body
    signatures = (f"v1a,{base64.b64encode(key.sign(signed)).decode()}" for key in keys)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Sprechzeit-Webhooks/1",
        "webhook-id": identity,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }
