"""Choosing with whom and when: what is looked for stays, and so does what was typed (BOO-1, BOO-3, BOO-7)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.portal import typed
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.models import Appointment, AppointmentType, Hold, Occupancy, Offering
from tests.portal.test_booking import PAULA, expire, live_holds, press, rows, times_url, typed_in, visitor
from tests.support.cast import Cast, House, at, book, monday

__all__ = ["visitor"]


def chosen(house: House, who: str) -> str:
    return f"calendar={house.calendars[who].reference}"


def value(house: House, clock: str, who: str = "miriam") -> str:
    utc = at(clock).astimezone(timezone.get_fixed_timezone(0))
    return f"{utc:%Y%m%dT%H%MZ}~{house.calendars[who].reference}"


def hold_url(house: House, who: str = "") -> str:
    address = reverse("portal:hold", args=[house.practice.slug, house.types["talk"].reference])
    return f"{address}?{chosen(house, who)}" if who else address


@pytest.mark.req("BOO-1", "BOO-2")
def test_one_practitioner_or_any(cast: Cast, visitor: Client) -> None:
    day = f"day={monday():%Y-%m-%d}"
    everybody = visitor.get(f"{times_url(cast.albers)}?{day}").content.decode()
    alone = visitor.get(f"{times_url(cast.albers)}?{day}&{chosen(cast.albers, 'jonas')}").content.decode()
    reference = cast.albers.calendars["miriam"].reference
    assert f"~{reference}" in everybody and f"~{reference}" not in alone
    assert f"~{cast.albers.calendars['jonas'].reference}" in alone
    assert alone.count('aria-current="true"') == 1
    weeks = re.findall(r'class="(?:day|button square)" href="([^"]+)"', alone)
    assert weeks and all(chosen(cast.albers, "jonas") in address for address in weeks), "kept from day to day"


@pytest.mark.req("BOO-1", "BOO-2")
def test_only_who_offers_it_can_be_chosen(cast: Cast, visitor: Client) -> None:
    with acting(cast.albers.system):
        jonas = cast.albers.calendars["jonas"]
        Offering.objects.filter(calendar=jonas, type=cast.albers.types["talk"]).delete()
    page = visitor.get(times_url(cast.albers)).content.decode()
    assert "Jonas Petersen" not in page and 'class="chip"' not in page, "no choice, no chips"
    for reference in (jonas.reference, cast.brandt.calendars["berta"].reference, "nobody", "\ud7ff", "x" * 3000):
        assert visitor.get(times_url(cast.albers), {"calendar": reference}).status_code == 404


@pytest.mark.req("BOO-1", "BOO-3")
def test_the_practitioner_stays_chosen_through_hold_conflict_and_back(cast: Cast, visitor: Client) -> None:
    with acting(cast.albers.system):
        book(cast.albers, "09:00", who="jonas")
    late = visitor.post(
        hold_url(cast.albers, "jonas"), {"key": "k" * 32, "start": value(cast.albers, "09:00", "jonas")}
    )
    assert late.status_code == 409
    offered = set(re.findall(r'name="start" value="[^~]+~([^"]+)"', late.content.decode()))
    assert offered == {cast.albers.calendars["jonas"].reference}
    held: Any = visitor.post(
        hold_url(cast.albers, "jonas"), {"key": "k" * 32, "start": value(cast.albers, "10:00", "jonas")}
    )
    assert chosen(cast.albers, "jonas") in held.url
    page = visitor.get(held.url).content.decode()
    (back,) = re.findall(r'formaction="([^"]+)">', page)
    assert chosen(cast.albers, "jonas") in back and f"day={monday():%Y-%m-%d}" in back


@pytest.mark.req("BOO-1")
def test_price_length_place_and_for_whom_are_said_before_the_time(cast: Cast, visitor: Client) -> None:
    with acting(cast.albers.system):
        AppointmentType.objects.filter(pk=cast.albers.types["call"].pk).update(
            price_cents=8950, location="phone", patients="new", min_age=6, max_age=17
        )
    page = visitor.get(reverse("portal:services", args=["albers"])).content.decode()
    for words in ("89.50\u00a0€", "20 min.", "By phone", "for new patients, 6 to 17 years"):
        assert words in page
    assert "89.50\u00a0€" in visitor.get(times_url(cast.albers, "call")).content.decode()


@pytest.mark.req("BOO-7")
def test_one_press_after_a_conflict_books_the_nearest_time(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    expire(cast.albers)
    book(cast.albers, "09:00", first_name="Lars")
    late = visitor.post(details.url, PAULA).content.decode()
    assert "09:00 has just been taken." in late and "What you entered is still there" in late
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', late))
    (start,) = re.findall(r'name="start" value="([^"]+)" id="choice-\d" checked', late)
    assert start == value(cast.albers, "09:00", "jonas"), "the same time with somebody else is nearest"
    (action,) = re.findall(r'<form id="again" [^>]*action="([^"]+)"', late)
    for _ in range(2):
        done: Any = visitor.post(action, fields | {"start": start})
        assert done.status_code == 303 and done.url.endswith("/done/")
    assert rows(cast.albers, Appointment) == 2, "pressed twice, booked once"


@pytest.mark.req("BOO-7")
def test_what_was_typed_stays_while_looking_at_other_days(cast: Cast, visitor: Client) -> None:
    taken = press(visitor, cast.albers, "09:00", **PAULA, key="a" * 32)
    assert taken.status_code == 200, "typed before: the details open filled in"
    late = press(visitor, cast.albers, "09:00", **PAULA, key="b" * 32)
    for url in (f"{times_url(cast.albers)}?week={monday(2):%Y-%m-%d}", times_url(cast.albers)):
        page = visitor.post(url, {"typed": typed.pack(typed_in(late))})
        assert page.status_code == 200
        assert typed_in(page)["email"] == "paula@example.org"
        html = page.content.decode()
        assert 'class="day" href' not in html and 'class="day" type="submit" formaction="' in html
        assert "paula" not in "".join(re.findall(r'(?:href|action|formaction)="([^"]*)"', html)).lower()
    assert not visitor.cookies, "and no cookie carries it"


@pytest.mark.req("BOO-7")
@pytest.mark.parametrize("change", [lambda text: text[:-1] + "x", lambda text: "x" + text, lambda _: "🌧" * 100])
def test_what_somebody_else_packed_is_nothing(change: Any) -> None:
    packed = typed.pack({"first_name": "Paula"})
    assert typed.unpack(packed) == {"first_name": "Paula"}
    assert typed.unpack(change(packed)) == {}


@pytest.mark.req("BOO-3")
def test_the_own_time_is_shown_as_ones_own_and_can_be_released(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    (back,) = re.findall(r'formaction="([^"]+)">', visitor.get(details.url).content.decode())
    own = visitor.post(back.replace("&amp;", "&"), PAULA)
    html = own.content.decode()
    assert "Kept for you until" in html and live_holds(cast.albers) == 1
    assert typed_in(own)["first_name"] == "Paula"
    proceed, *_more = re.findall(r'primary" type="submit" formaction="([^"]+)" name="again"', html)
    again = visitor.post(proceed, {"typed": typed.pack(typed_in(own)), "again": "1"})
    assert again.status_code == 200 and b'value="Paula"' in again.content
    assert rows(cast.albers, Appointment) == 0, "going on is not booking"
    stranger = Client(headers={"Accept-Language": "en"}).get(times_url(cast.albers)).content
    assert b"Kept for you" not in stranger
    (release,) = re.findall(r'formaction="([^"]+release/[^"]*)"', html)
    assert visitor.post(release, {"typed": typed.pack(typed_in(own))}).status_code == 200
    assert live_holds(cast.albers) == 0


@pytest.mark.req("BOO-3")
def test_another_time_replaces_the_kept_one_and_a_refusal_does_not(cast: Cast, visitor: Client) -> None:
    first: Any = press(visitor, cast.albers, "09:00")
    press(visitor, cast.albers, "11:00", key="m" * 32)
    token = first.url.split("/")[-2]
    book(cast.albers, "10:00", first_name="Lars")
    with_held = f"{hold_url(cast.albers)}?held={token}"
    refused = visitor.post(with_held, {"key": "n" * 32, "start": value(cast.albers, "10:00")})
    assert refused.status_code == 409 and live_holds(cast.albers) == 2
    assert visitor.get(first.url).status_code == 200, "still kept"
    replaced = visitor.post(with_held, {"key": "n" * 32, "start": value(cast.albers, "08:00")})
    assert replaced.status_code == 303 and live_holds(cast.albers) == 2
    assert visitor.get(first.url).status_code == 410


@pytest.mark.req("BOO-3")
def test_a_held_time_that_is_none_is_no_matter(cast: Cast, visitor: Client) -> None:
    for token in ("x", "x" * 43, "\ud7ff", "9" * 3000):
        assert visitor.get(times_url(cast.albers), {"held": token}).status_code == 200


# --- Nothing free ---------------------------------------------------------------------------------------------------


@pytest.mark.req("BOO-1")
def test_an_empty_day_and_an_empty_week_say_so(cast: Cast, visitor: Client) -> None:
    saturday = monday() + timedelta(days=5)
    day = visitor.get(times_url(cast.albers), {"day": f"{saturday:%Y-%m-%d}"}).content.decode()
    assert f"Nothing is free on Saturday, {saturday.day}" in day
    full = visitor.get(times_url(cast.albers), {"week": f"{monday():%Y-%m-%d}"}).content.decode()
    assert "Nothing is free" not in full
    with acting(cast.albers.system):
        cast.albers.calendars["jonas"].working_hours.all().delete()
        hours = cast.albers.calendars["miriam"].working_hours
        hours.update(valid_from=monday(3))
    week = visitor.get(times_url(cast.albers), {"week": f"{monday():%Y-%m-%d}"}).content.decode()
    assert "Nothing is free in this week." in week
    assert 'name="start"' in full and 'name="start"' not in week, "no time to press"
    assert f"day={monday(3):%Y-%m-%d}" in week, "and the way to the next one"
    assert "Next free time" in week and "08:00" in week


@pytest.mark.req("BOO-1")
def test_a_dead_end_says_whom_to_call(cast: Cast, visitor: Client) -> None:
    with acting(cast.albers.system):
        for calendar in cast.albers.calendars.values():
            calendar.working_hours.all().delete()
    page = visitor.get(f"{times_url(cast.albers)}?{chosen(cast.albers, 'jonas')}").content.decode()
    assert "With Jonas Petersen there is no free time" in page and "tel:02215550100" in page
    assert "Show everybody" in page
    gone = press(visitor, cast.albers, "09:00")
    assert gone.status_code == 409 and b"tel:02215550100" in gone.content


@pytest.mark.req("BOO-8", "BOO-1")
@pytest.mark.own_database
def test_every_refusal_names_the_phone(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    pages = {
        405: visitor.get(f"{details.url}release/"),
        404: visitor.get(reverse("portal:times", args=["albers", "nothing"])),
    }
    expire(cast.albers)
    pages[410] = visitor.get(details.url)
    for number in range(21):
        pages[429] = press(visitor, cast.albers, "09:00", key=f"{number:032}")
    assert {status: page.status_code for status, page in pages.items()} == {status: status for status in pages}
    for page in pages.values():
        assert b"tel:02215550100" in page.content and b"Praxis Albers" in page.content
    assert pages[429]["Retry-After"]


@pytest.mark.req("BOO-1")
def test_a_link_that_is_none_says_nothing_of_any_practice(cast: Cast, visitor: Client) -> None:
    page = visitor.get(reverse("portal:manage", args=["x" * 43]))
    assert page.status_code == 404 and b"tel:" not in page.content


# --- The frame ------------------------------------------------------------------------------------------------------


def change(house: House, **facts: str) -> None:
    with acting(house.system):
        Practice.objects.filter(pk=house.practice.pk).update(**facts)


@pytest.mark.req("BOO-1")
def test_imprint_privacy_and_the_practices_own_words(cast: Cast, visitor: Client) -> None:
    services = reverse("portal:services", args=["albers"])
    assert b"Imprint" not in visitor.get(services).content
    change(
        cast.albers, imprint_url="https://a.example/impressum", privacy_url="https://a.example/datenschutz",
        booking_text="Please bring your card.\n<b>Thanks</b>",
    )  # fmt: skip
    page = visitor.get(services).content.decode()
    assert 'href="https://a.example/impressum"' in page and 'href="https://a.example/datenschutz"' in page
    assert "Please bring your card." in page and "<b>Thanks" not in page
    details: Any = press(visitor, cast.albers, "09:00")
    assert visitor.get(details.url).content.count(b"https://a.example/datenschutz") == 2


@pytest.mark.req("BOO-1")
def test_only_the_practices_websites_may_embed_it(cast: Cast, visitor: Client) -> None:
    services = reverse("portal:services", args=["albers"])
    closed = visitor.get(services)
    assert "frame-ancestors 'none'" in closed["Content-Security-Policy"] and closed["X-Frame-Options"] == "DENY"
    change(cast.albers, embed_origins="https://a.example\nhttps://b.example:8443")
    details: Any = press(visitor, cast.albers, "09:00")
    appointment = book(cast.albers, "11:00")
    addresses = [
        services, times_url(cast.albers), details.url, reverse("portal:times", args=["albers", "nothing"]),
        reverse("portal:manage", args=[manage_token(appointment.pk)]),
    ]  # fmt: skip
    for address in addresses:
        page = visitor.get(address)
        assert "frame-ancestors https://a.example https://b.example:8443;" in page["Content-Security-Policy"] + ";"
        assert not page.has_header("X-Frame-Options")
    other = visitor.get(reverse("portal:services", args=["brandt"]))
    assert other["X-Frame-Options"] == "DENY", "the other practice's is not embedded there"
    assert visitor.get(reverse("account_login"))["X-Frame-Options"] == "DENY"


@pytest.mark.req("BOO-1")
def test_what_search_engines_and_audits_look_for(cast: Cast, visitor: Client) -> None:
    page = visitor.get(reverse("portal:services", args=["albers"]))
    html = page.content.decode()
    assert '<html lang="en"' in html and re.search(r'<meta name="description" content="[^"]{40,160}">', html)
    details: Any = press(visitor, cast.albers, "09:00")
    done: Any = visitor.post(details.url, PAULA)
    kept: Any = press(visitor, cast.albers, "10:00", key="c" * 32)
    for address in (page.request["PATH_INFO"], times_url(cast.albers), kept.url):
        assert visitor.get(address)["X-Robots-Tag"] == "all"
    booked = visitor.get(done.url)
    manage = re.findall(r'href="(/appointment/[^"]+/)"', booked.content.decode())
    assert PAULA["email"] in booked.content.decode() and manage
    for address in (done.url, *manage, reverse("account_login")):
        assert Client().get(address)["X-Robots-Tag"] == "noindex", "whatever the secret opens is not listed"
    robots = visitor.get("/robots.txt")
    assert robots.status_code == 200 and robots.content == b"User-agent: *\nDisallow:\n"
    assert robots["Content-Type"].startswith("text/plain") and "max-age" in robots["Cache-Control"]
    script = visitor.get(reverse("portal:embed_script"))
    assert script["Content-Type"].startswith("text/javascript") and "public" in script["Cache-Control"]
    assert not visitor.cookies


@pytest.mark.req("BOO-1")
def test_no_hold_is_made_by_looking(cast: Cast, visitor: Client) -> None:
    visitor.post(times_url(cast.albers), PAULA)
    visitor.get(times_url(cast.albers))
    assert rows(cast.albers, Hold) == 0
    with acting(cast.albers.system):
        assert not Occupancy.objects.exists()
