from django.urls import path

from sprechzeit.patients import record_views, views

app_name = "patients"
urlpatterns = [
    path("", views.patients, name="list"),
    path("sharing/", views.sharing, name="sharing"),
    path("new/", record_views.new, name="new"),
    path("people/", record_views.people, name="people"),
    path("<str:patient_id>/", record_views.record, name="record"),
    path("<str:patient_id>/archiving/", record_views.archiving, name="archiving"),
]
