"""The settings' pages of the video service."""

from django.urls import path

from sprechzeit.integrations.video_service import views

app_name = "video_service"
urlpatterns = [
    path("video-service/", views.service, name="service"),
    path("video-service/test/", views.test, name="test"),
    path("video-service/aside/", views.aside, name="aside"),
    path("video-service/former/<str:former_id>/cancellation/", views.former_cancellation, name="former_cancellation"),
    path("video-service/former/<str:former_id>/farewell/", views.farewell, name="farewell"),
    path("video-service/changes/<str:push_id>/again/", views.again, name="again"),
]
