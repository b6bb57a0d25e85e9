"""What matters most asks for a sign-in of the last minutes: exports, roles, keys, the second factor (ACC-9)."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def is_fresh(request: HttpRequest) -> bool:
    """Whether the user signed in, or confirmed it by password, passkey or code, within the last minutes."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def require_fresh(request: HttpRequest) -> None:
    """Raise what leads to the page that asks to confirm; what was sent is done after that."""
    if not is_fresh(request):
        raise ReauthenticationRequired


def fresh(view: View) -> View:
    """A view that nobody opens who has not signed in lately. Stands below `@visitor(...)`."""

    @wraps(view)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        require_fresh(request)
        return view(request, **arguments)

    return guarded
