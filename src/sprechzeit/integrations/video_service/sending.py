"""Asking the service, and telling it of one change: once in effect whatever became of an earlier attempt (PUSH-5)."""

from dataclasses import dataclass

from sprechzeit.integrations.video_service.actions.pushing import Due
from sprechzeit.integrations.video_service.contract import UNKNOWN, AlreadyThere, Known, NotTaken, NotThere, Taken
from sprechzeit.integrations.video_service.models import Push
from sprechzeit.integrations.video_service.queries import Asked
from sprechzeit.integrations.video_service.reaching import reach

Kind = Push.Kind


@dataclass(frozen=True, slots=True)
class Sent:
    """What the service answered; None for a cancellation. `was_unknown`: it had known no such appointment."""

    taken: Taken | None
    was_unknown: bool = False


def send_push(due: Due) -> Sent:
    """Tell the service. Raises `NotTaken`.

    The reference is the practice's own, and nobody else's there: one that is there already was entered by an attempt
    whose answer was lost, one that is not there was lost by the service.
    """
    service = reach(*due.service)
    try:
        match due.kind:
            case Kind.CREATE:
                return Sent(service.create(due.visit, due.keys[Kind.CREATE]))
            case Kind.CHANGE:
                return Sent(service.change(due.visit, due.keys[Kind.CHANGE]))
            case _:
                service.cancel(due.visit.reference, due.keys[Kind.CANCEL])
    except AlreadyThere:
        return Sent(service.change(due.visit, due.keys[Kind.CHANGE]))
    except NotThere as error:
        taken = None if due.kind == Kind.CANCEL else service.create(due.visit, due.keys[Kind.CREATE])
        return Sent(taken, was_unknown=error.status == UNKNOWN)
    except NotTaken:
        raise
    except Exception as error:
        # An adapter of somebody's that has a fault of its own must not stop the queue behind it.
        raise NotTaken("answer", in_doubt=True) from error
    return Sent(None)


def ask(service: Asked) -> Known | NotTaken:
    """Whom the service knows, or what is wrong with it: it is told of nobody (PUSH-2)."""
    try:
        return reach(service.kind, service.url, service.token).known()
    except NotTaken as error:
        return error
