"""Addresses of the templates of notes and reports, below /settings/."""

from django.urls import path

from sprechzeit.records.views import report_templates, templates

app_name = "records_settings"
urlpatterns = [
    path("note-templates/", templates.templates, name="templates"),
    path("note-templates/new/", templates.new_template, name="new_template"),
    path("note-templates/<str:template_id>/", templates.template, name="template"),
    path("note-templates/<str:template_id>/retirement/", templates.template_retirement, name="template_retirement"),
    path("report-templates/", report_templates.report_templates, name="report_templates"),
    path("report-templates/new/", report_templates.new_report_template, name="new_report_template"),
    path("report-templates/preview/", report_templates.report_preview, name="report_preview"),
    path("report-templates/<str:template_id>/", report_templates.report_template, name="report_template"),
    path(
        "report-templates/<str:template_id>/retirement/",
        report_templates.report_template_retirement,
        name="report_template_retirement",
    ),
]
