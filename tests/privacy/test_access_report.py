"""A patient's access report: who saw or changed what of my record (AUD-5)."""

import json
from typing import Any

import pytest
import typst
from django.urls import reverse
from django.utils import translation

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.patients.models import Patient
from sprechzeit.privacy import access_report as module
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.queries.appointment import read_appointment
from tests.support.cast import Cast, book
from tests.support.routes import signed_in

pytestmark = pytest.mark.req("AUD-5")


@pytest.fixture
def zander(cast: Cast) -> Patient:
    """Booked online, opened by Jana, cancelled by her for a reason of her own; beside another patient."""
    appointment = book(cast.albers, "09:00", who="jonas", last_name="Zander #set *x*", email="z@example.org")
    book(cast.albers, "10:00", who="jonas", last_name="Other", email="o@example.org")
    jana = cast.albers.actor("jana")
    with acting(jana):
        read_appointment(jana, appointment.pk)
        cancel_appointment(jana, appointment.pk, reason="never pays")
        return Patient.objects.get(pk=appointment.patient_id)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the report is made of."""
    facts: dict[str, Any] = {}
    compile_really = typst.compile

    def compile_and_note(*given: Any, **named: Any) -> Any:
        facts.update(json.loads(named["sys_inputs"]["facts"]))
        return compile_really(*given, **named)

    monkeypatch.setattr(typst, "compile", compile_and_note)
    return facts


def test_it_is_a_pdf_of_this_patient_alone(cast: Cast, zander: Patient, told: dict[str, Any]) -> None:
    client = signed_in(cast, "administrator")
    client.cookies["language"] = "en"
    answer = client.get(reverse("privacy:report", args=[zander.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert b"pdfaid" in answer.content
    said = {(who, what) for _when, who, what, _more in told["rows"]}
    assert {
        ("Online booking", "Patient record: entered"),
        ("Online booking", "Booked online"),
        ("Jana Albrecht", "Appointment: opened"),
        ("Jana Albrecht", "Cancelled"),
        ("Miriam Albers", "Patient record: opened"),
    } <= said
    everything = json.dumps(told)
    assert "Other" not in everything
    assert "never pays" not in everything, "a reason that is for the practice alone"
    assert told["patient"] == "Zander #set *x*, Paula"


def test_that_it_was_made_is_in_the_log(cast: Cast, zander: Patient) -> None:
    signed_in(cast, "administrator").get(reverse("privacy:report", args=[zander.pk]))
    actor: Actor = cast.albers.actor("miriam")
    with acting(actor):
        entry = Entry.objects.get(operation="export")
    assert (entry.actor, entry.table_name, entry.row_id) == (actor.name, "patients_patient", zander.pk)


def test_a_record_without_entries_says_so(cast: Cast, zander: Patient) -> None:
    with translation.override("en"):
        made = module.access_report(cast.albers.practice, zander, [])
    assert made.startswith(b"%PDF-")
