from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.scheduling"
    label = "scheduling"
