"""The holder of a mailed link."""

from typing import Any

from django.db import connection
from django.http import HttpRequest

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.errors import NotFound


class _Link:
    """Whoever has the secret of an appointment's link: sees and cancels that appointment, nothing else (BOO-6)."""

    def admit(self, request: HttpRequest, arguments: dict[str, Any]) -> Actor:
        with connection.cursor() as cursor:
            cursor.execute("SELECT practice_id, link_id FROM link_by_hash(%s)", [token_hash(arguments["token"])])
            row = cursor.fetchone()
        if row is None:
            raise NotFound
        practice_id, link_id = row
        return Actor(ActorKind.LINK, (practice_id,), Role.LINK, link_id)


Link = _Link()
