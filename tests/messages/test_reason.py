"""The reason of a cancellation is the practice's own, unless the patient is to be told (CAL-7)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sprechzeit.core.acting import acting
from sprechzeit.messages.models import Message
from sprechzeit.messages.texts import Text, compose
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_appointment
from tests.scheduling.test_history import lines
from tests.support.cast import Cast, book

pytestmark = pytest.mark.req("CAL-7", "NOT-1")

REASON = "Dr. <Albers> is ill"


def cancel(cast: Cast, found: Appointment, **fields: Any) -> Any:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.albers.user("jana"))
    address = reverse("scheduling:cancellation", args=[found.pk])
    return client.post(address, {"choice": "1", "reason": REASON, **fields})


def mail(cast: Cast, found: Appointment) -> Text:
    with acting(cast.albers.system):
        appointment = get_appointment(cast.albers.system, found.pk)
        text = compose(Message(kind=Message.Kind.CANCELLED), cast.albers.practice, appointment)
        assert text is not None
        return text


@pytest.mark.parametrize(
    ("fields", "told"),
    [({"tell": "1", "tell_reason": "1"}, True), ({"tell": "1"}, False), ({"tell_reason": "1"}, False)],
)
@pytest.mark.req("CAL-15")
def test_the_patient_reads_it_only_where_that_was_chosen(cast: Cast, fields: dict[str, str], told: bool) -> None:
    found = book(cast.albers, "09:00")
    assert cancel(cast, found, **fields).status_code == 303
    text = mail(cast, found)
    assert (REASON in text.plain) is told
    assert ("Dr. &lt;Albers&gt; is ill" in text.html) is told, "in the page as text, never as markup"
    with translation.override("en"):
        words = f"Cancelled: {REASON} (told to the patient)" if told else f"Cancelled: {REASON}"
        assert lines(cast, found)[-1] == ("Jana Albrecht", words)


def test_without_a_reason_nothing_is_promised(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    cancel(cast, found, tell="1", tell_reason="1", reason=" ")
    assert "Reason" not in mail(cast, found).plain
    with translation.override("en"):
        assert lines(cast, found)[-1] == ("Jana Albrecht", "Cancelled")


def test_a_second_cancellation_has_its_own_reason(cast: Cast) -> None:
    """The first was undone: what was to be told then is not told now."""
    found, actor = book(cast.albers, "09:00"), cast.albers.actor("jana")
    cancel(cast, found, tell="1", tell_reason="1")
    with acting(actor):
        undo(actor)
    cancel(cast, found, tell="1", reason="Double booking")
    plain = mail(cast, found).plain
    assert REASON not in plain and "Double booking" not in plain


def test_the_choice_stands_in_the_form(cast: Cast) -> None:
    client = Client(headers={"HX-Request": "true", "accept-language": "en"})
    client.force_login(cast.albers.user("jana"))
    page = client.get(reverse("scheduling:appointment", args=[book(cast.albers, "09:00").pk])).content.decode()
    assert 'name="tell_reason"' in page and "Otherwise the practice alone sees it." in page
