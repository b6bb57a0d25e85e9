"""Where users are signed in: Django's sessions in a table that says whose they are and on what device (ACC-9).

`SESSION_ENGINE`. What a device is called and since when it is signed in stands in the session itself, so that both
stay when its key changes (after a new password).

Who is signed in is asked by every page, by plain SQL: the ORM takes several times as long to ask. It is looked up anew
for each request: an ended session, a changed password and a closed account end at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from sprechzeit.accounts.models import Session, User
from sprechzeit.accounts.workplace import Workplace
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.live import announce_person
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import fetch

DEVICE = "device"
# Where the session keeps which practice of several was chosen.
CHOSEN = "practice"
NOTED_EVERY = timedelta(minutes=5)
_SESSION = "SELECT session_data, last_used_at FROM accounts_session WHERE session_key = %s AND expire_date > %s"
_FIELDS = [one.attname for one in User._meta.concrete_fields]
_USER = f"""
SELECT {", ".join(f"account.{one}" for one in _FIELDS)}, place.*
  FROM accounts_user account LEFT JOIN LATERAL memberships_of(account.id) place ON true
 WHERE account.id = %s AND account.is_active
"""  # noqa: S608 – the names of our own columns
_USER_ID = "_auth_user_id"


class SessionStore(db.SessionStore):
    """A session whose row names the user and the device. Its class's name stands in its signature."""

    _noted_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table."""
        return Session

    def load(self) -> dict[str, Any]:
        """What the session keeps; nothing, and no key, if there is none or it has expired."""
        rows = fetch(*planned(_SESSION, [self.session_key, timezone.now()]))
        if not rows:
            self._session_key = None
            return {}
        data, self._noted_at = rows[0]
        return self.decode(data)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row as it is to be written."""
        row = cast(Session, super().create_model_instance(data))
        device = data.get(DEVICE, {})
        row.user_id = data.get(_USER_ID)
        row.browser, row.system = device.get("browser", ""), device.get("system", "")
        row.signed_in_at = datetime.fromtimestamp(device["since"], timezone.get_current_timezone()) if device else None
        row.last_used_at = self._noted_at = timezone.now()
        return row

    def note_use(self) -> None:
        """Note that the device is used, at most every few minutes."""
        now = timezone.now()
        if self._noted_at is not None and now - self._noted_at > NOTED_EVERY:
            self._noted_at = now
            Session.objects.filter(pk=self.session_key).update(last_used_at=now)


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth's sign-in by e-mail and password."""

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session and where they work; None for one that is there no more or may not sign in."""
        rows = fetch(*planned(_USER, [user_id]))
        if not rows:
            return None
        user = User.from_db(DEFAULT_DB_ALIAS, _FIELDS, rows[0][: len(_FIELDS)])
        places = [Workplace._make(row[len(_FIELDS) :]) for row in rows]
        user.workplaces = [one for one in places if one.practice_id]
        return user


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A device that a user is signed in on. `id` names it and opens nothing."""

    id: str
    browser: str
    system: str
    signed_in_at: datetime | None
    last_used_at: datetime
    is_this: bool


def devices_of(user: User, session_key: str | None) -> list[SignedIn]:
    """Where a user is signed in now: this device first, then as they were last used."""
    rows = Session.objects.filter(user=user, expire_date__gt=timezone.now())
    devices = [
        SignedIn(
            _id(row),
            row.browser,
            row.system,
            row.signed_in_at,
            row.last_used_at,
            is_this=row.session_key == session_key,
        )
        for row in rows.order_by("-last_used_at")
    ]
    return sorted(devices, key=lambda one: not one.is_this)


def sign_out_device(user: User, device_id: str) -> bool:
    """End one session of the user, wherever it is open; returns whether there was such a one."""
    keys = [row.session_key for row in Session.objects.filter(user=user) if _id(row) == device_id]
    return _end(user, keys)


def sign_out_others(user: User, session_key: str | None) -> None:
    """End all sessions of the user but one."""
    others = Session.objects.filter(user=user).exclude(session_key=session_key or "")
    _end(user, list(others.values_list("session_key", flat=True)))


def _end(user: User, keys: list[str]) -> bool:
    ended, _ = Session.objects.filter(user=user, session_key__in=keys).delete()
    if ended:
        announce_person(UUID(str(user.pk)))
    return bool(ended)


def _id(row: Session) -> str:
    return token_hash(row.session_key).hex()[:32]
