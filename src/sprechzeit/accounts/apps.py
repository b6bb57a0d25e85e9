from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.accounts"
    label = "accounts"
