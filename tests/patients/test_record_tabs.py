"""The tabs of a record: there for whom their pages open, each with what it is for (PAT-3)."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.access.table import Area
from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import change_patient
from sprechzeit.patients.queries import facts_of
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.policy import get_appointment
from tests.support.cast import Cast, book
from tests.support.delegates import accept, give, terms
from tests.support.routes import DELEGATE, client_of

TABS = ("patients:record", "scheduling:record_appointments", "records:sessions", "record_messages", "record_log")


def tabs_of(client: Client, patient_id: object) -> dict[str, tuple[int, bool]]:
    """Of each page its status, and whether the record's first page leads to it."""
    first = client.get(reverse(TABS[0], args=[patient_id]))
    shown = [str(one["url"]) for one in first.context["tabs"]] if first.status_code == 200 else []
    addresses = {name: reverse(name, args=[patient_id]) for name in TABS}
    return {name: (client.get(address).status_code, address in shown) for name, address in addresses.items()}


@pytest.mark.req("PAT-3", "ACC-6", "ACC-21", "AUD-4")
@pytest.mark.parametrize("person", ["administrator", "practitioner", "secretary", "stranger", DELEGATE])
def test_a_tab_is_there_for_whom_its_page_opens(cast: Cast, person: str) -> None:
    """Of Jonas' patient, and of Miriam's who has an appointment in Jonas' calendar: that opens no record (ACC-11)."""
    own = book(cast.albers, "09:00", who="jonas", last_name="Eigen")
    theirs = book(cast.albers, "10:00", who="miriam", last_name="Andere")
    book(cast.albers, "11:00", who="jonas", last_name="Andere")
    client = client_of(cast, person)
    found = [tabs_of(client, one.patient_id) for one in (own, theirs)]
    everything, nothing = dict.fromkeys(TABS, (200, True)), dict.fromkeys(TABS, (404, False))
    closed = dict.fromkeys(TABS[3:], (403, False))  # for members alone
    assert (
        found
        == {
            "administrator": [everything, everything],
            "secretary": [everything, everything],
            "practitioner": [everything, nothing],
            "stranger": [nothing, nothing],
            DELEGATE: [nothing | dict.fromkeys(TABS[:2], (200, True)) | closed, nothing | closed],
        }[person]
    )


@pytest.mark.req("PAT-1", "ACC-21", "ACC-22")
def test_a_delegate_reads_what_their_area_opens(cast: Cast) -> None:
    """For booking: what booking takes; for invoicing: master data, which they cannot change."""
    patient = book(cast.albers, "09:00", who="jonas", email="post@example.org", mobile="0171 2345678").patient
    jonas = cast.albers.actor("jonas")
    with acting(jonas):
        shown = facts_of(jonas, patient)
        new = {"warnings": "Latexallergie", "town": "Köln", "tags": ["Studie"]}
        points = [*shown["contacts"], ["work", "0221 555018"]]
        change_patient(jonas, patient.pk, shown, shown | new | {"contacts": points})
    address = reverse("patients:record", args=[patient.pk])
    words = ("Latexallergie", "Köln", "Studie", "0221 555018")
    for area, sees in ((Area.SCHEDULING, False), (Area.INVOICING, True)):
        client, what = Client(), terms(cast.albers, "jonas", areas=[area])
        client.force_login(accept(cast.albers, give(cast.albers, what, email=f"{area}@example.org")))
        text = unescape(client.get(address).content.decode())
        assert [word in text for word in words] == [sees] * len(words)
        assert "post@example.org" in text
        assert client.post(address, {"first_name": "Neu"}).status_code == 403


@pytest.mark.req("PAT-3", "PAT-1", "NOT-5", "AUD-4")
def test_each_tab_shows_what_it_is_for(cast: Cast) -> None:
    """Appointments with what became of them, messages, the log; a warning also beside the appointment in the book."""
    visit = book(cast.albers, "09:00", who="jonas", last_name="Sommer", email="post@example.org")
    gone = book(cast.albers, "11:00", who="jonas", last_name="Sommer", email="post@example.org")
    jonas = cast.albers.actor("jonas")
    with acting(jonas):
        cancel_appointment(jonas, gone.pk)
        patient = get_appointment(jonas, visit.pk).patient
        shown = facts_of(jonas, patient)
        change_patient(jonas, patient.pk, shown, shown | {"warnings": "Latexallergie", "town": "Köln"})
    client = client_of(cast, "practitioner")
    pages = {name: client.get(reverse(name, args=[patient.pk])) for name in TABS}
    rows = [*pages["scheduling:record_appointments"].context["coming"],
            *pages["scheduling:record_appointments"].context["past"]]  # fmt: skip
    assert sorted((one["icon"], bool(one["book_url"])) for one in rows) == [("calendar-x", False), ("circle-dot", True)]
    log = unescape(pages["record_log"].content.decode())
    assert "Köln" in log
    assert "Latexallergie" not in re.sub(r"(?s)<header.*?</header>", "", log)
    details = unescape(client.get(reverse("scheduling:appointment", args=[visit.pk])).content.decode())
    assert "Latexallergie" in details
    assert reverse("patients:record", args=[patient.pk]) in details
