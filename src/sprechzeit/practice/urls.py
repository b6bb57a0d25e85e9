from django.urls import path

from sprechzeit.practice import views

app_name = "practice"
urlpatterns = [
    path("practice/", views.facts, name="facts"),
    path("booking/", views.booking, name="booking"),
    path("rights/", views.rights, name="rights"),
    path("rooms/", views.rooms, name="rooms"),
    path("rooms/new/", views.new_room, name="new_room"),
    path("rooms/<str:room_id>/", views.room, name="room"),
    path("rooms/<str:room_id>/place/", views.room_place, name="room_place"),
]
