"""The settings' pages of what partners are told."""

from django.urls import path

from sprechzeit.partners import views

app_name = "webhooks"
urlpatterns = [
    path("partners/<str:partner_id>/changes/", views.deliveries, name="deliveries"),
    path("partners/<str:partner_id>/changes/aside/", views.aside, name="aside"),
    path("partners/<str:partner_id>/changes/on/", views.on, name="on"),
    path("partners/changes/<str:delivery_id>/again/", views.again, name="again"),
]
