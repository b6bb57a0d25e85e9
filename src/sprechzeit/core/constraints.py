"""A constraint of the database as the refusal that a person can understand."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction

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


@contextmanager
def deferred(constraint: str) -> Iterator[None]:
    """Let the database look at a deferrable constraint when all that is done within stands, and not before."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {constraint} DEFERRED")
        yield
        cursor.execute(f"SET CONSTRAINTS {constraint} IMMEDIATE")
