"""The door for booking portals: who signs a call, whether they may come in, and every answer signed (OTV-1…3, 10, 12).

In this order: size, signature, key and partner, licence, nonce, limits; then the operation, acting as the partner in
one transaction that is repeated on a deadlock. Key and partner are read anew for every call: what is revoked is dead at
the next. What is refused stands in the practice's log where the partner is known, else in the program's.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from django.views.decorators.csrf import csrf_exempt

from sprechzeit.access.actor import Actor, partner, system
from sprechzeit.audit.queries import log_refused
from sprechzeit.core.acting import acting, require, run_as
from sprechzeit.core.errors import DomainError, NotFound, TooMany
from sprechzeit.core.licence import OTV, require_licence
from sprechzeit.core.limits import Limit
from sprechzeit.partners import errors
from sprechzeit.partners.actions.signing import have_signing_key, use_nonce
from sprechzeit.partners.policy import signing_key_now
from sprechzeit.partners.problems import as_refusal, problem
from sprechzeit.partners.signing import Call, Claim, claim_of, private_key, prove, public_key, signature_headers
from sprechzeit.practice.models import Partner
from sprechzeit.practice.partner_page import CALLS as CALLS_COUNTED

View = Callable[..., HttpResponse]
LARGEST_BODY = 64 * 1024
READING = ("GET", "HEAD", "OPTIONS")
MATCHING = "/patients/match"
CALLS = Limit(CALLS_COUNTED, settings.PARTNER_CALLS_PER_MINUTE, 60)
WRITES = Limit("partner-writes", settings.PARTNER_WRITES_PER_MINUTE, 60)
MATCHES = Limit("partner-matches", settings.PARTNER_MATCHES_PER_MINUTE, 60)
# So many refusals of one kind stand in the log; a portal that went wrong must not fill it.
NOTED = Limit("partner-refusals", 30, 60)
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Key:
    """A partner's key as the database has it now."""

    actor: Actor
    key_id: UUID
    public_key: str
    trouble: str


@dataclass(frozen=True, slots=True)
class _Signs:
    """The practice's key that signs the answer, opened."""

    reference: str
    private_key: str


@dataclass(slots=True)
class _Visit:
    """What is known of a call so far. `signs`: the practice's key, once the partner's signature is proved."""

    request: HttpRequest
    call: Call | None = None
    claim: Claim | None = None
    key: _Key | None = None
    proved: bool = False
    signs: _Signs | None = None


class _SignedPartner:
    """A partner that signed the call with a key of its practice's (OTV-2)."""

    def admit(self, visit: _Visit) -> Actor:
        """The partner's service user. Raises what the call is refused with."""
        call = visit.call = _call_of(visit.request)
        claim = visit.claim = claim_of(call)
        key = visit.key = _key_named(claim.key)
        prove(call, claim, public_key(key.public_key) if key else None)
        if key is None:
            raise errors.SignatureWrong
        visit.proved = True
        if key.trouble:
            raise errors.TROUBLES[key.trouble]
        require_licence(OTV)
        visit.signs = run_as(key.actor, lambda: _use(key, claim))
        _count(visit.request, key.actor)
        require(not call.body or visit.request.content_type == "application/json", errors.WrongMediaType)
        return key.actor


SignedPartner = _SignedPartner()


def through_door(view: View) -> View:
    """Let signed calls of partners come to an operation, answer in problems what it refuses, and sign every answer."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        visit = _Visit(request)
        try:
            actor = SignedPartner.admit(visit)
            request.actor = actor  # type: ignore[attr-defined]  # an ActorRequest from here on
            response = run_as(actor, lambda: view(request, **arguments))
            if refusal := getattr(response, "refused_with", None):
                # Kept with the call's key and so not raised. Answered is what was kept.
                _refused(visit, refusal)
            if response.status_code == 405:
                response = _with_allow(problem(errors.NoSuchMethod()), response["Allow"])
        except Exception as error:  # and tells none of their text
            response = _refused(visit, error)
        return _signed(visit, response)

    guarded.visitor = SignedPartner  # type: ignore[attr-defined]  # the walk over all addresses reads it
    return guarded


@through_door
def no_such_address(request: HttpRequest) -> HttpResponse:
    """Whatever else is asked for below the interface's address."""
    raise NotFound


def _call_of(request: HttpRequest) -> Call:
    """The call as it was signed. Raises `BodyTooLarge`."""
    # What comes in pieces says no length beforehand.
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY or len(request.body) > LARGEST_BODY:
        raise errors.BodyTooLarge
    scheme = "https" if settings.SECURE else "http"
    query = request.META.get("QUERY_STRING", "")
    path = request.META.get("sprechzeit.path") or escape_uri_path(request.path)
    url = f"{scheme}://{request.get_host()}{path}" + (f"?{query}" if query else "")
    headers = dict(request.headers)
    if kind := request.META.get("sprechzeit.content_type"):
        headers["Content-Type"] = kind
    return Call(request.method or "", url, headers, request.body)


def _key_named(reference: str) -> _Key | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT practice_id, partner_id, key_id, public_key, trouble FROM partner_key(%s)", [reference])
        row = cursor.fetchone()
    return None if row is None else _Key(partner(row[0], row[1]), *row[2:])


def _use(key: _Key, claim: Claim) -> _Signs:
    use_nonce(key.actor, key.key_id, claim.nonce)
    return _signing_key(key.actor)


def _signing_key(actor: Actor) -> _Signs:
    """What the practice signs with now; made at the first call of its first partner."""
    found = signing_key_now(actor)
    if found is None:
        program = system(actor.practice_id)
        with acting(program):
            found = have_signing_key(program)
    return _Signs(found.reference, found.private_key)


def _count(request: HttpRequest, actor: Actor) -> None:
    """Raises `TooManyCalls`."""
    limits = [CALLS]
    if request.path.endswith(MATCHING):
        limits.append(MATCHES)
    elif request.method not in READING:
        limits.append(WRITES)
    try:
        for one in limits:
            one.attempt(str(actor.identity))
    except TooMany as error:
        raise errors.TooManyCalls(error.retry_after) from error


def _refused(visit: _Visit, error: Exception) -> HttpResponse:
    """The problem that an exception is told as, and where it is noted."""
    refusal = as_refusal(error)
    if isinstance(refusal, errors.Failed | errors.Away):
        log.error("a call of a partner failed", exc_info=error)
    if visit.key is None:
        log.warning("a call of nobody we know was refused: %s", refusal.code)
    elif not isinstance(refusal, errors.Away):
        try:
            visit.signs = run_as(visit.key.actor, lambda: _note(visit, visit.key, refusal))  # type: ignore[arg-type]  # it is there
        except DatabaseError:
            log.exception("a refusal could not be noted: %s", refusal.code)
    return problem(refusal)


def _note(visit: _Visit, key: _Key, refusal: DomainError) -> _Signs | None:
    """Into the practice's log; and the key to sign the answer with, for who has proved to be the partner."""
    try:
        NOTED.attempt(f"{key.actor.identity} {refusal.code}")
    except TooMany:
        pass
    else:
        facts = {"code": refusal.code, "key": visit.claim.key if visit.claim else ""}
        log_refused(key.actor, key.actor.practice_id, Partner._meta.db_table, key.actor.identity, facts)
    return visit.signs or (_signing_key(key.actor) if visit.proved else None)


def _signed(visit: _Visit, response: HttpResponse) -> HttpResponse:
    """With what every answer has, and the practice's signature for who has proved to be a partner of it."""
    response["Cache-Control"] = "no-store"
    if visit.signs is not None and visit.call is not None and visit.claim is not None:
        content_type = response.get("Content-Type", "")
        if not response.content:
            del response["Content-Type"]
        key = private_key(visit.signs.private_key)
        for name, value in signature_headers(
            response.status_code, content_type, response.content, visit.call, visit.claim,
            reference=visit.signs.reference, key=key,
        ).items():  # fmt: skip
            response[name] = value
    return response


def _with_allow(response: HttpResponse, allow: str) -> HttpResponse:
    response["Allow"] = allow
    return response
