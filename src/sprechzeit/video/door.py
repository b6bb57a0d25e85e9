"""The door for booking systems: by which token a call comes, and every refusal in problems (PUSH-1, VID-1).

In this order: size, token, limits, media type; then the operation, acting as the token in one transaction that is
repeated on a deadlock. The token is read anew for every call: what is revoked is dead at the next. What is refused
stands in the practice's log where the token is known, else in the program's.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from sprechzeit.access.actor import Actor, video_token
from sprechzeit.audit.queries import log_refused
from sprechzeit.core.acting import require, run_as
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.errors import DomainError, NotFound, TooMany
from sprechzeit.core.limits import Limit, address_of
from sprechzeit.core.problems import Away, BodyTooLarge, Failed, NoSuchMethod, WrongMediaType
from sprechzeit.practice.models import VideoToken
from sprechzeit.video.actions.tokens import NOTED_AFTER, note_use
from sprechzeit.video.answering import as_refusal, problem
from sprechzeit.video.errors import TokenUnknown
from sprechzeit.video.queries.visits import CALLS as CALLS_COUNTED

View = Callable[..., HttpResponse]
LARGEST_BODY = 64 * 1024
CALLS = Limit(CALLS_COUNTED, settings.VIDEO_CALLS_PER_MINUTE, 60)
# A secret of 256 bits is not guessed. It is the database that is spared.
STRANGERS = Limit("video-strangers", settings.VIDEO_CALLS_PER_MINUTE, 60)
# So many refusals of one kind stand in the log; a booking system that went wrong must not fill it.
NOTED = Limit("video-refusals", 30, 60)
log = logging.getLogger(__name__)


class _Known(NamedTuple):
    """Who has a token, and when its use was noted last."""

    actor: Actor
    used_at: datetime | None


class _TokenBearer:
    """A booking system, by a token of the practice that is not revoked."""

    def admit(self, request: HttpRequest) -> Actor:
        """As whom it acts. Raises what the call is refused with."""
        require(int(request.META.get("CONTENT_LENGTH") or 0) <= LARGEST_BODY, BodyTooLarge)
        known = _known(request)
        if known is None:
            STRANGERS.attempt(address_of(request))
            raise TokenUnknown
        actor = request.actor = known.actor  # type: ignore[attr-defined]  # an ActorRequest from here on
        CALLS.attempt(str(actor.identity))
        # What comes in pieces says no length beforehand.
        require(len(request.body) <= LARGEST_BODY, BodyTooLarge)
        require(not request.body or request.content_type == "application/json", WrongMediaType)
        if known.used_at is None or known.used_at < timezone.now() - NOTED_AFTER + timedelta(seconds=1):
            run_as(actor, lambda: note_use(actor))
        return actor


TokenBearer = _TokenBearer()


def through_door(view: View) -> View:
    """Let calls with a token come to an operation, and answer in problems what it refuses."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        try:
            actor = TokenBearer.admit(request)
            response = run_as(actor, lambda: view(request, **arguments))
            if refusal := getattr(response, "refused_with", None):
                # Kept with the call's key and so not raised.
                _refused(request, refusal)
            if response.status_code == 405:
                allow, response = response["Allow"], problem(NoSuchMethod())
                response["Allow"] = allow
        except Exception as error:  # and tells none of their text
            response = problem(_refused(request, error))
        response["Cache-Control"] = "no-store"
        return response

    guarded.visitor = TokenBearer  # type: ignore[attr-defined]  # the walk over all addresses reads it
    return guarded


@through_door
def no_such_address(request: HttpRequest) -> HttpResponse:
    """Whatever else is asked for below the interface's address."""
    raise NotFound


def _known(request: HttpRequest) -> _Known | None:
    """Whose token the call has (RFC 6750 2.1); None for none that is good."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT practice_id, token_id, used_at FROM video_token(%s)", [token_hash(secret.strip())])
        row = cursor.fetchone()
    return None if row is None else _Known(video_token(row[0], row[1]), row[2])


def _refused(request: HttpRequest, error: Exception) -> DomainError:
    """The refusal that an exception is told as, and where it is noted."""
    refusal = as_refusal(error)
    if isinstance(refusal, Failed | Away):
        log.error("a call of a booking system failed", exc_info=error)
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        log.warning("a call without a good token was refused: %s", refusal.code)
    elif not isinstance(refusal, Away):
        try:
            run_as(actor, lambda: _note(actor, refusal))
        except DatabaseError:
            log.exception("a refusal could not be noted: %s", refusal.code)
    return refusal


def _note(actor: Actor, refusal: DomainError) -> None:
    try:
        NOTED.attempt(f"{actor.identity} {refusal.code}")
    except TooMany:
        return
    log_refused(actor, actor.practice_id, VideoToken._meta.db_table, actor.identity, {"code": refusal.code})
