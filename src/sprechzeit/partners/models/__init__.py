"""What the interface keeps: keys, answers, and what partners are told."""

from sprechzeit.partners.models.answers import Answer
from sprechzeit.partners.models.events import Delivery, Event, Feed, WebhookOff
from sprechzeit.partners.models.signing import Nonce, SigningKey

__all__ = ["Answer", "Delivery", "Event", "Feed", "Nonce", "SigningKey", "WebhookOff"]
