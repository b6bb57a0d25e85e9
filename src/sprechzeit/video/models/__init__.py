from sprechzeit.video.models.answers import Answer
from sprechzeit.video.models.messages import VisitMessage
from sprechzeit.video.models.visits import Visit

__all__ = ["Answer", "Visit", "VisitMessage"]
