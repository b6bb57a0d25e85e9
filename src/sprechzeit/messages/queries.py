"""What the patient of an appointment was told."""

from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.messages.policy import visible_messages


def last_sent(actor: Actor, appointment_id: UUID) -> str | None:
    """The kind of the last message about the appointment that went out; None if none did."""
    sent = visible_messages(actor).filter(appointment_id=appointment_id, sent_at__isnull=False)
    return sent.order_by("-sent_at").values_list("kind", flat=True).first()
