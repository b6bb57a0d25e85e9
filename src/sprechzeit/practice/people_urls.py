"""Addresses of people on their way into a practice, or from one to another."""

from django.urls import path

from sprechzeit.practice.views import access, choice, joining

urlpatterns = [
    path("join/<str:token>/", joining.joining, name="joining"),
    path("access/", access.own_access, name="own_access"),
    path("practices/", choice.practices, name="practices"),
]
