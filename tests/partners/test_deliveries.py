"""Telling a partner's address of changes: signed, in order, until it has them (OTV-9)."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.calls import NotReached
from sprechzeit.core.ids import new_id, new_reference
from sprechzeit.core.jobs import SLOTS, WAITS_MINUTES, NotYet
from sprechzeit.core.peers import networks
from sprechzeit.partners import jobs
from sprechzeit.partners.actions.deliveries import deliver_again, put_aside, switch_on
from sprechzeit.partners.actions.signing import have_signing_key
from sprechzeit.partners.errors import ToldByLater
from sprechzeit.partners.jobs import deliver
from sprechzeit.partners.models import Delivery, SigningKey, WebhookOff
from sprechzeit.partners.queries.events import failed_deliveries
from sprechzeit.partners.references import Called, id_of
from sprechzeit.practice.actions.partners import end_partner
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import move_appointment
from sprechzeit.scheduling.models import Appointment
from tests.scheduling.test_move import place
from tests.support.cast import Cast, House, at
from tests.support.hook_peer import HookPeer, hook_peer
from tests.support.partners import acts, booked_by, registered, reported_to

pytestmark = pytest.mark.req("OTV-9")


@pytest.fixture(autouse=True)
def _here(settings: Any) -> None:
    """This machine may be called."""
    settings.WEBHOOK_NETWORKS = networks(["127.0.0.0/8"])


@pytest.fixture
def peer(cast: Cast, portal: Actor) -> Iterator[HookPeer]:
    """Where the partner takes what it is told; it knows the practice's key."""
    with hook_peer() as made:
        with acting(cast.albers.system):
            made.trusts(have_signing_key(cast.albers.system).public_key)
        reported_to(portal, cast.albers, made.url)
        yield made


@pytest.fixture
def portal(cast: Cast) -> Actor:
    return registered(cast.albers)


def deliveries(house: House) -> list[Delivery]:
    with acting(house.system):
        return list(Delivery.objects.order_by("event__number").select_related("event"))


def only(cast: Cast) -> Delivery:
    (one,) = deliveries(cast.albers)
    return one


def states(house: House) -> list[tuple[str, str, int]]:
    return [(one.state, one.error, one.attempts) for one in deliveries(house)]


def send(one: Delivery, attempts: int = 0) -> str:
    """Work off its job as the worker does: 'done', or why it is tried again."""
    practice_id, delivery_id = str(one.practice_id), str(one.pk)
    try:
        deliver.work(
            attempts, practice_id=practice_id, webhook_of=str(one.event.appointment_id), delivery_id=delivery_id
        )
    except NotYet as failure:
        return str(failure)
    return "done"


def move(cast: Cast, found: Appointment, clock: str) -> None:
    """The practice moves it."""
    jana = cast.albers.actor("jana")
    with acts(jana):
        move_appointment(jana, found.id, place(cast.albers, clock))


def moved(cast: Cast, portal: Actor, *clocks: str) -> Appointment:
    """A booking of the partner's that the practice moved to these times."""
    found = booked_by(portal, cast.albers, "09:00")
    for clock in clocks:
        move(cast, found, clock)
    return found


def test_what_comes_there(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    """Signed, with the partner's own references, and nothing of the patient."""
    found = moved(cast, portal, "11:00")
    (one,) = deliveries(cast.albers)
    assert send(one) == "done"
    (call,) = peer.calls()
    assert call["wrong"] == ""
    assert call["headers"]["content-type"] == "application/json"
    body = json.loads(call["body"])
    assert body.keys() == {"type", "timestamp", "data"}
    assert body["type"] == "appointment.moved"
    data = body["data"]
    assert (data["number"], data["kind"], data["by"]) == (2, "moved", "practice")
    assert data["event"] == call["headers"]["webhook-id"]
    told = data["appointment"]
    assert told.keys() == {
        "appointment", "type", "calendar", "starts_at", "ends_at", "state", "sequence", "changed_at",
    }  # fmt: skip
    assert id_of(portal.identity, Called.APPOINTMENT, told["appointment"]) == found.pk
    assert id_of(portal.identity, Called.CALENDAR, told["calendar"]) == found.calendar_id
    assert (told["starts_at"], told["state"], told["sequence"]) == (at("11:00").isoformat(), "booked", 1)
    assert "Paula" not in call["body"] and "Sommer" not in call["body"] and str(found.pk) not in call["body"]
    (one,) = deliveries(cast.albers)
    assert (one.state, one.status, one.attempts, one.error) == ("sent", 204, 1, "")
    assert one.sent_at is not None


def test_a_wrong_key_is_no_signature(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    """The control of the portal's own check."""
    moved(cast, portal, "11:00")
    with acting(cast.brandt.system):
        peer.trusts(have_signing_key(cast.brandt.system).public_key)
    send(only(cast))
    assert [one["wrong"] for one in peer.calls()] == ["signature"]


def test_of_two_keys_either_is_known(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    moved(cast, portal, "11:00")
    with acting(cast.albers.system):
        newer = have_signing_key(cast.albers.system)
        newer.pk, newer.reference, newer.public_key, newer.private_key = _another_key()
        SigningKey.objects.bulk_create([newer])
    send(only(cast))
    (call,) = peer.calls()
    assert call["wrong"] == ""
    assert call["headers"]["webhook-signature"].count("v1a,") == 2


def _another_key() -> tuple[Any, ...]:
    pair = Ed25519PrivateKey.generate()
    public, private = pair.public_key().public_bytes_raw(), pair.private_bytes_raw()
    return new_id(), new_reference(), base64.b64encode(public).decode(), base64.b64encode(private).decode()


TROUBLE = {
    "500": ("refused", 500),
    "400": ("refused", 400),
    "302": ("redirect", 302),
    "429:60": ("refused", 429),
    "reset": ("connection", None),
    "lose": ("protocol", None),
}


@pytest.mark.parametrize("word", TROUBLE)
def test_what_was_not_taken_is_tried_again_with_the_same_id(
    cast: Cast, portal: Actor, peer: HookPeer, word: str
) -> None:
    """A portal that has it already, and whose answer was lost, knows it again."""
    moved(cast, portal, "11:00")
    peer.answers(word, "204")
    why, status = TROUBLE[word]
    (one,) = deliveries(cast.albers)
    before = timezone.now()
    assert send(one) == why
    (one,) = deliveries(cast.albers)
    assert (one.state, one.error, one.status, one.attempts) == ("waiting", why, status, 1)
    assert one.next_at is not None and one.next_at > before + timedelta(seconds=59)
    assert send(one, 1) == "done"
    assert states(cast.albers) == [("sent", "", 2)]
    first, second = peer.calls()
    assert [one["wrong"] for one in (first, second)] == ["", "known"]
    assert first["body"] == second["body"]


def test_once_it_is_there_it_is_not_sent_again(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    """A job that runs twice: a worker died after it had marked it."""
    moved(cast, portal, "11:00")
    for _ in range(2):
        assert send(only(cast)) == "done"
    assert len(peer.calls()) == 1


@pytest.mark.parametrize(("word", "minutes"), [("429:1200", 20), ("503:1200", 20), ("500:1200", 1), ("429:5", 1)])
def test_who_asks_to_wait_is_left_alone(cast: Cast, portal: Actor, peer: HookPeer, word: str, minutes: int) -> None:
    """For as long as it asked, and never shorter than without."""
    moved(cast, portal, "11:00")
    peer.answers(word)
    before = timezone.now()
    send(only(cast))
    (one,) = deliveries(cast.albers)
    assert one.next_at is not None
    assert timedelta(minutes=minutes) <= one.next_at - before < timedelta(minutes=minutes, seconds=20)


def test_after_a_day_it_has_failed_and_the_practice_sees_it(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    moved(cast, portal, "11:00")
    peer.answers("500")
    send(only(cast), attempts=len(WAITS_MINUTES))
    assert states(cast.albers) == [("failed", "refused", 1)]
    miriam, jana = cast.albers.actor("miriam"), cast.albers.actor("jana")
    with acting(miriam):
        assert failed_deliveries(miriam).count() == 1
    with acting(jana):
        assert failed_deliveries(jana).count() == 0
    assert send(only(cast)) == "done", "what failed is not sent by itself"
    assert len(peer.calls()) == 1


def test_send_again(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    moved(cast, portal, "11:00")
    peer.answers("500", "204")
    send(only(cast), attempts=len(WAITS_MINUTES))
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        for _ in range(2):
            deliver_again(miriam, deliveries(cast.albers)[0].pk)
    assert states(cast.albers) == [("waiting", "", 0)]
    jobs = ProcrastinateJob.objects.filter(task_name="partners.deliver").order_by("pk")
    first, second = (one.args for one in jobs)
    assert first == second, "one job more, however often it is pressed"
    assert send(only(cast)) == "done"
    assert states(cast.albers) == [("sent", "", 1)]


def test_what_was_changed_since_is_not_sent_again(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    found = moved(cast, portal, "11:00")
    peer.answers("500")
    send(only(cast), attempts=len(WAITS_MINUTES))
    move(cast, found, "14:00")
    miriam = cast.albers.actor("miriam")
    with acting(miriam), pytest.raises(ToldByLater):
        deliver_again(miriam, deliveries(cast.albers)[0].pk)


def test_left_at_that(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    moved(cast, portal, "11:00")
    peer.answers("500")
    send(only(cast), attempts=len(WAITS_MINUTES))
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        assert put_aside(miriam, portal.identity) == 1
        assert failed_deliveries(miriam).count() == 0
    assert states(cast.albers) == [("left_out", "put_aside", 1)]


# --- In order -------------------------------------------------------------------------------------------------------


def test_only_the_latest_is_sent(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    """What waits while the portal is away is overtaken by what says more; it is never sent after it."""
    moved(cast, portal, "11:00", "14:00")
    first, second = deliveries(cast.albers)
    assert [send(first), send(second), send(first)] == ["done"] * 3
    assert states(cast.albers) == [("left_out", "later", 0), ("sent", "", 1)]
    assert [json.loads(one["body"])["data"]["number"] for one in peer.calls()] == [3]


def test_the_partners_own_change_overtakes_too(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    """It was answered how the appointment stands then."""
    found = moved(cast, portal, "11:00")
    with acts(portal):
        cancel_appointment(portal, found.pk)
    assert send(only(cast)) == "done"
    assert states(cast.albers) == [("left_out", "later", 0)]


def test_other_appointments_do_not_wait(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    """One that the portal never takes holds up nothing else."""
    moved(cast, portal, "11:00")
    other = booked_by(portal, cast.albers, "13:00")
    move(cast, other, "15:00")
    peer.answers("500", "204")
    first, second = deliveries(cast.albers)
    assert [send(first), send(second)] == ["refused", "done"]
    locks = ProcrastinateJob.objects.filter(task_name="partners.deliver").values_list("lock", flat=True)
    assert len(set(locks)) == 2


def test_a_new_change_wakes_what_waits(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    """The queue takes the jobs of a lock in their order: what is to be tried in hours must not hold up what is new."""
    found = moved(cast, portal, "11:00")
    in_hours = timezone.now() + timedelta(hours=6)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = %s, attempts = 9", [in_hours])
    move(cast, found, "14:00")
    first, second = ProcrastinateJob.objects.filter(task_name="partners.deliver").order_by("pk")
    assert first.scheduled_at is None
    assert second.scheduled_at is not None and second.scheduled_at < timezone.now() + timedelta(seconds=21)


def test_staff_can_still_undo_it(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    """Nobody is told for as long as the page offers to undo (CAL-16)."""
    moved(cast, portal, "11:00")
    (job,) = ProcrastinateJob.objects.filter(task_name="partners.deliver")
    assert job.scheduled_at is not None and job.scheduled_at > timezone.now() + timedelta(seconds=15)


# --- Where to -------------------------------------------------------------------------------------------------------


def test_an_address_that_is_gone(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    """410: nothing is sent there until somebody says so; what happens meanwhile is in the feed."""
    found = moved(cast, portal, "11:00")
    peer.answers("410", "204")
    assert send(only(cast)) == "done"
    assert states(cast.albers) == [("failed", "gone", 1)]
    move(cast, found, "14:00")
    assert len(deliveries(cast.albers)) == 1
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        assert WebhookOff.objects.filter(url=peer.url).exists()
        switch_on(miriam, portal.identity)
    move(cast, found, "15:00")
    assert send(deliveries(cast.albers)[-1]) == "done"
    assert states(cast.albers)[-1] == ("sent", "", 1)


def test_another_address_is_not_gone(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    found = moved(cast, portal, "11:00")
    peer.answers("410", "204")
    send(only(cast))
    reported_to(portal, cast.albers, peer.url + "&new=1")
    move(cast, found, "14:00")
    assert send(deliveries(cast.albers)[-1]) == "done"
    assert peer.calls()[-1]["line"].startswith("POST /hook?portal=1&new=1 ")


@pytest.mark.parametrize("how", ["ended", "no address"])
def test_who_has_ended_is_told_nothing_more(cast: Cast, portal: Actor, peer: HookPeer, how: str) -> None:
    """Not what waits either."""
    found = moved(cast, portal, "11:00")
    with acting(cast.albers.system):
        if how == "ended":
            end_partner(cast.albers.system, portal.identity)
    if how == "no address":
        reported_to(portal, cast.albers, "")
    assert send(only(cast)) == "done"
    assert states(cast.albers) == [("left_out", "no_address", 0)]
    move(cast, found, "14:00")
    assert len(deliveries(cast.albers)) == 1
    assert peer.calls() == []


def test_the_practices_own_network_is_not_called(cast: Cast, portal: Actor, peer: HookPeer, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = ()
    moved(cast, portal, "11:00")
    for url in (peer.url, f"https://127.0.0.1:{peer.port}/", f"https://localhost:{peer.port}/", "https://10.0.0.1/"):
        reported_to(portal, cast.albers, url)
        assert send(only(cast)) == "address"
    assert peer.calls() == []


def test_what_was_changed_while_the_portal_was_called_does_not_wait(
    cast: Cast, portal: Actor, peer: HookPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the new change would wait for the next attempt of the former one, for up to seven hours."""
    found = moved(cast, portal, "11:00")

    def nobody_there(*_: object, **__: object) -> None:
        move(cast, found, "14:00")
        raise NotReached("timeout")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "post", nobody_there)
        assert send(only(cast), attempts=11) == "done"
    assert states(cast.albers) == [("left_out", "later", 0), ("waiting", "", 0)]
    assert send(deliveries(cast.albers)[1]) == "done"
    assert states(cast.albers)[1] == ("sent", "", 1)


def test_the_database_and_the_page_put_it_into_the_same_queue(cast: Cast, portal: Actor, peer: HookPeer) -> None:
    """That of webhooks, in the same line; and a worker has slots for every queue that there is."""
    found = moved(cast, portal, "11:00")
    again = deliver.due({"practice_id": "", "webhook_of": str(found.pk), "delivery_id": ""})
    due = ProcrastinateJob.objects.filter(task_name="partners.deliver")
    assert list(due.values_list("queue_name", "lock", "priority")) == [(again.queue, again.lock, again.priority)]
    assert again.queue == "webhooks"
    queues = {one.queue for one in app.tasks.values() if one.func.__module__.startswith("sprechzeit.")}
    assert queues == SLOTS.keys()
