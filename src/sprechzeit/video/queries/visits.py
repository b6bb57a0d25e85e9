"""Reading what stands on the video side."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.limits import Counted, counted
from sprechzeit.practice.models import Member, VideoToken
from sprechzeit.practice.policy import visible_members
from sprechzeit.scheduling.models import Block, Calendar
from sprechzeit.scheduling.policy import visible_calendars
from sprechzeit.scheduling.queries.video import Joining, joining
from sprechzeit.video.models import Visit
from sprechzeit.video.policy import managed_tokens, visible_visits
from sprechzeit.video.users import user_id_of

# By which name the calls of a token are counted: within a day that says when the last one was.
CALLS = "video-calls"


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody who holds consultations: by which id booking systems name them, and in which calendar they stand."""

    user_id: str
    name: str
    member: Member
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A token, and when it was last used: to the minute within the last day, else as it was noted."""

    token: VideoToken
    calls: Counted

    @property
    def last_at(self) -> datetime | None:
        """None: never."""
        return self.calls.last_at or self.token.last_used_at


def practitioners(actor: Actor) -> list[Practitioner]:
    """Everybody who works in the practice and has a column of the book, each with the first of theirs (PUSH-1)."""
    columns = visible_calendars(actor).filter(member__in=visible_members(actor).filter(suspended_at=None))
    found: dict[UUID, Practitioner] = {}
    for column in columns.select_related("member").order_by("position", "name", "pk"):
        member = column.member
        if member is not None and member.pk not in found:
            found[member.pk] = Practitioner(user_id_of(member.pk), member.name, member, column)
    return sorted(found.values(), key=lambda one: one.name)


def tokens_in_use(actor: Actor) -> list[TokenUse]:
    """The tokens that are not revoked, for administrators."""
    tokens = managed_tokens(actor).filter(revoked_at=None).select_related("made_by").order_by("name", "pk")
    return [TokenUse(one, counted(CALLS, str(one.pk))) for one in tokens]


def tokens_with_visits(actor: Actor) -> list[VideoToken]:
    """The tokens with which something was pushed that is to come, revoked ones too, for administrators: a new token for
    the same booking system takes the place of one of them.
    """
    coming = visible_visits(actor).filter(cancelled_at=None, block__ends_at__gt=timezone.now())
    found = managed_tokens(actor).filter(pk__in=coming.values("token_id"))
    return list(found.order_by(F("revoked_at").desc(nulls_last=True), "name", "pk"))


def visit_of(actor: Actor, block: Block) -> Visit | None:
    """What stands behind a block that was pushed; None for any other block."""
    return visible_visits(actor).select_related("token", "member").filter(block=block).first()


def joined_by(actor: Actor, visit: Visit) -> Joining:
    """The link and the TAN of a pushed appointment: it is held here, so that they are always there."""
    found = joining(actor, visit.block)
    assert found  # noqa: S101 – made with the block
    return found


def visits_of_blocks(actor: Actor, block_ids: Collection[UUID]) -> dict[UUID, Visit]:
    """Of these blocks those that were pushed, by the block's id."""
    found = visible_visits(actor).filter(block_id__in=block_ids)
    return {one.block_id: one for one in found}
