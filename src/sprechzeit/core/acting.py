"""`acting`: the transaction in which somebody acts. It tells the database who, for row security and the log.

The outer transaction of every page, API call and job. Inside, each action is a savepoint of its own.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from django.db import OperationalError, connection, transaction

from sprechzeit.core.errors import DomainError

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

ATTEMPTS = 5
RETRYABLE = {"40001", "40P01"}  # serialization failure, deadlock

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request or job that is served, for the log (AUD-1)."""


_in_action: ContextVar[bool] = ContextVar("in_action", default=False)


class Acts(Protocol):
    """What the transaction must know of an actor. `access.Actor` is the one that acts."""

    @property
    def practices(self) -> tuple[UUID, ...]: ...

    @property
    def name(self) -> str: ...


_SETTINGS = ("sprechzeit.practices", "sprechzeit.actor", "sprechzeit.request")


def _set(values: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(%s, %s, true), set_config(%s, %s, true), set_config(%s, %s, true)",
            [part for pair in zip(_SETTINGS, values, strict=True) for part in pair],
        )


def _get() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in _SETTINGS))
        row = cursor.fetchone()
    return tuple(row or ("", "", ""))


@contextmanager
def acting(actor: Acts) -> Iterator[None]:
    """Act as `actor`: one transaction, or a savepoint within another `acting`, whose values it gives back.

    The values are given back by hand because a released savepoint keeps what was set in it; a rolled-back one
    gives them back by itself. A block cannot be repeated: where a deadlock may be met use `run_as`.
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        former = _get() if nested else None
        _set((",".join(map(str, actor.practices)), actor.name, request_id.get()))
        yield
        if former is not None:
            _set(former)


def run_as(actor: Acts, work: Callable[[], T]) -> T:
    """`work()` acting as `actor`, repeated as a whole on a deadlock or serialization failure, with jitter.

    Inside another transaction it cannot repeat, and does not.
    """
    if connection.in_atomic_block:
        with acting(actor):
            return work()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with acting(actor):
                return work()
        except OperationalError as error:
            if attempt == ATTEMPTS or getattr(error.__cause__, "sqlstate", None) not in RETRYABLE:
                raise
            time.sleep(random.uniform(0.01, 0.02) * 2**attempt)  # noqa: S311 – jitter, not a secret
    raise AssertionError("unreachable")


def action(use_case: F) -> F:
    """A use case that writes: `actor` first, in a savepoint, so that a refusal leaves no row.

    Called by another action it is part of that one and its savepoint: who catches its refusal there lets another one
    out. To go on all the same, call it within `transaction.atomic()`.
    """

    @wraps(use_case)
    def run(*args: Any, **kwargs: Any) -> Any:
        if not connection.in_atomic_block:
            raise RuntimeError(f"{use_case.__name__} was called outside `acting`")
        if _in_action.get():
            return use_case(*args, **kwargs)
        token = _in_action.set(True)
        try:
            with transaction.atomic():
                return use_case(*args, **kwargs)
        finally:
            _in_action.reset(token)

    run.is_action = True  # type: ignore[attr-defined]  # the laws' test finds actions by it
    return cast(F, run)


def require(allowed: bool, otherwise: type[DomainError]) -> None:
    """Raise `otherwise` unless `allowed`."""
    if not allowed:
        raise otherwise()
