from django.urls import path

from sprechzeit.privacy import partner_views, retention_views, views

app_name = "privacy"
urlpatterns = [
    path("access/<str:access_id>/diary/", views.diary, name="diary"),
    path("partners/<str:partner_id>/log/", partner_views.partner_log, name="partner_log"),
    path("retention/", retention_views.retention, name="retention"),
    path("log/", views.log, name="log"),
    path("log/check/", views.check, name="check"),
    path("log/export/<str:form_of_file>/", views.export, name="export"),
    path("log/patients/<str:patient_id>/report/", views.report, name="report"),
]
