"""What the interface for partners needs done by the clock."""

from functools import partial

from procrastinate.contrib.django import app

from sprechzeit.access.actor import system
from sprechzeit.audit.jobs import all_practices
from sprechzeit.core.acting import run_as
from sprechzeit.partners.actions.signing import forget_nonces


@app.periodic(cron="*/10 * * * *")
@app.task(name="partners.forget_nonces", queueing_lock="forget_nonces")
def forget_used_nonces(timestamp: int) -> None:
    """Every ten minutes: nonces whose signatures are too old by now (OTV-2)."""
    for practice_id in all_practices():
        actor = system(practice_id)
        run_as(actor, partial(forget_nonces, actor))
