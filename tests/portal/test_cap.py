"""How many open bookings a patient may have, and who is told so (BOO-8)."""

from typing import Any

import pytest
from django.test import Client

from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.models import Appointment, BookingCode
from tests.portal.test_booking import PAULA, expire, live_holds, press, rows, visitor
from tests.portal.test_for_whom import prove
from tests.support.cast import Cast, House, book

__all__ = ["visitor"]

pytestmark = pytest.mark.req("BOO-8")


def cap(house: House, most: int) -> None:
    with acting(house.system):
        Practice.objects.filter(pk=house.practice.pk).update(open_bookings=most)


def test_who_has_proved_the_address_is_told_that_there_are_enough(cast: Cast, visitor: Client) -> None:
    for clock in ("08:00", "09:00", "10:00", "11:00", "13:00"):
        book(cast.albers, clock)
    details: Any = press(visitor, cast.albers, "14:00")
    asked = visitor.post(details.url, PAULA)
    assert asked.status_code == 200 and b"Type the code" in asked.content
    answer = prove(visitor, cast.albers, asked)
    assert answer.status_code == 422 and b"Please call the practice" in answer.content
    assert b'value="Paula"' in answer.content, "nothing is lost of what was typed"
    assert rows(cast.albers, Appointment) == 5 and live_holds(cast.albers) == 1


def test_who_has_not_learns_no_more_than_that_a_code_was_sent(cast: Cast, visitor: Client) -> None:
    """They typed the patient's own address. No word of bookings, and nothing is entered."""
    book(cast.albers, "08:00")
    cap(cast.albers, 1)
    details: Any = press(visitor, cast.albers, "09:00")
    asked = visitor.post(details.url, PAULA)
    assert asked.status_code == 200 and rows(cast.albers, BookingCode) == 1
    assert b"cannot be booked" not in asked.content and b"call the practice" not in asked.content
    assert rows(cast.albers, Appointment) == 1


def test_with_room_for_one_more_no_code_is_asked_for(cast: Cast, visitor: Client) -> None:
    book(cast.albers, "08:00")
    cap(cast.albers, 2)
    details: Any = press(visitor, cast.albers, "09:00")
    assert visitor.post(details.url, PAULA).status_code == 303


@pytest.mark.req("PAT-14")
def test_it_does_not_count_what_was_booked_from_other_addresses(cast: Cast, visitor: Client) -> None:
    """Refused, it would say that the person named is a patient with open appointments."""
    book(cast.albers, "08:00")
    cap(cast.albers, 1)
    first: Any = press(visitor, cast.albers, "09:00")
    assert visitor.post(first.url, PAULA | {"email": "stranger@example.org"}).status_code == 303
    second: Any = press(visitor, cast.albers, "10:00", key="n" * 32)
    asked = visitor.post(second.url, PAULA | {"email": "STRANGER@example.org"})
    assert asked.status_code == 200 and prove(visitor, cast.albers, asked).status_code == 422


def test_that_there_are_enough_is_said_also_when_the_time_had_run_out(cast: Cast, visitor: Client) -> None:
    """The time was taken anew for the booking that is refused: nothing of that stays, in the page neither."""
    book(cast.albers, "08:00")
    cap(cast.albers, 1)
    details: Any = press(visitor, cast.albers, "14:00")
    asked = visitor.post(details.url, PAULA)
    expire(cast.albers)
    answer = prove(visitor, cast.albers, asked)
    assert answer.status_code == 422 and b"Please call the practice" in answer.content
    assert rows(cast.albers, Appointment) == 1
