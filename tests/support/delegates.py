"""Kern's office, a phone service from outside, to which accesses are given."""

from collections.abc import Iterable
from datetime import date

from django.test import Client

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Area, Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.practice.actions.grants import Terms, accept_access, give_access_inside, give_access_outside
from sprechzeit.practice.models import AccessGrant
from sprechzeit.practice.visitors import actor_of
from tests.support.cast import PASSWORD, Cast, House

EMAIL = "kern@example.org"


def terms(
    house: House, *members: str, areas: Iterable[Area] = (Area.SCHEDULING,), ends_on: date | None = None
) -> Terms:
    """These areas of each of these members."""
    return Terms(frozenset((area, house.members[name].pk) for area in areas for name in members), ends_on)


def give(house: House, what: Terms, *, by: str = "", email: str = EMAIL) -> AccessGrant:
    """Kern's office is asked, and has not accepted yet."""
    actor = house.actor(by or next(iter(house.members)))
    with acting(actor):
        return give_access_outside(actor, "Sekretariat Kern", email, what)


def give_member(house: House, name: str, what: Terms, *, by: str = "") -> AccessGrant:
    """A member of the practice has an access at once."""
    actor = house.actor(by or next(iter(house.members)))
    with acting(actor):
        return give_access_inside(actor, house.members[name].pk, what)


def kern(email: str = EMAIL) -> User:
    """The account of the office; its password is `PASSWORD`."""
    return User.objects.filter(email=email).first() or User.objects.create_user(email, PASSWORD, "Sekretariat Kern")


def accept(house: House, access: AccessGrant, user: User | None = None) -> User:
    """The office comes by its link."""
    user = user or kern(access.email)
    link = Actor(ActorKind.LINK, (house.practice.id,), Role.LINK, access.invitation_id)
    with acting(link):
        accept_access(link, user)
    return user


def delegate(house: House, what: Terms, *, by: str = "") -> Actor:
    """The office as it acts in the practice."""
    user = accept(house, give(house, what, by=by))
    found = actor_of(User.objects.get(pk=user.pk), str(house.practice.id))
    assert found is not None
    return found


def outside(cast: Cast, *members: str, areas: Iterable[Area] = (Area.SCHEDULING,)) -> Client:
    """A browser in which the office is signed in, with an access to Albers: of Jonas, unless others are named."""
    client = Client()
    client.force_login(
        accept(cast.albers, give(cast.albers, terms(cast.albers, *(members or ("jonas",)), areas=areas)))
    )
    return client
