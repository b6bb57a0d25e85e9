"""What happens to a practice."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class PracticeChanged(Event):
    """The practice's data or one of its rooms is not as it was."""


@dataclass(frozen=True, slots=True)
class MemberInvited(Event):
    """Somebody is asked by mail to come into the practice; told once for each sending."""

    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class AccessChanged(Event):
    """An access was given or revoked, or its invitation is to be sent again: the delegate is told."""

    access_id: UUID


@dataclass(frozen=True, slots=True)
class SmsTestAsked(Event):
    """An administrator wants a test message from the practice's SMS gateway; told once for each."""

    test_id: UUID


@dataclass(frozen=True, slots=True)
class AccessConcerns(Event):
    """An access was given or revoked that a member gave, or that opens their data: they are told."""

    access_id: UUID
    member_id: UUID
