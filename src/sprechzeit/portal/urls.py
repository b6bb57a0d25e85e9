from django.urls import path

from sprechzeit.portal.views import booking, embed, linked, logo

app_name = "portal"
urlpatterns = [
    path("robots.txt", embed.robots, name="robots"),
    path("book/embed.js", embed.script, name="embed_script"),
    path("book/<slug:slug>/", booking.services, name="services"),
    path("book/<slug:slug>/logo/<str:digest>.webp", logo.logo, name="logo"),
    path("book/<slug:slug>/types/<str:type_reference>/", booking.times, name="times"),
    path("book/<slug:slug>/types/<str:type_reference>/holds/", booking.hold, name="hold"),
    path("book/<slug:slug>/holds/<str:token>/", booking.details, name="details"),
    path("book/<slug:slug>/holds/<str:token>/code/", booking.code, name="code"),
    path("book/<slug:slug>/holds/<str:token>/release/", booking.give_back, name="give_back"),
    path("book/<slug:slug>/holds/<str:token>/done/", booking.done, name="done"),
    path("appointment/<str:token>/", linked.manage, name="manage"),
    path("appointment/<str:token>/times/", linked.other_times, name="other_times"),
    path("appointment/<str:token>/place/", linked.place, name="place"),
    path("appointment/<str:token>/cancellation/", linked.cancellation, name="cancellation"),
    path("appointment/<str:token>/calendar.ics", linked.calendar_file, name="calendar_file"),
]
