from django.urls import path

from sprechzeit.video.views import patient, practitioner

app_name = "video"
urlpatterns = [
    path("", practitioner.consultations, name="list"),
    path("count/", practitioner.count, name="count"),
    path("devices/", practitioner.devices, name="devices"),
    path("appointments/<str:appointment_id>/", practitioner.appointment, name="appointment"),
    path("visits/<str:block_id>/", practitioner.visit, name="visit"),
    path("calls/<str:video_id>/seat/", practitioner.seat, name="seat"),
    path("calls/<str:video_id>/departure/", practitioner.departure, name="departure"),
    path("calls/<str:video_id>/signals/", practitioner.signal, name="signal"),
    path("calls/<str:video_id>/relays/", practitioner.relays, name="relays"),
    path("calls/<str:video_id>/waiting/", practitioner.waiting, name="waiting"),
    path("calls/<str:video_id>/admission/", practitioner.admission, name="admission"),
    path("calls/<str:video_id>/end/", practitioner.end, name="end"),
    path("calls/<str:video_id>/soon/", practitioner.soon, name="soon"),
    path("calls/<str:video_id>/unlocking/", practitioner.unlocking, name="unlocking"),
    # Last: the link is a word like those above.
    path("<str:link>/", patient.join, name="join"),
    path("<str:link>/tan/", patient.tan, name="tan"),
    path("<str:link>/seat/", patient.seat, name="join_seat"),
    path("<str:link>/departure/", patient.departure, name="join_departure"),
    path("<str:link>/signals/", patient.signal, name="join_signal"),
    path("<str:link>/relays/", patient.relays, name="join_relays"),
]
