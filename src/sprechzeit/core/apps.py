from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.core"
    label = "core"
