"""Why is this time not offered? In words, with what lifts it, and never a second opinion."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.settings import offer_type
from sprechzeit.scheduling.availability import Channel, Reason, minute_of
from sprechzeit.scheduling.explain_page import ExplainPage
from sprechzeit.scheduling.models import Absence, AppointmentType, Offering, WorkingHours
from sprechzeit.scheduling.queries.availability import free_times
from sprechzeit.scheduling.queries.explain import Explanation, explain
from sprechzeit.scheduling.reasons import TITLES, WORDS
from tests.support.cast import Cast, House, at, book, monday


def ask(
    house: House, clock: str, *, who: str = "jana", by: Channel = Channel.ONLINE, kind: str = "talk"
) -> Explanation:
    """Why Miriam's calendar does not offer a time of next Monday."""
    actor = house.actor(who)
    with acting(actor):
        appointment_type = AppointmentType.objects.get(pk=house.types["talk"].pk)
        return explain(actor, appointment_type, house.calendars["miriam"], at(clock), by)


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
    assert words(cast.albers, "11:30") == {
        "Outside working hours": "Working hours on this day: 08:00–12:00 and 13:00–17:00.",
        "Absent": "Absent: 11:30–15:00.",
    }


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
