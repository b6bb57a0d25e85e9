"""One table of bookings beside the records that a practice has: to which of them each goes (PAT-10…14)."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pytest
from django.db import transaction
from django.utils import timezone

from sprechzeit.access.actor import Actor, partner
from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import Identity, find_or_add_patient
from sprechzeit.patients.matching import email_key, name_key, phone_key
from sprechzeit.patients.models import Consent, ContactKind, ContactPoint, Patient
from sprechzeit.practice.actions.partners import register_partner
from tests.support.cast import Cast, House

BORN = date(1985, 3, 24)
NEW = None


@dataclass(frozen=True)
class Record:
    """A record as somebody once entered it. `said`: to the partner that asks, in turn; `said_to_other`: to another."""

    first: str = "Paula"
    last: str = "Sommer"
    born: date | None = BORN
    email: str = ""
    phone: str = ""
    archived: bool = False
    said: str = ""
    said_to_other: str = ""


class Row(NamedTuple):
    """What is there, what a booking says, and the number of the record that it goes to."""

    why: str
    there: list[Record]
    booking: Identity
    goes_to: int | None


def person(
    first: str = "Paula", last: str = "Sommer", born: date = BORN, *, email: str = "", mobile: str = ""
) -> Identity:
    return Identity(first, last, born, email, mobile)


def decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


ANN, BEN = "ann@example.org", "ben@example.org"
ONE, TWO = "0171 2345678", "0172 8765432"
P, R = person, Record
TABLE = [
    Row("nobody is there", [], P(), NEW),
    Row("the same", [R()], P(), 0),
    Row("another first name", [R(first="Paul")], P(), NEW),
    Row("another last name", [R(last="Winter")], P(), NEW),
    Row("a day later born", [R(born=date(1985, 3, 25))], P(), NEW),
    Row("day and month exchanged", [R(born=date(1985, 4, 3))], P(born=date(1985, 3, 4)), NEW),
    Row("a century apart", [R(born=date(1885, 3, 24))], P(), NEW),
    Row("first and last name exchanged", [R("Sommer", "Paula")], P(), NEW),
    Row("small letters", [R()], P("paula", "sommer"), 0),
    Row("capitals", [R()], P("PAULA", "SOMMER"), 0),
    Row("spaces around", [R()], P("  Paula ", "Sommer\t"), 0),
    Row("doubled spaces", [R(first="Paula Anna")], P("Paula   Anna"), 0),
    Row("spaces that do not break", [R(first="Paula Anna")], P("Paula\u00a0Anna"), 0),
    Row("doubled in the record", [R(first="Paula  Anna")], P("Paula Anna"), 0),
    Row("a second first name more", [R()], P("Paula Anna"), NEW),
    Row("a hyphen is no space", [R(first="Paula-Anna")], P("Paula Anna"), NEW),
    Row("decomposed in the booking", [R(last="Müller")], P(last=decomposed("Müller")), 0),
    Row("decomposed in the record", [R(last=decomposed("Müller"))], P(last="Müller"), 0),
    Row("an umlaut is no vowel", [R(last="Müller")], P(last="Muller"), NEW),
    Row("nor two", [R(last="Müller")], P(last="Mueller"), NEW),
    Row("sharp s in capitals", [R(last="Strauß")], P(last="STRAUSS"), 0),
    Row("an accent counts", [R(first="André")], P("Andre"), NEW),
    Row("Turkish letters as they are", [R(last="Yıldız")], P(last="Yıldız"), 0),
    Row("an i with a dot is another", [R(last="Yıldız")], P(last="Yildiz"), NEW),
    Row("Arabic letters", [R("ليلى", "حداد")], P("ليلى", "حداد"), 0),
    Row("a particle counts", [R(last="von Sommer")], P(), NEW),
    Row("archived", [R(archived=True)], P(), NEW),
    Row("archived, though the phone agrees", [R(archived=True, phone=ONE)], P(mobile=ONE), NEW),
    Row("one archived, one not", [R(archived=True), R()], P(), 1),
    Row("no date of birth", [R(born=None)], P(), NEW),
    Row("no date of birth, though the address agrees", [R(born=None, email=ANN)], P(email=ANN), NEW),
    Row("one without a date, one with", [R(born=None, email=ANN), R()], P(email=ANN), 1),
    Row("one match, other contacts", [R(email=ANN, phone=ONE)], P(email=BEN, mobile=TWO), 0),
    Row("two, no contact given", [R(email=ANN), R(email=BEN)], P(), NEW),
    Row("two, the address decides", [R(email=ANN), R(email=BEN)], P(email=BEN), 1),
    Row("two, the address in capitals", [R(email=ANN), R(email=BEN)], P(email="ANN@EXAMPLE.ORG"), 0),
    Row("two, the phone decides", [R(phone=ONE), R(phone=TWO)], P(mobile=TWO), 1),
    Row("two, the phone from abroad", [R(phone=ONE), R(phone=TWO)], P(mobile="0049 (0)171/23 45 678"), 0),
    Row("two, the phone with its country", [R(phone=ONE), R(phone=TWO)], P(mobile="+49 172 8765432"), 1),
    Row("the same figures in another country", [R(phone=ONE), R(phone=TWO)], P(mobile="+43 171 2345678"), NEW),
    Row("two with the same phone", [R(phone=ONE), R(phone=ONE)], P(mobile=ONE), NEW),
    Row("of a family's phone the address decides nothing", [R(phone=ONE), R(phone=ONE, email=ANN)],
        P(mobile=ONE, email=ANN), NEW),
    Row("two, neither contact", [R(email=ANN), R(phone=ONE)], P(email=BEN, mobile=TWO), NEW),
    Row("two, one contact of each", [R(email=ANN), R(phone=ONE)], P(email=ANN, mobile=ONE), NEW),
    Row("two, one has neither", [R(), R(email=ANN)], P(email=ANN), 1),
    Row("two, the given one is new", [R(), R()], P(email=ANN), NEW),
    Row("three, one fits", [R(email=ANN), R(phone=ONE), R()], P(mobile=ONE, email=BEN), 1),
    Row("what is no number is like no other", [R(phone="unbekannt"), R(email=ANN)], P(mobile="keines"), NEW),
    Row("the phone of somebody else", [R("Karl", phone=ONE), R(), R()], P(mobile=ONE), NEW),
    Row("on a leap day", [R(born=date(2004, 2, 29))], P(born=date(2004, 2, 29)), 0),
]  # fmt: skip


PORTAL = [
    Row("open", [R()], P(), 0),
    Row("yes", [R(said="yes")], P(), 0),
    Row("no", [R(said="no")], P(), NEW),
    Row("no, though phone and address agree", [R(said="no", email=ANN, phone=ONE)], P(email=ANN, mobile=ONE), NEW),
    Row("no, then yes", [R(said="no yes")], P(), 0),
    Row("yes, then no", [R(said="yes no")], P(), NEW),
    Row("no, then open", [R(said="no open")], P(), 0),
    Row("yes, no, yes, no", [R(said="yes no yes no")], P(), NEW),
    Row("no to another partner", [R(said_to_other="no")], P(), 0),
    Row("yes to another, no to this one", [R(said="no", said_to_other="yes")], P(), NEW),
    Row("of two one said no", [R(said="no"), R()], P(), 1),
    Row("of two one said no, the other yes", [R(said="yes"), R(said="no")], P(), 0),
    Row("of two both said no", [R(said="no"), R(said="no")], P(), NEW),
    Row("the phone is that of who said no", [R(said="no", phone=ONE), R(), R()], P(mobile=ONE), NEW),
    Row("the phone decides among the rest", [R(said="no", phone=ONE), R(phone=ONE), R(email=ANN)], P(mobile=ONE), 1),
    Row("three, two said no", [R(said="no"), R(said="yes no"), R(email=ANN)], P(email=BEN), 2),
    Row("yes, but archived", [R(said="yes", archived=True)], P(), NEW),
    Row("yes, but no date of birth", [R(said="yes", born=None)], P(), NEW),
    Row("yes, another name", [R(said="yes", last="Winter")], P(), NEW),
]


def entered(house: House, record: Record) -> Patient:
    """The record, with the keys that the program keeps of it."""
    patient = Patient.objects.create(
        practice_id=house.practice.pk, first_name=record.first, last_name=record.last, date_of_birth=record.born,
        first_key=name_key(record.first), last_key=name_key(record.last),
        archived_at=timezone.now() if record.archived else None,
    )  # fmt: skip
    contacts = [
        (ContactKind.EMAIL, record.email, email_key(record.email)),
        (ContactKind.MOBILE, record.phone, phone_key(record.phone)),
    ]
    for kind, value, key in contacts:
        if value:
            ContactPoint.objects.create(practice_id=house.practice.pk, patient=patient, kind=kind, value=value, key=key)
    return patient


def partners_of(house: House) -> list[Actor]:
    """Two booking partners."""
    with acting(house.system):
        made = [register_partner(house.system, {"name": one, "starts_on": BORN}) for one in ("Eins", "Zwei")]
    return [partner(house.practice.pk, one.pk) for one in made]


def consented(house: House, patient: Patient, one: Actor, said: str) -> None:
    """What somebody said to a partner, in turn."""
    for number, value in enumerate(said.split(), 1):
        Consent.objects.create(
            practice_id=house.practice.pk, patient=patient, partner_id=one.identity, number=number, value=value,
            how="orally", given_on=BORN, recorded_by="system",
        )  # fmt: skip


def found(house: House, row: Row, asks: Actor, other: Actor | None = None) -> int | None:
    """The number of the record that the booking goes to; nothing of it stays."""
    with acting(house.system), transaction.atomic():
        records = []
        for one in row.there:
            patient = entered(house, one)
            if other is not None:
                consented(house, patient, asks, one.said)
                consented(house, patient, other, one.said_to_other)
            records.append(patient.pk)
        with acting(asks):
            patient = find_or_add_patient(asks, row.booking, belongs_to=None)
        transaction.set_rollback(True)
    return records.index(patient.pk) if patient.pk in records else NEW


@pytest.mark.req("PAT-10", "PAT-11", "PAT-12", "PAT-13", "PAT-14")
def test_every_booking_of_the_table_goes_where_it_says(cast: Cast) -> None:
    assert len({row.why for row in TABLE}) == len(TABLE) >= 40
    wrong = {row.why: answer for row in TABLE if (answer := found(cast.albers, row, cast.albers.system)) != row.goes_to}
    assert wrong == {}


@pytest.mark.req("PAT-10", "PAT-13", "PAT-14", "PAT-20", "PAT-21")
def test_a_partners_booking_finds_nobody_who_said_no_to_it(cast: Cast) -> None:
    """And where nothing was said all is as on the practice's own page, which asks no consent."""
    asks, other = partners_of(cast.albers)
    wrong = {
        row.why: answer for row in [*PORTAL, *TABLE] if (answer := found(cast.albers, row, asks, other)) != row.goes_to
    }
    assert wrong == {}
    refused = Row("no", [R(said_to_other="no")], P(), 0)
    own_page = [found(cast.albers, refused, one, asks) for one in (cast.albers.visitor, other)]
    assert own_page == [0, 0]
