"""The test message of a practice's SMS gateway (NOT-1)."""

from uuid import UUID

from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor, system
from sprechzeit.core.acting import run_as
from sprechzeit.core.jobs import job
from sprechzeit.messages.gates import gate_of
from sprechzeit.messages.sms import NotTaken, Sms
from sprechzeit.messages.texts import in_language
from sprechzeit.practice.actions.sms import mark_test
from sprechzeit.practice.models import SmsGateway
from sprechzeit.practice.queries import gateway_of, practice_of


@job(subject="test_id")
def send_test_sms(attempts: int, *, practice_id: str, test_id: str) -> None:
    """Tried once: who pressed the button looks at what became of it."""
    actor, key = system(UUID(practice_id)), UUID(test_id)

    def prepare() -> Sms | None:
        gateway, practice = gateway_of(actor), practice_of(actor)
        if gateway is None or gateway.test_id != key or gateway.test_result:
            return None
        with in_language(practice.language):
            text = _("%(practice)s: this is a test of your SMS gateway. It works.") % {"practice": practice.shown_name}
        return Sms(f"test-{key}", gateway.test_number, text)

    sms = run_as(actor, prepare)
    if sms is not None:
        result = _tried(actor, sms)
        run_as(actor, lambda: mark_test(actor, key, result))


def _tried(actor: Actor, sms: Sms) -> str:
    try:
        run_as(actor, lambda: gate_of(actor, even_off=True)).send(sms)
    except NotTaken as error:
        return error.code
    return SmsGateway.TAKEN
