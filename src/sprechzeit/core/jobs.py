"""Jobs: procrastinate tasks with ids as arguments, a lock per subject, and retries with back-off."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import procrastinate
from django.db import close_old_connections, connection
from django.utils import timezone
from procrastinate.contrib.django import app

from sprechzeit.core.acting import request_id

# About a day in all (NOT-1): an outage overnight loses nothing.
WAITS_MINUTES = (1, 2, 5, 10, 20, 40, 60, 120, 180, 240, 360, 402)
LONGEST = timedelta(minutes=max(WAITS_MINUTES))

SLOTS = {"default": 4, "video_service": 4, "webhooks": 4}
"""The queues, and how many jobs of each a worker does at once. What asks machines of others has slots of its own:
however many of them do not answer, messages to people go out.
"""


class NotYet(Exception):
    """A job could not do it now. `after`: who was asked wants to be left alone so long at least."""

    def __init__(self, why: str, after: timedelta = timedelta(0)) -> None:
        super().__init__(why)
        self.after = after


def wait_after(attempts: int, at_least: timedelta = timedelta(0)) -> timedelta:
    """How long a job waits that was tried `attempts` times before and failed again; asked for more, not over `LONGEST`.

    Only where it is tried again at all (`is_last_attempt`).
    """
    return max(timedelta(minutes=WAITS_MINUTES[attempts]), min(at_least, LONGEST))


class OverADay(procrastinate.BaseRetryStrategy):
    """Try again after 1, 2, 5, … minutes, for 24 hours in all; then the job has failed and stays visible."""

    def get_retry_decision(self, *, exception: BaseException, job: procrastinate.jobs.Job) -> Any:
        if is_last_attempt(job.attempts):
            return None
        wanted = exception.after if isinstance(exception, NotYet) else timedelta(0)
        return procrastinate.RetryDecision(retry_at=timezone.now() + wait_after(job.attempts, wanted))


def is_last_attempt(attempts: int) -> bool:
    """Whether a job that was tried `attempts` times before is not tried again."""
    return attempts >= len(WAITS_MINUTES)


@dataclass(frozen=True)
class Job:
    """A job. `subject` names the argument whose jobs run one after another; those of a lower `priority` wait for all
    others of its `queue` that are due. `line`: they wait only for those of this line, not for all of the subject.
    """

    work: Callable[..., None]
    subject: str
    priority: int = 0
    line: str = ""
    queue: str = "default"
    task: Any = field(default=None, init=False)

    def __post_init__(self) -> None:
        def perform(context: procrastinate.JobContext, /, **arguments: str) -> None:
            token = request_id.set(f"job:{context.job.id}")
            try:
                self.work(context.job.attempts, **arguments)
            finally:
                request_id.reset(token)
                if not connection.in_atomic_block:
                    close_old_connections()

        name = f"{self.work.__module__.split('.')[1]}.{self.work.__name__}"
        task = app.task(name=name, queue=self.queue, pass_context=True, retry=OverADay())(perform)
        object.__setattr__(self, "task", task)

    def due(self, arguments: Mapping[str, str], *, after: timedelta = timedelta(0)) -> procrastinate.jobs.Job:
        """As it is to be deferred; `after`: how long it waits at least."""
        due: procrastinate.jobs.Job = self.task.configure(
            lock=f"{self.line or self.subject}:{arguments[self.subject]}",
            schedule_at=timezone.now() + after if after else None,
            priority=self.priority,
        ).make_new_job(**arguments)
        return due

    def follow(self, arguments: Mapping[str, str]) -> None:
        """Defer it, in the current transaction."""
        defer(self.due(arguments))


def defer(*due: procrastinate.jobs.Job) -> None:
    """Defer them in the current transaction, all by one statement."""
    if due:
        app.job_manager.batch_defer_jobs(jobs=list(due))


def job(
    *, subject: str, priority: int = 0, line: str = "", queue: str = "default"
) -> Callable[[Callable[..., None]], Job]:
    """Make `work(attempts, *, …ids)` a job. It opens `acting` itself, as long as it needs it and no longer."""

    def make(work: Callable[..., None]) -> Job:
        return Job(work, subject, priority, line, queue)

    return make
