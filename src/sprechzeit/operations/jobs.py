"""What the program does for itself, by the clock."""

from datetime import UTC, datetime

from procrastinate import JobContext
from procrastinate.contrib.django import app

from sprechzeit.core.limits import forget_old_windows

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
    """Every night: forget old limits, and jobs that are long done."""
    from asgiref.sync import sync_to_async

    await sync_to_async(forget_old_windows)()
    await context.app.job_manager.delete_old_jobs(nb_hours=24 * 7, include_failed=False, include_cancelled=True)
