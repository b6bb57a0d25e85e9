from django.apps import AppConfig


class Config(AppConfig):
    name = "sprechzeit.messages"
    label = "messages_room"
