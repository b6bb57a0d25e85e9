"""Deleting what is over, for good, and how long the practice keeps what (PRI-20, PRI-21, PRI-22)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.audit.actions import erase_rows
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.forgetting import Gone, forget_rows
from sprechzeit.core.locks import lock
from sprechzeit.practice.queries import practice_of
from sprechzeit.privacy.errors import PeriodNotAllowed
from sprechzeit.privacy.models import DeletionReport, RetentionPeriod
from sprechzeit.privacy.periods import KEEPINGS, REASON, SET_BY_PRACTICE, Kind
from sprechzeit.privacy.policy import may_delete_what_is_over, may_set_periods, rows_over
from sprechzeit.privacy.queries import periods_of
from sprechzeit.scheduling.models import Block, Hold, Occupancy
from sprechzeit.video.models import Visit

AT_ONCE = 200
"""So many things are deleted in one transaction, which nobody then waits for long for."""

# Jobs that are done or dead and whose arguments name what is gone; one that waits or runs finds nothing and ends.
_FORGET_JOBS = """
DELETE FROM procrastinate_jobs
 WHERE status NOT IN ('todo', 'doing')
   AND EXISTS (SELECT FROM jsonb_each_text(args) AS one WHERE one.value = ANY (%s))
"""


@action
def set_periods(actor: Actor, days: Mapping[Kind, int]) -> None:
    """Keep these kinds so many days from now on. Raises `NotAllowed`, `PeriodNotAllowed`."""
    require(may_set_periods(actor), NotAllowed)
    for kind, wanted in days.items():
        least, most = SET_BY_PRACTICE.get(kind, (1, 0))
        require(least <= wanted <= most, PeriodNotAllowed)
        RetentionPeriod.objects.update_or_create(
            practice_id=actor.practice_id, kind=str(kind), defaults={"days": wanted}
        )


@action
def forget_some(actor: Actor, kind: Kind, at: datetime, most: int = 0) -> int:
    """Delete some of what of this kind is over at that moment, with all that hangs on it, its values in the log and the
    jobs that name it. How many it was, which stands in the report of the day; 0: nothing is left.

    Called again and again, by several at once, or killed in between, it comes to the same: what is deleted and what is
    counted are one transaction. Only the program itself may (`NotAllowed`).
    """
    require(may_delete_what_is_over(actor), NotAllowed)
    lock(f"retention:{actor.practice_id}")
    before = at - periods_of(actor)[kind]
    most = most or AT_ONCE
    for rows in rows_over(actor, kind, before):
        if kind is Kind.VISITS:
            _lock_visits(actor, rows, most)
        # What is given another time at this moment is waited for, and looked at again.
        found = list(rows.select_for_update(of=("self",))[:most])
        if found:
            _forget(actor, kind, rows.model, found)
            _count(actor, kind, at, len(found))
            return len(found)
    return 0


@action
def begin_report(actor: Actor, at: datetime) -> None:
    """Deleting goes on: the report of the day is not complete. Raises `NotAllowed`."""
    require(may_delete_what_is_over(actor), NotAllowed)
    _report(actor, at).update(ended_at=None)


@action
def end_report(actor: Actor, at: datetime, now: datetime) -> None:
    """Nothing that was over at that moment is left. Raises `NotAllowed`."""
    require(may_delete_what_is_over(actor), NotAllowed)
    _report(actor, at).update(ended_at=now)


def _lock_visits(actor: Actor, blocks: QuerySet[Any], most: int) -> None:
    """First them, then their blocks: so does a booking system that changes one at this moment."""
    ids = list(blocks.values_list("pk", flat=True)[:most])
    visits = Visit.objects.filter(practice_id=actor.practice_id, block__in=ids).order_by("pk")
    list(visits.select_for_update().values_list("pk"))


def _forget(actor: Actor, kind: Kind, model: type[Model], found: Sequence[Any]) -> None:
    occupancies = _occupancies(actor, model, found)
    gone = dict(forget_rows(found))
    if occupancies:
        freed = Occupancy.objects.filter(practice_id=actor.practice_id, pk__in=occupancies)
        # A hold that was booked left its time to the appointment.
        gone |= forget_rows(list(freed.exclude(kind=Occupancy.Kind.APPOINTMENT)))
    if KEEPINGS[kind].in_log:
        for table, ids in gone.items():
            erase_rows(actor, table, ids, f"{REASON}{kind}")
    if kind is Kind.VISITS:
        _forget_jobs(gone)


def _occupancies(actor: Actor, model: type[Model], found: Sequence[Any]) -> set[UUID]:
    """The times that these had. Each place where a block once stood has its own (`actions/place.py`); which they were,
    its history knows.
    """
    if model not in (Block, Hold):
        return set()
    own = {one.occupancy_id for one in found}
    history = Entry.objects.filter(practice_id=actor.practice_id, row_id__in=[one.pk for one in found])
    values = history.filter(table_name=model._meta.db_table, value__isnull=False)
    for old, new in values.values_list("value__old__occupancy_id", "value__new__occupancy_id"):
        own |= {UUID(one) for one in (old, new) if one}
    return own


def _forget_jobs(gone: Gone) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_JOBS, [[str(one) for ids in gone.values() for one in ids]])


def _count(actor: Actor, kind: Kind, at: datetime, many: int) -> None:
    report = _report(actor, at).get()
    report.counts[str(kind)] = report.counts.get(str(kind), 0) + many
    report.save(update_fields=["counts"])


def _report(actor: Actor, at: datetime) -> QuerySet[DeletionReport]:
    """The report of the day, by the practice's clock."""
    day = at.astimezone(practice_of(actor).zone).date()
    report, _made = DeletionReport.objects.get_or_create(
        practice_id=actor.practice_id, day=day, defaults={"began_at": at}
    )
    return DeletionReport.objects.filter(practice_id=actor.practice_id, pk=report.pk)
