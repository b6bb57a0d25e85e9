"""Arrived, completed, no-show; cancelling with a reason; the remark (CAL-7)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed
from sprechzeit.messages.jobs import send_cancelled
from sprechzeit.patients.models import ContactKind, ContactPoint
from sprechzeit.scheduling.actions.attend import PLANNED, set_attendance, set_remark
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.errors import ChangedMeanwhile, NotYet
from sprechzeit.scheduling.models import Appointment, Attendance
from tests.messages.test_sending import posting_to, send
from tests.scheduling.test_move import reload
from tests.support.cast import Cast, at, book
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.req("CAL-7")


def attend(cast: Cast, found: Appointment, state: str, *, by: str = "jana") -> str:
    """Set the state; what it is then."""
    actor = cast.albers.actor(by)
    with acting(actor):
        set_attendance(actor, found.id, state)
    now = reload(cast.albers, found)
    return str(now.attendance.state) if hasattr(now, "attendance") else PLANNED


def today(cast: Cast, found: Appointment) -> Appointment:
    """Now it takes place."""
    begin = timezone.now()
    with acting(cast.albers.system):
        Appointment.objects.filter(pk=found.pk).update(starts_at=begin, ends_at=begin + timedelta(minutes=50))
    return reload(cast.albers, found)


def test_through_all_states_on_the_day(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    with time_machine.travel(at("08:00"), tick=True):
        states = ["arrived", "completed", "no_show", "arrived", PLANNED, PLANNED]
        assert [attend(cast, found, state) for state in states] == states


@pytest.mark.parametrize("state", ["arrived", "completed", "no_show"])
def test_a_later_day_has_not_been_yet(cast: Cast, state: str) -> None:
    found = book(cast.albers, "09:00")
    with pytest.raises(NotYet):
        attend(cast, found, state)
    with time_machine.travel(at("00:30"), tick=True):
        assert attend(cast, found, state) == state, "the practice's day counts, not UTC's"


def test_what_is_cancelled_was_not_attended(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, found.id)
    with pytest.raises(ChangedMeanwhile), time_machine.travel(at("08:00"), tick=True):
        attend(cast, found, "arrived")


@pytest.mark.req("ACC-11")
def test_a_patient_lent_to_a_colleague_is_seen_and_not_changed(cast: Cast) -> None:
    book(cast.albers, "08:00", who="jonas")
    lent = book(cast.albers, "09:00", who="miriam")
    with pytest.raises(NotAllowed):
        attend(cast, lent, "arrived", by="jonas")


def test_a_remark(cast: Cast) -> None:
    found, actor = book(cast.albers, "09:00"), cast.albers.actor("jana")
    with acting(actor):
        set_remark(actor, found.id, "Near the door")
    assert reload(cast.albers, found).remark == "Near the door"


class TestOverHttp:
    @pytest.fixture
    def client(self, cast: Cast) -> Client:
        client = Client(headers={"HX-Request": "true", "accept-language": "en"})
        client.force_login(cast.albers.user("jana"))
        return client

    def post(self, client: Client, name: str, found: Appointment, **fields: Any) -> Any:
        return client.post(reverse(f"scheduling:{name}", args=[found.id]), fields)

    def test_a_state(self, cast: Cast, client: Client) -> None:
        found = today(cast, book(cast.albers, "09:00"))
        answer = self.post(client, "attendance", found, state="arrived", details="1")
        assert answer.status_code == 200
        assert answer["X-Changed-Columns"] == str(found.calendar_id)
        assert 'hx-target="#details"' in answer.content.decode(), "the open details follow"
        assert self.post(client, "attendance", found, state="asleep").status_code == 404

    def test_before_its_day_no_state_is_offered_and_every_one_refused(self, cast: Cast, client: Client) -> None:
        found = book(cast.albers, "09:00")
        address = reverse("scheduling:appointment", args=[found.id])
        assert 'name="state"' not in client.get(address).content.decode()
        for state in ("arrived", "completed", "no_show"):
            answer = self.post(client, "attendance", found, state=state)
            assert answer.status_code == 422
            assert "The day of this appointment has not come." in answer.content.decode()
        today(cast, found)
        assert client.get(address).content.decode().count('name="state"') == 4

    def test_a_remark_keeps_what_was_written_as_text(self, cast: Cast, client: Client) -> None:
        found = book(cast.albers, "09:00")
        answer = self.post(client, "remark", found, remark="<script>\x00", details="1")
        assert answer.status_code == 200 and "<script>" not in answer.content.decode()
        assert reload(cast.albers, found).remark == "<script>"

    @pytest.mark.parametrize(("fields", "told"), [({"choice": "1", "tell": "1"}, True), ({"choice": "1"}, False)])
    def test_cancelling_with_a_reason_and_the_choice_to_tell(
        self, cast: Cast, client: Client, fields: dict[str, str], told: bool
    ) -> None:
        found = book(cast.albers, "09:00")
        answer = self.post(client, "cancellation", found, reason="Ill", details="1", **fields)
        assert answer.status_code == 200 and "Ill" in answer.content.decode()
        assert reload(cast.albers, found).cancellation.reason == "Ill"
        names = {job.task_name for job in ProcrastinateJob.objects.all()}
        assert ("messages.send_cancelled" in names) is told

    @pytest.mark.req("NOT-1")
    def test_the_form_says_before_whether_a_mail_goes_and_where_to(self, cast: Cast, client: Client) -> None:
        """By the rule that decides it: as it was booked, else as the record says now."""
        found = book(cast.albers, "09:00")
        details, no_mail = reverse("scheduling:appointment", args=[found.id]), "No mail: no e-mail address"
        page = client.get(details).content.decode()
        assert "The mail goes to paula@example.org" in page and no_mail not in page
        with acting(cast.albers.system):
            Appointment.objects.update(email="")
            ContactPoint.objects.filter(kind=ContactKind.EMAIL).update(value="new@example.org")
        assert "The mail goes to new@example.org" in client.get(details).content.decode()
        with acting(cast.albers.system):
            ContactPoint.objects.filter(kind=ContactKind.EMAIL).delete()
        page = client.get(details).content.decode()
        assert no_mail in page and 'name="tell"' not in page

    @pytest.mark.req("NOT-1")
    def test_the_mail_goes_where_the_form_said(self, cast: Cast, client: Client, mailbox: Mailbox) -> None:
        """Entered before the address was known: the mail that was promised goes there."""
        found = book(cast.albers, "09:00")
        with acting(cast.albers.system):
            Appointment.objects.update(email="")
        self.post(client, "cancellation", found, choice="1", tell="1")
        with posting_to(mailbox):
            send(found, job=send_cancelled)
        assert [mail["To"] for mail in mailbox.mails()] == ["paula@example.org"]

    @pytest.mark.parametrize("state", Attendance.State.values)
    def test_what_was_attended_is_not_cancelled(self, cast: Cast, client: Client, state: str) -> None:
        """Back to planned first: then it was entered by mistake that somebody came."""
        found = book(cast.albers, "09:00")
        today(cast, found)
        self.post(client, "attendance", found, state=state)
        answer = self.post(client, "cancellation", found, choice="1")
        assert answer.status_code == 422
        assert "first set it back to “Planned”" in answer.content.decode()
        assert not hasattr(reload(cast.albers, found), "cancellation")
        page = client.get(reverse("scheduling:appointment", args=[found.id])).content.decode()
        assert reverse("scheduling:cancellation", args=[found.id]) not in page
        self.post(client, "attendance", found, state="planned")
        assert self.post(client, "cancellation", found, choice="1").status_code == 200

    def test_without_script(self, cast: Cast) -> None:
        client = Client()
        client.force_login(cast.albers.user("jana"))
        found = book(cast.albers, "09:00")
        assert client.get(reverse("scheduling:appointment", args=[found.id])).status_code == 200
        assert self.post(client, "attendance", found, state="arrived").status_code == 422
        today(cast, found)
        assert self.post(client, "attendance", found, state="arrived").status_code == 303
