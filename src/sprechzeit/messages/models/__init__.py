"""Facts about messages to people."""

from sprechzeit.messages.models.messages import Message
from sprechzeit.messages.models.reminders import Reminder
from sprechzeit.messages.models.templates import MessageTemplate

__all__ = ["Message", "MessageTemplate", "Reminder"]
