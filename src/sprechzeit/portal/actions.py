"""What a visitor of the booking page does beyond the use cases of the appointment book."""

from datetime import datetime

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action
from sprechzeit.scheduling.actions.hold import give_hold_back, hold_time
from sprechzeit.scheduling.models import AppointmentType, Calendar, Hold


@action
def hold_instead(
    actor: Actor,
    appointment_type: AppointmentType,
    calendar: Calendar,
    starts_at: datetime,
    *,
    address: str,
    form: str,
    former: str,
) -> Hold:
    """Keep a time in place of the visitor's `former` hold (its secret; empty for none).

    Refused, the former one stays. Raises what `hold_time` raises (BOO-3).
    """
    if former:
        give_hold_back(actor, former)
    return hold_time(actor, appointment_type, calendar.id, starts_at, address=address, form=form)
