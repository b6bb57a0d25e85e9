from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.practice"
    label = "practice"
