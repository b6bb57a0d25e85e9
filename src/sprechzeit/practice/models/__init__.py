from sprechzeit.practice.models.base import PracticeForeignKey, PracticeModel, PracticeOneToOne, PracticeSealedText
from sprechzeit.practice.models.facts import DataKey, IdempotencyKey, Member, Practice, Room, Space

__all__ = [
    "DataKey",
    "IdempotencyKey",
    "Member",
    "Practice",
    "PracticeForeignKey",
    "PracticeModel",
    "PracticeOneToOne",
    "PracticeSealedText",
    "Room",
    "Space",
]
