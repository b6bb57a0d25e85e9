"""For every action: somebody whom it refuses. Where it can refuse after it has begun to write, it is asked to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.accounts.actions import open_account
from sprechzeit.accounts.errors import AccountExists
from sprechzeit.audit import actions as audit
from sprechzeit.audit.errors import NoReason
from sprechzeit.core.errors import DomainError, NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients import actions as patients
from sprechzeit.patients.actions import NewPatient, add_patient, find_or_add_patient, recognise_patients
from sprechzeit.practice import actions as practice
from sprechzeit.practice.actions import invitation, team
from sprechzeit.practice.errors import AlreadyMember, LastAdministrator, NameTaken, NoSecondFactor, NotAnImage
from sprechzeit.practice.once import KeyReused, once
from sprechzeit.privacy import actions as privacy
from sprechzeit.privacy.errors import PeriodNotAllowed
from sprechzeit.privacy.periods import Kind
from sprechzeit.scheduling import errors
from sprechzeit.scheduling.actions import (
    absence,
    attend,
    block,
    cancel,
    departure,
    hours,
    move,
    occupy,
    seen,
    settings,
    told,
    video,
)
from sprechzeit.scheduling.actions.appoint import book_appointment
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.code import Recipient, ask_for_code, try_code
from sprechzeit.scheduling.actions.enter import Known, enter_appointments
from sprechzeit.scheduling.actions.hold import hold_anew, hold_time, hold_token, take_anew
from sprechzeit.scheduling.actions.import_calendar import import_calendar
from sprechzeit.scheduling.actions.offer import take_offered
from sprechzeit.scheduling.actions.place import Visit, take_place
from sprechzeit.scheduling.actions.relocate import change_location, enter_location
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.availability import minute_of
from sprechzeit.scheduling.errors import NotHandedOver
from sprechzeit.scheduling.queries.calendar_import import UnusableFile
from sprechzeit.scheduling.week import EVERY_WEEK, Pattern, Stretch, Week
from tests.laws.refusals_of_access import of_accesses
from tests.laws.refusals_of_backups import of_backups
from tests.laws.refusals_of_communities import of_communities
from tests.laws.refusals_of_consultations import of_consultations
from tests.laws.refusals_of_imports import of_imports
from tests.laws.refusals_of_messages import of_messages
from tests.laws.refusals_of_partner_bookings import of_partner_bookings
from tests.laws.refusals_of_partners import of_partners
from tests.laws.refusals_of_patients import of_patients
from tests.laws.refusals_of_records import of_sessions
from tests.laws.refusals_of_video import of_video
from tests.laws.refusals_of_video_service import of_video_service
from tests.support.cast import WEEK, at, identity
from tests.support.scene import CROWD, KEY, Scene, day

NOBODY = NewPatient("Neu", "Hier")


class Refusal(NamedTuple):
    """`action(actor, *given, **named)` raises exactly `error`."""

    error: type[DomainError]
    actor: Actor
    action: Callable[..., object]
    given: tuple[Any, ...]
    named: dict[str, Any]


def refusal(
    error: type[DomainError], actor: Actor, action: Callable[..., object], *given: Any, **named: Any
) -> Refusal:
    """As one writes the call."""
    return Refusal(error, actor, action, given, named)


def refusals(scene: Scene) -> list[Refusal]:
    """All of them. Add those of a new action here; `NEVER_REFUSE` is for the few that cannot."""
    return [
        *of_visitors(scene),
        *of_the_book(scene),
        *of_steps(scene),
        *of_hours(scene),
        *of_settings(scene),
        *of_the_work_list(scene),
        *of_patients(scene, refusal),
        *of_other_rooms(scene),
        *of_people(scene),
        *of_accesses(scene.cast.albers, scene.cast.brandt, refusal),
        *of_communities(scene.cast, refusal),
        *of_sessions(scene.cast.albers, refusal),
        *of_imports(scene.cast.albers, refusal),
        *of_partners(scene.cast.albers, scene.cast.brandt, scene.first.patient_id, refusal),
        *of_partner_bookings(scene, refusal),
        *of_backups(scene.cast.albers, refusal),
        *of_video(scene.cast.albers, scene.cast.brandt, refusal),
        *of_messages(scene, refusal),
        *of_video_service(scene.cast.albers, scene.cast.brandt, scene.taken, refusal),
        *of_consultations(scene.cast, refusal),
    ]


# Steps and cleaning: they take what they are given and refuse nothing.
NEVER_REFUSE = {
    "tell_if_pushed": "tells of what was done",
    "note_change": "remembers what was done",
    "give_hold_back": "harmless for what is gone",
    "confirm_hold": "answers whether it could",
    "release": "answers how many it could",
    "announce_books": "tells open books",
    "undo_seen": "what was not marked then is not unmarked",
    "settle_next_free": "what is kept to be quick",
    "mark_all_next_free": "what is kept to be quick",
    "mark_next_free": "what is kept to be quick",
    "kept_of_practitioner": "what is kept to be quick",
    "mark_expired_holds": "what is kept to be quick",
    "refresh_next_free": "what is kept to be quick",
    "forget_key": "cleaning",
    "forget_old_backups": "cleaning",
    "forget_old_seats": "cleaning",
    "lock_consultation": "takes what it is given",
}


def of_visitors(scene: Scene) -> list[Refusal]:
    """The booking page, and a patient's link."""
    house, visitor = scene.cast.albers, scene.cast.albers.visitor
    talk, call, jonas = house.types["talk"], house.types["call"], house.calendars["jonas"]
    full = Details(identity(mobile="0171 2345678"), code_id=scene.proven.pk)
    later = NewTime(jonas.pk, at("16:00"), scene.soon.sequence)

    def pressing(error: type[DomainError], clock: str, kind: Any = talk, address: str = "somebody") -> Refusal:
        given = (kind, jonas.pk, at(clock))
        return refusal(error, visitor, hold_time, *given, address=address, form=str(new_id()))

    return [
        pressing(errors.TimeTaken, "09:30"),
        pressing(errors.NotOffered, "03:00"),
        pressing(errors.NotOffered, "15:07"),
        pressing(errors.HoldsFull, "16:00", call, CROWD),
        refusal(
            errors.TimeTaken, visitor, hold_time, talk, jonas.pk, at("09:00"),
            address="kept", form=str(new_id()), former=hold_token(scene.kept.pk),
        ),
        refusal(errors.TimeTaken, visitor, take_offered, talk, jonas.pk, minute_of(at("09:00")), kind="hold"),
        refusal(NotFound, visitor, book_held_time, "no such hold", Details(identity())),
        refusal(errors.TimeTaken, visitor, book_held_time, hold_token(scene.expired.pk), Details(identity())),
        refusal(errors.TimeTaken, visitor, take_anew, scene.expired, kind="hold"),
        refusal(errors.TimeTaken, visitor, hold_anew, scene.expired),
        refusal(errors.TimeTaken, visitor, ask_for_code, hold_token(scene.expired.pk), Recipient("p@example.org")),
        refusal(errors.CodeSpent, visitor, try_code, new_id(), "123456"),
        refusal(errors.OpenBookingsFull, visitor, book_held_time, hold_token(scene.full.pk), full),
        refusal(errors.CodeMissing, visitor, book_held_time, hold_token(scene.full.pk), Details(identity())),
        refusal(errors.TooLate, scene.link, cancel.cancel_appointment, scene.soon.pk),
        refusal(errors.TooLate, scene.link, cancel.end_appointment, scene.soon),
        refusal(NotFound, scene.link, cancel.cancel_appointment, scene.taken.pk),
        refusal(errors.TooLate, scene.link, reschedule_appointment, scene.soon.pk, later),
        refusal(NotAllowed, house.actor("jana"), reschedule_appointment, scene.soon.pk, later),
        refusal(NotFound, visitor, cancel.cancel_appointment, scene.taken.pk),
        refusal(NotAllowed, scene.link, find_or_add_patient, identity(), belongs_to=None),
        refusal(NotAllowed, scene.link, recognise_patients, identity(), email="paula@example.org"),
        refusal(NotAllowed, scene.link, add_patient, NOBODY, belongs_to=None),
    ]  # fmt: skip


def of_the_book(scene: Scene) -> list[Refusal]:
    """What members do in the appointment book."""
    house = scene.cast.albers
    miriam, jonas, jana = (house.actor(name) for name in ("miriam", "jonas", "jana"))
    over_first = scene.place("jonas", "09:10")
    return [
        refusal(errors.NotOffered, miriam, book_appointment, scene.wish("jonas", "09:10", NOBODY)),
        refusal(NotFound, miriam, book_appointment, scene.wish("jonas", "15:00", new_id())),
        refusal(NotAllowed, jonas, book_appointment, scene.wish("miriam", "16:00", NOBODY)),
        refusal(KeyReused, jana, once, "scope", KEY, "something else", lambda _made: None),
        refusal(errors.NotOffered, miriam, move.move_appointment, scene.second.pk, over_first),
        refusal(NotAllowed, jonas, move.move_appointment, scene.lent.pk, scene.place("jonas", "15:00")),
        refusal(errors.ChangedMeanwhile, miriam, move.move_appointment, scene.hollow.pk, scene.place("jonas", "15:00")),
        refusal(errors.NotSwappable, miriam, move.swap_appointments, scene.first.pk, scene.short.pk),
        refusal(NotAllowed, jonas, move.swap_appointments, scene.first.pk, scene.lent.pk),
        refusal(errors.NotYet, miriam, attend.set_attendance, scene.first.pk, "completed"),
        refusal(NotAllowed, jonas, attend.set_attendance, scene.lent.pk, "planned"),
        refusal(NotAllowed, jonas, attend.set_remark, scene.lent.pk, "Brille"),
        refusal(NotAllowed, jonas, told.tell_patient, scene.lent.pk, by_mail=False),
        refusal(errors.NoAddress, miriam, told.tell_patient, scene.silent.pk, by_mail=True),
        refusal(errors.ChangedMeanwhile, miriam, told.tell_patient, scene.gone.pk, by_mail=True),
        refusal(NotAllowed, jonas, change_location, scene.lent.pk, "phone"),
        refusal(errors.ChangedMeanwhile, miriam, change_location, scene.gone.pk, "phone"),
        refusal(errors.NoVideoHere, miriam, change_location, scene.first.pk, "video"),
        refusal(NotAllowed, jonas, video.settle_video),
        refusal(NotFound, miriam, cancel.cancel_appointment, scene.theirs.pk),
        refusal(NotFound, miriam, cancel.cancel_appointment, new_id()),
        refusal(NotAllowed, jonas, cancel.cancel_appointment, scene.lent.pk),
        refusal(errors.ChangedMeanwhile, jana, cancel.cancel_appointment, scene.hollow.pk),
        refusal(errors.NotOffered, jonas, block.add_block, over_first, "Team", key=str(new_id())),
        refusal(NotAllowed, jonas, block.add_block, scene.place("miriam", "16:00"), "Team", key=str(new_id())),
        refusal(errors.NotOffered, jonas, block.move_block, scene.block.pk, over_first),
        refusal(NotAllowed, jonas, block.move_block, scene.block.pk, scene.place("miriam", "16:00")),
        refusal(NotFound, scene.cast.brandt.actor("berta"), block.remove_block, scene.block.pk),
        refusal(errors.TimeTaken, miriam, undo),
        refusal(errors.NothingToUndo, jana, undo),
        refusal(NotAllowed, house.system, undo),
    ]


def of_steps(scene: Scene) -> list[Refusal]:
    """What the use cases above are made of."""
    house, again = scene.cast.albers, scene.wanted("jonas", "16:30")
    system, jonas = house.system, house.actor("jonas")
    talk, zero = house.types["talk"], timedelta()
    known = [
        Known(house.calendars["jonas"], None, talk, scene.first.patient_id, at(clock, day(1)), at(until, day(1)))
        for clock, until in (("17:00", "17:50"), ("09:00", "09:50"))
    ]
    return [
        refusal(errors.TimeTaken, system, occupy.occupy, again, scene.wanted("jonas", "09:10")),
        refusal(errors.TimeTaken, system, occupy.replace, [scene.second.occupancy], scene.wanted("jonas", "09:10")),
        refusal(errors.ChangedMeanwhile, system, occupy.replace, [scene.hollow.occupancy], again),
        refusal(errors.TimeTaken, system, occupy.take_again, [scene.first.occupancy], scene.gone.occupancy),
        refusal(
            errors.NotOffered, system, take_place, scene.place("jonas", "09:10"), Visit(talk, zero, zero, "practice"),
            freed=[scene.second.occupancy],
        ),
        refusal(errors.TimeTaken, system, enter_appointments, known),
        refusal(NotAllowed, jonas, enter_appointments, known),
        refusal(NotAllowed, jonas, attend.enter_attendance, scene.lent, "completed"),
        refusal(errors.ChangedMeanwhile, system, attend.enter_attendance, scene.gone, "completed"),
        refusal(NotAllowed, jonas, cancel.end_appointment, scene.lent),
        refusal(NotAllowed, jonas, told.mark_untold, scene.lent.pk),
        refusal(NotAllowed, jonas, told.mark_told, scene.lent.pk),
        refusal(
            NotAllowed, jonas, move.enter_place, scene.lent, scene.lent.occupancy_id,
            scene.lent.starts_at, scene.lent.ends_at,
        ),
        refusal(NotAllowed, jonas, enter_location, scene.lent, "phone"),
        refusal(NotAllowed, jonas, video.begin_video, scene.lent),
        refusal(NotAllowed, jonas, video.end_video, scene.lent),
    ]  # fmt: skip


def of_hours(scene: Scene) -> list[Refusal]:
    """When calendars work, and when they are away."""
    house = scene.cast.albers
    miriam, jonas, jana = (house.actor(name) for name in ("miriam", "jonas", "jana"))
    own, mine = house.calendars["jonas"].pk, house.calendars["miriam"].pk
    theirs = scene.cast.brandt.calendars["berta"].pk
    twice = Week(EVERY_WEEK, (Stretch(0, 480, 600), Stretch(0, 540, 720)))
    since = Pattern(valid_from=day(0))
    return [
        refusal(NotAllowed, jonas, hours.set_working_hours, mine, WEEK),
        refusal(NotAllowed, jana, hours.set_working_hours, mine, WEEK),
        refusal(NotFound, miriam, hours.set_working_hours, theirs, []),
        refusal(errors.AppointmentsOutside, jonas, hours.set_week, own, Week(), former=EVERY_WEEK),
        refusal(errors.TimesOverlap, jonas, hours.set_week, own, twice, former=EVERY_WEEK),
        refusal(errors.WeekExists, jonas, hours.set_week, own, Week(EVERY_WEEK, (Stretch(0, 480, 600),)), former=since),
        refusal(errors.AppointmentsOutside, jonas, hours.add_shift, own, day(1), 1200, 1260),
        refusal(errors.TimesOverlap, jonas, hours.add_shift, own, day(3), 600, 800),
        refusal(NotAllowed, jana, hours.add_shift, own, day(4), 600, 800),
        refusal(NotAllowed, jana, hours.remove_shift, scene.shift.pk),
        refusal(NotAllowed, jonas, hours.set_open_holiday, day(0), works=True),
        refusal(NotFound, miriam, hours.set_open_holiday, day(0), works=True),
        refusal(NotAllowed, jonas, absence.enter_absence, scene.away("miriam", 2)),
        refusal(errors.EndsTooEarly, jonas, absence.enter_absence, scene.away("jonas", 2, "12:00", "08:00")),
        refusal(
            errors.ChangedMeanwhile, jonas, absence.enter_absence, scene.away("jonas", 2), cancel=[scene.hollow.pk]
        ),
        refusal(
            errors.ChangedMeanwhile, jonas, absence.change_absence, scene.absence.pk, scene.away("jonas", 2),
            cancel=[scene.hollow.pk],
        ),
        refusal(NotAllowed, jonas, absence.change_absence, scene.absence.pk, scene.away("miriam", 2)),
        refusal(NotFound, scene.cast.brandt.actor("berta"), absence.remove_absence, scene.absence.pk),
        refusal(UnusableFile, jonas, import_calendar, own, b"no calendar", first=day(0), last=day(4)),
        refusal(NotAllowed, jana, import_calendar, own, b"", first=day(0), last=day(4)),
    ]  # fmt: skip


def of_settings(scene: Scene) -> list[Refusal]:
    """Calendars, types, rooms, the practice itself."""
    house, brandt = scene.cast.albers, scene.cast.brandt
    miriam, jonas, jana = (house.actor(name) for name in ("miriam", "jonas", "jana"))
    calendar, talk, call = house.calendars["jonas"], house.types["talk"], house.types["call"]
    room = house.rooms["own"]
    elsewhere = settings.OfferingChange(brandt.calendars["berta"].pk, True)
    named = {"name": house.members["miriam"].name}
    return [
        refusal(NotAllowed, jonas, settings.add_calendar, "Neu", "N"),
        refusal(NameTaken, miriam, settings.add_calendar, named["name"], "N"),
        refusal(NameTaken, jonas, settings.change_calendar, calendar.pk, named),
        refusal(NotAllowed, jonas, settings.change_calendar, calendar.pk, {"member": None}),
        refusal(NotAllowed, jana, settings.retire_calendar, calendar.pk),
        refusal(NotAllowed, jana, settings.bring_back_calendar, calendar.pk),
        refusal(NotAllowed, jonas, settings.place_calendar, calendar.pk, 0),
        refusal(NotAllowed, jana, settings.add_type, "Neu", duration=10),
        refusal(NameTaken, miriam, settings.add_type, talk.name, duration=10),
        refusal(errors.AgesReversed, miriam, settings.change_type, talk.pk, {"min_age": 18, "max_age": 3}),
        refusal(NotFound, miriam, settings.change_type, talk.pk, {"duration": 30}, [elsewhere]),
        refusal(NotAllowed, jonas, settings.retire_type, talk.pk),
        refusal(NotAllowed, jonas, settings.bring_back_type, talk.pk),
        refusal(NotAllowed, jonas, settings.place_type, talk.pk, 1),
        refusal(NotAllowed, jonas, settings.offer_type, call, calendar, [room]),
        refusal(NotAllowed, jonas, practice.add_room, "Raum 3"),
        refusal(NameTaken, miriam, practice.add_room, room.name),
        refusal(NameTaken, miriam, practice.change_room, house.rooms["shared"].pk, {"name": room.name}),
        refusal(NotAllowed, jana, practice.change_room, room.pk, {"name": "Neu"}),
        refusal(NotAllowed, jana, practice.retire_room, room.pk),
        refusal(NotAllowed, jana, practice.bring_back_room, room.pk),
        refusal(NotFound, brandt.actor("berta"), practice.place_room, room.pk, 0),
        refusal(NotAllowed, jana, practice.change_practice, {"name": "Neu"}),
        refusal(NotAllowed, jana, practice.change_booking_page, practice.BookingPage({})),
        refusal(NotAnImage, miriam, practice.change_booking_page, practice.BookingPage({}, logo=b"no image")),
    ]


def of_people(scene: Scene) -> list[Refusal]:
    """Inviting, roles, suspending, leaving."""
    house, berta = scene.cast.albers, scene.cast.brandt.user("berta")
    miriam, jonas, jana = (house.actor(name) for name in ("miriam", "jonas", "jana"))
    other, nobody = scene.cast.brandt.members["berta"].pk, {"role": "secretary"}
    return [
        refusal(NotAllowed, jana, invitation.invite_member, "n@example.org", "practitioner"),
        refusal(AlreadyMember, miriam, invitation.invite_member, "jana@albers.example.org", "practitioner"),
        refusal(NotAllowed, jonas, invitation.send_invitation_again, new_id()),
        refusal(NotFound, miriam, invitation.send_invitation_again, new_id()),
        refusal(NotFound, miriam, invitation.withdraw_invitation, new_id()),
        refusal(NotFound, scene.link, invitation.accept_invitation, berta),
        refusal(AlreadyMember, miriam, team.add_member, house.user("jana"), role="secretary", name="J", initials="J"),
        refusal(
            AlreadyMember, house.system, team.enter_member, house.user("jana"), role="secretary", name="J",
            initials="J", colour=1,
        ),
        refusal(NotAllowed, jonas, team.change_member, jonas.identity, {"role": "administrator"}),
        refusal(LastAdministrator, miriam, team.change_member, miriam.identity, nobody),
        refusal(NotFound, miriam, team.change_member, other, nobody),
        refusal(NotAllowed, jana, team.suspend_member, jonas.identity),
        refusal(LastAdministrator, miriam, team.suspend_member, miriam.identity),
        refusal(NotAllowed, jana, team.take_up_member, jonas.identity),
        refusal(NotAllowed, jana, team.end_membership, jonas.identity),
        refusal(LastAdministrator, miriam, team.end_membership, miriam.identity),
        refusal(NotAllowed, miriam, team.note_factor_reset, jonas.identity),
        refusal(NotAllowed, jana, team.require_second_factor, ["secretary"]),
        refusal(NoSecondFactor, miriam, team.require_second_factor, ["secretary"]),
        refusal(NotHandedOver, miriam, departure.let_leave, jonas.identity),
        refusal(NotHandedOver, jonas, departure.let_leave, jonas.identity, miriam.identity),
        refusal(NotFound, miriam, departure.let_leave, jonas.identity, other),
        refusal(LastAdministrator, miriam, departure.let_leave, miriam.identity, jonas.identity),
        refusal(NotAllowed, jonas, patients.hand_over_patients, jonas.identity, miriam.identity),
        refusal(NotAllowed, house.system, patients.share_patients, [scene.first.patient_id], None),
        refusal(NotFound, jonas, patients.share_patients, [scene.lent.patient_id, new_id()], None),
        refusal(NotFound, miriam, patients.share_patients, [scene.lent.patient_id], [jonas.identity, other]),
        refusal(NotAllowed, miriam, open_account, "n@example.org", "Nora", "vier Worte sind genug"),
        refusal(AccountExists, scene.link, open_account, "JANA@albers.example.org", "J", "vier Worte sind genug"),
    ]  # fmt: skip


def of_the_work_list(scene: Scene) -> list[Refusal]:
    """What the practice does about new bookings."""
    jana, berta = scene.cast.albers.actor("jana"), scene.cast.brandt.actor("berta")
    decide = (patients.accept_contact, patients.decline_contact, patients.reopen_proposal)
    return [
        refusal(NotFound, jana, seen.mark_seen, [scene.taken.pk, scene.theirs.pk]),
        refusal(NotFound, berta, seen.unmark_seen, [scene.theirs.pk, scene.taken.pk]),
        *(refusal(NotFound, jana, one, new_id()) for one in decide),
    ]


def of_other_rooms(scene: Scene) -> list[Refusal]:
    """Founding, members, messages."""
    house = scene.cast.albers
    jonas, jana = house.actor("jonas"), house.actor("jana")
    berta = scene.cast.brandt.user("berta")
    return [
        refusal(NotAllowed, jana, practice.found_practice, "Praxis", "praxis"),
        refusal(NotAllowed, jonas, practice.add_data_key),
        refusal(NotAllowed, jana, practice.add_member, berta, role="secretary", name="B", initials="B"),
        refusal(NotAllowed, house.actor("miriam"), audit.erase_values, [1], "PRI-20"),
        refusal(NoReason, house.system, audit.erase_values, [1], " "),
        refusal(NotAllowed, house.actor("miriam"), audit.erase_rows, "scheduling_hold", [new_id()], "PRI-22"),
        refusal(NoReason, house.system, audit.erase_rows, "scheduling_hold", [new_id()], " "),
        refusal(NotAllowed, jonas, privacy.set_periods, {Kind.VISITS: 30}),
        refusal(PeriodNotAllowed, house.actor("miriam"), privacy.set_periods, {Kind.MESSAGES: 40, Kind.VISITS: 6}),
        refusal(PeriodNotAllowed, house.actor("miriam"), privacy.set_periods, {Kind.VISITS: 40, Kind.HOLDS: 2}),
        refusal(NotAllowed, house.actor("miriam"), privacy.forget_some, Kind.HOLDS, timezone.now()),
        refusal(NotAllowed, house.actor("miriam"), privacy.begin_report, timezone.now()),
        refusal(NotAllowed, house.actor("miriam"), privacy.end_report, timezone.now(), timezone.now()),
        refusal(NotAllowed, jana, audit.check_and_note),
    ]
