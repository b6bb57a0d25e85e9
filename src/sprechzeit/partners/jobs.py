"""What follows and what is done by the clock: telling partners of events, forgetting nonces.

The database is not kept waiting for a partner: no transaction is open while it answers.
"""

from functools import partial
from uuid import UUID

from django.conf import settings
from procrastinate.contrib.django import app

from sprechzeit.access.actor import system
from sprechzeit.audit.jobs import each_practice
from sprechzeit.core.acting import run_as
from sprechzeit.core.calls import Answer, NotReached, post
from sprechzeit.core.jobs import NotYet, is_last_attempt, job, wait_after
from sprechzeit.partners.actions.deliveries import begin_delivery, mark_attempt, mark_delivered, switch_off
from sprechzeit.partners.actions.signing import forget_nonces
from sprechzeit.partners.models import Delivery

SECONDS = 10
"""In which a partner has to answer. So long it may hold one of the queue's slots."""

OK, REDIRECTS, GONE = range(200, 300), range(300, 400), 410
ASKS_TO_WAIT = (429, 503)


@job(subject="webhook_of", queue="webhooks")
def deliver(attempts: int, *, practice_id: str, webhook_of: str, delivery_id: str) -> None:
    """Send an event to its partner's address, and mark it. Killed between the two it is sent again, with the same id.

    Those of one appointment (`webhook_of`) go one after another.
    """
    actor, due = system(UUID(practice_id)), UUID(delivery_id)
    letter = run_as(actor, lambda: begin_delivery(actor, due))
    if letter is None:
        return
    answer: Answer | NotReached
    try:
        answer = post(letter.url, letter.body, letter.headers, seconds=SECONDS, named=settings.WEBHOOK_NETWORKS)
    except NotReached as error:
        answer = error
    if isinstance(answer, Answer) and answer.status in OK:
        run_as(actor, lambda: mark_delivered(actor, due, answer.status))
    elif isinstance(answer, Answer) and answer.status == GONE:
        run_as(actor, lambda: switch_off(actor, due, letter.url, answer.status))
    else:
        _not_yet(attempts, UUID(practice_id), due, answer)


def _not_yet(attempts: int, practice_id: UUID, due: UUID, answer: Answer | NotReached) -> None:
    """Mark the attempt. Raises `NotYet`, by which it is tried again."""
    actor, status, why, asked = system(practice_id), None, Delivery.Why.REFUSED.value, NotYet("").after
    if isinstance(answer, NotReached):
        why = answer.code
    else:
        status = answer.status
        why = Delivery.Why.REDIRECT.value if status in REDIRECTS else why
        asked = answer.later if status in ASKS_TO_WAIT else asked
    again_in = None if is_last_attempt(attempts) else wait_after(attempts, asked)
    is_due_again = run_as(actor, lambda: mark_attempt(actor, due, why, status=status, again_in=again_in))
    if is_due_again or again_in is None:
        raise NotYet(why, asked)


@app.periodic(cron="*/10 * * * *")
@app.task(name="partners.forget_nonces", queueing_lock="forget_nonces")
def forget_used_nonces(timestamp: int) -> None:
    """Every ten minutes: nonces whose signatures are too old by now (OTV-2)."""
    each_practice(lambda actor: run_as(actor, partial(forget_nonces, actor)), f"nonces:{timestamp}")
