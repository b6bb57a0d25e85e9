"""What the database refuses because of the practice's plan, as people are told it (PLAN-3, PLAN-4)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.practice.plans import Plan
from sprechzeit.scheduling.errors import MonthFull, NotOffered, RoomClosed

FULL = "month_full"
# Counts the months: deferred where several change places, so that all of them stand.
MONTHS = "month_of_plan"


@contextmanager
def within_plan(actor: Actor) -> Iterator[None]:
    """Raise `MonthFull` or `RoomClosed` where the database refuses an appointment past the plan.

    Patients are told that nothing is free, and nothing of the practice's plan. There is no savepoint of its own, since
    every booking would pay for it: who catches this asks the database nothing before the action has ended.
    """
    try:
        yield
    except IntegrityError as failure:
        diagnosis = getattr(failure.__cause__, "diag", None)
        match getattr(diagnosis, "constraint_name", None):
            case "month_of_plan" if diagnosis:
                raise _month_full(actor, json.loads(diagnosis.message_detail or "")) from None
            case "room_of_plan":
                raise (RoomClosed() if _is_of_practice(actor) else NotOffered(["no_room_free"])) from None
            case _:
                raise


def _month_full(actor: Actor, found: dict[str, str]) -> NotOffered:
    if not _is_of_practice(actor):
        return NotOffered([FULL])
    return MonthFull(Plan(found["plan"]), date.fromisoformat(found["month"]))


def _is_of_practice(actor: Actor) -> bool:
    return actor.kind not in (ActorKind.VISITOR, ActorKind.LINK, ActorKind.PARTNER)


def keep_months(actor: Actor, calendar_id: UUID) -> None:
    """A calendar has another practitioner: raise `MonthFull` where a month of theirs, of now or later, has too many.

    Nobody may enter anything in the calendar meanwhile: who calls this has locked it.
    """
    with within_plan(actor), connection.cursor() as cursor:
        cursor.execute("SELECT keep_months_of_calendar(%s, %s)", [actor.practice_id, calendar_id])
