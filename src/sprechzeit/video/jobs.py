"""What the video side does by the clock."""

from functools import partial

from procrastinate.contrib.django import app

from sprechzeit.audit.jobs import each_practice
from sprechzeit.core.acting import run_as
from sprechzeit.video.actions.seats import forget_old_seats


@app.periodic(cron="11 * * * *")
@app.task(name="video.forget_seats", queueing_lock="video_forget_seats")
def forget_seats(timestamp: int) -> None:
    """Delete what pages told each other that were left open, or closed without a word."""
    each_practice(lambda actor: run_as(actor, partial(forget_old_seats, actor)), f"seats:{timestamp}")
