from django.urls import path

from sprechzeit.scheduling.views import bookings

app_name = "scheduling_bookings"
urlpatterns = [
    path("", bookings.bookings, name="bookings"),
    path("count/", bookings.count, name="count"),
    path("seen/", bookings.seen, name="seen"),
    path("unseen/", bookings.unseen, name="unseen"),
    path("contacts/<str:proposal_id>/acceptance/", bookings.acceptance, name="acceptance"),
    path("contacts/<str:proposal_id>/refusal/", bookings.refusal, name="refusal"),
    path("contacts/<str:proposal_id>/reopening/", bookings.reopening, name="reopening"),
]
