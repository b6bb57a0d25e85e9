"""The code by e-mail before a booking: what is sent, guessed, sent again, and typed in two tabs (BOO-4, BOO-8)."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.messages.jobs import send_booking_code
from sprechzeit.portal import typed
from sprechzeit.practice.models import Practice
from sprechzeit.privacy.jobs import forget_everywhere
from sprechzeit.scheduling.actions.code import digits_of
from sprechzeit.scheduling.models import Appointment, BookingCode, Hold, Occupancy
from tests.portal.test_booking import PAULA, expire, press, rows, typed_in, visitor
from tests.portal.test_for_whom import CHILD, last_code, prove
from tests.support.cast import Cast, House, book

__all__ = ["visitor"]


@pytest.fixture
def house(cast: Cast) -> House:
    """The practice, which wants a code first."""
    with acting(cast.albers.system):
        Practice.objects.filter(pk=cast.albers.practice.pk).update(booking_code_required=True)
    return cast.albers


def ask(visitor: Client, house: House, clock: str = "09:00", **facts: str) -> Any:
    """Hold a time and send the details: the page that asks for the code."""
    details: Any = press(visitor, house, clock, key=clock * 8)
    return visitor.post(details.url, PAULA | facts)


def type_code(visitor: Client, page: Any, code: str, **more: str) -> Any:
    html = page.content.decode()
    (action,) = re.findall(r'id="code-form"[^>]*action="([^"]+)"', html)
    return visitor.post(action, {"typed": typed.pack(typed_in(page)), "code": code, **more})


def wrong(house: House) -> str:
    return f"{(int(last_code(house)) + 1) % 10**6:06}"


@pytest.mark.req("BOO-4")
def test_the_code_comes_by_mail_and_books(visitor: Client, house: House) -> None:
    asked = ask(visitor, house)
    assert asked.status_code == 200 and rows(house, Appointment) == 0
    assert b"paula@example.org" in asked.content and last_code(house).encode() not in asked.content
    with acting(house.system):
        code = BookingCode.objects.get()
    send_booking_code.work(0, practice_id=str(house.practice.pk), code_id=str(code.pk))
    (sent,) = mail.outbox
    spaced = f"{digits_of(code.pk)[:3]} {digits_of(code.pk)[3:]}"
    assert sent.to == ["paula@example.org"] and spaced in sent.subject and spaced in str(sent.body)
    assert "Sommer" not in str(sent.body) and "Paula" not in str(sent.body), "a mistyped address learns no name"
    done = type_code(visitor, asked, spaced)
    assert done.status_code == 303 and done.url.endswith("/done/")
    assert type_code(visitor, asked, spaced).status_code == 303, "pressed twice"
    assert rows(house, Appointment) == 1


@pytest.mark.req("BOO-4")
def test_the_code_follows_in_the_same_transaction(visitor: Client, house: House) -> None:
    ask(visitor, house)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'code_id' FROM procrastinate_jobs WHERE task_name = 'messages.send_booking_code'")
        jobs = [one for (one,) in cursor.fetchall()]
    with acting(house.system):
        assert jobs == [str(BookingCode.objects.get().pk)]


@pytest.mark.req("BOO-4", "BOO-8")
def test_five_tries_and_no_sixth(visitor: Client, house: House) -> None:
    asked = ask(visitor, house)
    for _ in range(5):
        answer = type_code(visitor, asked, wrong(house))
        assert answer.status_code == 422 and b"This is not the code" in answer.content
        assert typed_in(answer)["first_name"] == "Paula"
    spent = type_code(visitor, asked, last_code(house))
    assert spent.status_code == 422 and b"can no longer be used" in spent.content
    assert rows(house, Appointment) == 0
    again = type_code(visitor, spent, "", again="1")
    assert again.status_code == 200 and rows(house, BookingCode) == 2
    assert type_code(visitor, again, last_code(house)).status_code == 303


@pytest.mark.req("BOO-4", "BOO-1")
def test_the_page_is_read_in_another_language_without_another_code(visitor: Client, house: House) -> None:
    asked = ask(visitor, house)
    html = asked.content.decode()
    pattern = r'form="code-form" formaction="([^"]+)" name="look" value="1"[^>]*lang="de"'
    (german,) = re.findall(pattern, html)
    first_of_the_form = html.index('form="code-form"')
    assert "formaction" not in html[first_of_the_form : html.index(">", first_of_the_form)], "Enter sends the code"
    page: Any = visitor.post(german.replace("&amp;", "&"), {"typed": typed.pack(typed_in(asked)), "look": "1"})
    assert page.status_code == 200 and '<html lang="de"' in page.content.decode()
    assert rows(house, BookingCode) == 1
    done = type_code(visitor, page, last_code(house))
    assert done.status_code == 303 and rows(house, Appointment) == 1
    with acting(house.system):
        assert Appointment.objects.get().language == "de"


@pytest.mark.req("BOO-4")
@pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef", "１２３４５", "\ud7ff", "9" * 5000])
def test_what_is_no_code_costs_no_try(visitor: Client, house: House, text: str) -> None:
    assert type_code(visitor, ask(visitor, house), text).status_code == 422
    with acting(house.system):
        assert BookingCode.objects.get().tries == 0


@pytest.mark.req("BOO-4")
def test_a_code_is_valid_for_ten_minutes(visitor: Client, house: House) -> None:
    asked = ask(visitor, house)
    with acting(house.system):
        BookingCode.objects.update(created_at=timezone.now() - timedelta(minutes=10, seconds=1))
        code = BookingCode.objects.get()
    assert type_code(visitor, asked, last_code(house)).status_code == 422
    send_booking_code.work(0, practice_id=str(house.practice.pk), code_id=str(code.pk))
    assert mail.outbox == [], "what came too late is not sent"


@pytest.mark.req("BOO-4", "BOO-7")
def test_loading_the_page_again_sends_no_second_mail(visitor: Client, house: House) -> None:
    details: Any = press(visitor, house, "09:00")
    for _ in range(3):
        assert visitor.post(details.url, PAULA).status_code == 200
    assert rows(house, BookingCode) == 1


@pytest.mark.req("BOO-4")
def test_a_proof_is_for_its_address_alone(visitor: Client, house: House) -> None:
    asked = ask(visitor, house)
    carried = typed_in(asked)
    with acting(house.system):
        BookingCode.objects.update(proven_at=timezone.now())
    details = f"{asked.wsgi_request.path}"
    other = visitor.post(details, carried | {"email": "victim@example.org"})
    assert other.status_code == 200 and b"victim@example.org" in other.content, "another address, another code"
    forged = visitor.post(details, carried | {"proof": carried["proof"][:-1] + "x"})
    assert forged.status_code == 200 and rows(house, Appointment) == 0
    assert visitor.post(details, carried).status_code == 303


@pytest.mark.req("BOO-3", "BOO-4")
def test_the_time_is_kept_a_little_longer_for_the_code_and_no_more(visitor: Client, house: House) -> None:
    details: Any = press(visitor, house, "09:00")
    with acting(house.system):
        Occupancy.objects.update(expires_at=timezone.now() + timedelta(seconds=30))
    asked = visitor.post(details.url, PAULA)
    assert timedelta(minutes=9) < left(house) <= timedelta(minutes=10)
    with acting(house.system):
        Hold.objects.update(created_at=timezone.now() - timedelta(minutes=15))
        Occupancy.objects.update(expires_at=timezone.now() + timedelta(minutes=2))
    type_code(visitor, asked, "", again="1")
    assert timedelta(minutes=4) < left(house) <= timedelta(minutes=5), "never more than twenty in all"


def left(house: House) -> timedelta:
    with acting(house.system):
        return (Occupancy.objects.get(active=True).expires_at or timezone.now()) - timezone.now()


@pytest.mark.req("BOO-3", "BOO-4", "BOO-7")
def test_expired_meanwhile_and_taken_by_somebody_the_proof_stays(visitor: Client, house: House) -> None:
    asked = ask(visitor, house)
    expire(house)
    with acting(house.system):
        Practice.objects.filter(pk=house.practice.pk).update(booking_code_required=False)
    book(house, "09:00", first_name="Lars", email="lars@example.org")
    with acting(house.system):
        Practice.objects.filter(pk=house.practice.pk).update(booking_code_required=True)
    late = prove(visitor, house, asked)
    assert late.status_code == 409 and typed_in(late)["first_name"] == "Paula"
    html = late.content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', html))
    (start,) = re.findall(r'name="start" value="([^"]+)" id="choice-\d" checked', html)
    (action,) = re.findall(r'<form id="again" [^>]*action="([^"]+)"', html)
    done = visitor.post(action, fields | {"start": start})
    assert done.status_code == 303 and rows(house, BookingCode) == 1, "no second code for the same address"
    assert rows(house, Appointment) == 2


@pytest.mark.req("BOO-4")
def test_for_a_child_the_code_goes_to_who_books(visitor: Client, house: House) -> None:
    asked = ask(visitor, house, **CHILD)
    assert b"elif@example.org" in asked.content
    assert prove(visitor, house, asked).status_code == 303


@pytest.mark.req("BOO-4")
def test_the_details_can_still_be_changed(visitor: Client, house: House) -> None:
    asked = ask(visitor, house)
    (address,) = re.findall(r'name="again" value="1" formaction="([^"]+)"', asked.content.decode())
    page = visitor.post(address, {"typed": typed.pack(typed_in(asked)), "again": "1"})
    assert page.status_code == 200 and b'value="Paula"' in page.content and rows(house, BookingCode) == 1


@pytest.mark.req("BOO-1", "BOO-4")
def test_enter_in_a_field_means_the_main_button(visitor: Client, house: House) -> None:
    """The first button of a form, wherever it stands, is the one that Enter presses (HTML, implicit submission)."""
    details: Any = press(visitor, house, "09:00")
    for page, form in ((visitor.get(details.url), "details"), (visitor.post(details.url, PAULA), "code-form")):
        html = page.content.decode()
        inside = html.split(f'id="{form}"')[1].split("</form>")[0]
        buttons = re.findall(rf'<button[^>]*form="{form}"[^>]*>', html.split("<form")[0])
        buttons += re.findall(r"<button[^>]*>", inside)
        assert "name=" not in buttons[0] and "formaction" not in buttons[0] and "visually-hidden" in buttons[0]


@pytest.mark.req("PRI-22")
def test_addresses_go_with_the_day(visitor: Client, house: House) -> None:
    ask(visitor, house)
    with acting(house.system):
        Hold.objects.update(created_at=timezone.now() - timedelta(hours=25))
    forget_everywhere(timezone.now())
    assert rows(house, BookingCode) == 0 and rows(house, Hold) == 0


@pytest.mark.req("BOO-8")
@pytest.mark.own_database
def test_codes_and_bookings_of_one_address_are_limited(visitor: Client, house: House) -> None:
    page = ask(visitor, house)
    for _ in range(4):
        page = type_code(visitor, page, "", again="1")
        assert page.status_code == 200
    full = type_code(visitor, page, "", again="1")
    assert full.status_code == 429 and b"within an hour" in full.content and b"0221" in full.content
    assert b'value="Paula"' in full.content and rows(house, BookingCode) == 5


@pytest.mark.req("BOO-8")
@pytest.mark.own_database
def test_five_bookings_an_hour_with_one_address(cast: Cast, visitor: Client) -> None:
    clocks = ("08:00", "09:00", "10:00", "11:00", "13:00", "14:00")
    statuses = []
    for clock, name in zip(clocks, "ABCDEF", strict=True):
        details: Any = press(visitor, cast.albers, clock, key=clock * 8)
        answer = visitor.post(details.url, PAULA | {"first_name": name, "email": "PAULA@example.org"})
        statuses.append(answer.status_code)
    assert statuses == [303] * 5 + [429]
    assert b"within an hour" in answer.content and b'value="F"' in answer.content
    other = visitor.post(details.url, PAULA | {"email": "lars@example.org"})
    assert other.status_code == 303, "the time was still kept"


@pytest.mark.req("BOO-7", "BOO-8")
@pytest.mark.own_database
def test_two_tabs_and_many_guesses_at_once(visitor: Client, house: House) -> None:
    """The right code twice at the same instant books once; of twenty wrong ones at once five are looked at."""
    asked = ask(visitor, house)
    guessed = ask(visitor, house, "11:00", email="other@example.org")
    guess = wrong(house)
    with acting(house.system):
        right = digits_of(BookingCode.objects.earliest("id").pk)
    answers: list[int] = []

    def press_at_once(page: Any, code: str) -> None:
        try:
            answers.append(type_code(Client(), page, code).status_code)
        finally:
            connection.close()

    for page, code, count in ((asked, right, 2), (guessed, guess, 8)):
        threads = [threading.Thread(target=press_at_once, args=(page, code)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [303, 303] + [422] * 8
    assert rows(house, Appointment) == 1
    with acting(house.system):
        assert BookingCode.objects.latest("id").tries == 5
