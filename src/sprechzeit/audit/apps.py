from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.audit"
    label = "audit"
