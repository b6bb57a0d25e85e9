"""What the video side does by the clock."""

from functools import partial

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app

from sprechzeit.access.actor import system
from sprechzeit.audit.jobs import all_practices
from sprechzeit.core.acting import run_as
from sprechzeit.video.actions.seats import forget_old_seats


@app.periodic(cron="11 * * * *")
@app.task(name="video.forget_seats", queueing_lock="video_forget_seats")
def forget_seats(timestamp: int) -> None:
    """Delete what pages told each other that were left open, or closed without a word."""
    try:
        for practice_id in all_practices():
            actor = system(practice_id)
            run_as(actor, partial(forget_old_seats, actor))
    finally:
        if not connection.in_atomic_block:
            close_old_connections()
