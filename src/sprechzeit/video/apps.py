from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.video"
    label = "video"
