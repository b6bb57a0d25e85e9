"""The one table of who may do what, and who acts (ACC-7)."""

from uuid import UUID

import pytest

from sprechzeit.access.actor import Actor, ActorKind, nobody, system, visitor
from sprechzeit.access.fields import BOOKING, fields_of
from sprechzeit.access.table import TABLE, Area, Data, Reach, Role, Use, reach_of
from sprechzeit.core.ids import new_id

pytestmark = pytest.mark.req("ACC-7", "ACC-1")
PATIENTS_SIDE = {Role.VISITOR, Role.LINK}
HEALTH = {Data.NOTES, Data.DOCUMENTS, Data.DIAGNOSES, Data.REPORTS}
ABOUT_PEOPLE = {
    Data.APPOINTMENTS, Data.MASTER_DATA, Data.MESSAGES, Data.LOG, Data.SESSIONS, Data.INVOICES, Data.PAYMENTS, *HEALTH
}  # fmt: skip


def test_it_answers_for_everybody_and_everything() -> None:
    assert set(TABLE) == set(Data)
    assert all(set(of) == {*Role, *Area} for of in TABLE.values())


@pytest.mark.parametrize("data", Data)
def test_an_administrator_reaches_all_that_anybody_reaches(data: Data) -> None:
    for use in Use:
        assert reach_of(Role.ADMINISTRATOR, data, use) == max(
            reach_of(role, data, use) for role in Role if role is not Role.SYSTEM
        )


@pytest.mark.parametrize("data", sorted(ABOUT_PEOPLE))
def test_nobody_from_outside_reaches_other_people(data: Data) -> None:
    for role in PATIENTS_SIDE:
        assert all(reach_of(role, data, use) <= Reach.OWN for use in Use)
    assert reach_of(Role.VISITOR, data, Use.READ) <= Reach.BUSY


def test_a_practitioner_reaches_their_own_people_and_no_others() -> None:
    assert {reach_of(Role.PRACTITIONER, data, Use.READ) for data in ABOUT_PEOPLE} == {Reach.OWN}
    assert all(reach_of(Role.PRACTITIONER, data, Use.WRITE) <= Reach.OWN for data in Data)


@pytest.mark.req("AUD-3")
def test_nobody_writes_the_log() -> None:
    assert {reach_of(role, Data.LOG, Use.WRITE) for role in Role} == {Reach.NONE}


def test_settings_are_changed_by_administrators() -> None:
    people = {Role.ADMINISTRATOR, Role.PRACTITIONER, Role.SECRETARY, *PATIENTS_SIDE}
    assert {role for role in people if reach_of(role, Data.PRACTICE, Use.WRITE)} == {Role.ADMINISTRATOR}


def test_reaches_are_in_order() -> None:
    assert Reach.NONE < Reach.BUSY < Reach.OWN < Reach.GRANTED < Reach.ALL


@pytest.mark.req("ACC-1", "ACC-22")
@pytest.mark.parametrize("use", Use)
def test_notes_documents_and_diagnoses_are_for_those_who_treat(use: Use) -> None:
    who = {one for one in (*Role, *Area) if any(reach_of(one, data, use) for data in HEALTH)}
    assert who == {Role.ADMINISTRATOR, Role.PRACTITIONER, Role.SYSTEM, Area.DOCUMENTATION, Area.REPORTS}


@pytest.mark.req("ACC-20", "ACC-22")
@pytest.mark.parametrize("area", Area)
def test_an_access_reaches_what_was_granted_and_no_further(area: Area) -> None:
    reaches = {data: (reach_of(area, data, Use.READ), reach_of(area, data, Use.WRITE)) for data in Data}
    assert reaches.pop(Data.PRACTICE) == (Reach.ALL, Reach.NONE)
    assert {reach for of in reaches.values() for reach in of} <= {Reach.NONE, Reach.OWN, Reach.GRANTED}
    assert any(of[1] for of in reaches.values())
    assert not any(reaches[data][0] for data in (Data.LOG, Data.MESSAGES))


@pytest.mark.req("ACC-20")
def test_a_delegate_reaches_nothing_by_the_role() -> None:
    assert {reach_of(Role.DELEGATE, data, use) for data in Data for use in Use} == {Reach.NONE}


@pytest.mark.req("ACC-22")
def test_writing_takes_reading() -> None:
    """But for what a visitor enters, and never sees again."""
    blind = {
        (who, data)
        for data, of in TABLE.items()
        for who, (read, write) in of.items()
        if write > read and (who, data) != (Role.VISITOR, Data.APPOINTMENTS)
    }
    assert blind == {(Role.VISITOR, Data.MASTER_DATA)}


@pytest.mark.req("ACC-21", "ACC-22")
def test_fields_are_told_for_those_who_see_a_part() -> None:
    assert fields_of(Area.SCHEDULING, Data.MASTER_DATA, Use.READ) == BOOKING
    for data in Data:
        for who in (*Role, *Area):
            seen, changed = fields_of(who, data, Use.READ), fields_of(who, data, Use.WRITE)
            assert seen is None or reach_of(who, data, Use.READ)
            assert changed is None or (reach_of(who, data, Use.WRITE) and changed <= (seen or changed))
    assert not (fields_of(Area.INVOICING, Data.SESSIONS, Use.READ) or set()) & {"notes", "diagnosis"}


class TestActor:
    def test_the_log_names_it_by_kind_and_id(self) -> None:
        one, practice = UUID(int=1), new_id()
        assert Actor(ActorKind.MEMBER, (practice,), Role.SECRETARY, one).name == f"member:{one}"
        assert (system(practice).name, visitor(practice).name) == ("system", "visitor")

    def test_it_has_one_practice_or_says_so(self) -> None:
        practice = new_id()
        assert visitor(practice).practice_id == practice
        for practices in ((), (practice, new_id())):
            with pytest.raises(ValueError, match="unpack"):
                _ = Actor(ActorKind.SYSTEM, practices, Role.SYSTEM).practice_id

    def test_nobody_acts_nowhere_and_reads_nothing_of_people(self) -> None:
        assert nobody().practices == ()
        assert all(nobody().reach(data) <= Reach.BUSY for data in ABOUT_PEOPLE)

    def test_an_access_opens_the_data_of_its_practitioners_in_its_areas(self) -> None:
        jonas, miriam = UUID(int=7), UUID(int=8)
        granted = ((Area.SCHEDULING, frozenset({jonas})), (Area.DOCUMENTATION, frozenset({miriam})))
        one = Actor(ActorKind.DELEGATE, (new_id(),), Role.DELEGATE, UUID(int=1), granted)
        assert one.practitioners(Data.APPOINTMENTS) == one.practitioners(Data.MASTER_DATA) == {jonas, miriam}
        assert one.practitioners(Data.APPOINTMENTS, Use.WRITE) == {jonas}
        assert one.practitioners(Data.MASTER_DATA, whole=True) == one.practitioners(Data.NOTES) == {miriam}
        assert (one.reach(Data.APPOINTMENTS), one.reach(Data.MESSAGES)) == (Reach.GRANTED, Reach.NONE)
        assert (one.name, one.why) == (f"delegate:{UUID(int=1)}", "scheduling, documentation")

    def test_a_member_with_an_access_has_both(self) -> None:
        jonas, miriam = UUID(int=7), UUID(int=8)
        one = Actor(ActorKind.MEMBER, (new_id(),), Role.PRACTITIONER, jonas, ((Area.SCHEDULING, frozenset({miriam})),))
        assert one.practitioners(Data.APPOINTMENTS) == {jonas, miriam}
        assert one.practitioners(Data.MASTER_DATA, whole=True) == {jonas}
        assert one.by_role().practitioners(Data.APPOINTMENTS) == {jonas}
        assert (one.name, one.why) == (f"member:{jonas}", "practitioner, scheduling")

    def test_it_cannot_be_changed(self) -> None:
        with pytest.raises(AttributeError):
            nobody().role = Role.ADMINISTRATOR  # type: ignore[misc]
