"""Limits against abuse, counted in PostgreSQL so that they hold over all processes (BOO-8)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from sprechzeit.core.crypto import pseudonym
from sprechzeit.core.errors import TooMany
from sprechzeit.core.plans import planned

_COUNT = (
    "INSERT INTO core_attempts AS a (scope, key, window_at, count) VALUES (%s, %s, %s, 1) "
    "ON CONFLICT (scope, key, window_at) DO UPDATE SET count = a.count + 1 RETURNING count"
)
# Nobody waits until it is on the disk: a server that crashes forgets the attempts of its last half second.
_COUNT_ALONE = _COUNT + ", set_config('synchronous_commit', 'off', true)"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` attempts of a key within a window of `seconds`."""

    scope: str
    count: int
    seconds: int

    def attempt(self, key: str) -> None:
        """Count one attempt, refused or not, at once and for good. Raises `TooMany`.

        Call it before `acting` begins: what is rolled back with a refusal would not have counted.
        """
        now = timezone.now()
        begin = self._begin(now)
        digest = pseudonym("limits", key)
        with connection.cursor() as cursor:
            count = _COUNT if connection.in_atomic_block else _COUNT_ALONE
            cursor.execute(*planned(count, [self.scope, digest, begin]))
            row = cursor.fetchone()
        if row and row[0] > self.count:
            raise TooMany(max(1, int((begin + timedelta(seconds=self.seconds) - now).total_seconds())))

    def give_back(self, key: str) -> None:
        """Take one attempt of the current window back: it was no attempt to get around anything."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE core_attempts SET count = count - 1 "
                "WHERE scope = %s AND key = %s AND window_at = %s AND count > 0",
                [self.scope, pseudonym("limits", key), self._begin(timezone.now())],
            )

    def _begin(self, now: datetime) -> datetime:
        return datetime.fromtimestamp(now.timestamp() // self.seconds * self.seconds, UTC)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of a key within the last day. `last_at`: the begin of the last window, None for never; `all`:
    how many; `most`: how many in one window.
    """

    last_at: datetime | None
    all: int
    most: int


def counted(scope: str, key: str) -> Counted:
    """How often something was attempted lately, by what its `Limit` has counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(window_at), coalesce(sum(count), 0), coalesce(max(count), 0) FROM core_attempts "
            "WHERE scope = %s AND key = %s AND window_at > now() - interval '1 day'",
            [scope, pseudonym("limits", key)],
        )
        last_at, every, most = cursor.fetchone()
    return Counted(last_at, int(every), most)


def forget_old_windows() -> int:
    """Delete counts older than a day; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_attempts WHERE window_at < now() - interval '1 day'")
        return int(cursor.rowcount)


def address_of(request: HttpRequest) -> str:
    """The visitor's address: from `X-Forwarded-For` only if a trusted proxy says it; IPv6 by /64.

    An IPv4 address that a socket for both families gives (`::ffff:192.0.2.1`) is that IPv4 address.
    """
    address = request.META.get("REMOTE_ADDR") or "unknown"
    if _plain(address) in settings.TRUSTED_PROXIES:
        for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            address = hop.strip() or address
            if _plain(address) not in settings.TRUSTED_PROXIES:
                break
    plain = _plain(address)
    return str(ip_network((plain, 64), strict=False)) if ":" in plain else plain


@lru_cache(maxsize=1024)
def _plain(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address.replace(":", ".")[:64]
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
