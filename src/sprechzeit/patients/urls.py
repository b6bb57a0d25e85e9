from django.urls import path

from sprechzeit.patients import consent_views, import_views, merge_views, record_views, views

app_name = "patients"
urlpatterns = [
    path("", views.patients, name="list"),
    path("sharing/", views.sharing, name="sharing"),
    path("new/", record_views.new, name="new"),
    path("people/", record_views.people, name="people"),
    path("duplicates/", merge_views.duplicates, name="duplicates"),
    path("duplicates/<str:pair_id>/", merge_views.dismissal, name="dismissal"),
    path("merges/<str:merge_id>/undo/", merge_views.merge_undone, name="merge_undone"),
    path("import/", import_views.imports, name="imports"),
    path("import/<str:import_id>/", import_views.one_import, name="import"),
    path("import/<str:import_id>/columns/", import_views.columns, name="import_columns"),
    path("import/<str:import_id>/start/", import_views.start, name="import_start"),
    path("import/<str:import_id>/cancellation/", import_views.cancellation, name="import_cancellation"),
    path("import/<str:import_id>/taking-back/", import_views.taking_back, name="import_taking_back"),
    path("import/<str:import_id>/left-out/", import_views.left_out, name="import_left_out"),
    path("consents/<str:partner_id>/", consent_views.of_partner, name="consents_of_partner"),
    path("<str:patient_id>/consents/", consent_views.consents, name="consents"),
    path("<str:patient_id>/consents/<str:partner_id>/", consent_views.consent, name="consent"),
    path("<str:patient_id>/", record_views.record, name="record"),
    path("<str:patient_id>/archiving/", record_views.archiving, name="archiving"),
    path("<str:patient_id>/merging/", merge_views.merging, name="merging"),
]
