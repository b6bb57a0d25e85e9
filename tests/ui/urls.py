"""The addresses the templates link to, each answering with nothing: enough to render pages without the rooms."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def nothing(request: HttpRequest, **parts: str) -> HttpResponse:
    """An empty page."""
    return HttpResponse("")


ACCOUNT = {
    "account_login": "login/",
    "account_logout": "logout/",
    "account_signup": "signup/",
    "account_change_password": "password/change/",
    "account_set_password": "password/set/",
    "account_reset_password": "password/reset/",
    "account_reauthenticate": "reauthenticate/",
    "account_confirm_email": "confirm/<key>/",
    "account_email": "email/",
    "account_device_sign_out": "devices/",
    "practices": "practices/",
    **{
        f"mfa_{name}": f"{name}/"
        for name in (
            "index",
            "authenticate",
            "reauthenticate",
            "activate_totp",
            "deactivate_totp",
            "generate_recovery_codes",
            "view_recovery_codes",
            "add_webauthn",
            "reauthenticate_webauthn",
            "login_webauthn",
        )
    },
    **{f"mfa_{name}_webauthn": f"passkeys/<pk>/{name}/" for name in ("edit", "remove")},
}
scheduling = [
    path("", nothing, name="book"),
    path("calendars/<calendar_id>/", nothing, name="column"),
    path("appointments/<appointment_id>/", nothing, name="appointment"),
    path("next-free/", nothing, name="next_free"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("book/", include((scheduling, "scheduling"))),
    path("language/", nothing, name="set_language"),
    *(path(route, nothing, name=name) for name, route in ACCOUNT.items()),
]
