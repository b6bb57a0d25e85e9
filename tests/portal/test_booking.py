"""Booking through the pages, in-process: what presses, reloads and lost answers do (BOO-3…8)."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.patients.models import ContactProposal, Patient
from sprechzeit.portal import typed
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.availability import instant_of
from sprechzeit.scheduling.errors import TimeTaken
from sprechzeit.scheduling.models import Appointment, Cancellation, Hold, Occupancy
from tests.support.cast import Cast, House, at, book, hold, monday

PAULA = {
    "first_name": "Paula",
    "last_name": "Sommer",
    "date_of_birth": "24.03.1985",
    "email": "paula@example.org",
    "insurance": "statutory",
    "privacy": "on",
}


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"Accept-Language": "en"})


def times_url(house: House, kind: str = "talk") -> str:
    return reverse("portal:times", args=[house.practice.slug, house.types[kind].reference])


def press(visitor: Client, house: House, clock: str, *, key: str = "k" * 32, kind: str = "talk", **more: Any) -> Any:
    """Press the button of a time in the first calendar."""
    calendar = next(iter(house.calendars.values()))
    utc = at(clock).astimezone(datetime.fromisoformat("2020-01-01T00:00+00:00").tzinfo)
    value = f"{utc:%Y%m%dT%H%MZ}~{calendar.reference}"
    url = reverse("portal:hold", args=[house.practice.slug, house.types[kind].reference])
    return visitor.post(url, {"key": key, "start": value, **more})


def typed_in(page: Any) -> dict[str, str]:
    """What a page carries of what was typed."""
    found = re.search(r'name="typed" value="([^"]+)"', page.content.decode())
    return typed.unpack(found[1]) if found else {}


def rows(house: House, model: Any) -> int:
    with acting(house.system):
        return int(model.objects.filter(practice=house.practice).count())


@pytest.mark.req("BOO-1", "BOO-2", "CAL-9")
def test_the_three_steps(cast: Cast, visitor: Client) -> None:
    page = visitor.get(times_url(cast.albers), {"day": f"{monday():%Y-%m-%d}"})
    assert b"08:00" in page.content and b"Miriam Albers" in page.content
    details: Any = press(visitor, cast.albers, "08:00")
    assert details.status_code == 303
    assert b"Paula" not in visitor.get(details.url).content
    done: Any = visitor.post(details.url, PAULA)
    assert done.status_code == 303
    assert b"Your appointment is booked" in visitor.get(done.url).content
    assert rows(cast.albers, Appointment) == 1


@pytest.mark.req("BOO-3", "CAL-8")
def test_a_taken_time_answers_409_with_the_next_free_ones(cast: Cast, visitor: Client) -> None:
    press(visitor, cast.albers, "09:00")
    late = press(visitor, cast.albers, "09:00", key="r" * 32, **PAULA)
    assert late.status_code == 409
    assert b"09:00 has just been taken" in late.content
    assert typed_in(late)["first_name"] == "Paula", "what was typed stays"
    assert b'id="choice-1" checked' in late.content and b"Book 09:00" in late.content, "with the other practitioner"


@pytest.mark.req("BOO-7")
def test_pressed_twice_is_one_hold_and_one_appointment(cast: Cast, visitor: Client) -> None:
    first, second = press(visitor, cast.albers, "09:00"), press(visitor, cast.albers, "09:00")
    assert first.url == second.url
    assert rows(cast.albers, Hold) == 1
    answers: list[Any] = [visitor.post(first.url, PAULA) for _ in range(3)]
    assert {answer.url for answer in answers} == {answers[0].url}
    assert rows(cast.albers, Appointment) == 1
    assert rows(cast.albers, Patient) == 1
    assert visitor.get(first.url).status_code == 302, "going back leads on to the booked appointment"


@pytest.mark.req("BOO-3")
def test_an_expired_hold_is_taken_anew_if_its_time_is_free(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    expire(cast.albers)
    assert visitor.get(details.url).status_code == 410
    assert visitor.post(details.url, PAULA).status_code == 303
    assert rows(cast.albers, Appointment) == 1


@pytest.mark.req("BOO-3")
def test_an_expired_hold_whose_time_is_gone_offers_others_and_keeps_what_was_typed(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    expire(cast.albers)
    book(cast.albers, "09:00", first_name="Lars")
    late = visitor.post(details.url, PAULA)
    assert late.status_code == 409
    assert typed_in(late)["last_name"] == "Sommer"
    assert rows(cast.albers, Appointment) == 1


def expire(house: House) -> None:
    with acting(house.system):
        Occupancy.objects.filter(kind="hold").update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.req("BOO-4")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ""),
        ("first_name", "x" * 101),
        ("last_name", "Som\x00mer"),
        ("date_of_birth", "31.02.1985"),
        ("date_of_birth", "01.01.2099"),
        ("date_of_birth", "01.01.1850"),
        ("email", "paula"),
        ("mobile", "call me"),
        ("privacy", ""),
        ("remark", "x" * 501),
    ],
)
def test_a_wrong_field_is_said_beside_it_and_nothing_is_lost(
    cast: Cast, visitor: Client, field: str, value: str
) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    answer = visitor.post(details.url, PAULA | {field: value})
    assert answer.status_code == 422
    assert f"id_{field}_error" in answer.content.decode()
    assert rows(cast.albers, Appointment) == 0
    assert b"paula" in answer.content


@pytest.mark.req("BOO-8")
def test_an_address_keeps_two_times_and_a_third_is_refused_in_plain_words(cast: Cast, visitor: Client) -> None:
    """Three people in one waiting room: nobody loses the time they were promised."""
    for number, clock in enumerate(("08:00", "09:00")):
        assert press(visitor, cast.albers, clock, key=f"{number}" * 32).status_code == 303
    third = press(visitor, cast.albers, "10:00", key="z" * 32, **PAULA)
    assert third.status_code == 429
    assert b"already being kept" in third.content and b"0221 555 0100" in third.content
    assert typed_in(third)["first_name"] == "Paula"
    assert live_holds(cast.albers) == 2


def live_holds(house: House) -> int:
    with acting(house.system):
        return Occupancy.objects.filter(kind="hold", active=True).count()


@pytest.mark.req("BOO-3", "BOO-7")
def test_another_time_pressed_on_the_same_page_gives_the_first_one_back(cast: Cast, visitor: Client) -> None:
    addresses = [press(visitor, cast.albers, clock).url for clock in ("08:00", "09:00", "10:00", "08:00")]
    assert live_holds(cast.albers) == 1
    assert visitor.get(addresses[1]).status_code == 410
    assert visitor.get(addresses[3]).status_code == 200, "a time that was given back can be pressed again"


@pytest.mark.req("BOO-3")
def test_choosing_another_time_frees_this_one_at_once(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    back: Any = visitor.post(f"{details.url}release/")
    assert back.status_code == 303 and back.url == f"{times_url(cast.albers)}?week={monday():%Y-%m-%d}"
    assert live_holds(cast.albers) == 0


def test_what_another_sites_page_sends_is_refused(cast: Cast, visitor: Client) -> None:
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        visitor.defaults = {**visitor.defaults, **{f"HTTP_{k.upper().replace('-', '_')}": v for k, v in header.items()}}
        assert press(visitor, cast.albers, "09:00").status_code == 403
    assert rows(cast.albers, Hold) == 0


@pytest.mark.req("BOO-3")
def test_an_expired_hold_moves_to_another_room_if_its_own_is_taken(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    expire(cast.albers)
    book(cast.albers, "09:00", who="jonas", first_name="Lars")
    assert visitor.post(details.url, PAULA).status_code == 303
    with acting(cast.albers.system):
        rooms = set(Appointment.objects.values_list("room__name", flat=True))
    assert rooms == {"Raum 1", "Raum 2"}


@pytest.mark.req("CAL-11")
def test_the_next_free_times_come_after_the_wanted_one(cast: Cast) -> None:
    hold(cast.albers, "14:00", kind="call")
    with acting(cast.albers.visitor):
        with pytest.raises(TimeTaken) as refused:
            hold(cast.albers, "14:00", kind="call")
        starts = [instant_of(offer.start) for offer in refused.value.next_free]
    assert starts == [at("14:20"), at("14:30"), at("14:40")]


@pytest.mark.req("BOO-8")
@pytest.mark.own_database
def test_holds_of_one_address_are_limited_refused_ones_too(cast: Cast, visitor: Client) -> None:
    statuses = [press(visitor, cast.albers, "09:00", key=f"{number:032}").status_code for number in range(22)]
    assert statuses[:20].count(429) == 0
    assert statuses[20:] == [429, 429]
    answer = press(visitor, cast.albers, "09:00", key="n" * 32)
    assert 0 < int(answer["Retry-After"]) <= 3600


@pytest.mark.req("BOO-5", "PAT-10", "PAT-11")
def test_a_known_patient_is_found_and_other_contacts_are_only_proposed(cast: Cast, visitor: Client) -> None:
    known = book(cast.albers, "08:00")
    details: Any = press(visitor, cast.albers, "09:00")
    visitor.post(details.url, PAULA | {"first_name": " pAULA ", "email": "new@example.org", "mobile": "0171 2345678"})
    assert rows(cast.albers, Patient) == 1
    with acting(cast.albers.system):
        proposals = set(ContactProposal.objects.values_list("patient_id", "key"))
    assert proposals == {(known.patient_id, "new@example.org"), (known.patient_id, "+491712345678")}


def test_what_is_not_offered_cannot_be_posted(cast: Cast, visitor: Client) -> None:
    """Before opening, off the grid, at night: refused with free times, nothing kept."""
    for clock in ("07:00", "09:07", "23:00", "12:30"):
        assert press(visitor, cast.albers, clock).status_code == 409
    assert rows(cast.albers, Hold) == 0


@pytest.mark.parametrize("value", ["", "x", "20270101T0900Z", "20270101T0900Z~nobody", "99999999T9999Z~x", "\x00~\x00"])
def test_a_made_up_button_is_not_found(cast: Cast, visitor: Client, value: str) -> None:
    url = reverse("portal:hold", args=["albers", cast.albers.types["talk"].reference])
    assert visitor.post(url, {"key": "k" * 32, "start": value}).status_code == 404


def test_another_practices_calendar_or_type_is_not_found(cast: Cast, visitor: Client) -> None:
    foreign = reverse("portal:times", args=["albers", cast.brandt.types["talk"].reference])
    assert visitor.get(foreign).status_code == 404
    url = reverse("portal:hold", args=["albers", cast.albers.types["talk"].reference])
    value = f"{at('09:00').astimezone(timezone.get_fixed_timezone(0)):%Y%m%dT%H%MZ}"
    reference = cast.brandt.calendars["berta"].reference
    assert visitor.post(url, {"key": "k" * 32, "start": f"{value}~{reference}"}).status_code == 404


@pytest.mark.req("BOO-6")
def test_the_link_shows_and_cancels_its_appointment_only(cast: Cast, visitor: Client) -> None:
    appointment = book(cast.albers, "09:00")
    other = book(cast.albers, "10:00", first_name="Lars")
    link = reverse("portal:manage", args=[manage_token(appointment.id)])
    for _ in range(2):
        page = visitor.get(link)
        assert page.status_code == 200 and b"Sommer" not in page.content
    assert rows(cast.albers, Cancellation) == 0
    assert visitor.get(f"{link}cancellation/").status_code == 405
    assert visitor.post(f"{link}cancellation/").status_code == 303
    assert visitor.post(f"{link}cancellation/").status_code == 303, "pressed twice"
    assert rows(cast.albers, Cancellation) == 1
    with acting(cast.albers.system):
        assert not hasattr(Appointment.objects.get(pk=other.pk), "cancellation")
    assert visitor.get(reverse("portal:manage", args=["x" * 43])).status_code == 404
    assert press(visitor, cast.albers, "09:00").status_code == 303, "the time is free again"


@pytest.mark.req("BOO-6")
def test_after_the_deadline_the_link_only_shows(cast: Cast, visitor: Client) -> None:
    appointment = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        Practice.objects.filter(pk=cast.albers.practice.pk).update(cancel_hours=24 * 60)
    link = reverse("portal:manage", args=[manage_token(appointment.id)])
    assert b"could be moved or cancelled online until" in visitor.get(link).content
    assert visitor.post(f"{link}cancellation/").status_code == 422
    assert rows(cast.albers, Cancellation) == 0


@pytest.mark.req("BOO-2")
def test_the_public_pages_say_nothing_of_patients(cast: Cast, visitor: Client) -> None:
    book(cast.albers, "09:00", last_name="Geheimhaus")
    for page in (reverse("portal:services", args=["albers"]), times_url(cast.albers)):
        assert b"Geheimhaus" not in visitor.get(page).content


@pytest.mark.req("BOO-6")
def test_the_link_of_an_appointment_that_the_practice_cancelled_says_so(cast: Cast, visitor: Client) -> None:
    appointment = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.actor("jana"), appointment.id)
    page = visitor.get(reverse("portal:manage", args=[manage_token(appointment.id)]))
    assert b"The practice had to cancel this appointment" in page.content
    assert page["X-Robots-Tag"] == "noindex" and page["Cache-Control"] == "no-store"


def test_the_address_of_a_refused_press_leads_back_to_the_times(cast: Cast, visitor: Client) -> None:
    url = reverse("portal:hold", args=["albers", cast.albers.types["talk"].reference])
    back: Any = visitor.get(url)
    assert (back.status_code, back.url) == (302, times_url(cast.albers))


@pytest.mark.req("BOO-1")
def test_of_two_practitioners_free_at_the_same_time_both_are_offered(cast: Cast, visitor: Client) -> None:
    page = visitor.get(times_url(cast.albers), {"day": f"{monday():%Y-%m-%d}"}).content.decode()
    for name in ("Miriam Albers", "Jonas Petersen"):
        assert name in page


@pytest.mark.req("BOO-8")
def test_who_says_to_come_from_elsewhere_keeps_no_more_times(cast: Cast) -> None:
    """A made-up `X-Forwarded-For` is nobody's word unless a trusted proxy says it."""
    statuses = [
        press(Client(headers={"X-Forwarded-For": f"203.0.113.{number}"}), cast.albers, clock, key=clock * 8).status_code
        for number, clock in enumerate(("08:00", "09:00", "10:00", "11:00"))
    ]
    assert statuses == [303, 303, 429, 429] and live_holds(cast.albers) == 2
