"""What a booking asks of the database: few statements, and as many for everybody (BOO-7, BOO-8, PAT-14)."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.settings import add_calendar, offer_type
from tests.portal.test_booking import PAULA, press, times_url, visitor
from tests.support.calls import calls_of
from tests.support.cast import Cast, House, book, monday

__all__ = ["visitor"]

# All that goes to the server: savepoints, who acts, and two more that tests take, since they stand in a transaction.
# One or two less where the free times are remembered.
MOST = {"times": 11, "hold": 17, "details": 7, "confirm": 17, "done": 7, "conflict": 20}
# Calls of functions, the test's client and the middleware included.
CALLS = {"hold": 7_000, "confirm": 11_000}


def way(visitor: Client, house: House, clock: str, **person: str) -> dict[str, int]:
    """How many statements each step of a booking takes, and pressing its time once more."""
    counts: dict[str, int] = {}

    def count(name: str, due: int, ask: Any) -> Any:
        with CaptureQueriesContext(connection) as captured:
            answer = ask()
        assert answer.status_code == due, (name, answer.content)
        counts[name] = len(captured)
        return answer

    count("times", 200, lambda: visitor.get(times_url(house), {"day": f"{monday():%Y-%m-%d}"}))
    held = count("hold", 303, lambda: press(visitor, house, clock, key=clock * 8))
    count("details", 200, lambda: visitor.get(held.url))
    done = count("confirm", 303, lambda: visitor.post(held.url, PAULA | person))
    count("done", 200, lambda: visitor.get(done.url))
    count("conflict", 409, lambda: press(visitor, house, clock, key=f"late{clock}" * 4))
    return counts


@pytest.mark.req("BOO-7", "CAL-8")
def test_each_step_takes_few_however_many_there_are(cast: Cast, visitor: Client) -> None:
    counts = way(visitor, cast.albers, "08:00")
    assert {name: count for name, count in counts.items() if count > MOST[name]} == {}
    with acting(cast.albers.system):
        for number in range(5):
            calendar = add_calendar(cast.albers.system, f"Kalender {number}", f"K{number}")
            offer_type(cast.albers.system, cast.albers.types["talk"], calendar)
    for number, clock in enumerate(("09:00", "10:00")):
        book(cast.albers, f"{13 + number}:00", who="jonas", first_name="Lars")
        counts = way(visitor, cast.albers, clock, first_name=f"Nr. {number}")
        assert {name: count for name, count in counts.items() if count > MOST[name]} == {}


def calls(visitor: Client, house: House, clock: str) -> tuple[int, int]:
    """How often a function is called while a time is kept, and while it is booked."""
    answers: list[Any] = []
    held = calls_of(lambda: answers.append(press(visitor, house, clock, key=clock * 8)))
    details = PAULA | {"email": f"paula{clock[:2]}@example.org"}
    booked = calls_of(lambda: answers.append(visitor.post(answers[0].url, details)))
    assert [one.status_code for one in answers] == [303, 303]
    return held, booked


@pytest.mark.req("BOO-7", "CAL-8")
def test_a_press_calls_few_functions(cast: Cast, visitor: Client) -> None:
    """The least of three: what others leave in a process is now and then counted along."""
    way(visitor, cast.albers, "08:00")
    held, booked = zip(*(calls(visitor, cast.albers, clock) for clock in ("09:00", "10:00", "11:00")), strict=True)
    assert min(held) <= CALLS["hold"]
    assert min(booked) <= CALLS["confirm"]


@pytest.mark.req("BOO-8", "PAT-11", "PAT-14")
@pytest.mark.parametrize("theirs", ["paula@example.org", "another@example.org"])
def test_whether_there_was_a_record_takes_no_statement_more_or_less(cast: Cast, visitor: Client, theirs: str) -> None:
    book(cast.albers, "14:00", who="jonas")
    known = way(visitor, cast.albers, "08:00", email=theirs)
    unknown = way(visitor, cast.albers, "09:00", email=theirs, first_name="Nobody")
    assert known["confirm"] == unknown["confirm"]
