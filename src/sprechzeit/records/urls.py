"""Addresses of sessions, their notes, documents and reports, below /records/."""

from django.urls import path

from sprechzeit.records.views import documents, notes, reports, sessions

app_name = "records"
urlpatterns = [
    path("patients/<str:patient_id>/sessions/", sessions.sessions, name="sessions"),
    path("patients/<str:patient_id>/sessions/new/", sessions.new_session, name="new_session"),
    path("appointments/<str:appointment_id>/session/", sessions.documentation, name="documentation"),
    path("sessions/<str:session_id>/", sessions.session, name="session"),
    path("sessions/<str:session_id>/facts/", sessions.facts, name="facts"),
    path("sessions/<str:session_id>/withdrawal/", sessions.withdrawal, name="withdrawal"),
    path("sessions/<str:session_id>/note/", notes.note, name="note"),
    path("sessions/<str:session_id>/draft/", notes.draft, name="draft"),
    path("sessions/<str:session_id>/writers/", notes.writers, name="writers"),
    path("sessions/<str:session_id>/versions/", notes.versions, name="versions"),
    path("sessions/<str:session_id>/signature/", notes.signature, name="signature"),
    path("sessions/<str:session_id>/amendments/", notes.amendments, name="amendments"),
    path("patients/<str:patient_id>/documents/", documents.documents, name="documents"),
    path("documents/<str:document_id>/", documents.document, name="document"),
    path("documents/<str:document_id>/file/", documents.file, name="document_file"),
    path("documents/<str:document_id>/preview/", documents.preview, name="document_preview"),
    path("documents/<str:document_id>/removal/", documents.removal, name="document_removal"),
    path("patients/<str:patient_id>/reports/", reports.reports, name="reports"),
    path("patients/<str:patient_id>/reports/new/", reports.new_report, name="new_report"),
    path("reports/<str:report_id>/", reports.report, name="report"),
    path("reports/<str:report_id>/draft/", reports.report_draft, name="report_draft"),
    path("reports/<str:report_id>/pdf/", reports.report_pdf, name="report_pdf"),
    path("reports/<str:report_id>/filing/", reports.report_filing, name="report_filing"),
    path("reports/<str:report_id>/withdrawal/", reports.report_withdrawal, name="report_withdrawal"),
    path("reports/<str:report_id>/correction/", reports.report_correction, name="report_correction"),
]
