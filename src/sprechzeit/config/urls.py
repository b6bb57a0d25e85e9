"""All addresses."""

from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from sprechzeit.messages.record_views import record_messages
from sprechzeit.messages.views import appointment_messages
from sprechzeit.messages.visit_views import visit_messages, visit_telling
from sprechzeit.operations.views import health
from sprechzeit.partners import key_views
from sprechzeit.privacy.record_views import record_log

urlpatterns = [
    path("", include("sprechzeit.scheduling.urls")),
    path("", include("sprechzeit.portal.urls")),
    path("settings/hours/", include("sprechzeit.scheduling.hours_urls")),
    path("settings/community/", include("sprechzeit.community.urls")),
    path("settings/", include("sprechzeit.partners.settings_urls")),
    path("settings/", include("sprechzeit.integrations.video_service.urls")),
    # Before the pages of one partner, whose addresses they would be else.
    path("settings/partners/signing-keys/", key_views.signing_keys, name="signing_keys"),
    path("settings/partners/signing-keys/renewal/", key_views.signing_key_renewal, name="signing_key_renewal"),
    path("", include("sprechzeit.video.side_urls")),
    path("settings/", include("sprechzeit.practice.urls")),
    path("", include("sprechzeit.practice.people_urls")),
    path("settings/", include("sprechzeit.scheduling.settings_urls")),
    path("settings/", include("sprechzeit.privacy.urls")),
    path("settings/", include("sprechzeit.records.settings_urls")),
    path("settings/", include("sprechzeit.messages.settings_urls")),
    path("settings/", include("sprechzeit.operations.personal_urls")),
    path("records/", include("sprechzeit.records.urls")),
    path("patients/", include("sprechzeit.patients.urls")),
    path("patients/<str:patient_id>/messages/", record_messages, name="record_messages"),
    path("patients/<str:patient_id>/log/", record_log, name="record_log"),
    path("video/pushed/<str:block_id>/messages/", visit_messages, name="visit_messages"),
    path("video/pushed/<str:block_id>/telling/", visit_telling, name="visit_telling"),
    path("bookings/", include("sprechzeit.scheduling.bookings_urls")),
    path("appointments/<str:appointment_id>/messages/", appointment_messages, name="appointment_messages"),
    path("messages/", include("sprechzeit.messages.urls")),
    path("video/", include("sprechzeit.video.urls")),
    path("api/otv/v1/openapi.json", key_views.contract, name="otv_contract"),
    path("api/otv/v1/", include("sprechzeit.partners.urls")),
    path("api/video/v1/", include("sprechzeit.video.api_urls")),
    path("accounts/", include("sprechzeit.accounts.urls")),
    # It changes a cookie of no authority; a token would set another one on the pages for patients.
    path("language/", csrf_exempt(set_language), name="set_language"),
    path("health", health, name="health"),
]

handler400 = "sprechzeit.ui.errors.bad_request"
handler403 = "sprechzeit.ui.errors.permission_denied"
handler404 = "sprechzeit.ui.errors.page_not_found"
handler500 = "sprechzeit.ui.errors.server_error"
