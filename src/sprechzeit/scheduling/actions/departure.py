"""When a member leaves: everything of theirs goes to another member, in one transaction (ACC-12)."""

from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.patients.actions import hand_over_patients
from sprechzeit.practice.actions.grants import revoke_given
from sprechzeit.practice.actions.team import end_membership
from sprechzeit.practice.events import PracticeChanged
from sprechzeit.practice.models import Member
from sprechzeit.practice.policy import get_member, may_change_practice, may_end_membership
from sprechzeit.scheduling.actions.video import reference_of, tell_video_of
from sprechzeit.scheduling.errors import NotHandedOver
from sprechzeit.scheduling.models import Calendar
from sprechzeit.scheduling.policy import visible_calendars
from sprechzeit.scheduling.queries.departure import left_behind, successors


@action
def let_leave(actor: Actor, member_id: UUID, successor_id: UUID | None = None, *, revokes: bool = False) -> None:
    """End a membership. Records, calendars and with them the appointments to come are the successor's from then on.

    `revokes`: so do the accesses that they gave and that would go on without them.

    Raises `NotHandedOver` while there is something and nobody to take it; only an administrator hands over. Raises
    `LastAdministrator`.
    """
    member = get_member(actor, member_id)
    require(may_end_membership(actor, member), NotAllowed)
    # A booking under way refers to this row: it ends before. Who takes over does not leave at the same moment.
    list(Member.objects.select_for_update().filter(pk__in=[member.pk, successor_id]).order_by("pk"))
    if left_behind(actor, member):
        if successor_id is None or not may_change_practice(actor):
            raise NotHandedOver
        successor = successors(actor, member).filter(pk=successor_id).first()
        if successor is None:
            raise NotFound
        hand_over_patients(actor, member.pk, successor.pk)
        theirs = list(visible_calendars(actor, retired=True).filter(member_id=member.pk).values_list("pk", flat=True))
        own = Calendar.objects.filter(pk__in=theirs)
        # Their consultations by video are not held by who left.
        own.exclude(video_reference="").update(video_reference=reference_of(actor, successor.pk))
        own.update(member_id=successor.pk)
        tell_video_of(actor, theirs)
    if revokes:
        revoke_given(actor, member.pk)
    end_membership(actor, member.pk)
    publish(PracticeChanged(actor.practice_id))
