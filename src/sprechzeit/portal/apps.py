from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.portal"
    label = "portal"
