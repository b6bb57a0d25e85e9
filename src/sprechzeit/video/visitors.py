"""The patient at a consultation's link: whoever has it, and whoever has typed its TAN as well (VID-3)."""

from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import connection
from django.http import HttpRequest, HttpResponse

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.errors import NotFound

COOKIE = "consultation"
# A long consultation, all the time that its link is good, and a call that goes on after that (opening.py: GOES_ON): who
# is no guest any more loses the line in the middle of it.
COOKIE_SECONDS = 12 * 3600
_SALT = "consultation"


def joiner_of(link: str) -> Actor:
    """Who has a link. Raises `NotFound` for one that is none of ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT practice_id, video_id FROM video_by_hash(%s)", [token_hash(link)])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    practice_id, video_id = row
    return Actor(ActorKind.LINK, (practice_id,), Role.LINK, video_id)


def guest_of(link: str, cookie: str) -> Actor:
    """Who has typed the TAN at a link, in the last hours and in this browser. Raises `NotFound`."""
    found = joiner_of(link)
    if not is_proven(found, cookie):
        raise NotFound
    return found


def is_proven(joiner: Actor, cookie: str) -> bool:
    """Whether the cookie says that the TAN of this very link was typed."""
    try:
        signed: str = TimestampSigner(salt=_SALT).unsign(cookie, max_age=COOKIE_SECONDS)
    except BadSignature:
        return False
    return signed == str(joiner.identity)


def remember(response: HttpResponse, joiner: Actor, path: str) -> None:
    """Have the browser remember that the TAN was typed, for the pages of this link alone."""
    response.set_cookie(
        COOKIE,
        TimestampSigner(salt=_SALT).sign(str(joiner.identity)),
        max_age=COOKIE_SECONDS,
        path=path,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


class _Joiner:
    """Whoever has the secret of a consultation's link; a link that is none of ours is as none."""

    def admit(self, request: HttpRequest, arguments: dict[str, Any]) -> Actor:
        return joiner_of(arguments["link"])


class _Guest:
    """The same, who has typed the TAN."""

    def admit(self, request: HttpRequest, arguments: dict[str, Any]) -> Actor:
        return guest_of(arguments["link"], request.COOKIES.get(COOKIE, ""))


Joiner, Guest = _Joiner(), _Guest()
