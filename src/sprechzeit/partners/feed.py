"""What happened to a partner's bookings, to catch up from (OTV-9)."""

from typing import Annotated

from ninja import Query, Router, Schema
from pydantic import Field

from sprechzeit.partners.queries.events import events_after
from sprechzeit.partners.webhooks import EventOut, event_out
from sprechzeit.practice.visitors import ActorRequest

router = Router(tags=["events"])

LARGEST = 500
LAST = 2**63 - 1


class Events(Schema):
    """A part of the feed."""

    items: list[EventOut]
    next: str | None = Field(
        description="`after` of the next call, where there are more now. Else keep the number of the last event.",
        examples=["128"],
    )


@router.get("/events", response=Events, operation_id="events", summary="What happened to the partner's appointments")
def events(
    request: ActorRequest,
    after: Annotated[int, Query(ge=0, le=LAST, description="The number of the last event that you have.")] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST)] = 100,
) -> Events:
    """All changes after one, in their order, whoever made them: the practice, the patient by a link, you.

    A change is in the feed as soon as it is made, and none is missed by asking on from the last number. A webhook may
    tell less: of changes to one appointment that follow one another before you took the first, only the last is sent.
    """
    found = events_after(request.actor, after, limit + 1)
    shown = found[:limit]
    items = [event_out(one, one.practice.zone) for one in shown]
    return Events(items=items, next=str(shown[-1].number) if len(found) > limit else None)
