from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.ui"
    label = "ui"
