"""Until when a patient may move or cancel: one rule, to the moment (BOO-6)."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

import sprechzeit
from sprechzeit.core.acting import acting
from sprechzeit.messages.models import Message
from sprechzeit.messages.texts import compose
from sprechzeit.scheduling.actions.cancel import cancel_deadline, is_in_time
from sprechzeit.scheduling.actions.reschedule import may_still_change
from tests.support.cast import Cast, book

pytestmark = pytest.mark.req("BOO-6")
MOMENT = timedelta(microseconds=1)
ROOMS = ("scheduling", "messages", "portal")
SOURCE = Path(sprechzeit.__file__).parent


@pytest.mark.parametrize("hours", [0, 24])
def test_the_deadline_itself_is_in_time_and_a_moment_later_is_not(cast: Cast, hours: int) -> None:
    found, practice = book(cast.albers, "09:00"), cast.albers.practice
    practice.cancel_hours = hours
    deadline = cancel_deadline(practice, found)
    assert deadline == found.starts_at - timedelta(hours=hours)
    for now, in_time in ((deadline - MOMENT, True), (deadline, True), (deadline + MOMENT, False)):
        assert is_in_time(practice, found, now) is in_time
        with time_machine.travel(now, tick=False), acting(cast.albers.system):
            assert is_in_time(practice, found) is in_time
            assert may_still_change(practice, found) is in_time
            mail = compose(Message(kind=Message.Kind.BOOKED), practice, found)
            assert mail is not None and ("verschieben oder absagen" in mail.plain) is in_time


def test_nobody_else_compares_with_the_deadline() -> None:
    """Pages, mails and actions ask the one function: they cannot disagree at the moment itself."""
    compared = re.compile(r"[<>]=?\s*cancel_deadline\(|cancel_deadline\([^\n]*\)\s*[<>]|[<>]=?\s*deadline\b")
    found = {file.name for room in ROOMS for file in (SOURCE / room).rglob("*.py") if compared.search(file.read_text())}
    assert found == {"cancel.py"}
