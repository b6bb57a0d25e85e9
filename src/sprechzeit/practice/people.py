"""Who did something, in words: the log names actors by kind and id (AUD-4)."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.practice.models import Member


def people_of(actor: Actor, names: Iterable[str]) -> dict[str, str]:
    """How people call each of these actors of the log; members who left too."""
    known = set(names)
    members = {UUID(name.partition(":")[2]) for name in known if name.startswith(f"{ActorKind.MEMBER}:")}
    found = Member.objects.filter(practice_id__in=actor.practices, pk__in=members).values_list("id", "name")
    called = {f"{ActorKind.MEMBER}:{key}": name for key, name in found}
    return {name: called.get(name) or _unnamed(name) for name in known}


def _unnamed(name: str) -> str:
    kind, _colon, rest = name.partition(":")
    match kind:
        case ActorKind.LINK:
            return _("Patient, by their link")
        case ActorKind.VISITOR:
            return _("Online booking")
        case ActorKind.SYSTEM:
            return _("Sprechzeit")
        case "database":
            return _("Database (%(role)s)") % {"role": rest}
        case _:
            return _("Unknown")
