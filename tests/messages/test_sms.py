"""SMS through a gateway over HTTP (NOT-1): the practice's settings, and who is told by which way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.core.jobs import WAITS_MINUTES, NotYet
from sprechzeit.messages.jobs import send_booked, send_moved, send_once_more
from sprechzeit.messages.models import Message
from sprechzeit.messages.sms_jobs import send_test_sms
from sprechzeit.patients.models import ContactPoint, Patient
from sprechzeit.practice.actions.sms import set_gateway
from sprechzeit.practice.models import SmsGateway
from sprechzeit.scheduling.actions.told import tell_patient
from sprechzeit.scheduling.models import Appointment
from tests.messages.test_sending import posting_to, send
from tests.scheduling.test_appoint import NEW, enter, wish
from tests.support.cast import Cast, House, book
from tests.support.mailbox import Mailbox
from tests.support.routes import client_of, signed_in
from tests.support.sms_gateway import TOKEN, Gateway, sms_gateway

pytestmark = [pytest.mark.req("NOT-1")]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with sms_gateway() as made, override_settings(WEBHOOK_NETWORKS=(ip_network("127.0.0.0/8"),)):
        yield made


def sends_by(house: House, gateway: Gateway, **more: Any) -> None:
    """The practice has this gateway."""
    with acting(house.system), override_settings(WEBHOOK_NETWORKS=(ip_network("127.0.0.0/8"),)):
        set_gateway(house.system, {"url": gateway.url, "token": TOKEN, "is_on": True, "sender": "Praxis"} | more)


def known(house: House, found: Appointment, *, mobile: str = "0171 234 5678", **wishes: str) -> Appointment:
    """The record says more: a mobile number, how they want to be written to."""
    with acting(house.system):
        patient = Patient.objects.get(pk=found.patient_id)
        if mobile:
            ContactPoint.objects.create(
                practice_id=patient.practice_id, patient=patient, kind="mobile", value=mobile, key="+491712345678"
            )
        Patient.objects.filter(pk=patient.pk).update(**wishes)
    return found


def messages(house: House) -> list[Message]:
    with acting(house.system):
        return list(Message.objects.defer("text").order_by("created_at", "pk"))


def test_who_prefers_sms_gets_an_sms_and_no_mail(cast: Cast, gateway: Gateway, mailbox: Mailbox) -> None:
    sends_by(cast.albers, gateway)
    found = known(cast.albers, book(cast.albers, "09:00"), channel="sms")
    with posting_to(mailbox):
        send(found)
        send(found)
    (sms,) = gateway.sent()
    assert len(gateway.calls()) == 1 and mailbox.mails() == []
    assert (sms["to"], sms["from"]) == ("+491712345678", "Praxis")
    assert "09:00" in sms["text"] and "Praxis Albers" in sms["text"]
    (message,) = messages(cast.albers)
    assert (message.channel, message.address) == ("sms", "+491712345678")
    assert sms["key"] == f"message-{message.pk}-{message.sequence}" and message.sent_at


@pytest.mark.parametrize(
    ("given", "wishes", "way"),
    [
        ({}, {}, "email"),
        ({}, {"channel": "email"}, "email"),
        ({"mobile": ""}, {"channel": "sms"}, "email"),
        ({"mobile": "unbekannt"}, {"channel": "sms"}, "email"),
    ],
)
def test_otherwise_it_is_a_mail(
    cast: Cast, gateway: Gateway, mailbox: Mailbox, given: dict[str, str], wishes: dict[str, str], way: str
) -> None:
    sends_by(cast.albers, gateway)
    found = known(cast.albers, book(cast.albers, "09:00"), **given, **wishes)
    with posting_to(mailbox):
        send(found)
    assert [one.channel for one in messages(cast.albers)] == [way]
    assert len(mailbox.mails()) == 1 and gateway.calls() == []


def test_without_a_gateway_a_wish_for_sms_is_a_mail(cast: Cast, gateway: Gateway, mailbox: Mailbox) -> None:
    sends_by(cast.albers, gateway, is_on=False)
    with posting_to(mailbox):
        send(known(cast.albers, book(cast.albers, "09:00"), channel="sms"))
    assert len(mailbox.mails()) == 1 and gateway.calls() == []


@pytest.mark.req("CAL-23")
def test_who_has_no_address_is_told_of_a_new_time_by_sms(cast: Cast, gateway: Gateway) -> None:
    sends_by(cast.albers, gateway)
    miriam = cast.albers.actor("miriam")
    found = enter(cast, wish(cast, "09:00", patient=replace(NEW, email="")))
    with acting(miriam):
        tell_patient(miriam, found.pk, by_mail=True)
    send(found, job=send_moved)
    assert [one["to"] for one in gateway.sent()] == ["+491712345678"]


@pytest.mark.req("BOO-8")
def test_a_stranger_who_types_another_address_learns_nothing_of_the_record(
    cast: Cast, gateway: Gateway, mailbox: Mailbox
) -> None:
    """Else no mail came, and they would know that there is such a record, which prefers SMS."""
    sends_by(cast.albers, gateway)
    known(cast.albers, book(cast.albers, "09:00", date_of_birth=date(1985, 3, 24)), channel="sms")
    second = book(cast.albers, "11:00", date_of_birth=date(1985, 3, 24), email="stranger@example.org")
    with posting_to(mailbox):
        send(second)
    assert [mail["to"] for mail in mailbox.mails()] == ["stranger@example.org"] and gateway.calls() == []


def test_a_gateway_out_of_order_is_asked_again_and_what_it_has_is_not_sent_twice(cast: Cast, gateway: Gateway) -> None:
    gateway.answers("500", "429:90", "lose", "202")
    sends_by(cast.albers, gateway)
    found = known(cast.albers, book(cast.albers, "09:00"), channel="sms")
    for attempts, error in enumerate(("status", "status", "protocol")):
        with pytest.raises(NotYet) as refused:
            send(found, attempts=attempts)
        assert str(refused.value) == error
        if attempts == 1:
            assert refused.value.after.total_seconds() == 90
        (message,) = messages(cast.albers)
        assert message.error == error and message.next_at and not message.failed_at
    send(found, attempts=3)
    assert len({one["key"] for one in gateway.calls()}) == 1
    assert len(gateway.calls()) == 4 and len(gateway.sent()) == 1
    (message,) = messages(cast.albers)
    assert message.sent_at and not message.error and not message.next_at


def test_a_number_that_is_refused_is_not_tried_for_a_day(cast: Cast, gateway: Gateway, client: Client) -> None:
    gateway.answers("422", "202")
    sends_by(cast.albers, gateway)
    found = known(cast.albers, book(cast.albers, "09:00"), channel="sms")
    send(found)
    (message,) = messages(cast.albers)
    assert message.failed_at and message.error == "refused"
    # Put right in the record, it goes there when it is sent once more.
    with acting(cast.albers.system):
        ContactPoint.objects.filter(kind="mobile").update(value="0172 7654321", key="+491727654321")
    client.force_login(cast.albers.user("jana"))
    assert client.post(f"/messages/{message.pk}/again/").status_code == 303
    (job,) = ProcrastinateJob.objects.filter(task_name="messages.send_once_more")
    send_once_more.work(0, **job.args)
    assert [one["to"] for one in gateway.sent()] == ["+491727654321"]


def test_after_a_day_the_practice_sees_that_it_failed(cast: Cast, gateway: Gateway) -> None:
    gateway.answers("503")
    sends_by(cast.albers, gateway)
    found = known(cast.albers, book(cast.albers, "09:00"), channel="sms")
    with pytest.raises(NotYet):
        send(found, attempts=len(WAITS_MINUTES))
    (message,) = messages(cast.albers)
    assert message.failed_at and message.error == "status"


def test_the_settings_are_the_administrators_and_the_token_is_sealed(cast: Cast, gateway: Gateway) -> None:
    form = {
        "is_on": "on", "url": gateway.url, "token": TOKEN, "sign_in": "bearer", "sender": "Albers",
        "number_field": "to", "text_field": "text", "sender_field": "from",
    }  # fmt: skip
    assert signed_in(cast, "secretary").post("/settings/sms/", form).status_code == 403
    client = signed_in(cast, "administrator")
    assert client.post("/settings/sms/", form | {"sender": "Ärztehaus am Park"}).status_code == 422
    assert client.post("/settings/sms/", form | {"url": "http://10.0.0.1/"}).status_code == 422
    assert client.post("/settings/sms/", form).status_code == 303
    page = client.get("/settings/sms/")
    assert TOKEN not in page.content.decode()
    # Left empty, it stays; another practice has none.
    assert client.post("/settings/sms/", form | {"token": "", "sender": ""}).status_code == 303
    with acting(cast.albers.system):
        assert SmsGateway.objects.get().token == TOKEN
        with connection.cursor() as cursor:
            cursor.execute("SELECT encode(token, 'escape') FROM practice_smsgateway")
            assert TOKEN not in str(cursor.fetchone())
    client.force_login(cast.brandt.user("berta"))
    assert gateway.url not in client.get("/settings/sms/").content.decode()


@pytest.mark.parametrize(("word", "said"), [("202", "has taken"), ("401", "token"), ("500", "out of order")])
def test_a_test_message_says_what_became_of_it(cast: Cast, gateway: Gateway, word: str, said: str) -> None:
    gateway.answers(word)
    sends_by(cast.albers, gateway, is_on=False)
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.albers.user("miriam"))
    assert client_of(cast, "secretary").post("/settings/sms/test/", {"number": "0171 2345678"}).status_code == 403
    assert client.post("/settings/sms/test/", {"number": "keine"}).status_code == 422
    assert client.post("/settings/sms/test/", {"number": "0171 2345678"}).status_code == 303
    assert "on its way" in client.get("/settings/sms/").content.decode()
    (job,) = ProcrastinateJob.objects.filter(task_name="messages.send_test_sms")
    for _ in range(2):  # killed before it was done with: once more
        send_test_sms.work(0, **job.args)
    assert said in client.get("/settings/sms/").content.decode()
    assert [one["to"] for one in gateway.calls()] == ["+491712345678"]


def test_a_token_goes_to_no_other_machine(cast: Cast, gateway: Gateway) -> None:
    """Who may type an address could else have a token sent there that nobody is shown."""
    sends_by(cast.albers, gateway)
    client = signed_in(cast, "administrator")
    form = {
        "is_on": "on", "url": "https://else.example/sms", "token": "", "sign_in": "bearer", "sender": "",
        "number_field": "to", "text_field": "text", "sender_field": "from",
    }  # fmt: skip
    assert client.post("/settings/sms/", form).status_code == 422
    with acting(cast.albers.system):
        assert SmsGateway.objects.get().url == gateway.url
    assert client.post("/settings/sms/", form | {"url": gateway.url + "/v2"}).status_code == 303
    assert client.post("/settings/sms/", form | {"token": "another"}).status_code == 303


@pytest.mark.parametrize("typed", ["„tok“", "tök"])
def test_a_token_that_no_header_can_hold(cast: Cast, gateway: Gateway, typed: str) -> None:
    sends_by(cast.albers, gateway, token=typed)
    found = known(cast.albers, book(cast.albers, "09:00"), channel="sms")
    with pytest.raises(NotYet):
        send(found)
    assert messages(cast.albers)[0].error == "credentials"


def test_the_gateway_is_asked_as_it_wants(cast: Cast, gateway: Gateway) -> None:
    """Another name for its fields, the token in another header: this one takes neither."""
    sends_by(cast.albers, gateway, number_field="recipient")
    found = known(cast.albers, book(cast.albers, "09:00"), channel="sms")
    send(found)
    (message,) = messages(cast.albers)
    assert message.error == "refused" and gateway.calls() == []
    sends_by(cast.albers, gateway, number_field="to", sign_in="api_key")
    second = known(cast.albers, book(cast.albers, "11:00", first_name="Max", email="max@example.org"), channel="sms")
    with pytest.raises(NotYet):
        send(second)
    assert messages(cast.albers)[1].error == "credentials"


@pytest.mark.parametrize("job", [send_booked, send_moved])
def test_the_wish_that_changes_between_two_tries_does_not_tell_it_twice(
    cast: Cast, gateway: Gateway, mailbox: Mailbox, job: Any
) -> None:
    gateway.answers("lose")
    sends_by(cast.albers, gateway)
    found = known(cast.albers, book(cast.albers, "09:00"), channel="sms")
    with pytest.raises(NotYet), posting_to(mailbox):
        send(found, job=job)
    with acting(cast.albers.system):
        Patient.objects.filter(pk=found.patient_id).update(channel="email")
    gateway.answers("202")
    with posting_to(mailbox):
        send(found, job=job, attempts=1)
    assert len(gateway.sent()) == 1 and mailbox.mails() == []
