"""Whom the actions of the video side refuse."""

from collections.abc import Callable
from typing import TypeVar

from sprechzeit.access.actor import video_token
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions import pushed
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.video.actions import answers, messages, tokens, visits
from sprechzeit.video.errors import (
    NothingToTell,
    PushCancelled,
    PushKeyReused,
    ReferenceTaken,
    TokenNameTaken,
    UnknownPractitioner,
)
from tests.support.cast import House, at, monday
from tests.support.pusher import Pusher
from tests.support.things import pushed_by

R = TypeVar("R")
KEY = "k" * 20


def of_video(house: House, brandt: House, make: Callable[..., R]) -> list[R]:
    """Pushing, tokens, its own messages. `make`: as `refusal`."""
    miriam, jonas, berta, system = house.actor("miriam"), house.actor("jonas"), brandt.actor("berta"), house.system
    pusher, other = Pusher(house, "Push"), Pusher(house, "Anderes").actor
    day = monday(4)
    stands = pushed_by(pusher, "stands", at("09:00", day), who="miriam")
    gone = pushed_by(pusher, "gone", at("10:00", day), who="miriam", cancelled=True)
    by, token = pusher.actor, pusher.actor.identity
    push, place = pusher.push(at("11:00", day)), Place(house.calendars["miriam"], at("11:00", day), at("12:00", day))
    nowhere = pusher.push(at("11:00", day), practitioner="nobody")
    over = pushed_by(pusher, "over", at("09:00", monday(-2)), who="miriam").block_id
    block = stands.block_id
    pusher.book("kept", key=KEY)
    return [
        make(NotAllowed, miriam, pushed.enter_pushed, place, "Paula"),
        make(NotAllowed, system, pushed.move_pushed, block, place, "Paula"),
        make(NotAllowed, miriam, pushed.end_pushed, block),
        make(NotAllowed, miriam, visits.create_visit, "new", push),
        make(UnknownPractitioner, by, visits.create_visit, "new", nowhere),
        make(ReferenceTaken, by, visits.create_visit, "stands", push),
        make(NotAllowed, jonas, visits.change_visit, "stands", push),
        make(NotFound, other, visits.change_visit, "stands", push),
        make(UnknownPractitioner, by, visits.change_visit, "stands", nowhere),
        make(PushCancelled, by, visits.change_visit, gone.reference, push),
        make(NotAllowed, system, visits.cancel_visit, "stands"),
        make(NotFound, other, visits.cancel_visit, "stands"),
        make(NotAllowed, miriam, answers.answer_once, KEY, "?", lambda: answers.Told(200, "")),
        make(PushKeyReused, by, answers.answer_once, KEY, "?", lambda: answers.Told(200, "")),
        make(NotAllowed, jonas, tokens.make_token, "Neu", token_id=new_id()),
        make(NotAllowed, by, tokens.make_token, "Neu", token_id=new_id()),
        make(TokenNameTaken, miriam, tokens.make_token, "PUSH", token_id=new_id()),
        make(NotFound, jonas, tokens.renew_token, token),
        make(NotFound, berta, tokens.renew_token, token),
        make(NotFound, jonas, tokens.replace_token, token, "Neu"),
        make(NotFound, berta, tokens.replace_token, token, "Neu"),
        make(NotFound, berta, tokens.revoke_token, token),
        make(NotFound, by, tokens.revoke_token, token),
        make(NotAllowed, miriam, tokens.note_use),
        make(NotAllowed, video_token(house.practice.pk, token), messages.visit_message_due, block),
        make(NotAllowed, jonas, messages.mark_visit_sent, None, "", ""),
        make(NotAllowed, jonas, messages.mark_visit_attempt, None, "", final=True),
        make(NotFound, jonas, messages.tell_visit_again, block),
        make(NotFound, berta, messages.tell_visit_again, block),
        make(NothingToTell, house.actor("jana"), messages.tell_visit_again, over),
    ]
