"""Idempotency: a call repeated with its key changes nothing and is answered the same (BOO-7, OTV-6)."""

from collections.abc import Callable
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action
from sprechzeit.core.crypto import pseudonym, token_hash
from sprechzeit.core.errors import DomainError
from sprechzeit.core.ids import new_id
from sprechzeit.core.plans import planned
from sprechzeit.practice.models import IdempotencyKey

SHORTEST_KEY, LONGEST_KEY = 20, 80
_NOTE = (
    "INSERT INTO practice_idempotencykey (id, practice_id, scope, key, asked, result_id, created_at) "
    "VALUES (%s, %s, %s, %s, %s, %s, now()) ON CONFLICT (practice_id, scope, key) DO NOTHING"
)


class KeyReused(DomainError):
    """The key was used before for something else."""

    code = "idempotency_key_reused"
    status = 422
    message = _("This form was already sent with other contents. Please start again.")


def is_form_key(key: str) -> bool:
    """Whether it may have come with a form: one that is empty, or guessed, would make the forms of many one."""
    return SHORTEST_KEY <= len(key) <= LONGEST_KEY


@action
def once(actor: Actor, scope: str, key: str, asked: str, make: Callable[[UUID], None]) -> UUID:
    """The id of what `key` made: by `make(id)` now, or by the first call with this key, for which others wait.

    A refusal raised by `make` keeps nothing, so the key may be tried again. Raises `KeyReused` when the first call
    asked for something else.
    """
    result_id = new_id()
    digest = pseudonym("idempotency", asked)  # What was asked is guessable: a name, a time.
    with connection.cursor() as cursor:
        cursor.execute(*planned(_NOTE, [new_id(), actor.practice_id, scope, token_hash(key), digest, result_id]))
        if cursor.rowcount == 0:
            cursor.execute(
                "SELECT result_id, asked FROM practice_idempotencykey "
                "WHERE practice_id = %s AND scope = %s AND key = %s",
                [actor.practice_id, scope, token_hash(key)],
            )
            former_id, former_asked = cursor.fetchone()
            if bytes(former_asked) != digest:
                raise KeyReused
            answer: UUID = former_id
            return answer
    make(result_id)
    return result_id


@action
def forget_key(actor: Actor, scope: str, key: str) -> None:
    """What the key made is no more: it may make something again."""
    IdempotencyKey.objects.filter(practice_id=actor.practice_id, scope=scope, key=token_hash(key)).delete()
