"""What is deleted when its time is over, and when that is (PRI-20, PRI-21, PRI-22). Which class of keeping a model has
stands beside the model (`RETENTION`); docs/rules/retention.md has all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    """What is deleted together, and counted together in the report."""

    VISITS = "visits"
    MESSAGES = "messages"
    BLOCKS = "blocks"
    HOLDS = "holds"
    CHANGES = "changes"
    KEYS = "keys"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long one kind is kept.

    `classes`: the classes of keeping whose rows it deletes. `period`: from when on it counts says `since`; what a
    practice that has set nothing has. `bounds`: from how many days to how many a practice may set it; None where it is
    not the practice's to say. `in_log`: its values in the log are erased with it. `hourly`: it is not left till night.
    """

    kind: Kind
    classes: frozenset[str]
    label: Promise
    what: Promise
    since: Promise
    why: Promise
    period: timedelta
    bounds: tuple[int, int] | None = None
    in_log: bool = True
    hourly: bool = False


_DAY = timedelta(days=1)
_KEEPINGS = (
    Keeping(
        Kind.VISITS,
        frozenset({"video copy"}),
        _("Video appointments of booking systems"),
        _(
            "What a booking system pushed to your video side: name, e-mail, mobile number, time, link and TAN, the "
            "messages about it, and its values in the log."
        ),
        _("after the end of the appointment"),
        _(
            "It is a copy: the practice that made the appointment keeps its own record. No law asks you to keep it, so "
            "it may go earlier; for longer than a year there is no reason."
        ),
        90 * _DAY,
        (7, 365),
    ),
    Keeping(
        Kind.MESSAGES,
        frozenset({"message"}),
        _("Messages about appointments"),
        _("The texts that were sent, to whom, and what became of them; the appointments stay."),
        _("after the end of the appointment"),
        _("No law asks you to keep them. While they are there you can show what a patient was told."),
        365 * _DAY,
        (30, 3653),
    ),
    Keeping(
        Kind.BLOCKS,
        frozenset({"blocked time"}),
        _("Blocked times"),
        _("Entries without a patient, also from imported calendars; their titles may name anybody."),
        _("after their end"),
        _("No law asks you to keep them, unless you note there what belongs into a record."),
        3653 * _DAY,
        (30, 3653),
    ),
    Keeping(
        Kind.HOLDS,
        frozenset({"day"}),
        _("Bookings that were begun"),
        _("Times that visitors of the booking page kept, codes and the addresses they went to; appointments stay."),
        _("after the time was chosen"),
        _("Nobody came of it: there is no reason to keep it."),
        _DAY,
        hourly=True,
    ),
    Keeping(
        Kind.CHANGES,
        frozenset({"day"}),
        _("Undo in the appointment book"),
        _("What stood where before a change, so that it can be undone."),
        _("after the change"),
        _("Undo is offered for seconds. What was done stays in the log."),
        _DAY,
    ),
    Keeping(
        Kind.KEYS,
        frozenset({"day"}),
        _("Forms that were sent"),
        _("By which a form that is sent twice does a thing once; hashes and ids."),
        _("after the form was sent"),
        _("Nobody sends a form again after a day."),
        _DAY,
        in_log=False,
    ),
    Keeping(
        Kind.ANSWERS,
        frozenset({"week"}),
        _("Answers to other systems"),
        _("What booking systems and partners were answered, so that a repeated call is answered the same."),
        _("after the call"),
        _("Their developers rely on seven days."),
        7 * _DAY,
        in_log=False,
    ),
)  # fmt: skip
KEEPINGS: Mapping[Kind, Keeping] = {one.kind: one for one in _KEEPINGS}
"""In the order in which they are deleted and shown."""

SET_BY_PRACTICE: Mapping[Kind, tuple[int, int]] = {one.kind: one.bounds for one in _KEEPINGS if one.bounds}
"""From how many days to how many a practice may set these."""

ELSEWHERE: Mapping[str, str] = {
    "practice": "for as long as the practice exists; an administrator changes or ends it",
    "record": "the patient's record: ten years after the end of treatment at least (§ 630f (3) BGB)",
    "appointment": "with the patient's record, of which it is a part; what hangs on an appointment goes with it",
    "log": "with the record, of which it proves what was done; its values go with the rows that they tell of",
    "account": "for as long as somebody has an account",
    "until sent": "until a mail of signing in is sent: accounts/jobs.py",
    "window": "minutes: core/limits.py, partners/jobs.py",
    "day": "of files: patients/jobs.py, operations/jobs.py",
    "report": "counts, no names: for as long as the practice exists",
}
"""Classes of keeping (or rows of a class) that no period of this table deletes, and what does."""

OF_RECORDS_YEARS = 10
"""So many years after the end of treatment at least a record is kept: § 630f (3) BGB, § 10 (3) MBO-Ä."""
REASON = "retention:"
"""With what the reason of an erasure in the log begins; then comes the kind."""
