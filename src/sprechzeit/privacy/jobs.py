"""What is deleted by the clock: every night all that is over, what visitors began every hour (PRI-21, PRI-22)."""

import time
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import close_old_connections, connection
from django.utils import timezone
from procrastinate.contrib.django import app

from sprechzeit.access.actor import system
from sprechzeit.audit.jobs import all_practices
from sprechzeit.core.acting import acting, request_id, run_as
from sprechzeit.core.jobs import job
from sprechzeit.privacy.actions import begin_report, end_report, forget_some
from sprechzeit.privacy.periods import KEEPINGS, Kind

# A job that takes longer gives others their turn, and goes on after them.
LONGEST_SECONDS = 120
# Nobody waits for it: messages to people go before.
AFTER_PEOPLE = -20


@job(subject="practice_id", line="retention", priority=AFTER_PEOPLE)
def delete_what_is_over(_attempts: int, *, practice_id: str) -> None:
    """All that is over in one practice; what is not done within `LONGEST_SECONDS` is another job.

    In a line of its own: next free times and open books do not wait for it.
    """
    done = forget_over(UUID(practice_id), timezone.now(), until=time.monotonic() + LONGEST_SECONDS)
    if done is None:
        with acting(system(UUID(practice_id))):
            delete_what_is_over.follow({"practice_id": practice_id})


@app.periodic(cron="47 2 * * *")
@app.task(name="privacy.delete_at_night", queueing_lock="delete_at_night")
def delete_at_night(timestamp: int) -> None:
    """Every night: one job a practice, so that one that fails keeps no other waiting."""
    try:
        for practice_id in all_practices():
            with acting(system(practice_id)):
                delete_what_is_over.follow({"practice_id": str(practice_id)})
    finally:
        if not connection.in_atomic_block:
            close_old_connections()


@app.periodic(cron="12 * * * *")
@app.task(name="privacy.delete_each_hour", queueing_lock="delete_each_hour", lock="delete_each_hour")
def delete_each_hour(timestamp: int) -> None:
    """Every hour: what visitors began a day ago (PRI-22)."""
    token = request_id.set(f"retention:{timestamp}")
    try:
        forget_everywhere(timezone.now(), [one.kind for one in KEEPINGS.values() if one.hourly])
    finally:
        request_id.reset(token)
        if not connection.in_atomic_block:
            close_old_connections()


def forget_everywhere(at: datetime, kinds: Collection[Kind] = tuple(KEEPINGS)) -> Mapping[UUID, Mapping[Kind, int]]:
    """Delete what is over in each practice, all of it; how much of each kind. One practice's trouble is raised when all
    had their turn.
    """
    counts: dict[UUID, Mapping[Kind, int]] = {}
    failed: list[Exception] = []
    for practice_id in all_practices():
        try:
            counts[practice_id] = forget_over(practice_id, at, kinds) or {}
        except Exception as error:
            failed.append(error)
    if failed:
        raise failed[0]
    return counts


def forget_over(
    practice_id: UUID, at: datetime, kinds: Collection[Kind] = tuple(KEEPINGS), *, until: float | None = None
) -> Mapping[Kind, int] | None:
    """Delete what was over in a practice at that moment, in short transactions, one after another; how much of each
    kind. None: it was not done by `until` (of `time.monotonic`), and somebody has to go on.
    """
    actor, counts = system(practice_id), Counter[Kind]()
    run_as(actor, partial(begin_report, actor, at))
    for kind in kinds:
        while many := run_as(actor, partial(forget_some, actor, kind, at)):
            counts[kind] += many
            if until is not None and time.monotonic() > until:
                return None
    run_as(actor, partial(end_report, actor, at, timezone.now()))
    return counts
