"""How long a practice keeps what, what is over, and what was deleted (PRI-20, PRI-21)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.privacy.models import DeletionReport, RetentionPeriod
from sprechzeit.privacy.periods import KEEPINGS, Kind
from sprechzeit.privacy.policy import may_set_periods, rows_over


def periods_of(actor: Actor) -> Mapping[Kind, timedelta]:
    """How long the practice keeps each kind."""
    require(may_set_periods(actor), NotAllowed)
    own = dict(RetentionPeriod.objects.filter(practice_id=actor.practice_id).values_list("kind", "days"))
    return {kind: timedelta(days=own[kind]) if kind in own else one.period for kind, one in KEEPINGS.items()}


def over(actor: Actor, at: datetime, instead: Mapping[Kind, int] | None = None) -> Mapping[Kind, int]:
    """How much of each kind would be deleted at that moment: by the same rows that are deleted then, and no change.

    `instead`: if the practice kept these kinds for so many days, and only these are asked for.
    """
    periods = periods_of(actor)
    if instead is not None:
        periods = {kind: timedelta(days=days) for kind, days in instead.items()}
    return {kind: sum(rows.count() for rows in rows_over(actor, kind, at - period)) for kind, period in periods.items()}


def reports_of(actor: Actor, most: int) -> Sequence[DeletionReport]:
    """What was deleted on the last days, the newest first."""
    require(may_set_periods(actor), NotAllowed)
    return list(DeletionReport.objects.filter(practice_id=actor.practice_id).order_by("-day")[:most])
