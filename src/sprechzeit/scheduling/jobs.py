"""What follows for the appointment book from what happens elsewhere."""

import time
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from procrastinate.contrib.django import app

from sprechzeit.access.actor import Actor, system
from sprechzeit.audit.jobs import each_practice
from sprechzeit.core.acting import run_as
from sprechzeit.core.jobs import job
from sprechzeit.core.mail import send
from sprechzeit.scheduling.actions.next_free import (
    kept_of_practitioner,
    mark_all_next_free,
    mark_expired_holds,
    mark_next_free,
    refresh_next_free,
    settle_next_free,
)
from sprechzeit.scheduling.actions.settings import announce_books
from sprechzeit.scheduling.month_mail import mails_of_month

# Longer than any change of a calendar takes; what is not done by then the clock brings again.
LONGEST_SECONDS, PAUSE_SECONDS = 120, 0.05
CLOCK_MINUTES, NIGHT_HOUR = 5, 1


@job(subject="practice_id")
def refresh_books(attempts: int, *, practice_id: str) -> None:
    """The name of a room stands in many columns: open books fetch all of theirs anew (CAL-14)."""
    actor = system(UUID(practice_id))
    run_as(actor, lambda: announce_books(actor))


@job(subject="practice_id")
def keep_next_free(attempts: int, *, practice_id: str) -> None:
    """The kept next free times that a change put out of date. The database defers it with the change (CAL-11)."""
    actor = system(UUID(practice_id))
    run_as(actor, partial(settle_next_free, actor))
    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        due, done = run_as(actor, partial(refresh_next_free, actor))
        if not due:
            return
        if done < due:
            # Somebody is changing one of these calendars just now.
            time.sleep(PAUSE_SECONDS)


@job(subject="practice_id")
def month_turned(attempts: int, *, practice_id: str, practitioner: str) -> None:
    """A practitioner's month is full, or has room again: their kept times are wrong. The database defers it."""
    actor = system(UUID(practice_id))
    left = run_as(actor, partial(kept_of_practitioner, actor, UUID(practitioner)))
    until = time.monotonic() + LONGEST_SECONDS
    while left and time.monotonic() < until:
        left -= run_as(actor, partial(mark_next_free, actor, left))
        if left:
            time.sleep(PAUSE_SECONDS)
    keep_next_free.work(attempts, practice_id=practice_id)


@job(subject="notice_id")
def tell_of_month(attempts: int, *, practice_id: str, notice_id: str) -> None:
    """The administrators hear that a practitioner's month is nearly full. The database defers it (PLAN-3)."""
    actor = system(UUID(practice_id))
    for mail in run_as(actor, lambda: mails_of_month(actor, UUID(notice_id))):
        send(mail)


@app.periodic(cron="*/5 * * * *")
@app.task(name="scheduling.follow_the_clock", queueing_lock="follow_the_clock")
def follow_the_clock(timestamp: int) -> None:
    """What no change tells: times that came too near, holds that expired; at night everything, and who keeps at all."""
    at_night = datetime.fromtimestamp(timestamp, UTC).hour == NIGHT_HOUR and timestamp // 60 % 60 < CLOCK_MINUTES
    marks = (mark_expired_holds, *([mark_all_next_free] if at_night else []))

    def follow(actor: Actor) -> None:
        for mark in marks:
            run_as(actor, partial(mark, actor))
        keep_next_free.work(0, practice_id=str(actor.practice_id))

    each_practice(follow, f"clock:{timestamp}")
