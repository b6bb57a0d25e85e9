"""What a partner calls a thing is its own and tells nothing."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.partners.references import LENGTH, Called, id_of, reference_of

pytestmark = pytest.mark.req("OTV-5", "OTV-8")


@given(st.uuids(), st.uuids(), st.sampled_from(Called))
def test_a_reference_is_always_the_same_and_leads_back(partner: UUID, thing: UUID, kind: Called) -> None:
    called = reference_of(partner, kind, thing)
    assert called == reference_of(partner, kind, thing)
    assert len(called) == LENGTH
    assert id_of(partner, kind, called) == thing


def test_another_partner_and_another_kind_call_it_otherwise() -> None:
    thing, one, other = new_id(), new_id(), new_id()
    called = reference_of(one, Called.PATIENT, thing)
    assert called != reference_of(other, Called.PATIENT, thing)
    for partner, kind in ((other, Called.PATIENT), (one, Called.APPOINTMENT)):
        with pytest.raises(NotFound):
            id_of(partner, kind, called)


@given(st.text(max_size=60))
def test_what_nobody_handed_out_is_not_found(typed: str) -> None:
    with pytest.raises(NotFound):
        id_of(new_id(), Called.PATIENT, typed)


def test_a_reference_changed_by_one_character_is_none() -> None:
    partner, thing = new_id(), new_id()
    called = reference_of(partner, Called.HOLD, thing)
    for place in range(LENGTH):
        other = "A" if called[place] != "A" else "Z"
        with pytest.raises(NotFound):
            id_of(partner, Called.HOLD, called[:place] + other + called[place + 1 :])
