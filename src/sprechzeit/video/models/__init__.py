from sprechzeit.video.models.answers import Answer
from sprechzeit.video.models.consultations import Consultation, Seat, Signal
from sprechzeit.video.models.messages import VisitMessage
from sprechzeit.video.models.visits import Visit

__all__ = ["Answer", "Consultation", "Seat", "Signal", "Visit", "VisitMessage"]
