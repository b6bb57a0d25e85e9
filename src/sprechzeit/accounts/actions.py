"""Accounts: they begin with an invitation (ACC-8)."""

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.accounts.errors import AccountExists
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed


@action
def open_account(actor: Actor, email: str, name: str, password: str) -> User:
    """A new account for who came by a mailed link, which proves the address. Raises `AccountExists`."""
    require(actor.kind is ActorKind.LINK, NotAllowed)
    with refused_by("one_account_per_email", AccountExists):
        return User.objects.create_user(email, password, name)
