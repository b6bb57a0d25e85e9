"""A constraint of the database as the refusal that a person can understand."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from sprechzeit.core.errors import DomainError


@contextmanager
def refused_by(constraint: str, error: type[DomainError]) -> Iterator[None]:
    """Raise `error` where the database refuses a row by `constraint`: however many ask at once, all are told why."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as failure:
        diagnosis = getattr(failure.__cause__, "diag", None)
        if diagnosis is None or diagnosis.constraint_name != constraint:
            raise
        raise error from None
