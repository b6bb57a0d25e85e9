"""A practice's name as the sender of mails (NOT-1)."""

import pytest
from django.core import mail

from sprechzeit.core.acting import acting
from sprechzeit.messages.jobs import send_booked
from sprechzeit.practice.models import Practice
from tests.support.cast import Cast, book


@pytest.mark.req("NOT-1")
@pytest.mark.parametrize("name", ["Praxis\nBcc: all@example.org", "Praxis Grün\r\nBcc: all@example.org"])
def test_a_name_of_two_lines_makes_no_header_and_stops_no_mail(cast: Cast, name: str) -> None:
    with acting(cast.albers.system):
        Practice.objects.filter(pk=cast.albers.practice.pk).update(name=name)
    found = book(cast.albers, "09:00")
    send_booked.work(0, practice_id=str(cast.albers.practice.pk), appointment_id=str(found.pk))
    (sent,) = mail.outbox
    assert sent.recipients() == ["paula@example.org"] and "Bcc" not in sent.message()
