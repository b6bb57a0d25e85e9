"""Addresses of sessions and their notes, below /records/."""

from django.urls import path

from sprechzeit.records.views import notes, sessions

app_name = "records"
urlpatterns = [
    path("patients/<str:patient_id>/sessions/", sessions.sessions, name="sessions"),
    path("patients/<str:patient_id>/sessions/new/", sessions.new_session, name="new_session"),
    path("appointments/<str:appointment_id>/session/", sessions.documentation, name="documentation"),
    path("sessions/<str:session_id>/", sessions.session, name="session"),
    path("sessions/<str:session_id>/facts/", sessions.facts, name="facts"),
    path("sessions/<str:session_id>/note/", notes.note, name="note"),
    path("sessions/<str:session_id>/draft/", notes.draft, name="draft"),
    path("sessions/<str:session_id>/writers/", notes.writers, name="writers"),
    path("sessions/<str:session_id>/versions/", notes.versions, name="versions"),
    path("sessions/<str:session_id>/signature/", notes.signature, name="signature"),
    path("sessions/<str:session_id>/amendments/", notes.amendments, name="amendments"),
]
