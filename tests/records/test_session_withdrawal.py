"""A session that was entered by mistake: struck through, still readable, and brought back (DOC-1, AUD-1)."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.records.actions.notes import keep_draft, sign_note
from sprechzeit.records.actions.sessions import (
    bring_back_session,
    change_session,
    document_appointment,
    withdraw_session,
)
from sprechzeit.records.errors import SessionSigned, SessionWithdrawn
from sprechzeit.records.models import Session, SessionWithdrawal
from sprechzeit.records.queries import open_note
from tests.support.cast import Cast
from tests.support.routes import client_of
from tests.support.treated import MARKER, over, treated, typed, written


@pytest.mark.req("DOC-1", "DOC-2", "AUD-1")
def test_entered_by_mistake_and_brought_back(cast: Cast) -> None:
    """Jonas, through the pages; its appointment gets another session meanwhile, and keeps that one."""
    house, jonas, client = cast.albers, cast.albers.actor("jonas"), client_of(cast, "practitioner")
    visit = over(house)
    with acting(jonas):
        session = document_appointment(jonas, visit.pk)
    written(house, session)
    url, page = (reverse(f"records:{name}", args=[session.pk]) for name in ("withdrawal", "session"))
    assert (client.get(url).status_code, [client.post(url).status_code for _time in range(2)]) == (200, [303, 303])
    shown = client.get(page).content.decode()
    assert MARKER in shown
    assert 'name="text"' not in shown
    assert reverse("records:facts", args=[session.pk]) not in shown
    assert 'class="withdrawn"' in client.get(reverse("records:sessions", args=[session.patient_id])).content.decode()
    with acting(jonas):
        with pytest.raises(SessionWithdrawn):
            keep_draft(jonas, session.pk, typed("Noch etwas", based_on=1))
        with pytest.raises(SessionWithdrawn):
            change_session(jonas, session.pk, {"kind": "x"})
        assert open_note(jonas, session.pk).count == 1
        other = document_appointment(jonas, visit.pk)
        assert other.pk != session.pk
        bring_back_session(jonas, session.pk)
        assert Session.objects.get(appointment=visit).pk == other.pk
        withdraw_session(jonas, other.pk)
        bring_back_session(jonas, other.pk)
        bring_back_session(jonas, other.pk)
        assert Session.objects.get(appointment=visit).pk == other.pk
    assert 'name="text"' in client.get(page).content.decode()


@pytest.mark.req("DOC-2", "ACC-1")
def test_what_is_signed_stands_and_a_secretary_withdraws_nothing(cast: Cast) -> None:
    house, jonas = cast.albers, cast.albers.actor("jonas")
    session = treated(house)
    written(house, session)
    url = reverse("records:withdrawal", args=[session.pk])
    assert [client_of(cast, one).post(url).status_code for one in ("secretary", "stranger")] == [403, 404]
    with acting(jonas):
        sign_note(jonas, session.pk, 1)
        with pytest.raises(SessionSigned):
            withdraw_session(jonas, session.pk)
    assert client_of(cast, "practitioner").post(url).status_code == 409
    refused = pytest.raises(IntegrityError, match="signed, or withdrawn")
    with acting(house.system), refused, transaction.atomic():
        SessionWithdrawal.objects.create(practice_id=house.practice.pk, session=session, withdrawn_by="x")
