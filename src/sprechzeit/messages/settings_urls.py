"""Addresses of the SMS gateway, below /settings/."""

from django.urls import path

from sprechzeit.messages import sms_views

app_name = "messages_settings"
urlpatterns = [
    path("sms/", sms_views.sms, name="sms"),
    path("sms/test/", sms_views.sms_test, name="sms_test"),
]
