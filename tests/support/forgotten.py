"""Deleting what is over, for tests: and what is left then."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sprechzeit.audit.models import Value as LogValue
from sprechzeit.core.acting import acting
from sprechzeit.privacy.jobs import forget_over
from sprechzeit.privacy.models import DeletionReport
from sprechzeit.privacy.periods import Kind
from sprechzeit.video.models import Visit
from tests.support.cast import House


def forget(house: House, at: datetime) -> Mapping[Kind, int]:
    """All that is over then."""
    counts = forget_over(house.practice.pk, at)
    assert counts is not None
    return counts


def rows(house: House, model: Any) -> int:
    with acting(house.system):
        return int(model.objects.filter(practice_id=house.practice.pk).count())


def reported(house: House) -> dict[str, int]:
    """What the reports say, of all days."""
    total: dict[str, int] = {}
    with acting(house.system):
        for one in DeletionReport.objects.filter(practice_id=house.practice.pk):
            for kind, many in one.counts.items():
                total[kind] = total.get(kind, 0) + many
    return total


def values_of(house: House, *tables: str) -> int:
    """How many entries about rows of these tables can still be read."""
    with acting(house.system):
        left = LogValue.objects.filter(practice_id=house.practice.pk, salt__isnull=False, entry__table_name__in=tables)
        return left.exclude(entry__operation="erase").count()


def end_of(visit: Visit) -> datetime:
    ends_at: datetime = visit.block.ends_at
    return ends_at
