"""What is done with the log by the clock: sealing every minute, checking every night."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app

from sprechzeit.access.actor import Actor, system
from sprechzeit.audit.actions import check_and_note
from sprechzeit.audit.sealing import seal_log
from sprechzeit.core.acting import request_id, run_as
from sprechzeit.core.jobs import job


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal_logs", queueing_lock="seal_logs", lock="seal_logs")
def seal_logs(timestamp: int) -> None:
    """Every minute: seal what each practice's log has new."""
    each_practice(seal_log, f"seal:{timestamp}")


@app.periodic(cron="41 3 * * *")
@app.task(name="audit.check_logs", queueing_lock="check_logs")
def check_logs(timestamp: int) -> None:
    """Every night: check each practice's whole chain; what was found stands on the page of the log."""
    each_practice(lambda actor: run_as(actor, partial(check_and_note, actor)), f"check:{timestamp}")


@job(subject="practice_id")
def check_practice(_attempts: int, *, practice_id: str) -> None:
    """Check one practice's whole chain, when somebody wants to know now."""
    actor = system(UUID(practice_id))
    run_as(actor, partial(check_and_note, actor))


def all_practices() -> list[UUID]:
    """Every practice of this installation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT all_practices()")
        return [practice_id for (practice_id,) in cursor.fetchall()]


def each_practice(work: Callable[[Actor], Any], request: str) -> None:
    """One practice's trouble does not keep the others waiting; raised when all had their turn."""
    token = request_id.set(request)
    failed: list[Exception] = []
    try:
        for practice_id in all_practices():
            try:
                work(system(practice_id))
            except Exception as error:
                failed.append(error)
        if failed:
            raise failed[0]
    finally:
        request_id.reset(token)
        if not connection.in_atomic_block:
            close_old_connections()
