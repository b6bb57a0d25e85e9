from django.urls import path

from sprechzeit.patients import views

app_name = "patients"
urlpatterns = [
    path("", views.patients, name="list"),
    path("sharing/", views.sharing, name="sharing"),
]
