"""People with accesses, for tests: *Kern* answers the phone for several practices and belongs to none."""

from collections.abc import Iterable

from django.test import Client

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Area, Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.practice.actions.grants import Terms, accept_access, give_access_inside, give_access_outside
from sprechzeit.practice.models import AccessGrant
from tests.support.cast import PASSWORD, House

KERN = "kern@telefon.example.org"


def kern() -> User:
    """The account, without any access yet."""
    return User.objects.create_user(KERN, PASSWORD, "Sekretariat Kern")


def open_to(house: House, user: User, calendars_of: Iterable[str], area: Area = Area.SCHEDULING) -> AccessGrant:
    """An access of somebody from outside to these people's calendars, given by the practice's administrator."""
    giver = next(house.actor(name) for name, one in house.members.items() if one.role == Role.ADMINISTRATOR)
    terms = Terms(frozenset((area, house.members[name].pk) for name in calendars_of))
    with acting(giver):
        given = give_access_outside(giver, user.name, user.email, terms)
    link = Actor(ActorKind.LINK, giver.practices, Role.LINK, given.invitation_id)
    with acting(link):
        return accept_access(link, user)


def open_inside(house: House, name: str, calendars_of: Iterable[str]) -> AccessGrant:
    """An access of a member of the practice."""
    giver = next(house.actor(key) for key, one in house.members.items() if one.role == Role.ADMINISTRATOR)
    terms = Terms(frozenset((Area.SCHEDULING, house.members[key].pk) for key in calendars_of))
    with acting(giver):
        return give_access_inside(giver, house.members[name].pk, terms)


def signed_in_as(user: User) -> Client:
    """A browser of theirs."""
    client = Client()
    client.force_login(user)
    return client
