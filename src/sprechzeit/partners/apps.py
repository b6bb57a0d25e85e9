from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.partners"
    label = "partners"
