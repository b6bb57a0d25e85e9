from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.privacy"
    label = "privacy"
