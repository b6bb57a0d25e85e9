from django.urls import path

from sprechzeit.scheduling.views import appointment, beside, block, book, explain, new, next_free, record

app_name = "scheduling"
urlpatterns = [
    path("", book.book, name="book"),
    path("columns/<str:calendar_id>/", book.column, name="column"),
    path("room-columns/<str:room_id>/", book.room, name="room_column"),
    path("elsewhere/", book.elsewhere, name="elsewhere"),
    path("beside/", beside.beside, name="beside"),
    path("print/", book.printed, name="print"),
    path("next-free/", next_free.next_free, name="next_free"),
    path("appointments/new/", new.new, name="new"),
    path("appointments/new/patients/", new.patients, name="patients"),
    path("explain/", explain.explain, name="explain"),
    path("search/", new.search, name="search"),
    path("appointments/<str:appointment_id>/", appointment.appointment, name="appointment"),
    path("appointments/<str:appointment_id>/place/", appointment.place, name="place"),
    path("appointments/<str:appointment_id>/swap/", appointment.swap, name="swap"),
    path("appointments/<str:appointment_id>/attendance/", appointment.attendance, name="attendance"),
    path("appointments/<str:appointment_id>/remark/", appointment.remark, name="remark"),
    path("appointments/<str:appointment_id>/location/", appointment.location, name="location"),
    path("appointments/<str:appointment_id>/told/", appointment.told, name="told"),
    path("appointments/<str:appointment_id>/cancellation/", appointment.cancellation, name="cancellation"),
    path("blocks/new/", block.new_block, name="new_block"),
    path("blocks/<str:block_id>/", block.block, name="block"),
    path("blocks/<str:block_id>/place/", block.block_place, name="block_place"),
    path("blocks/<str:block_id>/removal/", block.block_removal, name="block_removal"),
    path("undo/", appointment.undo, name="undo"),
    path("patients/<str:patient_id>/appointments/", record.record_appointments, name="record_appointments"),
]
