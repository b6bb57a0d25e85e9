"""What is known of accounts."""

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.accounts.models import User


def has_account(actor: Actor, email: str) -> bool:
    """Whether there is an account with this address: told to who proved it by a mailed link, to nobody else."""
    return actor.kind is ActorKind.LINK and User.objects.filter(email__iexact=email).exists()
