"""The page of a record: its master data, changed by several people, archived, opened, with tabs for whom they are."""

import json
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.patients import facts as said
from sprechzeit.patients.actions import NewPatient, add_patient, change_patient
from sprechzeit.patients.models import ContactPoint, Patient
from sprechzeit.patients.queries import facts_of
from sprechzeit.patients.record_words import in_words
from tests.support.cast import Cast
from tests.support.routes import client_of

TEXTS = [*said.PLAIN, said.DATE_OF_BIRTH, said.TAGS]
FULL = {
    "salutation": "ms", "title": "Dr.", "first_name": "Elif", "last_name": "Yıldız", "birth_name": "Kaya",
    "date_of_birth": "1988-03-14", "gender": "female", "language": "de", "street": "Aachener Straße 214",
    "postcode": "50931", "town": "Köln", "country": "", "insurance": "private", "insurer": "Nordlicht",
    "insurance_number": "K 1", "channel": "sms", "reminders": "none",
    "remarks": "Kommt mit Hund.", "warnings": "Latexallergie\nMarcumar",
    "tags": "Studie B, Angst , studie b",
}  # fmt: skip


def rows(*points: tuple[str, str]) -> dict[str, str]:
    """What the form says of contact points, with its empty row."""
    sent = {"contact-TOTAL_FORMS": str(len(points) + 1), "contact-INITIAL_FORMS": "0"}
    for number, (kind, value) in enumerate((*points, ("mobile", ""))):
        sent |= {f"contact-{number}-kind": kind, f"contact-{number}-value": value}
    return sent


def form_of(client: Client, address: str) -> dict[str, str]:
    """What a page's form would send as it is."""
    page = client.get(address)
    assert page.status_code == 200
    return as_sent(page)


def as_sent(page: Any) -> dict[str, str]:
    """The same of a page that came."""
    forms = page.context["forms"]
    sent = {"shown": page.context["shown"]}
    for form in (forms.record, *forms.contacts, forms.contacts.management_form, *forms.related.values()):
        for field in form:
            value = field.value()
            sent[field.html_name] = "" if value in (None, False) else str(value)
    return sent


def record_of(cast: Cast, owner: str = "jonas", last_name: str = "Sommer") -> Patient:
    system = cast.albers.system
    with acting(system):
        new = NewPatient("Paula", last_name, phone="0171 2345678", email="paula@example.org")
        return add_patient(system, new, belongs_to=cast.albers.members[owner].pk)


def facts(cast: Cast, patient_id: UUID | str) -> dict[str, Any]:
    system = cast.albers.actor("miriam")
    with acting(system):
        return facts_of(system, Patient.objects.get(pk=patient_id))


@pytest.mark.req("PAT-1", "AUD-2", "PRI-1")
def test_a_record_is_entered_with_all_its_master_data_and_opened(cast: Cast) -> None:
    """And typed again it is the same record; what is health data is not legible in the log."""
    payer = record_of(cast)
    client = client_of(cast, "practitioner")
    key = client.get("/patients/new/").context["key"]
    sent = FULL | rows(("mobile", "0171 5550142"), ("work", "0221 555018"), ("email", "Elif@example.org"))
    sent |= {
        "payer-number": f"{payer.number} · Sommer, Paula",
        "guardian-name": "Ayşe Kaya",
        "guardian-phone": "0221 1",
    }
    answers = [client.post("/patients/new/", sent | {"key": key}) for _ in range(2)]
    # Without the key that came with it, it is no form of ours: twice would be two records.
    assert {client.post("/patients/new/", sent | {"key": one}).status_code for one in ("", "k", "k" * 81)} == {404}
    assert [one.status_code for one in answers] == [303, 303]
    assert answers[0]["Location"] == answers[1]["Location"]
    address = answers[0]["Location"]
    found = facts(cast, address.split("/")[2])
    assert {name: found[name] for name in TEXTS} == {**FULL, "tags": ["Angst", "Studie B"]}
    assert found["contacts"] == [["mobile", "0171 5550142"], ["work", "0221 555018"], ["email", "Elif@example.org"]]
    assert (found["payer"], found["guardian"]) == ({"number": payer.number}, {"name": "Ayşe Kaya", "phone": "0221 1"})
    page = client.get(address)
    text = unescape(page.content.decode())
    assert all(word in text for word in ("Latexallergie", "Marcumar", "Studie", "38", "Nordlicht", "Ayşe Kaya"))
    with acting(cast.albers.system):
        made = Patient.objects.get(pk=address.split("/")[2])
        assert (made.first_key, made.last_key) == ("elif", "yıldız")
        assert made.created_by_id == cast.albers.members["jonas"].pk
        assert set(ContactPoint.objects.filter(patient=made).values_list("key", flat=True)) == {
            "+491715550142", "+49221555018", "elif@example.org"
        }  # fmt: skip
        assert (
            Entry.objects.filter(row_id=made.pk, operation="read", actor=cast.albers.actor("jonas").name).count() == 1
        )
        logged = Entry.objects.filter(subject_id=made.pk).select_related("value")
        values = json.dumps([[one.value.old, one.value.new] for one in logged if hasattr(one, "value")])
    assert "Nordlicht" in values
    assert not any(word in values for word in ("Latexallergie", "Hund"))


@pytest.mark.req("PAT-1", "PAT-10")
def test_two_who_edit_at_once_lose_nothing(cast: Cast) -> None:
    """The second is told what changed meanwhile, contact points and tags included; what they typed stays."""
    patient = record_of(cast)
    address = f"/patients/{patient.pk}/"
    first, second = client_of(cast, "administrator"), client_of(cast, "secretary")
    theirs = form_of(second, address)
    ours = form_of(first, address) | {"town": "Bonn", "street": "Weg 1", "tags": "Neu"} | rows(("mobile", "0171 99999"))
    assert first.post(address, ours).status_code == 303
    typed = theirs | {"town": "Köln", "last_name": "Winter", "warnings": "Asthma"}
    answer = second.post(address, typed)
    assert answer.status_code == 409
    said_now = {one["label"]: (one["now"], one["typed"]) for one in answer.context["meanwhile"]}
    assert said_now["Ort" if "Ort" in said_now else "Town"] == ("Bonn", "Köln")
    assert {name for name, (_now, own) in said_now.items() if own} == {next(iter(said_now.keys() & {"Ort", "Town"}))}
    assert len(said_now) == 4
    assert facts(cast, patient.pk)["last_name"] == "Sommer"
    assert second.post(address, as_sent(answer)).status_code == 303
    now = facts(cast, patient.pk)
    assert [now[name] for name in ("town", "street", "last_name", "warnings", "tags")] == [
        "Köln", "Weg 1", "Winter", "Asthma", ["Neu"]
    ]  # fmt: skip
    assert now["contacts"] == [["mobile", "0171 99999"]]
    with acting(cast.albers.system):
        assert Patient.objects.get(pk=patient.pk).last_key == "winter"


@pytest.mark.req("PAT-1")
def test_what_is_wrong_is_said_beside_its_field_and_stays(cast: Cast) -> None:
    patient = record_of(cast)
    address, client = f"/patients/{patient.pk}/", client_of(cast, "practitioner")
    before = facts(cast, patient.pk)
    wrong = rows(("email", "kein"), ("mobile", "12")) | {
        "first_name": " ", "date_of_birth": "31.02.1990", "tags": "x" * 41,
        "guardian-town": "Bonn", "payer-number": str(patient.number),
    }  # fmt: skip
    answer = client.post(address, form_of(client, address) | wrong)
    assert answer.status_code == 422
    forms = answer.context["forms"]
    assert set(forms.record.errors) == {"first_name", "date_of_birth", "tags"}
    assert [set(one.errors) for one in forms.contacts] == [{"value"}, {"value"}, set()]
    assert (set(forms.related["guardian"].errors), set(forms.related["payer"].errors)) == ({"name"}, {"number"})
    text = unescape(answer.content.decode())
    assert all(f'value="{one}"' in text for one in ("31.02.1990", "kein", "Bonn"))
    assert facts(cast, patient.pk) == before


@pytest.mark.req("PAT-1", "PAT-14", "ACC-6")
def test_likely_duplicates_are_shown_before_a_record_is_made(cast: Cast) -> None:
    """Of those alone whom the viewer sees; somebody may create it anyway."""
    record_of(cast, "miriam", "Sommer")
    sent = {"first_name": "Paula", "last_name": "Sommer", **rows(("mobile", "+49 171 2345678"))}
    jonas, miriam = client_of(cast, "practitioner"), client_of(cast, "administrator")
    assert jonas.post("/patients/new/", sent | {"key": "a" * 20}).status_code == 303
    answer = miriam.post("/patients/new/", sent | {"key": "b" * 20})
    assert answer.status_code == 409
    known = [str(one["patient"].pk) for one in answer.context["alike"]]
    assert len(known) == 2
    assert miriam.post("/patients/new/", sent | {"key": "b" * 20, "known": known[:1]}).status_code == 409
    assert miriam.post("/patients/new/", sent | {"key": "b" * 20, "known": known}).status_code == 303


@pytest.mark.req("PAT-1", "PAT-14", "PAT-2")
def test_an_archived_record_is_kept_out_of_lists_and_comes_back(cast: Cast) -> None:
    patient = record_of(cast)
    client = client_of(cast, "practitioner")
    client.get(f"/patients/{patient.pk}/")
    assert [row["patient"].pk for row in client.get("/patients/").context["recent"]] == [patient.pk]
    assert b"Sommer, Paula" in client.get("/search/").content
    for archived, active in (("yes", False), ("no", True)):
        assert client.post(f"/patients/{patient.pk}/archiving/", {"archived": archived}).status_code == 303
        for address in ("/patients/", "/patients/?q=sommer", "/search/?q=sommer", "/search/"):
            assert (b"Sommer, Paula" in client.get(address).content) is active, address
        assert (b"Sommer, Paula" in client.get("/patients/?archived=1").content) is not active
        assert client.get(f"/patients/{patient.pk}/").status_code == 200


@pytest.mark.req("PAT-1", "ACC-6")
def test_a_payer_whom_one_does_not_see_stays_unseen_and_named(cast: Cast) -> None:
    """Another practitioner's patient pays: the name is not told, and saving something else does not change who pays."""
    payer, patient = record_of(cast, "miriam", "Geheim"), record_of(cast, "jonas")
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        shown = facts_of(miriam, patient)
        change_patient(miriam, patient.pk, shown, shown | {"payer": {"number": payer.number}})
    client, address = client_of(cast, "practitioner"), f"/patients/{patient.pk}/"
    sent = form_of(client, address)
    assert "Geheim" not in client.get(address).content.decode()
    assert client.post(address, sent | {"town": "Bonn"}).status_code == 303
    assert facts(cast, patient.pk)["payer"] == {"number": payer.number}
    assert client.post(address, sent | {"payer-number": str(payer.number)}).status_code == 422


@pytest.mark.req("PAT-1", "PAT-4")
def test_a_language_is_said_by_its_name(cast: Cast) -> None:
    assert in_words(cast.albers.actor("jana"), "language", "de") == str(dict(settings.LANGUAGES)["de"]) != "de"
