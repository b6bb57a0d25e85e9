"""Taking back a contact change whose former one has come back meanwhile (BOO-12)."""

import pytest

from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import accept_contact, reopen_proposal
from sprechzeit.patients.models import ContactPoint, ContactProposal
from tests.support.cast import Cast, book


@pytest.mark.req("BOO-12")
def test_the_former_contact_point_stands_there_once(cast: Cast) -> None:
    jana = cast.albers.actor("jana")
    book(cast.albers, "09:00", email="old@example.org")
    book(cast.albers, "10:00", email="new@example.org")
    with acting(jana):
        newer = accept_contact(jana, ContactProposal.objects.get(value="new@example.org").pk)
    book(cast.albers, "11:00", email="old@example.org")
    with acting(jana):
        accept_contact(jana, ContactProposal.objects.get(value="old@example.org").pk, beside=True)
        reopened = reopen_proposal(jana, newer.pk)
        assert reopened.decided_at is None
        assert [one.value for one in ContactPoint.objects.all()] == ["old@example.org"]
