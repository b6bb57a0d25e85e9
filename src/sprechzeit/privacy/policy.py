"""Who reads an access's diary, who sets how long things are kept; what is over. Decided here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.audit.policy import may_read_log
from sprechzeit.core.errors import NotFound
from sprechzeit.messages.models import Message
from sprechzeit.partners.models import Answer
from sprechzeit.practice.models import AccessGrant, IdempotencyKey, Member
from sprechzeit.practice.policy import granted_ever, may_change_practice
from sprechzeit.privacy.periods import Kind
from sprechzeit.scheduling.models import Block, BookChange, Hold, Occupancy
from sprechzeit.video.models import Answer as VideoAnswer


@dataclass(frozen=True, slots=True)
class Diary:
    """What somebody did by an access. `members`: whose data it opens or once opened, by id; `as_delegate`,
    `as_member`: how the log names who has it, from outside and as a member of the practice beside their role ('' for
    no member).

    `reader`: the practitioner who sees of it what concerns them alone; None for who sees all.
    """

    access: AccessGrant
    members: Mapping[UUID, str]
    as_delegate: str
    as_member: str
    reader: UUID | None


def get_diary(actor: Actor, access_id: UUID) -> Diary:
    """Of an access that stands or is over: for administrators, and for a practitioner whose data it opens, or did until
    they closed their part, or who gave it (ACC-23).

    Raises NotFound alike for everybody else and for ids that never were (ACC-6).
    """
    access = AccessGrant.objects.filter(practice_id__in=actor.practices, pk=access_id).first()
    if access is None:
        raise NotFound
    opened = granted_ever(access.practice_id).filter(value__new__grant_id=str(access.pk))
    ever = Member.objects.filter(pk__in=set(opened.values_list("value__new__member_id", flat=True)))
    members = dict(ever.filter(practice_id=access.practice_id).order_by("name").values_list("pk", "name"))
    everything = may_read_log(actor)
    practitioner = actor.kind is ActorKind.MEMBER and actor.role is Role.PRACTITIONER
    own = practitioner and (actor.identity in members or access.given_by_id == actor.identity)
    if not (everything or own):
        raise NotFound
    member = Member.objects.filter(practice_id=access.practice_id, user_id=access.user_id) if access.user_id else ()
    as_member = next((f"{ActorKind.MEMBER}:{one.pk}" for one in member), "")
    return Diary(
        access, members, f"{ActorKind.DELEGATE}:{access.pk}", as_member, None if everything else actor.identity
    )


def may_set_periods(actor: Actor) -> bool:
    """How long what is kept, and what was deleted: administrators; and the program, which deletes it."""
    return may_change_practice(actor)


def may_delete_what_is_over(actor: Actor) -> bool:
    """Nobody but the program itself, by the periods."""
    return actor.role is Role.SYSTEM


def rows_over(actor: Actor, kind: Kind, before: datetime) -> list[QuerySet[Any]]:
    """What of this kind is to be deleted when everything from `before` that moment is over, in the order of ids."""
    own = {"practice_id": actor.practice_id}
    match kind:
        case Kind.VISITS:
            found: list[QuerySet[Any]] = [Block.objects.filter(ends_at__lt=before, visit__isnull=False)]
        case Kind.BLOCKS:
            found = [Block.objects.filter(ends_at__lt=before, visit__isnull=True)]
        case Kind.MESSAGES:
            found = [Message.objects.filter(appointment__ends_at__lt=before)]
        case Kind.HOLDS:
            of_hold = Hold.objects.filter(practice_id=OuterRef("practice_id"), occupancy=OuterRef("pk"))
            left = Occupancy.objects.filter(~Exists(of_hold), kind=Occupancy.Kind.HOLD, expires_at__lt=before)
            found = [Hold.objects.filter(created_at__lt=before), left]
        case Kind.CHANGES:
            found = [BookChange.objects.filter(made_at__lt=before)]
        case Kind.KEYS:
            found = [IdempotencyKey.objects.filter(created_at__lt=before)]
        case Kind.ANSWERS:
            found = [one.objects.filter(created_at__lt=before) for one in (Answer, VideoAnswer)]
    return [rows.filter(**own).order_by("pk") for rows in found]
