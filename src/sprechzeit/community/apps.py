from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.community"
    label = "community"
