"""Pushing to a real video side of Sprechzeit: that of another practice, through HTTP (PUSH-9, PUSH-10)."""

from typing import Any

import pytest

from sprechzeit.core.acting import acting
from sprechzeit.core.peers import networks
from sprechzeit.integrations.video_service.actions.service import note_answer
from sprechzeit.integrations.video_service.queries import service_to_ask
from sprechzeit.integrations.video_service.sending import ask
from sprechzeit.scheduling.models import Calendar
from sprechzeit.video.models import Visit
from sprechzeit.video.users import user_id_of
from tests.scheduling.test_move import move
from tests.support.cast import Cast, at, book
from tests.support.databases import Databases
from tests.support.pusher import Pusher
from tests.support.server import Program
from tests.support.video_service import (
    booked,
    cancelled_by,
    held_elsewhere,
    link_of,
    now_at,
    push,
    pushes,
    states,
)

pytestmark = [pytest.mark.req("PUSH-9"), pytest.mark.own_database]


def visits(cast: Cast) -> list[Visit]:
    """What stands at the other practice, the oldest first."""
    with acting(cast.brandt.system):
        return list(Visit.objects.select_related("block__occupancy").order_by("created_at", "pk"))


@pytest.mark.req("PUSH-4", "PUSH-5", "PUSH-10")
def test_booked_moved_and_cancelled_at_another_practice(
    cast: Cast, own_database: Databases, served: Program, settings: Any
) -> None:
    """What the one practice pushes stands in the other's book at once, over what has the time there."""
    settings.WEBHOOK_NETWORKS = networks(["127.0.0.0/8"])
    pusher = Pusher(cast.brandt, by="berta")
    held_elsewhere(cast.albers, served.url, token=pusher.secret)
    berta = user_id_of(cast.brandt.members["berta"].pk)
    with acting(cast.albers.system):
        Calendar.objects.filter(practice=cast.albers.practice).update(video_reference=berta)
    book(cast.brandt, "09:00", who="berta", first_name="Bruno", email="bruno@example.org")
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        asked = service_to_ask(miriam)
        answered = note_answer(miriam, asked, ask(asked))
    assert (answered.why, answered.unknown, answered.writes) == ("", [], True)
    assert ("Miriam Albers", "Berta Brandt") in answered.names

    found = booked(cast.albers)
    push(found)
    (visit,) = visits(cast)
    assert (visit.first_name, visit.last_name, visit.email) == ("Paula", "", "paula@example.org")
    assert visit.block.starts_at == at("09:00") and visit.block.occupancy.active
    assert [one.overlaps for one in pushes(cast.albers)] == [True]
    link = link_of(cast.albers, found)
    assert link is not None and str(link[0]).startswith("http://") and len(str(link[1])) == 6

    move(cast, found, "11:00", minutes=20)
    push(found)
    (visit,) = visits(cast)
    assert visit.block.starts_at == at("11:00") and link_of(cast.albers, found) == link
    assert [one.overlaps for one in pushes(cast.albers)] == [True, False]

    now_at(cast.albers, found, location="practice")
    push(found)
    assert [one.is_live for one in visits(cast)] == [False]
    now_at(cast.albers, found, location="video")
    push(found)
    assert [one.is_live for one in visits(cast)] == [False, True]
    assert link_of(cast.albers, found) != link
    cancelled_by(cast.albers.system, found)
    push(found)
    assert [one.is_live for one in visits(cast)] == [False, False]
    assert {state for _kind, state, _why in states(cast.albers)} == {"sent"}


@pytest.mark.req("PUSH-3", "PUSH-5")
def test_what_the_other_practice_refuses(cast: Cast, own_database: Databases, served: Program, settings: Any) -> None:
    """Nobody by that id; then it is right, and the former refusal is not repeated. A token that is revoked says so."""
    settings.WEBHOOK_NETWORKS = networks(["127.0.0.0/8"])
    pusher = Pusher(cast.brandt, by="berta")
    held_elsewhere(cast.albers, served.url, token=pusher.secret)
    found = booked(cast.albers)
    push(found)
    assert states(cast.albers) == [("create", "waiting", "practitioner")]
    with acting(cast.albers.system):
        berta = user_id_of(cast.brandt.members["berta"].pk)
        Calendar.objects.filter(practice=cast.albers.practice).update(video_reference=berta)
    push(found)
    assert states(cast.albers) == [("create", "sent", "")]
    held_elsewhere(cast.albers, served.url, token="vt_revoked")
    move(cast, found, "11:00", minutes=20)
    push(found)
    assert states(cast.albers)[-1] == ("change", "waiting", "token")
