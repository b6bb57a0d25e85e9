"""Addresses of one's own backup, below /settings/."""

from django.urls import path

from sprechzeit.operations import personal_views as views

app_name = "personal_backup"
urlpatterns = [
    path("backup/", views.backups, name="backups"),
    path("backup/archives/", views.archives, name="archives"),
    path("backup/<str:backup_id>/file/", views.file, name="file"),
    path("backup/<str:backup_id>/removal/", views.removal, name="removal"),
]
