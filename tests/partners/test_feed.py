"""The feed, as a portal asks for it: signed, by the contract (OTV-9)."""

import json
from datetime import datetime
from typing import Any

import pytest

from sprechzeit.core.acting import acting
from sprechzeit.partners.models import Delivery
from sprechzeit.partners.references import Called, reference_of
from sprechzeit.partners.webhooks import body_of
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import move_appointment
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.models import Appointment
from tests.scheduling.test_move import place
from tests.support.cast import BERLIN, Cast, at
from tests.support.partners import acts, booked_by, reported_to
from tests.support.portal_client import Portal

pytestmark = pytest.mark.req("OTV-9", "OTV-10")


@pytest.fixture
def changed(cast: Cast) -> tuple[Portal, Appointment]:
    """A portal, and its booking that the practice moved and cancelled."""
    portal, jana = Portal(cast.albers), cast.albers.actor("jana")
    found = booked_by(portal.actor, cast.albers, "09:00")
    with acts(jana):
        move_appointment(jana, found.id, place(cast.albers, "11:00"))
    with acts(jana):
        cancel_appointment(jana, found.id, reason="The heating is broken")
    return portal, found


def test_what_happened(cast: Cast, changed: tuple[Portal, Appointment]) -> None:
    portal, found = changed
    answer = portal.get("/events", after=1)
    assert (answer.status, answer.signed, answer.json["next"]) == (200, True, None)
    moved, cancelled = answer.json["items"]
    assert moved.keys() == {"number", "event", "kind", "by", "at", "appointment"}
    assert [(one["number"], one["kind"], one["by"]) for one in (moved, cancelled)] == [
        (2, "moved", "practice"), (3, "cancelled", "practice"),
    ]  # fmt: skip
    told = moved["appointment"]
    assert told["appointment"] == reference_of(portal.partner_id, Called.APPOINTMENT, found.pk)
    assert (told["starts_at"], told["ends_at"]) == (at("11:00").isoformat(), at("11:50").isoformat())
    assert (told["state"], cancelled["appointment"]["state"]) == ("booked", "cancelled")
    for word in ("Paula", "Sommer", "heating", str(found.pk), str(found.patient_id)):
        assert word not in answer.body.decode()


@pytest.mark.req("OTV-8")
def test_a_change_has_one_moment_wherever_it_is_told(cast: Cast) -> None:
    """In the answer to the partner, its list, the appointment itself, the feed and the webhook."""
    portal, jana = Portal(cast.albers), cast.albers.actor("jana")
    reported_to(portal.actor, cast.albers, "https://portal.example/hook")
    found = booked_by(portal.actor, cast.albers, "09:00")
    path = f"/appointments/{reference_of(portal.partner_id, Called.APPOINTMENT, found.pk)}"

    def moments() -> tuple[set[str], datetime]:
        """As they are told, and of the webhook, which the database made last."""
        (listed,) = portal.get("/appointments").json["items"]
        event = portal.get("/events", limit=100).json["items"][-1]
        told = {listed["changed_at"], portal.get(path).json["changed_at"], event["appointment"]["changed_at"]}
        with acting(cast.albers.system):
            for one in Delivery.objects.order_by("-event__number")[:1]:
                body = json.loads(body_of(one.event, BERLIN))
                if body["data"]["number"] == event["number"]:
                    told.add(body["data"]["appointment"]["changed_at"])
        return told, datetime.fromisoformat(event["at"])

    assert len(moments()[0]) == 1, "booked"
    changes = (
        lambda: move_appointment(jana, found.pk, place(cast.albers, "11:00")),
        lambda: cancel_appointment(jana, found.pk),
        lambda: undo(jana),
    )
    before = moments()[0]
    for change in changes:
        with acts(jana):
            change()
        told, at_event = moments()
        assert len(told) == 1 and told != before
        assert datetime.fromisoformat(min(told)) <= at_event
        before = told
    for what, asked in (("move", {"starts_at": at("13:00").isoformat()}), ("cancel", {})):
        with acts(cast.albers.system):
            answer = portal.post(f"{path}/{what}", asked)
        assert (answer.status, {answer.json["changed_at"]}) == (200, moments()[0])


def test_page_by_page_nothing_is_left_out(changed: tuple[Portal, Appointment]) -> None:
    portal, _found = changed
    numbers, after = [], 0
    while True:
        part = portal.get("/events", after=after, limit=1).json
        numbers += [one["number"] for one in part["items"]]
        if part["next"] is None:
            break
        after = int(part["next"])
    assert numbers == [1, 2, 3]
    assert portal.get("/events", after=3).json == {"items": [], "next": None}


@pytest.mark.parametrize(
    "query", [{"after": -1}, {"after": "x"}, {"after": 2**63}, {"limit": 0}, {"limit": 501}, {"limit": "1e3"}]
)
def test_what_is_not_in_the_contract(cast: Cast, query: dict[str, Any]) -> None:
    answer = Portal(cast.albers).get("/events", **query)
    assert (answer.status, answer.code) == (422, "invalid_request")


def test_another_partner_is_told_nothing_of_it(cast: Cast, changed: tuple[Portal, Appointment]) -> None:
    assert Portal(cast.albers, "Anders").get("/events").json["items"] == []
