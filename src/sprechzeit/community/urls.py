from django.urls import path

from sprechzeit.community import views

app_name = "community"
urlpatterns = [
    path("", views.communities, name="communities"),
    path("new/", views.founding, name="founding"),
    path("enter/", views.entering, name="entering"),
    path("<str:community_id>/name/", views.naming, name="naming"),
    path("<str:community_id>/code/", views.code, name="code"),
    path("<str:community_id>/rooms/", views.rooms, name="rooms"),
    path("<str:community_id>/rooms/<str:space_id>/name/", views.space_naming, name="space_naming"),
    path("<str:community_id>/rooms/<str:space_id>/removal/", views.space_removal, name="space_removal"),
    path("<str:community_id>/agreement/", views.agreement, name="agreement"),
    path("<str:community_id>/times/", views.times, name="times"),
    path("<str:community_id>/leaving/", views.leaving, name="leaving"),
    path("<str:community_id>/members/<str:member_id>/confirmation/", views.confirmation, name="confirmation"),
    path("<str:community_id>/members/<str:member_id>/removal/", views.removal, name="removal"),
]
