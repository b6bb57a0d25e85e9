from django.urls import path

from sprechzeit.scheduling.views import absence, hours

app_name = "scheduling_hours"
urlpatterns = [
    path("", hours.week, name="week"),
    path("absences/", absence.absences, name="absences"),
    path("absences/new/", absence.new_absence, name="new_absence"),
    path("absences/<str:absence_id>/", absence.absence, name="absence"),
    path("absences/<str:absence_id>/removal/", absence.absence_removal, name="absence_removal"),
    path("holidays/", absence.holidays, name="holidays"),
    path("shifts/<str:shift_id>/removal/", hours.shift_removal, name="shift_removal"),
    path("<str:calendar_id>/", hours.calendar_week, name="calendar"),
    path("<str:calendar_id>/shifts/", hours.new_shift, name="new_shift"),
]
