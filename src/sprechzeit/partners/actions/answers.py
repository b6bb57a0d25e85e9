"""A call that is repeated with its key changes nothing and is answered the same (OTV-6)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.crypto import pseudonym, token_hash
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import fetch
from sprechzeit.practice.once import KeyReused

_NOTE = (
    "INSERT INTO partners_answer (id, practice_id, partner_id, key, asked, status, body, created_at) "
    "VALUES (%s, %s, %s, %s, %s, 0, '', now()) ON CONFLICT (practice_id, partner_id, key) DO NOTHING RETURNING id"
)
_FORMER = "SELECT asked, status, body FROM partners_answer WHERE practice_id = %s AND partner_id = %s AND key = %s"
_ANSWERED = "UPDATE partners_answer SET status = %s, body = %s WHERE practice_id = %s AND id = %s RETURNING id"


@dataclass(frozen=True, slots=True)
class Told:
    """What a call is answered: HTTP status, and the bytes of the body."""

    status: int
    body: bytes


@action
def answer_once(actor: Actor, key: str, asked: str, make: Callable[[], Told]) -> Told:
    """What the partner's first call with this key was answered; `make()` does what it asks for, once.

    Calls with the same key wait for one another. The answer stands in the transaction of the change: either both are
    there or neither, whenever the program is killed. What `make` raises leaves nothing, so that the key may be tried
    again; a refusal that is to be answered again the same way it returns. Raises `NotAllowed` for who is no partner,
    and `KeyReused` when the first call with the key asked for something else.
    """
    require(actor.kind is ActorKind.PARTNER, NotAllowed)
    whose = [actor.practice_id, actor.identity, token_hash(key)]
    digest = pseudonym("partner-call", asked)  # What was asked is guessable: a name, a time.
    noted = fetch(*planned(_NOTE, [new_id(), *whose, digest]))
    if not noted:
        ((former, status, body),) = fetch(*planned(_FORMER, whose))
        if bytes(former) != digest:
            raise KeyReused(
                _("This Idempotency-Key was used before for another call. Use a new key for every new call.")
            )
        return Told(status, bytes(body))
    told = make()
    fetch(*planned(_ANSWERED, [told.status, told.body, actor.practice_id, noted[0][0]]))
    return told
