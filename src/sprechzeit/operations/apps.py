from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.operations"
    label = "operations"
