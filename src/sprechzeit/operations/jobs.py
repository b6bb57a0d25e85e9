"""What the program does for itself, by the clock."""

from datetime import UTC, datetime
from functools import partial

from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import connection
from procrastinate import JobContext
from procrastinate.contrib.django import app

from sprechzeit.access.actor import system
from sprechzeit.core.acting import run_as
from sprechzeit.core.limits import forget_old_windows
from sprechzeit.practice.once import forget_old_keys
from sprechzeit.scheduling.actions.hold import forget_old_holds

# A worker says that it lives every few seconds; after this long it is dead and its jobs go back.
DEAD_AFTER_SECONDS = 30


@app.periodic(cron="* * * * *")
@app.task(name="operations.put_back_stalled_jobs", queueing_lock="put_back_stalled_jobs", pass_context=True)
async def put_back_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Put back what a killed worker was at (architecture §6)."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        await manager.retry_job(job, retry_at=datetime.now(UTC))


@app.periodic(cron="17 3 * * *")
@app.task(name="operations.tidy_up", queueing_lock="tidy_up", pass_context=True)
async def tidy_up(context: JobContext, timestamp: int) -> None:
    """Every night: forget what was kept for a day, and jobs that are long done."""
    await sync_to_async(forget)()
    await context.app.job_manager.delete_old_jobs(nb_hours=24 * 7, include_failed=False, include_cancelled=True)


def forget() -> None:
    """Old limits, sessions and cached counts; in each practice old holds and idempotency keys (PRI-22)."""
    forget_old_windows()
    call_command("clearsessions")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_cache WHERE expires < now()")
        cursor.execute("SELECT all_practices()")
        practices = [practice_id for (practice_id,) in cursor.fetchall()]
    for practice_id in practices:
        actor = system(practice_id)
        run_as(actor, partial(forget_old_holds, actor))
        run_as(actor, partial(forget_old_keys, actor))
