"""What the program does for itself, by the clock."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management import call_command
from django.db import close_old_connections, connection
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from sprechzeit.access.actor import system
from sprechzeit.core.acting import run_as
from sprechzeit.core.limits import forget_old_windows
from sprechzeit.operations.backup.late import warn_if_late
from sprechzeit.operations.backup.make import make_backup
from sprechzeit.operations.backup.schedule import is_due, last_made_at, remove_old
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


@app.periodic(cron="*/10 * * * *")
@app.task(name="operations.back_up", queueing_lock="back_up", lock="back_up")
def back_up(timestamp: int) -> None:
    """A backup a day at the set time, if a folder is set; missed or failed, it is tried again (OPS-21)."""
    if not settings.BACKUP_FOLDER:
        return
    folder = Path(settings.BACKUP_FOLDER)
    try:
        if is_due(last_made_at(folder), settings.BACKUP_AT, timezone.now(), timezone.get_default_timezone()):
            make_backup(folder)
            remove_old(folder, settings.BACKUPS_KEPT)
    finally:
        if not connection.in_atomic_block:
            close_old_connections()


@app.periodic(cron="7 8 * * *")
@app.task(name="operations.warn_of_backups", queueing_lock="warn_of_backups")
def warn_of_backups(timestamp: int) -> None:
    """Every morning: tell the operator when the last good backup is too old."""
    warn_if_late(timezone.now())
