"""Every route of the program, and everybody who may come to one."""

from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sprechzeit.accounts.models import User
from tests.support.cast import PASSWORD, Cast

# Routes that say nothing of their visitors themselves, with the reason.
WITHOUT_VISITOR = {
    "health": "for load balancers; tells that the service is there and its version, reads no practice",
    "set_language": "Django's own; sets a cookie and goes back to an address of ours",
    "mfa_index": "one's own account: belongs to a user and to no practice",
    "mfa_list_webauthn": "goes on to one's own account",
    "account_device_sign_out": "one's own devices",
    "account_email": "one's own address",
    "account_email_confirmation": "the mailed link that changes one's address",
} | dict.fromkeys(
    (
        "account_login", "account_logout", "account_inactive", "account_reauthenticate", "account_change_password",
        "account_set_password", "account_reset_password", "account_reset_password_done",
        "account_reset_password_from_key", "account_reset_password_from_key_done", "account_signup",
        "mfa_authenticate", "mfa_reauthenticate",
        "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
        "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_login_webauthn", "mfa_edit_webauthn",
        "mfa_remove_webauthn",
    ),
    "signing in, by django-allauth: belongs to a user and to no practice",
)  # fmt: skip


def routes(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, Any]]:
    """The name and the view of every route."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}", one.callback
        else:
            yield from routes(one, f"{namespace}{one.namespace}:" if one.namespace else namespace)


VIEWS = dict(routes())

# Pages that nobody else may open, though all members have those beside them.
FOR_ADMINISTRATORS = {
    "practice:rights",
    "practice:new_invitation",
    "practice:new_room",
    "scheduling_settings:new_calendar",
    "scheduling_settings:new_type",
}
# Of the log: nobody else may even look.
OF_THE_LOG = {f"privacy:{name}" for name in ("log", "check", "export", "report")}

# --- The people -----------------------------------------------------------------------------------------------------

ROLES = {
    "administrator": ("albers", "miriam"),
    "practitioner": ("albers", "jonas"),
    "secretary": ("albers", "jana"),
    "stranger": ("brandt", "berta"),
}
PEOPLE = ("anonymous", *ROLES, "without practice")


def client_of(cast: Cast, person: str) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    if person in ROLES:
        house, name = ROLES[person]
        client.force_login(getattr(cast, house).user(name))
    elif person == "without practice":
        client.force_login(User.objects.create_user("nobody@example.org", name="Nobody"))
    return client


def signed_in(cast: Cast, person: str) -> Client:
    """A browser in which this person has just signed in by password: what asks for a fresh sign-in opens too."""
    house, name = ROLES[person]
    client = Client()
    email = getattr(cast, house).user(name).email
    assert client.post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302
    return client
