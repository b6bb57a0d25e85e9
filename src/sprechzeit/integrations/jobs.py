"""What the rooms of other systems do by the clock or after an event; the worker looks for it here."""

from sprechzeit.integrations.video_service.jobs import (
    forget_former_services,
    look_again,
    push_all,
    push_appointment,
)

__all__ = ["forget_former_services", "look_again", "push_all", "push_appointment"]
