"""Which gateway takes the practice's SMS."""

from base64 import b64encode

from django.conf import settings

from sprechzeit.access.actor import Actor
from sprechzeit.messages.sms import HttpGate, NotTaken, SmsGate
from sprechzeit.practice.models import SmsGateway
from sprechzeit.practice.queries import gateway_of


def gate_of(actor: Actor, *, even_off: bool = False) -> SmsGate:
    """The practice's gateway, ready to be called outside of a transaction. `even_off`: to try it first.

    Raises `NotTaken` where there is none, or it is switched off: an SMS that waits goes when it is on again.
    """
    found = gateway_of(actor)
    if found is None or not (found.is_on or even_off):
        raise NotTaken("off")
    fields = (found.number_field, found.text_field, found.sender_field)
    return HttpGate(found.url, _sign_in(found), found.sender, fields, settings.WEBHOOK_NETWORKS)


def _sign_in(gateway: SmsGateway) -> dict[str, str]:
    """The header with the token; of Basic it is 'name:password' (RFC 7617)."""
    token = gateway.token
    if not token:
        return {}
    match gateway.sign_in:
        case SmsGateway.SignIn.BASIC:
            return {"Authorization": f"Basic {b64encode(token.encode()).decode()}"}
        case SmsGateway.SignIn.API_KEY:
            return {"X-Api-Key": token}
        case _:
            return {"Authorization": f"Bearer {token}"}
