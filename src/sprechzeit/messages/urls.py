from django.urls import path

from sprechzeit.messages import views

app_name = "messages"
urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("<str:message_id>/again/", views.again, name="again"),
]
