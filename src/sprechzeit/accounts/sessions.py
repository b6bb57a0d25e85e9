"""Who is signed in, found by plain SQL: every page asks it, and the ORM takes several times as long to ask.

All is looked up anew for each request: an ended session, a changed password and a closed account end at once.
"""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from sprechzeit.accounts.models import User, Workplace
from sprechzeit.core.rows import fetch

_SESSION = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
_FIELDS = [one.attname for one in User._meta.concrete_fields]
_USER = f"""
SELECT {", ".join(f"account.{one}" for one in _FIELDS)}, place.practice_id, place.member_id, place.member_role
  FROM accounts_user account LEFT JOIN LATERAL memberships_of(account.id) place ON true
 WHERE account.id = %s AND account.is_active
"""  # noqa: S608 – the names of our own columns


class SessionStore(db.SessionStore):
    """Django's sessions in the database. Their name stands in their signature, so it stays Django's."""

    def load(self) -> dict[str, Any]:
        """What the session keeps; nothing, and no key, if there is none or it has expired."""
        rows = fetch(_SESSION, [self.session_key, timezone.now()])
        if not rows:
            self._session_key = None
            return {}
        return self.decode(rows[0][0])


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth's sign-in by e-mail and password."""

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session and where they work; None for one that is there no more or may not sign in."""
        rows = fetch(_USER, [user_id])
        if not rows:
            return None
        user = User.from_db(DEFAULT_DB_ALIAS, _FIELDS, rows[0][: len(_FIELDS)])
        places = [Workplace._make(row[len(_FIELDS) :]) for row in rows]
        user.workplaces = [one for one in places if one.practice_id]
        return user
