"""Another time by the mailed link: what booking would offer, once, and the old one is lost only for the new (BOO-6)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.audit.queries import history_of
from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.attend import set_attendance
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import move_appointment
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.errors import ChangedMeanwhile
from sprechzeit.scheduling.history import lines_of
from sprechzeit.scheduling.models import Appointment, Occupancy
from tests.support.cast import BERLIN, Cast, House, at, book, monday

pytestmark = [pytest.mark.req("BOO-6")]


@pytest.fixture
def patient() -> Client:
    return Client(headers={"Accept-Language": "en"})


def button(house: House, clock: str, *, who: str = "miriam", day: date | None = None) -> str:
    """The value of a time's button."""
    return f"{at(clock, day).astimezone(UTC):%Y%m%dT%H%MZ}~{house.calendars[who].reference}"


def url(page: str, appointment: Appointment) -> str:
    return reverse(f"portal:{page}", args=[manage_token(appointment.pk)])


def move(patient: Client, appointment: Appointment, start: str, *, seen: int = 0) -> Any:
    """Press 'Move now' on a page that showed the appointment as it was at `seen`."""
    return patient.post(url("place", appointment), {"start": start, "seen": seen})


def now(house: House, appointment: Appointment) -> Appointment:
    with acting(house.system):
        return Appointment.objects.select_related("occupancy", "calendar").get(pk=appointment.pk)


def clock_of(house: House, appointment: Appointment) -> str:
    return f"{now(house, appointment).starts_at.astimezone(BERLIN):%H:%M}"


def active(house: House) -> list[str]:
    """The begins of what is taken."""
    with acting(house.system):
        taken = Occupancy.objects.filter(practice=house.practice, active=True)
        return sorted(f"{one.starts_at.astimezone(BERLIN):%H:%M}" for one in taken)


def change(house: House, row: Any, **facts: Any) -> None:
    with acting(house.system):
        type(row).objects.filter(pk=row.pk).update(**facts)


def buttons(page: Any) -> list[str]:
    return re.findall(r'name="start" value="[^"]*"><b class="num">([0-9:]+)', page.content.decode())


@pytest.mark.req("CAL-15", "CAL-23")
def test_from_the_link_to_the_new_time(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    page = patient.get(url("manage", found)).content.decode()
    assert url("other_times", found) in page
    times = patient.get(url("other_times", found), {"day": f"{monday():%Y-%m-%d}"})
    assert "10:30" in buttons(times)
    asked = patient.get(url("place", found), {"start": button(cast.albers, "10:30")})
    assert asked.status_code == 200 and b"09:00" in asked.content and b"10:30" in asked.content
    moved = move(patient, found, button(cast.albers, "10:30"))
    assert moved.status_code == 303
    assert b"has been moved" in patient.get(moved.url).content
    after = now(cast.albers, found)
    assert after.starts_at == at("10:30") and after.ends_at == at("11:20")
    assert after.told_starts_at == after.starts_at, "the patient knows"
    assert active(cast.albers) == ["10:30"], "the old time is free"
    assert [job.task_name for job in ProcrastinateJob.objects.order_by("id")][-1] == "messages.send_moved"
    with acting(cast.albers.system):
        history = history_of(cast.albers.system, found.practice_id, [found.pk])
        lines = lines_of(cast.albers.system, history, BERLIN)
    assert [(who, what) for _when, who, what in lines][1:] == [("Patient, by their link", "Moved from 09:00 to 10:30")]


def test_looking_at_any_of_its_pages_changes_nothing(cast: Cast, patient: Client) -> None:
    """A mail scanner opens all it finds."""
    found = book(cast.albers, "09:00")
    for page, query in (("manage", {}), ("other_times", {}), ("place", {"start": button(cast.albers, "10:30")})):
        for method in (patient.get, patient.head):
            assert method(url(page, found), query).status_code == 200
    assert now(cast.albers, found).sequence == 0


def test_it_offers_what_booking_would_and_the_own_time_is_not_in_the_way(cast: Cast, patient: Client) -> None:
    """09:30 overlaps the appointment itself; 11:00 is somebody else's; its own place is no other one."""
    found = book(cast.albers, "09:00")
    book(cast.albers, "11:00", first_name="Lars", email="lars@example.org")
    offered = buttons(patient.get(url("other_times", found), {"day": f"{monday():%Y-%m-%d}"}))
    assert offered == [
        "08:00",
        "08:30",
        "09:30",
        "10:00",
        "13:00",
        "13:30",
        "14:00",
        "14:30",
        "15:00",
        "15:30",
        "16:00",
    ]
    assert move(patient, found, button(cast.albers, "09:30")).status_code == 303
    assert clock_of(cast.albers, found) == "09:30"


@pytest.mark.parametrize("clock", ["09:07", "03:00", "12:30", "16:30"])
def test_what_booking_would_not_offer_cannot_be_posted(cast: Cast, patient: Client, clock: str) -> None:
    found = book(cast.albers, "09:00")
    answer = move(patient, found, button(cast.albers, clock))
    assert answer.status_code == 409 and b"is not offered" in answer.content
    assert clock_of(cast.albers, found) == "09:00"


def test_beyond_the_horizon_or_too_soon_is_refused(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00", day=monday(2))
    assert move(patient, found, button(cast.albers, "09:00", day=monday(40))).status_code == 409
    change(cast.albers, cast.albers.types["talk"], notice=60 * 24 * 30)
    assert move(patient, found, button(cast.albers, "10:00", day=monday(1))).status_code == 409
    assert now(cast.albers, found).sequence == 0


def test_with_somebody_else_who_offers_it(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    jonas = cast.albers.calendars["jonas"]
    page = patient.get(url("other_times", found), {"calendar": jonas.reference, "day": f"{monday():%Y-%m-%d}"})
    assert "09:00" in buttons(page), "at the same time, with him"
    assert move(patient, found, button(cast.albers, "09:00", who="jonas")).status_code == 303
    after = now(cast.albers, found)
    assert after.calendar_id == jonas.pk == after.occupancy.calendar_id
    everybody = patient.get(url("other_times", found), {"calendar": "all", "day": f"{monday():%Y-%m-%d}"})
    assert b"Miriam Albers" in everybody.content
    assert (
        patient.get(url("other_times", found), {"calendar": cast.brandt.calendars["berta"].reference}).status_code
        == 404
    )
    assert move(patient, found, button(cast.brandt, "09:00", who="berta"), seen=1).status_code == 404


@pytest.mark.req("BOO-7")
def test_pressed_twice_reloaded_and_in_two_tabs_it_moves_once(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    target = button(cast.albers, "10:30")
    assert {move(patient, found, target).status_code for _ in range(3)} == {303}
    assert now(cast.albers, found).sequence == 1
    assert ProcrastinateJob.objects.filter(task_name="messages.send_moved").count() == 1
    other_tab = move(patient, found, button(cast.albers, "14:00"))
    assert other_tab.status_code == 409 and b"Somebody has changed this meanwhile" in other_tab.content
    assert clock_of(cast.albers, found) == "10:30"


@pytest.mark.req("BOO-7")
def test_an_old_answer_sent_again_does_not_move_it_back(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    move(patient, found, button(cast.albers, "10:30"))
    move(patient, found, button(cast.albers, "14:00"), seen=1)
    assert move(patient, found, button(cast.albers, "10:30")).status_code == 409
    assert clock_of(cast.albers, found) == "14:00"


@pytest.mark.req("CAL-8", "CAL-11")
def test_a_time_that_is_taken_leaves_the_old_one_and_offers_the_nearest(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    book(cast.albers, "10:30", first_name="Lars", email="lars@example.org")
    answer = move(patient, found, button(cast.albers, "10:30"))
    assert answer.status_code == 409
    assert b"10:30 has just been taken." in answer.content and b"has not been moved" in answer.content
    assert buttons(answer)[0] == "13:00", "of the same calendar, after the wanted one"
    assert clock_of(cast.albers, found) == "09:00"
    assert active(cast.albers) == ["09:00", "10:30"]


def test_after_the_deadline_it_says_so_and_whom_to_call(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    change(cast.albers, cast.albers.practice, cancel_hours=24 * 30)
    page = patient.get(url("manage", found)).content.decode()
    assert "online until" in page and "0221 555 0100" in page and url("cancellation", found) not in page
    assert patient.get(url("other_times", found)).status_code == 302
    answer = move(patient, found, button(cast.albers, "10:30"))
    assert answer.status_code == 422 or answer.status_code == 409
    assert b"call" in answer.content
    assert clock_of(cast.albers, found) == "09:00"


def test_after_the_appointment_the_link_changes_nothing(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    begin = timezone.now() - timedelta(hours=2)
    change(cast.albers, found, starts_at=begin, ends_at=begin + timedelta(minutes=50))
    change(cast.albers, cast.albers.practice, cancel_hours=0)
    page = patient.get(url("manage", found))
    assert b"is over" in page.content and url("cancellation", found).encode() not in page.content
    assert move(patient, found, button(cast.albers, "10:30")).status_code in (409, 422)
    assert patient.post(url("cancellation", found)).status_code == 422
    assert now(cast.albers, found).sequence == 0


def test_who_is_there_already_moves_no_more(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    change(cast.albers, cast.albers.practice, cancel_hours=0)
    begin = timezone.now() + timedelta(minutes=1)
    change(cast.albers, found, starts_at=begin, ends_at=begin + timedelta(minutes=50))
    with acting(cast.albers.system):
        set_attendance(cast.albers.system, found.pk, "arrived")
    assert move(patient, found, button(cast.albers, "10:30")).status_code in (409, 422)
    assert now(cast.albers, found).sequence == 0


@pytest.mark.req("CAL-5", "BOO-11")
@pytest.mark.parametrize("rule", [{"online": False}, {"retired_at": timezone.now()}, {"min_age": 90}])
def test_what_is_not_for_online_booking_is_not_moved_online(cast: Cast, patient: Client, rule: dict[str, Any]) -> None:
    found = book(cast.albers, "09:00")
    change(cast.albers, cast.albers.types["talk"], **rule)
    assert move(patient, found, button(cast.albers, "10:30")).status_code == 409
    assert clock_of(cast.albers, found) == "09:00"


def test_while_online_booking_is_closed_nothing_is_moved_but_can_be_cancelled(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    change(cast.albers, cast.albers.practice, booking_open=False)
    page = patient.get(url("manage", found)).content.decode()
    assert url("other_times", found) not in page and url("cancellation", found) in page
    assert move(patient, found, button(cast.albers, "10:30")).status_code == 409


@pytest.mark.req("CAL-5")
def test_a_type_for_new_patients_can_be_moved_by_whom_it_made_known(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    change(cast.albers, cast.albers.types["talk"], patients="new")
    assert move(patient, found, button(cast.albers, "10:30")).status_code == 303


@pytest.mark.req("CAL-7")
def test_it_keeps_the_length_that_the_practice_gave_it(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    jana = cast.albers.actor("jana")
    with acting(jana):
        longer = Place(cast.albers.calendars["miriam"], at("09:00"), at("10:30"), any_room=True)
        move_appointment(jana, found.pk, longer)
    assert move(patient, found, button(cast.albers, "11:00"), seen=1).status_code == 409, "90 minutes are too long"
    assert move(patient, found, button(cast.albers, "13:00"), seen=1).status_code == 303
    after = now(cast.albers, found)
    assert after.ends_at - after.starts_at == timedelta(minutes=90)


@pytest.mark.req("CAL-16")
def test_what_the_practice_did_before_is_not_undone_over_the_patients_move(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    jana = cast.albers.actor("jana")
    with acting(jana):
        move_appointment(
            jana, found.pk, Place(cast.albers.calendars["miriam"], at("10:00"), at("10:50"), any_room=True)
        )
    move(patient, found, button(cast.albers, "14:00"), seen=1)
    with acting(jana), pytest.raises(ChangedMeanwhile):
        undo(jana)
    assert clock_of(cast.albers, found) == "14:00"


def test_a_cancelled_appointment_is_not_moved(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, found.pk)
    assert patient.get(url("other_times", found)).status_code == 302
    answer = move(patient, found, button(cast.albers, "10:30"), seen=1)
    assert (answer.status_code == 409 and b"had to cancel" in answer.content) or b"changed" in answer.content
    assert active(cast.albers) == []


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"start": "x", "seen": "0"},
        {"seen": "0"},
        {"start": "good", "seen": "-1"},
        {"start": "good", "seen": "²"},
        {"start": "good"},
    ],
)
def test_what_no_page_of_ours_sends_is_not_found(cast: Cast, patient: Client, fields: dict[str, str]) -> None:
    found = book(cast.albers, "09:00")
    sent = {key: button(cast.albers, "10:30") if value == "good" else value for key, value in fields.items()}
    assert patient.post(url("place", found), sent).status_code == 404
    assert now(cast.albers, found).sequence == 0


@pytest.mark.req("CAL-7")
def test_the_patients_reason_reaches_the_practice(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    assert patient.post(url("cancellation", found), {"reason": " Bin krank " + "x" * 400}).status_code == 303
    with acting(cast.albers.system):
        reason = Appointment.objects.get(pk=found.pk).cancellation.reason
    assert reason.startswith("Bin krank x") and len(reason) == 300


def test_who_is_about_to_cancel_is_shown_the_next_free_times(cast: Cast, patient: Client) -> None:
    found = book(cast.albers, "09:00")
    links = re.findall(r'class="num" href="([^"]+place/[^"]+)"', patient.get(url("manage", found)).content.decode())
    assert len(links) == 2
    start = parse_qs(urlsplit(links[0]).query)["start"][0]
    assert datetime.strptime(f"{start[:14]}+0000", "%Y%m%dT%H%MZ%z") > datetime.now(UTC)
    assert patient.get(links[0]).status_code == 200
