"""Stopping who guesses passwords without locking the owner out (ACC-9).

From one address and for one account from one address few attempts are free. An account alone is never closed: when many
attempts went wrong, from wherever, one at a time is let through. A device that its owner signed in from before, or
proved by a mailed link to be theirs, is not held up by any of this: it has a count of its own.

Codes of the second factor are few enough to be guessed in months, by who has the password. So those that were wrong are
counted until one is right; after many, one in half an hour is looked at, on devices that are not known.
"""

import secrets
from collections.abc import Mapping

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from sprechzeit.accounts.models import User
from sprechzeit.core.crypto import pseudonym
from sprechzeit.core.errors import TooMany
from sprechzeit.core.limits import Limit, address_of

COOKIE = "known"
YEAR_SECONDS = 31_536_000
USERS_A_DEVICE = 8
_SALT = "sprechzeit.accounts.known"

FROM_ADDRESS = Limit("sign-in address", 30, 600)
FROM_ADDRESS_FOR_ACCOUNT = Limit("sign-in address+account", 5, 300)
FROM_DEVICE = Limit("sign-in device", 10, 300)
FOR_ACCOUNT = Limit("sign-in account", 25, 3600)
FOR_ACCOUNT_SLOWLY = Limit("sign-in account slowly", 1, 20)

CODES = Limit("second factor", 5, 300)
CODES_SLOWLY = Limit("second factor slowly", 1, 1800)
CODES_FROM_DEVICE = Limit("second factor device", 10, 300)
CODES_FROM_DEVICE_A_DAY = Limit("second factor device a day", 40, 86_400)
MANY_CODES = 20

Counted = list[tuple[Limit, str]]


def count_attempt(request: HttpRequest, email: str) -> Counted:
    """Count an attempt before the password is looked at; whether there is such an account is not asked.

    Returns what is given back when it succeeds. Raises `TooMany`.
    """
    address, account = address_of(request), email.strip().lower()
    device = _known(request).get(_name(account))
    counted: Counted = [(FROM_ADDRESS, address), (FROM_ADDRESS_FOR_ACCOUNT, f"{address} {account}")]
    if device:
        counted = [(FROM_DEVICE, device)]
    for limit, key in counted:
        limit.attempt(key)
    if not device:
        try:
            FOR_ACCOUNT.attempt(account)
        except TooMany:
            FOR_ACCOUNT_SLOWLY.attempt(account)
        counted.append((FOR_ACCOUNT, account))
    return counted


def count_code(request: HttpRequest, user: User) -> Counted:
    """Count a code before it is looked at. Returns what is given back when it is right. Raises `TooMany`."""
    account = str(user.pk)
    device = _known(request).get(_name(user.email))
    counted: Counted = [(CODES, account)]
    if device:
        counted = [(CODES_FROM_DEVICE, device), (CODES_FROM_DEVICE_A_DAY, device)]
    elif user.wrong_codes >= MANY_CODES:
        counted = [(CODES_SLOWLY, account)]
    for limit, key in counted:
        limit.attempt(key)
    return counted


def give_back(counted: Counted) -> None:
    """It was the right password: it counts nowhere."""
    for limit, key in counted:
        limit.give_back(key)


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """From now on this device is known to be the user's."""
    known = dict(_known(request))
    known.pop(_name(user.email), None)
    known = dict([*known.items(), (_name(user.email), secrets.token_urlsafe(16))][-USERS_A_DEVICE:])
    value = signing.dumps(known, salt=_SALT, compress=True)
    response.set_cookie(
        COOKIE, value, max_age=YEAR_SECONDS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def _name(account: str) -> str:
    """What the cookie calls an account: whoever reads it learns no address."""
    return pseudonym("known", account).hex()[:16]


def _known(request: HttpRequest) -> Mapping[str, str]:
    try:
        known: Mapping[str, str] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=YEAR_SECONDS)
    except signing.BadSignature:
        return {}
    return known
