"""Where an appointment takes place: fixed at booking, changed by the practice (PUSH-4), by video with all it needs."""

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest

from sprechzeit.access.actor import Actor, ActorKind, system
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed
from sprechzeit.patients.actions import NewPatient
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.enter import Known, enter_appointments
from sprechzeit.scheduling.actions.move import swap_appointments
from sprechzeit.scheduling.actions.relocate import change_location
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from sprechzeit.scheduling.actions.settings import change_type
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.actions.video import settle_video
from sprechzeit.scheduling.errors import ChangedMeanwhile, NotOffered, NoVideoHere, VideoNeedsEmail
from sprechzeit.scheduling.models import Appointment, AppointmentLink, AppointmentType, VideoAppointment
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.availability import free_times
from sprechzeit.scheduling.queries.video import Joining, joining
from tests.scheduling.test_appoint import enter, wish
from tests.scheduling.test_move import move, reload
from tests.support.cast import Cast, House, at, book, monday
from tests.support.partner_bookings import book_by, offered
from tests.support.partners import registered
from tests.support.video import ELSEWHERE, known_there, link_of, online_by_video, video_on

pytestmark = pytest.mark.req("PUSH-4")

SILENT = NewPatient("Nora", "Ohnmail", date(1970, 1, 1), "0171 2345679", "")


def relocate(cast: Cast, found: Appointment, location: str, *, by: str = "jana") -> Appointment:
    actor = cast.albers.actor(by)
    with acting(actor):
        return change_location(actor, found.pk, location)


def undone(cast: Cast, *, by: str = "jana") -> None:
    actor = cast.albers.actor(by)
    with acting(actor):
        undo(actor)


def partner_of(house: House) -> Actor:
    """A booking partner, who may book everything."""
    offered(house)
    return registered(house)


def link_to(found: Appointment) -> Actor:
    """The patient with the link that was mailed to them."""
    with acting(system(found.practice_id)):
        link = AppointmentLink.objects.get(appointment=found)
    return Actor(ActorKind.LINK, (found.practice_id,), Role.LINK, link.pk)


def reasons(house: House, channel: str = "online", *, who: str = "miriam", kind: str = "talk") -> list[str]:
    """What speaks against a free time."""
    with acting(house.system):
        found = AppointmentType.objects.get(pk=house.types[kind].pk)
        free = free_times(
            house.system,
            found,
            monday(),
            monday(),
            house.calendars[who].pk,
            asker=engine.Asker(engine.Channel(channel)),
        )
        against = free.reasons(engine.minute_of(at("09:00")))[house.calendars[who].pk]
        assert (at("09:00") in {engine.instant_of(one.start) for one in free.all()}) == (against == [])
        return [str(one) for one in against]


# --- Where it is booked ---------------------------------------------------------------------------------------------


def test_as_the_type_says_by_every_way(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    partner = partner_of(house)
    made = [book(house, "08:00"), enter(cast, wish(cast, "09:00")), book_by(house, partner, "10:00")]
    with acting(house.system):
        known = Known(house.calendars["jonas"], None, house.types["talk"], made[0].patient_id, at("13:00"), at("13:50"))
        (known_id,) = enter_appointments(house.system, [known])
        found = Appointment.objects.filter(pk__in=[known_id, *(one.pk for one in made)])
        assert [(one.location, bool(one.email), one.video.is_here) for one in found] == [("video", True, True)] * 4


def test_as_the_practice_says_for_what_is_booked_online(cast: Cast) -> None:
    house = cast.albers
    video_on(house, talk=False)
    online_by_video(house)
    with acting(house.system):
        change_type(house.system, house.types["call"].pk, {"location": "phone"})
    partner = partner_of(house)
    assert book(house, "08:00").location == "video"
    assert book_by(house, partner, "09:00").location == "video"
    assert enter(cast, wish(cast, "10:00")).location == "practice", "what staff enter takes place where they are"
    assert book(house, "11:00", kind="call", email="other@example.org").location == "phone", "a type can override it"


def test_it_stays_as_it_was_booked(cast: Cast) -> None:
    video_on(cast.albers)
    found = book(cast.albers, "08:00")
    with acting(cast.albers.system):
        change_type(cast.albers.system, cast.albers.types["talk"].pk, {"location": "phone"})
    assert reload(cast.albers, found).location == "video"


def test_the_practice_may_say_another_place(cast: Cast) -> None:
    video_on(cast.albers)
    found = enter(cast, wish(cast, "08:00", location="home"))
    assert (found.location, link_of(cast.albers, found)) == ("home", None)


# --- Link and TAN in the same practice ------------------------------------------------------------------------------


@pytest.mark.req("PUSH-10", "VID-4")
def test_link_and_tan_come_with_the_booking_and_stay_with_the_move(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    found = book(house, "08:00")
    with acting(house.system):
        first = joining(house.system, found)
    assert first and first.is_here and len(first.tan) == 6 and first.tan not in first.url
    move(cast, found, "11:00", who="jonas")
    with acting(house.system):
        assert joining(house.system, reload(house, found)) == first


@pytest.mark.req("PUSH-10")
def test_away_from_video_its_link_is_gone_and_undone_it_is_the_same(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    found = book(house, "08:00")
    before = link_of(house, found)
    relocate(cast, found, "practice")
    assert link_of(house, found) is None
    moved = reload(house, found)
    assert (moved.location, moved.told_starts_at, moved.sequence) == ("practice", None, 1)
    undone(cast)
    back = reload(house, found)
    assert (back.location, back.told_starts_at, back.sequence) == ("video", back.starts_at, 2)
    assert link_of(house, found) == before


@pytest.mark.req("PUSH-10")
def test_to_video_it_gets_a_link_and_undone_has_none(cast: Cast) -> None:
    house = cast.albers
    found = book(house, "08:00")
    video_on(house)
    relocate(cast, found, "video")
    assert link_of(house, found)
    undone(cast)
    assert (link_of(house, found), reload(house, found).location) == (None, "practice")


@pytest.mark.req("PUSH-10")
def test_a_service_elsewhere_answers_with_the_link(cast: Cast) -> None:
    house = cast.albers
    video_on(house, ELSEWHERE)
    known_there(house, "miriam")
    found = book(house, "08:00")
    assert (found.location, link_of(house, found)) == ("video", None)


@pytest.mark.req("PUSH-4", "PUSH-7")
def test_a_link_of_elsewhere_is_good_again_when_it_is_undone(cast: Cast) -> None:
    """Before the service was told: to it nothing has happened, and it answers with no other link."""
    house = cast.albers
    video_on(house, ELSEWHERE)
    known_there(house, "miriam")
    found = book(house, "08:00")
    with acting(house.system):
        VideoAppointment.objects.create(
            practice_id=house.practice.pk,
            appointment=found,
            calendar=found.calendar,
            join_url="https://there/1",
            tan="1",
        )
    relocate(cast, found, "phone")
    assert how_to_join(house, found) is None
    undone(cast)
    assert how_to_join(house, found) == Joining("https://there/1", "1", is_here=False)


def how_to_join(house: House, found: Appointment) -> Joining | None:
    with acting(house.system):
        return joining(house.system, get_appointment(house.system, found.pk))


@pytest.mark.req("PUSH-2", "PUSH-10")
def test_another_service_holds_what_is_to_come(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    found, plain = book(house, "08:00"), book(house, "10:00", kind="call", email="other@example.org")
    video_on(house, ELSEWHERE)
    assert settled(cast) == 1
    assert link_of(house, found) is None
    assert reload(house, found).told_starts_at is None, "the link that was sent opens nothing any more"
    video_on(house)
    assert settled(cast) == 1
    assert link_of(house, found)
    assert not link_of(house, plain)
    video_on(house, is_on=False)
    assert settled(cast) == 0
    assert link_of(house, found), "switched off, what was agreed stays"


def settled(cast: Cast) -> int:
    actor = cast.albers.actor("miriam")
    with acting(actor):
        return settle_video(actor)


# --- What it needs --------------------------------------------------------------------------------------------------


@pytest.mark.req("PUSH-6")
def test_without_an_address_it_is_refused_by_every_way(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    partner = partner_of(house)
    silent = enter(cast, wish(cast, "16:00", patient=SILENT, location="practice"))
    ways: list[Callable[[], Any]] = [
        lambda: enter(cast, wish(cast, "08:00", patient=SILENT)),
        lambda: enter(cast, wish(cast, "08:00", patient=silent.patient_id)),
        lambda: book_by(house, partner, "09:00", email=""),
        lambda: relocate(cast, silent, "video"),
    ]
    for way in ways:
        with pytest.raises(VideoNeedsEmail):
            way()
    jonas = house.calendars["jonas"]
    known = Known(jonas, None, house.types["talk"], silent.patient_id, at("10:00"), at("10:50"))
    with acting(house.system), pytest.raises(VideoNeedsEmail):
        enter_appointments(house.system, [known])
    with acting(house.system):
        assert not VideoAppointment.objects.exists()


@pytest.mark.req("PUSH-6")
def test_the_database_refuses_it_too(cast: Cast) -> None:
    silent = enter(cast, wish(cast, "16:00", patient=SILENT))
    with pytest.raises(Exception, match="needs an e-mail address") as refused, acting(cast.albers.system):
        Appointment.objects.filter(pk=silent.pk).update(location="video")
    assert isinstance(refused.value.__cause__, psycopg.errors.CheckViolation)


@pytest.mark.req("PUSH-3", "CAL-10")
@pytest.mark.parametrize("channel", ["staff", "online", "partners"])
def test_a_type_by_video_is_offered_where_it_can_be_held(cast: Cast, channel: str) -> None:
    """Nothing set up, switched off, held here, held elsewhere without and with the calendar's reference."""
    house = cast.albers
    with acting(house.system):
        change_type(house.system, house.types["talk"].pk, {"location": "video", "partners": True})
    assert reasons(house, channel) == ["video_off"]
    video_on(house, is_on=False)
    assert reasons(house, channel) == ["video_off"]
    video_on(house)
    assert reasons(house, channel) == []
    video_on(house, ELSEWHERE)
    assert reasons(house, channel) == ["no_video_reference"]
    known_there(house, "jonas")
    assert (reasons(house, channel), reasons(house, channel, who="jonas")) == (["no_video_reference"], [])


@pytest.mark.req("PUSH-3")
def test_a_default_by_video_stops_what_is_booked_online_alone(cast: Cast) -> None:
    house = cast.albers
    assert reasons(house) == []
    online_by_video(house)
    assert (reasons(house), reasons(house, "staff")) == (["video_off"], [])
    with acting(house.system):
        change_type(house.system, house.types["talk"].pk, {"location": "practice"})
    assert reasons(house) == []


@pytest.mark.req("PUSH-3")
def test_it_neither_moves_nor_swaps_to_where_it_cannot_be_held(cast: Cast) -> None:
    """Not even confirmed: who holds it there could not be told. One that was made in the practice may."""
    house = cast.albers
    here = enter(cast, wish(cast, "10:00", who="jonas"))
    video_on(house, ELSEWHERE)
    known_there(house, "miriam")
    found = enter(cast, wish(cast, "08:00"))
    anyway = {"no_video_reference", "calendar_taken"}
    with pytest.raises(NotOffered) as refused:
        move(cast, found, "11:00", who="jonas", confirmed=anyway)
    assert refused.value.reasons == ("no_video_reference",)
    with pytest.raises(NotOffered), acting(house.system):
        swap_appointments(house.system, found.pk, here.pk, confirmed=anyway)
    with pytest.raises(NotOffered), acting(link_to(found)):
        reschedule_appointment(link_to(found), found.pk, NewTime(house.calendars["jonas"].pk, at("11:00"), None))
    assert move(cast, here, "11:00", who="jonas").location == "practice"
    relocate(cast, found, "phone")
    assert move(cast, found, "09:00", who="jonas").calendar == house.calendars["jonas"]


@pytest.mark.req("PUSH-3")
def test_no_appointment_becomes_one_by_video_where_none_is_held(cast: Cast) -> None:
    found = book(cast.albers, "08:00")
    with pytest.raises(NoVideoHere) as off:
        relocate(cast, found, "video")
    video_on(cast.albers, ELSEWHERE)
    with pytest.raises(NoVideoHere) as unknown:
        relocate(cast, found, "video")
    assert (off.value.reason, unknown.value.reason) == ("video_off", "no_video_reference")


# --- Who may --------------------------------------------------------------------------------------------------------


def test_who_may_change_it(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    found = book(house, "08:00")
    with pytest.raises(NotAllowed), acting(link_to(found)):
        change_location(link_to(found), found.pk, "practice")
    with acting(house.system):
        cancel_appointment(house.system, found.pk)
    with pytest.raises(ChangedMeanwhile):
        relocate(cast, found, "practice")


def test_the_same_place_is_no_change(cast: Cast) -> None:
    found = relocate(cast, book(cast.albers, "08:00"), "practice")
    assert (found.sequence, found.told_starts_at) == (0, found.starts_at)
