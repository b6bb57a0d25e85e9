"""Addresses of the templates of notes, below /settings/."""

from django.urls import path

from sprechzeit.records.views import templates

app_name = "records_settings"
urlpatterns = [
    path("note-templates/", templates.templates, name="templates"),
    path("note-templates/new/", templates.new_template, name="new_template"),
    path("note-templates/<str:template_id>/", templates.template, name="template"),
    path("note-templates/<str:template_id>/retirement/", templates.template_retirement, name="template_retirement"),
]
