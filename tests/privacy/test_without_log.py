"""Data leaves only when the log has it: a log that fails answers without data (AUD-2)."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.messages.models import Message
from sprechzeit.patients.models import Patient
from tests.support.cast import Cast, book
from tests.support.databases import Databases
from tests.support.routes import signed_in

pytestmark = [pytest.mark.own_database, pytest.mark.req("AUD-2")]


@pytest.fixture
def addresses(cast: Cast, own_database: Databases) -> dict[str, str]:
    """Every page that opens, lists or takes out what is about patients."""
    appointment = book(cast.albers, "09:00", who="miriam", last_name="Zander")
    with acting(cast.albers.system):
        patient = Patient.objects.get(last_name="Zander")
        Message.objects.create(
            practice_id=patient.practice_id, appointment=appointment, kind="booked", address="z@example.org"
        )
    day = f"{appointment.starts_at:%Y-%m-%d}"
    return {
        "appointment": reverse("scheduling:appointment", args=[appointment.pk]),
        "move": reverse("scheduling:place", args=[appointment.pk]),
        "why not": reverse("scheduling:explain") + f"?appointment={appointment.pk}",
        "search": reverse("scheduling:search") + "?q=zander",
        "patients": reverse("scheduling:patients") + "?q=zander",
        "list of patients": reverse("patients:list"),
        "search of patients": reverse("patients:list") + "?q=zander",
        "sharing": reverse("patients:sharing") + f"?patient={patient.pk}",
        "list": reverse("scheduling:book") + f"?view=list&day={day}",
        "print": reverse("scheduling:print") + f"?day={day}",
        "bookings": reverse("scheduling_bookings:bookings"),
        "messages": reverse("messages:deliveries"),
        "log": reverse("privacy:log"),
        "log of a patient": reverse("privacy:log") + f"?patient={patient.pk}",
        "export": reverse("privacy:export", args=["csv"]),
        "report": reverse("privacy:report", args=[patient.pk]),
    }


@pytest.fixture
def miriam(cast: Cast) -> Client:
    client = signed_in(cast, "administrator")
    client.raise_request_exception = False
    return client


@pytest.fixture
def silent(own_database: Databases, addresses: Any) -> Iterator[None]:
    """The application may not write the log any more."""
    with psycopg.connect(own_database.url("superuser"), autocommit=True) as superuser:
        superuser.execute("REVOKE EXECUTE ON FUNCTION log_use FROM sprechzeit_app")
    return iter(())


def test_with_the_log_they_show_it(miriam: Client, addresses: dict[str, str]) -> None:
    answers = {name: miriam.get(address) for name, address in addresses.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(addresses, 200)
    pages = {name for name, answer in answers.items() if name != "report" and b"Zander" not in answer.content}
    assert pages == set()


def test_without_the_log_they_show_nothing(miriam: Client, addresses: dict[str, str], silent: None) -> None:
    answers = {name: miriam.get(address) for name, address in addresses.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(addresses, 500)
    assert {name for name, answer in answers.items() if b"Zander" in answer.content} == set()
