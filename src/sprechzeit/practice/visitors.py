"""Who may come to which page. Every view says it: `@visitor(Staff)`; a test walks the whole table of URLs.

The decorator finds the actor, counts the attempt where there is a limit, and runs the view acting as them in one
transaction that is repeated on a deadlock.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers

from sprechzeit.access.actor import Actor, ActorKind, nobody
from sprechzeit.access.actor import visitor as visitor_of
from sprechzeit.access.table import Area, Role
from sprechzeit.accounts.models import User
from sprechzeit.accounts.sessions import CHOSEN
from sprechzeit.accounts.workplace import Workplace
from sprechzeit.core.acting import require, run_as
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.errors import DomainError, NotAllowed, NotFound
from sprechzeit.core.limits import Limit, address_of
from sprechzeit.practice.errors import FromElsewhere, NoPractice
from sprechzeit.ui.errors import refusal

# What a request is called by its address, where that names the practice (`practice/named.py`).
NAMED = "named_practice"


class ActorRequest(HttpRequest):
    """A request of somebody known."""

    actor: Actor


class Visitor(Protocol):
    """A kind of visitor: how the actor behind a request is found."""

    def admit(self, request: HttpRequest, arguments: dict[str, Any]) -> Actor | HttpResponse:
        """The actor, or the answer to somebody who is not let in. May raise a DomainError."""
        ...


class _Staff:
    """A signed-in member of the practice, or away to the sign-in page; `delegates`: or who has an access (ACC-20).

    Where the practice wants a second factor of the role, nothing of it opens before there is one (ACC-9). A page is
    for members unless it says that it is for delegates too.
    """

    def __init__(self, *, delegates: bool = False) -> None:
        self.delegates = delegates

    def admit(self, request: HttpRequest, arguments: dict[str, Any]) -> Actor | HttpResponse:
        if not request.user.is_authenticated:
            return _away(request, settings.LOGIN_URL)
        found = self._named(request, request.user) if hasattr(request, NAMED) else self._chosen(request, request.user)
        if found is None:
            return _away(request, "practices")
        if found.wants_factor:
            return _away(request, "mfa_index")
        request.session.note_use()  # type: ignore[attr-defined]  # our own sessions'
        if found.is_access and not self.delegates:
            raise NotAllowed
        return _actor(found)

    def _chosen(self, request: HttpRequest, user: User) -> Workplace | None:
        """The session's; None where it is theirs no more, or none of several was chosen: then one has to be."""
        places = user.workplaces
        require(bool(places), NoPractice)
        if len(places) > 1 and CHOSEN not in request.session:
            return None
        return chosen_of(user, request.session.get(CHOSEN))

    def _named(self, request: HttpRequest, user: User) -> Workplace:
        """The one that this request names; the session is left alone (ACC-24)."""
        found = chosen_of(user, str(getattr(request, NAMED)))
        if found is None:
            raise NotFound
        return found


class _User:
    """Somebody signed in, in no practice: what they may choose from is theirs alone."""

    def admit(self, request: HttpRequest, arguments: dict[str, Any]) -> Actor | HttpResponse:
        return nobody() if request.user.is_authenticated else _away(request, settings.LOGIN_URL)


class _Invited:
    """Whoever has the secret of an invitation, signed in or not; a link that is no longer good is as none."""

    def admit(self, request: HttpRequest, arguments: dict[str, Any]) -> Actor:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT practice_id, invitation_id FROM invitation_by_hash(%s)", [token_hash(arguments["token"])]
            )
            row = cursor.fetchone()
        if row is None:
            raise NotFound
        practice_id, invitation_id = row
        return Actor(ActorKind.LINK, (practice_id,), Role.LINK, invitation_id)


class _Public:
    """Anybody, at the address of one practice (`slug`)."""

    def admit(self, request: HttpRequest, arguments: dict[str, Any]) -> Actor:
        with connection.cursor() as cursor:
            cursor.execute("SELECT practice_by_slug(%s)", [arguments["slug"]])
            row = cursor.fetchone()
        if not row or row[0] is None:
            raise NotFound
        return visitor_of(row[0])


class _Anyone:
    """Anybody, in no practice."""

    def admit(self, request: HttpRequest, arguments: dict[str, Any]) -> Actor:
        return nobody()


Staff, StaffAndDelegates = _Staff(), _Staff(delegates=True)
Public, Anyone, SignedInUser, Invited = _Public(), _Anyone(), _User(), _Invited()


def chosen_of(user: User, chosen: str | None) -> Workplace | None:
    """The chosen practice of those in which a user works; the first while none was chosen; else None."""
    places = user.workplaces
    if not chosen:
        return next(iter(places), None)
    return next((one for one in places if str(one.practice_id) == chosen), None)


def choose(request: HttpRequest, practice_id: UUID) -> None:
    """From now on the user works there. Open forms of the former practice are refused: they would write here."""
    request.session[CHOSEN] = str(practice_id)
    request.session.pop("account_reauthentication_state", None)
    rotate_token(request)


def actor_of(user: User, chosen: str | None = None) -> Actor | None:
    """The member or delegate that a user acts as: in the chosen practice, else in their first; None if not now."""
    found = chosen_of(user, chosen)
    return None if found is None or found.wants_factor else _actor(found)


def _actor(place: Workplace) -> Actor:
    """The member, with what an access opens beside their role; or the delegate from outside."""
    opens: dict[Area, set[UUID]] = {}
    for area, member_id in zip(place.areas, place.of_members, strict=True):
        opens.setdefault(Area(area), set()).add(member_id)
    granted = tuple((area, frozenset(members)) for area, members in opens.items())
    kind, own_id = (ActorKind.DELEGATE, place.grant_id) if place.is_access else (ActorKind.MEMBER, place.member_id)
    return Actor(kind, (place.practice_id,), Role(place.role), own_id, granted)


class Access(NamedTuple):
    """A practice in which somebody acts by an access alone, and who they are there."""

    practice_name: str
    actor: Actor


def accesses_of(user: User) -> list[Access]:
    """Each practice that opens to somebody who is no member of it: only these stand side by side (ACC-10, ACC-24)."""
    return [Access(one.practice_name, _actor(one)) for one in user.workplaces if one.is_access and not one.wants_factor]


def beside_url(user: User) -> str:
    """Where the calendars of all their accesses stand side by side; empty for who has fewer than two."""
    return resolve_url("scheduling:beside") if sum(one.is_access for one in user.workplaces) > 1 else ""


View = Callable[..., HttpResponse]


def visitor(
    kind: Visitor,
    *,
    limit: Limit | None = None,
    refused: Callable[[HttpRequest], HttpResponse] | None = None,
    in_steps: bool = False,
) -> Callable[[View], View]:
    """Let `kind` come to a view; `limit` counts each visitor's address, refused attempts too.

    `refused`: the page for what is not found, where the usual one would not help. `in_steps`: the view waits for
    somebody else in between; it runs in no transaction, and what asks the database in its own (`run_as`).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: ActorRequest, **arguments: Any) -> HttpResponse:
            try:
                require(not _from_another_site(request), FromElsewhere)
                if limit is not None and request.method == "POST":
                    limit.attempt(address_of(request))
                admitted = kind.admit(request, arguments)
                if isinstance(admitted, HttpResponse):
                    return admitted
                request.actor = admitted
                answer = partial(view, request, **arguments)
                response = answer() if in_steps else run_as(admitted, answer)
            except DomainError as error:
                own = refused if isinstance(error, NotFound) else None
                response = own(request) if own else refusal(request, error)
            # Names of patients must not come back from a cache after signing out.
            response["Cache-Control"] = "no-store"
            if kind is Public:
                response.setdefault("X-Robots-Tag", "all")
            patch_vary_headers(response, ["HX-Request"])
            return response

        guarded.visitor = kind  # type: ignore[attr-defined]  # the walk over all URLs reads it
        return guarded

    return decorate


def _from_another_site(request: HttpRequest) -> bool:
    """Whether another site's page sends this write. Browsers say so; who is no browser carries nobody's rights."""
    if request.method in ("GET", "HEAD"):
        return False
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.get_host()


def _away(request: HttpRequest, page: str) -> HttpResponse:
    """Off to sign in, or to set up what is missing."""
    address = resolve_url(page)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(f"{address}?next={quote(request.get_full_path())}")
