"""Tokens with which booking systems push to the practice's video side (PUSH-1)."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.practice.models import VideoToken
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.video.errors import TokenNameTaken
from sprechzeit.video.policy import get_token

# So that one who finds it somewhere, or a scanner of secrets, knows what it is.
PREFIX = "szv_"
# Every use is counted (limits); noted it is so often, since each note is a line of the log.
NOTED_AFTER = timedelta(hours=1)


def _secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


@action
def make_token(actor: Actor, name: str, *, token_id: UUID) -> str:
    """A token more; returns its secret of 256 bits, of which the hash alone is kept: nobody can show it again.

    Raises `NotAllowed`, `TokenNameTaken`.
    """
    require(may_change_practice(actor) and actor.kind is ActorKind.MEMBER, NotAllowed)
    secret = _secret()
    with refused_by("video_token_name_once", TokenNameTaken):
        VideoToken.objects.create(
            id=token_id,
            practice_id=actor.practice_id,
            name=name,
            token_hash=token_hash(secret),
            made_by_id=actor.identity,
        )
    return secret


@action
def renew_token(actor: Actor, token_id: UUID) -> str:
    """Another secret for the same booking system, which keeps what it pushed; the former one opens nothing any more.

    Raises `NotFound` for who does not give tokens, and for one that is revoked.
    """
    found = get_token(actor, token_id)
    require(found.revoked_at is None, NotFound)
    secret = _secret()
    VideoToken.objects.filter(pk=found.pk).update(token_hash=token_hash(secret))
    return secret


@action
def replace_token(actor: Actor, token_id: UUID, name: str) -> str:
    """A new token for a booking system that had another one, revoked or not: it keeps what it pushed, so that nothing
    of it is entered a second time. The former secret opens nothing any more.

    Raises `NotFound` for who does not give tokens, and `TokenNameTaken`.
    """
    found = get_token(actor, token_id)
    secret = _secret()
    with refused_by("video_token_name_once", TokenNameTaken):
        VideoToken.objects.filter(pk=found.pk).update(name=name, token_hash=token_hash(secret), revoked_at=None)
    return secret


@action
def revoke_token(actor: Actor, token_id: UUID) -> VideoToken:
    """From the next call on it opens nothing, and does not come back. What was pushed with it stays, for a token that
    takes its place (`replace_token`).

    Once more it changes nothing. Raises `NotFound` for who does not give tokens, too.
    """
    found = get_token(actor, token_id)
    VideoToken.objects.filter(pk=found.pk, revoked_at=None).update(revoked_at=timezone.now())
    found.refresh_from_db()
    return found


@action
def note_use(actor: Actor) -> None:
    """That the token is in use. Raises `NotAllowed` for who does not come by one."""
    require(actor.kind is ActorKind.VIDEO, NotAllowed)
    now = timezone.now()
    own = VideoToken.objects.filter(practice_id=actor.practice_id, pk=actor.identity)
    own.exclude(last_used_at__gt=now - NOTED_AFTER).update(last_used_at=now)
