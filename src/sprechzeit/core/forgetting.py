"""Deleting rows for good, with all that hangs on them, and knowing what was deleted."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.deletion import Collector

Gone = Mapping[str, Sequence[UUID]]
"""Ids of deleted rows, by table."""


class _Everything(Collector):
    """Looks at each row that goes, where Django would delete some without a look; what refers goes first even where it
    need not refer: our composite foreign keys are checked at once.
    """

    def add(self, objs: Any, source: Any = None, nullable: bool = False, reverse_dependency: bool = False) -> Any:
        return super().add(objs, source, nullable=False, reverse_dependency=reverse_dependency)

    def can_fast_delete(self, *args: Any, **kwargs: Any) -> bool:
        return False


def forget_rows(rows: Sequence[Model]) -> Gone:
    """Delete these rows, of one model, and what refers to them and goes with them (`CASCADE`). What was deleted.

    Raises `ProtectedError` where something refers to them that is to stay.
    """
    if not rows:
        return {}
    everything = _Everything(using=DEFAULT_DB_ALIAS, origin=rows[0])
    everything.collect(rows)
    gone = {str(model._meta.db_table): [one.pk for one in found] for model, found in everything.data.items()}
    everything.delete()
    return gone
