"""Choosing the video service, and asking it whether it is the right one (PUSH-2, PUSH-6, PUSH-10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.integrations.video_service.actions.former import keep_former
from sprechzeit.integrations.video_service.actions.outcome import note_fault, note_well
from sprechzeit.integrations.video_service.contract import Known, NotTaken
from sprechzeit.integrations.video_service.errors import NoVideoAddress, OwnVideoSide, VideoServiceUnnamed
from sprechzeit.integrations.video_service.events import VideoServiceChanged
from sprechzeit.integrations.video_service.models import FormerService, Why
from sprechzeit.integrations.video_service.queries import (
    Asked,
    calendars_unknown,
    calendars_with_reference,
    video_service,
)
from sprechzeit.integrations.video_service.reaching import target, target_of
from sprechzeit.practice.models import VideoService, VideoToken
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.webhook_address import is_webhook_address
from sprechzeit.scheduling.actions.video import settle_video
from sprechzeit.scheduling.models import Calendar

REACHES = ("kind", "url", "token", "is_on")
"""What says where a service is, and whether it is told anything."""


@action
def change_service(actor: Actor, changes: Mapping[str, Any]) -> VideoService:
    """Write what was changed of it, as the model names it. Reached otherwise than before, it is told of all that comes.

    Here, in this practice, there is neither address nor token (PUSH-10). Raises `NotAllowed`, `NoVideoAddress`,
    `OwnVideoSide`, `VideoServiceUnnamed`.
    """
    require(may_change_practice(actor), NotAllowed)
    service = video_service(actor) or VideoService(practice_id=actor.practice_id)
    before = [getattr(service, name) for name in REACHES]
    former = FormerService(
        practice_id=actor.practice_id, target=target(service), kind=service.kind, url=service.url, token=service.token
    )
    for name, value in changes.items():
        setattr(service, name, value)
    if service.is_here:
        service.url, service.token = "", None
    if service.shown_as != VideoService.ShownAs.FIRST_NAME:
        service.sends_last_name = False
    _check(actor, service)
    is_another = before != [getattr(service, name) for name in REACHES]
    if is_another:
        service.fault, service.fault_at, service.quiet_until, service.writes_itself = "", None, None, None
    service.save()
    keep_former(actor, former, target(service))
    if is_another and service.is_on:
        settle_video(actor)
        publish(VideoServiceChanged(service.practice_id))
    return service


def _check(actor: Actor, service: VideoService) -> None:
    if service.is_here:
        return
    require(not service.url or is_webhook_address(service.url), NoVideoAddress)
    own = VideoToken.objects.filter(practice_id__in=actor.practices)
    is_own = bool(service.token) and own.filter(token_hash=token_hash(service.token or "")).exists()
    require(not is_own, OwnVideoSide)
    require(not service.is_on or (bool(service.url) and bool(service.token)), VideoServiceUnnamed)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of asking the service. `why`: what was wrong, a code of `Why`; empty if nothing was.

    `unknown`: calendars whose reference nobody has there; `names`: whom the others name there, by calendar.
    """

    why: str = ""
    status: int | None = None
    practitioners: int = 0
    unknown: list[Calendar] = field(default_factory=list)
    names: list[tuple[str, str]] = field(default_factory=list)
    writes: bool | None = None


@action
def note_answer(actor: Actor, asked: Asked, answer: Known | NotTaken) -> Answered:
    """What came of asking the service for its practitioners, and what is wrong if it did not answer so.

    Of one that is not chosen any more nothing is noted. Raises `NotAllowed`.
    """
    require(may_change_practice(actor), NotAllowed)
    service = video_service(actor)
    is_chosen = service is not None and target(service) == target_of(asked.kind, asked.url)
    if isinstance(answer, NotTaken):
        if is_chosen:
            note_fault(actor, answer)
        return Answered(answer.why if answer.why in Why.values else Why.ERROR.value, answer.status)
    if is_chosen:
        note_well(actor)
        VideoService.objects.filter(practice_id=actor.practice_id).update(writes_itself=answer.writes)
    unknown = calendars_unknown(actor, answer.practitioners)
    named = [one for one in calendars_with_reference(actor) if one not in unknown]
    names = [(one.name, answer.practitioners[one.video_reference]) for one in named]
    return Answered("", None, len(answer.practitioners), unknown, names, answer.writes)
