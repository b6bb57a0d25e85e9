"""Sharing a record: who sees it then, who gives it, and that nobody takes it back (ACC-3, ACC-4, ACC-5)."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation

from sprechzeit.access.actor import Actor, ActorKind, system
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import NewPatient, add_patient, share_patients
from sprechzeit.patients.models import Patient, Share
from sprechzeit.patients.policy import visible_patients
from sprechzeit.patients.queries import chosen_patients, list_patients, search_patients
from sprechzeit.practice.actions import add_member
from sprechzeit.practice.actions.team import change_member, suspend_member
from sprechzeit.practice.models import Member
from sprechzeit.practice.visitors import actor_of
from sprechzeit.privacy.queries import Wish, all_entries
from sprechzeit.privacy.words import lines_of
from sprechzeit.scheduling.actions.appoint import Wish as AppointmentWish
from sprechzeit.scheduling.actions.appoint import book_appointment
from sprechzeit.scheduling.actions.departure import let_leave
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.policy import get_appointment, visible_appointments
from sprechzeit.scheduling.queries.book import read_book
from tests.support.cast import Cast, House, at, book, monday
from tests.support.databases import Databases
from tests.support.delegates import give_member, terms
from tests.support.together import together


def join(house: House, name: str, role: str = Role.PRACTITIONER) -> Actor:
    """Somebody more works in the practice from now on."""
    user = User.objects.create_user(f"{name}@joined.example.org", name=name.title())
    with acting(house.system):
        member = add_member(house.system, user, role=role, name=name.title(), initials=name[:2].upper())
    house.members[name] = member
    return house.actor(name)


def patient_of(house: House, owner: str | None, last_name: str = "Sommer") -> Patient:
    with acting(house.system):
        belongs_to = house.members[owner].pk if owner else None
        return add_patient(house.system, NewPatient("Paula", last_name), belongs_to=belongs_to)


def share(house: House, who: str, patient: Patient, *with_whom: str) -> None:
    """With members, or, without any, with everyone."""
    actor = house.actor(who)
    with acting(actor):
        share_patients(actor, [patient.pk], [house.members[one].pk for one in with_whom] or None)


def in_a_savepoint(call: Callable[..., object], *arguments: object) -> None:
    """So that what the database refuses does not end the transaction."""
    with transaction.atomic():
        call(*arguments)
        connection.check_constraints()


def seen(actor: Actor) -> set[UUID]:
    """The records that somebody finds: the list and the search agree."""
    with acting(actor):
        visible = set(visible_patients(actor).values_list("pk", flat=True))
        assert visible == {one.pk for one in search_patients(actor, "paula", 50)}
    return visible


@pytest.mark.req("ACC-3")
@pytest.mark.parametrize("owner", ["miriam", "jonas", None])
def test_an_unshared_record_is_its_creators_and_of_who_sees_all(cast: Cast, owner: str | None) -> None:
    house = cast.albers
    other, patient = join(house, "nora"), patient_of(house, owner)
    for name in ("miriam", "jana"):
        assert seen(house.actor(name)) == {patient.pk}
    assert seen(house.actor("jonas")) == ({patient.pk} if owner == "jonas" else set())
    assert seen(other) == seen(cast.brandt.actor("berta")) == set()


@pytest.mark.req("ACC-4")
@pytest.mark.parametrize("giver", ["miriam", "jonas", "jana"])
def test_whoever_sees_a_record_opens_it_to_chosen_members_and_to_no_others(cast: Cast, giver: str) -> None:
    house = cast.albers
    nora, omar = join(house, "nora"), join(house, "omar")
    patient, other = patient_of(house, "jonas"), patient_of(house, "jonas", "Winter")
    share(house, giver, patient, "nora")
    assert seen(nora) == {patient.pk}
    assert seen(omar) == seen(cast.brandt.actor("berta")) == set()
    assert seen(house.actor("jonas")) == {patient.pk, other.pk}
    share(house, "nora", patient, "omar")
    assert seen(omar) == {patient.pk}, "what was shared with one is one's own to share"


@pytest.mark.req("ACC-4")
def test_everyone_includes_who_joins_later_all_present_members_do_not(cast: Cast) -> None:
    house = cast.albers
    join(house, "nora")
    with_all, with_each = patient_of(house, "jonas"), patient_of(house, "jonas", "Winter")
    share(house, "jonas", with_all)
    share(house, "jonas", with_each, "miriam", "jana", "nora")
    assert seen(house.actor("nora")) == {with_all.pk, with_each.pk}
    assert seen(join(house, "omar")) == {with_all.pk}
    assert seen(cast.brandt.actor("berta")) == set()


@pytest.mark.req("ACC-4", "ACC-6")
def test_what_is_not_seen_is_not_shared(cast: Cast) -> None:
    house, berta = cast.albers, cast.brandt.actor("berta")
    nora, mine, others = join(house, "nora"), patient_of(house, "jonas"), patient_of(house, "miriam")
    jonas, receiver = house.actor("jonas"), [nora.identity]
    cases: list[tuple[Actor, list[UUID], list[UUID] | None]] = [
        (jonas, [others.pk], receiver),
        (jonas, [mine.pk, others.pk], receiver),
        (jonas, [new_id()], None),
        (jonas, [mine.pk], [cast.brandt.members["berta"].pk]),
        (jonas, [mine.pk], [nora.identity, new_id()]),
        (jonas, [mine.pk], [jonas.identity]),
        (berta, [mine.pk], None),
    ]
    for actor, patients, members in cases:
        with acting(actor), pytest.raises(NotFound):
            share_patients(actor, patients, members)
    with acting(house.system):
        assert not Share.objects.exists()


@pytest.mark.req("ACC-4")
@pytest.mark.parametrize(
    "actor_of",
    [lambda house: system(house.practice.id), lambda house: house.visitor,
     lambda house: Actor(ActorKind.LINK, (house.practice.id,), Role.LINK, new_id())],
    ids=["system", "visitor", "link"],
)  # fmt: skip
def test_only_members_share(cast: Cast, actor_of: Callable[[House], Actor]) -> None:
    patient, actor = patient_of(cast.albers, "jonas"), actor_of(cast.albers)
    with acting(actor), pytest.raises(NotAllowed):
        share_patients(actor, [patient.pk], None)


@pytest.mark.req("ACC-4", "ACC-8")
def test_who_is_suspended_is_not_chosen_and_sees_it_when_back(cast: Cast) -> None:
    house = cast.albers
    nora, patient = join(house, "nora"), patient_of(house, "jonas")
    with acting(house.system):
        suspend_member(house.system, nora.identity)
    jonas = house.actor("jonas")
    with acting(jonas), pytest.raises(NotFound):
        share_patients(jonas, [patient.pk], [nora.identity])
    share(house, "jonas", patient)
    assert seen(nora) == {patient.pk}, "everyone is whoever works here, once they may come in again"


@pytest.mark.req("ACC-5")
def test_sharing_again_changes_nothing_and_the_first_stays(cast: Cast) -> None:
    house = cast.albers
    join(house, "nora")
    patient = patient_of(house, "jonas")
    share(house, "jonas", patient, "nora")
    share(house, "miriam", patient, "nora")
    share(house, "jonas", patient)
    share(house, "jana", patient)
    with acting(house.system):
        given = Share.objects.order_by("shared_at", "id").values_list("member__name", "shared_by__name")
        assert set(given) == {("Nora", "Jonas Petersen"), (None, "Jonas Petersen")}


@pytest.mark.req("ACC-5")
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM patients_share",
        "UPDATE patients_share SET member_id = NULL",
        "UPDATE patients_share SET patient_id = patient_id",
        "TRUNCATE patients_share",
    ],
)
def test_the_database_takes_no_share_back(cast: Cast, statement: str) -> None:
    house = cast.albers
    patient = patient_of(house, "jonas")
    share(house, "jonas", patient)
    for actor in (house.system, house.actor("miriam")):
        with acting(actor), connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
            in_a_savepoint(cursor.execute, statement)
    with acting(house.system):
        assert Share.objects.count() == 1


@pytest.mark.req("ACC-10", "ACC-4")
def test_the_database_knows_no_share_across_practices(cast: Cast) -> None:
    """Neither a record nor a member of another practice, whoever asks."""
    house, berta = cast.albers, cast.brandt.members["berta"].pk
    own, theirs = patient_of(house, "jonas"), patient_of(cast.brandt, "berta")
    jonas = house.members["jonas"].pk
    for patient, member, giver in ((own, berta, jonas), (theirs, jonas, jonas), (own, jonas, berta)):
        row = Share(practice_id=house.practice.pk, patient_id=patient.pk, member_id=member, shared_by_id=giver)
        with acting(house.system), pytest.raises(DatabaseError, match="violates foreign key"):
            in_a_savepoint(row.save)
    row = Share(practice_id=cast.brandt.practice.pk, patient=theirs, member=None, shared_by_id=berta)
    with acting(house.system), pytest.raises(DatabaseError, match="row-level security"):
        in_a_savepoint(row.save)


@pytest.mark.req("ACC-20", "ACC-21", "ACC-4")
def test_what_an_access_opens_is_neither_listed_nor_shared(cast: Cast) -> None:
    """Nora books for Jonas: she finds his patients, sees of them what booking takes, and opens nothing of it."""
    house = cast.albers
    join(house, "nora")
    patient = patient_of(house, "jonas")
    give_member(house, "nora", terms(house, "jonas"))
    nora = actor_of(User.objects.get(pk=house.user("nora").pk), str(house.practice.pk))
    assert nora is not None
    assert seen(nora) == {patient.pk}
    with acting(nora):
        assert list_patients(nora).patients == []
        assert list_patients(nora, "paula").patients == []
        for ask in (chosen_patients, lambda actor, ids: share_patients(actor, ids, None)):
            with pytest.raises(NotFound):
                ask(nora, [patient.pk])
    share(house, "jonas", patient, "nora")
    with acting(nora):
        assert [one.pk for one in list_patients(nora).patients] == [patient.pk]


# --- What belongs to the record -------------------------------------------------------------------------------------


def names_in_book(actor: Actor) -> list[tuple[str, str]]:
    with acting(actor):
        return [(one.kind, one.title) for one in read_book(actor, [monday()]).entries]


@pytest.mark.req("ACC-4", "ACC-6", "CAL-13")
def test_a_shared_patients_appointments_are_read_in_whosever_calendar(cast: Cast) -> None:
    house, jonas = cast.albers, cast.albers.actor("jonas")
    appointment = book(house, "09:00", who="miriam", last_name="Zander")
    with acting(jonas):
        assert not visible_appointments(jonas).exists()
        with pytest.raises(NotFound):
            get_appointment(jonas, appointment.pk)
    assert [kind for kind, _ in names_in_book(jonas)] == ["busy"]
    share(house, "miriam", appointment.patient, "jonas")
    with acting(jonas):
        assert get_appointment(jonas, appointment.pk).patient.last_name == "Zander"
    assert names_in_book(jonas) == [("appointment", "Zander")]
    assert ("appointment", "Zander") not in names_in_book(join(house, "omar"))


@pytest.mark.req("ACC-4", "COM-6")
def test_to_add_to_in_ones_own_calendar_and_in_no_other(cast: Cast) -> None:
    house, jonas = cast.albers, cast.albers.actor("jonas")
    patient = patient_of(house, "miriam")

    def wish(who: str, clock: str) -> AppointmentWish:
        place = Place(house.calendars[who], at(clock), at(clock) + timedelta(minutes=20))
        return AppointmentWish(str(new_id()), house.types["call"], place, patient.pk)

    with acting(jonas), pytest.raises(NotFound):
        book_appointment(jonas, wish("jonas", "09:00"))
    share(house, "miriam", patient, "jonas")
    with acting(jonas):
        made = book_appointment(jonas, wish("jonas", "09:00"))
        assert made.patient_id == patient.pk
        with pytest.raises(NotAllowed):
            book_appointment(jonas, wish("miriam", "10:00"))


@pytest.mark.req("ACC-11")
def test_a_visit_in_ones_own_calendar_shares_no_record(cast: Cast) -> None:
    """Booking fields stand with the appointment; the record is not found."""
    house, jonas = cast.albers, cast.albers.actor("jonas")
    book(house, "09:00", who="miriam", first_name="Paula", last_name="Zander", email="z@example.org")
    here = book(house, "10:00", who="jonas", first_name="Paula", last_name="Zander", email="z@example.org")
    with acting(jonas):
        assert get_appointment(jonas, here.pk).patient.full_name == "Zander, Paula"
        assert visible_appointments(jonas).count() == 1
    assert seen(jonas) == set()


# --- Who comes and goes ---------------------------------------------------------------------------------------------


@pytest.mark.req("ACC-5", "ACC-12")
def test_who_leaves_sees_nothing_and_others_lose_nothing(cast: Cast) -> None:
    house = cast.albers
    nora, omar = join(house, "nora"), join(house, "omar")
    given, own = patient_of(house, "miriam"), patient_of(house, "nora", "Winter")
    share(house, "miriam", given, "nora")
    share(house, "nora", own, "omar")
    miriam = house.actor("miriam")
    with acting(miriam):
        let_leave(miriam, nora.identity, house.members["jonas"].pk)
    assert seen(house.actor("jonas")) == {own.pk}, "what belonged to her, not what she had been given"
    assert seen(omar) == {own.pk}
    assert seen(miriam) == {given.pk, own.pk}
    assert list(house.user("nora").workplaces) == []


@pytest.mark.req("ACC-4", "ACC-5")
def test_who_comes_back_begins_anew(cast: Cast) -> None:
    """A membership that ended stays ended: the new one has what is shared with everyone, and nothing else."""
    house = cast.albers
    nora, chosen, everyone = join(house, "nora"), patient_of(house, "jonas"), patient_of(house, "jonas", "Winter")
    share(house, "jonas", chosen, "nora")
    share(house, "jonas", everyone)
    with acting(house.system):
        Member.objects.filter(pk=nora.identity).update(left_at=timezone.now())
        again = add_member(
            house.system, house.user("nora"), role=Role.PRACTITIONER, name="Nora", initials="NO"
        )  # fmt: skip
    house.members["nora"] = again
    assert seen(house.actor("nora")) == {everyone.pk}


@pytest.mark.req("ACC-2", "ACC-4")
def test_an_administrator_who_becomes_a_member_keeps_what_was_shared(cast: Cast) -> None:
    house = cast.albers
    admin, kept, lost = join(house, "nora", Role.ADMINISTRATOR), patient_of(house, "jonas"), patient_of(house, "jonas")
    share(house, "jonas", kept, "nora")
    assert seen(admin) == {kept.pk, lost.pk}
    with acting(house.system):
        change_member(house.system, admin.identity, {"role": Role.PRACTITIONER})
        house.members["nora"].refresh_from_db()
    assert seen(house.actor("nora")) == {kept.pk}


@pytest.mark.req("AUD-1", "AUD-4")
def test_the_log_says_who_shared_what_with_whom(cast: Cast) -> None:
    house, miriam = cast.albers, cast.albers.actor("miriam")
    patient = patient_of(house, "jonas")
    share(house, "jonas", patient, "miriam")
    share(house, "jana", patient)
    with acting(miriam), translation.override("en"):
        entries = [one for one in all_entries(miriam, Wish(patient=patient), 50) if one.table_name == "patients_share"]
        lines = lines_of(miriam, entries)
    assert [(one.who, one.what, one.about, one.whom) for one in lines] == [
        ("Jana Albrecht", "Data sharing: entered", "everyone, future members too", "Sommer, Paula"),
        ("Jonas Petersen", "Data sharing: entered", "Miriam Albers", "Sommer, Paula"),
    ]
    with acting(house.system):
        assert Entry.objects.filter(table_name="patients_share", subject_id=patient.pk).count() == 2


# --- At once --------------------------------------------------------------------------------------------------------


@pytest.mark.own_database
@pytest.mark.req("ACC-4")
def test_two_who_share_the_same_at_once_share_it_once(cast: Cast, own_database: Databases) -> None:
    house = cast.albers
    for name in ("nora", "omar"):
        join(house, name)
    patients = [patient_of(house, "jonas", f"Name{number}").pk for number in range(6)]
    members = [house.members[name].pk for name in ("nora", "omar")]

    def giving(who: str, backwards: bool) -> Callable[[], None]:
        def give() -> None:
            actor, step = house.actor(who), -1 if backwards else 1
            with acting(actor):
                share_patients(actor, patients[::step], members[::step])
                share_patients(actor, patients[::step], None)

        return give

    work = [giving(who, backwards) for who in ("jonas", "jana") for backwards in (False, True)]
    assert together(*work) == [None] * 4
    with acting(house.system):
        assert Share.objects.count() == len(patients) * 3
