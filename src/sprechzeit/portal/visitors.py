"""The holder of a mailed link."""

from typing import Any

from django.db import connection
from django.http import HttpRequest

from sprechzeit.access.actor import Actor, ActorKind, system
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.errors import NotFound
from sprechzeit.scheduling.models import AppointmentLink


class _Link:
    """Whoever has the secret of an appointment's link: sees and cancels that appointment, nothing else (BOO-6)."""

    def admit(self, request: HttpRequest, arguments: dict[str, Any]) -> Actor:
        wanted = token_hash(arguments["token"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT practice_of_link(%s)", [wanted])
            row = cursor.fetchone()
        if not row or row[0] is None:
            raise NotFound
        with acting(system(row[0])):
            link_id = AppointmentLink.objects.values_list("id", flat=True).get(practice_id=row[0], token_hash=wanted)
        return Actor(ActorKind.LINK, (row[0],), Role.LINK, link_id)


Link = _Link()
