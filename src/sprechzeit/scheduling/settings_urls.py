"""Addresses of the settings of the appointment book, below /settings/."""

from django.urls import path

from sprechzeit.scheduling.views import calendars, departure, plan, retirement, types

app_name = "scheduling_settings"
urlpatterns = [
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/new/", calendars.new_calendar, name="new_calendar"),
    path("calendars/<str:calendar_id>/", calendars.calendar, name="calendar"),
    path("calendars/<str:calendar_id>/place/", calendars.calendar_place, name="calendar_place"),
    path("calendars/<str:calendar_id>/retirement/", retirement.calendar, name="calendar_retirement"),
    path("rooms/<str:room_id>/use/", calendars.room_use, name="room_use"),
    path("rooms/<str:room_id>/retirement/", retirement.room, name="room_retirement"),
    path("team/<str:member_id>/calendars/", departure.member_calendars, name="member_calendars"),
    path("team/<str:member_id>/departure/", departure.departure, name="departure"),
    path("plan/", plan.plan, name="plan"),
    path("types/", types.types, name="types"),
    path("types/new/", types.new_type, name="new_type"),
    path("types/<str:type_id>/", types.appointment_type, name="type"),
    path("types/<str:type_id>/place/", types.type_place, name="type_place"),
    path("types/<str:type_id>/retirement/", retirement.appointment_type, name="type_retirement"),
]
