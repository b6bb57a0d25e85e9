"""Whom the actions of delegated access refuse (ACC-20). `make`: as one writes a refusal in refusals.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions import grants
from sprechzeit.practice.actions.grants import Terms
from sprechzeit.practice.errors import (
    AlreadyGranted,
    AlreadyMember,
    EndsInThePast,
    InvitedIsAnother,
    NothingGranted,
)
from tests.support.cast import House
from tests.support.delegates import delegate, give, terms
from tests.support.delegates import kern as account


def of_accesses(house: House, other: House, make: Callable[..., Any]) -> list[Any]:
    """Kern's office has an access to Jonas' calendar; another one was asked and has not come."""
    miriam, jonas, jana = (house.actor(name) for name in ("miriam", "jonas", "jana"))
    kern = delegate(house, terms(house, "jonas"))
    asked = give(house, terms(house, "miriam"), email="office@example.org")
    mine, hers = terms(house, "jonas"), terms(house, "miriam")
    ended = Terms(mine.pairs, timezone.now().date() - timedelta(days=3))
    link = Actor(ActorKind.LINK, (house.practice.id,), Role.LINK, asked.invitation_id)
    renamed = account()
    renamed.email = asked.email  # its address is another since it has its access
    outside, inside = grants.give_access_outside, grants.give_access_inside
    return [
        make(NotAllowed, jana, inside, jonas.identity, mine),
        make(NotAllowed, kern, inside, jana.identity, mine),
        make(NotFound, jonas, inside, jana.identity, hers),
        make(NotFound, miriam, inside, jana.identity, terms(other, "berta")),
        make(NotFound, miriam, inside, other.members["berta"].pk, mine),
        make(NothingGranted, jonas, inside, jonas.identity, mine),
        make(NotAllowed, jana, outside, "N", "n@example.org", mine),
        make(NotAllowed, kern, outside, "N", "n@example.org", mine),
        make(NotFound, jonas, outside, "N", "n@example.org", hers),
        make(NothingGranted, miriam, outside, "N", "n@example.org", Terms(frozenset())),
        make(EndsInThePast, miriam, outside, "N", "n@example.org", ended),
        make(AlreadyMember, miriam, outside, "N", house.user("jana").email.upper(), mine),
        make(AlreadyGranted, jonas, outside, "N", "KERN@example.org", mine),
        make(NotFound, other.actor("berta"), grants.change_access, kern.identity, terms(other, "berta")),
        make(NotFound, jonas, grants.change_access, asked.pk, mine),
        make(NotFound, jonas, grants.change_access, kern.identity, Terms(mine.pairs | hers.pairs)),
        make(EndsInThePast, miriam, grants.change_access, kern.identity, ended),
        make(NotAllowed, kern, grants.change_access, kern.identity, mine),
        make(NotFound, jana, grants.revoke_access, kern.identity),
        make(NotFound, kern, grants.revoke_access, asked.pk),
        make(NotFound, miriam, grants.revoke_given, new_id()),
        make(NotFound, miriam, grants.send_access_again, kern.identity),
        make(NotFound, jonas, grants.send_access_again, asked.pk),
        make(InvitedIsAnother, link, grants.accept_access, account()),
        make(AlreadyGranted, link, grants.accept_access, renamed),
        make(NotAllowed, miriam, grants.accept_access, house.user("miriam")),
        make(NotFound, Actor(ActorKind.LINK, link.practices, Role.LINK, new_id()), grants.accept_access, account()),
    ]
