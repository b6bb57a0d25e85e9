"""What happened in a community, for the log of each practice in it."""

from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.community.models import CommunityEvent
from sprechzeit.core.locks import lock
from sprechzeit.core.rows import fetch


def note(
    actor: Actor, community_id: UUID, kind: CommunityEvent.Kind, subject: str = "", *, about: UUID | None = None
) -> None:
    """Written to the log of the actor's practice and of all that stand in it; their open pages look again.

    `about`: a member that it concerns, though it may not stand yet.
    """
    facts = [actor.practice_id, community_id, kind.value, subject, about]
    fetch("SELECT note_in_community(%s, %s, %s, %s, %s)", facts)


def lock_community(community_id: UUID) -> None:
    """One after the other: who maps a room while the practice is removed waits, and then is not in it any more.

    Before the locks of spaces; who books never takes it.
    """
    lock(f"community:{community_id}")
