"""The visitor's side of what goes wrong: the time runs out, the answer is lost, a date of birth is mistyped."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from sprechzeit.core.acting import acting
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.models import Appointment, Hold
from tests.portal.test_booking import PAULA, expire, live_holds, press, rows, times_url, typed_in, visitor
from tests.portal.test_for_whom import enter, prove, rule, without_secrets
from tests.support.cast import Cast, book, monday

__all__ = ["visitor"]


# --- The time runs out ----------------------------------------------------------------------------------------------


@pytest.mark.req("BOO-3")
def test_who_comes_too_late_is_told_and_keeps_what_they_typed(cast: Cast, visitor: Client) -> None:
    """The details say until when; after that the page says that it is over, with other times and nothing lost."""
    details: Any = press(visitor, cast.albers, "09:00")
    in_time = visitor.get(details.url).content.decode()
    assert "The time is kept for you until" in in_time
    expire(cast.albers)
    late = visitor.get(details.url)
    assert late.status_code == 410
    assert b"The time is no longer kept for you." in late.content and b"Book appointment" not in late.content
    again = visitor.post(details.url, PAULA | {"again": "1"})
    assert again.status_code == 410 and typed_in(again)["first_name"] == "Paula"


@pytest.mark.req("BOO-3")
def test_pressed_again_after_it_ran_out_it_is_a_new_wish(cast: Cast, visitor: Client) -> None:
    press(visitor, cast.albers, "09:00")
    expire(cast.albers)
    again: Any = press(visitor, cast.albers, "09:00")
    assert "The time is kept for you until" in visitor.get(again.url).content.decode()
    assert live_holds(cast.albers) == 1


@pytest.mark.req("BOO-3", "BOO-2")
def test_on_the_times_page_it_is_free_again_for_everybody(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    (token,) = re.findall(r"/holds/([^/]+)/", details.url)
    own = f"{times_url(cast.albers)}?" + urlencode({"day": f"{monday():%Y-%m-%d}", "held": token})
    page = visitor.get(own).content.decode()
    assert "Kept for you until" in page
    expire(cast.albers)
    page = visitor.get(own).content.decode()
    assert "Kept for you" not in page and "held=" not in page
    other: Any = press(Client(headers={"accept-language": "en"}), cast.albers, "09:00", key="o" * 32)
    assert other.status_code == 303
    taken = visitor.post(details.url, PAULA)
    assert taken.status_code == 409 and b"has just been taken" in taken.content


# --- The answer is lost ---------------------------------------------------------------------------------------------


@pytest.mark.req("BOO-7")
def test_an_answer_that_never_arrived_is_asked_for_again(cast: Cast, visitor: Client) -> None:
    """The time is kept, and booked; the browser hears of neither and sends each once more."""
    press(visitor, cast.albers, "09:00")
    details: Any = press(visitor, cast.albers, "09:00")
    assert rows(cast.albers, Hold) == 1 and live_holds(cast.albers) == 1
    visitor.post(details.url, PAULA)
    again: Any = visitor.post(details.url, PAULA)
    assert again.status_code in (302, 303) and b"Your appointment is booked" in visitor.get(again.url).content
    opened: Any = visitor.get(details.url)
    assert opened.status_code == 302 and opened.url == again.url, "and so does who loads the page of details"
    pressed: Any = press(visitor, cast.albers, "09:00")
    landed: Any = visitor.get(pressed.url)
    assert landed.url == again.url, "or goes back to the times and presses it again"
    assert rows(cast.albers, Appointment) == 1 and rows(cast.albers, Patient) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'messages.send_booked'")
        assert cursor.fetchone() == (1,)


@pytest.mark.req("BOO-7", "BOO-6")
def test_a_cancellation_whose_answer_was_lost_is_one(cast: Cast, visitor: Client) -> None:
    address = f"/appointment/{manage_token(book(cast.albers, '09:00').pk)}/cancellation/"
    answers: list[Any] = [visitor.post(address) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert b"The appointment is cancelled." in visitor.get(answers[1].url).content
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'messages.send_cancelled'")
        assert cursor.fetchone() == (1,)


@pytest.mark.req("BOO-6")
def test_who_is_about_to_cancel_reads_the_weekday_of_each_other_time(cast: Cast, visitor: Client) -> None:
    page = visitor.get(f"/appointment/{manage_token(book(cast.albers, '09:00').pk)}/").content.decode()
    (panel,) = re.findall(r"Next free times:.*?</p>", page, re.S)
    offered = re.findall(r"<a[^>]*>([^<]+)</a>", panel)
    assert offered and all(re.match(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*\d\d:\d\d$", one) for one in offered)


# --- A date of birth that is not the patient's ----------------------------------------------------------------------


@pytest.mark.req("BOO-8", "BOO-11", "PAT-14")
def test_a_wrong_date_of_birth_is_refused_as_if_nobody_had_that_name(cast: Cast, visitor: Client) -> None:
    """Of a type for known patients, with the patient's own address proved: the same words and as much work."""
    rule(cast.albers, patients="known")
    enter(cast.albers, email="paula@example.org")
    pages, work = [], []
    for clock, name, born in (("08:00", "Paula", "25.03.1985"), ("09:00", "Nobody", "24.03.1985")):
        details: Any = press(visitor, cast.albers, clock, key=clock * 8)
        asked = visitor.post(details.url, PAULA | {"first_name": name, "date_of_birth": born})
        with CaptureQueriesContext(connection) as captured:
            answer = prove(visitor, cast.albers, asked)
        pages.append((answer.status_code, without_secrets(answer.content.decode(), name)))
        work.append(len(captured))
        visitor.post(f"{details.url}release/")
    assert pages[0] == pages[1] and pages[0][0] == 422
    assert "check name, date of birth and e-mail address" in pages[0][1]
    assert work[0] == work[1]
    assert rows(cast.albers, Appointment) == 0 and rows(cast.albers, Patient) == 1


@pytest.mark.req("BOO-5", "BOO-8", "PAT-12")
def test_a_wrong_date_of_birth_books_as_somebody_new_and_says_nothing(cast: Cast, visitor: Client) -> None:
    """Of a type for all: a record of its own, which the practice sees as a likely double; the visitor sees no more."""
    known = enter(cast.albers, email="paula@example.org")
    details: Any = press(visitor, cast.albers, "09:00")
    done: Any = visitor.post(details.url, PAULA | {"date_of_birth": "25.03.1985"})
    assert done.status_code == 303 and b"Your appointment is booked" in visitor.get(done.url).content
    with acting(cast.albers.system):
        assert Appointment.objects.get().patient_id != known.pk


# --- It is too soon to change anything ------------------------------------------------------------------------------


@pytest.mark.req("BOO-6")
@pytest.mark.parametrize(("hours", "final"), [(24, False), (24 * 30, True)])
def test_what_could_not_be_moved_or_cancelled_is_said_before_and_not_promised_after(
    cast: Cast, visitor: Client, hours: int, final: bool
) -> None:
    with acting(cast.albers.system):
        Practice.objects.filter(pk=cast.albers.practice.pk).update(cancel_hours=hours)
    details: Any = press(visitor, cast.albers, "09:00")
    assert ("cannot be moved or cancelled online" in visitor.get(details.url).content.decode()) == final
    done: Any = visitor.post(details.url, PAULA)
    page = visitor.get(done.url).content.decode()
    assert ("please call" in page) == final
    assert ("move or cancel the appointment" in page) != final
