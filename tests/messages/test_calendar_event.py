"""The calendar entry: one event, updated and cancelled, as calendar programs read it (STD-1, BOO-6)."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from django.utils import translation
from playwright.sync_api import sync_playwright

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.messages.calendar_event import calendar_event
from sprechzeit.messages.models import Message
from sprechzeit.messages.texts import compose
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_appointment
from tests.support.browser import browser
from tests.support.cast import BERLIN, Cast, House, at, book

pytestmark = [pytest.mark.req("STD-1", "BOO-6")]

ICAL_JS = Path(__file__).parent / "vendor/ical.min.cjs"
# Local times around both clock changes, and what they are in UTC. 02:30 strikes twice on 31 October 2027.
CHANGES = {
    "before spring": (datetime(2027, 3, 28, 1, 30, tzinfo=BERLIN), datetime(2027, 3, 28, 0, 30, tzinfo=UTC)),
    "after spring": (datetime(2027, 3, 28, 3, 0, tzinfo=BERLIN), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
    "first 02:30": (datetime(2027, 10, 31, 2, 30, tzinfo=BERLIN), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    "second 02:30": (datetime(2027, 10, 31, 2, 30, tzinfo=BERLIN, fold=1), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
    "winter": (datetime(2027, 10, 31, 9, 0, tzinfo=BERLIN), datetime(2027, 10, 31, 8, 0, tzinfo=UTC)),
}
NASTY = "Gespräch; lang, mit \\ und\nUmbruch: „größte“ Sorgfalt – " + "ä" * 60
# A value never makes lines of its own (NOT-3).
NASTY_LINE = " ".join(NASTY[:100].split())


def change(house: House, row: Any, **facts: Any) -> None:
    with acting(house.system):
        type(row).objects.filter(pk=row.pk).update(**facts)


def file_of(house: House, appointment: Appointment, language: str = "de") -> bytes:
    with acting(house.system), translation.override(language):
        return calendar_event(practice_of(house.system), get_appointment(house.system, appointment.pk))


def event_of(content: bytes) -> Any:
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return event


def moved(house: House, appointment: Appointment, clock: str) -> None:
    """As the patient does, by their link."""
    with acting(house.system):
        link_id = Appointment.objects.get(pk=appointment.pk).link.pk
    link = Actor(ActorKind.LINK, (house.practice.id,), Role.LINK, link_id)
    with acting(link):
        reschedule_appointment(
            link, appointment.pk, NewTime(appointment.calendar_id, at(clock), seen=appointment.sequence)
        )


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_same_event_is_updated_and_then_cancelled(cast: Cast, language: str) -> None:
    found = book(cast.albers, "09:00", language=language)
    files = [file_of(cast.albers, found, language)]
    moved(cast.albers, found, "10:30")
    files.append(file_of(cast.albers, found, language))
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, found.pk)
    files.append(file_of(cast.albers, found, language))
    events = [event_of(one) for one in files]
    methods = [str(icalendar.Calendar.from_ical(one)["method"]) for one in files]
    assert methods == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert len({str(one["uid"]) for one in events}) == 1
    assert [int(one["sequence"]) for one in events] == [0, 1, 2]
    assert [str(one["status"]) for one in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [one["dtstart"].dt for one in events] == [at("09:00"), at("10:30"), at("10:30")]
    stamps = [one["dtstamp"].dt for one in events]
    assert stamps == sorted(stamps) and stamps[0].utcoffset() == timedelta()
    assert {str(one["organizer"]) for one in events} == {"mailto:praxis@albers.example.org"}
    assert not any("attendee" in one for one in events), "a published event names no guests (RFC 5546 3.2.1)"


def test_the_attachment_says_its_method_as_the_file_does(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    for kind, method in (("booked", "PUBLISH"), ("cancelled", "CANCEL")):
        if kind == "cancelled":
            with acting(cast.albers.system):
                cancel_appointment(cast.albers.system, found.pk)
        with acting(cast.albers.system):
            text = compose(
                Message(kind=kind), practice_of(cast.albers.system), get_appointment(cast.albers.system, found.pk)
            )
        part = text.calendar if text else None
        assert part is not None and part.get_param("method") == method
        assert part.get_content_type() == "text/calendar" and part.get_content_charset() == "utf-8"


def test_an_organizer_is_named_though_the_practice_has_no_address(cast: Cast) -> None:
    """RFC 5546 asks for one with each method."""
    found = book(cast.albers, "09:00")
    change(cast.albers, cast.albers.practice, email="")
    assert re.fullmatch(r"mailto:[^@]+@[^@]+", str(event_of(file_of(cast.albers, found))["organizer"]))


def test_it_says_no_more_than_the_appointment(cast: Cast) -> None:
    found = book(cast.albers, "09:00", mobile="0171 2345678")
    change(cast.albers, found, remark="Rückenschmerzen")
    text = file_of(cast.albers, found).decode()
    for secret in ("Paula", "Sommer", "paula@", "2345678", "Rücken", "/appointment/", str(found.pk)):
        assert secret not in text
    assert "CLASS:PRIVATE" in text


@pytest.mark.parametrize("language", ["de", "en"])
def test_lines_are_folded_escaped_and_ended_as_the_standard_wants(cast: Cast, language: str) -> None:
    found = book(cast.albers, "09:00")
    change(cast.albers, cast.albers.types["talk"], name=NASTY[:100])
    change(cast.albers, cast.albers.practice, name='Praxis "Süd"; Nord, Ost', street="Straße 1, Hof; 2")
    content = file_of(cast.albers, found, language)
    lines = content.split(b"\r\n")
    assert lines[-1] == b"" and not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75, "octets, not letters"
    for line in lines:
        line.decode()  # no letter is cut in two
    event = event_of(content)
    assert str(event["summary"]) == f'{NASTY_LINE} – Praxis "Süd"; Nord, Ost'
    assert str(event["location"]) == "Straße 1, Hof; 2, 50667 Köln"
    assert event["organizer"].params["cn"] == 'Praxis "Süd"; Nord, Ost'


@pytest.mark.req("CAL-9")
@pytest.mark.parametrize("which", CHANGES)
def test_across_the_clock_changes_it_is_the_same_instant(cast: Cast, which: str) -> None:
    local, instant = CHANGES[which]
    found = book(cast.albers, "09:00")
    change(cast.albers, found, starts_at=local, ends_at=instant + timedelta(minutes=50))
    content = file_of(cast.albers, found)
    assert f"DTSTART:{instant:%Y%m%dT%H%M%SZ}".encode() in content
    assert b"TZID" not in content, "UTC: there is no zone whose rules would have to be right"
    (event,) = recurring_ical_events.of(icalendar.Calendar.from_ical(content)).between(
        date(2027, 1, 1), date(2027, 12, 31)
    )
    assert event["dtstart"].dt == instant and event["dtend"].dt - event["dtstart"].dt == timedelta(minutes=50)


# --- ical.js, which calendar programs in browsers and mail programs use ----------------------------------------------


READ = """text => {
    const calendar = new ICAL.Component(ICAL.parse(text));
    const [one, ...others] = calendar.getAllSubcomponents("vevent");
    const event = new ICAL.Event(one);
    return {
        others: others.length,
        method: calendar.getFirstPropertyValue("method"),
        uid: event.uid,
        sequence: event.sequence,
        status: one.getFirstPropertyValue("status"),
        summary: event.summary,
        location: event.location,
        organizer: event.organizer,
        start: event.startDate.toJSDate().toISOString(),
        end: event.endDate.toJSDate().toISOString(),
        local: event.startDate.toJSDate().toLocaleTimeString("de-DE", {hour: "2-digit", minute: "2-digit"}),
        repeats: event.isRecurring(),
    };
}"""


def read_by_ical_js(files: list[bytes]) -> list[dict[str, Any]]:
    """What it finds in each, in a browser in Berlin."""
    with sync_playwright() as playwright, browser(playwright) as chromium:
        page = chromium.new_page(timezone_id="Europe/Berlin")
        page.add_script_tag(path=ICAL_JS)
        return [page.evaluate(READ, one.decode()) for one in files]


@pytest.mark.parametrize("language", ["de", "en"])
def test_ical_js_sees_one_event_change_across_the_clock_changes_and_end(cast: Cast, language: str) -> None:
    found = book(cast.albers, "09:00", language=language)
    change(cast.albers, cast.albers.types["talk"], name=NASTY[:100])
    files = [file_of(cast.albers, found, language)]
    moved(cast.albers, found, "10:30")
    files.append(file_of(cast.albers, found, language))
    for _local, instant in CHANGES.values():
        change(cast.albers, found, starts_at=instant, ends_at=instant + timedelta(minutes=50))
        files.append(file_of(cast.albers, found, language))
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, found.pk)
    files.append(file_of(cast.albers, found, language))
    reads = read_by_ical_js(files)
    assert len({one["uid"] for one in reads}) == 1
    assert [(one["method"], one["sequence"], one["status"]) for one in reads] == [
        ("PUBLISH", 0, "CONFIRMED"),
        *[("PUBLISH", 1, "CONFIRMED")] * 6,
        ("CANCEL", 2, "CANCELLED"),
    ]
    instants = [at("09:00"), at("10:30"), *(instant for _local, instant in CHANGES.values())]
    assert [datetime.fromisoformat(one["start"]) for one in reads[:-1]] == instants
    assert [datetime.fromisoformat(one["end"]) for one in reads[:-1]] == [
        one + timedelta(minutes=50) for one in instants
    ]
    clocks = ["09:00", "10:30", "01:30", "03:00", "02:30", "02:30", "09:00", "09:00"]
    assert [one["local"] for one in reads] == clocks, "in the reader's own zone"
    assert {one["summary"] for one in reads} == {f"{NASTY_LINE} – Praxis Albers"}
    assert {one["location"] for one in reads} == {"Hauptstraße 1, 50667 Köln"}
    assert {one["organizer"] for one in reads} == {"mailto:praxis@albers.example.org"}
    assert not any(one["others"] or one["repeats"] for one in reads)
