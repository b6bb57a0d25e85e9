"""A call that is repeated with its key changes nothing and is answered the same (VID-1)."""

from collections.abc import Callable
from dataclasses import dataclass

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.crypto import pseudonym, token_hash
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id
from sprechzeit.core.rows import fetch
from sprechzeit.video.errors import PushKeyReused
from sprechzeit.video.models import Answer

_NOTE = (
    "INSERT INTO video_answer (id, practice_id, token_id, key, asked, status, created_at) "
    "VALUES (%s, %s, %s, %s, %s, 0, now()) ON CONFLICT (practice_id, token_id, key) DO NOTHING RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a call is answered: HTTP status, and the body."""

    status: int
    body: str


@action
def answer_once(actor: Actor, key: str, asked: str, make: Callable[[], Told]) -> Told:
    """What the first call with this key was answered; `make()` does what it asks for, once.

    Calls with the same key wait for one another. The answer stands in the transaction of the change: either both are
    there or neither, whenever the program is killed. What `make` raises leaves nothing, so that the key may be tried
    again. Raises `NotAllowed` for who does not come by a token, and `PushKeyReused` when the first call with the key
    asked for something else.
    """
    require(actor.kind is ActorKind.VIDEO, NotAllowed)
    whose, digest = token_hash(key), pseudonym("video-call", asked)  # What was asked is guessable: a name, a time.
    noted = fetch(_NOTE, [new_id(), actor.practice_id, actor.identity, whose, digest])
    answers = Answer.objects.filter(practice_id=actor.practice_id, token_id=actor.identity)
    if not noted:
        former = answers.get(key=whose)
        require(bytes(former.asked) == digest, PushKeyReused)
        return Told(former.status, former.body or "")
    told = make()
    answer = answers.get(pk=noted[0][0])
    answer.status, answer.body = told.status, told.body
    answer.save(update_fields=["status", "body"])
    return told
