"""Why is this time not offered? In words, with what lifts it, and never a second opinion."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.settings import offer_type
from sprechzeit.scheduling.availability import Channel, Reason, minute_of
from sprechzeit.scheduling.explain_page import ExplainPage
from sprechzeit.scheduling.models import (
    Absence,
    Appointment,
    AppointmentType,
    Calendar,
    Offering,
    OfferingRoom,
    WorkingHours,
)
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.availability import free_times
from sprechzeit.scheduling.queries.explain import Explanation, Question, explain
from sprechzeit.scheduling.reasons import TITLES, WORDS
from tests.scheduling.test_move import move
from tests.support.cast import Cast, House, at, book, monday


def ask(
    house: House, clock: str, *, who: str = "jana", by: Channel = Channel.ONLINE, kind: str = "talk"
) -> Explanation:
    """Why Miriam's calendar does not offer a time of next Monday."""
    actor = house.actor(who)
    with acting(actor):
        appointment_type = AppointmentType.objects.get(pk=house.types["talk"].pk)
        return explain(actor, Question(appointment_type, house.calendars["miriam"], at(clock), by))


def words(house: House, clock: str, **asked: Any) -> dict[str, str]:
    """The reasons by their titles, with their details, in English."""
    actor = house.actor(asked.get("who", "jana"))
    shown = ask(house, clock, **asked)
    with acting(actor), translation.override("en"):
        return {why.title: why.detail for why in ExplainPage(actor, shown).reasons()}


def client(house: House, who: str = "jana") -> Client:
    one = Client()
    one.force_login(house.user(who))
    return one


@pytest.mark.req("CAL-10")
def test_the_reasons_say_what_is_meant_here(cast: Cast) -> None:
    book(cast.albers, "10:00", email="a@example.org")
    book(cast.albers, "11:00", email="b@example.org", first_name="Elif")
    with acting(cast.albers.system):
        Offering.objects.filter(calendar=cast.albers.calendars["miriam"]).update(duration=40)
        AppointmentType.objects.filter(practice_id=cast.albers.practice.id).update(notice=30 * 1440)
    found = words(cast.albers, "10:45")
    assert list(found) == ["Not on the grid", "Too short notice", "Calendar taken"]
    assert found["Not on the grid"] == "Starts every 30 minutes: 10:30 and 11:00."
    assert found["Too short notice"].startswith("Notice: 30 days. Earliest ")
    assert found["Calendar taken"] == "Taken 10:00–11:00 and 11:00–12:00."
    assert words(cast.albers, "09:30", by=Channel.STAFF)["Calendar taken"] == (
        "Taken 10:00–11:00. Only 30 of 50 minutes are free."
    )


@pytest.mark.req("CAL-10")
def test_working_hours_and_absences_are_named(cast: Cast) -> None:
    with acting(cast.albers.system):
        Absence.objects.create(
            practice_id=cast.albers.practice.id, starts_at=at("11:30"), ends_at=at("15:00"), all_day=False,
            reason="Geheim",
        )  # fmt: skip
    hours = "Working hours on this day: 08:00–12:00 and 13:00–17:00."
    assert words(cast.albers, "11:30") == {
        "Outside working hours": f"It lasts until 12:20, working hours end at 12:00. {hours}",
        "Absent": "Absent: 11:30–15:00.",
    }
    assert words(cast.albers, "07:30") == {"Outside working hours": hours}, "the begin lies outside"


@pytest.mark.req("CAL-10")
def test_the_nearest_offer_may_lie_before_and_others_follow(cast: Cast) -> None:
    book(cast.albers, "10:00")
    shown = ask(cast.albers, "10:00")
    assert shown.nearest is not None
    assert (shown.nearest.start, shown.nearest.calendar_id) == (
        minute_of(at("09:00")), cast.albers.calendars["miriam"].id,
    )  # fmt: skip
    assert [(offer.start, offer.calendar_id) for offer in shown.others] == [
        (minute_of(at("10:00")), cast.albers.calendars["jonas"].id),
        (minute_of(at("10:30")), cast.albers.calendars["jonas"].id),
        (minute_of(at("11:00")), cast.albers.calendars["miriam"].id),
    ]
    with acting(cast.albers.visitor):
        free = free_times(cast.albers.visitor, cast.albers.types["talk"], monday(), monday())
        assert {shown.nearest, *shown.others} <= set(free.all())


@pytest.mark.req("CAL-10")
def test_every_time_of_a_day_is_offered_or_has_reasons(cast: Cast) -> None:
    """Explain against what is offered, every ten minutes of a day; with a taken hour, by each channel."""
    book(cast.albers, "10:00")
    for by, actor in ((Channel.ONLINE, cast.albers.visitor), (Channel.STAFF, cast.albers.actor("miriam"))):
        with acting(actor):
            free = free_times(actor, cast.albers.types["talk"], monday(), monday(), cast.albers.calendars["miriam"].pk)
            offered = {
                offer.start for minute in range(0, 1440, 10) for offer in free.at(minute_of(at("00:00")) + minute)
            }
        assert offered
        for minute in range(0, 1440, 10):
            shown = ask(cast.albers, f"{minute // 60:02}:{minute % 60:02}", by=by)
            assert (shown.reasons == []) == (shown.start in offered)


@pytest.mark.req("CAL-10")
def test_who_books_changes_the_answer(cast: Cast) -> None:
    with acting(cast.albers.system):
        AppointmentType.objects.filter(practice_id=cast.albers.practice.id).update(online=False)
    assert ask(cast.albers, "09:00").reasons == [Reason.NOT_BOOKABLE]
    assert ask(cast.albers, "09:07", by=Channel.STAFF).reasons == []
    assert ask(cast.albers, "09:00", by=Channel.PARTNERS).reasons == [Reason.NOT_BOOKABLE]


@pytest.mark.req("CAL-10", "COM-3")
def test_nothing_of_another_practice_or_of_strangers_patients_is_in_it(cast: Cast) -> None:
    """Brandt has the shared room, somebody of Jonas' the own one; Jonas asks about Miriam's calendar."""
    with acting(cast.brandt.system):
        Offering.objects.filter(practice_id=cast.brandt.practice.id).delete()
        offer_type(
            cast.brandt.system, cast.brandt.types["talk"], cast.brandt.calendars["berta"], [cast.brandt.rooms["shared"]]
        )
    book(cast.brandt, "09:00", last_name="Fremdmann", email="f@example.org")
    book(cast.albers, "09:00", last_name="Unbekannt", email="u@example.org")
    question = {"calendar": str(cast.albers.calendars["miriam"].pk), "start": f"{at('09:00'):%Y-%m-%dT%H:%M}"}
    answer = client(cast.albers, "jonas").get("/explain/", question)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "09:00–10:00" in page
    for secret in ("Fremdmann", "Brandt", "Unbekannt"):
        assert secret not in page
    assert ask(cast.albers, "09:00", who="jonas").movable == []
    assert len(ask(cast.albers, "09:00", who="jana").movable) == 1


@pytest.mark.req("CAL-10")
def test_the_page_leads_to_what_lifts_each_reason(cast: Cast) -> None:
    taken = book(cast.albers, "10:00")
    with acting(cast.albers.system):
        WorkingHours.objects.filter(practice_id=cast.albers.practice.id).update(valid_until=monday(0))
    calendar, kind = str(cast.albers.calendars["miriam"].pk), str(cast.albers.types["talk"].pk)
    question = {"calendar": calendar, "start": f"{at('10:10'):%Y-%m-%dT%H:%M}", "type": kind}
    answer = client(cast.albers).get("/explain/", question)
    page = answer.content.decode()
    for address in (f"/settings/types/{kind}/", f"/settings/hours/{calendar}/", f"/appointments/{taken.pk}/place/"):
        assert f'href="{address}"' in page
    fragment = client(cast.albers).get("/explain/", question, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "<h2" in fragment


@pytest.mark.req("CAL-9")
def test_a_time_that_the_clock_skips_or_strikes_twice(cast: Cast) -> None:
    question: dict[str, Any] = {"calendar": str(cast.albers.calendars["miriam"].pk)}
    skipped = client(cast.albers).get("/explain/", question | {"start": "2027-03-28T02:30"})
    assert skipped.status_code == 422
    pages = [
        client(cast.albers).get("/explain/", question | {"start": "2027-10-31T02:30"} | fold).content.decode()
        for fold in ({}, {"fold": "1"})
    ]
    assert ["CEST" in pages[0], "CET" in pages[1]] == [True, True]


def test_a_strangers_calendar_and_nonsense_are_not_found(cast: Cast) -> None:
    start = f"{at('09:00'):%Y-%m-%dT%H:%M}"
    for strange in (str(cast.brandt.calendars["berta"].pk), "nonsense"):
        assert client(cast.albers).get("/explain/", {"calendar": strange, "start": start}).status_code == 404
    own = {"calendar": str(cast.albers.calendars["miriam"].pk), "start": start}
    own["type"] = str(cast.brandt.types["talk"].pk)
    assert client(cast.albers).get("/explain/", own).status_code == 404


def test_every_reason_has_its_words() -> None:
    assert set(TITLES) == set(WORDS) == {str(reason) for reason in Reason}


@pytest.mark.req("CAL-10")
class TestOfAnAppointment:
    """An appointment is asked about as if it were not there: of its own type, length and buffers."""

    def ask(self, house: House, found: Appointment, starts_at: datetime, by: Channel) -> Explanation:
        actor = house.actor("jana")
        with acting(actor):
            moved = get_appointment(actor, found.pk)
            return explain(actor, Question(moved.type, moved.calendar, starts_at, by, moved))

    def test_its_own_type_and_place_are_asked(self, cast: Cast) -> None:
        """A phone call, not the calendar's first type; nothing but itself has the time."""
        call = book(cast.albers, "10:00", kind="call", last_name="Anruf")
        answer = client(cast.albers).get("/explain/", {"appointment": str(call.pk)}, headers={"accept-language": "en"})
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "10:00 would be offered" in page and "Telefonat · 20 min" in page and "Anruf" in page
        assert "As if this appointment were not there." in page
        assert f"/appointments/{call.pk}/place/?" in page, "a free time is one to move to"
        assert "/appointments/new/?" not in page

    def test_its_own_length_counts(self, cast: Cast) -> None:
        """Made half an hour longer it reaches into the next one."""
        found = book(cast.albers, "10:00")
        book(cast.albers, "14:00", first_name="Other", email="o@example.org")
        move(cast, found, "13:00", minutes=50)
        assert self.ask(cast.albers, found, at("13:00"), Channel.STAFF).reasons == []
        move(cast, found, "13:00", minutes=80, confirmed={"calendar_taken"})
        shown = self.ask(cast.albers, found, at("13:00"), Channel.STAFF)
        assert shown.reasons == [Reason.CALENDAR_TAKEN]
        assert [one.patient.first_name for one in shown.movable] == ["Other"], "not the appointment itself"
        with acting(cast.albers.actor("jana")), translation.override("en"):
            (why,) = ExplainPage(cast.albers.actor("jana"), shown).reasons()
        assert why.detail == "Taken 14:00–15:00. Only 60 of 90 minutes are free."

    def test_of_two_that_lie_over_each_other_one_is_left(self, cast: Cast) -> None:
        one = book(cast.albers, "10:00")
        other = book(cast.albers, "11:00", first_name="Other", email="o@example.org")
        move(cast, other, "10:00", room="shared", confirmed={"calendar_taken"})
        assert self.ask(cast.albers, one, at("10:00"), Channel.ONLINE).reasons == [Reason.CALENDAR_TAKEN]

    @pytest.mark.parametrize("by", [Channel.ONLINE, Channel.STAFF])
    def test_it_agrees_with_what_is_offered_once_it_is_gone(self, cast: Cast, by: Channel) -> None:
        """Every twenty minutes of a day: the reasons with it are the offers without it."""
        with acting(cast.albers.system):
            OfferingRoom.objects.filter(room=cast.albers.rooms["shared"]).delete()
        found = book(cast.albers, "10:00")
        book(cast.albers, "13:00", first_name="Other", email="o@example.org")
        book(cast.albers, "15:00", who="jonas", first_name="Third", email="t@example.org")
        clocks = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 1440, 20)]
        explained = {clock: self.ask(cast.albers, found, at(clock), by) for clock in clocks}
        with acting(cast.albers.system):
            cancel_appointment(cast.albers.system, found.pk)
        actor = cast.albers.visitor if by is Channel.ONLINE else cast.albers.actor("jana")
        with acting(actor):
            free = free_times(actor, cast.albers.types["talk"], monday(), monday())
            offered = {(offer.start, offer.calendar_id) for offer in free.all()}
            for clock, shown in explained.items():
                assert (shown.reasons == []) == bool(
                    {offer.calendar_id for offer in free.at(minute_of(at(clock)))} & {found.calendar_id}
                )
                for offer in filter(None, [shown.nearest, *shown.others]):
                    assert (offer.start, offer.calendar_id) in offered or offer.start >= free.period[1]
        own = (minute_of(at("10:00")), found.calendar_id)
        assert own in offered
        shown = explained["10:00"]
        assert own not in {(one.start, one.calendar_id) for one in filter(None, [shown.nearest, *shown.others])}

    def test_the_way_to_move_it_is_filled_in(self, cast: Cast) -> None:
        found = book(cast.albers, "10:00")
        jonas = cast.albers.calendars["jonas"]
        place = reverse("scheduling:place", args=[found.pk])
        answer = client(cast.albers).get(place, {"start": f"{at('14:00'):%Y-%m-%dT%H:%M}", "calendar": str(jonas.pk)})
        initial = answer.context["form"].initial
        day = f"{at('14:00'):%Y-%m-%d}"
        assert (initial["start"], initial["end"], initial["calendar"]) == (
            f"{day}T14:00", f"{day}T14:50", str(jonas.pk),
        )  # fmt: skip
        assert client(cast.albers).get(place, {"start": "nonsense"}).status_code == 200

    def test_its_type_may_be_offered_no_more(self, cast: Cast) -> None:
        found = book(cast.albers, "10:00")
        with acting(cast.albers.system):
            AppointmentType.objects.filter(pk=found.type_id).update(retired_at=at("08:00"))
        for channel in ("online", "staff"):
            question = {"appointment": str(found.pk), "type": str(found.type_id), "by": channel}
            answer = client(cast.albers).get("/explain/", question, headers={"accept-language": "en"})
            assert answer.status_code == 200
            assert "Not bookable this way" in answer.content.decode()

    def test_its_calendar_may_be_retired(self, cast: Cast) -> None:
        found = book(cast.albers, "10:00")
        with acting(cast.albers.system):
            Calendar.objects.filter(pk=found.calendar_id).update(retired_at=at("08:00"))
        answer = client(cast.albers).get("/explain/", {"appointment": str(found.pk)}, headers={"accept-language": "en"})
        assert answer.status_code == 422
        assert "This calendar is retired" in answer.content.decode()

    def test_what_is_not_seen_is_not_found(self, cast: Cast) -> None:
        found = book(cast.albers, "10:00")
        for who, asked in (("jonas", str(found.pk)), ("jana", "nonsense"), ("jana", str(new_id()))):
            assert client(cast.albers, who).get("/explain/", {"appointment": asked}).status_code == 404
