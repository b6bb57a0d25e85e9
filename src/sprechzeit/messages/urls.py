from django.urls import path

from sprechzeit.messages import views

app_name = "messages"
urlpatterns = [path("", views.deliveries, name="deliveries")]
