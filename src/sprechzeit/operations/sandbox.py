"""The sandbox practice for portals' developers: everything that a portal must not show has a word of its own (OTV-11).

Made by the actions of any other practice. `MARKED` are its words: rooms, patients, remarks, reasons. None of them may
stand on a portal's pages; the conformance kit looks for them.
"""

import contextlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.utils import timezone

from sprechzeit.access.actor import Actor, system
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.operations.sandbox_words import (
    ABSENCE,
    BLOCK,
    EMAIL,
    NAME,
    PARTNER,
    PATIENTS,
    PRACTITIONERS,
    REMARK,
    ROOMS,
    SLUG,
    TYPES,
)
from sprechzeit.patients.actions import Identity, find_or_add_patient
from sprechzeit.patients.actions.consents import Said, record_consent
from sprechzeit.patients.models import Consent
from sprechzeit.practice.actions import add_member, add_room, found_practice
from sprechzeit.practice.actions.partner_keys import add_key
from sprechzeit.practice.actions.partners import open_consents, register_partner
from sprechzeit.practice.models import Reading, Room, VideoService
from sprechzeit.scheduling.actions.absence import enter_absence
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.enter import Known, enter_appointments
from sprechzeit.scheduling.actions.hours import set_working_hours
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.settings import add_calendar, add_type, offer_type
from sprechzeit.scheduling.models import AppointmentType, Calendar
from sprechzeit.scheduling.queries.absence import Away

WEEK = [(day, *block) for day in range(5) for block in ((8 * 60, 12 * 60), (13 * 60, 17 * 60))]


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What its maker needs: who signs in with which password, and by which id the partner's key is known."""

    email: str
    password: str
    keyid: str


def make_sandbox(key: Ed25519PrivateKey, **facts: str) -> Sandbox:
    """Found it, with a partner that signs with `key` and may read everything that there is to read.

    `facts`: more about the partner, as `confirms` or `webhook_url`. Raises the refusals of what it is made by.
    """
    actor, password = system(new_id()), secrets.token_urlsafe(12)
    with acting(actor):
        found_practice(
            actor, NAME, SLUG, street="Strandweg 1", postcode="26548", town="Norderney", phone="04932 5550 100",
            email=EMAIL, region="DE-NI", colour=4,
        )  # fmt: skip
        VideoService.objects.create(practice_id=actor.practice_id, is_on=True)
        rooms = [add_room(actor, name, position=position) for position, name in enumerate(ROOMS)]
        kinds = [_add_type(actor, position, kind) for position, kind in enumerate(TYPES)]
        calendars = [_settle(actor, number, password) for number in range(len(PRACTITIONERS))]
        for calendar, room in zip(calendars, rooms, strict=True):
            for kind in kinds:
                offer_type(actor, kind, calendar, [room] if kind.needs_room else [])
        patients = _add_patients(actor)
        _fill(actor, calendars[0], rooms[0], kinds[1], patients)
        keyid = _register(actor, key, facts, patients)
    return Sandbox(_email(0), password, keyid)


def forget_people(users: Sequence[UUID]) -> None:
    """The accounts of a sandbox that is no more. Somebody who is a member elsewhere too stays."""
    for user_id in users:
        with contextlib.suppress(IntegrityError, ProtectedError):
            User.objects.filter(pk=user_id).delete()


def _email(number: int) -> str:
    return f"{PRACTITIONERS[number][1].lower()}@{SLUG}.example.org"


def _settle(actor: Actor, number: int, password: str) -> Calendar:
    name, initials = PRACTITIONERS[number]
    user = User.objects.create_user(_email(number), password, name)
    role = Role.PRACTITIONER if number else Role.ADMINISTRATOR
    member = add_member(actor, user, role=role, name=name, initials=initials, colour=number + 2)
    calendar = add_calendar(actor, name, initials, member=member, colour=number + 2, position=number)
    set_working_hours(actor, calendar.pk, WEEK)
    return calendar


def _add_type(actor: Actor, position: int, facts: tuple[str, int, str, str, int | None]) -> AppointmentType:
    name, duration, patients, location, price = facts
    return add_type(
        actor, name, duration=duration, buffer_after=5, grid=30, position=position, colour=position + 1,
        patients=patients, location=location, needs_room=not location, price_cents=price, partners=True,
    )  # fmt: skip


def _add_patients(actor: Actor) -> list[UUID]:
    """Their numbers are kept free for stories (Bundesnetzagentur)."""
    return [
        find_or_add_patient(
            actor,
            Identity(
                first, last, date(1960 + 7 * number, 3, 10 + number), email=f"{last.lower()}@example.org",
                mobile=f"0171 392008{number}",
            ),
            belongs_to=None,
        ).id
        for number, (first, last) in enumerate(PATIENTS)
    ]  # fmt: skip


def _fill(actor: Actor, calendar: Calendar, room: Room, kind: AppointmentType, patients: Sequence[UUID]) -> None:
    """Two weeks in which each morning has an appointment and each afternoon a block, then two days of absence."""
    today = timezone.localdate()
    monday = today + timedelta(days=7 - today.weekday())
    known = []
    for number in (one for one in range(12) if one % 7 < 5):
        day = monday + timedelta(days=number)
        nine, two = _at(day, 9), _at(day, 14)
        ends_at = nine + timedelta(minutes=kind.duration)
        known.append(Known(calendar, room, kind, patients[number % len(patients)], nine, ends_at, REMARK))
        add_block(actor, Place(calendar, two, two + timedelta(minutes=60)), BLOCK, key=f"sandbox block {day}")
    enter_appointments(actor, known)
    away = monday + timedelta(days=14)
    enter_absence(actor, Away(calendar.pk, _at(away, 0), _at(away + timedelta(days=2), 0), reason=ABSENCE))


def _register(actor: Actor, key: Ed25519PrivateKey, facts: Mapping[str, str], patients: Sequence[UUID]) -> str:
    """The partner, its key, and what patients said to it: yes, yes, no. Returns the key's id."""
    today = timezone.localdate()
    found = register_partner(actor, {"name": PARTNER, "starts_on": today, "reads": list(Reading.values), **facts})
    open_consents(actor, found.pk)
    for patient_id, value in zip(patients, (Consent.Choice.YES, Consent.Choice.YES, Consent.Choice.NO), strict=True):
        record_consent(actor, patient_id, found.pk, Said(value, Consent.How.PORTAL, today))
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return add_key(actor, found.pk, pem, label=PARTNER).reference


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), timezone.get_default_timezone())
