from sprechzeit.practice.models.base import PracticeForeignKey, PracticeModel, PracticeOneToOne, PracticeSealedText
from sprechzeit.practice.models.facts import DataKey, IdempotencyKey, Logo, Member, Practice, Room, Space
from sprechzeit.practice.models.grants import AccessGrant, GrantedArea
from sprechzeit.practice.models.partners import Confirms, Partner, PartnerKey, Reading
from sprechzeit.practice.models.people import Invitation
from sprechzeit.practice.models.sms import SmsGateway
from sprechzeit.practice.models.video import VideoService, VideoToken

__all__ = [
    "AccessGrant",
    "Confirms",
    "DataKey",
    "GrantedArea",
    "IdempotencyKey",
    "Invitation",
    "Logo",
    "Member",
    "Partner",
    "PartnerKey",
    "Practice",
    "PracticeForeignKey",
    "PracticeModel",
    "PracticeOneToOne",
    "PracticeSealedText",
    "Reading",
    "Room",
    "SmsGateway",
    "Space",
    "VideoService",
    "VideoToken",
]
