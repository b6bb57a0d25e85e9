from django.urls import path

from sprechzeit.scheduling import views

app_name = "scheduling"
urlpatterns = [
    path("", views.book, name="book"),
    path("columns/<str:calendar_id>/", views.column, name="column"),
    path("appointments/<str:appointment_id>/", views.appointment, name="appointment"),
    path("appointments/<str:appointment_id>/cancellation/", views.cancellation, name="cancellation"),
]
