"""What the program does for itself, by the clock."""

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management import call_command
from django.db import close_old_connections, connection
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from sprechzeit.audit.jobs import each_practice
from sprechzeit.core.acting import run_as
from sprechzeit.core.jobs import job
from sprechzeit.core.limits import forget_old_windows
from sprechzeit.core.mail import forget_mail_files
from sprechzeit.operations.actions import forget_old_backups
from sprechzeit.operations.backup.late import remember, warn_if_late
from sprechzeit.operations.backup.make import make_backup
from sprechzeit.operations.backup.schedule import is_due, last_made_at, remove_old
from sprechzeit.operations.backup.targets import by_the_clock
from sprechzeit.operations.personal.making import make_personal_backup

# A worker says that it lives every few seconds; after this long it is dead and its jobs go back.
DEAD_AFTER_SECONDS = 30


@app.periodic(cron="* * * * *")
@app.task(name="operations.put_back_stalled_jobs", queueing_lock="put_back_stalled_jobs", pass_context=True)
async def put_back_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Put back what a killed worker was at (architecture §6)."""
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        try:
            await manager.retry_job(stalled, retry_at=datetime.now(UTC))
        except UniqueViolation:
            # The next one of its kind is in the queue already, and may wait for this one to end: it does the same.
            await manager.finish_job(stalled, Status.ABORTED, delete_job=True)


@app.periodic(cron="17 3 * * *")
@app.task(name="operations.tidy_up", queueing_lock="tidy_up", pass_context=True)
async def tidy_up(context: JobContext, timestamp: int) -> None:
    """Every night: forget what is nobody's and was kept for a short time, and jobs that are long done."""
    await sync_to_async(forget)()
    await context.app.job_manager.delete_old_jobs(nb_hours=24 * 7, include_failed=False, include_cancelled=True)


def forget() -> None:
    """Old limits, sessions, cached counts, and mails that became files. What is a practice's: privacy/jobs.py."""
    forget_old_windows()
    call_command("clearsessions")
    forget_mail_files(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_cache WHERE expires < now()")


@app.periodic(cron="*/10 * * * *")
@app.task(name="operations.back_up", queueing_lock="back_up", lock="back_up")
def back_up(timestamp: int) -> None:
    """A backup a day at the set time, if a place for it is set; missed or failed, it is tried again (OPS-21)."""
    target = by_the_clock()
    if target is None:
        return
    try:
        last = last_made_at(target)
        if is_due(last, settings.BACKUP_AT, timezone.now(), timezone.get_default_timezone()):
            make_backup(target)
            # There is a new one, whether the storage lets go of old ones or has them locked.
            remember(last_made_at(target))
            remove_old(target, settings.BACKUPS_KEPT)
        else:
            remember(last)
    finally:
        if not connection.in_atomic_block:
            close_old_connections()


@job(subject="backup_id")
def make_backup_of_member(attempts: int, *, practice_id: str, backup_id: str) -> None:
    """All that a member can see, for a day (OPS-20)."""
    make_personal_backup(UUID(practice_id), UUID(backup_id))


@app.periodic(cron="*/15 * * * *")
@app.task(name="operations.forget_personal_backups", queueing_lock="forget_personal_backups")
def forget_personal_backups(timestamp: int) -> None:
    """Delete the archives whose day is over."""
    each_practice(lambda actor: run_as(actor, partial(forget_old_backups, actor)), f"personal backups:{timestamp}")


@app.periodic(cron="7 8 * * *")
@app.task(name="operations.warn_of_backups", queueing_lock="warn_of_backups")
def warn_of_backups(timestamp: int) -> None:
    """Every morning: tell the operator when the last good backup is too old."""
    warn_if_late(timezone.now())
