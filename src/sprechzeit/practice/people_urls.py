"""Addresses of people on their way into a practice, or from one to another."""

from django.urls import path

from sprechzeit.practice.views import choice, joining

urlpatterns = [
    path("join/<str:token>/", joining.joining, name="joining"),
    path("practices/", choice.practices, name="practices"),
]
