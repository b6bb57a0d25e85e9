"""Reading the practice that an actor acts in."""

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.models import Logo, Member, Practice


def practice_of(actor: Actor) -> Practice:
    """The one practice of an actor that acts in one. Whoever acts in a practice sees its name, address and logo.

    What the logo is like is read with it; the image itself only where it is asked for.
    """
    return Practice.objects.select_related("logo").defer("logo__image").get(pk=actor.practice_id)


def logo_of(actor: Actor, digest: str) -> bytes:
    """The image that the practice's logo is now. Raises NotFound for what it was before."""
    image = Logo.objects.filter(practice_id=actor.practice_id, digest=digest).values_list("image", flat=True).first()
    if image is None:
        raise NotFound
    return bytes(image)


def member_of(actor: Actor) -> Member:
    """The member that a staff actor is, with their practice."""
    return Member.objects.select_related("practice").get(practice_id=actor.practice_id, pk=actor.identity)
