from django.urls import path

from sprechzeit.scheduling.views import appointment, book

app_name = "scheduling"
urlpatterns = [
    path("", book.book, name="book"),
    path("columns/<str:calendar_id>/", book.column, name="column"),
    path("room-columns/<str:room_id>/", book.room, name="room_column"),
    path("print/", book.printed, name="print"),
    path("appointments/<str:appointment_id>/", appointment.appointment, name="appointment"),
    path("appointments/<str:appointment_id>/cancellation/", appointment.cancellation, name="cancellation"),
]
