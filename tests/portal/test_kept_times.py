"""How much one visitor keeps at a time, and changing to another time (BOO-3, BOO-8)."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.actions.hold import hold_time, hold_token
from sprechzeit.scheduling.actions.next_free import settle_next_free
from sprechzeit.scheduling.models import BookingCode, Occupancy
from tests.portal.test_booking import PAULA, expire, press, rows, visitor
from tests.scheduling.test_occupancy import deadlocks, overlaps
from tests.support.cast import Cast, House, at
from tests.support.databases import Databases
from tests.support.together import together

__all__ = ["visitor"]

VISITORS, ROUNDS = 6, 8


def kept(house: House) -> int:
    """How many times visitors keep now."""
    with acting(house.system):
        return Occupancy.objects.filter(kind="hold", active=True, expires_at__gt=timezone.now()).count()


@pytest.mark.req("BOO-8")
def test_asking_for_a_code_revives_no_more_times_than_may_be_kept(cast: Cast, visitor: object) -> None:
    house = cast.albers
    with acting(house.system):
        Practice.objects.filter(pk=house.practice.pk).update(booking_code_required=True)
    expired = []
    for clock in ("08:00", "09:00", "10:00"):
        expired.append(press(visitor, house, clock, key=clock * 8, kind="call").url)  # type: ignore[arg-type]
        expire(house)
    assert kept(house) == 0
    answers = [
        visitor.post(url, PAULA | {"email": f"p{number}@example.org"})  # type: ignore[attr-defined]
        for number, url in enumerate(expired)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert kept(house) == 2 and rows(house, BookingCode) == 2, "and no mail goes out for the third"
    assert b"Paula" in answers[2].content, "nothing is lost of what was typed"


def changing(house: House, number: int) -> Callable[[], None]:
    """A visitor who keeps choosing a time of the other calendar, each on a page of its own."""

    def run() -> None:
        former = ""
        for turn in range(ROUNDS):
            calendar = house.calendars[["miriam", "jonas"][(number + turn) % 2]]
            begin = at(f"{8 + number // 2 + (5 if turn % 4 > 1 else 0):02}:{30 * (number % 2):02}")
            with acting(house.visitor):
                held = hold_time(
                    house.visitor, house.types["call"], calendar.pk, begin, address=f"visitor {number}",
                    form=f"page {number} {turn}", former=former,
                )  # fmt: skip
            former = hold_token(held.id)

    return run


@pytest.mark.own_database
@pytest.mark.req("BOO-3", "CAL-8")
def test_visitors_who_change_from_page_to_page_never_wait_in_a_circle(cast: Cast, own_database: Databases) -> None:
    """Acting once and not repeated: a deadlock would be an error here, not a delay."""
    house = cast.albers
    with acting(house.system):
        settle_next_free(house.system, many=1)
    assert together(*(changing(house, number) for number in range(VISITORS))) == [None] * VISITORS
    assert deadlocks(own_database) == 0
    assert overlaps(own_database) == 0
    assert kept(house) == VISITORS, "each gave the former one back"
