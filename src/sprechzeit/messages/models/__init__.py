"""Facts about messages to people."""

from sprechzeit.messages.models.messages import Message

__all__ = ["Message"]
