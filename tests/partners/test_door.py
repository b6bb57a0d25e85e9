"""The door for booking portals: who comes in, who does not, and what they are told (OTV-1, OTV-2, OTV-12)."""

import pytest

from tests.support.cast import Cast
from tests.support.portal_client import Portal


@pytest.mark.req("OTV-2")
def test_a_signed_call_is_answered_and_the_answer_is_signed(cast: Cast) -> None:
    portal = Portal(cast.albers)
    answer = portal.get("/practice")
    assert (answer.status, answer.signed) == (200, True)
    assert answer.json["name"] == "Praxis Albers"
    assert [one["kid"] for one in answer.json["keys"]] == list(portal.practice_keys())
