from django.urls import path

from sprechzeit.portal import views

app_name = "portal"
urlpatterns = [
    path("book/<slug:slug>/", views.services, name="services"),
    path("book/<slug:slug>/types/<str:type_reference>/", views.times, name="times"),
    path("book/<slug:slug>/types/<str:type_reference>/holds/", views.hold, name="hold"),
    path("book/<slug:slug>/holds/<str:token>/", views.details, name="details"),
    path("book/<slug:slug>/holds/<str:token>/release/", views.give_back, name="give_back"),
    path("book/<slug:slug>/holds/<str:token>/done/", views.done, name="done"),
    path("appointment/<str:token>/", views.manage, name="manage"),
    path("appointment/<str:token>/cancellation/", views.cancellation, name="cancellation"),
    path("appointment/<str:token>/calendar.ics", views.calendar_file, name="calendar_file"),
]
