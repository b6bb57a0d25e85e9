"""All addresses."""

from django.urls import include, path
from django.views.i18n import set_language

from sprechzeit.operations.views import health

urlpatterns = [
    path("", include("sprechzeit.scheduling.urls")),
    path("", include("sprechzeit.portal.urls")),
    path("messages/", include("sprechzeit.messages.urls")),
    path("accounts/", include("sprechzeit.accounts.urls")),
    path("language/", set_language, name="set_language"),
    path("health", health, name="health"),
]

handler400 = "sprechzeit.ui.errors.bad_request"
handler403 = "sprechzeit.ui.errors.permission_denied"
handler404 = "sprechzeit.ui.errors.page_not_found"
handler500 = "sprechzeit.ui.errors.server_error"
