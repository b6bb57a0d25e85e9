"""What the rooms of other systems keep; Django looks for it here."""

from sprechzeit.integrations.video_service.models import FormerService, Push

__all__ = ["FormerService", "Push"]
